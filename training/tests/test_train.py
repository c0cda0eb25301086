"""Training: batches, resuming, the recipes that go on from a run."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import tiny
from numpy.typing import NDArray

from kilophone_training import native, quantization, train
from kilophone_training.alphabets import ENGLISH, Alphabet
from kilophone_training.corpus import IGNORED, Corpus
from kilophone_training.data import Pronunciations
from kilophone_training.model import Llama

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


CHECKPOINTS = Path(__file__).parents[1] / "checkpoints"


class Stopped(Exception):  # noqa: N818
    """What a test stops a run with."""


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return train.load(folder)[0].state_dict()


@pytest.mark.parametrize(("quantized", "muon"), [(False, False), (True, False), (True, True)])
def test_a_stopped_run_goes_on_to_the_same_bits(
    quantized: bool, muon: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(tiny("en-us"), quantized=quantized, muon=muon, epochs=4, batch=3)
    corpus = Corpus(ENGLISH, PAIRS)
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
    corpus = Corpus(ENGLISH, PAIRS)
    train.train(replace(tiny("en-us"), epochs=1), corpus, WORDS, tmp_path)
    with pytest.raises(ValueError, match="another recipe"):
        train.train(tiny("en-us"), corpus, WORDS, tmp_path)


def test_it_learns(tmp_path: Path) -> None:
    recipe = replace(
        tiny("en-us"), epochs=60, rate=1e-2, dropout=0.0, label_smoothing=0.0, average_steps=10
    )
    pairs = [(word, listed[0]) for word, listed in WORDS.items()]
    model = train.train(recipe, Corpus(ENGLISH, pairs), WORDS, tmp_path, evaluations=1)
    assert train.evaluate(model, ENGLISH, WORDS).wer_first_stress == 0
    loaded, same = train.load(tmp_path)
    assert same == recipe
    assert train.evaluate(loaded, ENGLISH, WORDS).wer == 0
    assert len((tmp_path / "log.tsv").read_text().splitlines()) >= 2


def test_a_run_starts_from_another(tmp_path: Path) -> None:
    corpus = Corpus(ENGLISH, PAIRS)
    train.train(replace(tiny("en-us"), epochs=1), corpus, WORDS, tmp_path / "first")
    recipe = train.finetuning(train.load(tmp_path / "first")[1], epochs=1, rate=0.0)
    train.train(recipe, corpus, WORDS, tmp_path / "second", tmp_path / "first")
    first, second = weights(tmp_path / "first"), weights(tmp_path / "second")
    assert all(torch.allclose(first[name], second[name], atol=1e-7) for name in first)


def test_damped_weights_end_near_their_rounded_values(tmp_path: Path) -> None:
    # Method: the mean distance to the nearest step, in steps; 0.25 where weights are spread evenly.
    distances = []
    for damping in (0.0, 0.5):
        recipe = replace(tiny("en-us"), epochs=20, quantized=True, damping=damping, average_steps=1)
        model = train.train(recipe, Corpus(ENGLISH, PAIRS), WORDS, tmp_path / str(damping))
        parts = native.matrices(native.flatten(model), model)
        assert len(parts) == 4 * recipe.layers
        values = [quantization.quantize_weights(w) for w in parts]
        steps = [
            ((w - quantization.weights(w)) / s.mean()).abs().mean()
            for w, (_, s) in zip(parts, values, strict=True)
        ]
        distances.append(float(torch.stack(steps).mean()))
    assert distances[1] < 0.5 * distances[0]


def test_new_layers_change_nothing_at_first() -> None:
    """A deeper model that begins with a smaller one's weights gives its logits and attention."""
    torch.manual_seed(4)
    shallow, deep = (Llama(replace(tiny("en-us"), layers=n).dimensions()).eval() for n in (2, 4))
    tokens = torch.tensor([[5, 3, 9, ENGLISH.separator, 7, 2]])
    wanted = shallow.aligned(tokens, 3)
    train.begin(deep, shallow)
    for mine, its in zip(deep.aligned(tokens, 3), wanted, strict=True):
        assert torch.allclose(mine, its, atol=1e-6)


def test_recipes_say_what_they_learned_from() -> None:
    recipe = train.finetuning(tiny("en-us"), 2, 1e-4)
    assert (recipe.quantized, recipe.splits, recipe.known_share) == (True, "train", 1.0)
    recipe = train.releasing(tiny("en-us"), 2, 1e-4)
    assert (recipe.quantized, recipe.splits) == (True, "train+dev+test")
    assert recipe.known_share < 1


@pytest.mark.parametrize(
    ("kind", "run"), [("float", "en-float"), ("teacher", "t-back"), ("settling", "en-student")]
)
def test_recipes_are_those_of_the_checkpoints(kind: str, run: str) -> None:
    """Goal: the names say how the models that are kept were made. Method: their own records."""
    kept = train.Recipe(**json.loads((CHECKPOINTS / run / "recipe.json").read_text()))
    of_the_run = {name: getattr(kept, name) for name in ("seed", "taught", "backward")}
    assert replace(train.RECIPES["en-us"][kind], **of_the_run) == kept


