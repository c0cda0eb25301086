"""What models learn from: words with pronunciations, as tokens, with what is known of them."""

from __future__ import annotations

import ctypes
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from . import alignment
from .alphabets import EOS, Alphabet

if TYPE_CHECKING:
    from .distillation import Labels

TOP = 8
"""Soft labels that are kept of a step."""

Pair = tuple[str, tuple[str, ...]]
IGNORED = -100


@dataclass(frozen=True)
class Example:
    """A word and a pronunciation, as tokens, and what is known of them."""

    graphemes: list[int]
    phonemes: list[int]
    weight: float = 1.0
    """Expected draws an epoch."""
    spans: alignment.Spans | None = None
    """The letters of each phoneme."""
    soft: tuple[NDArray[np.uint8], NDArray[np.float16]] | None = None
    """Teachers' tokens and probabilities, ``(phonemes + 1, TOP)`` each."""
    is_listed: bool = True
    """Whether the pronunciation is a word list's; otherwise it is the teachers' own."""


@dataclass
class Batch:
    """Words with the same number of graphemes, ``prefix``."""

    indices: Sequence[int]
    """The examples' numbers in the corpus."""
    prefix: int
    tokens: Tensor
    """``(words, length)``: graphemes, ``<sep>``, phonemes, filled with ``<eos>``."""
    answers: Tensor
    """``(words, length - prefix)``: phonemes and ``<eos>``, filled with ``IGNORED``."""
    letters: Tensor
    """``(words, length - prefix, prefix)``: the attention wanted at each step, zeros for none."""
    soft_tokens: Tensor
    """``(words, length - prefix, TOP)``: teachers' likeliest tokens."""
    soft_shares: Tensor
    """Their probabilities, zeros for none."""
    listed: Tensor
    """``(words,)``: whether the pronunciation is a word list's."""


class Corpus:
    """Examples, drawn in batches."""

    def __init__(
        self, alphabet: Alphabet, pairs: Sequence[Pair], weights: Sequence[float] | None = None
    ) -> None:
        self.alphabet = alphabet
        self.examples = [
            Example(alphabet.encode_word(word), alphabet.encode_phonemes(phonemes), weight)
            for (word, phonemes), weight in zip(pairs, weights or [1.0] * len(pairs), strict=True)
        ]

    def align(self, aligner: alignment.Aligner | None = None) -> alignment.Aligner:
        """Gives every example its spans, by an aligner estimated on the examples themselves when
        none is given; returns it."""
        pairs = [(e.graphemes, e.phonemes) for e in self.examples]
        aligner = aligner or alignment.fit(self.alphabet, pairs)
        spans = alignment.align(aligner, self.alphabet, pairs)
        self.examples = [
            replace(example, spans=found)
            for example, found in zip(self.examples, spans, strict=True)
        ]
        return aligner

    def teach(self, labels: Labels, unlisted_weight: float = 1.0) -> None:
        """Gives the examples that ``labels`` has their soft labels, and adds its other words, each
        drawn ``unlisted_weight`` times its own weight an epoch. What they do not have stays as it
        is."""
        rows = {pair: i for i, pair in enumerate(zip(labels.words, labels.phonemes, strict=True))}
        soft = list(zip(labels.tokens, labels.probabilities, strict=True))
        for i, e in enumerate(self.examples):
            row = rows.pop((tuple(e.graphemes), tuple(e.phonemes)), None)
            if row is not None:
                self.examples[i] = replace(e, soft=soft[row])
        known = {tuple(e.graphemes) for e in self.examples}
        self.examples += [
            Example(
                list(word), list(phonemes), unlisted_weight * labels.weights[row], None, soft[row],
                is_listed=False,
            )
            for (word, phonemes), row in rows.items()
            if word not in known
        ]  # fmt: skip

    def draw(
        self, rng: np.random.Generator, shares: NDArray[np.float64] | None = None
    ) -> NDArray[np.int32]:
        """One epoch: the number of every example its weight's times (fractions by chance), less
        often by its share in ``shares``, in random order."""
        weights = np.array([e.weight for e in self.examples])
        if shares is not None:
            weights *= shares
        times = (weights + rng.random(len(weights))).astype(np.int64)
        drawn = np.repeat(np.arange(len(weights), dtype=np.int32), times)
        rng.shuffle(drawn)
        return drawn

    def batches(self, size: int, rng: random.Random) -> Iterator[Batch]:
        """Every example once, in batches of words of one length."""
        buckets: dict[int, list[tuple[float, int]]] = defaultdict(list)
        for index, example in enumerate(self.examples):
            key = len(example.phonemes) + rng.random()
            buckets[len(example.graphemes)].append((key, index))
        chunks = []
        for bucket in buckets.values():
            bucket.sort()
            start = rng.randrange(size)
            ends = [0, *range(start, len(bucket), size), len(bucket)]
            chunks += [[i for _, i in bucket[a:b]] for a, b in pairwise(ends) if b > a]
        rng.shuffle(chunks)
        return (self.batch(chunk) for chunk in chunks)

    def batch(self, indices: Sequence[int]) -> Batch:
        """The examples of these numbers, all with as many graphemes, as tensors."""
        examples = [self.examples[i] for i in indices]
        prefix = len(examples[0].graphemes)
        steps = 1 + max(len(e.phonemes) for e in examples)
        tokens = np.full((len(examples), prefix + steps), EOS)
        answers = np.full((len(examples), steps), IGNORED)
        letters = np.zeros((len(examples), steps, prefix), np.float32)
        top = max((e.soft[0].shape[1] for e in examples if e.soft), default=0)
        soft_tokens = np.zeros((len(examples), steps, top), np.int64)
        soft_shares = np.zeros((len(examples), steps, top), np.float32)
        for row, example in enumerate(examples):
            count = len(example.phonemes)
            tokens[row, :prefix] = example.graphemes
            tokens[row, prefix] = self.alphabet.separator
            tokens[row, prefix + 1 : prefix + 1 + count] = answers[row, :count] = example.phonemes
            answers[row, count] = EOS
            for step, (first, end) in enumerate(example.spans or ()):
                letters[row, step, first:end] = 1 / (end - first)
            if example.soft:
                soft_tokens[row, : count + 1], soft_shares[row, : count + 1] = example.soft
        return Batch(
            indices,
            prefix,
            torch.from_numpy(tokens),
            torch.from_numpy(answers),
            torch.from_numpy(letters),
            torch.from_numpy(soft_tokens),
            torch.from_numpy(soft_shares),
            torch.tensor([e.is_listed for e in examples]),
        )


