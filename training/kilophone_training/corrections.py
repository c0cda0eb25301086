"""Writes a pack's section ``CORR``, what the model gets wrong about known words: the format is that
of ``docs/CORRECTIONS.md``.

Whoever builds it decodes every known word with its wanted phonemes forced, with the quantised
model of the pack itself, and gives the rank of every wanted token, the lead of the best, and what
the word takes, in view of its relatives.
"""

from __future__ import annotations

import heapq
import math
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import count, pairwise

import numpy as np
from numpy.typing import NDArray

NONE, MORE, ESCAPE, FIRST_PAIR = 0, 1, 2, 3
SKIPS, RANKS = 8, 3
ALONE = FIRST_PAIR + SKIPS * RANKS
SYMBOLS = ALONE + 1
CODE_BITS_MAX = 15
SEEDS, SALTS = 64, 16
SIZE_BITS = 12
MASK = np.uint64(0xFFFFFFFF)
BUCKET_ENTRIES = 48
COLLISIONS = 4500
"""An unseen word, or a relative of it, has a fingerprint of the table with a probability of less
than one in so many, by a margin that covers the chance of a sample."""


@dataclass(frozen=True)
class Divergence:
    """A step that takes another token than the best."""

    step: int
    hesitations: int | None
    """How many hesitations lie between it and the divergence before; None: it is no hesitation."""
    rank: int

    @property
    def symbol(self) -> int:
        """Its symbol in the code."""
        if self.hesitations is None or self.hesitations >= SKIPS or self.rank > RANKS:
            return ESCAPE
        return FIRST_PAIR + SKIPS * (self.rank - 1) + self.hesitations


@dataclass(frozen=True)
class Entry:
    """What the table says of a word."""

    divergences: Sequence[Divergence]
    is_alone: bool = False
    """No plural or singular follows from it."""


@dataclass(frozen=True)
class Bucket:
    """Words whose hashes are near each other, by fingerprint."""

    salt: int
    entries: dict[int, Entry]


@dataclass(frozen=True)
class Table:
    """A section and what it is made of."""

    section: bytes
    entries: int
    """How many words it corrects."""
    edit_bits: int
    """Bits of the divergences; the rest of the section is fingerprints and tables."""


class UnsolvableError(ValueError):
    """A right and a wrong word, or two wrong ones, cannot be kept apart."""


class Need(Enum):
    """What it takes that a known word is said as it is listed."""

    NOTHING = auto()
    """The model says so."""
    RELATIVE = auto()
    """It follows from its stem, or from the correction of a relative."""
    SILENCE = auto()
    """An entry without divergences: the model says so, but its stem or the correction of a relative
    does not."""
    CORRECTION = auto()
    ALONE = auto()
    """A correction from which no plural or singular follows, because listed ones are otherwise."""


@dataclass(frozen=True)
class Known:
    """A known word: its grapheme tokens, what was measured of it, what it takes."""

    tokens: bytes
    ranks: NDArray[np.int64]
    leads: NDArray[np.float32]
    need: Need
    relatives: Sequence[bytes] = ()
    """Those that are not known."""


def build(words: Sequence[Known], asked: float = 1.0) -> Table:
    """The table of all known words. An unseen word is asked for by ``asked`` words on average:
    itself and its relatives.

    No known word has the fingerprint of another one that takes something: the seed keeps their
    hashes apart, and the salt of each bucket the fingerprints in it. A word with an unknown
    relative that has the fingerprint of a corrected one gets an entry of its own.
    """
    wrong = [word for word in words if word.need in (Need.CORRECTION, Need.ALONE)]
    lead = best_lead([(word.ranks, word.leads) for word in wrong])
    silent = sum(word.need is Need.SILENCE for word in words)
    buckets = math.ceil((len(wrong) + silent) / BUCKET_ENTRIES)
    width = math.ceil(COLLISIONS * asked * len(wrong) / buckets) if buckets else 1
    for seed in range(1, SEEDS + 1):
        try:
            table = fill(words, seed, buckets, width, lead)
        except UnsolvableError:
            continue
        return write(seed, width, lead, table)
    raise UnsolvableError(f"none of {SEEDS} seeds keeps the known words apart")


