"""The pack's number formats, and their simulation in training (straight-through).

* weights: int4 with zero point 8, one scale per row and group of ``GROUP`` inputs;
* embedding and output table: int8, one scale per row and group;
* scales: one byte, eight steps to the octave from 2^-24;
* gains of the norms: bfloat16;
* activations: int8, one float32 scale per group, rounded half to even.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

GROUP = 128
"""Inputs that share a scale (a row's last group may be shorter)."""

STEP = 0.45
"""A weight's quantisation step in root mean squares of its group, unless a recipe has its own. The
entropy of the values is then about 3.2 bits; -8 … 7 reaches 3.6 and 3.15 root mean squares."""


def grouped(x: Tensor) -> Tensor:
    """``(…, inputs)`` as ``(…, groups, GROUP)``, zeros after the end of the last group."""
    groups = -(-x.shape[-1] // GROUP)
    size = min(GROUP, x.shape[-1])
    filled = F.pad(x, (0, groups * size - x.shape[-1]))
    return filled.reshape(*x.shape[:-1], groups, size)


def bfloat16(x: Tensor) -> Tensor:
    """The nearest bfloat16 values, as float32."""
    return x.to(torch.bfloat16).float()


SCALE_BASE = (127 - 24) << 3
"""A scale's byte is its bits as bfloat16, without the last four, less this."""


@torch.no_grad()
def scale_codes(x: Tensor, up: bool = False) -> Tensor:
    """The bytes of the nearest scales (``up``: of the smallest that are no smaller)."""
    bits = x.contiguous().view(torch.int32)
    rounded = (bits + ((1 << 20) - 1 if up else 1 << 19)) >> 20
    return (rounded - SCALE_BASE).clamp(0, 255)


@torch.no_grad()
def scales(codes: Tensor) -> Tensor:
    """The scales of bytes, as float32."""
    return ((codes.to(torch.int32) + SCALE_BASE) << 20).view(torch.float32)


@torch.no_grad()
def quantize_weights(weight: Tensor, step: float = STEP) -> tuple[Tensor, Tensor]:
    """int4 values ``(rows, groups, GROUP)`` in 0…15 and scales ``(rows, groups, 1)``."""
    groups = -(-weight.shape[-1] // GROUP)
    w = grouped(weight)
    count = torch.full((groups, 1), float(w.shape[-1]))
    count[-1] -= groups * w.shape[-1] - weight.shape[-1]
    rms = (w.square().sum(-1, keepdim=True) / count).sqrt()
    scale = scales(scale_codes(step * rms))
    return (w / scale).round().clamp(-8, 7) + 8, scale


@torch.no_grad()
def quantize_embedding(table: Tensor) -> tuple[Tensor, Tensor]:
    """int8 values ``(rows, groups, GROUP)`` in ±127 and scales ``(rows, groups, 1)``."""
    t = grouped(table)
    scale = scales(scale_codes(t.abs().amax(-1, keepdim=True) / 127, up=True))
    return (t / scale).round().clamp(-127, 127), scale


@torch.no_grad()
def quantize_activations(x: Tensor) -> tuple[Tensor, Tensor]:
    """int8 values ``(…, groups, GROUP)`` in ±127 and float32 scales ``(…, groups, 1)``."""
    g = grouped(x)
    largest = g.abs().amax(-1, keepdim=True)
    inverse = torch.where(largest > 0, 127 / largest, 0)
    return (g * inverse).round(), largest / 127


def weights(weight: Tensor, step: float = STEP) -> Tensor:
    """The weight as the pack will hold it; the gradient passes straight through."""
    q, scale = quantize_weights(weight, step)
    return _straight_through(weight, _ungrouped((q - 8) * scale, weight))


def embedding(table: Tensor) -> Tensor:
    """The embedding table as the pack will hold it; the gradient passes straight through."""
    q, scale = quantize_embedding(table)
    return _straight_through(table, _ungrouped(q * scale, table))


def activations(x: Tensor) -> Tensor:
    """A linear layer's input as the core rounds it; the gradient passes straight through."""
    q, scale = quantize_activations(x)
    return _straight_through(x, _ungrouped(q * scale, x))


def gains(gain: Tensor) -> Tensor:
    """A norm's gains as the pack will hold them; the gradient passes straight through."""
    return _straight_through(gain, bfloat16(gain))


def _ungrouped(groups: Tensor, like: Tensor) -> Tensor:
    return groups.flatten(-2)[..., : like.shape[-1]]


def _straight_through(exact: Tensor, quantized: Tensor) -> Tensor:
    return exact + (quantized - exact).detach()
