"""The examples of ``docs/TEXT.md`` are what the oracle does."""

from __future__ import annotations

import re

import generate
import pytest
import reference_text as rules

PAGE = generate.HERE.parent / "docs" / "TEXT.md"
SPAN = re.compile(r"([LHnpso])<(.*?)>(?=[LHnpso]<|$)")
KINDS = {"number": "n", "punctuation": "p", "space": "s", "other": "o"}


def examples() -> list[str]:
    """The code in the page that describes spans."""
    code = re.findall(r"`((?:[LHnpso]<.*?>)+)`", PAGE.read_text(encoding="utf-8"))
    escape = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
    return [escape.sub(lambda match: chr(int(match[1], 16)), example) for example in code]


def letter(span: rules.Span) -> str:
    return {"latin": "L", "hangul": "H", None: ""}[span.script] or KINDS[span.kind]


def test_there_are_examples() -> None:
    assert len(examples()) > 20


@pytest.mark.parametrize("example", examples())
def test_example(example: str) -> None:
    text = "".join(match[2] for match in SPAN.finditer(example))
    described = "".join(f"{letter(span)}<{span.text}>" for span in rules.spans(text))
    assert described == example


@pytest.mark.parametrize(
    ("word", "letters"),
    [
        ("Straße", "strasse"), ("Nguyễn", "nguyen"), ("Łódź", "lodz"), ("Hawaiʻi", "hawai'i"),
        ("ＡＢ．Ｃ＇ｄ", "ab.c'd"), ("é", "e"), ("ǆ", "dz"), ("ﬃ", "ffi"), ("ə", "a"), ("ɪ", ""),
    ],
)  # fmt: skip
def test_letters(word: str, letters: str) -> None:
    assert rules.normalised(word) == letters
