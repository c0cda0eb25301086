"""Labels by an ensemble of teachers: what a student learns from beside the word lists.

A word's candidates are what the teachers say of it. The ensemble's answer is the candidate with
the largest mean of the teachers' log-probabilities; its soft labels are the means of the
probabilities of the next phoneme at each step, cut to the ``TOP`` largest (Hinton et al. 2015; for
G2P Sun et al. 2019, "Token-Level Ensemble Distillation for Grapheme-to-Phoneme Conversion").
Teachers that read and speak backwards take part in the choice alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def label(
    teachers: Sequence[Teacher],
    alphabet: Alphabet,
    words: Sequence[Tokens],
    given: Sequence[Tokens | None],
) -> Labels:
    """The ensemble's labels of ``words``: along the ``given`` phonemes of a word, or, where there
    are none, along the ensemble's answer."""
    unknown = [i for i, phonemes in enumerate(given) if phonemes is None]
    unlabelled = [words[i] for i in unknown]
    said = [say(teacher, alphabet, unlabelled) for teacher in teachers]
    candidates = {
        i: sorted({answers[row] for answers in said} - {()}) for row, i in enumerate(unknown)
    }
    best = {i: (0.0, found[0]) for i, found in candidates.items() if len(found) == 1}
    pairs = [(i, c) for i, found in candidates.items() if len(found) > 1 for c in found]
    scores = np.zeros(len(pairs))
    for teacher in teachers:
        coded = [(words[i], candidate) for i, candidate in pairs]
        for part, _, _, logs in probabilities(teacher, alphabet, coded):
            scores[part.start : part.stop] += logs
    for (i, candidate), score in zip(pairs, scores, strict=True):
        if i not in best or score > best[i][0]:
            best[i] = (score, candidate)
    chosen = [
        (i, phonemes if phonemes is not None else best[i][1])
        for i, phonemes in enumerate(given)
        if phonemes is not None or i in best
    ]
    coded = [(words[i], phonemes) for i, phonemes in chosen]
    forward = [t for t in teachers if not t.backward]
    tokens: list[NDArray[np.uint8]] = []
    shares: list[NDArray[np.float16]] = []
    for parts in zip(*(probabilities(t, alphabet, coded) for t in forward), strict=True):
        total = sum(soft for _, soft, _, _ in parts)
        assert isinstance(total, np.ndarray)
        top = np.argsort(-total, axis=-1, kind="stable")[:, :TOP].astype(np.uint8)
        share = np.take_along_axis(total, top, -1)
        share /= share.sum(-1, keepdims=True)
        starts = parts[0][2][1:]
        tokens += np.split(top, starts)
        shares += np.split(share.astype(np.float16), starts)
    return Labels([w for w, _ in coded], [p for _, p in coded], tokens, shares)
