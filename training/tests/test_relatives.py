"""Possessives and plurals as the core reads them, against the oracle's."""

from __future__ import annotations

import reference
from hypothesis import assume, given
from hypothesis import strategies as st

from kilophone_training import relatives
from kilophone_training.corrections import Need

WORDS = st.text("abcehiosxyz'", min_size=1, max_size=8)
PHONEMES = st.lists(st.sampled_from(["S", "Z", "IH0", "AH0", "T", "CH", "M"]), min_size=1).map(
    tuple
)


@given(WORDS)
def test_relatives_are_those_of_the_oracle(word: str) -> None:
    """Goal: one rule in two places. Method: the oracle, written from the same page."""
    expected = reference.relatives_of(word)
    stems, forms = list(relatives.stems(word)), list(relatives.forms(word))
    assert [r.word for r in expected] == [*stems, *forms]
    assert [r.is_stem for r in expected] == [True] * len(stems) + [False] * len(forms)
    assert reference.possessive_stem(word) == relatives.owner(word)


@given(WORDS)
def test_a_word_is_a_relative_of_its_forms(word: str) -> None:
    assume(not word.endswith("'"))
    for form in relatives.forms(word):
        assert word in relatives.stems(form)


@given(PHONEMES)
def test_an_ending_comes_off_as_it_went_on(phonemes: tuple[str, ...]) -> None:
    assume(phonemes[-2:-1] not in [("S",), ("Z",), ("CH",)] or phonemes[-1] != "IH0")
    assert relatives.stripped(relatives.inflected(phonemes)) == phonemes


def test_what_words_take() -> None:
    """Goal: which words need a correction, and which silence. Method: by hand."""
    listed = {
        "nguyen": ("W", "IH1", "N"),
        "nguyen's": ("W", "IH1", "N", "Z"),
        "nguyens": ("N", "UW1", "Y", "EH2", "N", "Z"),
        "leaves": ("L", "IY1", "V", "Z"),
        "leave": ("L", "IY1", "V"),
        "leaf": ("L", "IY1", "F"),
        "does": ("D", "AH1", "Z"),
        "doe": ("D", "OW1"),
        "cat": ("K", "AE1", "T"),
        "cats": ("K", "AE1", "T", "S"),
        "cat's": ("K", "AE1", "T", "S"),
        "andrew": ("AE1", "N", "D", "R", "UW0"),
        "andrew's": ("AE1", "N", "D", "R", "UW2", "Z"),
        "joan": ("JH", "OW1", "N"),
        "joan's": ("JH", "OW1", "AA0", "N", "Z"),
        "ikea's": ("AY0", "K", "IY1", "AH0", "Z"),
        "asia's": ("EY1", "ZH", "AH0", "Z"),
    }
    wrong = {"nguyen", "nguyen's", "nguyens", "leaves", "does", "joan's", "asia's"}
    needs = relatives.needs(listed, wrong)
    assert needs == {
        "nguyen": Need.CORRECTION,
        "nguyen's": Need.RELATIVE,
        "nguyens": Need.CORRECTION,
        "leaves": Need.CORRECTION,
        "leave": Need.NOTHING,
        "leaf": Need.NOTHING,
        "does": Need.ALONE,
        "doe": Need.NOTHING,
        "cat": Need.NOTHING,
        "cats": Need.NOTHING,
        "cat's": Need.RELATIVE,  # although the model says so
        "andrew": Need.NOTHING,
        "andrew's": Need.SILENCE,
        "joan": Need.NOTHING,
        "joan's": Need.CORRECTION,
        "ikea's": Need.SILENCE,  # of a stem that is not listed
        "asia's": Need.CORRECTION,
    }


def test_who_is_listed_with_a_possessive_alone() -> None:
    listed = {
        "asia's": [("EY1", "ZH", "AH0", "Z"), ("EY1", "SH", "AH0", "Z")],
        "joan's": [("JH", "OW1", "N", "Z")],
        "joan": [("JH", "OW1", "N")],
        "onassis's": [("OW0", "N", "AE1", "S", "IH0", "S")],  # the ending is not heard
        "b's": [("B", "IY1", "Z")],
    }
    assert relatives.owners(listed) == {"asia": [("EY1", "ZH", "AH0")]}


def test_the_first_corrected_relative_decides() -> None:
    corrected = {"pony": ("P", "OW1", "N", "IY0"), "ponie": ("P",), "uses": ("AH1", "S", "Z")}
    assert relatives.follows("ponies", corrected) == ("P", "OW1", "N", "IY0", "Z")
    assert relatives.follows("us", corrected) is None  # these do not sound like its plural
    assert relatives.follows("pon", corrected) is None
