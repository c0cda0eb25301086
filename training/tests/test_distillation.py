"""Labels by an ensemble."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import tiny

from kilophone_training import distillation, train
from kilophone_training.alphabets import ENGLISH
from kilophone_training.corpus import TOP, Corpus
from kilophone_training.distillation import Labels, Teacher, Tokens
from kilophone_training.model import Llama

WORDS = [tuple(ENGLISH.encode_word(w)) for w in ("cat", "act", "dogs", "a")]


def model(seed: int) -> Llama:
    torch.manual_seed(seed)
    made = Llama(tiny("en-us").dimensions())
    with torch.no_grad():
        made.embedding.mul_(4)
    return made.eval()


def teacher(seed: int, backward: bool = False) -> Teacher:
    return Teacher.of(model(seed), backward, threads=1)


def total(one: Llama, is_backward: bool, word: Tokens, phonemes: Tokens) -> float:
    """The log-probability of a whole, by PyTorch."""
    turn = -1 if is_backward else 1
    letters, said = word[::turn], phonemes[::turn]
    with torch.no_grad():
        logs = one(torch.tensor([[*letters, ENGLISH.separator, *said]]), len(word))[0]
    logs = logs.log_softmax(-1)
    return sum(float(logs[step, token]) for step, token in enumerate([*said, 0]))


def test_the_choice_is_the_most_probable_candidate_of_all() -> None:
    kinds = [(1, False), (2, False), (3, True)]
    teachers = [teacher(*kind) for kind in kinds]
    labels = distillation.label(teachers, ENGLISH, WORDS, [None] * len(WORDS))
    for word, chosen in zip(labels.words, labels.phonemes, strict=True):
        candidates = {distillation.say(t, ENGLISH, [word])[0] for t in teachers} - {()}
        scores = {c: sum(total(model(s), b, word, c) for s, b in kinds) for c in candidates}
        assert scores[chosen] == pytest.approx(max(scores.values()), abs=0.1)


def test_soft_labels_are_means_along_the_given_phonemes() -> None:
    teachers = [teacher(1), teacher(2)]
    phonemes = tuple(ENGLISH.encode_phonemes(("K", "AE1", "T")))
    labels = distillation.label(teachers, ENGLISH, WORDS[:1], [phonemes])
    assert labels.phonemes == [phonemes]
    sequence = torch.tensor([[*WORDS[0], ENGLISH.separator, *phonemes]])
    with torch.no_grad():
        mean = sum(model(seed)(sequence, 3)[0].softmax(-1) for seed in (1, 2)) / 2
    for step in range(4):
        tokens = labels.tokens[0][step].tolist()
        least = mean[step].topk(TOP).values[-1]
        assert (mean[step][tokens] >= least * 0.95).all()  # the engine's products are bfloat16
        wanted = mean[step][tokens] / mean[step][tokens].sum()
        for share, value in zip(labels.probabilities[0][step], wanted, strict=True):
            assert share == pytest.approx(float(value), rel=0.05, abs=2e-3)


def test_candidates_give_the_probabilities_of_next_phonemes() -> None:
    # Method: three candidates of 1/2, 1/3 and 1/6; sums over those that begin as the chosen one.
    candidates = {(1, 2): 3.0, (1,): 2.0, (4, 2): 1.0}
    logs = {c: math.log(share / 7) for c, share in candidates.items()}
    steps = list(distillation.next_phonemes((1, 2), logs))
    assert steps[0] == pytest.approx({1: 5 / 6, 4: 1 / 6})
    assert steps[1] == pytest.approx({2: 3 / 5, 0: 2 / 5})
    assert steps[2] == pytest.approx({0: 1})


def test_soft_labels_of_unlisted_words_are_the_candidates() -> None:
    # Method: PyTorch's log-probabilities of the candidates, the n-gram's own and less than its
    # least one where it does not propose one; the first step's shares by hand.
    kinds = [(1, False), (2, False), (3, True)]
    teachers = [teacher(*kind) for kind in kinds]
    word = WORDS[0]
    answers = {distillation.say(t, ENGLISH, [word])[0] for t in teachers} - {()}
    proposed = {min(answers): -1.0, (5, 6): -2.0}
    labels = distillation.label(teachers, ENGLISH, [word], [None], {word: proposed})
    scores = {
        c: (sum(total(model(s), b, word, c) for s, b in kinds) + proposed.get(c, -4.0)) / 4
        for c in answers | set(proposed)
    }
    assert scores[labels.phonemes[0]] == pytest.approx(max(scores.values()), abs=0.1)
    weights = {c: math.exp(score - max(scores.values())) for c, score in scores.items()}
    first = dict(zip(labels.tokens[0][0], labels.probabilities[0][0], strict=True))
    for token in {c[0] for c in weights}:
        wanted = sum(x for c, x in weights.items() if c[0] == token) / sum(weights.values())
        assert first[token] == pytest.approx(wanted, abs=0.1)


def test_words_like_the_listed_ones_are_drawn_more() -> None:
    # Goal: foreign spellings and abbreviations take little of a student's room. Method: the weight
    # at 2 nats a token is 1, falls by e with 1 / 1.4 nats more, and a corpus takes it.
    word = (1, 2, 3)
    assert distillation.resemblance(word, {(5,): -8.0, (6,): -99.0}) == pytest.approx(1)
    assert distillation.resemblance(word, {(5,): -4.0}) == 1
    assert distillation.resemblance(word, {(5,): -4 * (2 + 1 / 1.4)}) == pytest.approx(math.exp(-1))
    assert distillation.resemblance(word, {}) == 1
    proposals = {WORDS[0]: {(5,): -16.0}}
    labels = distillation.label([teacher(1)], ENGLISH, WORDS[:2], [None, None], proposals)
    corpus = Corpus(ENGLISH, [])
    corpus.teach(labels, 0.5)
    assert [e.weight for e in corpus.examples] == pytest.approx([math.exp(-2.8) / 2, 0.5])


def test_forms_of_listed_words_need_no_ensemble() -> None:
    """Given candidates are the labels, whatever a teacher says; other words are the teacher's."""
    inflected = {WORDS[0]: {(5, 6): math.log(0.75), (5, 7): math.log(0.25)}}
    labels = distillation.label([teacher(1)], ENGLISH, WORDS[:2], [None, None], {}, inflected)
    assert labels.words == [WORDS[1], WORDS[0]]
    assert labels.phonemes[1] == (5, 6)
    assert labels.weights[1] < labels.weights[0]
    second = dict(zip(labels.tokens[1][1], labels.probabilities[1][1], strict=True))
    assert (second[6], second[7]) == (0.75, 0.25)
    alone = distillation.label([teacher(1)], ENGLISH, WORDS[1:2], [None])
    assert labels.phonemes[0] == alone.phonemes[0]


