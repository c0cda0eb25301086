"""Fewer bytes for the weights: quantisers applied to a trained model, and what they cost in PER.

All of them leave what the pack leaves: embedding int8, gains bfloat16, activations int8, one
bfloat16 scale per row and group of inputs. They differ in what becomes of a weight matrix.

* ``round``: to the nearest of 2^bits levels, the scale of least squared error.
* ``awq``: the same after inputs that are large on average were given a finer grid, by a factor
  that is folded into what the inputs come from (Lin et al. 2023, the idea of it).
* ``gptq``: column by column, the error of each carried over to the columns that are not rounded
  yet, as the covariance of the inputs says (Frantar et al. 2022).
* ``entropy``: step ``c`` times the group's root mean square, 16 levels, bytes as an ideal entropy
  coder with one table a matrix needs; ``entropy-gptq`` carries errors over there.
* ``qat``: ``round`` simulated in some more steps of training.
"""

from __future__ import annotations

import csv
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

from . import quantization
from .alphabets import Alphabet
from .corpus import IGNORED, Batch, Corpus, Pair
from .data import Pronunciations
from .model import Block, Linear, Llama
from .train import Recipe, evaluate, rate_at

FRACTIONS = tuple(f / 32 for f in range(12, 38))
"""Candidates for a group's step: these parts of its largest magnitude over 2^(bits - 1)."""

ENTROPY_BITS = 4
_ALPHAS = tuple(a / 10 for a in range(11))
_DAMPING = 0.01
"""What is added to the diagonal of the inputs' covariance, of its mean."""


@dataclass(frozen=True)
class Point:
    """A row of the table. ``bits`` counts payload only, ``size`` all bytes of the model."""

    method: str
    setting: str
    """The width, or ``c``."""
    bits: float
    size: int
    words: int
    per: float
    wer: float
    seconds: float


# The grid ---------------------------------------------------------------------------------------


def to_levels(w: Tensor, step: Tensor, bits: int) -> Tensor:
    """The nearest of the levels -2^(bits - 1) … 2^(bits - 1) - 1, in steps."""
    half = 2 ** (bits - 1)
    return (w / step).round().clamp(-half, half - 1)


def least_squares_step(groups: Tensor, bits: int) -> Tensor:
    """For each group ``(…, inputs)`` the candidate step ``(…, 1)`` of least squared error."""
    largest = groups.abs().amax(-1, keepdim=True).clamp_min(1e-8)
    best = torch.full_like(largest, torch.inf)
    step = largest
    for fraction in FRACTIONS:
        trial = quantization.bfloat16(largest * (fraction / 2 ** (bits - 1)))
        error = (to_levels(groups, trial, bits) * trial - groups).square().sum(-1, keepdim=True)
        step = torch.where(error < best, trial, step)
        best = torch.minimum(error, best)
    return step


def rms_step(groups: Tensor, c: float) -> Tensor:
    """The step ``(…, 1)`` that is ``c`` times the root mean square of each group."""
    return quantization.bfloat16(c * groups.square().mean(-1, keepdim=True).sqrt().clamp_min(1e-8))


