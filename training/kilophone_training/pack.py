"""Writes a pack, the file that the core reads: ``docs/PACK.md`` is the format.

The same model, alphabet and provenance give the same bytes.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from . import entropy, quantization
from .alphabets import Alphabet
from .model import Block, Dimensions, Llama

MAGIC = b"KPH\0"
FORMAT_VERSION = 2
ALIGNMENT = 16
TILE_ROWS = TILE_INPUTS = 8


def build(
    model: Llama,
    alphabet: Alphabet,
    provenance: Mapping[str, Any],
    graphemes_max: int,
    phonemes_max: int,
    name: str | None = None,
    step: float = quantization.STEP,
) -> bytes:
    """The pack of a float model, which is quantised here, its weights in steps of ``step`` root
    mean squares of their group.

    ``graphemes_max`` and ``phonemes_max`` are the longest word that the core gives to the model
    and the longest answer that it takes; ``name`` replaces the alphabet's.
    """
    dims = model.dims
    _check(dims, alphabet, graphemes_max, phonemes_max)
    return _container(
        {
            b"LANG": _text(alphabet.tag) + _text(alphabet.name if name is None else name),
            b"DIMS": _dimensions(dims, graphemes_max, phonemes_max),
            b"ROPE": _rope(dims),
            b"GRPH": struct.pack(f"<{len(alphabet.graphemes)}I", *map(ord, alphabet.graphemes)),
            b"PHON": _phonemes(alphabet),
            b"ONST": _onsets(alphabet),
            b"WGHT": _weights(model, step),
            b"PROV": json.dumps(
                provenance, ensure_ascii=False, sort_keys=True, separators=(",", ":")
            ).encode(),
        }
    )


def sections(pack: bytes) -> dict[bytes, bytes]:
    """The sections of a pack, by tag."""
    (count,) = struct.unpack_from("<I", pack, 16)
    found = {}
    for index in range(count):
        tag, offset, length, _ = struct.unpack_from("<4sIII", pack, 32 + 16 * index)
        found[tag] = pack[offset : offset + length]
    return found


def with_sections(pack: bytes, added: Mapping[bytes, bytes]) -> bytes:
    """A pack with sections added, or replaced."""
    return _container({**sections(pack), **added})


def _check(dims: Dimensions, alphabet: Alphabet, graphemes_max: int, phonemes_max: int) -> None:
    if (dims.vocabulary, dims.outputs) != (alphabet.vocabulary, alphabet.outputs):
        raise ValueError(f"the model is not one of the alphabet {alphabet.tag}: {dims}")
    if dims.dim % dims.heads or any(n % 16 for n in (dims.dim, dims.ffn, dims.head_dim)):
        raise ValueError(f"dim, ffn and dim / heads must be multiples of 16: {dims}")
    limits = {
        "dim": (dims.dim, 1365),
        "ffn": (dims.ffn, 2048),
        "layers": (dims.layers, 16),
        "vocabulary": (dims.vocabulary, 255),
        "graphemes_max": (graphemes_max, 120),
        "phonemes_max": (phonemes_max, 120),
    }
    for name, (value, limit) in limits.items():
        if not 0 < value <= limit:
            raise ValueError(f"{name} must be 1 to {limit}, not {value}")


def _container(sections: Mapping[bytes, bytes]) -> bytes:
    at = 32 + 16 * len(sections)  # a multiple of ALIGNMENT
    table, body = bytearray(), bytearray()
    for tag, content in sections.items():
        body += bytes(-len(body) % ALIGNMENT)
        table += struct.pack("<4sIII", tag, at + len(body), len(content), 0)
        body += content
    checked = struct.pack("<I12x", len(sections)) + bytes(table) + bytes(body)
    head = struct.pack("<4sIII", MAGIC, FORMAT_VERSION, 16 + len(checked), zlib.crc32(checked))
    return head + checked


def _text(text: str) -> bytes:
    """UTF-8 after its length in one byte."""
    encoded = text.encode()
    return bytes([len(encoded)]) + encoded


def _dimensions(dims: Dimensions, graphemes_max: int, phonemes_max: int) -> bytes:
    return struct.pack(
        "<8If", dims.dim, dims.layers, dims.heads, dims.ffn, dims.vocabulary, dims.outputs,
        graphemes_max, phonemes_max, dims.norm_eps,
    )  # fmt: skip


def _rope(dims: Dimensions) -> bytes:
    angles = [dims.rope_theta ** (-i / dims.head_dim) for i in range(0, dims.head_dim, 2)]
    return b"".join(struct.pack("<dd", math.cos(a), math.sin(a)) for a in angles)


def _phonemes(alphabet: Alphabet) -> bytes:
    spellings = list(dict.fromkeys(name for p in alphabet.phonemes for name in p.spellings))
    out = bytearray([len(spellings)])
    for spelling in spellings:
        out += _text(spelling)
    for phoneme in alphabet.phonemes:
        out += bytes([phoneme.kind, phoneme.stress])
        for spelling in spellings:
            out += _text(phoneme.spellings[spelling])
    return bytes(out)


def _onsets(alphabet: Alphabet) -> bytes:
    out = bytearray(struct.pack("<I", len(alphabet.onsets)))
    for onset in alphabet.onsets:
        out += bytes([len(onset), *alphabet.encode_phonemes(onset)])
    return bytes(out)


def _weights(model: Llama, step: float) -> bytes:
    q, scales = quantization.quantize_embedding(model.embedding)
    tensors = [_bytes(_rows(q, model.dims.dim).to(torch.int8)), _scales(scales)]
    nibbles = []
    for block in model.blocks:
        assert isinstance(block, Block)
        for gains, matrices in (
            (block.attention_norm, (block.qkv, block.out)),
            (block.ffn_norm, (block.gate_up, block.down)),
        ):
            tensors.append(_bfloat16(gains.weight))
            for matrix in matrices:
                values, matrix_scales = _int4(matrix.weight, step)
                nibbles.append(values)
                tensors.append(matrix_scales)
    tensors.append(_bfloat16(model.norm.weight))
    padded = b"".join(t + bytes(-len(t) % ALIGNMENT) for t in tensors)
    return padded + entropy.encode(torch.cat(nibbles).tolist())


def _int4(weight: Tensor, step: float) -> tuple[Tensor, bytes]:
    """A matrix's values in tiles of 8 rows × 8 inputs, and its scales."""
    rows, inputs = weight.shape
    q, scales = quantization.quantize_weights(weight, step)
    values = _rows(q, inputs).to(torch.uint8)
    tiles = values.view(rows // TILE_ROWS, TILE_ROWS, inputs // TILE_INPUTS, 2, 4)
    # (row tile, input tile, row, 4, half): the nibbles of a byte, the low one first
    by_tile = scales.view(rows // TILE_ROWS, TILE_ROWS, -1).transpose(1, 2)
    return tiles.permute(0, 2, 1, 4, 3).flatten(), _scales(by_tile)


def _scales(scales: Tensor) -> bytes:
    return _bytes(quantization.scale_codes(scales).to(torch.uint8))


def _rows(groups: Tensor, inputs: int) -> Tensor:
    """``(rows, groups, GROUP)`` as ``(rows, inputs)``, without the last group's filling."""
    return groups.flatten(1)[:, :inputs]


def _bfloat16(x: Tensor) -> bytes:
    return _bytes(x.detach().to(torch.bfloat16).contiguous().view(torch.int16))


def _bytes(x: Tensor) -> bytes:
    values = x.contiguous().numpy()
    return values.astype(values.dtype.newbyteorder("<")).tobytes()
