"""Training: batches, resuming, the recipes that go on from a run."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import tiny

from kilophone_training import train
from kilophone_training.alphabets import ENGLISH
from kilophone_training.data import Pronunciations

WORDS: Pronunciations = {
    word: [tuple(phonemes.split()) for phonemes in listed]
    for word, listed in {
        "a": ["AH0", "EY1"],
        "the": ["DH AH0", "DH AH1", "DH IY0"],
        "cat": ["K AE1 T"],
        "cats": ["K AE1 T S"],
        "hello": ["HH AH0 L OW1", "HH EH0 L OW1"],
        "zyzzyva": ["Z IH1 Z IH0 V AH0"],
        "dog": ["D AO1 G"],
        "tree": ["T R IY1"],
    }.items()
}
PAIRS = [(word, p) for word, listed in WORDS.items() for p in listed]


class Stopped(Exception):  # noqa: N818
    """What a test stops a run with."""


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return train.load(folder)[0].state_dict()


@pytest.mark.parametrize("quantized", [False, True])
def test_a_stopped_run_goes_on_to_the_same_bits(
    quantized: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(tiny("en-us"), quantized=quantized, epochs=4, batch=3)
    corpus = train.Corpus(ENGLISH, PAIRS)
    train.train(recipe, corpus, WORDS, tmp_path / "whole")

    save, saves = torch.save, 0

    def save_and_stop(state: object, path: Path) -> None:
        nonlocal saves
        save(state, path)
        saves += 1
        if saves == 3:  # two epochs are kept; what came after is lost
            raise Stopped

    monkeypatch.setattr(train.torch, "save", save_and_stop)
    with pytest.raises(Stopped):
        train.train(recipe, corpus, WORDS, tmp_path / "parts")
    monkeypatch.undo()
    torch.manual_seed(12345)  # the state of the generator must not matter
    train.train(recipe, corpus, WORDS, tmp_path / "parts")

    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_another_recipe_is_refused(tmp_path: Path) -> None:
    corpus = train.Corpus(ENGLISH, PAIRS)
    train.train(replace(tiny("en-us"), epochs=1), corpus, WORDS, tmp_path)
    with pytest.raises(ValueError, match="another recipe"):
        train.train(tiny("en-us"), corpus, WORDS, tmp_path)


def test_it_learns(tmp_path: Path) -> None:
    recipe = replace(
        tiny("en-us"), epochs=60, rate=1e-2, dropout=0.0, label_smoothing=0.0, average_steps=10
    )
    pairs = [(word, listed[0]) for word, listed in WORDS.items()]
    model = train.train(recipe, train.Corpus(ENGLISH, pairs), WORDS, tmp_path, evaluations=1)
    assert train.evaluate(model, ENGLISH, WORDS).wer_first_stress == 0
    loaded, same = train.load(tmp_path)
    assert same == recipe
    assert train.evaluate(loaded, ENGLISH, WORDS).wer == 0
    assert len((tmp_path / "log.tsv").read_text().splitlines()) >= 2


def test_a_run_starts_from_another(tmp_path: Path) -> None:
    corpus = train.Corpus(ENGLISH, PAIRS)
    train.train(replace(tiny("en-us"), epochs=1), corpus, WORDS, tmp_path / "first")
    recipe = train.finetuning(train.load(tmp_path / "first")[1], epochs=1, rate=0.0)
    train.train(recipe, corpus, WORDS, tmp_path / "second", tmp_path / "first")
    first, second = weights(tmp_path / "first"), weights(tmp_path / "second")
    assert all(torch.allclose(first[name], second[name], atol=1e-7) for name in first)


def test_recipes_say_what_they_learned_from() -> None:
    recipe = train.finetuning(tiny("en-us"), 2, 1e-4)
    assert (recipe.quantized, recipe.splits, recipe.frequency_weighted) == (True, "train", False)
    recipe = train.releasing(tiny("en-us"), 2, 1e-4)
    assert (recipe.quantized, recipe.splits) == (True, "train+dev+test")
    assert recipe.frequency_weighted


def test_batches_hold_every_pair_once() -> None:
    corpus = train.Corpus(ENGLISH, PAIRS)
    seen: Counter[tuple[int, ...]] = Counter()
    for batch in corpus.batches(3, random.Random(1)):
        assert len(batch.tokens) <= 3
        for tokens, answers in zip(batch.tokens.tolist(), batch.answers.tolist(), strict=True):
            assert tokens[batch.prefix] == ENGLISH.separator
            kept = [a for a in answers if a != train.IGNORED]
            assert kept[-1] == 0
            assert tokens[batch.prefix + 1 : batch.prefix + len(kept)] == kept[:-1]
            seen[*tokens[: batch.prefix], *kept] += 1
    assert len(seen) == len(PAIRS)
    assert set(seen.values()) == {1}


def test_a_release_draws_first_pronunciations_and_frequent_words_more_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(train, "zipf_frequencies", lambda _: {"the": 7.7, "cat": 4.0, "a": 3.5})
    corpus = train.frequency_weighted(ENGLISH, WORDS)
    draws = dict(zip(WORDS, corpus.weights, strict=True))
    assert draws["the"] == 24
    assert draws["cat"] == pytest.approx(2.5)
    assert draws["zyzzyva"] == 1
    for word, (graphemes, phonemes) in zip(WORDS, corpus.pairs, strict=True):
        assert graphemes == ENGLISH.encode_word(word)
        assert phonemes == ENGLISH.encode_phonemes(WORDS[word][0])

    counts: Counter[int] = Counter()
    rng = random.Random(1)
    for _ in range(200):
        for batch in corpus.batches(4, rng):
            counts.update(len(t) for t in batch.tokens.tolist())
    total = sum(counts.values()) / 200
    assert total == pytest.approx(sum(corpus.weights), rel=0.02)


@pytest.mark.parametrize("language", ["en-us", "ko"])
def test_wordfreq_has_the_languages(language: str) -> None:
    pytest.importorskip("wordfreq")
    zipf = train.zipf_frequencies(language)
    assert zipf[{"en-us": "the", "ko": "사람"}[language]] > 5
