"""The oracle of ``docs/ALPHABETS.md`` and of sections 3 and 4 of ``docs/KOREAN.md``: how phonemes
are written, and how spellings are read."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence

import reference as model

BY_LETTER = ("hangul", "jamo")
"""Formats whose letters are made by rule, of Korean alone."""
SEPARATORS = {"arpabet": " "}
"""Between phonemes, where the caller does not say and it is not nothing."""
STRESS_MARKS = {
    "ipa": ("", "ˈ", "ˌ"),
    "arpabet": ("0", "1", "2"),
    "xsampa": ("", '"', "%"),
    "espeak": ("", "ˈ", "ˌ"),
    "kokoro": ("", "ˈ", "ˌ"),
}
MARKS_BEFORE_VOWELS = ("espeak", "kokoro")


def has(pack: model.Pack, alphabet: str) -> bool:
    """Whether words of a pack can be written so."""
    return pack.tag == "ko" if alphabet in BY_LETTER else alphabet in pack.alphabets


def spellings(pack: model.Pack, alphabet: str, tokens: Sequence[int]) -> list[str]:
    """The spelling of each phoneme of a word, without stress; empty when another has its letter."""
    word = [pack.phonemes[token - 1] for token in tokens]
    if alphabet in BY_LETTER:
        return jamo([phoneme.spellings["ipa"] for phoneme in word])
    return [
        by_context(alphabet, word, at) or phoneme.spellings[alphabet]
        for at, phoneme in enumerate(word)
    ]


# ------------------------------------------------------------------------------------- English

SIBILANTS = ("s", "z", "ʃ", "ʒ", "t͡ʃ", "d͡ʒ")
STOPS_AND_AFFRICATES = ("p", "b", "t", "d", "k", "ɡ", "t͡ʃ", "d͡ʒ")


def by_context(alphabet: str, word: Sequence[model.Phoneme], at: int) -> str | None:
    """The spelling that a phoneme has because of what stands around; the first line that holds."""
    if alphabet not in MARKS_BEFORE_VOWELS:
        return None

    def sound(index: int) -> str:
        return word[index].spellings["ipa"] if 0 <= index < len(word) else ""

    def is_vowel(index: int) -> bool:
        return 0 <= index < len(word) and word[index].kind == 1

    this, stress = sound(at), word[at].stress
    is_unstressed_next = is_vowel(at + 1) and word[at + 1].stress == 0
    is_button = sound(at + 1) == "ə" and sound(at + 2) == "n"
    is_after_vowel = is_vowel(at - 1) or sound(at - 1) == "ɹ"
    if this == "t" and is_after_vowel and is_unstressed_next and not is_button:
        return "ɾ" if alphabet == "espeak" else "T"
    if this == "ə" and alphabet == "espeak" and at == 0:
        return "ɐ"
    is_last_syllable = at + 2 == len(word)
    is_boxes = sound(at + 1) == "z" and sound(at - 1) in SIBILANTS
    is_wanted = sound(at + 1) == "d" and sound(at - 1) in ("t", "d")
    if this in ("ɪ", "ə") and stress == 0 and is_last_syllable and (is_boxes or is_wanted):
        return "ᵻ"
    if this in ("ɚ", "ɝ") and alphabet == "espeak" and is_vowel(at + 1):
        return "ɚɹ" if this == "ɚ" else "ɜːɹ"
    if this == "ə" and alphabet == "kokoro" and at > 0 and not is_vowel(at + 2):
        is_consonant_before = word[at - 1].kind == 0 and sound(at - 1) not in ("l", "ɹ", "w", "j")
        is_bottle = sound(at + 1) == "l" and is_consonant_before
        is_garden = sound(at + 1) == "n" and sound(at - 1) in (*STOPS_AND_AFFRICATES, "s", "z")
        if is_bottle or is_garden:
            return "ᵊ"
    return None


# -------------------------------------------------------------------------------------- Korean

KOREAN_VOWELS = ("a", "ɛ", "e", "ʌ", "o", "u", "ɯ", "i")
GLIDES = ("w", "j", "ɰ")
CONSONANT_LETTERS = {
    "p": "ㅂ", "p͈": "ㅃ", "pʰ": "ㅍ", "t": "ㄷ", "t͈": "ㄸ", "tʰ": "ㅌ", "k": "ㄱ", "k͈": "ㄲ",
    "kʰ": "ㅋ", "t͡ɕ": "ㅈ", "t͡ɕ͈": "ㅉ", "t͡ɕʰ": "ㅊ", "s": "ㅅ", "s͈": "ㅆ", "h": "ㅎ", "m": "ㅁ",
    "n": "ㄴ", "ŋ": "ㅇ", "l": "ㄹ",
}  # fmt: skip
VOWEL_LETTERS = {
    "a": "ㅏ", "ɛ": "ㅐ", "ja": "ㅑ", "jɛ": "ㅒ", "ʌ": "ㅓ", "e": "ㅔ", "jʌ": "ㅕ", "je": "ㅖ",
    "o": "ㅗ", "wa": "ㅘ", "wɛ": "ㅙ", "jo": "ㅛ", "u": "ㅜ", "wʌ": "ㅝ", "we": "ㅞ", "wi": "ㅟ",
    "ju": "ㅠ", "ɯ": "ㅡ", "ɰi": "ㅢ", "i": "ㅣ",
}  # fmt: skip
ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
CODAS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
SAID_CODAS = "ㄱㄴㄷㄹㅁㅂㅇ"


def jamo(word: Sequence[str]) -> list[str]:
    """The letter of each phoneme; a glide and its vowel have one, that of the vowel."""
    letters = []
    for at, phoneme in enumerate(word):
        if phoneme in CONSONANT_LETTERS:
            letters.append(CONSONANT_LETTERS[phoneme])
        elif phoneme in GLIDES:
            is_joined = "".join(word[at : at + 2]) in VOWEL_LETTERS
            letters.append("" if is_joined else phoneme)
        else:
            glided = (word[at - 1] if at else "") + phoneme
            letters.append(VOWEL_LETTERS.get(glided) or VOWEL_LETTERS[phoneme])
    return letters


def hangul(word: Sequence[str], separator: str) -> str:
    """What is heard, in syllables, with something between them."""
    letters = "".join(jamo(word))
    consonants = "".join(CONSONANT_LETTERS.values())
    syllable = re.compile(
        # ㅇ is no onset; a consonant with a vowel behind it is no coda.
        f"([{consonants.replace('ㅇ', '')}]?)([{VOWELS}])(?:([{SAID_CODAS}])(?![{VOWELS}])|(ㅇ))?"
    )

    has_begun = False

    def composed(match: re.Match[str]) -> str:
        nonlocal has_begun
        before = separator if has_begun else ""
        has_begun = True
        onset, vowel = ONSETS.index(match[1] or "ㅇ"), VOWELS.index(match[2])
        coda = CODAS.index(match[3] or match[4] or " ")
        return before + chr(0xAC00 + (onset * 21 + vowel) * 28 + coda)

    return syllable.sub(composed, letters)


VOICED = (*KOREAN_VOWELS, *GLIDES, "m", "n", "ŋ", "l")
AFFRICATES = ("t͡ɕ", "t͡ɕ͈", "t͡ɕʰ")


def narrow(phrase: Sequence[str], at: int) -> str:
    """The narrow spelling of a phoneme of a phrase; empty where it is heard in another."""
    around = ["", "", *phrase, "", ""]
    before_that, before, this, after, then = around[at : at + 5]
    is_palatal = after in ("i", "j")
    is_velar = after in ("ɯ", "ɰ")
    is_onset = after in KOREAN_VOWELS or after in GLIDES
    is_voiced = before in VOICED
    if this in ("p", "t", "k"):
        if is_onset:
            return {"p": "b", "t": "d", "k": "ɡ"}[this] if is_voiced else this
        if after == "s͈":
            return this if this != "t" else "ɕ" if then in ("i", "j") else "s"
        return this + "̚"
    if this == "t͡ɕ":
        return "d͡ʑ" if is_onset and is_voiced else this
    if this == "kʰ":
        return "cç" if is_palatal else "kx" if is_velar else this
    if this in ("s", "s͈"):
        place = "ɕ" if is_palatal else "ʃ" if (after, then) == ("w", "i") else "s"
        return place + ("ʰ" if this == "s" else "͈")
    if this == "h":
        if is_palatal:
            return "ʝ" if is_voiced else "ç"
        if is_velar:
            return "ɣ" if is_voiced else "x"
        if after in ("o", "u"):
            return "β" if is_voiced else "ɸʷ"
        if after == "w" and then != "i":
            return "β" if is_voiced else "ɸ"
        return "ɦ" if is_voiced else "h"
    if this == "n":
        return "ɲ" if after == "j" or after in AFFRICATES else "n"
    if this == "l":
        if before != "l" and (is_onset or after == "h"):
            return "ɾ"
        if before == "l" and is_onset:
            return "ʎ" if is_palatal else "ɭ"
        is_soft = after in AFFRICATES or (after == "l" and then in ("i", "j"))
        return "ʎ" if is_soft else "ɭ"
    if this == "j":
        is_heard = before in ("n", "s", "s͈", "h", "kʰ") or (before_that, before) == ("l", "l")
        return "" if is_heard else "j"
    if this == "w":
        return "ɥ" if after == "i" else "w"
    if this == "o":
        return "o" if before == "j" else "o̞"
    return {"a": "a̠", "e": "e̞", "ʌ": "ʌ̹"}.get(this, this)


# ------------------------------------------------------------------------------------- reading


class SpellingError(ValueError):
    """What is no spelling; ``position`` is a byte of it."""

    def __init__(self, text: str, at: int) -> None:
        super().__init__(f"{text!r} at {at}")
        self.position = len(text[:at].encode())


SOME = ("ipa", "espeak", "kokoro")
OTHER_SPELLINGS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    *((SOME, written, ipa) for written, ipa in (
        ("g", "ɡ"), ("r", "ɹ"), ("ʧ", "t͡ʃ"), ("ʤ", "d͡ʒ"), ("ɜ", "ɝ"), ("ɜ˞", "ɝ"), ("ɜɹ", "ɝ"),
        ("ɜːɹ", "ɝ"), ("ə˞", "ɚ"), ("ɐ", "ə"), ("ᵊ", "ə"), ("ᵻ", "ɪ"), ("ɫ", "l"),
    )),
    (("ipa",), "e", "eɪ"), (("ipa",), "o", "oʊ"), (("ipa",), "ɒ", "ɑ"),
    (("espeak",), "ɾ", "t"), (("espeak",), "ɚɹ", "ɚ"), (("kokoro",), "T", "t"),
    (("kokoro",), "ɾ", "t"),
    (("xsampa",), "t_S", "t͡ʃ"), (("xsampa",), "d_Z", "d͡ʒ"), (("xsampa",), "r", "ɹ"),
    (("xsampa",), "3", "ɝ"), (("xsampa",), "e", "eɪ"), (("xsampa",), "o", "oʊ"),
    (("arpabet",), "AX", "ə"), (("arpabet",), "AXR", "ɚ"), (("arpabet",), "IX", "ɪ"),
    (("arpabet",), "DX", "t"),
)  # fmt: skip
TIE, TIE_BELOW, LONG = "\u0361", "\u035c", "ː"


def read(pack: model.Pack, alphabet: str, text: str) -> tuple[int, ...]:
    """The phoneme tokens of a spelling."""
    tokens: list[int] = []
    mark_at: int | None = None
    stress = 0
    at = 0
    while at < len(text):
        if text[at] in " \t.":
            at += 1
            continue
        mark = None if alphabet == "arpabet" else mark_of(alphabet, text, at)
        if mark is not None:
            if mark_at is not None:
                raise SpellingError(text, mark_at)
            mark_at, (stress, end) = at, mark
            at = end
            continue
        token, end = symbol(pack, alphabet, text, at)
        if pack.phonemes[token - 1].kind == 1:
            begin = at
            if alphabet == "arpabet" and (mark := mark_of(alphabet, text, end)):
                mark_at, (stress, end) = end, mark
            with_stress = stressed(pack, token, stress)
            if with_stress is None:
                raise SpellingError(text, begin if mark_at is None else mark_at)
            token, stress, mark_at = with_stress, 0, None
        if len(tokens) == pack.phonemes_max:
            raise SpellingError(text, at)
        tokens.append(token)
        at = end
    if mark_at is not None:
        raise SpellingError(text, mark_at)
    if not tokens:
        raise SpellingError(text, 0)
    return tuple(tokens)


def mark_of(alphabet: str, text: str, at: int) -> tuple[int, int] | None:
    """Stress and end of the mark that stands here."""
    for stress, mark in enumerate(STRESS_MARKS[alphabet]):
        if mark and text.startswith(mark, at):
            return stress, at + len(mark)
    return (1, at + 1) if alphabet != "xsampa" and text.startswith("'", at) else None


def symbol(pack: model.Pack, alphabet: str, text: str, at: int) -> tuple[int, int]:
    """The phoneme whose spelling is the longest that the text goes on with, and its end."""
    best, best_end = 0, at
    for token, written in known_spellings(pack, alphabet):
        end = matched(alphabet, written, text, at)
        if end > best_end:
            best, best_end = token, end
    if best == 0:
        raise SpellingError(text, at)
    if alphabet != "arpabet":
        for long in (LONG, ":"):
            if text.startswith(long, best_end):
                best_end += 1
    return best, best_end


def known_spellings(pack: model.Pack, alphabet: str) -> Iterator[tuple[int, str]]:
    """Tokens and how they may be written: the pack's own ways, then the others."""
    by_ipa: dict[str, int] = {}
    for token, phoneme in enumerate(pack.phonemes, 1):
        by_ipa.setdefault(phoneme.spellings["ipa"], token)
        if alphabet in phoneme.spellings:
            yield token, phoneme.spellings[alphabet]
    for alphabets, written, ipa in OTHER_SPELLINGS:
        if alphabet in alphabets and ipa in by_ipa:
            yield by_ipa[ipa], written


def matched(alphabet: str, written: str, text: str, at: int) -> int:
    """Where this spelling ends in the text, when it stands there; else where it would begin."""
    end = at
    if alphabet == "arpabet":
        while end < len(text) and text[end] in string.ascii_letters:
            end += 1
        return end if text[at:end].upper() == written.upper() else at
    for character in written:
        if text.startswith(character, end):
            end += 1
        elif character == TIE:
            end += text.startswith(TIE_BELOW, end)
        elif character != LONG:
            return at
    return end


def stressed(pack: model.Pack, token: int, stress: int) -> int | None:
    """The vowel with another stress: one that is written alike in some alphabet."""
    phoneme = pack.phonemes[token - 1]
    if phoneme.stress == stress:
        return token
    for other, candidate in enumerate(pack.phonemes, 1):
        if candidate.kind != 1 or candidate.stress != stress:
            continue
        if any(candidate.spellings[a] == s != "" for a, s in phoneme.spellings.items()):
            return other
    return None
