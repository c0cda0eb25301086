"""Number formats of the pack and their simulation."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kilophone_training import quantization as q

SHAPES = st.tuples(st.integers(1, 9), st.sampled_from([8, 64, 128, 144, 256, 264]))


def matrix(shape: tuple[int, int], seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    spread = torch.randn(shape[0], 1, generator=generator).exp()
    return torch.randn(shape, generator=generator) * spread


@given(SHAPES, st.integers(0, 999))
def test_int4_is_in_range_and_near(shape: tuple[int, int], seed: int) -> None:
    w = matrix(shape, seed)
    values, scales = q.quantize_weights(w)
    assert values.min() >= 0
    assert values.max() <= 15
    assert torch.equal(scales, q.bfloat16(scales))
    groups = q.grouped(w)
    error = ((values - 8) * scales - groups).square().sum(-1)
    # No worse than rounding without clipping, where an error is at most half a step (and a little
    # for the scale's own rounding).
    step = groups.abs().amax(-1) / 7
    assert (error <= groups.shape[-1] * (0.5 * step * 1.05).square() + 1e-12).all()


@given(SHAPES, st.integers(0, 999))
def test_int8_is_near(shape: tuple[int, int], seed: int) -> None:
    x = matrix(shape, seed)
    values, scales = q.quantize_activations(x)
    assert values.abs().max() <= 127
    assert ((values * scales - q.grouped(x)).abs() <= 0.501 * scales).all()
    values, scales = q.quantize_embedding(x)
    assert values.abs().max() <= 127
    # A scale that is rounded down by 2^-9 cuts the largest value by 127 times that.
    assert ((values * scales - q.grouped(x)).abs() <= 0.76 * scales).all()


@given(SHAPES, st.integers(0, 999))
def test_what_is_quantised_stays(shape: tuple[int, int], seed: int) -> None:
    w = matrix(shape, seed)
    for simulate in (q.weights, q.embedding, q.gains):
        once = simulate(w)
        assert torch.allclose(simulate(once), once, rtol=1e-5, atol=0)


@pytest.mark.parametrize("simulate", [q.weights, q.embedding, q.activations, q.gains])
def test_the_gradient_passes_straight_through(simulate) -> None:  # type: ignore[no-untyped-def]
    x = matrix((3, 144), 1).requires_grad_()
    weight = matrix((3, 144), 2)
    (simulate(x) * weight).sum().backward()
    assert torch.equal(x.grad, weight)


def test_zeros() -> None:
    zeros = torch.zeros(2, 144)
    for simulate in (q.weights, q.embedding, q.activations):
        assert torch.equal(simulate(zeros), zeros)
    values, scales = q.quantize_activations(zeros)
    assert not values.any()
    assert not scales.any()


def test_groups_do_not_mix() -> None:
    x = torch.ones(1, 256)
    x[:, 128:] = 1000
    assert torch.allclose(q.activations(x), x, rtol=1e-6)
    assert torch.allclose(q.embedding(x), x, rtol=1e-2)
