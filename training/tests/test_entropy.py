"""The entropy coding of weights."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kilophone_training import entropy

SYMBOLS = st.lists(st.integers(0, 15) | st.just(7), min_size=1, max_size=500)


@given(SYMBOLS)
def test_symbols_come_back(values: list[int]) -> None:
    assert entropy.decode(entropy.encode(values), len(values)) == values


@given(SYMBOLS, st.data())
def test_damage_is_no_crash(values: list[int], data: st.DataObject) -> None:
    code = bytearray(entropy.encode(values))
    at = data.draw(st.integers(0, len(code) - 1))
    code[at] ^= data.draw(st.integers(1, 255))
    try:
        entropy.decode(bytes(code), len(values))
    except ValueError:
        return


def test_what_is_cut_off_or_left_over_is_refused() -> None:
    values = [1, 2, 3, 15, 0] * 100
    code = entropy.encode(values)
    for wrong in (code[:-1], code + b"\0"):
        with pytest.raises(ValueError, match="code"):
            entropy.decode(wrong, len(values))


def test_the_code_is_as_long_as_the_entropy() -> None:
    # Method: a skewed list of symbols; Shannon's bound, and one per cent above it.
    values = ([7] * 50 + [8] * 30 + [6] * 15 + [0] * 5) * 100
    shares = [n / len(values) for n in Counter(values).values()]
    bits = -sum(p * math.log2(p) for p in shares) * len(values)
    assert bits <= 8 * (len(entropy.encode(values)) - 32) <= 1.01 * bits + 64