def fill(
    words: Sequence[Known], seed: int, buckets: int, width: int, lead: np.float32
) -> list[Bucket]:
    """The buckets of a table with this seed."""
    apart = np.array([word.need is not Need.NOTHING for word in words], bool)
    hashes = hash_words([word.tokens for word in words], seed)
    if collides(hashes, apart):
        raise UnsolvableError("the seed does not keep the known words apart")
    homes = scaled(hashes, buckets)
    salts = np.zeros(buckets, np.uint64)
    places = np.zeros(len(words), np.uint64)
    for bucket in range(buckets):
        here = np.flatnonzero(homes == bucket)
        salts[bucket], places[here] = salted(hashes[here], apart[here], width)
    keys = list(zip(homes.tolist(), places.tolist(), strict=True))
    taken = {key for key, is_apart in zip(keys, apart, strict=True) if is_apart}
    entries: dict[tuple[int, int], Entry] = {}

    def add(index: int) -> None:
        word = words[index]
        edits = divergences(word.ranks, word.leads, lead)
        entries[keys[index]] = Entry(edits, word.need is Need.ALONE)

    for index, word in enumerate(words):
        if word.need in (Need.SILENCE, Need.CORRECTION, Need.ALONE):
            add(index)
    relatives = [(i, relative) for i, word in enumerate(words) for relative in word.relatives]
    unknown = hash_words([relative for _, relative in relatives], seed)
    unknown_homes = scaled(unknown, buckets)
    if buckets:
        unknown = mix(unknown + salts[unknown_homes] * np.uint64(0x9E3779B9))
    unknown_keys = list(zip(unknown_homes.tolist(), scaled(unknown, width).tolist(), strict=True))
    grows = True
    while grows:
        grows = False
        for (owner, _), key in zip(relatives, unknown_keys, strict=True):
            other = entries.get(key)
            if other is None or not other.divergences or keys[owner] in entries:
                continue
            if words[owner].need is Need.NOTHING and keys[owner] in taken:
                raise UnsolvableError("a word that needs an entry has the place of another")
            add(owner)
            grows = True
    table = [Bucket(int(salt), {}) for salt in salts]
    for (bucket, place), entry in entries.items():
        table[bucket].entries[place] = entry
    return table


def salted(
    hashes: NDArray[np.uint64], apart: NDArray[np.bool_], width: int
) -> tuple[int, NDArray[np.uint64]]:
    """The first salt that keeps the words of a bucket apart, and their fingerprints."""
    for salt in range(SALTS):
        places = scaled(mix(hashes + np.uint64(salt * 0x9E3779B9)), width)
        if not collides(places, apart):
            return salt, places
    raise UnsolvableError(f"none of {SALTS} salts keeps the words of a bucket apart")


def collides(hashes: NDArray[np.uint64], apart: NDArray[np.bool_]) -> bool:
    """Whether a word that is to be kept apart has the number of another word."""
    values, counts = np.unique(hashes, return_counts=True)
    return bool(np.isin(hashes[apart], values[counts > 1]).any())


def hash_words(words: Sequence[bytes], seed: int) -> NDArray[np.uint64]:
    """The 32-bit hash of each of the words, given as grapheme tokens."""
    lengths = np.array([len(word) for word in words], np.int64)
    tokens = np.zeros((len(words), max(lengths, default=0)), np.uint64)
    for row, word in zip(tokens, words, strict=True):
        row[: len(word)] = list(word)
    h = np.full(len(words), seed, np.uint64)
    for position in range(tokens.shape[1]):
        next_h = ((h ^ tokens[:, position]) * np.uint64(0x01000193)) & MASK
        h = np.where(position < lengths, next_h, h)
    return mix(h)


def mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The last step of MurmurHash3, of the lower 32 bits."""
    h = x & MASK
    h = ((h ^ (h >> np.uint64(16))) * np.uint64(0x85EBCA6B)) & MASK
    h = ((h ^ (h >> np.uint64(13))) * np.uint64(0xC2B2AE35)) & MASK
    return h ^ (h >> np.uint64(16))


def scaled(h: NDArray[np.uint64], bound: int) -> NDArray[np.uint64]:
    """Hashes as numbers below ``bound``."""
    result: NDArray[np.uint64] = (h * np.uint64(bound)) >> np.uint64(32)
    return result


def divergences(
    ranks: NDArray[np.int64], leads: NDArray[np.float32], lead: np.float32
) -> list[Divergence]:
    """The divergences of a word, in order."""
    found = []
    hesitations = 0
    for step, (rank, here) in enumerate(zip(ranks.tolist(), leads < lead, strict=True)):
        if rank:
            found.append(Divergence(step, hesitations if here else None, rank))
            hesitations = 0
        elif here:
            hesitations += 1
    return found


def best_lead(
    measured: Sequence[tuple[NDArray[np.int64], NDArray[np.float32]]],
) -> np.float32:
    """The lead below which a step is a hesitation, so that the divergences cost the fewest bits."""
    candidates = [np.float32(eighths / 8) for eighths in range(2, 81)]
    return min(candidates, key=lambda lead: entropy(divergences(*m, lead) for m in measured))


def entropy(edits: Iterable[list[Divergence]]) -> float:
    """Bits of the divergences by the entropy of their symbols."""
    listed = list(edits)
    counts = Counter(symbol for edit in listed for symbol in symbols(edit))
    total = sum(counts.values())
    escaped = [d for edit in listed for d in edit if d.symbol == ESCAPE]
    bits = sum(n * math.log2(total / n) for n in counts.values())
    return bits + sum(gamma_bits(d.step + 1) + gamma_bits(d.rank) for d in escaped)


def symbols(edit: Sequence[Divergence]) -> Iterator[int]:
    """The symbols of divergences, without what follows an escape."""
    for index, divergence in enumerate(edit, 1):
        if index < len(edit):
            yield MORE
        yield divergence.symbol
    if not edit:
        yield NONE


def entry_symbols(entry: Entry) -> Iterator[int]:
    """The symbols of an entry, without what follows an escape."""
    if entry.is_alone:
        yield ALONE
    yield from symbols(entry.divergences)


# ------------------------------------------------------------------------------------- writing


class Bits:
    """A growing string of bits, the first in the highest bit of a byte."""

    def __init__(self) -> None:
        self.value = 0
        self.count = 0

    def put(self, value: int, count: int) -> None:
        """Adds the lowest ``count`` bits, the highest of them first."""
        self.value = self.value << count | value
        self.count += count

    def bytes(self) -> bytes:
        """All of them, with zeros up to a whole byte."""
        filling = -self.count % 8
        return (self.value << filling).to_bytes((self.count + filling) // 8, "big")


def write(seed: int, width: int, lead: np.float32, buckets: Sequence[Bucket]) -> Table:
    """The section of a table."""
    gaps = [b - a - 1 for bucket in buckets for a, b in pairwise([-1, *sorted(bucket.entries)])]
    rice = min(range(25), key=lambda k: sum((gap >> k) + 1 + k for gap in gaps))
    entries = [entry for bucket in buckets for entry in bucket.entries.values()]
    lengths = code_lengths(Counter(symbol for entry in entries for symbol in entry_symbols(entry)))
    codes = canonical_codes(lengths)
    bits = Bits()
    heads = []
    edit_bits = 0
    for bucket in buckets:
        begin = bits.count
        for before, place in pairwise([-1, *sorted(bucket.entries)]):
            gap = place - before - 1
            bits.put((1 << (gap >> rice)) - 1 << 1, (gap >> rice) + 1)
            bits.put(gap & (1 << rice) - 1, rice)
            start = bits.count
            write_entry(bits, codes, bucket.entries[place])
            edit_bits += bits.count - start
        if bits.count - begin >= 1 << SIZE_BITS:
            raise UnsolvableError("a bucket is too large")
        heads.append(bits.count - begin | bucket.salt << SIZE_BITS)
    section = struct.pack("<3IfI", seed, len(buckets), width, lead, rice)
    section += bytes(a | b << 4 for a, b in zip(lengths[::2], lengths[1::2], strict=True))
    section += struct.pack(f"<{len(heads)}H", *heads) + bits.bytes()
    return Table(section, len(entries), edit_bits)


def write_entry(bits: Bits, codes: Sequence[tuple[int, int]], entry: Entry) -> None:
    """An entry without its fingerprint."""
    escaped = iter([d for d in entry.divergences if d.symbol == ESCAPE])
    for symbol in entry_symbols(entry):
        bits.put(*codes[symbol])
        if symbol == ESCAPE:
            divergence = next(escaped)
            for number in (divergence.step + 1, divergence.rank):
                bits.put(number, gamma_bits(number))


def gamma_bits(number: int) -> int:
    """Bits of a number in Elias' gamma code: as many zeros as it has bits behind its first one,
    then these bits."""
    return 2 * number.bit_length() - 1


def code_lengths(counts: Counter[int]) -> list[int]:
    """The lengths of a Huffman code of all symbols, at most ``CODE_BITS_MAX``; 0: not in use."""
    smallest = 1
    while True:
        lengths = huffman({symbol: max(n, smallest) for symbol, n in counts.items() if n})
        if max(lengths, default=0) <= CODE_BITS_MAX:
            return lengths
        smallest *= 2  # flatter, until the longest code fits


def huffman(counts: dict[int, int]) -> list[int]:
    """The lengths of a Huffman code; a single symbol has one bit."""
    order = count()
    heap = [(n, next(order), {symbol: 0}) for symbol, n in sorted(counts.items())]
    heapq.heapify(heap)
    while len(heap) > 1:
        (n, _, left), (m, _, right) = heapq.heappop(heap), heapq.heappop(heap)
        joined = {symbol: length + 1 for symbol, length in (left | right).items()}
        heapq.heappush(heap, (n + m, next(order), joined))
    lengths = heap[0][2] if heap else {}
    return [max(1, lengths[s]) if s in lengths else 0 for s in range(SYMBOLS)]


def canonical_codes(lengths: Sequence[int]) -> list[tuple[int, int]]:
    """Code and length of each symbol: shorter codes first, equals by symbol."""
    codes = [(0, 0)] * len(lengths)
    code = before = 0
    for length, symbol in sorted((n, s) for s, n in enumerate(lengths) if n):
        code <<= length - before
        codes[symbol] = (code, length)
        code, before = code + 1, length
    return codes
