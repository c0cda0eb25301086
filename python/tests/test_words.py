"""What trained weights must get right; the conformance cases have the rest."""

from __future__ import annotations

import pytest

import kilophone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello", "həˈloʊ"),
        ("Hello, world!", "həˈloʊ, ˈwɝld!"),
        ("people", "ˈpipəl"),
        ("colonel", "ˈkɝnəl"),
        ("through", "ˈθɹu"),
        ("안녕하세요", "annjʌŋhasejo"),
        ("독립문", "toŋnimmun"),
        ("같이", "kat͡ɕʰi"),
        ("값이", "kaps͈i"),
        ("국물", "kuŋmul"),
    ],
)
def test_ipa(text: str, expected: str) -> None:
    assert kilophone.transcribe(text) == expected


def test_stress_and_formats() -> None:
    assert kilophone.transcribe("hello", stress="vowel") == "həlˈoʊ"
    assert kilophone.transcribe("hello", stress="none") == "həloʊ"
    assert kilophone.transcribe("hello", separator=" ", stress="none") == "h ə l oʊ"
    assert kilophone.transcribe("hello", format="arpabet") == "HH AH0 L OW1"
    assert kilophone.transcribe("hello", format="arpabet", stress="none") == "HH AH L OW"


def test_analysis() -> None:
    (hello,) = kilophone.analyze("hello").spans
    assert [phoneme.spelling for phoneme in hello.phonemes] == ["h", "ə", "l", "oʊ"]
    assert [phoneme.stress for phoneme in hello.phonemes] == [0, 0, 0, 1]


def test_a_word_read_before_has_its_letters() -> None:
    """Goal: what was remembered of a word by a call that wants no letters does not change them.
    Method: a word that follows from a corrected relative, and others, against no cache at all."""
    with kilophone.Transcriber() as cached, kilophone.Transcriber(cache_words=0) as plain:
        for word in ("Leicester's", "Leicester", "colonels", "through"):
            cached.transcribe(word)
            assert cached.analyze(word) == plain.analyze(word) == cached.analyze(word)
        (span,) = plain.analyze("Leicester's").spans
        assert span.source == "correction"
