"""What a pack's model gets wrong about the words of the lists, as its section ``CORR``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import kilophone
from tqdm import tqdm

from . import corrections, data
from .alphabets import ALPHABETS, Alphabet
from .pack import sections

FORMATS = {"en-us": "arpabet", "ko": "ipa"}
"""The output alphabet in which a language's phoneme names are written."""


def table(pack: bytes) -> corrections.Table:
    """The corrections of a pack that has none: first pronunciations for English; for Korean, the
    model's own when it is one of those listed.

    Entries of the lists that a text does not have as one word (``a.``) are left out.
    """
    content = sections(pack)
    if b"CORR" in content:
        raise ValueError("the pack has corrections already")
    length = content[b"LANG"][0]
    alphabet = ALPHABETS[content[b"LANG"][1 : 1 + length].decode()]
    words, ranks = [], []
    with kilophone.Transcriber(packs=[pack]) as transcriber:
        for word, measured in _measured(transcriber, alphabet):
            words.append(alphabet.encode_word(word))
            ranks.append(measured)
    return corrections.build(words, ranks)


def _measured(transcriber: Any, alphabet: Alphabet) -> Iterator[tuple[str, corrections.Ranks]]:
    spelling_format = FORMATS[alphabet.tag]
    for word, listed in tqdm(data.read(alphabet, data.SPLITS).items(), desc=alphabet.tag):
        best: corrections.Ranks | None = None
        for phonemes in listed if alphabet.tag == "ko" else listed[:1]:
            try:
                steps = transcriber._word_ranks(word, " ".join(phonemes), format=spelling_format)
            except kilophone.InvalidArgumentError:
                break
            found = [rank for rank, _ in steps], [lead for _, lead in steps]
            if best is None or (any(best[0]) and not any(found[0])):
                best = found
        if best is not None:
            yield word, best
