"""Phoneme and word error rates.

PER is the edits to the nearest listed pronunciation over that pronunciation's length, summed over
words; WER the words without an exact match: the definitions of the published CMUdict results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from .alphabets import Alphabet, Stress
from .data import Pronunciations


@dataclass(frozen=True)
class Scores:
    """Rates in per cent over ``words`` words."""

    words: int
    per: float
    """Phoneme error rate, stress removed, nearest pronunciation."""
    wer: float
    """Word error rate, stress removed, any pronunciation."""
    wer_first: float
    """Word error rate, stress removed, first pronunciation."""
    wer_stress: float
    """Word error rate, stress included, any pronunciation."""
    wer_first_stress: float
    """Word error rate, stress included, first pronunciation."""
    wer_primary: float
    """Word error rate, primary stress included, any pronunciation."""


def without_stress(phonemes: tuple[str, ...], alphabet: Alphabet) -> tuple[str, ...]:
    """Phoneme names without their stress digits; a language without stress is left as it is."""
    if all(p.stress is Stress.NONE for p in alphabet.phonemes):
        return phonemes
    return tuple(p.rstrip("012") for p in phonemes)


def without_secondary(phonemes: tuple[str, ...]) -> tuple[str, ...]:
    """Phoneme names with secondary stress as none."""
    return tuple(p[:-1] + "0" if p.endswith("2") else p for p in phonemes)


def score(
    said: Mapping[str, tuple[str, ...]], listed: Pronunciations, alphabet: Alphabet
) -> Scores:
    """Scores of one answer a word against the listed pronunciations."""
    edits = length = wrong = wrong_first = wrong_stress = wrong_first_stress = wrong_primary = 0
    for word, pronunciations in listed.items():
        answer = said[word]
        bare = without_stress(answer, alphabet)
        references = [without_stress(p, alphabet) for p in pronunciations]
        distance, of = min((Levenshtein.distance(bare, r), len(r)) for r in references)
        edits += distance
        length += of
        wrong += distance > 0
        wrong_first += bare != references[0]
        wrong_stress += answer not in pronunciations
        wrong_first_stress += answer != pronunciations[0]
        wrong_primary += without_secondary(answer) not in map(without_secondary, pronunciations)
    count = len(listed)
    return Scores(
        count,
        100 * edits / length,
        *(
            100 * n / count
            for n in (wrong, wrong_first, wrong_stress, wrong_first_stress, wrong_primary)
        ),
    )
