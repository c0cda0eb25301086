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
