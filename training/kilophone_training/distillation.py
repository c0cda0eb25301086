"""Labels by an ensemble of teachers: what a student learns from beside the word lists.

The candidates of a form of a listed word are what the list says of it (``inflections.py``), those
of another word of no list what the teachers say; a joint n-gram (``joint.py``) is one of them.
These are as probable among each other as the mean of the teachers' log-probabilities makes them.
The label is the most probable one, its soft labels are the probabilities of the next phoneme by the
candidates that begin as it does, so that teachers of both directions have their say. A listed
pronunciation gets the means of what the networks of the student's direction give the next phoneme
along it (Hinton et al. 2015; for G2P Sun et al. 2019, "Token-Level Ensemble Distillation for
Grapheme-to-Phoneme Conversion"). Both are cut to the ``TOP`` largest of a step.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tqdm import tqdm

from . import native
from .alphabets import EOS, Alphabet
from .corpus import TOP, Example, PackedCorpus
from .model import Llama

Tokens = tuple[int, ...]


@dataclass(frozen=True)
class Teacher:
    """An engine with a trained model's parameters; ``backward``: it was trained on reversed words
    and pronunciations."""

    engine: native.Engine
    backward: bool = False

    @classmethod
    def of(cls, model: Llama, backward: bool = False, threads: int = 2) -> Teacher:
        """The teacher that a model is."""
        engine = native.Engine(model.dims, threads)
        engine.load(native.flatten(model))
        return cls(engine, backward)

    def order(self, tokens: Tokens) -> Tokens:
        """Tokens in the teacher's direction, or back."""
        return tokens[::-1] if self.backward else tokens


@dataclass
class Labels:
    """Pronunciations of words with soft labels of every step, the end token's included."""

    words: list[Tokens]
    phonemes: list[Tokens]
    tokens: list[NDArray[np.uint8]]
    """For each word ``(steps, TOP)``: the likeliest tokens."""
    probabilities: list[NDArray[np.float16]]
    """Their probabilities; each step's sum to 1."""
    weights: list[float]
    """How often a word of no list is worth drawing an epoch, at most 1."""

    def save(self, path: Path) -> None:
        """Writes a safetensors file."""
        save_file(
            {
                "word_lengths": np.array([len(w) for w in self.words], np.uint8),
                "phoneme_lengths": np.array([len(p) for p in self.phonemes], np.uint8),
                "words": np.array([t for w in self.words for t in w], np.uint8),
                "phonemes": np.array([t for p in self.phonemes for t in p], np.uint8),
                "tokens": np.concatenate(self.tokens),
                "probabilities": np.concatenate(self.probabilities),
                "weights": np.array(self.weights, np.float32),
            },
            path,
        )

    @classmethod
    def load(cls, path: Path) -> Labels:
        """Reads what :meth:`save` wrote."""
        saved = load_file(path)
        words = np.split(saved["words"], np.cumsum(saved["word_lengths"], dtype=np.int64)[:-1])
        lengths = saved["phoneme_lengths"].astype(np.int64)
        phonemes = np.split(saved["phonemes"], np.cumsum(lengths)[:-1])
        steps = np.cumsum(lengths + 1)[:-1]
        return cls(
            [tuple(w.tolist()) for w in words],
            [tuple(p.tolist()) for p in phonemes],
            np.split(saved["tokens"], steps),
            np.split(saved["probabilities"], steps),
            saved["weights"].tolist(),
        )


def say(teacher: Teacher, alphabet: Alphabet, words: Sequence[Tokens]) -> list[Tokens]:
    """What a teacher says of words, greedily."""
    said = teacher.engine.say([teacher.order(w) for w in words], alphabet.separator)
    return [teacher.order(row) for row in said]


def probabilities(
    teacher: Teacher, alphabet: Alphabet, pairs: Sequence[tuple[Tokens, Tokens]], size: int = 4096
) -> Iterator[tuple[range, NDArray[np.float32], NDArray[np.int64], NDArray[np.float64]]]:
    """Batches of pairs: their indices; the probabilities ``(steps, outputs)`` of each next phoneme
    along the given ones, pair after pair, and where each pair's begin; the log-probabilities
    ``(pairs,)`` of the whole."""
    packed = PackedCorpus(
        [Example(list(teacher.order(w)), list(teacher.order(p))) for w, p in pairs],
        alphabet.separator,
    )
    for first in tqdm(range(0, len(pairs), size), desc="scores", mininterval=10):
        part = range(first, min(first + size, len(pairs)))
        soft = teacher.engine.probabilities(packed, np.array(part, np.int32))
        answers = np.array([t for i in part for t in (*teacher.order(pairs[i][1]), EOS)])
        starts = np.cumsum([0, *(len(pairs[i][1]) + 1 for i in part)])[:-1]
        taken = np.log(np.maximum(soft[np.arange(len(answers)), answers], 1e-30))
        yield part, soft, starts, np.add.reduceat(taken.astype(np.float64), starts)


INFLECTED_WEIGHT = 0.3
"""How often to draw a form of a listed word."""

UNPROPOSED = -2.0
"""Log-probability by the n-gram of a candidate that it does not propose, below its last one's."""


