"""Korean narrow transcription from broad phonemes: the section *Narrow transcription* of
docs/KOREAN.md, and how well it predicts the narrow transcriptions of the word lists.

``python -m kilophone_training.korean_narrow [dev|train|test]`` prints a line per source.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from . import data, korean

CONVENTION = "wikipron"
"""The source whose conventions the narrow transcription follows."""
SOURCES = (CONVENTION, "ipa-dict")

_VOWELS = frozenset(korean.VOWELS)
_VOICED_SOUNDS = _VOWELS | frozenset(korean.GLIDES) | frozenset("mnŋl")
_VOICED = {"p": "b", "t": "d", "k": "ɡ", "t͡ɕ": "d͡ʑ"}
_QUALITY = {"a": "a̠", "e": "e̞", "ʌ": "ʌ̹", "o": "o̞"}
_AFFRICATES = frozenset(("t͡ɕ", "t͡ɕ͈", "t͡ɕʰ"))


def narrow(phonemes: Sequence[str]) -> list[str]:
    """The narrow spelling of each phoneme of a word or phrase; empty where a glide is heard in
    the consonant before it."""
    return [_spell(phonemes, at) for at in range(len(phonemes))]


def _spell(phonemes: Sequence[str], at: int) -> str:
    this = phonemes[at]
    before = phonemes[at - 1] if at else ""
    after, then = (*phonemes[at + 1 : at + 3], "", "")[:2]
    is_onset = after in _VOWELS or after in korean.GLIDES
    is_palatal = after in ("i", "j")
    is_front_rounded = (after, then) == ("w", "i")
    is_velar = after in ("ɯ", "ɰ")
    is_after_voiced = before in _VOICED_SOUNDS

    match this:
        case "p" | "t" | "k" | "t͡ɕ" if is_onset:
            return _VOICED[this] if is_after_voiced else this
        case "t" if after == "s͈":
            return "ɕ" if then in ("i", "j") else "s"
        case "p" | "k" if after == "s͈":
            return this
        case "p" | "t" | "k":
            return this + "\u031a"
        case "kʰ":
            return "cç" if is_palatal else "kx" if is_velar else this
        case "s" | "s͈":
            place = "ɕ" if is_palatal else "ʃ" if is_front_rounded else "s"
            return place + ("\u0348" if this == "s͈" else "ʰ")
        case "h":
            forms = ("ʝ", "ɣ", "β", "β", "ɦ") if is_after_voiced else ("ç", "x", "ɸʷ", "ɸ", "h")
            if is_palatal:
                return forms[0]
            if is_velar:
                return forms[1]
            if after in ("o", "u"):
                return forms[2]
            if after == "w" and not is_front_rounded:
                return forms[3]
            return forms[4]
        case "n":
            return "ɲ" if after == "j" or after in _AFFRICATES else this
        case "l":
            if before != "l" and (is_onset or after == "h"):
                return "ɾ"
            if before == "l" and is_onset:
                return "ʎ" if is_palatal else "ɭ"
            return "ʎ" if after in _AFFRICATES or (after == "l" and then in ("i", "j")) else "ɭ"
        case "j" if before in ("n", "s", "s͈", "h", "kʰ") or (
            before == "l" and at > 1 and phonemes[at - 2] == "l"
        ):
            return ""
        case "w" if after == "i":
            return "ɥ"
        case "o" if before == "j":
            return this
        case _:
            return _QUALITY.get(this, this)


class Reference(NamedTuple):
    """A listed narrow transcription."""

    phonemes: tuple[str, ...]
    """What it folds to."""
    symbols: tuple[str, ...]
    """Its symbols, normalised."""


Listed = dict[str, list[Reference]]
"""Word → its narrow transcriptions, in the order of the list."""


def symbols(transcription: str) -> tuple[str, ...]:
    """The symbols of a narrow transcription, spaced or not: a letter with its diacritics, and the
    two letters under a tie. Length and pitch marks are left out, and ``ɘ``, which is a long ㅓ, is
    ``ʌ̹``: length is not in the broad phonemes."""
    found: list[str] = []
    text = unicodedata.normalize("NFC", transcription.replace("ɘ", "ʌ̹"))  # ç is one symbol
    for mark in text.translate({ord(dropped): None for dropped in "ːˈ "}):
        is_diacritic = unicodedata.combining(mark) or mark in "ʰʷ"
        if found and (is_diacritic or found[-1].endswith("\u0361")):
            found[-1] += mark
        else:
            found.append(mark)
    return tuple(found)


def read(split: str, source: str) -> Listed:
    """The transcriptions of a split by a source, as far as they fold."""
    listed: Listed = {}
    text = (data.folder() / "ko" / f"wiktionary.{split}.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        word, transcription, line_source = line.split("\t")
        if line_source != source:
            continue
        try:
            phonemes = korean.fold(transcription)
        except korean.FoldingError:
            continue
        listed.setdefault(word, []).append(Reference(phonemes, symbols(transcription)))
    return listed


def score(words: Iterable[Sequence[Reference]]) -> float:
    """Symbol error rate in per cent of the rendering of each word's first transcription's broad
    phonemes, against the nearest of its transcriptions."""
    edits = length = 0
    for references in words:
        said = symbols("".join(narrow(references[0].phonemes)))
        distance, of = min(
            (Levenshtein.distance(said, r.symbols), len(r.symbols)) for r in references
        )
        edits += distance
        length += of
    return 100 * edits / length


def main(split: str = "dev") -> None:
    """Prints the error rate on a split, a line per source."""
    for source in SOURCES:
        listed = read(split, source)
        print(f"{split} {source}: {len(listed)} words, narrow PER {score(listed.values()):.2f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
