"""The oracle: what a kilophone must answer, in plain NumPy.

Written from ``docs/PACK.md`` and ``docs/CORRECTIONS.md`` alone; it shares no code with the core nor
with the training, so that an error of theirs cannot be its own. Every float operation is spelled
out in binary32 and in the order that the page fixes, and so gives the same bits as the core on any
machine. Where NumPy chooses the order of a sum itself (``@`` below), the sum is of whole numbers
below 2^24, which is exact in any order.

    python reference.py PACK WORD…

prints each word's phonemes and the CRC-32 of the logits of its greedy decoding. The words are
normalised already: small letters, or Hangul.
"""

from __future__ import annotations

import argparse
import re
import struct
import sys
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
F32 = np.float32


# ---------------------------------------------------------------------------------------- pack


class PackError(ValueError):
    """A pack that is refused; ``status`` is ``truncated``, ``corrupt`` or ``newer``."""

    def __init__(self, status: str, why: str) -> None:
        super().__init__(f"{status} pack: {why}")
        self.status = status


@dataclass(frozen=True)
class Phoneme:
    """A phoneme of a pack."""

    kind: int
    """0 consonant, 1 vowel, 2 glide."""
    stress: int
    """0 none, 1 primary, 2 secondary."""
    spellings: dict[str, str]
    """Alphabet (``ipa``, ``arpabet``) → spelling without stress."""


@dataclass(frozen=True)
class Matrix:
    """Whole-number weights ``values`` (rows, inputs) and their ``scales`` (rows, groups)."""

    values: Floats
    scales: Floats


@dataclass(frozen=True)
class Layer:
    """The weights of one layer; gains are ``(dim,)``."""

    attention_norm: Floats
    qkv: Matrix
    out: Matrix
    ffn_norm: Floats
    gate_up: Matrix
    down: Matrix


@dataclass(frozen=True)
class Divergence:
    """A step that takes another token than the best: this step, or the next at which the model
    hesitates after so many others."""

    step: int | None
    hesitations: int | None
    rank: int


@dataclass(frozen=True)
class Corrections:
    """What the model gets wrong about known words; the names are those of the page."""

    seed: int
    salts: tuple[int, ...]
    """Of each bucket."""
    width: int
    lead: np.float32
    entries: dict[tuple[int, int], tuple[Divergence, ...]]
    """Bucket and fingerprint → divergences, in order."""
    alone: frozenset[tuple[int, int]] = frozenset()
    """Those from which no plural or singular follows."""


@dataclass(frozen=True)
class Pack:
    """What a pack holds, unpacked; the names are those of ``docs/PACK.md``."""

    tag: str
    name: str
    dim: int
    layer_count: int
    heads: int
    ffn: int
    vocabulary: int
    outputs: int
    graphemes_max: int
    phonemes_max: int
    norm_eps: np.float32
    rope: NDArray[np.float64]
    """``(head_dim / 2, 2)``: cos and sin of each frequency's angle at position 1."""
    graphemes: tuple[str, ...]
    alphabets: tuple[str, ...]
    phonemes: tuple[Phoneme, ...]
    onsets: tuple[tuple[int, ...], ...]
    embedding: Matrix
    layers: tuple[Layer, ...]
    final_norm: Floats
    provenance: str
    corrections: Corrections | None = None

    @property
    def head_dim(self) -> int:
        """Inputs of one attention head."""
        return self.dim // self.heads


GROUP = 128
HEADER_BYTES = 32
VERSION = 2
SECTIONS = (b"LANG", b"DIMS", b"ROPE", b"GRPH", b"PHON", b"ONST", b"WGHT", b"PROV")


class Reader:
    """Takes values from the front of a section."""

    def __init__(self, section: bytes) -> None:
        self.section = section
        self.at = 0

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self.section) - self.at)

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        if self.at + count > len(self.section):
            raise PackError("corrupt", "a section is too short")
        self.at += count
        return self.section[self.at - count : self.at]

    def byte(self) -> int:
        """The next u8."""
        return self.take(1)[0]

    def word(self) -> int:
        """The next u32."""
        return int.from_bytes(self.take(4), "little")

    def character(self) -> str:
        """The character of the next u32, its code point."""
        number = self.word()
        if number > sys.maxunicode:
            raise PackError("corrupt", "a grapheme is not a code point")
        return chr(number)

    def text(self) -> str:
        """The next text: u8 length, UTF-8."""
        try:
            return self.take(self.byte()).decode()
        except UnicodeDecodeError as error:
            raise PackError("corrupt", "a text is not UTF-8") from error

    def end(self) -> None:
        """Checks that nothing is left."""
        if self.at != len(self.section):
            raise PackError("corrupt", "a section is too long")


