"""Packs, read back by the oracle's own reader, and the oracle's model beside PyTorch's."""

from __future__ import annotations

import json
import math
import struct
import unicodedata
import zlib

import numpy as np
import pytest
import reference
import torch
from conftest import tiny

from kilophone_training import pack, quantization
from kilophone_training.alphabets import ENGLISH, KOREAN, Alphabet
from kilophone_training.model import Block, Llama
from kilophone_training.provenance import provenance

PROVENANCE = {"data": [{"name": "무", "licence": "none"}], "scores": {"dev_per": 5.1}}


def build(model: Llama, alphabet: Alphabet) -> bytes:
    return pack.build(model, alphabet, PROVENANCE, 40, 24)


def test_everything_comes_back(model: Llama, alphabet: Alphabet) -> None:
    read = reference.read_pack(build(model, alphabet))
    dims = model.dims
    assert (read.tag, read.name) == (alphabet.tag, alphabet.name)
    assert (read.dim, read.layer_count, read.heads) == (dims.dim, dims.layers, dims.heads)
    assert (read.ffn, read.vocabulary, read.outputs) == (dims.ffn, dims.vocabulary, dims.outputs)
    assert (read.graphemes_max, read.phonemes_max) == (40, 24)
    assert read.norm_eps == np.float32(dims.norm_eps)
    assert read.graphemes == alphabet.graphemes
    assert [(p.kind, p.stress, p.spellings) for p in read.phonemes] == [
        (p.kind, p.stress, p.spellings) for p in alphabet.phonemes
    ]
    assert read.onsets == tuple(tuple(alphabet.encode_phonemes(o)) for o in alphabet.onsets)
    assert json.loads(read.provenance) == PROVENANCE
    cos, sin = model.rotary(torch.arange(3))
    assert np.allclose(reference.rope_tables(read.rope, 3)[0][1:], cos[1:], atol=1e-6)
    assert np.allclose(reference.rope_tables(read.rope, 3)[1][1:], sin[1:], atol=1e-6)


def test_tensors_come_back(model: Llama, alphabet: Alphabet) -> None:
    read = reference.read_pack(build(model, alphabet))

    def same(matrix: reference.Matrix, weight: torch.Tensor, zero: int) -> None:
        quantize = quantization.quantize_weights if zero else quantization.quantize_embedding
        values, scales = quantize(weight)
        flat = values.flatten(1)[:, : weight.shape[1]] - zero
        assert np.array_equal(matrix.values, flat.numpy())
        assert np.array_equal(matrix.scales, scales[..., 0].numpy())

    same(read.embedding, model.embedding, 0)
    for layer, block in zip(read.layers, model.blocks, strict=True):
        assert isinstance(block, Block)
        same(layer.qkv, block.qkv.weight, 8)
        same(layer.out, block.out.weight, 8)
        same(layer.gate_up, block.gate_up.weight, 8)
        same(layer.down, block.down.weight, 8)
        for gain, norm in (
            (layer.attention_norm, block.attention_norm),
            (layer.ffn_norm, block.ffn_norm),
        ):
            assert np.array_equal(gain, quantization.bfloat16(norm.weight.detach()).numpy())
    assert np.array_equal(
        read.final_norm, quantization.bfloat16(model.norm.weight.detach()).numpy()
    )


def test_tiles_stand_as_the_page_says() -> None:
    weight = torch.arange(16 * 16).float().reshape(16, 16).sin()
    values = quantization.quantize_weights(weight)[0].flatten(1).int()
    symbols = pack._int4(weight, quantization.STEP)[0]
    for r in range(2):
        for t in range(2):
            for i in range(8):
                for j in range(4):
                    low, high = symbols[64 * (2 * r + t) + 8 * i + 2 * j :][:2]
                    assert low == values[8 * r + i, 8 * t + j]
                    assert high == values[8 * r + i, 8 * t + 4 + j]


def test_the_same_model_gives_the_same_bytes(model: Llama, alphabet: Alphabet) -> None:
    assert build(model, alphabet) == build(model, alphabet)


def test_sections_are_aligned_and_named(model: Llama, alphabet: Alphabet) -> None:
    content = build(model, alphabet)
    magic, version, length, checksum = struct.unpack_from("<4sIII", content)
    assert (magic, version, length) == (b"KPH\0", pack.FORMAT_VERSION, len(content))
    assert checksum == zlib.crc32(content[16:])
    ends = 32 + 16 * 8
    for index in range(8):
        at, size = struct.unpack_from("<II", content, 32 + 16 * index + 4)
        assert at % 16 == 0
        assert not any(content[ends:at])
        ends = at + size
    assert ends == len(content)