def test_labels_of_the_other_direction_are_a_mirror() -> None:
    # Goal: a student that reads backwards gets what one that reads forwards gets. Method: words
    # and teachers reversed, and the labels' direction too, is the same task.
    kinds = [(1, False), (2, True), (3, False)]
    labels = distillation.label([teacher(*k) for k in kinds], ENGLISH, WORDS, [None] * len(WORDS))
    turned = distillation.label(
        [teacher(seed, not backward) for seed, backward in kinds],
        ENGLISH,
        [w[::-1] for w in WORDS],
        [None] * len(WORDS),
        backward=True,
    )
    assert (turned.words, turned.phonemes) == (labels.words, labels.phonemes)
    for one, other in zip(labels.probabilities, turned.probabilities, strict=True):
        assert np.array_equal(one, other)
    with pytest.raises(ValueError, match="direction"):
        distillation.label([teacher(1)], ENGLISH, [], [], backward=True)


def test_labels_come_back_from_a_file(tmp_path: Path) -> None:
    labels = distillation.label([teacher(1)], ENGLISH, WORDS, [None] * len(WORDS))
    labels.save(tmp_path / "labels.safetensors")
    read = Labels.load(tmp_path / "labels.safetensors")
    assert (read.words, read.phonemes) == (labels.words, labels.phonemes)
    for mine, its in zip(labels.tokens, read.tokens, strict=True):
        assert np.array_equal(mine, its)
    for one, other in zip(labels.probabilities, read.probabilities, strict=True):
        assert np.array_equal(one, other)


def test_labels_may_come_in_parts() -> None:
    # Goal: a second file of labels takes nothing away. Method: parts, of a listed and of unlisted
    # words, against the whole.
    given = [tuple(ENGLISH.encode_phonemes(("AH0",))), *[None] * (len(WORDS) - 1)]
    whole, *parts = (
        distillation.label([teacher(5)], ENGLISH, WORDS[some], given[some])
        for some in (slice(None), slice(2), slice(2, None))
    )
    listed = [("cat", ("AH0",))]
    once, twice = Corpus(ENGLISH, listed), Corpus(ENGLISH, listed)
    once.teach(whole)
    for part in parts:
        twice.teach(part)
    assert len(once.examples) == len(WORDS)
    for one, other in zip(once.examples, twice.examples, strict=True):
        assert one.soft is not None and other.soft is not None
        assert (one.graphemes, one.phonemes) == (other.graphemes, other.phonemes)
        assert np.array_equal(one.soft[0], other.soft[0])


def test_a_student_learns_what_its_teachers_say(tmp_path: Path) -> None:
    # Method: words of no list, whose labels are all that there is.
    labels = distillation.label([teacher(5)], ENGLISH, WORDS[:3], [None] * 3)
    corpus = Corpus(ENGLISH, [("a", ("AH0",))])
    corpus.teach(labels)
    assert [e.is_listed for e in corpus.examples] == [True, False, False, False]
    recipe = replace(
        tiny("en-us"), epochs=150, rate=1e-2, dropout=0.0, label_smoothing=0.0, average_steps=10,
        weight_decay=0.0,
    )  # fmt: skip
    model = train.train(recipe, corpus, {"a": [("AH0",)]}, tmp_path, evaluations=1).eval()
    learned = 0
    for word, phonemes, soft, shares in zip(
        labels.words, labels.phonemes, labels.tokens, labels.probabilities, strict=True
    ):
        with torch.no_grad():
            sequence = torch.tensor([[*word, ENGLISH.separator, *phonemes]])
            said = model(sequence, len(word))[0].softmax(-1)
        for step in range(len(phonemes) + 1):
            wanted = dict(zip(soft[step].tolist(), shares[step].tolist(), strict=True))
            best = max(wanted, key=wanted.__getitem__)
            if wanted[best] > 0.55:  # an answer cut at the limit is a tie with what goes on
                assert int(said[step].argmax()) == best
                learned += 1
    assert learned > 10
