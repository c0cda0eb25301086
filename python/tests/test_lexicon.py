"""The caller's own words: the lexicon, and overrides in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import kilophone
from kilophone import Status, Transcriber

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kilophone._facts import Format
    from kilophone._options import BackendName

LEXICON = """\
# names
Nguyen\twɪn\r
GIF\tJH IH1 F\ten-us\tarpabet

김\tkim
"""


@pytest.fixture
def own(backend: BackendName) -> Iterator[Transcriber]:
    """A transcriber of the test's own, whose lexicon it may change."""
    with Transcriber(backend=backend) as transcriber:
        yield transcriber


def test_a_word_is_looked_up_by_its_letters(own: Transcriber) -> None:
    before = own.transcribe("Nguyen")
    own.add("Nguyen", "wɪn")
    assert own.transcribe("Nguyen, nguyen, Nguyễn") == "wɪn, wɪn, wɪn"
    (span,) = own.analyze("Nguyen").spans
    assert span.source == "user"
    assert own.transcribe("Nguyen’s") == "wɪnz"
    own.add("nguyen", "nˈɛ", language="en-us")
    assert own.transcribe("Nguyen") == "ˈnɛ"
    own.clear_lexicon()
    assert own.transcribe("Nguyen") == before


@pytest.mark.parametrize(
    ("format", "spelling"),
    [("ipa", "d͡ʒˈɪf"), ("arpabet", "JH IH1 F"), ("xsampa", 'd_Z"If')],
)
def test_alphabets(own: Transcriber, format: Format, spelling: str) -> None:
    try:
        own.add("gif", spelling.encode(), format=format)
    except kilophone.UnsupportedFormatError:
        pytest.skip("the pack does not have the alphabet")
    assert own.transcribe("GIF", format="arpabet") == "JH IH1 F"


def test_what_is_said_is_read_back(own: Transcriber) -> None:
    spelling = own.transcribe("hello", separator=" ")
    own.add("zzyzx", spelling)
    assert own.transcribe("zzyzx") == own.transcribe("hello")


def test_lines(own: Transcriber, tmp_path: Path) -> None:
    path = tmp_path / "lexicon.tsv"
    path.write_bytes(LEXICON.encode())
    expected = ["wɪn", "ˈd͡ʒɪf", "kim"]
    for lines in (LEXICON, LEXICON.encode(), LEXICON.splitlines(), iter(LEXICON.split("\n"))):
        own.clear_lexicon()
        assert own.load_lexicon(lines) == 3
        assert own.transcribe_many(["Nguyen", "GIF", "김"]) == expected
    own.clear_lexicon()
    with path.open(encoding="utf-8") as file:
        assert own.load_lexicon(file) == 3
    assert own.load_lexicon("") == own.load_lexicon([]) == 0
    assert own.load_lexicon("a\tEY1\nb\tB IY1", format="arpabet", language="en-us") == 2


@pytest.mark.parametrize(
    ("lines", "error", "position"),
    [
        ("a\tə\nb", kilophone.InvalidLexiconError, 6),
        ("a\tə\n\tə", kilophone.InvalidLexiconError, 5),
        ("a\tə\nb\tə\t\tmorse", kilophone.InvalidLexiconError, 11),
        ("a\tə\nb\tə5", kilophone.InvalidSpellingError, 9),
        (b"a\tb\nb\t\xff", kilophone.InvalidTextError, 6),
    ],
)
def test_faults_of_lines(
    own: Transcriber, lines: str | bytes, error: type[kilophone.TextError], position: int
) -> None:
    with pytest.raises(error, match=f"line 2, byte {position}") as caught:
        own.load_lexicon(lines)
    assert caught.value.position == position
    assert isinstance(caught.value, ValueError)


def test_faults_of_lines_that_have_no_position(own: Transcriber) -> None:
    with pytest.raises(kilophone.InvalidArgumentError, match="line 2, byte 5"):
        own.load_lexicon("a\tə\nb c\tə")
    with pytest.raises(kilophone.UnknownLanguageError, match="line 1"):
        own.load_lexicon("b\tə\txx")
    # What stands before a fault has been added.
    assert own.transcribe("a") == "ə"


def test_faults_of_a_word(own: Transcriber) -> None:
    with pytest.raises(kilophone.InvalidSpellingError, match="byte 3") as caught:
        own.add("win", "wɪ5")
    assert caught.value.status is Status.INVALID_SPELLING
    assert caught.value.position == 3
    for text in ("", "two words", "!", "7"):
        with pytest.raises(kilophone.InvalidArgumentError):
            own.add(text, "ə")
    with pytest.raises(kilophone.InvalidTextError):
        own.add(b"\xff", "ə")
    with pytest.raises(kilophone.UnsupportedFormatError):
        own.add("안녕", "AA1", format="arpabet")
    with pytest.raises(kilophone.UnsupportedFormatError):
        own.add("안녕", "안녕", format="hangul")
    with pytest.raises(kilophone.UnknownLanguageError):
        own.add("hello", "ə", language="xx")
    with pytest.raises(ValueError, match="format must be"):
        own.add("hello", "ə", format="nonsense")  # type: ignore[arg-type]


def test_a_full_lexicon(backend: BackendName) -> None:
    with Transcriber(backend=backend, lexicon_bytes=1024) as small:
        lines = "".join(f"{a}{b}\tə\n" for a in "abcdefghij" for b in "abcdefghijklmnopqrstuvwxyz")
        with pytest.raises(kilophone.LimitError) as caught:
            small.load_lexicon(lines)
        assert caught.value.status is Status.LIMIT_EXCEEDED
        assert small.transcribe("ab") == "ə"
    with Transcriber(backend=backend, lexicon_bytes=0) as none, pytest.raises(kilophone.LimitError):
        none.add("hello", "ə")
    with pytest.raises(kilophone.LimitError):
        Transcriber(backend=backend, lexicon_bytes=(1 << 28) + 1)
    for size in (-1, 1 << 32):
        with pytest.raises(ValueError, match="lexicon_bytes must be between"):
            Transcriber(backend=backend, lexicon_bytes=size)


def test_closed(backend: BackendName) -> None:
    transcriber = Transcriber(backend=backend)
    transcriber.close()
    with pytest.raises(kilophone.ClosedError):
        transcriber.add("hello", "ə")
    with pytest.raises(kilophone.ClosedError):
        transcriber.load_lexicon("a\tə")
    with pytest.raises(kilophone.ClosedError):
        transcriber.clear_lexicon()


def test_overrides(transcriber: Transcriber) -> None:
    text = "[Nguyen](/wɪn/), [김](/kim/)"
    assert transcriber.transcribe(text, overrides=True) == "wɪn, kim"
    first, _, _, last = transcriber.analyze(text, overrides=True).spans
    assert (first.text, first.spoken, first.source) == ("[Nguyen](/wɪn/)", "Nguyen", "user")
    assert (last.start, last.end) == (17, len(text))
    assert "(/" in transcriber.transcribe(text)
    with pytest.raises(kilophone.InvalidSpellingError) as caught:
        transcriber.transcribe("é [a](/5/)", overrides=True)
    assert caught.value.position == 8
