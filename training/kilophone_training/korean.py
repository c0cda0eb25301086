"""Korean letters and phonemes: syllables to jamo, narrow IPA folded to the broad inventory.

The broad inventory is the phonemic one of the Standard Pronunciation: 19 consonants (stops and
affricates plain, tense and aspirated), three glides and eight vowels. What a narrow transcription
adds is predictable and is folded away:

* voicing of plain stops and affricates between voiced sounds: ``b d ɡ d͡ʑ`` → ``p t k t͡ɕ``;
* unreleased codas ``p̚ t̚ k̚`` → ``p t k``;
* the liquid's variants ``ɾ ɭ ʎ`` → ``l``, the nasal's ``ɲ`` → ``n``;
* the fricatives' ``ɕʰ ʃʰ sʰ`` → ``s``, ``ɕ͈ ʃ͈`` → ``s͈``; the variants of ㅎ, ``ɦ ç ʝ ɸ β x ɣ`` →
  ``h``; a stop and ㅎ are the aspirate (rule 12 of the Standard Pronunciation): ``cç kç kx`` →
  ``kʰ``, ``pɸ`` → ``pʰ``;
* the glide *j* that WikiPron does not write after a palatal, ``ɲ ʎ ç ʝ ɕ ʃ`` before a vowel other
  than *i*: ``ɲʌ̹`` → n j ʌ; ipa-dict writes it, ``ɲjʌ̹``;
* *j* after an affricate, which ipa-dict writes after the spelling: 져 is 저 (rule 5);
* affricates are the tied ones: ``t̚ɕ͈`` (듯싶다) is t s͈, not t͡ɕ͈;
* WikiPron's ``s s͈`` for a coda before ㅆ → ``t s͈`` (ipa-dict ``t̚ s͈``);
* the glide's variant ``ɥ`` → ``w`` (before *i*); the labialisation ``ʷ`` of ㅎ before ㅗ and ㅜ;
* diacritics of vowel height and place, length ``ː`` and the pitch mark ``ˈ``;
* ㅚ ``ø`` → ``we``, ㅟ ``y`` → ``wi``, ``ɘ`` (long ㅓ) → ``ʌ``.

Examples: ``ka̠ɡa̠mdø̞da̠`` → k a k a m t w e t a; ``ɸʷo̞ŋd͡ʑʌ̹ks͈e̞`` → h o ŋ t͡ɕ ʌ k s͈ e;
``k a̠ c ç ʌ̹ ɭ`` and ``ka̠kçjʌ̹ɭ`` (각혈) → k a kʰ j ʌ l.

Refused are transcriptions of dialects (tones, ``ɤ ɔ ɨ ə ɐ t͡s`` …) and of several readings in one
(``~``).
"""

from __future__ import annotations

import unicodedata

CONSONANTS = (
    "p", "p͈", "pʰ", "t", "t͈", "tʰ", "k", "k͈", "kʰ", "t͡ɕ", "t͡ɕ͈", "t͡ɕʰ",
    "s", "s͈", "h", "m", "n", "ŋ", "l",
)  # fmt: skip
GLIDES = ("w", "j", "ɰ")
VOWELS = ("a", "ɛ", "e", "ʌ", "o", "u", "ɯ", "i")
INVENTORY = frozenset(CONSONANTS + GLIDES + VOWELS)

JAMO = tuple(
    chr(c)
    for first, count in ((0x1100, 19), (0x1161, 21), (0x11A8, 27))
    for c in range(first, first + count)
)
"""Conjoining jamo, modern: 19 onsets (the silent ㅇ among them), 21 vowels, 27 codas."""


class FoldingError(ValueError):
    """A narrow transcription holds a symbol that has no place in the broad inventory."""


def to_jamo(word: str) -> str:
    """Conjoining jamo of a word of Hangul syllables: onset, vowel and, if any, coda."""
    return unicodedata.normalize("NFD", word)


_DROPPED = frozenset("\u0320\u0339\u031e\u031d\u02d0\u02c8\u031a ")
_BASE = {
    "b": "p", "d": "t", "ɡ": "k", "ɾ": "l", "ɭ": "l", "ʎ": "l", "ɲ": "n", "ɕ": "s", "ʃ": "s",
    "ɦ": "h", "ç": "h", "ʝ": "h", "ɸ": "h", "β": "h", "x": "h", "ɣ": "h", "ɥ": "w",
    "ɘ": "ʌ",
}  # fmt: skip
_DIPHTHONGS = {"ø": ("w", "e"), "y": ("w", "i")}
_TENSE, _ASPIRATED, _LABIAL, _TIE = "\u0348", "ʰ", "ʷ", "\u0361"
_AFFRICATED = {"cç": "kʰ", "kç": "kʰ", "kx": "kʰ", "pɸ": "pʰ"}
_PALATAL = frozenset("ɲʎçʝɕʃ")
_AFFRICATE = "t͡ɕ"


def fold(narrow: str) -> tuple[str, ...]:
    """Broad phonemes of a narrow transcription, spaced or not.

    Raises :class:`FoldingError` naming the symbol for what is not a narrow variant of a phoneme.
    """
    decomposed = (c for c in unicodedata.normalize("NFD", narrow) if c not in _DROPPED)
    text = unicodedata.normalize("NFC", "".join(decomposed))  # ç is one symbol again
    phonemes: list[str] = []
    palatal = False  # whether the last consonant is one that stands for itself and j
    at = 0
    while at < len(text):
        symbol, after = text[at], text[at + 1 : at + 2]
        at += 1
        was_palatal, palatal = palatal, False
        if symbol == _LABIAL and phonemes and phonemes[-1] == "h":
            continue
        if symbol + after in _AFFRICATED:
            palatal = after in _PALATAL
            symbol, at = _AFFRICATED[symbol + after], at + 1
        elif symbol in "td" and text[at : at + 2] in (_TIE + "ɕ", _TIE + "ʑ"):
            symbol, at = _AFFRICATE, at + 2
        else:
            palatal = symbol in _PALATAL
            symbol = _BASE.get(symbol, symbol)
        while at < len(text) and text[at] in (_TENSE, _ASPIRATED):
            mark, at = text[at], at + 1
            if not (mark == _ASPIRATED and symbol == "s"):
                symbol += mark
        if symbol in _DIPHTHONGS:
            phonemes += _DIPHTHONGS[symbol]
            continue
        if symbol not in INVENTORY:
            raise FoldingError(f"{symbol!r} in {narrow!r} is not a variant of a Korean phoneme")
        if symbol == "j" and phonemes and phonemes[-1].startswith(_AFFRICATE):
            continue
        if symbol == "s͈" and phonemes and phonemes[-1] == "s":
            phonemes[-1] = "t"
        if was_palatal and symbol in VOWELS and symbol != "i":
            phonemes.append("j")
        phonemes.append(symbol)
    return tuple(phonemes)
