"""Narrow Korean by rule, against words and the real lists."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kilophone_training import korean, korean_narrow

PHONEMES = sorted(korean.INVENTORY)

# Word, phonemes, WikiPron's transcription without length: a few for every rule of
# docs/KOREAN.md, section 3.
EXAMPLES = [
    ("가공되다", "k a k o ŋ t w e t a", "k a̠ ɡ o̞ ŋ d w e̞ d a̠"),
    ("집쥐", "t͡ɕ i p t͡ɕ͈ w i", "t͡ɕ i p̚ t͡ɕ͈ ɥ i"),
    ("가독성", "k a t o k s͈ ʌ ŋ", "k a̠ d o̞ k s͈ ʌ̹ ŋ"),
    ("첫사랑", "t͡ɕʰ ʌ t s͈ a l a ŋ", "t͡ɕʰ ʌ̹ s s͈ a̠ ɾ a̠ ŋ"),
    ("지난주", "t͡ɕ i n a n t͡ɕ u", "t͡ɕ i n a̠ ɲ d͡ʑ u"),
    ("강력", "k a ŋ n j ʌ k", "k a̠ ŋ ɲ ʌ̹ k̚"),
    ("가솔린", "k a s o l l i n", "k a̠ sʰ o̞ ʎ ʎ i n"),
    ("갈륨", "k a l l j u m", "k a̠ ʎ ʎ u m"),
    ("갈증", "k a l t͡ɕ͈ ɯ ŋ", "k a̠ ʎ t͡ɕ͈ ɯ ŋ"),
    ("가늘다", "k a n ɯ l t a", "k a̠ n ɯ ɭ d a̠"),
    ("지랄하다", "t͡ɕ i l a l h a t a", "t͡ɕ i ɾ a̠ ɾ ɦ a̠ d a̠"),
    ("휘발유", "h w i p a l l j u", "h ɥ i b a̠ ʎ ʎ u"),
    ("샤워", "s j a w ʌ", "ɕʰ a̠ w ʌ̹"),
    ("쉬다", "s w i t a", "ʃʰ ɥ i d a̠"),
    ("가득히", "k a t ɯ kʰ i", "k a̠ d ɯ c ç i"),
    ("각혈", "k a kʰ j ʌ l", "k a̠ c ç ʌ̹ ɭ"),
    ("크기", "kʰ ɯ k i", "k x ɯ ɡ i"),
    ("가난히", "k a n a n h i", "k a̠ n a̠ n ʝ i"),
    ("가혹", "k a h o k", "k a̠ β o̞ k̚"),
    ("가시화", "k a s i h w a", "k a̠ ɕʰ i β w a̠"),
    ("홍", "h o ŋ", "ɸʷ o̞ ŋ"),
    ("횟수", "h w e t s͈ u", "ɸ w e̞ s s͈ u"),
    ("흑", "h ɯ k", "x ɯ k̚"),
    ("현", "h j ʌ n", "ç ʌ̹ n"),
    ("교육", "k j o j u k", "k j o j u k̚"),
]


@pytest.mark.parametrize(("phonemes", "transcription"), [e[1:] for e in EXAMPLES])
def test_words_of_the_list(phonemes: str, transcription: str) -> None:
    said = korean_narrow.narrow(phonemes.split())
    assert korean_narrow.symbols("".join(said)) == tuple(transcription.split())


def test_across_words() -> None:
    """A phrase is one sequence: 옷 안."""
    assert korean_narrow.narrow(["o", "t", "a", "n"]) == ["o̞", "d", "a̠", "n"]


@given(st.lists(st.sampled_from(PHONEMES)))
def test_a_spelling_a_phoneme(phonemes: list[str]) -> None:
    said = korean_narrow.narrow(phonemes)
    assert len(said) == len(phonemes)
    assert all(p == "j" for p, s in zip(phonemes, said, strict=True) if not s)


@st.composite
def syllables(draw: st.DrawFn) -> list[str]:
    """Words that keep to the rules: no ㅎ behind a stop, no ㄴ beside ㄹ …"""
    phonemes: list[str] = []
    for _ in range(draw(st.integers(1, 5))):
        after_coda = bool(phonemes) and phonemes[-1] in korean.CONSONANTS
        onsets = ["p͈", "t͈", "k͈", "s͈", "tʰ"] if after_coda else [*korean.CONSONANTS]
        onset = draw(st.sampled_from([o for o in onsets if o != "ŋ"]))
        vowel = draw(st.sampled_from(["a", "ʌ", "o", "i", "ɯ", "j a", "j o", "w a", "w i"]))
        if onset.startswith("t͡ɕ"):
            vowel = vowel.removeprefix("j ")
        coda = draw(st.sampled_from(["", "k", "n", "t", "l", "m", "p", "ŋ"]))
        phonemes += [onset, *vowel.split(), *coda.split()]
    return phonemes


@given(syllables())
def test_narrow_folds_to_what_it_came_from(phonemes: list[str]) -> None:
    said = "".join(korean_narrow.narrow(phonemes))
    assert korean.fold(said) == tuple(phonemes)


def test_symbols_and_what_is_not_compared() -> None:
    expected = ("k", "a̠", "m", "d͡ʑ", "ʌ̹")
    assert korean_narrow.symbols("ˈka̠ːmd͡ʑʌ̹") == expected
    assert korean_narrow.symbols("k a̠ m d͡ʑ ɘː") == expected
    assert korean_narrow.symbols("c ç") == ("c", "ç")


def test_score_takes_the_nearest() -> None:
    def reference(transcription: str) -> korean_narrow.Reference:
        return korean_narrow.Reference(
            korean.fold(transcription), korean_narrow.symbols(transcription)
        )

    assert korean_narrow.score([[reference("kaɡa̠"), reference("k a̠ ɡ a̠")]]) == 0
    assert korean_narrow.score([[reference("kaɡa̠")], [reference("k a̠ ɡ a̠")]]) == 12.5


@pytest.mark.data
@pytest.mark.usefixtures("real_lists")
def test_real_lists(capsys: pytest.CaptureFixture[str]) -> None:
    """WikiPron's transcription follows from the phonemes; ipa-dict has other conventions."""
    korean_narrow.main("dev")
    rates = re.findall(r"(\S+): \d+ words, narrow PER (\S+) %", capsys.readouterr().out)
    assert [source for source, _ in rates] == ["wikipron", "ipa-dict"]
    assert float(rates[0][1]) <= 1.0
    assert float(rates[1][1]) <= 5.0
