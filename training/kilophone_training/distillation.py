"""Labels by an ensemble of teachers: what a student learns from beside the word lists.

A word's candidates are what the teachers say of it. The ensemble's answer is the candidate with
the largest mean of the teachers' log-probabilities; its soft labels are the means of the
probabilities of the next phoneme at each step, cut to the ``TOP`` largest (Hinton et al. 2015; for
G2P Sun et al. 2019, "Token-Level Ensemble Distillation for Grapheme-to-Phoneme Conversion").
Teachers that read and speak backwards take part in the choice alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tqdm import tqdm

from .alphabets import EOS, Alphabet
from .model import Llama

TOP = 8
"""Soft labels that are kept of a step."""

Tokens = tuple[int, ...]


@dataclass(frozen=True)
class Teacher:
    """A trained model; ``backward``: it was trained on reversed words and pronunciations."""

    model: Llama
    backward: bool = False

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


def by_length(words: Sequence[Tokens], size: int) -> Iterable[list[int]]:
    """Indices of words in batches of equally long ones."""
    buckets: dict[int, list[int]] = defaultdict(list)
    for index, word in enumerate(words):
        buckets[len(word)].append(index)
    for bucket in buckets.values():
        for start in range(0, len(bucket), size):
            yield bucket[start : start + size]


@torch.no_grad()
def say(teacher: Teacher, alphabet: Alphabet, words: Sequence[Tokens]) -> list[Tokens]:
    """What a teacher says of words, greedily."""
    said: list[Tokens] = [()] * len(words)
    for part in tqdm(list(by_length(words, 1024)), desc="candidates"):
        letters = torch.tensor([teacher.order(words[i]) for i in part])
        limit = 2 * letters.shape[1] + 8
        rows = teacher.model.decode(letters, alphabet.separator, limit)
        for i, row in zip(part, rows, strict=True):
            said[i] = teacher.order(tuple(row))
    return said


@torch.no_grad()
def probabilities(
    teacher: Teacher, alphabet: Alphabet, pairs: Sequence[tuple[Tokens, Tokens]]
) -> Iterable[tuple[list[int], torch.Tensor, torch.Tensor]]:
    """Batches of pairs: their indices, the probabilities ``(words, steps, outputs)`` of each next
    phoneme along the given ones, and the log-probabilities ``(words,)`` of the whole."""
    for part in tqdm(list(by_length([w for w, _ in pairs], 512)), desc="scores"):
        prefix = len(pairs[part[0]][0])
        steps = 1 + max(len(pairs[i][1]) for i in part)
        tokens = torch.full((len(part), prefix + steps), EOS)
        answers = torch.full((len(part), steps), -1)
        for row, i in enumerate(part):
            word, phonemes = (teacher.order(t) for t in pairs[i])
            line = torch.tensor([*word, alphabet.separator, *phonemes])
            tokens[row, : len(line)] = line
            answers[row, : len(phonemes) + 1] = torch.tensor([*phonemes, EOS])
        logs = F.log_softmax(teacher.model(tokens, prefix), -1)
        taken = logs.gather(-1, answers.clamp_min(0)[..., None])[..., 0]
        yield part, logs.exp(), taken.masked_fill(answers < 0, 0).sum(-1)


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
        for part, _, logs in probabilities(teacher, alphabet, coded):
            scores[part] += logs.numpy()
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
    sums: list[NDArray[np.float16] | None] = [None] * len(coded)
    for teacher in forward:
        for part, soft, _ in probabilities(teacher, alphabet, coded):
            for row, i in enumerate(part):
                mine = soft[row, : len(coded[i][1]) + 1].numpy().astype(np.float16)
                before = sums[i]
                sums[i] = mine if before is None else before + mine
    tokens, shares = [], []
    for total in sums:
        assert total is not None
        top = np.argsort(-total, axis=-1, kind="stable")[:, :TOP].astype(np.uint8)
        share = np.take_along_axis(total, top, -1).astype(np.float32)
        tokens.append(top)
        shares.append((share / share.sum(-1, keepdims=True)).astype(np.float16))
    return Labels([w for w, _ in coded], [p for _, p in coded], tokens, shares)
