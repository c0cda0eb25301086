"""Forms of listed words: what the list itself says of them."""

from __future__ import annotations

import math

import pytest

from kilophone_training.data import Pronunciations
from kilophone_training.inflections import LEAST, Inflections, forms, stems


def listed(*regular: tuple[str, str, str], **more: str) -> Pronunciations:
    """As many stems as the counts need that end in a phoneme, with their forms."""
    words = {word: [tuple(phonemes.split())] for word, phonemes in more.items()}
    for last, ending, sound in regular:
        for number in range(LEAST):
            stem = f"{'ab' * (number + 1)}{last.lower()}"
            words[stem] = [("B", last)]
            words[stem + ending] = [("B", last, *sound.split())]
    return words


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("cat's", ["cat"]),
        ("cats", ["cat"]),
        ("flies", ["fly", "flie"]),
        ("planned", ["planne", "plann", "plan"]),
        ("tried", ["try"]),
        ("grass", []),
        ("cats'", []),
        ("sing", []),
    ],
)
def test_stems(word: str, wanted: list[str]) -> None:
    assert [stem for stem, _ in stems(word)] == wanted


@pytest.mark.parametrize("word", ["cat", "bus", "box", "fly", "church", "dog's", "dogs'", "ox"])
def test_the_stem_of_a_form_is_the_word(word: str) -> None:
    made = list(forms(word))
    assert all(next(stems(form))[0] == word for form in made)
    assert made == {
        "cat": ["cat's", "cats"], "bus": ["bus's"], "box": ["box's"], "fly": ["fly's"],
        "church": ["church's"], "dog's": [], "dogs'": [], "ox": ["ox's"],
    }[word]  # fmt: skip


def test_endings_sound_as_they_do_in_the_list() -> None:
    """English's own rule (voiceless after voiceless), learned from regular pairs alone."""
    forms = Inflections.of(
        listed(
            ("T", "'s", "S"), ("G", "'s", "Z"), ("T", "ed", "IH0 D"), cat="K AE1 T", dog="D AO1 G"
        )
    )
    assert forms.pronunciations("cat's") == {("K", "AE1", "T", "S"): 0.0}
    assert forms.pronunciations("dog's") == {("D", "AO1", "G", "Z"): 0.0}
    assert forms.pronunciations("cated") == {("K", "AE1", "T", "IH0", "D"): 0.0}
    # Not counted after G, no listed stem, no ending.
    for word in ("doged", "bird's", "cat"):
        assert forms.pronunciations(word) == {}


def test_every_pronunciation_of_a_stem_has_its_forms() -> None:
    words = listed(("T", "s", "S"))
    words["route"] = [("R", "UW1", "T"), ("R", "AW1", "T")]
    said = Inflections.of(words).pronunciations("routes")
    assert list(said) == [("R", "UW1", "T", "S"), ("R", "AW1", "T", "S")]
    first, second = said.values()
    assert first > second
    assert math.exp(first) + math.exp(second) == pytest.approx(1)


def test_rare_sounds_of_an_ending_are_left_out() -> None:
    words = listed(("T", "s", "S"))
    words |= {"odt": [("AA1", "T")], "odts": [("AA1", "T", "Z")]}
    said = Inflections.of(words | {"cat": [("K", "T")]}).pronunciations("cats")
    assert list(said) == [("K", "T", "S")]
