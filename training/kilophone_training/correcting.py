"""What a pack's model gets wrong about the words of the lists, as its section ``CORR``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import kilophone
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from . import corrections, data, relatives
from .alphabets import ALPHABETS, Alphabet
from .corrections import Known, Need
from .data import Pronunciations
from .pack import sections

FORMATS = {"en-us": "arpabet", "ko": "ipa"}
"""The output alphabet in which a language's phoneme names are written."""


def table(pack: bytes) -> corrections.Table:
    """The corrections of a pack that has none, about the lists that it learned from: first
    pronunciations for English; for Korean, the model's own when it is one of those listed.

    Entries of the lists that a text does not have as one word (``a.``) are left out. Who is listed
    with a possessive alone is known by that.
    """
    content = sections(pack)
    if b"CORR" in content:
        raise ValueError("the pack has corrections already")
    length = content[b"LANG"][0]
    alphabet = ALPHABETS[content[b"LANG"][1 : 1 + length].decode()]
    listed = data.read(alphabet, json.loads(content[b"PROV"])["splits"])
    has_relatives = alphabet.tag == "en-us"
    if has_relatives:
        listed |= relatives.owners(listed)
    with kilophone.Transcriber(packs=[pack]) as transcriber:
        measured = list(_measured(transcriber, alphabet, listed))
    words = {m.word: m.phonemes for m in measured}
    wrong = {m.word for m in measured if m.ranks.any()}
    if has_relatives:
        needs = relatives.needs(words, wrong)
    else:
        needs = {word: Need.CORRECTION if word in wrong else Need.NOTHING for word in words}
    known = []
    asked = 0
    for m in measured:
        others = relatives.relatives(m.word) if has_relatives else []
        asked += 1 + len(others)
        unknown = [bytes(alphabet.encode_word(other)) for other in others if other not in words]
        tokens = bytes(alphabet.encode_word(m.word))
        known.append(Known(tokens, m.ranks, m.leads, needs[m.word], unknown))
    return corrections.build(known, asked / max(1, len(known)))


@dataclass(frozen=True)
class Measured:
    """A listed word, how it is to be said, and what the model makes of that."""

    word: str
    phonemes: tuple[str, ...]
    ranks: NDArray[np.int64]
    leads: NDArray[np.float32]


def _measured(transcriber: Any, alphabet: Alphabet, words: Pronunciations) -> Iterator[Measured]:
    spelling_format = FORMATS[alphabet.tag]
    for word, listed in tqdm(words.items(), desc=alphabet.tag):
        best: Measured | None = None
        for phonemes in listed if alphabet.tag == "ko" else listed[:1]:
            try:
                steps = transcriber._word_ranks(word, " ".join(phonemes), format=spelling_format)
            except kilophone.InvalidArgumentError:
                break
            ranks = np.array([rank for rank, _ in steps], np.int64)
            leads = np.array([lead for _, lead in steps], np.float32)
            if best is None or (best.ranks.any() and not ranks.any()):
                best = Measured(word, phonemes, ranks, leads)
        if best is not None:
            yield best
