"""Letters and phonemes aligned by expectation-maximisation, many to many (Jiampojamarn et al. 2007,
"Applying Many-to-Many Alignments and Hidden Markov Models to Letter-to-Phoneme Conversion").

A word is cut into groups, in order: one letter that is silent, one letter and one or two phonemes,
or two or three letters and one phoneme. The probability of a group is estimated on a list of words;
a word's alignment is its most probable cut. Stress plays no part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .alphabets import Alphabet

GROUPS = ((1, 0), (1, 1), (1, 2), (2, 1), (3, 1))
"""Letters and phonemes of the kinds of groups."""

Spans = list[tuple[int, int]]
"""For each phoneme its first letter and the letter after its last."""

_BATCH = 4096
_FLOOR = 1e-7

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass
class Aligner:
    """Probabilities of groups, by kind: tables indexed by the letters, then the phonemes."""

    letters: int
    phonemes: int
    probabilities: list[Floats]

    @classmethod
    def empty(cls, alphabet: Alphabet) -> Aligner:
        """All groups of a kind alike."""
        letters = len(alphabet.graphemes)
        phonemes = 1 + max(classes(alphabet))
        tables = [np.ones(letters**a * phonemes**b) for a, b in GROUPS]
        total = sum(table.size for table in tables)
        return cls(letters, phonemes, [table / total for table in tables])

    def _cells(self, letters: Integers, phonemes: Integers) -> list[Integers]:
        """For each kind the index in its table of the group that begins at each (i, j), for words
        of one shape: ``(words, n, m)`` and ``(words, m)`` arrays cut to where the group fits."""
        cells = []
        for a, b in GROUPS:
            n, m = letters.shape[1] - a + 1, phonemes.shape[1] - b + 1
            index = np.zeros((len(letters), max(n, 0), max(m, 0)), np.int64)
            for k in range(a):
                index = index * self.letters + letters[:, k : k + max(n, 0), None]
            for k in range(b):
                index = index * self.phonemes + phonemes[:, None, k : k + max(m, 0)]
            cells.append(index)
        return cells

    def expect(self, letters: Integers, phonemes: Integers, counts: list[Floats]) -> float:
        """Adds the expected groups of words of one shape to ``counts``; returns the sum of the
        logarithms of the words' probabilities."""
        words, n = letters.shape
        m = phonemes.shape[1]
        cells = self._cells(letters, phonemes)
        weights = [p[c] for p, c in zip(self.probabilities, cells, strict=True)]
        forward = np.zeros((words, n + 1, m + 1))
        backward = np.zeros((words, n + 1, m + 1))
        forward[:, 0, 0] = backward[:, n, m] = 1
        for i in range(n + 1):
            for j in range(m + 1):
                for (a, b), w in zip(GROUPS, weights, strict=True):
                    if i >= a and j >= b:
                        forward[:, i, j] += forward[:, i - a, j - b] * w[:, i - a, j - b]
        for i in range(n, -1, -1):
            for j in range(m, -1, -1):
                for (a, b), w in zip(GROUPS, weights, strict=True):
                    if i + a <= n and j + b <= m:
                        backward[:, i, j] += backward[:, i + a, j + b] * w[:, i, j]
        total = forward[:, n, m]
        possible = total > 0
        inverse = np.where(possible, 1 / np.where(possible, total, 1), 0)[:, None, None]
        for (a, b), w, cell, count in zip(GROUPS, weights, cells, counts, strict=True):
            if w.size:
                used = forward[:, : n - a + 1, : m - b + 1] * w * backward[:, a:, b:] * inverse
                count += np.bincount(cell.ravel(), used.ravel(), count.size)
        return float(np.log(total[possible]).sum())

    def align(self, letters: Integers, phonemes: Integers) -> list[Spans | None]:
        """The most probable cuts of words of one shape; ``None`` where there is none."""
        words, n = letters.shape
        m = phonemes.shape[1]
        with np.errstate(divide="ignore"):
            weights = [
                np.log(np.maximum(p[c], _FLOOR * 1e-3))
                for p, c in zip(self.probabilities, self._cells(letters, phonemes), strict=True)
            ]
        best = np.full((words, n + 1, m + 1), -np.inf)
        kind = np.zeros((words, n + 1, m + 1), np.int8)
        best[:, 0, 0] = 0
        for i in range(n + 1):
            for j in range(m + 1):
                for k, ((a, b), w) in enumerate(zip(GROUPS, weights, strict=True)):
                    if i >= a and j >= b:
                        score = best[:, i - a, j - b] + w[:, i - a, j - b]
                        better = score > best[:, i, j]
                        kind[better, i, j] = k
                        best[better, i, j] = score[better]
        return [
            _trace(kind[word], n, m) if np.isfinite(best[word, n, m]) else None
            for word in range(words)
        ]


def _trace(kind: NDArray[np.int8], n: int, m: int) -> Spans:
    spans: Spans = []
    while n or m:
        a, b = GROUPS[kind[n, m]]
        spans += [(n - a, n)] * b
        n, m = n - a, m - b
    return spans[::-1]


def classes(alphabet: Alphabet) -> list[int]:
    """The phonemes' numbers in an aligner, by token: phonemes that differ in stress alone share
    one; the end token is 0."""
    names: dict[str, int] = {}
    stressless = [p.name.rstrip("012") for p in alphabet.phonemes]
    return [0, *(names.setdefault(name, len(names)) for name in stressless)]


def _shapes(
    alphabet: Alphabet, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]
) -> list[tuple[list[int], Integers, Integers]]:
    """Indices, letters and phoneme classes of pairs of tokens, by shape, in batches."""
    by_shape: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, (letters, phonemes) in enumerate(pairs):
        by_shape[len(letters), len(phonemes)].append(index)
    number = np.array(classes(alphabet))
    first = alphabet.separator + 1
    batches = []
    for (n, m), indices in by_shape.items():
        for start in range(0, len(indices), _BATCH):
            part = indices[start : start + _BATCH]
            read = np.array([pairs[i][0] for i in part], np.int64).reshape(len(part), n) - first
            said = np.array([pairs[i][1] for i in part], np.int64).reshape(len(part), m)
            batches.append((part, read, number[said]))
    return batches


def fit(
    alphabet: Alphabet, pairs: Sequence[tuple[Sequence[int], Sequence[int]]], rounds: int = 10
) -> Aligner:
    """An aligner estimated on ``pairs`` of grapheme and phoneme tokens."""
    aligner = Aligner.empty(alphabet)
    batches = _shapes(alphabet, pairs)
    for _ in range(rounds):
        counts = [np.zeros_like(p) for p in aligner.probabilities]
        for _, letters, phonemes in batches:
            aligner.expect(letters, phonemes, counts)
        total = sum(float(c.sum()) for c in counts)
        aligner.probabilities = [
            np.where(c > 0, np.maximum(c / total, _FLOOR), _FLOOR * 1e-2) for c in counts
        ]
    return aligner


def align(
    aligner: Aligner, alphabet: Alphabet, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]
) -> list[Spans | None]:
    """The spans of each pair's phonemes; ``None`` for a pair that no cut fits."""
    spans: list[Spans | None] = [None] * len(pairs)
    for part, letters, phonemes in _shapes(alphabet, pairs):
        for index, found in zip(part, aligner.align(letters, phonemes), strict=True):
            spans[index] = found
    return spans
