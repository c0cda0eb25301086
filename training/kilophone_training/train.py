"""The training loop: a schedule over steps, an averaged copy of the weights, checkpoints.

A run is a folder with ``checkpoint.pt`` (everything that a stopped run needs to go on to the same
result), ``log.tsv`` (dev figures as they came) and, at the end, ``model.safetensors`` with its
``recipe.json``: the averaged float32 weights, from which the exports and later runs start.
"""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor
from tqdm import tqdm

from . import scoring
from .alphabets import ALPHABETS, EOS, Alphabet
from .data import SPLITS, Pronunciations
from .model import Dimensions, Llama

Pair = tuple[str, tuple[str, ...]]
IGNORED = -100


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a run beside its words, and which words they are.

    ``rate`` is AdamW's highest; ``splits`` the lists that were learned from, joined by ``+``;
    ``frequency_weighted`` whether frequent words were drawn more often.
    """

    language: str
    dim: int
    layers: int
    heads: int
    ffn: int
    epochs: float
    batch: int
    rate: float
    warmup_steps: int = 300
    final_rate: float = 0.01
    weight_decay: float = 0.05
    dropout: float = 0.1
    label_smoothing: float = 0.1
    gradient_clip: float = 1.0
    average_steps: int = 2000
    quantized: bool = False
    rope_theta: float = 100.0
    seed: int = 1
    splits: str = "train"
    frequency_weighted: bool = False

    def dimensions(self) -> Dimensions:
        """The shape of the recipe's model."""
        alphabet = ALPHABETS[self.language]
        return Dimensions(
            alphabet.vocabulary, alphabet.outputs, self.dim, self.layers, self.heads, self.ffn,
            self.rope_theta,
        )  # fmt: skip


@dataclass
class Batch:
    """Words with the same number of graphemes, ``prefix``."""

    prefix: int
    tokens: Tensor
    """``(words, length)``: graphemes, ``<sep>``, phonemes, filled with ``<eos>``."""
    answers: Tensor
    """``(words, length - prefix)``: phonemes and ``<eos>``, filled with ``IGNORED``."""


class Corpus:
    """Encoded pairs of word and pronunciation, each with a weight: expected draws an epoch."""

    def __init__(
        self, alphabet: Alphabet, pairs: Sequence[Pair], weights: Sequence[float] | None = None
    ) -> None:
        self.alphabet = alphabet
        self.pairs = [
            (alphabet.encode_word(word), alphabet.encode_phonemes(phonemes))
            for word, phonemes in pairs
        ]
        self.weights = [1.0] * len(pairs) if weights is None else list(weights)

    def batches(self, size: int, rng: random.Random) -> Iterator[Batch]:
        """One epoch: every pair its weight's times (fractions by chance), in bucketed batches."""
        buckets: dict[int, list[tuple[float, int]]] = defaultdict(list)
        for index, ((graphemes, phonemes), weight) in enumerate(
            zip(self.pairs, self.weights, strict=True)
        ):
            for _ in range(int(weight + rng.random())):
                buckets[len(graphemes)].append((len(phonemes) + rng.random(), index))
        chunks = []
        for bucket in buckets.values():
            bucket.sort()
            start = rng.randrange(size)
            ends = [0, *range(start, len(bucket), size), len(bucket)]
            chunks += [[i for _, i in bucket[a:b]] for a, b in pairwise(ends) if b > a]
        rng.shuffle(chunks)
        return (self.batch(chunk) for chunk in chunks)

    def batch(self, indices: Sequence[int]) -> Batch:
        """The pairs of these numbers, all with as many graphemes, as tensors."""
        pairs = [self.pairs[i] for i in indices]
        prefix = len(pairs[0][0])
        longest = max(len(phonemes) for _, phonemes in pairs)
        tokens = torch.full((len(pairs), prefix + 1 + longest), EOS)
        answers = torch.full((len(pairs), longest + 1), IGNORED)
        for row, (graphemes, phonemes) in enumerate(pairs):
            line = torch.tensor([*graphemes, self.alphabet.separator, *phonemes])
            tokens[row, : len(line)] = line
            answers[row, : len(phonemes)] = line[prefix + 1 :]
            answers[row, len(phonemes)] = EOS
        return Batch(prefix, tokens, answers)