class _Corpus(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_void_p)
        for name in (
            "starts", "tokens", "prefixes", "spans",
            "soft_starts", "soft_tokens", "soft_shares", "listed",
        )
    ]  # fmt: skip


class PackedCorpus:
    """Examples as flat arrays, which the engine reads by index."""

    def __init__(self, examples: Sequence[Example], separator: int) -> None:
        sequences = [[*e.graphemes, separator, *e.phonemes] for e in examples]
        self.starts = np.cumsum([0, *map(len, sequences)], dtype=np.int32)
        self.tokens = np.array([t for s in sequences for t in s], np.uint8)
        self.prefixes = np.array([len(e.graphemes) for e in examples], np.int32)
        self.spans = np.full((len(self.tokens), 2), -1, np.int8)
        self.soft_starts = np.full(len(examples), -1, np.int32)
        tokens: list[NDArray[np.uint8]] = []
        shares: list[NDArray[np.float16]] = []
        steps = 0
        for index, example in enumerate(examples):
            if example.spans:
                first = self.starts[index] + len(example.graphemes)
                self.spans[first : first + len(example.spans)] = example.spans
            if example.soft:
                self.soft_starts[index] = steps
                tokens.append(example.soft[0])
                shares.append(example.soft[1])
                steps += len(example.soft[0])
        self.soft_tokens = np.concatenate(tokens) if tokens else np.zeros((0, TOP), np.uint8)
        self.soft_shares = (
            np.concatenate(shares).astype(np.float32) if shares else np.zeros((0, TOP), np.float32)
        )
        self.listed = np.array([e.is_listed for e in examples], np.uint8)
        self.struct = _Corpus(
            *(
                array.ctypes.data
                for array in (
                    self.starts, self.tokens, self.prefixes, self.spans,
                    self.soft_starts, self.soft_tokens, self.soft_shares, self.listed,
                )
            )
        )  # fmt: skip
