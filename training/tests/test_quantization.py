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


@given(SHAPES, st.integers(0, 999), st.floats(0.3, 1.0))
def test_int4_is_in_range_and_near(shape: tuple[int, int], seed: int, step: float) -> None:
    w = matrix(shape, seed)
    values, scales = q.quantize_weights(w, step)
    assert values.min() >= 0
    assert values.max() <= 15
    groups = q.grouped(w)
    # Within the reach of the values an error is at most half a step.
    error = ((values - 8) * scales - groups).abs()
    inside = (groups >= -8.5 * scales) & (groups <= 7.5 * scales)
    assert (error[inside] <= (0.5 * scales).expand_as(groups)[inside] * 1.0001).all()
    # A step is a fixed part of the group's root mean square, as near as a scale can be.
    for row in range(shape[0]):
        for group in range(groups.shape[1]):
            part = w[row, group * q.GROUP : (group + 1) * q.GROUP]
            wanted = step * part.square().mean().sqrt()
            assert scales[row, group, 0] == pytest.approx(wanted.item(), rel=1 / 15)


@given(st.floats(2**-23, 200), st.floats(1, 1.12))
def test_scales_are_bytes(x: float, more: float) -> None:
    values = torch.tensor([x, x * more])
    codes = q.scale_codes(values)
    assert (codes >= 0).all()
    assert (codes <= 255).all()
    assert codes[0] <= codes[1]
    near = q.scales(codes)
    assert torch.allclose(near, values, rtol=1 / 15)
    assert torch.equal(near, q.bfloat16(near))
    assert torch.equal(q.scale_codes(near), codes)
    assert (q.scales(q.scale_codes(values, up=True)) >= values).all()


@given(SHAPES, st.integers(0, 999))
def test_int8_is_near(shape: tuple[int, int], seed: int) -> None:
    x = matrix(shape, seed)
    values, scales = q.quantize_activations(x)
    assert values.abs().max() <= 127
    assert ((values * scales - q.grouped(x)).abs() <= 0.501 * scales).all()
    values, scales = q.quantize_embedding(x)
    assert values.abs().max() <= 127
    assert ((values * scales - q.grouped(x)).abs() <= 0.501 * scales).all()


@given(SHAPES, st.integers(0, 999))
def test_what_is_quantised_stays(shape: tuple[int, int], seed: int) -> None:
    w = matrix(shape, seed)
    for simulate in (q.embedding, q.gains):
        once = simulate(w)
        assert torch.allclose(simulate(once), once, rtol=0.02, atol=once.abs().max() / 100)


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