def rate_at(recipe: Recipe, step: int, steps: int) -> float:
    """Warm-up, then a cosine from ``rate`` down to ``final_rate`` of it."""
    warm = min(1.0, (step + 1) / recipe.warmup_steps)
    cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
    return recipe.rate * warm * (recipe.final_rate + (1 - recipe.final_rate) * cosine)


FREQUENCY_LANGUAGES = {"en-us": "en", "ko": "ko"}
"""Names that wordfreq gives to the languages."""

_ONCE_ZIPF = 3.0
_GROWTH = 2.5
_DRAWS_MAX = 24.0


def zipf_frequencies(language: str) -> dict[str, float]:
    """Word → log10 of its occurrences in 10^9 words, by wordfreq; rare words are not listed."""
    import wordfreq

    frequencies = wordfreq.get_frequency_dict(FREQUENCY_LANGUAGES[language], "best")
    return {word: wordfreq.freq_to_zipf(f) for word, f in frequencies.items()}


def frequency_weighted(alphabet: Alphabet, words: Pronunciations) -> Corpus:
    """A corpus of first pronunciations that draws frequent words more often.

    A word is drawn once an epoch, and 2.5 times as often for each unit of Zipf frequency above 3
    (once in a million words), up to 24 times. Other pronunciations are left out: a model that
    ships says the first.
    """
    zipf = zipf_frequencies(alphabet.tag)
    pairs = [(word, pronunciations[0]) for word, pronunciations in words.items()]
    weights = [
        min(_DRAWS_MAX, max(1.0, _GROWTH ** (zipf.get(word, 0.0) - _ONCE_ZIPF)))
        for word, _ in pairs
    ]
    return Corpus(alphabet, pairs, weights)


def evaluate(model: Llama, alphabet: Alphabet, words: Pronunciations) -> scoring.Scores:
    """Greedy scores of the model in PyTorch: for choosing only, published figures come from
    the library."""
    model.eval()
    by_length = defaultdict(list)
    for word in words:
        by_length[len(alphabet.encode_word(word))].append(word)
    said: dict[str, tuple[str, ...]] = {}
    for same in by_length.values():
        for start in range(0, len(same), 256):
            part = same[start : start + 256]
            tokens = torch.tensor([alphabet.encode_word(w) for w in part])
            rows = model.decode(tokens, alphabet.separator, 2 * tokens.shape[1] + 16)
            said |= {w: alphabet.decode_phonemes(row) for w, row in zip(part, rows, strict=True)}
    model.train()
    return scoring.score(said, words, alphabet)


