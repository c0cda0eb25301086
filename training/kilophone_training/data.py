"""Reads the word lists. The project does not contain them: ``KILOPHONE_DATA`` names the folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from . import korean
from .alphabets import Alphabet

Pronunciations = dict[str, list[tuple[str, ...]]]
"""Word → its pronunciations (phoneme names), in the order of the list; none twice."""

SPLITS = ("train", "dev", "test")

UNLABELLED = "en/wikipron_us_broad.tsv"
"""A list whose words, not their pronunciations, are of use."""

_SOURCES = {
    "en/cmudict.{split}.tsv": (
        "CMUdict 0.7b (BSD-2-Clause, github.com/cmusphinx/cmudict), the split of the published "
        "G2P results; a line is: word, tab, ARPAbet with stress digits"
    ),
    UNLABELLED: (
        "Wiktionary by way of WikiPron (github.com/CUNY-CL/wikipron), CC BY-SA 3.0; a line is: "
        "word, tab, IPA"
    ),
    "ko/wiktionary.{split}.tsv": (
        "Korean Wiktionary by way of ipa-dict (github.com/open-dict-data/ipa-dict) and WikiPron "
        "(github.com/CUNY-CL/wikipron), CC BY-SA; a line is: word, tab, narrow IPA, tab, source"
    ),
}
_WORD = re.compile(r"(?=.{2,22}$)[a-z]+(['-][a-z]+)*'?")
_LISTS = {"en-us": "en/cmudict.{split}.tsv", "ko": "ko/wiktionary.{split}.tsv"}


class MissingDataError(FileNotFoundError):
    """Word lists are not there; the message says which, and where they come from."""


def folder() -> Path:
    """The folder of the word lists; raises :class:`MissingDataError` when ``KILOPHONE_DATA``
    is not set."""
    named = os.environ.get("KILOPHONE_DATA")
    if not named:
        raise MissingDataError(
            "KILOPHONE_DATA does not name the folder of the word lists. It holds:\n"
            + "\n".join(
                f"  {name.format(split='{train,dev,test}')}  {source}"
                for name, source in _SOURCES.items()
            )
        )
    return Path(named)


def read(alphabet: Alphabet, splits: Iterable[str]) -> Pronunciations:
    """The pronunciations of a language's lists, folded to its alphabet.

    Korean pronunciations of WikiPron come before those of ipa-dict, which are made from the
    spelling and lack what it does not show: tensing (결정, 결쩡) and the added ㄴ (담요, 담뇨).

    Words with a grapheme outside the alphabet are left out, and so are transcriptions that do
    not fold. Raises :class:`MissingDataError` naming every file that is not there.
    """
    pattern = _LISTS[alphabet.tag]
    paths = [folder() / pattern.format(split=split) for split in splits]
    missing = [p for p in paths if not p.is_file()]
    if missing:
        names = ", ".join(str(p) for p in missing)
        raise MissingDataError(f"missing: {names}. Source: {_SOURCES[pattern]}")
    words: Pronunciations = {}
    known = set(alphabet.grapheme_token)
    for path in paths:
        lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
        if alphabet.tag == "ko":
            lines.sort(key=lambda fields: fields[2] != "wikipron")
        for word, transcription, *_ in lines:
            if alphabet.tag == "ko":
                if not known.issuperset(korean.to_jamo(word)):
                    continue
                try:
                    phonemes = korean.fold(transcription)
                except korean.FoldingError:
                    continue
            else:
                if not known.issuperset(word):
                    continue
                phonemes = tuple(transcription.split())
            listed = words.setdefault(word, [])
            if phonemes not in listed:
                listed.append(phonemes)
    return words


def census_names() -> list[str]:
    """Surnames and given names of the 1990 census of the United States, lower case, the most
    frequent surname first, by the PyPI package ``names``: CMUdict has many such words."""
    import names

    return [
        line.split()[0].lower()
        for group in ("last", "first:female", "first:male")
        for line in Path(names.FILES[group]).read_text("ascii").splitlines()
    ]


def unlabelled(alphabet: Alphabet, written: Iterable[str]) -> list[str]:
    """English words without a listed pronunciation: those of ``written`` (words that people write)
    and of WikiPron's list. No word of any split is among them."""
    path = folder() / UNLABELLED
    if not path.is_file():
        raise MissingDataError(f"missing: {path}. Source: {_SOURCES[UNLABELLED]}")
    wikipron = (line.split("\t")[0].lower() for line in path.read_text("utf-8").splitlines())
    listed = read(alphabet, SPLITS)
    words = dict.fromkeys([*written, *wikipron])
    return [w for w in words if w not in listed and _WORD.fullmatch(w)]