def test_the_packs_models_go_on_from_each_other() -> None:
    """Goal: the commands of TRAINING.md are those that made the split and the release model."""
    student, split, release = (
        train.Recipe(**json.loads((CHECKPOINTS / run / "recipe.json").read_text()))
        for run in ("en-student", "en-split", "en-release")
    )
    of_the_split = {"splits": "train", "weight_step": 0.81, "damping": 0.0}
    assert split == replace(train.releasing(student, 5, 1e-3), **of_the_split)
    of_the_release = {"known_share": 0.12, "unlisted_weight": 0.2, "teacher_share": 0.3}
    assert release == replace(train.releasing(split, 2.6, 6e-4), **of_the_release)


def test_batches_hold_every_pair_once() -> None:
    corpus = Corpus(ENGLISH, PAIRS)
    seen: Counter[tuple[int, ...]] = Counter()
    for batch in corpus.batches(3, random.Random(1)):
        assert len(batch.tokens) <= 3
        for tokens, answers in zip(batch.tokens.tolist(), batch.answers.tolist(), strict=True):
            assert tokens[batch.prefix] == ENGLISH.separator
            kept = [a for a in answers if a != IGNORED]
            assert kept[-1] == 0
            assert tokens[batch.prefix + 1 : batch.prefix + len(kept)] == kept[:-1]
            seen[*tokens[: batch.prefix], *kept] += 1
    assert len(seen) == len(PAIRS)
    assert set(seen.values()) == {1}


def draws(corpus: Corpus, shares: dict[int, float]) -> list[float]:
    """Draws of each example an epoch, by 400 epochs."""
    counts: Counter[int] = Counter()
    rng = np.random.default_rng(1)
    all_shares = np.array([shares.get(i, 1.0) for i in range(len(corpus.examples))])
    for _ in range(400):
        counts.update(corpus.draw(rng, all_shares).tolist())
    return [counts[i] / 400 for i in range(len(corpus.examples))]


def test_a_release_draws_first_pronunciations_and_what_it_does_not_know() -> None:
    corpus = train.released(ENGLISH, WORDS)
    firsts = {(word, listed[0]) for word, listed in WORDS.items()}
    for pair, often in zip(PAIRS, draws(corpus, {0: 0.5}), strict=True):
        weight = 1.0 if pair in firsts else train.OTHERS_WEIGHT
        assert often == pytest.approx(weight * (0.5 if pair == PAIRS[0] else 1), abs=0.08)


def test_what_is_known_is_drawn_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Goal: the loop tells the corpus which examples it got right. Method: a model that knows all,
    # and the shares that the next epoch is asked for.
    recipe = replace(
        tiny("en-us"), epochs=60, rate=1e-2, dropout=0.0, label_smoothing=0.0, average_steps=10,
        known_share=0.25,
    )  # fmt: skip
    pairs = [(word, listed[0]) for word, listed in WORDS.items()]
    corpus, asked = Corpus(ENGLISH, pairs), []
    draw = corpus.draw

    def recorded(rng: np.random.Generator, shares: NDArray[np.float64]) -> NDArray[np.int32]:
        asked.append(shares.copy())
        return draw(rng, shares)

    monkeypatch.setattr(corpus, "draw", recorded)
    train.train(recipe, corpus, WORDS, tmp_path, evaluations=1)
    assert (asked[0] == 1).all()
    assert (asked[-1] == 0.25).all()


def test_alignment_is_learned(tmp_path: Path) -> None:
    # Goal: the first head of the last layer looks at the letters of the next phoneme. Method: its
    # largest weight after training on aligned words.
    recipe = replace(
        tiny("en-us"), epochs=80, rate=1e-2, dropout=0.0, label_smoothing=0.0, average_steps=10,
        alignment_weight=1.0,
    )  # fmt: skip
    corpus = Corpus(ENGLISH, [(w, p[0]) for w, p in WORDS.items()])
    corpus.align()
    model = train.train(recipe, corpus, WORDS, tmp_path, evaluations=1).eval()
    for batch in corpus.batches(8, random.Random(1)):
        looked = model.aligned(batch.tokens, batch.prefix)[1].argmax(-1)
        wanted = batch.letters.gather(-1, looked[..., None])[..., 0]
        is_aligned = batch.letters.sum(-1) > 0
        assert (wanted[is_aligned] > 0).all()


def test_decoding_step_by_step_is_decoding(alphabet: Alphabet, model: Llama) -> None:
    # Goal: the KV cache changes nothing. Method: the same with a whole pass for every phoneme.
    letters = torch.arange(6)[None] + alphabet.separator + 1
    tokens = torch.cat([letters, torch.tensor([[alphabet.separator]])], 1)
    expected: list[int] = []
    for _ in range(12):
        best = int(model(tokens, 6)[0, -1].argmax())
        if best == 0:
            break
        expected.append(best)
        tokens = torch.cat([tokens, torch.tensor([[best]])], 1)
    assert model.decode(letters, alphabet.separator, 12) == [expected]


@pytest.mark.parametrize("language", ["en-us", "ko"])
def test_wordfreq_has_the_languages(language: str) -> None:
    pytest.importorskip("wordfreq")
    zipf = train.zipf_frequencies(language)
    assert zipf[{"en-us": "the", "ko": "사람"}[language]] > 5