@dataclass(frozen=True)
class Grid:
    """How a matrix is rounded: to ``2^bits`` levels, with the steps of ``step``."""

    bits: int
    step: Callable[[Tensor], Tensor]

    def round(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """Levels and steps, both ``(rows, inputs)``, of every weight rounded by itself."""
        groups = quantization.grouped(w)
        step = self.step(groups)
        levels = to_levels(groups, step, self.bits)
        return _flat(levels, w), _flat(step.expand_as(groups), w)


def uniform(bits: int) -> Grid:
    """The grid of a fixed number of bits a weight."""
    return Grid(bits, lambda groups: least_squares_step(groups, bits))


def entropy_coded(c: float) -> Grid:
    """The grid for an entropy coder: uniform steps, levels as often as the weights make them."""
    return Grid(ENTROPY_BITS, lambda groups: rms_step(groups, c))


def _flat(groups: Tensor, like: Tensor) -> Tensor:
    return groups.flatten(-2)[..., : like.shape[-1]]


def entropy(levels: Tensor) -> float:
    """Bits that an ideal order-0 coder spends on all of these levels."""
    counts = torch.bincount((levels - levels.min()).flatten().long()).double()
    counts = counts[counts > 0]
    return float((counts * (counts.sum().log2() - counts.log2())).sum())


# Error feedback ---------------------------------------------------------------------------------


def output_error(w: Tensor, rounded: Tensor, covariance: Tensor) -> Tensor:
    """Squared error of each output ``(rows,)`` over the inputs that ``covariance`` sums up."""
    difference = (w - rounded).double()
    return ((difference @ covariance) * difference).sum(-1)


def feedback(w: Tensor, covariance: Tensor, grid: Grid) -> tuple[Tensor, Tensor]:
    """Levels and steps of ``w`` ``(rows, inputs)`` by GPTQ; ``covariance`` is the sum of x xᵀ.

    A row whose outputs simple rounding serves better keeps that: no row is worse for it.
    """
    levels, steps = grid.round(w)
    plain = output_error(w, levels * steps, covariance)
    inputs = w.shape[1]
    damped = covariance.clone()
    damped.diagonal().add_(_DAMPING * covariance.diagonal().mean() + 1e-12)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(damped))
    # Row i of the factor tells how the columns after i make up for an error in column i.
    carry = torch.linalg.cholesky(inverse, upper=True)
    left = w.double().clone()
    carried = torch.empty_like(levels)
    for column in range(inputs):
        step = steps[:, column].double()
        carried[:, column] = to_levels(left[:, column], step, grid.bits)
        error = (left[:, column] - carried[:, column] * step) / carry[column, column]
        left[:, column + 1 :] -= error[:, None] * carry[column, column + 1 :]
    better = output_error(w, carried * steps, covariance) < plain
    return torch.where(better[:, None], carried, levels), steps


# Activation-aware scaling -----------------------------------------------------------------------


def balance(w: Tensor, covariance: Tensor, grid: Grid) -> Tensor:
    """The factors ``(inputs,)`` for the weights' columns, of a few powers of the inputs' root mean
    square, with the least error of the outputs; among them are ones."""
    magnitude = covariance.diagonal().sqrt().clamp_min(1e-8)
    magnitude = magnitude / magnitude.log().mean().exp()
    best, chosen = torch.inf, torch.ones_like(magnitude)
    for alpha in _ALPHAS:
        factors = magnitude.pow(alpha)
        levels, steps = grid.round((w * factors).float())
        error = float(output_error(w, levels * steps / factors, covariance).sum())
        if error < best:
            best, chosen = error, factors
    return chosen.float()


def scale_inputs(block: Block, name: str, factors: Tensor) -> None:
    """Multiplies the columns of a matrix of the block and divides what its inputs come from, so
    that the block computes what it did."""
    linear: Linear = getattr(block, name)
    linear.weight.mul_(factors)
    if name == "qkv":
        block.attention_norm.weight.div_(factors)
    elif name == "gate_up":
        block.ffn_norm.weight.div_(factors)
    elif name == "out":  # the rows of the values, the last third
        block.qkv.weight[-len(factors) :].div_(factors[:, None])
    else:  # of the ups, the last half
        block.gate_up.weight[-len(factors) :].div_(factors[:, None])


# Whole models -----------------------------------------------------------------------------------


def linears(model: Llama) -> Iterator[tuple[Block, str, Linear]]:
    """The matrices with their blocks and names; a matrix whose columns are scaled at the cost of
    another's rows stands before that one."""
    for block in model.blocks:
        assert isinstance(block, Block)
        for name in ("out", "qkv", "down", "gate_up"):
            yield block, name, getattr(block, name)


