"""Alphabets: the graphemes that a model reads and the phonemes that it writes.

Token numbers of a model run ``<eos>, phonemes…, <sep>, graphemes…``, so that the rows of the
output table that can be answers (``<eos>`` and the phonemes) are the first ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from . import korean

EOS = 0


class Kind(IntEnum):
    """What a phoneme is in a syllable; the numbers are those of the pack format."""

    CONSONANT = 0
    VOWEL = 1
    GLIDE = 2


class Stress(IntEnum):
    """Stress that a phoneme carries; the numbers are those of the pack format."""

    NONE = 0
    PRIMARY = 1
    SECONDARY = 2


@dataclass(frozen=True)
class Phoneme:
    """One phoneme of a pack's inventory.

    ``name`` is the training data's spelling (unique); ``spellings`` maps an output alphabet to
    the spelling without stress, which the core adds.
    """

    name: str
    kind: Kind
    stress: Stress = Stress.NONE
    spellings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Alphabet:
    """The tokens of one language, and what the core must know of them to write them."""

    tag: str
    name: str
    graphemes: tuple[str, ...]
    phonemes: tuple[Phoneme, ...]
    onsets: tuple[tuple[str, ...], ...] = ()
    """Consonant clusters (phoneme names) that can begin a syllable; empty: no stress marks."""

    @property
    def outputs(self) -> int:
        """Rows of the output table that are answers: ``<eos>`` and the phonemes."""
        return 1 + len(self.phonemes)

    @property
    def separator(self) -> int:
        """Token between the graphemes and the phonemes."""
        return self.outputs

    @property
    def vocabulary(self) -> int:
        """All tokens: ``<eos>``, phonemes, ``<sep>``, graphemes."""
        return self.outputs + 1 + len(self.graphemes)

    @cached_property
    def grapheme_token(self) -> dict[str, int]:
        """Token of each grapheme."""
        return {g: self.separator + 1 + i for i, g in enumerate(self.graphemes)}

    @cached_property
    def phoneme_token(self) -> dict[str, int]:
        """Token of each phoneme name."""
        return {p.name: 1 + i for i, p in enumerate(self.phonemes)}

    def encode_word(self, word: str) -> list[int]:
        """Tokens of a word's graphemes; ``KeyError`` for one outside the alphabet."""
        letters = korean.to_jamo(word) if self.tag == "ko" else word
        return [self.grapheme_token[g] for g in letters]

    def encode_phonemes(self, phonemes: tuple[str, ...]) -> list[int]:
        """Tokens of phoneme names; ``KeyError`` for one outside the inventory."""
        return [self.phoneme_token[p] for p in phonemes]

    def decode_phonemes(self, tokens: list[int]) -> tuple[str, ...]:
        """Phoneme names of tokens that are phonemes."""
        return tuple(self.phonemes[t - 1].name for t in tokens)


# ARPAbet and its IPA: CMUdict 0.7b's phone set; IPA after section 7 of the design (General
# American, ties on the affricates, rhotic vowels as one symbol).
_CONSONANTS = {
    "B": "b", "CH": "t͡ʃ", "D": "d", "DH": "ð", "F": "f", "G": "ɡ", "HH": "h", "JH": "d͡ʒ",
    "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ",
    "T": "t", "TH": "θ", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
_VOWELS = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "EH": "ɛ", "ER": "ɝ",
    "EY": "eɪ", "IH": "ɪ", "IY": "i", "OW": "oʊ", "OY": "ɔɪ", "UH": "ʊ", "UW": "u",
}  # fmt: skip
_UNSTRESSED = {"AH": "ə", "ER": "ɚ"}
_STRESS_DIGIT = {"0": Stress.NONE, "1": Stress.PRIMARY, "2": Stress.SECONDARY}

# Clusters that begin English words (Roach, English Phonetics and Phonology, 4th ed., tables 2
# and 3), with the Yod clusters of General American and the frequent loan clusters of names left
# out. The single consonants but NG begin syllables too.
_CLUSTERS = """
P L|P R|P Y|T R|T W|T Y|K L|K R|K W|K Y|B L|B R|B Y|D R|D W|D Y|G L|G R|G W|G Y
F L|F R|F Y|TH R|TH W|TH Y|SH R|HH Y|V Y|M Y|N Y|L Y|S Y
S P|S T|S K|S M|S N|S F|S L|S W
S P L|S P R|S P Y|S T R|S T Y|S K L|S K R|S K W|S K Y
"""


def _english() -> Alphabet:
    consonants = tuple(
        Phoneme(arpabet, Kind.CONSONANT, spellings={"ipa": ipa, "arpabet": arpabet})
        for arpabet, ipa in _CONSONANTS.items()
    )
    vowels = tuple(
        Phoneme(
            arpabet + digit,
            Kind.VOWEL,
            stress,
            {
                "ipa": _UNSTRESSED.get(arpabet, ipa) if stress is Stress.NONE else ipa,
                "arpabet": arpabet,
            },
        )
        for arpabet, ipa in _VOWELS.items()
        for digit, stress in _STRESS_DIGIT.items()
    )
    singles = [(c,) for c in _CONSONANTS if c != "NG"]
    clusters = [tuple(c.split()) for line in _CLUSTERS.split("\n") for c in line.split("|") if c]
    return Alphabet(
        tag="en-us",
        name="English (General American)",
        graphemes=tuple("'-.abcdefghijklmnopqrstuvwxyz"),
        phonemes=consonants + vowels,
        onsets=tuple(singles + clusters),
    )


def _korean() -> Alphabet:
    kinds = (
        (Kind.CONSONANT, korean.CONSONANTS),
        (Kind.GLIDE, korean.GLIDES),
        (Kind.VOWEL, korean.VOWELS),
    )
    return Alphabet(
        tag="ko",
        name="Korean (Standard Pronunciation)",
        graphemes=korean.JAMO,
        phonemes=tuple(
            Phoneme(p, kind, spellings={"ipa": p}) for kind, group in kinds for p in group
        ),
    )


ENGLISH = _english()
KOREAN = _korean()
ALPHABETS = {a.tag: a for a in (ENGLISH, KOREAN)}