def test_sections_are_added_and_replaced(model: Llama, alphabet: Alphabet) -> None:
    content = build(model, alphabet)
    more = pack.with_sections(content, {b"CORR": b"abc", b"PROV": b"{}"})
    assert pack.sections(more) == {**pack.sections(content), b"CORR": b"abc", b"PROV": b"{}"}
    assert reference.read_sections(more)[b"PROV"] == b"{}"
    assert pack.with_sections(content, {}) == content


def test_a_name_of_ones_own(model: Llama, alphabet: Alphabet) -> None:
    content = pack.build(model, alphabet, {}, 40, 24, name="Mine")
    assert reference.read_pack(content).name == "Mine"


def test_shapes_that_no_pack_can_hold(model: Llama, alphabet: Alphabet) -> None:
    other = KOREAN if alphabet is ENGLISH else ENGLISH
    with pytest.raises(ValueError, match="alphabet"):
        pack.build(model, other, {}, 40, 24)
    with pytest.raises(ValueError, match="graphemes_max"):
        pack.build(model, alphabet, {}, 400, 24)


@pytest.mark.parametrize(
    ("damage", "status"),
    [
        (lambda c: b"KPX\0" + c[4:], "corrupt"),
        (lambda c: c[:4] + b"\3" + c[5:], "newer"),
        (lambda c: c[:-1], "truncated"),
        (lambda c: c[:9], "truncated"),
        (lambda c: c + b"\0", "corrupt"),
        (lambda c: c[:-1] + bytes([c[-1] ^ 1]), "corrupt"),
        (lambda c: c[:16] + bytes([c[16] ^ 1]) + c[17:], "corrupt"),
    ],
)
def test_the_oracle_refuses_damage(damage, status: str) -> None:  # type: ignore[no-untyped-def]
    torch.manual_seed(1)
    content = build(Llama(tiny("ko").dimensions()), KOREAN)
    with pytest.raises(reference.PackError) as error:
        reference.read_pack(damage(content))
    assert error.value.status == status


def test_the_oracle_gives_the_logits_of_the_model(
    model: Llama, alphabet: Alphabet, words: list[str]
) -> None:
    """Teacher-forced with the oracle's own phonemes, step by step.

    The two round alike but sum in other orders, so that now and then an activation falls to the
    other side of a rounding; a wrong formula is far outside.
    """
    read = reference.read_pack(build(model, alphabet))
    model.quantize()
    for word in words:
        tokens, logits = reference.decode(read, unicodedata.normalize("NFD", word))
        graphemes = alphabet.encode_word(word)
        sequence = torch.tensor([[*graphemes, alphabet.separator, *tokens]])
        with torch.no_grad():
            expected = model(sequence, len(graphemes))[0, : len(logits)].numpy()
        spread = expected.std()
        assert np.abs(logits - expected).max() < 0.15 * spread
        assert np.median(np.abs(logits - expected)) < 0.02 * spread


def test_the_oracle_stops(model: Llama, alphabet: Alphabet, words: list[str]) -> None:
    read = reference.read_pack(build(model, alphabet))
    for word in words:
        tokens, logits = reference.decode(read, unicodedata.normalize("NFD", word))
        assert logits.dtype == np.float32
        assert len(tokens) <= read.phonemes_max
        ended = len(tokens) < read.phonemes_max
        assert logits.shape == (len(tokens) + ended, alphabet.outputs)
        assert [int(row.argmax()) for row in logits] == tokens + [0] * ended
    with pytest.raises(ValueError, match="more than"):
        reference.decode(read, alphabet.graphemes[0] * 41)


def test_the_oracles_exp_is_near() -> None:
    x = np.linspace(-86, 87, 100_001, dtype=np.float32)
    exact = np.exp(x.astype(np.float64))
    assert np.abs(reference.exp(x) / exact - 1).max() < 2e-7
    assert reference.exp(np.float32([-1e9, 0, 1e9])).tolist() == [
        pytest.approx(math.exp(-87)), 1, pytest.approx(math.exp(88)),
    ]  # fmt: skip


def test_provenance_names_data_and_licences() -> None:
    recipe = tiny("en-us")
    said = provenance(recipe, "abc", {"dev_per": 5.0})
    assert [d["licence"] for d in said["data"]] == ["BSD-2-Clause"]
    assert said["splits"] == ["train"]
    assert said["recipe"]["dim"] == recipe.dim
    assert (said["commit"], said["scores"]) == ("abc", {"dev_per": 5.0})
    assert provenance(tiny("ko"), None, {})["data"][0]["licence"] == "CC BY-SA"
