"""The entropy coding of a pack's int4 weights: range asymmetric numeral systems (Duda 2013), with
the layout of docs/PACK.md."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Sequence

SYMBOLS = 16
PRECISION = 12
LOW = 1 << 23


def frequencies(values: Sequence[int]) -> list[int]:
    """How often each symbol occurs, of ``2**PRECISION``; one that occurs has at least 1."""
    counts = Counter(values)
    total = 1 << PRECISION
    shares = [counts[s] * total / max(1, len(values)) for s in range(SYMBOLS)]
    rounded = [max(1, round(share)) if counts[s] else 0 for s, share in enumerate(shares)]
    largest = rounded.index(max(rounded))
    rounded[largest] += total - sum(rounded)
    return rounded


def encode(values: Sequence[int]) -> bytes:
    """The symbols' frequencies, 16 × u16, and their code."""
    table = frequencies(values)
    starts = [sum(table[:s]) for s in range(SYMBOLS)]
    state = LOW
    code = bytearray()
    for value in reversed(values):
        frequency = table[value]
        while state >= (LOW >> PRECISION << 8) * frequency:
            code.append(state & 0xFF)
            state >>= 8
        state = (state // frequency << PRECISION) + state % frequency + starts[value]
    return struct.pack("<16HI", *table, state) + bytes(reversed(code))


def decode(coded: bytes, count: int) -> list[int]:
    """``count`` symbols of what :func:`encode` gave; ``ValueError`` when it did not."""
    *table, state = struct.unpack_from("<16HI", coded)
    if sum(table) != 1 << PRECISION:
        raise ValueError("the frequencies do not add up")
    symbols = [s for s, frequency in enumerate(table) for _ in range(frequency)]
    starts = [sum(table[:s]) for s in range(SYMBOLS)]
    rest = iter(coded[36:])
    values = []
    for _ in range(count):
        slot = state & ((1 << PRECISION) - 1)
        symbol = symbols[slot]
        values.append(symbol)
        state = table[symbol] * (state >> PRECISION) + slot - starts[symbol]
        while state < LOW:
            byte = next(rest, None)
            if byte is None:
                raise ValueError("the code ends too early")
            state = state << 8 | byte
    if state != LOW or next(rest, None) is not None:
        raise ValueError("the code does not end where it should")
    return values
