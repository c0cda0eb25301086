"""Error rates of hand-made answers."""

from __future__ import annotations

import pytest

from kilophone_training.alphabets import ENGLISH, KOREAN
from kilophone_training.scoring import score, without_stress


def phones(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def test_stress_is_removed_where_there_is_some() -> None:
    assert without_stress(phones("HH AH0 L OW1"), ENGLISH) == phones("HH AH L OW")
    assert without_stress(phones("k a"), KOREAN) == phones("k a")


def test_all_right() -> None:
    words = {"hello": [phones("HH AH0 L OW1"), phones("HH EH0 L OW1")]}
    scores = score({"hello": phones("HH AH0 L OW1")}, words, ENGLISH)
    assert (scores.words, scores.per, scores.wer, scores.wer_first) == (1, 0, 0, 0)
    assert (scores.wer_stress, scores.wer_first_stress) == (0, 0)


def test_kinds_of_error_are_told_apart() -> None:
    words = {
        "stress": [phones("S T R EH1 S")],  # right but for stress
        "read": [phones("R EH1 D"), phones("R IY1 D")],  # the second pronunciation
        "cat": [phones("K AE1 T")],  # one substitution
        "a": [phones("AH0"), phones("EY1")],  # right
    }
    said = {
        "stress": phones("S T R EH0 S"),
        "read": phones("R IY1 D"),
        "cat": phones("K AA1 T"),
        "a": phones("AH0"),
    }
    scores = score(said, words, ENGLISH)
    assert scores.per == pytest.approx(100 * 1 / (5 + 3 + 3 + 1))
    assert scores.wer == 25
    assert scores.wer_first == 50
    assert scores.wer_stress == 50
    assert scores.wer_first_stress == 75


def test_secondary_stress_is_told_apart() -> None:
    words = {
        "cargo": [phones("K AA1 R G OW2")],  # no secondary stress
        "record": [phones("R AH0 K AO1 R D"), phones("R EH1 K ER0 D")],  # another primary one
        "axes": [phones("AE1 K S IY0 Z"), phones("AE1 K S IY2 Z")],  # the second, all right
    }
    said = {
        "cargo": phones("K AA1 R G OW0"),
        "record": phones("R AH1 K AO2 R D"),
        "axes": phones("AE1 K S IY2 Z"),
    }
    scores = score(said, words, ENGLISH)
    assert scores.wer == 0
    assert scores.wer_primary == pytest.approx(100 / 3)
    assert scores.wer_stress == pytest.approx(200 / 3)
    assert scores.wer_first_stress == 100


def test_the_nearest_pronunciation_gives_the_length() -> None:
    words = {"x": [phones("AH0 B D F G"), phones("EH1 K S")]}
    scores = score({"x": phones("EH1 K")}, words, ENGLISH)
    assert scores.per == pytest.approx(100 / 3)


def test_an_empty_answer_is_all_deletions() -> None:
    scores = score({"cat": ()}, {"cat": [phones("K AE1 T")]}, ENGLISH)
    assert (scores.per, scores.wer) == (100, 100)