def covariances(model: Llama, matrices: Sequence[Linear], batches: Sequence[Batch]) -> list[Tensor]:
    """For each matrix the sum of x xᵀ over the inputs it gets on these batches, in float64."""
    sums, handles = [], []
    for linear in matrices:
        inputs = linear.weight.shape[1]
        total = torch.zeros(inputs, inputs, dtype=torch.float64)

        def add(_: nn.Module, arguments: tuple[Tensor, ...], total: Tensor = total) -> None:
            x = arguments[0].flatten(0, -2)
            total.add_((x.T @ x).double())

        sums.append(total)
        handles.append(linear.register_forward_pre_hook(add))
    with torch.no_grad():
        for batch in batches:
            model(batch.tokens, batch.prefix)
    for handle in handles:
        handle.remove()
    return sums


def as_in_the_pack(model: Llama) -> Llama:
    """Rounds embedding and gains as the pack does, and from now on the activations."""
    for module in model.modules():
        if isinstance(module, Linear):
            module.register_forward_pre_hook(lambda _, x: (quantization.activations(x[0]),))
    model.norm.register_forward_hook(lambda _, __, y: quantization.activations(y))
    with torch.no_grad():
        model.embedding.copy_(quantization.embedding(model.embedding))
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.copy_(quantization.bfloat16(parameter))
    return model


@torch.no_grad()
def quantized(
    model: Llama, grid: Grid, method: str, batches: Sequence[Batch] = ()
) -> tuple[Llama, list[Tensor]]:
    """A copy of the model as the pack would hold it, and the levels of its matrices.

    ``method`` is ``round``, ``awq`` or ``gptq``; the latter two look at ``batches``. GPTQ goes
    block by block, each with the inputs that come from the blocks already rounded.
    """
    made = deepcopy(model)
    levels = []
    if method == "awq":
        places = list(linears(made))
        seen = covariances(made, [linear for _, _, linear in places], batches)
        for (block, name, linear), inputs in zip(places, seen, strict=True):
            scale_inputs(block, name, balance(linear.weight, inputs, grid))
    for layer in made.blocks:
        matrices = [m for m in layer.children() if isinstance(m, Linear)]
        if method == "gptq":
            seen = covariances(made, matrices, batches)
            rounded = [feedback(m.weight, x, grid) for m, x in zip(matrices, seen, strict=True)]
        else:
            rounded = [grid.round(m.weight) for m in matrices]
        for linear, (q, steps) in zip(matrices, rounded, strict=True):
            linear.weight.copy_(q * steps)
            levels.append(q)
    return as_in_the_pack(made), levels


