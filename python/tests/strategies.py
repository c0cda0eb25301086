"""Texts and options for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from kilophone import _facts

_LATIN = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'-éïñ", max_size=12)
_HANGUL = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=6)
_BETWEEN = st.sampled_from([" ", ", ", "!", "\n", " - ", "…", "\u3000", "’", "\0"])
_OTHER = st.sampled_from(["42", "3.14", "%", "日本", "привет", "🙂", "e\u0301", "\u1112\u1161"])
_WRITTEN = st.sampled_from(
    ["$21", "3 May 1999", "10:30", "FBI", "a@b.com", "5kg", "3월 1일", "2,500원", "LG전자"]
)
_OVERRIDES = st.sampled_from(["[Nguyen](/wɪn/)", "[김](/kim/)", "[a b](/ə/)", "[x](/5/)", "[a]("])
_PIECES = _LATIN | _HANGUL | _BETWEEN | _OTHER | _WRITTEN | _OVERRIDES
_SENTENCES = st.lists(_PIECES, max_size=12).map("".join)

valid_texts = _SENTENCES | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
texts = valid_texts | st.text(st.characters(), max_size=20)
# Of several blocks, into which the core cuts texts.
long_texts = st.lists(
    st.tuples(_SENTENCES, st.sampled_from(["", " ", "\n", "\n\n"]), st.integers(1, 80)), max_size=5
).map(lambda parts: "".join((text + end) * times for text, end, times in parts))
words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20)

options = st.fixed_dictionaries(
    {},
    optional={
        "format": st.sampled_from(sorted(_facts.FORMATS)),
        "stress": st.sampled_from(["syllable", "vowel", "none"]),
        **dict.fromkeys(
            ("separator", "syllable_separator", "word_separator"),
            st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
        ),
        "punctuation": st.sampled_from(["keep", "drop"]),
        "unknown": st.sampled_from(["keep", "drop", "error"]),
        "language": st.sampled_from([None, "en-us", "ko"]),
        **dict.fromkeys(
            ("written", "homographs", "weak_forms", "sandhi", "narrow", "overrides"),
            st.none() | st.booleans(),
        ),
    },
)
