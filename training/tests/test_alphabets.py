"""Tokens and inventories."""

from __future__ import annotations

from pathlib import Path

import pytest

from kilophone_training import data
from kilophone_training.alphabets import ENGLISH, EOS, KOREAN, Alphabet, Kind, Stress


def test_tokens_are_numbered_without_gaps(alphabet: Alphabet) -> None:
    phonemes = list(alphabet.phoneme_token.values())
    graphemes = list(alphabet.grapheme_token.values())
    numbers = [EOS, *phonemes, alphabet.separator, *graphemes]
    assert numbers == list(range(alphabet.vocabulary))
    assert alphabet.outputs == 1 + len(phonemes)
    assert alphabet.vocabulary <= 255  # tokens are bytes in a pack


def test_names_are_unique(alphabet: Alphabet) -> None:
    assert len({p.name for p in alphabet.phonemes}) == len(alphabet.phonemes)
    assert len(set(alphabet.graphemes)) == len(alphabet.graphemes)
    assert all(len(g) == 1 for g in alphabet.graphemes)


def test_phonemes_come_back(alphabet: Alphabet) -> None:
    names = tuple(p.name for p in alphabet.phonemes)
    assert alphabet.decode_phonemes(alphabet.encode_phonemes(names)) == names


def test_every_alphabet_spells_every_phoneme(alphabet: Alphabet) -> None:
    spelled = {frozenset(p.spellings) for p in alphabet.phonemes}
    assert len(spelled) == 1
    assert "ipa" in next(iter(spelled))
    assert all(s for p in alphabet.phonemes for s in p.spellings.values())


def test_alphabets_of_a_language() -> None:
    assert list(ENGLISH.phonemes[0].spellings) == ["ipa", "arpabet", "xsampa", "espeak", "kokoro"]
    assert list(KOREAN.phonemes[0].spellings) == ["ipa", "xsampa"]
    for alphabet in (ENGLISH, KOREAN):
        assert all(p.spellings["xsampa"].isascii() for p in alphabet.phonemes)


def test_spellings_tell_phonemes_apart(alphabet: Alphabet) -> None:
    """Reading a spelling finds a vowel's other stresses by what they share (spelling.zig)."""
    for name in alphabet.phonemes[0].spellings:
        owners: dict[str, set[str]] = {}
        for p in alphabet.phonemes:
            owners.setdefault(p.spellings[name], set()).add(p.name.rstrip("012"))
        assert all(len(names) == 1 for names in owners.values()), name


def test_spellings_without_stress_have_no_marks(alphabet: Alphabet) -> None:
    marks = {"xsampa": '"%', "arpabet": "012"}
    for p in alphabet.phonemes:
        for name, spelling in p.spellings.items():
            assert not set(spelling) & set(marks.get(name, "ˈˌ'") + " .\t"), (p.name, name)


def test_onsets_are_consonants_of_the_inventory() -> None:
    kinds = {p.name: p.kind for p in ENGLISH.phonemes}
    assert all(kinds[name] is Kind.CONSONANT for onset in ENGLISH.onsets for name in onset)
    assert len(set(ENGLISH.onsets)) == len(ENGLISH.onsets)
    assert all(1 <= len(onset) <= 3 for onset in ENGLISH.onsets)
    assert ("NG",) not in ENGLISH.onsets
    assert not KOREAN.onsets
    # A cluster without its first consonant begins a syllable too, or maximal onsets would not be
    # found by growing them from the vowel.
    assert all(onset[1:] in ENGLISH.onsets for onset in ENGLISH.onsets if len(onset) > 1)


def test_english_inventory() -> None:
    assert len(ENGLISH.phonemes) == 24 + 3 * 15
    ipa = {p.name: p.spellings["ipa"] for p in ENGLISH.phonemes}
    expected = {"AH0": "ə", "AH1": "ʌ", "AH2": "ʌ", "ER0": "ɚ", "ER2": "ɝ", "G": "ɡ", "R": "ɹ"}
    assert {name: ipa[name] for name in expected} == expected
    stresses = {p.name[-1]: p.stress for p in ENGLISH.phonemes if p.kind is Kind.VOWEL}
    assert stresses == {"0": Stress.NONE, "1": Stress.PRIMARY, "2": Stress.SECONDARY}
    arpabet = {p.spellings["arpabet"] for p in ENGLISH.phonemes}
    assert len(arpabet) == 39


def test_spellings_of_words() -> None:
    def spelled(alphabet: Alphabet, name: str, phonemes: str) -> str:
        tokens = alphabet.encode_phonemes(tuple(phonemes.split()))
        return "".join(alphabet.phonemes[t - 1].spellings[name] for t in tokens)

    church, merry = "CH ER1 CH", "M EH1 R IY0 OW2 V ER0"
    assert spelled(ENGLISH, "xsampa", church) == "tS3`tS"
    assert spelled(ENGLISH, "espeak", church) == "tʃɜːtʃ"
    assert spelled(ENGLISH, "kokoro", church) == "ʧɜɹʧ"
    assert spelled(ENGLISH, "xsampa", merry) == "mEr\\ioUv@`"
    assert spelled(ENGLISH, "espeak", merry) == "mɛɹioʊvɚ"
    assert spelled(ENGLISH, "kokoro", merry) == "mɛɹiOvəɹ"
    assert spelled(KOREAN, "xsampa", "t͡ɕ͈ a t͡ɕʰ ɰ i ŋ") == "ts\\_>ats\\_hM\\iN"


def test_unknown_graphemes_are_refused() -> None:
    with pytest.raises(KeyError):
        ENGLISH.encode_word("naïve")
    with pytest.raises(KeyError):
        KOREAN.encode_word("ㅋㅋ")


def test_words_encode() -> None:
    assert [ENGLISH.graphemes[t - ENGLISH.separator - 1] for t in ENGLISH.encode_word("o'b")] == [
        "o", "'", "b",
    ]  # fmt: skip
    assert len(KOREAN.encode_word("값이")) == 5


@pytest.mark.data
@pytest.mark.parametrize("split", ["train", "dev"])
def test_every_listed_word_encodes(alphabet: Alphabet, split: str, real_lists: Path) -> None:
    words = data.read(alphabet, [split])
    name = {"en-us": "en/cmudict", "ko": "ko/wiktionary"}[alphabet.tag]
    lines = (real_lists / f"{name}.{split}.tsv").read_text(encoding="utf-8").splitlines()
    listed = {line.split("\t")[0] for line in lines}
    assert len(listed) - len(words) <= (0 if alphabet is ENGLISH else 30)
    for word, pronunciations in words.items():
        assert 0 < len(alphabet.encode_word(word)) <= 40
        for pronunciation in pronunciations:
            assert 0 < len(alphabet.encode_phonemes(pronunciation)) <= 48