def train(
    recipe: Recipe,
    corpus: Corpus,
    dev: Pronunciations,
    run: Path,
    start: Path | None = None,
    evaluations: int = 12,
) -> Llama:
    """Trains, or goes on with the run in ``run``; returns the averaged model.

    ``start`` is the folder of a finished run whose weights this one begins with.
    """
    alphabet = ALPHABETS[recipe.language]
    torch.manual_seed(recipe.seed)
    model = Llama(recipe.dimensions(), recipe.dropout)
    if start is not None:
        model.load_state_dict(load_file(start / "model.safetensors"))
    averaged = Llama(recipe.dimensions())
    averaged.load_state_dict(model.state_dict())
    model.quantize(recipe.quantized)
    averaged.quantize(recipe.quantized)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    gains = [p for p in model.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": recipe.weight_decay},
            {"params": gains, "weight_decay": 0.0},
        ],
        lr=recipe.rate,
        betas=(0.9, 0.98),
        fused=True,
    )
    per_epoch = sum(1 for _ in corpus.batches(recipe.batch, random.Random(recipe.seed)))
    steps = max(1, round(per_epoch * recipe.epochs))
    every = max(1, steps // evaluations)

    run.mkdir(parents=True, exist_ok=True)
    checkpoint, log = run / "checkpoint.pt", run / "log.tsv"
    step = epoch = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        if Recipe(**saved["recipe"]) != recipe:
            raise ValueError(f"{run} holds a run of another recipe: {saved['recipe']}")
        model.load_state_dict(saved["model"])
        averaged.load_state_dict(saved["averaged"])
        optimizer.load_state_dict(saved["optimizer"])
        step, epoch = saved["step"], saved["epoch"]
    else:
        log.write_text("step\tloss\tdev_per\tdev_wer\n")

    averages = list(zip(averaged.parameters(), model.parameters(), strict=True))
    model.train()
    losses: list[float] = []
    with tqdm(total=steps, initial=step, unit="step", desc=run.name) as progress:
        while step < steps:
            # An epoch's order and dropout depend on its number alone, so that a run that was
            # stopped goes on, from the beginning of its epoch, as if it had not been.
            torch.manual_seed(recipe.seed * 100_003 + epoch)
            for batch in corpus.batches(recipe.batch, random.Random(f"{recipe.seed} {epoch}")):
                if step >= steps:
                    break
                rate = rate_at(recipe, step, steps)
                for group in optimizer.param_groups:
                    group["lr"] = rate
                logits = model(batch.tokens, batch.prefix)
                loss = F.cross_entropy(
                    logits.flatten(0, 1), batch.answers.flatten(),
                    ignore_index=IGNORED, label_smoothing=recipe.label_smoothing,
                )  # fmt: skip
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.gradient_clip)
                optimizer.step()
                step += 1
                decay = min(1 - 1 / recipe.average_steps, step / (step + 10))
                with torch.no_grad():
                    for mean, now in averages:
                        mean.lerp_(now, 1 - decay)
                losses.append(loss.item())
                progress.update()
                if step % every == 0 or step == steps:
                    scores = evaluate(averaged, alphabet, dev)
                    loss_mean = sum(losses) / len(losses)
                    row = f"{step}\t{loss_mean:.4f}\t{scores.per:.3f}\t{scores.wer:.2f}"
                    progress.write(row)
                    with log.open("a") as file:
                        file.write(row + "\n")
                    losses.clear()
            epoch += 1
            state = {
                "recipe": asdict(recipe),
                "model": model.state_dict(),
                "averaged": averaged.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": step,
                "epoch": epoch,
            }
            torch.save(state, checkpoint.with_suffix(".new"))
            checkpoint.with_suffix(".new").replace(checkpoint)
    save(averaged, recipe, run)
    return averaged


def save(model: Llama, recipe: Recipe, folder: Path) -> None:
    """Writes ``model.safetensors`` and ``recipe.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors")
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n")


def load(folder: Path) -> tuple[Llama, Recipe]:
    """The float model of a finished run, and its recipe."""
    recipe = Recipe(**json.loads((folder / "recipe.json").read_text()))
    model = Llama(recipe.dimensions())
    model.load_state_dict(load_file(folder / "model.safetensors"))
    return model.eval(), recipe


ENGLISH_RECIPE = Recipe(
    "en-us", dim=128, layers=4, heads=4, ffn=256, epochs=32, batch=128, rate=2e-3
)
KOREAN_RECIPE = Recipe(
    "ko", dim=64, layers=2, heads=2, ffn=128, epochs=10, batch=64, rate=2e-3,
    dropout=0.0, label_smoothing=0.05, average_steps=1000,
)  # fmt: skip
RECIPES = {r.language: r for r in (ENGLISH_RECIPE, KOREAN_RECIPE)}


def finetuning(recipe: Recipe, epochs: float, rate: float) -> Recipe:
    """The quantisation-aware recipe that goes on from a trained float model, on the same words."""
    return replace(
        recipe, epochs=epochs, rate=rate, warmup_steps=100, average_steps=500, quantized=True,
        dropout=recipe.dropout / 2,
    )  # fmt: skip


def releasing(recipe: Recipe, epochs: float, rate: float) -> Recipe:
    """The fine-tuning of a model that is shipped: every list, frequent words more often, and
    without dropout, since it has to know the lists by heart."""
    return replace(
        finetuning(recipe, epochs, rate), dropout=0.0, label_smoothing=0.02,
        splits="+".join(SPLITS), frequency_weighted=True,
    )  # fmt: skip
