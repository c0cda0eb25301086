"""The joint n-gram, on a spelling whose rules are known: c is S before i, else K; other letters
have one sound each. Words are random (seeded)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kilophone_training import joint

pytest.importorskip("phonetisaurus", reason="has wheels for Linux alone")


def spoken(word: str) -> tuple[str, ...]:
    return tuple(
        ("S" if following == "i" else "K") if letter == "c" else letter.upper()
        for letter, following in zip(word, word[1:] + " ", strict=True)
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    draw = random.Random(7)
    words = {"".join(draw.choices("abcilt", k=draw.randint(3, 8))) for _ in range(3000)}
    path = tmp_path_factory.mktemp("joint") / "model.fst"
    joint.train({w: [spoken(w)] for w in sorted(words) if "cc" not in w}, path)
    return path


def test_the_likeliest_candidate_follows_the_rules(model: Path) -> None:
    words = ["abaciticalta", "licablacita", "tacibacalil"]  # longer than what it has seen
    found = joint.candidates(model, words, 3)
    assert sorted(found) == sorted(words)
    for word, candidates in found.items():
        assert max(candidates, key=candidates.__getitem__) == spoken(word)
        assert 1 <= len(candidates) <= 3
        assert all(score < 0 for score in candidates.values())


def test_an_unseen_letter_says_nothing(model: Path) -> None:
    found = joint.candidates(model, ["taxb"], 1)
    assert list(found["taxb"]) == [spoken("tab")]
