"""The Llama-2 of the design in PyTorch: RMSNorm, RoPE, SwiGLU, no biases, tied embeddings.

It gives the logits of ``transformers.LlamaForCausalLM`` with the same weights, mask and position
ids. Two things differ from a text model: the grapheme prefix and ``<sep>`` attend to each other in
both directions (prefix-LM), and positions start again after ``<sep>``, so that the i-th phoneme
stands near the i-th grapheme in RoPE's distances.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import quantization


@dataclass(frozen=True)
class Dimensions:
    """Shape of a model. ``vocabulary`` tokens, of which the first ``outputs`` can be answers."""

    vocabulary: int
    outputs: int
    dim: int
    layers: int
    heads: int
    ffn: int
    rope_theta: float = 100.0
    norm_eps: float = 1e-5

    @property
    def head_dim(self) -> int:
        """Inputs of one attention head."""
        return self.dim // self.heads

    def to_dict(self) -> dict[str, float | int]:
        """The fields by name."""
        return asdict(self)


def positions(prefix: int, length: int) -> Tensor:
    """Position ids ``(length,)``: graphemes and ``<sep>`` 0…prefix, then phonemes from 1."""
    return torch.cat([torch.arange(prefix + 1), torch.arange(1, length - prefix)])


def attention_mask(prefix: int, length: int) -> Tensor:
    """Additive mask ``(length, length)``: causal, but the first ``prefix + 1`` see each other."""
    at = torch.arange(length)
    allowed = (at[None, :] <= at[:, None]) | (at[None, :] <= prefix)
    return torch.zeros(length, length).masked_fill(~allowed, torch.finfo(torch.float32).min)


class Linear(nn.Module):
    """A weight ``(outputs, inputs)`` without bias, quantised as the pack will be when asked."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) * inputs**-0.5)
        self.quantized = False

    def forward(self, x: Tensor) -> Tensor:
        """``x`` (…, inputs) → (…, outputs)."""
        if self.quantized:
            return F.linear(quantization.activations(x), quantization.weights(self.weight))
        return F.linear(x, self.weight)


class Norm(nn.RMSNorm):
    """RMSNorm whose gains are those of the pack, bfloat16, when asked."""

    def __init__(self, dims: Dimensions) -> None:
        super().__init__(dims.dim, eps=dims.norm_eps)
        self.quantized = False

    def forward(self, x: Tensor) -> Tensor:
        """The norm over the last axis."""
        gain = quantization.gains(self.weight) if self.quantized else self.weight
        return F.rms_norm(x, self.normalized_shape, gain, self.eps)


class Block(nn.Module):
    """One layer: attention and SwiGLU, each after a norm and added to what came in."""

    def __init__(self, dims: Dimensions, dropout: float) -> None:
        super().__init__()
        self.dims = dims
        self.dropout = dropout
        self.attention_norm = Norm(dims)
        self.qkv = Linear(dims.dim, 3 * dims.dim)
        self.out = Linear(dims.dim, dims.dim)
        self.ffn_norm = Norm(dims)
        self.gate_up = Linear(dims.dim, 2 * dims.ffn)
        self.down = Linear(dims.ffn, dims.dim)
        with torch.no_grad():
            for residual in (self.out, self.down):
                residual.weight.mul_((2 * dims.layers) ** -0.5)

    def forward(self, x: Tensor, rotary: tuple[Tensor, Tensor], mask: Tensor, skip: int) -> Tensor:
        """``x`` (batch, length, dim) → (batch, length - skip, dim)."""
        batch, length, dim = x.shape
        heads = (batch, length, 3, self.dims.heads, self.dims.head_dim)
        q, k, v = self.qkv(self.attention_norm(x)).view(heads).permute(2, 0, 3, 1, 4).unbind(0)
        q, k = rotate(q, *rotary), rotate(k, *rotary)
        if skip:
            q, x, mask = q[:, :, skip:], x[:, skip:], mask[skip:]
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self._drop(self.out(y.transpose(1, 2).reshape(batch, -1, dim)))
        gate, up = self.gate_up(self.ffn_norm(x)).chunk(2, -1)
        return x + self._drop(self.down(F.silu(gate) * up))

    def _drop(self, x: Tensor) -> Tensor:
        return drop(x, self.dropout if self.training else 0.0)


def drop(x: Tensor, rate: float) -> Tensor:
    """Dropout of whole channels of a word: one mask for all its positions (cheap on a CPU)."""
    if not rate:
        return x
    return x * F.dropout(torch.ones(x.shape[0], 1, x.shape[2]), rate)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """RoPE as Llama lays it out: the two halves of a head are the two coordinates."""
    first, second = x.chunk(2, -1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


class Llama(nn.Module):
    """The model; all words of a batch have the same number of graphemes."""

    def __init__(self, dims: Dimensions, dropout: float = 0.0) -> None:
        super().__init__()
        self.dims = dims
        self.dropout = dropout
        self.embedding = nn.Parameter(torch.randn(dims.vocabulary, dims.dim) * dims.dim**-0.5)
        self.blocks = nn.ModuleList(Block(dims, dropout) for _ in range(dims.layers))
        self.norm = Norm(dims)
        self.quantized = False

    def quantize(self, on: bool = True) -> Llama:
        """Switches the simulation of the pack's arithmetic on or off; returns the model."""
        self.quantized = on
        for module in self.modules():
            if isinstance(module, (Linear, Norm)):
                module.quantized = on
        return self

    def rotary(self, prefix: int, length: int) -> tuple[Tensor, Tensor]:
        """RoPE's cos and sin ``(length, head_dim / 2)`` at the tokens' positions."""
        half = torch.arange(0, self.dims.head_dim, 2) / self.dims.head_dim
        frequencies = torch.pow(self.dims.rope_theta, -half)
        angles = positions(prefix, length)[:, None].float() * frequencies
        return angles.cos(), angles.sin()

    def forward(self, tokens: Tensor, prefix: int) -> Tensor:
        """Logits ``(batch, length - prefix, outputs)`` at ``<sep>`` and every phoneme.

        ``tokens`` is ``(batch, length)``: ``prefix`` graphemes, ``<sep>``, then phonemes.
        """
        length = tokens.shape[1]
        rotary, mask = self.rotary(prefix, length), attention_mask(prefix, length)
        table = quantization.embedding(self.embedding) if self.quantized else self.embedding
        x = drop(F.embedding(tokens, table), self.dropout if self.training else 0.0)
        for index, block in enumerate(self.blocks):
            last = index == len(self.blocks) - 1
            x = block(x, rotary, mask, prefix if last else 0)
        x = self.norm(x)
        if self.quantized:
            x = quantization.activations(x)
        return x @ table[: self.dims.outputs].T

    @torch.no_grad()
    def decode(self, words: Tensor, separator: int, limit: int) -> list[list[int]]:
        """Greedy phoneme tokens of each word; ``words`` is ``(batch, graphemes)``."""
        prefix = words.shape[1]
        tokens = F.pad(words, (0, 1), value=separator)
        done = torch.zeros(len(words), dtype=torch.bool)
        for _ in range(limit):
            best = self(tokens, prefix)[:, -1].argmax(-1).masked_fill(done, 0)
            done |= best == 0
            if done.all():
                break
            tokens = torch.cat([tokens, best[:, None]], 1)
        rows = tokens[:, prefix + 1 :].tolist()
        return [row[: row.index(0)] if 0 in row else row for row in rows]
