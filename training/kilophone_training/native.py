"""The training engine: :class:`model.Llama`'s passes and the optimizer in C++ (``engine.cpp``).

Words of a batch lie one behind the other, without padding; matrix products take bfloat16 and sum
in float32, on AMX tiles or by AVX-512's products of pairs where the processor has them, else in
vectors of eight. Gradients are those of :func:`train.loss_of`, as the tests check; the engine
simulates the pack's weights, not its int8 activations, which are no coarser than bfloat16. The
library is compiled on first use, for the processor it runs on, by the C++ compiler that ``CXX``
names (default ``c++``) with ``CXXFLAGS`` after its own, and kept in
``$XDG_CACHE_HOME/kilophone-training``.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from .corpus import PackedCorpus
from .model import Block, Dimensions, Llama

if TYPE_CHECKING:
    from .train import Recipe

SOURCE = Path(__file__).with_name("engine.cpp")
FLAGS = ("-std=c++17", "-O3", "-march=native", "-ffast-math", "-fPIC", "-shared", "-pthread")


class CompilerError(RuntimeError):
    """The engine could not be compiled; the message is the compiler's."""


class _Shape(ctypes.Structure):
    _fields_ = [
        *(
            (name, ctypes.c_int32)
            for name in ("vocabulary", "outputs", "dim", "layers", "heads", "ffn")
        ),
        ("theta", ctypes.c_float),
        ("eps", ctypes.c_float),
    ]


class _Step(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_float) for name in ("rate", "decay", "clip", "mean_share")),
        ("count", ctypes.c_int64),
        ("muon", ctypes.c_int32),
    ]


class _Settings(ctypes.Structure):
    _fields_ = [
        *(
            (name, ctypes.c_float)
            for name in ("dropout", "smoothing", "alignment_weight", "teacher_share", "step")
        ),
        ("seed", ctypes.c_uint32),
        ("threads", ctypes.c_int32),
        ("tokens_share_masks", ctypes.c_int32),
    ]


@cache
def library() -> ctypes.CDLL:
    """The compiled engine, from the cache of the user when its source and flags are the same."""
    compiler = os.environ.get("CXX", "c++")
    flags = (*FLAGS, *os.environ.get("CXXFLAGS", "").split())
    made_by = " ".join((compiler, *flags, platform.node())).encode()
    key = hashlib.sha256(made_by + SOURCE.read_bytes()).hexdigest()[:16]
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "kilophone-training"
    path = folder / f"engine-{key}.so"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            built = Path(temporary) / path.name
            try:
                subprocess.run(
                    [compiler, *flags, "-o", str(built), str(SOURCE)],
                    check=True, capture_output=True, text=True,
                )  # fmt: skip
            except FileNotFoundError as error:
                raise CompilerError(f"no C++ compiler {compiler!r}: set CXX to one") from error
            except subprocess.CalledProcessError as error:
                raise CompilerError(error.stderr) from error
            built.replace(path)
    lib = ctypes.CDLL(str(path))
    lib.kt_open.restype = ctypes.c_void_p
    lib.kt_gradients.restype = ctypes.c_double
    lib.kt_parameters.restype = ctypes.c_size_t
    return lib


def parameters(model: Llama) -> list[torch.nn.Parameter]:
    """A model's parameters in the engine's order: embedding, matrices layer by layer, gains."""
    blocks = [b for b in model.blocks if isinstance(b, Block)]
    matrices = [m.weight for b in blocks for m in (b.qkv, b.out, b.gate_up, b.down)]
    gains = [n.weight for b in blocks for n in (b.attention_norm, b.ffn_norm)]
    return [model.embedding, *matrices, *gains, model.norm.weight]


def flatten(model: Llama) -> torch.Tensor:
    """All parameters in one vector, in the engine's order, float32."""
    return torch.cat([p.detach().float().flatten() for p in parameters(model)]).contiguous()


def split(flat: torch.Tensor, model: Llama) -> list[torch.Tensor]:
    """The parts of a vector of all parameters, in the shapes of :func:`parameters`."""
    own = parameters(model)
    parts = torch.split(flat, [p.numel() for p in own])
    return [part.view_as(p) for part, p in zip(parts, own, strict=True)]


def matrices(flat: torch.Tensor, model: Llama) -> list[torch.Tensor]:
    """The parts that the pack holds in int4: what the layers multiply by."""
    return [part for part in split(flat, model)[1:] if part.dim() == 2]


def unflatten(flat: torch.Tensor, model: Llama) -> None:
    """Writes a vector of all parameters into the model."""
    with torch.no_grad():
        for p, part in zip(parameters(model), split(flat, model), strict=True):
            p.copy_(part)


