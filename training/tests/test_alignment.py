"""Alignment of letters and phonemes."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from kilophone_training import alignment
from kilophone_training.alphabets import ENGLISH

WORDS = {
    "ship": "SH IH1 P", "shop": "SH AA1 P", "push": "P UH1 SH", "hip": "HH IH1 P",
    "hop": "HH AA1 P", "sip": "S IH1 P", "pass": "P AE1 S", "box": "B AA1 K S",
    "ash": "AE1 SH", "shed": "SH EH1 D", "bed": "B EH1 D", "dish": "D IH1 SH", "dip": "D IH1 P",
    "cash": "K AE1 SH", "cap": "K AE1 P", "he": "HH IY1", "she": "SH IY1", "be": "B IY1",
    "fox": "F AA1 K S", "bob": "B AA1 B", "fob": "F AA1 B", "ox": "AA1 K S", "boss": "B AO1 S",
}  # fmt: skip
PAIRS = [
    (ENGLISH.encode_word(w), ENGLISH.encode_phonemes(tuple(p.split()))) for w, p in WORDS.items()
]


def test_double_phonemes_and_double_letters_are_found() -> None:
    aligner = alignment.fit(ENGLISH, PAIRS, 30)
    spans = dict(zip(WORDS, alignment.align(aligner, ENGLISH, PAIRS), strict=True))
    assert spans["ash"] == [(0, 1), (1, 3)]
    assert spans["box"] == [(0, 1), (1, 2), (2, 3), (2, 3)]


def test_a_word_that_no_cut_fits() -> None:
    pairs = [*PAIRS, (ENGLISH.encode_word("x"), ENGLISH.encode_phonemes(("K", "S", "T")))]
    aligner = alignment.fit(ENGLISH, pairs, 2)
    assert alignment.align(aligner, ENGLISH, pairs)[-1] is None


def test_each_round_makes_the_list_more_probable() -> None:
    # Goal: expectation-maximisation. Method: its property that the likelihood never falls.
    letters = np.array([ENGLISH.encode_word("ship")]) - ENGLISH.separator - 1
    phonemes = np.array([[1, 2, 3]])
    last = -np.inf
    for rounds in range(6):
        aligner = alignment.fit(ENGLISH, PAIRS, rounds)
        counts = [np.zeros_like(p) for p in aligner.probabilities]
        now = sum(
            aligner.expect(part_letters, part_phonemes, counts)
            for _, part_letters, part_phonemes in alignment._shapes(ENGLISH, PAIRS)
        )
        assert now >= last - 1e-6
        last = now
    assert letters.shape == (1, 4)
    assert phonemes.shape == (1, 3)


def brute(weights: dict[tuple[int, int], np.ndarray], n: int, m: int) -> float:
    """The sum over all cuts, one by one."""
    total = 0.0

    def walk(i: int, j: int, product: float) -> None:
        nonlocal total
        if (i, j) == (n, m):
            total += product
        for (a, b), w in weights.items():
            if i + a <= n and j + b <= m:
                walk(i + a, j + b, product * float(w[i, j]))

    walk(0, 0, 1.0)
    return total


@pytest.mark.parametrize(("n", "m"), list(itertools.product(range(1, 5), range(1, 4))))
def test_expectations_are_those_of_all_cuts(n: int, m: int) -> None:
    # Method: the probability of a word by the sum over every cut, and the expected number of
    # letters in groups, which is the word's length.
    rng = random.Random(10 * n + m)
    aligner = alignment.Aligner.empty(ENGLISH)
    generator = np.random.default_rng(n * 7 + m)
    aligner.probabilities = [generator.random(p.size) / 10 for p in aligner.probabilities]
    letters = np.array([[rng.randrange(29) for _ in range(n)]])
    phonemes = np.array([[rng.randrange(39) for _ in range(m)]])
    counts = [np.zeros_like(p) for p in aligner.probabilities]
    logarithm = aligner.expect(letters, phonemes, counts)
    cells = aligner._cells(letters, phonemes)
    weights = {
        group: table[cell[0]]
        for group, table, cell in zip(alignment.GROUPS, aligner.probabilities, cells, strict=True)
    }
    total = brute(weights, n, m)
    if total == 0:
        assert logarithm == 0
        return
    assert logarithm == pytest.approx(np.log(total))
    used = sum(
        a * float(count.sum()) for (a, _), count in zip(alignment.GROUPS, counts, strict=True)
    )
    assert used == pytest.approx(n)
