"""Quantisers of fewer bits: each rule by its property, and the table that the command writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from conftest import tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from test_quantization import matrix
from test_train import PAIRS, WORDS

from kilophone_training import bitwidths as b
from kilophone_training import quantization, train
from kilophone_training.__main__ import cli
from kilophone_training.alphabets import ENGLISH
from kilophone_training.corpus import Corpus
from kilophone_training.model import Llama

SHAPES = st.tuples(st.integers(1, 9), st.sampled_from([8, 64, 128, 144, 256]))
GRIDS = st.sampled_from([b.uniform(bits) for bits in (2, 3, 4)] + [b.entropy_coded(0.5)])


@pytest.fixture
def english() -> Llama:
    torch.manual_seed(7)
    made = Llama(tiny("en-us").dimensions())
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.dim() == 1:
                parameter.uniform_(0.5, 1.5)
    return made.eval()


def inputs(count: int, seed: int) -> torch.Tensor:
    """Inputs that depend on each other, some much larger than others."""
    generator = torch.Generator().manual_seed(seed)
    mix = torch.randn(count, count, generator=generator)
    scale = torch.randn(count, generator=generator).exp()
    return torch.randn(3 * count, count, generator=generator) @ mix * scale


@given(SHAPES, st.integers(0, 999), st.sampled_from([2, 3, 4, 8]))
def test_levels_are_in_range_and_steps_are_bfloat16(
    shape: tuple[int, int], seed: int, bits: int
) -> None:
    w = matrix(shape, seed)
    levels, steps = b.uniform(bits).round(w)
    assert levels.min() >= -(2 ** (bits - 1))
    assert levels.max() <= 2 ** (bits - 1) - 1
    assert torch.equal(levels, levels.round())
    assert torch.equal(steps, quantization.bfloat16(steps))


@given(st.sampled_from([128, 144, 256]), st.integers(0, 999))
def test_four_bits_are_as_near_as_the_pack(inputs: int, seed: int) -> None:
    """Goal: the plain points are not made worse than the pack's own rounding, which tries other
    clips. Method: squared errors of a few rows within a tenth of each other."""
    w = matrix((16, inputs), seed)
    levels, steps = b.uniform(4).round(w)
    here = float((levels * steps - w).square().sum())
    pack = float((quantization.weights(w) - w).square().sum())
    assert here <= 1.1 * pack


@given(SHAPES, st.integers(0, 99))
def test_more_bits_are_nearer(shape: tuple[int, int], seed: int) -> None:
    w = matrix(shape, seed)
    errors = []
    for bits in (2, 3, 4, 8):
        levels, steps = b.uniform(bits).round(w)
        errors.append(float((levels * steps - w).square().sum()))
    assert errors == sorted(errors, reverse=True)


@given(SHAPES, st.integers(0, 999), GRIDS)
@settings(max_examples=40, deadline=None)
def test_feedback_never_makes_an_output_worse(
    shape: tuple[int, int], seed: int, grid: b.Grid
) -> None:
    """Goal: GPTQ's error over the calibration inputs is at most that of rounding. Method: outputs
    of both are compared with the exact ones, row by row."""
    w, x = matrix(shape, seed), inputs(shape[1], seed)
    covariance = (x.T @ x).double()
    levels, steps = b.feedback(w, covariance, grid)
    plain, plain_steps = grid.round(w)
    assert torch.equal(steps, plain_steps)
    exact = (x @ w.T).double()
    carried = (x.double() @ (levels * steps).double().T - exact).square().sum(0)
    rounded = (x.double() @ (plain * plain_steps).double().T - exact).square().sum(0)
    assert (carried <= rounded * (1 + 1e-4) + 1e-9).all()


def test_feedback_pays_where_inputs_depend_on_each_other() -> None:
    w, x = matrix((16, 64), 1), inputs(64, 1)
    covariance = (x.T @ x).double()
    levels, steps = b.feedback(w, covariance, b.uniform(3))
    plain, _ = b.uniform(3).round(w)
    carried = b.output_error(w, levels * steps, covariance).sum()
    assert carried < 0.7 * b.output_error(w, plain * steps, covariance).sum()


def test_feedback_is_rounding_where_inputs_are_independent() -> None:
    w = matrix((5, 64), 3)
    levels, _ = b.feedback(w, 7 * torch.eye(64, dtype=torch.float64), b.uniform(3))
    assert torch.equal(levels, b.uniform(3).round(w)[0])


@given(SHAPES, st.integers(0, 99), GRIDS)
@settings(max_examples=40, deadline=None)
def test_balancing_is_never_worse(shape: tuple[int, int], seed: int, grid: b.Grid) -> None:
    w, x = matrix(shape, seed), inputs(shape[1], seed)
    covariance = (x.T @ x).double()
    factors = b.balance(w, covariance, grid)
    levels, steps = grid.round(w * factors)
    plain, plain_steps = grid.round(w)
    balanced = b.output_error(w, levels * steps / factors, covariance).sum()
    assert balanced <= b.output_error(w, plain * plain_steps, covariance).sum() * (1 + 1e-4)


def test_scaled_inputs_do_not_change_the_function(english: Llama) -> None:
    """Goal: activation-aware scaling preserves the float model. Method: logits before and after
    every matrix of every block has been scaled by factors far from one."""
    batch = Corpus(ENGLISH, PAIRS).batch([0])
    before = english(batch.tokens, batch.prefix).detach()
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for block, name, linear in b.linears(english):
            factors = torch.rand(linear.weight.shape[1], generator=generator) * 3 + 0.3
            b.scale_inputs(block, name, factors)
    after = english(batch.tokens, batch.prefix)
    assert torch.allclose(before, after, rtol=1e-4, atol=1e-5)


def test_covariance_is_of_the_inputs(english: Llama) -> None:
    """The first matrix's inputs are the normed embeddings, which can be had without hooks."""
    batch = Corpus(ENGLISH, PAIRS).batch([0])
    block = english.blocks[0]
    (found,) = b.covariances(english, [block.qkv], [batch, batch])
    x = block.attention_norm(english.embedding[batch.tokens]).flatten(0, 1).double()
    assert torch.allclose(found, 2 * x.T @ x, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("method", ["round", "awq", "gptq"])
def test_many_bits_change_little(english: Llama, method: str) -> None:
    batches = b.calibration(ENGLISH, PAIRS, 8)
    made, levels = b.quantized(english, b.uniform(8), method, batches)
    assert len(levels) == 4 * english.dims.layers
    batch = Corpus(ENGLISH, PAIRS).batch([0])
    exact, rounded = (m(batch.tokens, batch.prefix).detach() for m in (english, made))
    assert (exact - rounded).norm() < 0.05 * exact.norm()


def test_entropy() -> None:
    assert b.entropy(torch.zeros(100)) == 0
    assert b.entropy(torch.tensor([1.0, 2.0, 3.0, 4.0]).repeat(8)) == pytest.approx(64)
    assert b.entropy(torch.tensor([0.0, 0.0, 0.0, 1.0])) == pytest.approx(4 * 0.811278, rel=1e-5)


def test_a_larger_step_takes_fewer_bits() -> None:
    w = matrix((32, 256), 4)
    sizes = [b.entropy(b.entropy_coded(c).round(w)[0]) for c in (0.3, 0.5, 0.7, 1.0)]
    assert sizes == sorted(sizes, reverse=True)


def test_bytes_of_four_bits(english: Llama) -> None:
    """Dim 32, ffn 160, 2 layers: counted by hand."""
    point = b.measure(b.Experiment(english, ENGLISH, [], WORDS, lambda _: english), "round", "4")
    weights = 2 * (32 * 96 + 32 * 32 + 32 * 320 + 160 * 32)
    scales = 2 * (96 + 32 + 320 + 2 * 32)
    vocabulary = english.embedding.shape[0]
    gains = 5 * 32
    assert point.size == weights // 2 + 2 * scales + vocabulary * (32 + 2) + 2 * gains
    assert point.words == len(WORDS)


def test_fine_tuning_helps(english: Llama) -> None:
    """Goal: training with 2 bits simulated lowers the loss of the model rounded to 2 bits.
    Method: 30 steps on the eight words."""
    corpus = Corpus(ENGLISH, PAIRS)
    grid = b.uniform(2)
    recipe = train.finetuning(tiny("en-us"), epochs=0, rate=1e-2)
    tuned = b.finetuned(english, replace(recipe, warmup_steps=1), grid, corpus, 30)
    batch = corpus.batch([0])

    def loss(model: Llama) -> float:
        rounded, _ = b.quantized(model, grid, "round")
        logits = rounded(batch.tokens, batch.prefix)
        return float(torch.nn.functional.cross_entropy(logits[0], batch.answers[0]))

    assert loss(tuned) < loss(english)


def test_the_command_goes_on_with_its_table(
    english: Llama, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "en").mkdir()
    for split in ("train", "dev"):
        (tmp_path / f"en/cmudict.{split}.tsv").write_text("cat\tK AE1 T\ndog\tD AO1 G\n")
    monkeypatch.setenv("KILOPHONE_DATA", str(tmp_path))
    train.save(english, tiny("en-us"), tmp_path / "run")
    table = tmp_path / "points.csv"
    command = [
        "bitwidths", str(tmp_path / "run"), str(table), "--words", "1", "--widths", "4,2",
        "--steps", "0.5", "--threads", "1",
    ]  # fmt: skip
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0, result.output
    points = b.read(table)
    assert [(p.method, p.setting) for p in points] == b.plan([4, 2], [0.5], qat=False)
    assert {p.words for p in points} == {1}
    b.append(table, b.Point("qat", "3", 3.0, 1, 1, 5.0, 20.0, 0.0))
    before = table.read_text()
    assert CliRunner().invoke(cli, command).exit_code == 0
    assert table.read_text() == before


def test_the_figure_has_a_line_for_each_method(tmp_path: Path) -> None:
    table = tmp_path / "points.csv"
    for index, method in enumerate(("float", "round", "qat", "entropy")):
        for bits in (2, 4):
            b.append(table, b.Point(method, str(bits), bits, 9000 * bits, 77, 9 - index, 1, 1))
    result = CliRunner().invoke(cli, ["plot-bitwidths", str(table), str(tmp_path / "b.svg")])
    assert result.exit_code == 0, result.output
    drawn = (tmp_path / "b.svg").read_text()
    for label in ("rounded to nearest", "quantisation-aware training", "entropy-coded", "77 dev"):
        assert label in drawn
    assert "error feedback" not in drawn