def label(
    teachers: Sequence[Teacher],
    alphabet: Alphabet,
    words: Sequence[Tokens],
    given: Sequence[Tokens | None],
    proposals: Mapping[Tokens, Mapping[Tokens, float]] | None = None,
    inflected: Mapping[Tokens, Mapping[Tokens, float]] | None = None,
    backward: bool = False,
) -> Labels:
    """The ensemble's labels of ``words``: along the ``given`` phonemes of a word, or, where there
    are none, along the ensemble's answer. ``proposals``: the n-gram's candidates of words with
    their log-probabilities, ``inflected`` those of words that need no ensemble. Words and phonemes
    of ``backward`` labels are reversed: they are for a student of that direction. ``ValueError``
    without a network of that direction."""
    same = [t for t in teachers if t.backward == backward]
    if not same:
        raise ValueError("no teacher has the direction of the labels")
    proposals, inflected = proposals or {}, inflected or {}
    unlisted = [w for w, p in zip(words, given, strict=True) if p is None and w not in inflected]
    candidates = [
        *zip(unlisted, weighed(teachers, alphabet, unlisted, proposals), strict=True),
        *inflected.items(),
    ]
    turn = -1 if backward else 1
    labels = Labels([], [], [], [], [])

    def add(word: Tokens, phonemes: Tokens, steps: NDArray[np.floating], weight: float) -> None:
        top = np.argsort(-steps, axis=-1, kind="stable")[:, :TOP]
        share = np.take_along_axis(steps, top, -1)
        share /= share.sum(-1, keepdims=True)
        labels.words.append(word[::turn])
        labels.phonemes.append(phonemes[::turn])
        labels.tokens.append(top.astype(np.uint8))
        labels.probabilities.append(share.astype(np.float16))
        labels.weights.append(weight)

    listed = [(w, p) for w, p in zip(words, given, strict=True) if p is not None]
    for parts in zip(*(probabilities(t, alphabet, listed) for t in same), strict=True):
        part, _, starts, _ = parts[0]
        steps = np.split(np.mean([soft for _, soft, _, _ in parts], axis=0), starts[1:])
        for (word, phonemes), own in zip(listed[part.start : part.stop], steps, strict=True):
            add(word, phonemes, own, 1.0)
    for word, found in candidates:
        if found:
            phonemes = best(found)
            own = np.zeros((len(phonemes) + 1, alphabet.outputs))
            turned = {c[::turn]: log for c, log in found.items()}
            for step, following in enumerate(next_phonemes(phonemes[::turn], turned)):
                own[step, list(following)] = list(following.values())
            is_form = word in inflected
            weight = INFLECTED_WEIGHT if is_form else resemblance(word, proposals.get(word, {}))
            add(word, phonemes, own, weight)
    return labels


def resemblance(word: Tokens, proposed: Mapping[Tokens, float]) -> float:
    """How often to draw a word by the n-gram's log-probability of it with its likeliest
    pronunciation: words of foreign spelling, abbreviations and mistakes are many, and a small
    student has no room for them. At most 1; about the ratio of the densities, among listed words
    that the n-gram has not seen and among unlisted ones, of the nats of a letter."""
    if not proposed:
        return 1.0
    nats = -max(proposed.values()) / (len(word) + 1)
    return min(1.0, math.exp(1.4 * (2.0 - nats)))


def weighed(
    teachers: Sequence[Teacher],
    alphabet: Alphabet,
    words: Sequence[Tokens],
    proposals: Mapping[Tokens, Mapping[Tokens, float]],
) -> list[dict[Tokens, float]]:
    """The candidates of each word, with the means of the teachers' log-probabilities; the n-gram
    that made the ``proposals`` is one of the teachers."""
    said = [say(teacher, alphabet, words) for teacher in teachers]
    votes = len(teachers) + bool(proposals)
    candidates: list[dict[Tokens, float]] = []
    for row, word in enumerate(words):
        proposed = proposals.get(word, {})
        least = min(proposed.values(), default=0.0) + UNPROPOSED
        found = sorted({*proposed, *(answers[row] for answers in said)} - {()})
        candidates.append({c: proposed.get(c, least) / votes for c in found})
    pairs = [(i, c) for i, found in enumerate(candidates) if len(found) > 1 for c in found]
    coded = [(words[i], candidate) for i, candidate in pairs]
    for teacher in teachers:
        for part, _, _, logs in probabilities(teacher, alphabet, coded):
            for (i, candidate), log in zip(pairs[part.start : part.stop], logs, strict=True):
                candidates[i][candidate] += float(log) / votes
    return candidates


def best(candidates: Mapping[Tokens, float]) -> Tokens:
    """The most probable candidate."""
    return max(candidates, key=candidates.__getitem__)


def next_phonemes(chosen: Tokens, candidates: Mapping[Tokens, float]) -> Iterator[dict[int, float]]:
    """The probabilities of the next token at each step of ``chosen``, by the candidates (with
    their log-probabilities) that begin as it does."""
    largest = max(candidates.values())
    left = {(*c, EOS): math.exp(log - largest) for c, log in candidates.items()}
    for step, token in enumerate((*chosen, EOS)):
        total = sum(left.values())
        following: dict[int, float] = defaultdict(float)
        for candidate, share in left.items():
            following[candidate[step]] += share / total
        yield following
        left = {c: share for c, share in left.items() if c[step] == token}