def read_sections(data: bytes) -> dict[bytes, bytes]:
    """The known sections of a pack, after the checks of its container."""
    if data[:4] != b"KPH\0"[: len(data)]:
        raise PackError("corrupt", "not a pack")
    if len(data) < HEADER_BYTES:
        raise PackError("truncated", "shorter than its header")
    version, length, checksum = struct.unpack_from("<III", data, 4)
    if version != VERSION:
        raise PackError("newer" if version > VERSION else "corrupt", f"format version {version}")
    if len(data) != length:
        raise PackError("truncated" if len(data) < length else "corrupt", "another length")
    if zlib.crc32(data[16:]) != checksum:
        raise PackError("corrupt", "another checksum")
    reader = Reader(data)
    reader.take(16)
    count = reader.word()
    reader.take(12)
    sections: dict[bytes, bytes] = {}
    for _ in range(count):
        tag, at, size = reader.take(4), reader.word(), reader.word()
        reader.take(4)
        if at % 16 or at + size > length:
            raise PackError("corrupt", f"{tag!r} is not in the pack")
        if tag in sections:
            raise PackError("corrupt", f"{tag!r} is given twice")
        sections[tag] = data[at : at + size]
    for tag in SECTIONS:
        if tag not in sections:
            raise PackError("corrupt", f"no {tag!r}")
    return sections


