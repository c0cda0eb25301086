"""The Llama-2 of the design in PyTorch: RMSNorm, RoPE, SwiGLU, no biases, tied embeddings.

It gives the logits of ``transformers.LlamaForCausalLM`` with the same weights, mask and position
ids. Two things differ from a text model: the grapheme prefix and ``<sep>`` attend to each other in
both directions (prefix-LM), and positions start again after ``<sep>``, so that the i-th phoneme
stands near the i-th grapheme in RoPE's distances.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
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
    """A weight ``(outputs, inputs)`` without bias, quantised as the pack will be when it has a
    ``step``."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) * inputs**-0.5)
        self.step: float | None = None

    def forward(self, x: Tensor) -> Tensor:
        """``x`` (…, inputs) → (…, outputs)."""
        if self.step:
            weight = quantization.weights(self.weight, self.step)
            return F.linear(quantization.activations(x), weight)
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

    def forward(
        self,
        x: Tensor,
        rotary: tuple[Tensor, Tensor],
        mask: Tensor | None,
        skip: int = 0,
        past: tuple[Tensor, Tensor] | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
        """``x`` (batch, length, dim) → (batch, length - skip, dim), and the queries, keys and
        values (batch, heads, …, head_dim); ``past`` are the keys and values of earlier tokens."""
        batch, length, dim = x.shape
        heads = (batch, length, 3, self.dims.heads, self.dims.head_dim)
        q, k, v = self.qkv(self.attention_norm(x)).view(heads).permute(2, 0, 3, 1, 4).unbind(0)
        q, k = rotate(q, *rotary), rotate(k, *rotary)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        if skip:
            q, x = q[:, :, skip:], x[:, skip:]
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self._drop(self.out(y.transpose(1, 2).reshape(batch, -1, dim)))
        gate, up = self.gate_up(self.ffn_norm(x)).chunk(2, -1)
        return x + self._drop(self.down(F.silu(gate) * up)), (q, k, v)

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

    def quantize(self, step: float | None = quantization.STEP) -> Llama:
        """Switches the simulation of the pack's arithmetic on, with a step of weights in root mean
        squares of their group, or off with ``None``; returns the model."""
        self.quantized = step is not None
        for module in self.modules():
            if isinstance(module, Linear):
                module.step = step
            elif isinstance(module, Norm):
                module.quantized = self.quantized
        return self

    def rotary(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """RoPE's cos and sin ``(length, head_dim / 2)`` at position ids ``(length,)``."""
        half = torch.arange(0, self.dims.head_dim, 2) / self.dims.head_dim
        frequencies = torch.pow(self.dims.rope_theta, -half)
        angles = positions[:, None].float() * frequencies
        return angles.cos(), angles.sin()

    def forward(self, tokens: Tensor, prefix: int) -> Tensor:
        """Logits ``(batch, length - prefix, outputs)`` at ``<sep>`` and every phoneme.

        ``tokens`` is ``(batch, length)``: ``prefix`` graphemes, ``<sep>``, then phonemes.
        """
        return self._run(tokens, prefix)[0]

    def aligned(self, tokens: Tensor, prefix: int) -> tuple[Tensor, Tensor]:
        """The logits, and which letters the model looks at: the logarithms of the attention of
        the first head of the last layer to the graphemes, ``(batch, length - prefix, prefix)``.
        That head is trained to look at the letters that the next phoneme comes from."""
        logits, passed = self._run(tokens, prefix)
        q, k, _ = passed[-1]
        scores = q[:, 0] @ k[:, 0].transpose(1, 2) * self.dims.head_dim**-0.5
        mask = attention_mask(prefix, tokens.shape[1])[prefix:]
        return logits, (scores + mask).log_softmax(-1)[..., :prefix]

    def _run(
        self, tokens: Tensor, prefix: int
    ) -> tuple[Tensor, list[tuple[Tensor, Tensor, Tensor]]]:
        length = tokens.shape[1]
        rotary, mask = self.rotary(positions(prefix, length)), attention_mask(prefix, length)
        x = self._embed(tokens)
        passed = []
        for block in self.blocks[:-1]:
            x, qkv = block(x, rotary, mask)
            passed.append(qkv)
        x, qkv = self.blocks[-1](x, rotary, mask[prefix:], prefix)
        return self._answer(x), [*passed, qkv]

    def _table(self) -> Tensor:
        return quantization.embedding(self.embedding) if self.quantized else self.embedding

    def _embed(self, tokens: Tensor) -> Tensor:
        return drop(F.embedding(tokens, self._table()), self.dropout if self.training else 0.0)

    def _answer(self, x: Tensor) -> Tensor:
        x = self.norm(x)
        if self.quantized:
            x = quantization.activations(x)
        return x @ self._table()[: self.dims.outputs].T

    @torch.no_grad()
    def decode(self, words: Tensor, separator: int, limit: int) -> list[list[int]]:
        """Greedy phoneme tokens of each word; ``words`` is ``(batch, graphemes)``."""
        prefix = words.shape[1]
        logits, passed = self._run(F.pad(words, (0, 1), value=separator), prefix)
        cache = [(k, v) for _, k, v in passed]
        done = torch.zeros(len(words), dtype=torch.bool)
        said: list[Tensor] = []
        for step in range(1, limit + 1):
            best = logits[:, -1].argmax(-1).masked_fill(done, 0)
            done |= best == 0
            if done.all():
                break
            said.append(best)
            x = self._embed(best[:, None])
            rotary = self.rotary(torch.tensor([step]))
            for index, block in enumerate(self.blocks):
                x, (_, *kv) = block(x, rotary, None, past=cache[index])
                cache[index] = (kv[0], kv[1])
            logits = self._answer(x)
        rows = torch.stack(said, 1).tolist() if said else [[] for _ in words]
        return [row[: row.index(0)] if 0 in row else row for row in rows]

    def say(self, words: Sequence[Sequence[int]], separator: int) -> list[tuple[int, ...]]:
        """Greedy phoneme tokens of words of any lengths."""
        by_length: dict[int, list[int]] = defaultdict(list)
        for index, word in enumerate(words):
            by_length[len(word)].append(index)
        said: list[tuple[int, ...]] = [()] * len(words)
        for length, same in by_length.items():
            for start in range(0, len(same), 256):
                part = same[start : start + 256]
                tokens = torch.tensor([list(words[i]) for i in part])
                for i, row in zip(
                    part, self.decode(tokens, separator, 2 * length + 16), strict=True
                ):
                    said[i] = tuple(row)
        return said
