"""Fixtures: tiny models, and the real word lists where they are."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from kilophone_training.alphabets import ALPHABETS, Alphabet
from kilophone_training.model import Llama
from kilophone_training.train import RECIPES, Recipe

torch.set_num_threads(1)


def tiny(language: str) -> Recipe:
    """A recipe of a model with two layers and two groups in the widest row."""
    return replace(
        RECIPES[language]["float"], dim=32, layers=2, heads=2, ffn=160, epochs=3, batch=8,
        warmup_steps=4, average_steps=5,
    )  # fmt: skip


@pytest.fixture(params=sorted(ALPHABETS))
def alphabet(request: pytest.FixtureRequest) -> Alphabet:
    return ALPHABETS[request.param]


@pytest.fixture
def model(alphabet: Alphabet) -> Llama:
    """A tiny model of the alphabet with weights and gains that are not all alike."""
    torch.manual_seed(7)
    made = Llama(tiny(alphabet.tag).dimensions())
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.dim() == 1:
                parameter.uniform_(0.5, 1.5)
        made.embedding.mul_(4)
    return made.eval()


@pytest.fixture
def words(alphabet: Alphabet) -> list[str]:
    """Words of several lengths, as graphemes."""
    lists = {
        "en-us": ["a", "hello", "o'clock", "x-ray", "antidisestablishmentarianism"],
        "ko": ["가", "값이", "안녕하세요", "국제음성기호"],
    }
    return lists[alphabet.tag]


@pytest.fixture
def real_lists() -> Path:
    """The folder of the real word lists; the test is skipped when it is not known."""
    named = os.environ.get("KILOPHONE_DATA")
    if not named:
        pytest.skip("KILOPHONE_DATA is not set")
    return Path(named)
