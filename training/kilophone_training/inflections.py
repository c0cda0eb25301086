"""Words that are a listed one with *'s*, *s* or *ed*: the list says how they sound.

What an ending sounds like after a phoneme is counted in the list itself (*cat, cats*). Such labels
are right more often than an ensemble's, which may read the longer word otherwise than the listed
one: a student learns from them that a word stays itself when it is inflected.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .data import Pronunciations

Phonemes = tuple[str, ...]

LEAST = 10
"""How often the list must have an ending after a phoneme."""
SHARE = 0.1
"""How much of these an ending's sound must have."""
VARIANT = 0.3
"""Weight of a listed pronunciation that is not the first."""


def stems(word: str) -> Iterator[tuple[str, str]]:
    """The words that ``word`` may be a form of, each with its ending, the likelier before."""
    if word.endswith("'s"):
        yield word[:-2], "'s"
    elif word.endswith("ies"):
        yield word[:-3] + "y", "s"
        yield word[:-1], "s"
    elif word.endswith("s") and not word.endswith(("ss", "'")):
        yield word[:-1], "s"
    elif word.endswith("ied"):
        yield word[:-3] + "y", "ed"
    elif word.endswith("ed"):
        yield word[:-1], "ed"
        yield word[:-2], "ed"
        if len(word) > 5 and word[-3] == word[-4]:
            yield word[:-3], "ed"


def forms(word: str) -> Iterator[str]:
    """A word with the endings that leave its spelling as it is."""
    if not word.endswith(("'", "'s")):
        yield f"{word}'s"
    if len(word) > 2 and not word.endswith(("'", "s", "x", "z", "y", "ch", "sh")):
        yield f"{word}s"


@dataclass(frozen=True)
class Inflections:
    """The endings' sounds after each phoneme, with their shares."""

    listed: Pronunciations
    sounds: Mapping[tuple[str, str], Mapping[Phonemes, float]]

    @classmethod
    def of(cls, listed: Pronunciations) -> Inflections:
        """Counts them in a list."""
        counts: dict[tuple[str, str], Counter[Phonemes]] = defaultdict(Counter)
        for word, own in listed.items():
            for stem, ending in stems(word):
                for phonemes in listed.get(stem, ())[:1]:
                    rest = own[0][len(phonemes) :]
                    if own[0][: len(phonemes)] == phonemes and 0 < len(rest) <= 2:
                        counts[ending, phonemes[-1]][rest] += 1
        sounds = {}
        for key, count in counts.items():
            often = {s: n for s, n in count.items() if n >= SHARE * count.total()}
            if count.total() >= LEAST:
                sounds[key] = {s: n / sum(often.values()) for s, n in often.items()}
        return cls(listed, sounds)

    def pronunciations(self, word: str) -> dict[Phonemes, float]:
        """How a word may sound, with log-probabilities; empty for one that is no form of a listed
        one."""
        for stem, ending in stems(word):
            found: dict[Phonemes, float] = defaultdict(float)
            for place, phonemes in enumerate(self.listed.get(stem, ())):
                for sound, share in self.sounds.get((ending, phonemes[-1]), {}).items():
                    found[phonemes + sound] += share * (VARIANT if place else 1.0)
            if found:
                total = sum(found.values())
                return {phonemes: math.log(share / total) for phonemes, share in found.items()}
        return {}
