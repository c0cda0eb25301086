"""The installed library's logits against the oracle's, bit for bit.

Goal: the arithmetic of docs/PACK.md, in every backend and with every kernel of this processor.
Method: words of all lengths and letters, whose raw logits the oracle computes on its own.
"""

from __future__ import annotations

import random
import string
import unicodedata
from functools import cache
from pathlib import Path

import kilophone
import pytest
import reference

PACKS = Path(__file__).parents[2] / "zig-core" / "packs"
REAL = {
    "en-us": [
        "a",
        "i",
        "of",
        "through",
        "colonel",
        "rock-n-roll",
        "o'clock",
        "u.s.",
        "antidisestablishmentarianism",
    ],
    "ko": [
        "가",
        "값이",
        "독립문",
        "안녕하세요",
        "뷁",
        "쒜쒜",
        "훑이다",
        "국제화상전화통화품질평가위원회",
    ],
}


def invented(count: int) -> dict[str, list[str]]:
    """Words that nobody says, of one letter to the most that a pack reads at once."""
    rng = random.Random(1)
    return {
        "en-us": [
            "".join(rng.choices(string.ascii_lowercase, k=rng.randint(1, 40))) for _ in range(count)
        ],
        "ko": [
            "".join(chr(rng.randint(0xAC00, 0xD7A3)) for _ in range(rng.randint(1, 20)))
            for _ in range(count)
        ],
    }


WORDS = [
    (language, word)
    for source in (REAL, invented(12))
    for language, words in source.items()
    for word in words
]


@cache
def expected(language: str, word: str) -> bytes:
    pack = (PACKS / f"{language}.kph").read_bytes()
    graphemes = unicodedata.normalize("NFD", word) if language == "ko" else word
    return reference.word_logits(pack, graphemes).astype("<f4").tobytes()


@pytest.mark.parametrize(
    "how",
    [
        {"kernels": "portable"},
        {"kernels": "x86_64_v2"},
        {"kernels": "x86_64_v3"},
        {"backend": "wasm"},
    ],
    ids=lambda how: "-".join(how.values()),
)
def test_logits_are_the_oracles(how: dict[str, str]) -> None:
    try:
        transcriber = kilophone.Transcriber(**how)
    except kilophone.UnsupportedKernelsError:
        pytest.skip("this processor does not have the kernels")
    with transcriber:
        different = [
            word
            for language, word in WORDS
            if transcriber.word_logits(word).tobytes() != expected(language, word)
        ]
    assert not different
