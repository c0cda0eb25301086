"""Labels by an ensemble."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import tiny

from kilophone_training import distillation, train
from kilophone_training.alphabets import ENGLISH
from kilophone_training.distillation import Labels, Teacher
from kilophone_training.model import Llama

WORDS = [tuple(ENGLISH.encode_word(w)) for w in ("cat", "act", "dogs", "a")]


def teacher(seed: int, backward: bool = False) -> Teacher:
    torch.manual_seed(seed)
    model = Llama(tiny("en-us").dimensions())
    with torch.no_grad():
        model.embedding.mul_(4)
    return Teacher(model.eval(), backward)


def total(one: Teacher, word: tuple[int, ...], phonemes: tuple[int, ...]) -> float:
    """The log-probability of a whole, one step after the other."""
    letters, answers = one.order(word), [*one.order(phonemes), 0]
    sequence = [*letters, ENGLISH.separator, *one.order(phonemes)]
    with torch.no_grad():
        logs = one.model(torch.tensor([sequence]), len(word))[0].log_softmax(-1)
    return sum(float(logs[step, token]) for step, token in enumerate(answers))


def test_the_choice_is_the_most_probable_candidate_of_all() -> None:
    teachers = [teacher(1), teacher(2), teacher(3, backward=True)]
    labels = distillation.label(teachers, ENGLISH, WORDS, [None] * len(WORDS))
    for word, chosen in zip(labels.words, labels.phonemes, strict=True):
        candidates = {distillation.say(t, ENGLISH, [word])[0] for t in teachers} - {()}
        scores = {c: sum(total(t, word, c) for t in teachers) for c in candidates}
        assert scores[chosen] == pytest.approx(max(scores.values()), abs=1e-3)


def test_soft_labels_are_means_along_the_given_phonemes() -> None:
    teachers = [teacher(1), teacher(2)]
    phonemes = tuple(ENGLISH.encode_phonemes(("K", "AE1", "T")))
    labels = distillation.label(teachers, ENGLISH, WORDS[:1], [phonemes])
    assert labels.phonemes == [phonemes]
    sequence = torch.tensor([[*WORDS[0], ENGLISH.separator, *phonemes]])
    with torch.no_grad():
        mean = sum(t.model(sequence, 3)[0].softmax(-1) for t in teachers) / 2
    for step in range(4):
        top = mean[step].topk(distillation.TOP)
        assert set(labels.tokens[0][step].tolist()) == set(top.indices.tolist())
        shares = dict(zip(labels.tokens[0][step], labels.probabilities[0][step], strict=True))
        for token, value in zip(top.indices, top.values / top.values.sum(), strict=True):
            assert shares[int(token)] == pytest.approx(float(value), abs=2e-3)


def test_labels_come_back_from_a_file(tmp_path: Path) -> None:
    labels = distillation.label([teacher(1)], ENGLISH, WORDS, [None] * len(WORDS))
    labels.save(tmp_path / "labels.safetensors")
    read = Labels.load(tmp_path / "labels.safetensors")
    assert (read.words, read.phonemes) == (labels.words, labels.phonemes)
    for mine, its in zip(labels.tokens, read.tokens, strict=True):
        assert np.array_equal(mine, its)
    for one, other in zip(labels.probabilities, read.probabilities, strict=True):
        assert np.array_equal(one, other)


def test_a_student_learns_what_its_teachers_say(tmp_path: Path) -> None:
    # Method: words of no list, whose labels are all that there is.
    labels = distillation.label([teacher(5)], ENGLISH, WORDS[:3], [None] * 3)
    corpus = train.Corpus(ENGLISH, [("a", ("AH0",))])
    corpus.teach(labels)
    assert [e.is_listed for e in corpus.examples] == [True, False, False, False]
    recipe = replace(
        tiny("en-us"), epochs=150, rate=1e-2, dropout=0.0, label_smoothing=0.0, average_steps=10,
        weight_decay=0.0,
    )  # fmt: skip
    model = train.train(recipe, corpus, {"a": [("AH0",)]}, tmp_path, evaluations=1).eval()
    for word, phonemes, soft, shares in zip(
        labels.words, labels.phonemes, labels.tokens, labels.probabilities, strict=True
    ):
        with torch.no_grad():
            sequence = torch.tensor([[*word, ENGLISH.separator, *phonemes]])
            said = model(sequence, len(word))[0].softmax(-1)
        for step in range(len(phonemes) + 1):
            wanted = dict(zip(soft[step].tolist(), shares[step].tolist(), strict=True))
            best = max(wanted, key=wanted.__getitem__)
            assert int(said[step].argmax()) == best