@lru_cache(maxsize=4)
def read_pack(data: bytes) -> Pack:
    """Reads a pack; :class:`PackError` when it is none, or is damaged."""
    sections = {tag: Reader(content) for tag, content in read_sections(data).items()}

    language = sections[b"LANG"]
    tag, name = language.text(), language.text()
    language.end()

    section = sections[b"DIMS"]
    dim, layers, heads, ffn, vocabulary, outputs, graphemes_max, phonemes_max = (
        section.word() for _ in range(8)
    )
    norm_eps = np.frombuffer(section.take(4), "<f4")[0]
    section.end()
    limits = ((dim, 1365), (ffn, 2048), (layers, 16), (vocabulary, 255), (heads, dim))
    if any(not 0 < n <= limit for n, limit in (*limits, (graphemes_max, 120), (phonemes_max, 120))):
        raise PackError("corrupt", "dimensions are beyond the limits")
    if dim % 16 or ffn % 16 or dim % (16 * heads):
        raise PackError("corrupt", "dimensions are not multiples of 16")
    if not 1 < outputs < vocabulary - 1:
        raise PackError("corrupt", "no room for phonemes and graphemes")

    section = sections[b"ROPE"]
    rope = np.frombuffer(section.take(8 * dim // heads), "<f8").reshape(-1, 2)
    section.end()

    section = sections[b"GRPH"]
    graphemes = tuple(section.character() for _ in range(vocabulary - outputs - 1))
    section.end()
    if len(set(graphemes)) != len(graphemes):
        raise PackError("corrupt", "a grapheme is given twice")

    section = sections[b"PHON"]
    alphabets = tuple(section.text() for _ in range(section.byte()))
    phonemes = tuple(
        Phoneme(section.byte(), section.byte(), {a: section.text() for a in alphabets})
        for _ in range(outputs - 1)
    )
    section.end()
    if any(phoneme.kind > 2 or phoneme.stress > 2 for phoneme in phonemes):
        raise PackError("corrupt", "a phoneme has a kind or stress that there is none of")

    section = sections[b"ONST"]
    onsets = tuple(tuple(section.take(section.byte())) for _ in range(section.word()))
    section.end()
    if any(token == 0 or token >= outputs for onset in onsets for token in onset):
        raise PackError("corrupt", "an onset holds what is no phoneme")

    weights = sections[b"WGHT"]
    embedding = read_int8(weights, vocabulary, dim)
    shapes = ((3 * dim, dim), (dim, dim), (2 * ffn, dim), (dim, ffn))
    norms_and_scales = []
    for _ in range(layers):
        attention_norm = read_bfloat16(weights, dim)
        scales = [read_int4_scales(weights, *shape) for shape in shapes[:2]]
        ffn_norm = read_bfloat16(weights, dim)
        scales += [read_int4_scales(weights, *shape) for shape in shapes[2:]]
        norms_and_scales.append((attention_norm, ffn_norm, scales))
    final_norm = read_bfloat16(weights, dim)
    symbols = decode_symbols(weights.rest(), layers * sum(rows * inputs for rows, inputs in shapes))
    blocks = []
    at = 0
    for attention_norm, ffn_norm, scales in norms_and_scales:
        matrices = []
        for (rows, inputs), scale in zip(shapes, scales, strict=True):
            matrices.append(Matrix(untiled(symbols[at : at + rows * inputs], rows, inputs), scale))
            at += rows * inputs
        qkv, out, gate_up, down = matrices
        blocks.append(Layer(attention_norm, qkv, out, ffn_norm, gate_up, down))

    return Pack(
        tag, name, dim, layers, heads, ffn, vocabulary, outputs, graphemes_max, phonemes_max,
        norm_eps, rope, graphemes, alphabets, phonemes, onsets, embedding, tuple(blocks),
        final_norm,
        sections[b"PROV"].section.decode(errors="replace"),
        read_corrections(sections[b"CORR"].section, outputs) if b"CORR" in sections else None,
    )  # fmt: skip


class BitReader:
    """Takes bits from the highest of each byte on; those behind ``end`` are zeros."""

    def __init__(self, content: bytes, at: int, end: int) -> None:
        self.content = content
        self.at = at
        self.end = end

    def take(self, count: int) -> int:
        """The next ``count`` bits, the highest first."""
        value = 0
        for at in range(self.at, self.at + count):
            bit = self.content[at // 8] >> 7 - at % 8 & 1 if at < self.end else 0
            value = 2 * value + bit
        self.at += count
        return value

    def take_gamma(self) -> int:
        """A number from 1 to 255 in Elias' gamma code."""
        for zeros in range(8):
            if self.take(1):
                return 1 << zeros | self.take(zeros)
        raise PackError("corrupt", "a number is too large")


NONE, MORE, ESCAPE, FIRST_PAIR, ALONE = 0, 1, 2, 3, 27
SYMBOLS = 28


def read_corrections(section: bytes, outputs: int) -> Corrections:
    """The section ``CORR``."""
    reader = Reader(section)
    seed, buckets, width = reader.word(), reader.word(), reader.word()
    lead = np.frombuffer(reader.take(4), "<f4")[0]
    rice = reader.word()
    nibbles = reader.take(SYMBOLS // 2)
    lengths = [nibbles[symbol // 2] >> 4 * (symbol % 2) & 15 for symbol in range(SYMBOLS)]
    codes = canonical_code(lengths)
    if rice > 24:
        raise PackError("corrupt", "remainders of more than 24 bits")
    heads = np.frombuffer(reader.take(2 * buckets), "<u2").tolist()
    content = reader.take(len(section) - reader.at)
    if len(content) != -(-sum(head & 0xFFF for head in heads) // 8):
        raise PackError("corrupt", "the buckets are not as long as their sizes")
    entries = {}
    alone = set()
    begin = 0
    for bucket, head in enumerate(heads):
        bits = BitReader(content, begin, begin + (head & 0xFFF))
        place = -1
        while bits.at < bits.end:
            place += 1
            while bits.take(1):
                place += 1 << rice
            place += bits.take(rice)
            if place >= width:
                raise PackError("corrupt", "a fingerprint is too large")
            symbol = read_symbol(bits, codes)
            if symbol == ALONE:
                alone.add((bucket, place))
                symbol = read_symbol(bits, codes)
            entries[bucket, place] = tuple(read_divergences(symbol, bits, codes, outputs))
        if bits.at != bits.end:
            raise PackError("corrupt", "an entry goes on behind its bucket")
        begin = bits.end
    salts = tuple(head >> 12 for head in heads)
    return Corrections(seed, salts, width, lead, entries, frozenset(alone))


def canonical_code(lengths: Sequence[int]) -> dict[tuple[int, int], int]:
    """Length and code → symbol."""
    codes = {}
    code = 0
    for length in range(1, 16):
        code *= 2
        for symbol in (s for s, n in enumerate(lengths) if n == length):
            codes[length, code] = symbol
            code += 1
        if code > 1 << length:
            raise PackError("corrupt", "a code has no room for all of its symbols")
    return codes


def read_divergences(
    symbol: int, bits: BitReader, codes: dict[tuple[int, int], int], outputs: int
) -> Iterator[Divergence]:
    """The divergences of an entry, the first of which begins with a symbol that has been read."""
    while True:
        goes_on = symbol == MORE
        if goes_on:
            symbol = read_symbol(bits, codes)
        if symbol == NONE:
            return
        if symbol in (MORE, ALONE):
            raise PackError("corrupt", "a word of command in the wrong place")
        if symbol == ESCAPE:
            divergence = Divergence(bits.take_gamma() - 1, None, bits.take_gamma())
        else:
            rank, hesitations = divmod(symbol - FIRST_PAIR, 8)
            divergence = Divergence(None, hesitations, rank + 1)
        if divergence.rank >= outputs:
            raise PackError("corrupt", "there are not so many tokens")
        yield divergence
        if not goes_on:
            return
        symbol = read_symbol(bits, codes)


def read_symbol(bits: BitReader, codes: dict[tuple[int, int], int]) -> int:
    """The next symbol of a canonical code."""
    code = 0
    for length in range(1, 16):
        code = 2 * code + bits.take(1)
        if (length, code) in codes:
            return codes[length, code]
    raise PackError("corrupt", "no symbol has such a code")


def mix(h: int) -> int:
    """The last step of MurmurHash3."""
    h = (h ^ h >> 16) * 0x85EBCA6B % 2**32
    h = (h ^ h >> 13) * 0xC2B2AE35 % 2**32
    return h ^ h >> 16


def hash_of(seed: int, graphemes: Sequence[int]) -> int:
    """The hash of a word's grapheme tokens."""
    h = seed
    for token in graphemes:
        h = (h ^ token) * 0x01000193 % 2**32
    return mix(h)


def key_of(table: Corrections, graphemes: Sequence[int]) -> tuple[int, int]:
    """Bucket and fingerprint of a word, given its grapheme tokens."""
    h = hash_of(table.seed, graphemes)
    bucket = h * len(table.salts) >> 32
    return bucket, mix((h + table.salts[bucket] * 0x9E3779B9) % 2**32) * table.width >> 32


def find_corrections(
    table: Corrections | None, graphemes: Sequence[int]
) -> list[Divergence] | None:
    """The divergences of a word, given its grapheme tokens; None when it has no entry."""
    if table is None or not table.salts:
        return None
    found = table.entries.get(key_of(table, graphemes))
    return None if found is None else list(found)


def read_tensor(weights: Reader, count: int) -> bytes:
    """A tensor's bytes; the filling up to a multiple of 16 is passed over."""
    tensor = weights.take(count)
    weights.take(-count % 16)
    return tensor


def read_bfloat16(weights: Reader, count: int) -> Floats:
    """bfloat16 values: the upper halves of binary32."""
    halves = np.frombuffer(read_tensor(weights, 2 * count), "<u2")
    return (halves.astype(np.uint32) << 16).view(np.float32)


def read_scales(weights: Reader, count: int) -> Floats:
    """Scales of a byte each: bfloat16 numbers with the bits ``(824 + e) << 4``."""
    e = np.frombuffer(read_tensor(weights, count), np.uint8).astype(np.uint32)
    return ((824 + e) << 20).view(np.float32)


def read_int8(weights: Reader, rows: int, inputs: int) -> Matrix:
    """A table of int8, row after row, then its scales."""
    values = np.frombuffer(read_tensor(weights, rows * inputs), np.int8)
    scales = read_scales(weights, rows * groups(inputs))
    return Matrix(values.reshape(rows, inputs).astype(F32), scales.reshape(rows, -1))


def read_int4_scales(weights: Reader, rows: int, inputs: int) -> Floats:
    """The scales ``(rows, groups)`` of an int4 matrix, which eight rows have side by side."""
    scales = read_scales(weights, rows * groups(inputs)).reshape(rows // 8, groups(inputs), 8)
    return scales.transpose(0, 2, 1).reshape(rows, groups(inputs))


STATE_LOW = 1 << 23
PRECISION = 12


def decode_symbols(coded: bytes, count: int) -> NDArray[np.uint8]:
    """``count`` symbols, 0 to 15, of asymmetric numeral systems."""
    head = 2 * 16 + 4
    if len(coded) < head:
        raise PackError("corrupt", "no frequencies")
    *frequencies, state = struct.unpack_from("<16HI", coded)
    if sum(frequencies) != 1 << PRECISION:
        raise PackError("corrupt", "the frequencies have another sum")
    if not STATE_LOW <= state < STATE_LOW << 8:
        raise PackError("corrupt", "no such state")
    of_slot = [symbol for symbol, f in enumerate(frequencies) for _ in range(f)]
    starts = [sum(frequencies[:symbol]) for symbol in range(16)]
    symbols = bytearray(count)
    at = head
    for index in range(count):
        slot = state & (1 << PRECISION) - 1
        symbol = symbols[index] = of_slot[slot]
        state = frequencies[symbol] * (state >> PRECISION) + slot - starts[symbol]
        while state < STATE_LOW:
            if at == len(coded):
                raise PackError("corrupt", "the values end too early")
            state = state << 8 | coded[at]
            at += 1
    if state != STATE_LOW or at != len(coded):
        raise PackError("corrupt", "the values do not end where they should")
    return np.frombuffer(bytes(symbols), np.uint8)


def untiled(symbols: NDArray[np.uint8], rows: int, inputs: int) -> Floats:
    """The values of a matrix whose symbols stand in tiles of 8 rows by 8 inputs."""
    # Row and column of tiles; row; column in half a tile; which half.
    tiles = symbols.reshape(rows // 8, inputs // 8, 8, 4, 2)
    values = tiles.transpose(0, 2, 1, 4, 3).reshape(rows, inputs)
    return values.astype(F32) - F32(8)


def groups(inputs: int) -> int:
    """Groups of a row of so many inputs."""
    return -(-inputs // GROUP)


# ---------------------------------------------------------------------------------- arithmetic


def lane_sum(x: Floats) -> Floats:
    """Sum over the last axis, a multiple of 8: eight accumulators, then their tree."""
    eights = x.reshape(*x.shape[:-1], -1, 8)
    a = np.zeros((*x.shape[:-1], 8), F32)
    for i in range(eights.shape[-2]):
        a = a + eights[..., i, :]
    a0, a1, a2, a3, a4, a5, a6, a7 = (a[..., lane] for lane in range(8))
    result: Floats = ((a0 + a4) + (a2 + a6)) + ((a1 + a5) + (a3 + a7))
    return result


LOG2_E = F32(float.fromhex("0x1.715476p+0"))
ROUNDING = F32(12582912)  # 1.5 · 2^23: adding it leaves no room for a fraction
LN2_HIGH, LN2_LOW = F32(0.693359375), F32(-2.12194440e-4)
EXP_COEFFICIENTS = tuple(
    F32(c)
    for c in (
        1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3,
        4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
    )
)  # fmt: skip


def exp(x: Floats) -> Floats:
    """The exponential function of the page: its own rounding to 2^n, Cephes' polynomial."""
    x = np.minimum(np.maximum(x, F32(-87)), F32(88))
    n = (x * LOG2_E + ROUNDING) - ROUNDING
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    p = np.full_like(r, EXP_COEFFICIENTS[0])
    for coefficient in EXP_COEFFICIENTS[1:]:
        p = p * r + coefficient
    y = (p * (r * r) + r) + F32(1)
    result: Floats = np.ldexp(y, n.astype(np.int32))
    return result


LOG_COEFFICIENTS = tuple(
    F32(c)
    for c in (
        7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
        -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    )
)  # fmt: skip


def log(x: Floats) -> Floats:
    """The natural logarithm of the page, of normal numbers above 0: Cephes' polynomial."""
    bits = x.view(np.int32)
    exponent = (bits - 0x3F3504F3) >> 23
    n = exponent.astype(F32)
    r = (bits - (exponent << 23)).view(F32) - F32(1)
    z = r * r
    p = np.full_like(r, LOG_COEFFICIENTS[0])
    for coefficient in LOG_COEFFICIENTS[1:]:
        p = p * r + coefficient
    y = ((p * r) * z + n * LN2_LOW) - F32(0.5) * z
    result: Floats = (r + y) + n * LN2_HIGH
    return result


def log_probabilities(logits: Floats) -> Floats:
    """Of each token, along the last axis."""
    largest = np.max(logits, axis=-1, keepdims=True)
    count = logits.shape[-1]
    filled = np.zeros((*logits.shape[:-1], -(-count // 8) * 8), F32)
    filled[..., :count] = exp(logits - largest)
    result: Floats = logits - (largest + log(lane_sum(filled)[..., None]))
    return result


def quantise(x: Floats) -> tuple[Floats, Floats]:
    """int8 values (as floats) of one group of every vector, and their scales ``(…, 1)``."""
    m = np.max(np.abs(x), axis=-1, keepdims=True)
    inverse = np.divide(F32(127), m, out=np.zeros_like(m), where=m != 0)
    return np.rint(x * inverse), m / F32(127)


def linear(x: Floats, matrix: Matrix, rows: int | None = None) -> Floats:
    """``(…, inputs)`` → ``(…, rows)``, with the first ``rows`` of the matrix."""
    values, scales = matrix.values[:rows], matrix.scales[:rows]
    vectors = x.reshape(-1, x.shape[-1])
    acc = np.zeros((len(vectors), len(values)), F32)
    for group in range(scales.shape[1]):
        part = slice(group * GROUP, (group + 1) * GROUP)
        q, activation_scale = quantise(vectors[:, part])
        dot = q @ values[:, part].T  # whole numbers, at most 128 · 127 · 127: exact
        acc = acc + dot * (scales[:, group] * activation_scale)
    return acc.reshape(*x.shape[:-1], len(values))


def norm(x: Floats, gain: Floats, eps: np.float32) -> Floats:
    """RMSNorm over the last axis."""
    s = lane_sum(x * x)[..., None]
    r = F32(1) / np.sqrt(s / F32(x.shape[-1]) + eps)
    result: Floats = (x * r) * gain
    return result


def silu(x: Floats) -> Floats:
    """``x / (1 + exp(-x))``."""
    return x / (F32(1) + exp(-x))


def rope_tables(rope: NDArray[np.float64], positions: int) -> tuple[Floats, Floats]:
    """Cos and sin ``(positions, head_dim / 2)``, by the angle-sum formula in binary64."""
    c, s = rope[:, 0], rope[:, 1]
    cos, sin = [np.ones_like(c)], [np.zeros_like(s)]
    for _ in range(positions - 1):
        cos_before, sin_before = cos[-1], sin[-1]
        cos.append(cos_before * c - sin_before * s)
        sin.append(sin_before * c + cos_before * s)
    return np.stack(cos).astype(F32), np.stack(sin).astype(F32)


def rotate(x: Floats, cos: Floats, sin: Floats) -> Floats:
    """``x`` (…, tokens, heads, head_dim); the tables' rows are those of the tokens' positions."""
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    cos, sin = cos[:, None], sin[:, None]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


def attention(q: Floats, k: Floats, v: Floats) -> tuple[Floats, Floats]:
    """Each of the queries over all the keys.

    ``(words, n, heads, head_dim)`` each → ``(words, queries, dim)``, and the weights before they
    are divided by their sum, ``(words, queries, keys, heads)``.
    """
    words, queries, heads, head_dim = q.shape
    keys = k.shape[1]
    scale = F32(1) / np.sqrt(F32(head_dim))
    scores = lane_sum(q[:, :, None] * k[:, None]) * scale  # (words, queries, keys, heads)
    e = exp(scores - np.max(scores, axis=2, keepdims=True))
    filled = np.zeros((words, queries, heads, -(-keys // 8) * 8), F32)
    filled[..., :keys] = e.transpose(0, 1, 3, 2)
    z = lane_sum(filled)[..., None]
    acc = np.zeros_like(q)
    for j in range(keys):
        acc = acc + e[:, :, j, :, None] * v[:, None, j]
    return (acc * (F32(1) / z)).reshape(words, queries, heads * head_dim), e


# --------------------------------------------------------------------------------------- model


class Decoder:
    """The model over words side by side, all with as many graphemes.

    First come their graphemes and ``<sep>`` at once, then a token of each a step. No word's
    numbers depend on the others.
    """

    def __init__(self, pack: Pack, words: int) -> None:
        self.pack = pack
        self.rope = rope_tables(pack.rope, max(pack.graphemes_max, pack.phonemes_max) + 1)
        empty = np.zeros((words, 0, pack.heads, pack.head_dim), F32)
        self.keys = [empty] * pack.layer_count
        self.values = [empty] * pack.layer_count
        self.weights = np.zeros((words, 0), F32)
        """Of the last layer's first head for the last token, ``(words, keys)``."""

    def step(self, tokens: NDArray[np.intp], positions: list[int]) -> Floats:
        """Logits ``(words, outputs)`` after the last of the tokens ``(words, n)``.

        The tokens see each other and all of those before.
        """
        pack = self.pack
        cos, sin = (table[positions] for table in self.rope)
        x = self.embed(tokens)
        for index, layer in enumerate(pack.layers):
            qkv = linear(norm(x, layer.attention_norm, pack.norm_eps), layer.qkv)
            parts = qkv.reshape(*x.shape[:2], 3, pack.heads, pack.head_dim)
            q, k, v = (parts[:, :, part] for part in range(3))
            self.keys[index] = np.concatenate([self.keys[index], rotate(k, cos, sin)], axis=1)
            self.values[index] = np.concatenate([self.values[index], v], axis=1)
            y, weights = attention(rotate(q, cos, sin), self.keys[index], self.values[index])
            x = x + linear(y, layer.out)
            h = linear(norm(x, layer.ffn_norm, pack.norm_eps), layer.gate_up)
            gate, up = h[..., : pack.ffn], h[..., pack.ffn :]
            x = x + linear(silu(gate) * up, layer.down)
        self.weights = weights[:, -1, :, 0]
        last = norm(x[:, -1], pack.final_norm, pack.norm_eps)
        return linear(last, pack.embedding, pack.outputs)

    def embed(self, tokens: NDArray[np.intp]) -> Floats:
        """The tokens' rows of the embedding table, ``(words, n, dim)``."""
        scales = np.repeat(self.pack.embedding.scales[tokens], GROUP, axis=-1)
        embedded: Floats = self.pack.embedding.values[tokens] * scales[..., : self.pack.dim]
        return embedded

    def keep(self, words: NDArray[np.bool_] | NDArray[np.intp]) -> None:
        """Goes on with these of the words alone."""
        self.keys = [keys[words] for keys in self.keys]
        self.values = [values[words] for values in self.values]


Letters = tuple[int, int]
"""The first and the last letter that a phoneme comes from."""


@dataclass
class Reading:
    """How a word is read: phoneme tokens, the letters of each, and the logits of each step."""

    graphemes: Sequence[int]
    """Grapheme tokens, without ``<sep>``."""
    wanted: Sequence[int] | None
    """Phonemes to take whatever the model says."""
    edits: list[Divergence]
    """Divergences that have not been reached."""
    source: str
    lead: np.float32
    follows: bool = False
    """Whether the phonemes are those that follow from what was read in the word's place."""
    hesitations: int = 0
    """Since the last divergence."""
    phonemes: list[int] = field(default_factory=list)
    letters: list[Letters] = field(default_factory=list)
    logits: list[Floats] = field(default_factory=list)

    def take(self, logits: Floats, weights: Floats) -> int:
        """A step: the token to go on with, which is 0 at the end."""
        step = len(self.logits)
        self.logits.append(logits)
        token = self.choose(logits, step) if self.wanted is None else [*self.wanted, 0][step]
        if token:
            self.phonemes.append(token)
            self.letters.append(letters_of(weights[: len(self.graphemes)]))
        return token

    def choose(self, logits: Floats, step: int) -> int:
        """The best token, or that of a divergence."""
        ranking = np.argsort(-logits, kind="stable")  # the lowest number of equals first
        if not self.edits:
            return int(ranking[0])
        divergence = self.edits[0]
        hesitates = bool(logits[ranking[0]] - logits[ranking[1]] < self.lead)
        if divergence.step is None:
            is_due = hesitates and self.hesitations == divergence.hesitations
        else:
            is_due = step == divergence.step
        if not is_due:
            self.hesitations += hesitates
            return int(ranking[0])
        self.hesitations = 0
        del self.edits[0]
        return int(ranking[divergence.rank])


def letters_of(weights: Floats) -> Letters:
    """The letter with the largest weight, the first of equals, and its neighbours on both sides
    that have at least half of it."""
    first = last = int(np.argmax(weights))
    largest = weights[first]
    while first > 0 and F32(2) * weights[first - 1] >= largest:
        first -= 1
    while last + 1 < len(weights) and F32(2) * weights[last + 1] >= largest:
        last += 1
    return first, last


def decode(pack: Pack, graphemes: str) -> tuple[list[int], Floats]:
    """Phoneme tokens, and the logits ``(steps, outputs)`` that they were chosen by.

    ``ValueError`` for a grapheme that is not in the pack and for more than ``graphemes_max``.
    """
    return decode_many(pack, [graphemes])[0]


def decode_many(pack: Pack, words: Sequence[str]) -> list[tuple[list[int], Floats]]:
    """What :func:`decode` gives for each of the words."""
    return [(r.phonemes, np.stack(r.logits)) for r in read_many(pack, words)]


def read(pack: Pack, graphemes: str, wanted: Sequence[int] | None = None) -> Reading:
    """How a word is read, or how it would be with ``wanted`` phoneme tokens."""
    return read_many(pack, [graphemes], [wanted])[0]


def read_many(
    pack: Pack, words: Sequence[str], wanted: Sequence[Sequence[int] | None] | None = None
) -> list[Reading]:
    """How each of the words is read, or how it would be with ``wanted`` phoneme tokens."""
    given = list(wanted or [None] * len(words))
    found = {
        place: detour
        for place, word in enumerate(words)
        if given[place] is None and (detour := detour_of(pack, word))
    }
    said = follow_all(pack, list(found.values()))
    for place, (phonemes, _) in zip(found, said, strict=True):
        given[place] = phonemes
    readings = read_all(
        pack, [start(pack, word, phonemes) for word, phonemes in zip(words, given, strict=True)]
    )
    for place, (phonemes, source) in zip(found, said, strict=True):
        readings[place].source = source
        readings[place].follows = phonemes is not None
    return readings


def read_all(pack: Pack, readings: list[Reading]) -> list[Reading]:
    """Reads words to their ends."""
    by_length: dict[int, list[Reading]] = {}
    for reading in readings:
        by_length.setdefault(len(reading.graphemes), []).append(reading)
    for same_length in by_length.values():
        for first in range(0, len(same_length), WORDS_AT_ONCE):
            read_batch(pack, same_length[first : first + WORDS_AT_ONCE])
    return readings


@dataclass(frozen=True)
class Relative:
    """Another word of the same stem."""

    word: str
    is_stem: bool


@dataclass(frozen=True)
class Detour:
    """What is read in the place of a word."""

    stem: str
    """The word without the endings of possessives."""
    possessives: int
    """How many these are."""
    relative: Relative | None
    """By which the stem is said."""


STEM_MIN = 2
SIBILANTS = ("s", "z", "ʃ", "ʒ", "t͡ʃ", "d͡ʒ")
VOICELESS = ("p", "t", "k", "f", "θ")


def plural_of(stem: str) -> str:
    """The regular plural in spelling."""
    if re.search(r"[^aeiou]y$", stem):
        return stem[:-1] + "ies"
    return stem + ("es" if re.search(r"(s|x|z|ch|sh)$", stem) else "s")


def possessive_stem(word: str) -> str | None:
    """What a word is the possessive of."""
    stem = word.removesuffix("'s")
    return stem if stem != word and len(stem) >= STEM_MIN else None


def relatives_of(word: str) -> list[Relative]:
    """The relatives of a word, in order."""
    if word.endswith("'s"):
        return []
    stems = [re.sub(r"ies$", "y", word), re.sub(r"s$", "", word), re.sub(r"es$", "", word)]
    found = [Relative(s, True) for s in stems if s != word and plural_of(s) == word]
    if len(word) >= STEM_MIN:
        found.append(Relative(plural_of(word), False))
    return [relative for relative in found if len(relative.word) >= STEM_MIN]


def ending_tokens(pack: Pack) -> tuple[int, int, int] | None:
    """The tokens of s, z and ɪ without stress; None when the pack has no such ending."""
    tokens = []
    for ipa in ("s", "z", "ɪ"):
        same = [
            token
            for token, phoneme in enumerate(pack.phonemes, 1)
            if phoneme.spellings["ipa"] == ipa and (ipa != "ɪ" or not phoneme.stress)
        ]
        tokens += same[-1:]
    return (tokens[0], tokens[1], tokens[2]) if len(tokens) == 3 else None


def detour_of(pack: Pack, word: str) -> Detour | None:
    """What is read in the place of a word; None when that is the word itself."""

    def entry(other: str) -> list[Divergence] | None:
        if len(other) > pack.graphemes_max or not set(other) <= set(pack.graphemes):
            return None
        return find_corrections(pack.corrections, grapheme_tokens(pack, other)[:-1])

    def speaks(other: str) -> bool:
        table = pack.corrections
        assert table is not None
        return key_of(table, grapheme_tokens(pack, other)[:-1]) not in table.alone

    if pack.tag != "en-us" or ending_tokens(pack) is None:
        return None
    stem, possessives = word, 0
    while entry(stem) is None and (shorter := possessive_stem(stem)) is not None:
        stem, possessives = shorter, possessives + 1
    relative = None
    if entry(stem) is None:
        relative = next((r for r in relatives_of(stem) if entry(r.word) and speaks(r.word)), None)
    return Detour(stem, possessives, relative) if possessives or relative else None


def follow_all(pack: Pack, detours: Sequence[Detour]) -> list[tuple[list[int] | None, str]]:
    """The phonemes that follow for each word, or None, and their source."""
    words = [d.relative.word if d.relative else d.stem for d in detours]
    readings = read_all(pack, [start(pack, word) for word in words])
    found: list[tuple[list[int] | None, str]] = []
    for detour, reading in zip(detours, readings, strict=True):
        phonemes: list[int] | None = reading.phonemes
        source = reading.source
        if detour.relative:
            phonemes = follow(pack, detour.relative.is_stem, reading.phonemes)
            if phonemes is None and detour.possessives:
                (again,) = read_all(pack, [start(pack, detour.stem)])
                phonemes, source = again.phonemes, "model"
        for _ in range(detour.possessives):
            phonemes = None if phonemes is None else follow(pack, True, phonemes)
        found.append((phonemes, "model" if phonemes is None else source))
    return found


def follow(pack: Pack, from_stem: bool, phonemes: Sequence[int]) -> list[int] | None:
    """The phonemes of a word with the ending, given those of its stem, or the other way round;
    None when nothing follows from them."""
    tokens = ending_tokens(pack)
    assert tokens is not None
    s, z, vowel = tokens

    def with_ending(stem: Sequence[int]) -> list[int]:
        last = pack.phonemes[stem[-1] - 1].spellings["ipa"]
        if last in SIBILANTS:
            return [*stem, vowel, z]
        return [*stem, s if last in VOICELESS else z]

    if from_stem:
        found = with_ending(phonemes) if phonemes else []
        return found if 0 < len(found) <= pack.phonemes_max else None
    for count in (2, 1):
        stem = list(phonemes[:-count])
        if stem and with_ending(stem) == list(phonemes):
            return stem
    return None


WORDS_AT_ONCE = 64


def start(pack: Pack, graphemes: str, wanted: Sequence[int] | None = None) -> Reading:
    """A word that nothing has been read of."""
    tokens = grapheme_tokens(pack, graphemes)[:-1]
    edits = (find_corrections(pack.corrections, tokens) or []) if wanted is None else []
    lead = F32(0) if pack.corrections is None else pack.corrections.lead
    return Reading(tokens, wanted, edits, "correction" if edits else "model", lead)


def read_batch(pack: Pack, readings: Sequence[Reading]) -> None:
    """Reads words that are equally long."""
    tokens = np.array([[*r.graphemes, pack.outputs] for r in readings])
    positions = list(range(tokens.shape[1]))
    decoder = Decoder(pack, len(readings))
    active = list(readings)
    while active:
        answers = decoder.step(tokens, positions)
        chosen = np.array(
            [r.take(*of) for r, *of in zip(active, answers, decoder.weights, strict=True)]
        )
        count = max(len(r.phonemes) for r in active)
        goes_on = (chosen != 0) & (count < pack.phonemes_max)
        decoder.keep(goes_on)
        active = [r for r, on in zip(active, goes_on, strict=True) if on]
        tokens, positions = chosen[goes_on, None], [count]


@dataclass(frozen=True)
class Alternative:
    """Phonemes that a word may have."""

    phonemes: tuple[int, ...]
    log_probability: np.float32
    source: str = "model"


BEAM = 16


def alternatives(pack: Pack, graphemes: str, count: int) -> list[Alternative]:
    """The ``count`` best phonemes of a word, at most ``BEAM``; those that are said
    instead of the model's own are first."""

    def order(a: Alternative) -> tuple[float, tuple[int, ...]]:
        return -float(a.log_probability), a.phonemes

    tokens = np.array([grapheme_tokens(pack, graphemes)])
    positions = list(range(tokens.shape[1]))
    decoder = Decoder(pack, 1)
    beam = [Alternative((), F32(0))]
    finished: list[Alternative] = []
    for length in range(1, pack.phonemes_max + 1):
        children: list[tuple[Alternative, int]] = []
        for parent, steps in enumerate(log_probabilities(decoder.step(tokens, positions))):
            before = beam[parent]
            for token, step in enumerate(steps):
                phonemes = (*before.phonemes, token) if token else before.phonemes
                child = Alternative(phonemes, before.log_probability + step)
                if token and length < pack.phonemes_max:
                    children.append((child, parent))
                else:
                    finished.append(child)
        children = sorted(children, key=lambda pair: order(pair[0]))[:BEAM]
        finished = sorted(finished, key=order)[:BEAM]
        beam = [child for child, _ in children]
        decoder.keep(np.array([parent for _, parent in children], np.intp))
        if not beam:
            break
        tokens, positions = np.array([[a.phonemes[-1]] for a in beam]), [length]
    reading = read(pack, graphemes)
    if reading.follows or reading.source == "correction":
        own = tuple(reading.phonemes)
        finished = [a for a in finished if a.phonemes != own]
        total = F32(0)
        again = read(pack, graphemes, own)
        for token, logits in zip([*own, 0], again.logits, strict=False):
            total = total + log_probabilities(logits)[token]
        finished.insert(0, Alternative(own, total, reading.source))
    return finished[:count]


def grapheme_tokens(pack: Pack, graphemes: str) -> list[int]:
    """A word's graphemes and ``<sep>``."""
    if len(graphemes) > pack.graphemes_max:
        raise ValueError(f"{graphemes!r} has more than {pack.graphemes_max} graphemes")
    return [pack.outputs + 1 + pack.graphemes.index(g) for g in graphemes] + [pack.outputs]


def word_phonemes(pack_bytes: bytes, graphemes: str) -> list[Phoneme]:
    """The phonemes of normalised letters or jamo."""
    pack = read_pack(pack_bytes)
    return [pack.phonemes[token - 1] for token in decode(pack, graphemes)[0]]


def word_logits(pack_bytes: bytes, graphemes: str) -> Floats:
    """The raw logits ``(steps, outputs)`` of the greedy decoding of normalised letters or jamo."""
    return decode(read_pack(pack_bytes), graphemes)[1]


def logits_crc32(logits: Floats) -> int:
    """CRC-32 of the logits as little-endian binary32."""
    return zlib.crc32(logits.astype("<f4").tobytes())


# ----------------------------------------------------------------------------------------- CLI


def main() -> None:
    """The command line of the module's docstring."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("pack", type=Path)
    parser.add_argument("words", nargs="+", metavar="WORD")
    arguments = parser.parse_args()
    pack = read_pack(arguments.pack.read_bytes())
    for word in arguments.words:
        tokens, logits = decode(pack, unicodedata.normalize("NFD", word))
        spelled = " ".join(
            next(iter(p.spellings.values())) + ("" if not p.stress else str(p.stress))
            for p in (pack.phonemes[token - 1] for token in tokens)
        )
        sys.stdout.write(f"{word}\t{spelled}\t{logits_crc32(logits):08x}\n")


if __name__ == "__main__":
    main()
