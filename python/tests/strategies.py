"""Texts and options for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

_LATIN = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'-éïñ", max_size=12)
_HANGUL = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=6)
_BETWEEN = st.sampled_from([" ", ", ", "!", "\n", " - ", "…", "\u3000", "’", "\0"])
_OTHER = st.sampled_from(["42", "3.14", "%", "日本", "привет", "🙂", "e\u0301", "\u1112\u1161"])
_SENTENCES = st.lists(_LATIN | _HANGUL | _BETWEEN | _OTHER, max_size=12).map("".join)

valid_texts = _SENTENCES | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
texts = valid_texts | st.text(st.characters(), max_size=20)
words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20)

options = st.fixed_dictionaries(
    {},
    optional={
        "format": st.sampled_from(["ipa", "arpabet"]),
        "stress": st.sampled_from(["syllable", "vowel", "none"]),
        "separator": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
        "punctuation": st.sampled_from(["keep", "drop"]),
        "unknown": st.sampled_from(["keep", "drop", "error"]),
        "language": st.sampled_from([None, "en-us", "ko"]),
    },
)