class Engine:
    """A model's passes; the parameters are the caller's vector (see :func:`flatten`)."""

    def __init__(self, dims: Dimensions, threads: int = 2) -> None:
        sizes = (dims.dim, dims.ffn)
        if any(n % 32 for n in sizes) or dims.head_dim % 16:
            raise ValueError(f"dim and ffn must be multiples of 32, dim / heads of 16: {dims}")
        self.dims, self.threads = dims, threads
        self._lib = library()
        self._engine = ctypes.c_void_p(self._lib.kt_open(ctypes.byref(_shape(dims))))
        self._loaded: torch.Tensor | None = None

    def __del__(self) -> None:
        if hasattr(self, "_engine"):
            self._lib.kt_close(self._engine)

    def load(self, flat: torch.Tensor, step: float | None = None, training: bool = False) -> None:
        """Takes the parameters for the calls that follow, rounded as the products need them, and
        before as the pack does where there is a ``step`` of weights (:meth:`Llama.quantize`)."""
        if flat.numel() != self._lib.kt_parameters(self._engine):
            raise ValueError("the parameters are not those of the engine's dimensions")
        self._loaded = flat
        self._lib.kt_load(
            self._engine, _pointer(flat), ctypes.c_float(step or 0.0), int(training), self.threads
        )

    def gradients(
        self,
        corpus: PackedCorpus,
        indices: NDArray[np.int32],
        recipe: Recipe,
        seed: int,
        gradient: torch.Tensor,
    ) -> tuple[float, NDArray[np.uint8]]:
        """The loss of examples and which of them are right at each step; fills ``gradient``."""
        right = np.zeros(len(indices), np.uint8)
        settings = _Settings(
            recipe.dropout, recipe.label_smoothing, recipe.alignment_weight, recipe.teacher_share,
            0.0, seed & 0xFFFFFFFF, self.threads, int(recipe.word_dropout),
        )  # fmt: skip
        loss = self._lib.kt_gradients(
            self._engine, ctypes.byref(corpus.struct), _pointer(indices), len(indices),
            ctypes.byref(settings), _pointer(gradient), _pointer(right),
        )  # fmt: skip
        return loss, right

    def probabilities(
        self, corpus: PackedCorpus, indices: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        """``(steps, outputs)`` probabilities of each next phoneme along the examples' own."""
        lengths = np.diff(corpus.starts)[indices] - corpus.prefixes[indices]
        out = np.empty((int(lengths.sum()), self.dims.outputs), np.float32)
        self._lib.kt_probabilities(
            self._engine, ctypes.byref(corpus.struct), _pointer(indices), len(indices),
            self.threads, _pointer(out),
        )  # fmt: skip
        return out

    def say(self, words: Sequence[Sequence[int]], separator: int) -> list[tuple[int, ...]]:
        """Greedy phoneme tokens of each word."""
        order = sorted(range(len(words)), key=lambda i: len(words[i]))
        said: list[tuple[int, ...]] = [()] * len(words)
        for start in range(0, len(order), 4096):
            part = order[start : start + 4096]
            stride = 3 * len(words[part[-1]]) + 17
            tokens = np.zeros((len(part), stride), np.uint8)
            lengths = np.array([len(words[i]) + 1 for i in part], np.int32)
            for row, i in enumerate(part):
                tokens[row, : len(words[i])] = words[i]
                tokens[row, len(words[i])] = separator
            self._lib.kt_decode(
                self._engine, _pointer(tokens), stride, _pointer(lengths), len(part), self.threads
            )
            for row, i in enumerate(part):
                said[i] = tuple(tokens[row, : lengths[row]].tolist())
        return said


class Optimizer:
    """Clipped gradients to new parameters, and a running mean of the parameters.

    AdamW (betas 0.9 and 0.98; gains do not decay), or Muon for the matrices of the layers: momentum
    made orthogonal by five Newton-Schulz steps in bfloat16 (Jordan et al. 2024, "Muon: An optimizer
    for hidden layers"), scaled so that AdamW's rates fit (Liu et al. 2025, "Muon is scalable for
    LLM training").
    """

    def __init__(self, dims: Dimensions, flat: torch.Tensor, muon: bool, threads: int = 2) -> None:
        self.flat, self.muon, self.threads = flat, muon, threads
        self.mean = flat.clone()
        self.first = torch.zeros_like(flat)
        self.second = torch.zeros_like(flat)
        self.steps = 0
        self._shape = _shape(dims)

    def state(self) -> dict[str, torch.Tensor]:
        """What a run must keep beside the number of steps."""
        return {
            "parameters": self.flat, "averaged": self.mean,
            "first": self.first, "second": self.second,
        }  # fmt: skip

    def step(
        self, gradient: torch.Tensor, rate: float, decay: float, clip: float, mean_share: float
    ) -> None:
        """Moves the parameters, and the mean by ``mean_share`` of the way to them."""
        self.steps += 1
        how = _Step(rate, decay, clip, mean_share, self.steps, int(self.muon))
        library().kt_step(
            ctypes.byref(self._shape), _pointer(self.flat), _pointer(gradient),
            _pointer(self.first), _pointer(self.second), _pointer(self.mean),
            ctypes.byref(how), self.threads,
        )  # fmt: skip


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """What Muon makes of a matrix: nearly orthogonal, with the same singular vectors."""
    made = matrix.contiguous().clone()
    library().kt_orthogonalize(_pointer(made), *made.shape)
    return made


def _shape(dims: Dimensions) -> _Shape:
    return _Shape(
        dims.vocabulary, dims.outputs, dims.dim, dims.layers, dims.heads, dims.ffn,
        dims.rope_theta, dims.norm_eps,
    )  # fmt: skip


def _pointer(array: torch.Tensor | NDArray[np.generic]) -> ctypes.c_void_p:
    if isinstance(array, torch.Tensor):
        assert array.is_contiguous() and array.dtype == torch.float32
        return ctypes.c_void_p(array.data_ptr())
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data)