class _Simulated(nn.Module):
    """A weight as the grid rounds it; the gradient passes straight through."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.grid = grid

    def forward(self, w: Tensor) -> Tensor:
        with torch.no_grad():
            levels, steps = self.grid.round(w)
            change = levels * steps - w
        return w + change


def finetuned(model: Llama, recipe: Recipe, grid: Grid, corpus: Corpus, steps: int) -> Llama:
    """A copy of the model after some steps of training by the recipe with its matrices rounded."""
    made = deepcopy(model).train()
    matrices = [linear for _, _, linear in linears(made)]
    for linear in matrices:
        parametrize.register_parametrization(linear, "weight", _Simulated(grid))
    optimizer = torch.optim.AdamW(
        made.parameters(), lr=recipe.rate, betas=(0.9, 0.98), weight_decay=0
    )
    rng = random.Random(recipe.seed)
    batches: Iterator[Batch] = iter(())
    for step in range(steps):
        batch = next(batches, None)
        if batch is None:
            batches = corpus.batches(recipe.batch, rng)
            batch = next(batches)
        for group in optimizer.param_groups:
            group["lr"] = rate_at(recipe, step, steps)
        loss = F.cross_entropy(
            made(batch.tokens, batch.prefix).flatten(0, 1), batch.answers.flatten(),
            ignore_index=IGNORED, label_smoothing=recipe.label_smoothing,
        )  # fmt: skip
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(made.parameters(), recipe.gradient_clip)
        optimizer.step()
    for linear in matrices:
        parametrize.remove_parametrizations(linear, "weight", leave_parametrized=False)
    return made.eval()


# Bytes ------------------------------------------------------------------------------------------


def fixed_bytes(model: Llama) -> int:
    """Bytes of all that the methods leave alike: embedding, gains, and every scale."""
    scales = sum(quantization.grouped(m.weight).shape[:2].numel() for _, _, m in linears(model))
    table = model.embedding
    scales += quantization.grouped(table).shape[:2].numel()
    gains = sum(p.numel() for p in model.parameters() if p.dim() == 1)
    return table.numel() + 2 * scales + 2 * gains


# The experiment ---------------------------------------------------------------------------------

Plan = list[tuple[str, str]]


def plan(widths: Sequence[int], cs: Sequence[float], qat: bool) -> Plan:
    """Methods and settings of the experiment, in the order in which they are measured."""
    points = [("float", "32"), ("float", "16")]
    points += [("round", str(bits)) for bits in widths]
    for method in ("gptq", "awq"):
        points += [(method, str(bits)) for bits in widths if bits < 8]
    for method in ("entropy", "entropy-gptq"):
        points += [(method, f"{c:g}") for c in cs]
    if qat:
        points += [("qat", str(bits)) for bits in widths if bits < 8]
    return points


@dataclass(frozen=True)
class Experiment:
    """What every point is measured with."""

    model: Llama
    alphabet: Alphabet
    calibration: Sequence[Batch]
    words: Pronunciations
    tune: Callable[[Grid], Llama]
    """The model after training with a grid, for ``qat``."""


def measure(experiment: Experiment, method: str, setting: str) -> Point:
    """One point: the model made as the method says, its bytes, and its scores on the words."""
    model = experiment.model
    started = time.process_time()
    if method == "float":
        made = deepcopy(model)
        if setting == "16":
            made = made.half().float()
        bits = float(setting)
        size = sum(p.numel() for p in model.parameters()) * int(setting) // 8
    else:
        name, _, tail = method.partition("-")
        coded = name == "entropy"
        grid = entropy_coded(float(setting)) if coded else uniform(int(setting))
        base = experiment.tune(grid) if name == "qat" else model
        rule = tail or (name if name in ("awq", "gptq") else "round")
        made, levels = quantized(base, grid, rule, experiment.calibration)
        count = sum(q.numel() for q in levels)
        payload = sum(map(entropy, levels)) if coded else float(grid.bits * count)
        bits = payload / count
        size = round(payload / 8) + fixed_bytes(model)
    scores = evaluate(made, experiment.alphabet, experiment.words)
    seconds = round(time.process_time() - started, 1)
    return Point(
        method, setting, round(bits, 3), size, scores.words,
        round(scores.per, 3), round(scores.wer, 2), seconds,
    )  # fmt: skip


def some(words: Pronunciations, count: int | None, seed: int = 1) -> Pronunciations:
    """A fixed sample of the words; all of them without a count."""
    if count is None or count >= len(words):
        return words
    chosen = random.Random(seed).sample(sorted(words), count)
    return {word: words[word] for word in chosen}


def calibration(alphabet: Alphabet, pairs: Sequence[Pair], count: int) -> list[Batch]:
    """A fixed sample of ``count`` pairs, in batches by length."""
    by_length: dict[int, list[Pair]] = defaultdict(list)
    for pair in random.Random(1).sample(list(pairs), min(count, len(pairs))):
        by_length[len(alphabet.encode_word(pair[0]))].append(pair)
    return [Corpus(alphabet, same).batch(range(len(same))) for same in by_length.values()]


def read(table: Path) -> list[Point]:
    """The points of a table; none when it is not there yet."""
    if not table.exists():
        return []
    with table.open(newline="") as file:
        return [
            Point(
                r["method"], r["setting"], float(r["bits"]), int(r["size"]), int(r["words"]),
                float(r["per"]), float(r["wer"]), float(r["seconds"]),
            )
            for r in csv.DictReader(file)
        ]  # fmt: skip


def append(table: Path, point: Point) -> None:
    """Adds a point to the table, with its head when it is new."""
    new = not table.exists()
    with table.open("a", newline="") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Point)], lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(asdict(point))
