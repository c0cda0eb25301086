"""The pack's number formats, and their simulation in training (straight-through).

* weights: int4 with zero point 8, one bfloat16 scale per row and group of ``GROUP`` inputs;
* embedding and output table: int8, one bfloat16 scale per row and group;
* gains of the norms: bfloat16;
* activations: int8, one float32 scale per group, rounded half to even.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

GROUP = 128
"""Inputs that share a scale (a row's last group may be shorter)."""

_CLIPS = (0.7, 0.78, 7 / 8, 0.93, 1.0)
"""Fractions of a group's largest magnitude tried as the value of 7. At 7 / 8 the largest is 8
steps, which only a negative one can be; with it, what is quantised already stays as it is."""


def grouped(x: Tensor) -> Tensor:
    """``(…, inputs)`` as ``(…, groups, GROUP)``, zeros after the end of the last group."""
    groups = -(-x.shape[-1] // GROUP)
    size = min(GROUP, x.shape[-1])
    filled = F.pad(x, (0, groups * size - x.shape[-1]))
    return filled.reshape(*x.shape[:-1], groups, size)


def bfloat16(x: Tensor) -> Tensor:
    """The nearest bfloat16 values, as float32."""
    return x.to(torch.bfloat16).float()


@torch.no_grad()
def quantize_weights(weight: Tensor) -> tuple[Tensor, Tensor]:
    """int4 values ``(rows, groups, GROUP)`` in 0…15 and scales ``(rows, groups, 1)``.

    Of a few clipping points the one with the least squared error is taken, group by group.
    """
    w = grouped(weight)
    largest = w.abs().amax(-1, keepdim=True).clamp_min(1e-8)
    best = torch.full_like(largest, torch.inf)
    scale = largest
    for clip in _CLIPS:
        trial = bfloat16(largest * (clip / 7))
        error = ((w / trial).round().clamp(-8, 7) * trial - w).square().sum(-1, keepdim=True)
        scale = torch.where(error < best, trial, scale)
        best = torch.minimum(error, best)
    return (w / scale).round().clamp(-8, 7) + 8, scale


@torch.no_grad()
def quantize_embedding(table: Tensor) -> tuple[Tensor, Tensor]:
    """int8 values ``(rows, groups, GROUP)`` in ±127 and bfloat16 scales ``(rows, groups, 1)``."""
    t = grouped(table)
    scale = bfloat16(t.abs().amax(-1, keepdim=True).clamp_min(1e-8) / 127)
    return (t / scale).round().clamp(-127, 127), scale


@torch.no_grad()
def quantize_activations(x: Tensor) -> tuple[Tensor, Tensor]:
    """int8 values ``(…, groups, GROUP)`` in ±127 and float32 scales ``(…, groups, 1)``."""
    g = grouped(x)
    largest = g.abs().amax(-1, keepdim=True)
    inverse = torch.where(largest > 0, 127 / largest, 0)
    return (g * inverse).round(), largest / 127


def weights(weight: Tensor) -> Tensor:
    """The weight as the pack will hold it; the gradient passes straight through."""
    q, scale = quantize_weights(weight)
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
