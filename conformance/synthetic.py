"""Small packs of random numbers, written from ``docs/PACK.md``, whole and damaged.

They try what the packs of a release cannot: short limits, several groups of weights, a model that
has nothing to say, and every way in which a pack can be refused.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

Sections = list[tuple[bytes, bytes]]
VOWELS = ("ɑ", "AA"), ("i", "IY"), ("u", "UW")
CONSONANTS = ("p", "P"), ("t", "T"), ("k", "K"), ("s", "S"), ("ɹ", "R"), ("l", "L")
PLAIN_ONSETS = ((1,), (2,), (3,), (4,), (5,), (6,), (1, 5), (2, 5), (4, 1), (4, 1, 5), (4, 2))


@dataclass(frozen=True)
class Design:
    """What a pack is made of."""

    tag: str
    graphemes: str
    dim: int = 16
    heads: int = 1
    layers: int = 1
    ffn: int = 16
    graphemes_max: int = 8
    phonemes_max: int = 8
    alphabets: tuple[str, ...] = ("ipa",)
    stresses: tuple[int, ...] = (0,)
    onsets: tuple[tuple[int, ...], ...] = ()
    scale: float = 1 / 16
    seed: int = 0


ENGLISH = Design(
    tag="en-us",
    graphemes="'abcdefghijklmnopqrstuvwxyz",
    dim=32,
    heads=2,
    layers=2,
    ffn=144,
    graphemes_max=5,
    phonemes_max=7,
    alphabets=("other", "arpabet", "ipa"),
    stresses=(0, 1, 2),
    onsets=PLAIN_ONSETS,
    seed=1,
)
KOREAN = Design(
    tag="ko",
    graphemes="".join(
        chr(first + index)
        for first, count in ((0x1100, 19), (0x1161, 21), (0x11A8, 27))
        for index in range(count)
    ),
    dim=144,
    heads=3,
    graphemes_max=4,
    phonemes_max=5,
    seed=2,
)
SILENT = replace(ENGLISH, dim=16, heads=1, layers=1, ffn=16, graphemes_max=120, scale=0.0)


def string(text: str) -> bytes:
    """A text with its length."""
    return bytes([len(text.encode())]) + text.encode()


def padded(content: bytes) -> bytes:
    """Filled with zeros to a multiple of 16."""
    return content + bytes(-len(content) % 16)


def bfloat16(values: list[float]) -> bytes:
    """The upper halves of binary32."""
    return b"".join(struct.pack("<f", value)[2:] for value in values)


class Weights:
    """The tensors of a design, from its seed."""

    def __init__(self, design: Design, vocabulary: int) -> None:
        self.design = design
        self.random = random.Random(design.seed)
        dim, ffn = design.dim, design.ffn
        parts = [
            padded(self.random.randbytes(vocabulary * dim)),
            # Small, so that a token's own embedding does not decide what comes next.
            self.scales(vocabulary, dim, 1 / 16),
        ]
        for _ in range(design.layers):
            parts += [self.gains(dim), self.matrix(3 * dim, dim), self.matrix(dim, dim)]
            parts += [self.gains(dim), self.matrix(2 * ffn, dim), self.matrix(dim, ffn)]
        self.content = b"".join((*parts, self.gains(dim)))

    def gains(self, count: int) -> bytes:
        """Gains of a norm."""
        return padded(bfloat16([0.5 + self.random.getrandbits(7) / 128 for _ in range(count)]))

    def scales(self, rows: int, inputs: int, times: float = 1.0) -> bytes:
        """Scales of a matrix."""
        count = rows * -(-inputs // 128)
        steps = (1 + self.random.getrandbits(6) / 64 for _ in range(count))
        return padded(bfloat16([step * self.design.scale * times for step in steps]))

    def matrix(self, rows: int, inputs: int) -> bytes:
        """Nibbles, then scales."""
        return padded(self.random.randbytes(rows * inputs // 2)) + self.scales(rows, inputs)


def rotations(head_dim: int) -> bytes:
    """Cos and sin of angles with exact halves of their tangents, the same on any machine."""
    tangents = [2.0 ** -(index + 1) for index in range(head_dim // 2)]
    return b"".join(
        struct.pack("<2d", (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)) for t in tangents
    )


def phonemes(design: Design) -> list[tuple[int, int, dict[str, str]]]:
    """Kind, stress and spellings; consonants first."""
    found = [(0, 0, ipa, arpabet) for ipa, arpabet in CONSONANTS]
    found += [(1, stress, *spellings) for spellings in VOWELS for stress in design.stresses]
    return [
        (kind, stress, {"ipa": ipa, "arpabet": arpabet, "other": f"<{ipa}>"})
        for kind, stress, ipa, arpabet in found
    ]


def sections(design: Design) -> Sections:
    """The sections of a whole pack, with one that nobody knows."""
    inventory = phonemes(design)
    outputs = 1 + len(inventory)
    vocabulary = outputs + 1 + len(design.graphemes)
    spelled = b"".join(
        bytes([kind, stress]) + b"".join(string(spellings[a]) for a in design.alphabets)
        for kind, stress, spellings in inventory
    )
    dimensions = (
        design.dim, design.layers, design.heads, design.ffn, vocabulary, outputs,
        design.graphemes_max, design.phonemes_max,
    )  # fmt: skip
    return [
        (b"LANG", string(design.tag) + string("Synthetic")),
        (b"DIMS", struct.pack("<8If", *dimensions, 1e-5)),
        (b"ROPE", rotations(design.dim // design.heads)),
        (b"GRPH", struct.pack(f"<{len(design.graphemes)}I", *map(ord, design.graphemes))),
        (
            b"PHON",
            bytes([len(design.alphabets)]) + b"".join(map(string, design.alphabets)) + spelled,
        ),
        (
            b"ONST",
            struct.pack("<I", len(design.onsets))
            + b"".join(bytes([len(onset), *onset]) for onset in design.onsets),
        ),
        (b"XTRA", b"what a later version may add"),
        (b"WGHT", Weights(design, vocabulary).content),
        (b"PROV", b'{"data":"random numbers"}'),
    ]


def container(parts: Sections) -> bytes:
    """A pack of sections."""
    at = 32 + 16 * len(parts)
    table = body = b""
    for tag, content in parts:
        table += tag + struct.pack("<3I", at + len(body), len(content), 0)
        body += padded(content)
    after = struct.pack("<I12x", len(parts)) + table + body
    return b"KPH\0" + struct.pack("<3I", 1, 16 + len(after), zlib.crc32(after)) + after


def sealed(content: bytes) -> bytes:
    """A pack with its checksum set right again."""
    return content[:12] + struct.pack("<I", zlib.crc32(content[16:])) + content[16:]


def patched(content: bytes, at: int, with_bytes: bytes) -> bytes:
    """A pack with other bytes somewhere, and its checksum right."""
    return sealed(content[:at] + with_bytes + content[at + len(with_bytes) :])


def edited(tag: bytes, edit: Callable[[bytes], bytes]) -> bytes:
    """The silent pack with a section changed."""
    return container([(t, edit(c) if t == tag else c) for t, c in sections(SILENT)])


def damaged() -> dict[str, bytes]:
    """Packs that are refused, by name."""
    whole = container(sections(SILENT))
    parts = sections(SILENT)
    first_entry = 32
    result = {
        "empty": b"",
        "one-byte": whole[:1],
        "half-a-header": whole[:20],
        "header-alone": whole[:32],
        "without-the-last-byte": whole[:-1],
        "half": whole[: len(whole) // 2],
        "one-byte-more": whole + b"\0",
        "other-magic": b"KPX\0" + whole[4:],
        "newer": sealed(whole[:4] + struct.pack("<I", 2) + whole[8:]),
        "newer-with-another-checksum": whole[:4] + struct.pack("<I", 2) + whole[8:-1] + b"\1",
        "other-checksum": whole[:-1] + bytes([whole[-1] ^ 1]),
        "too-many-sections": patched(whole, 16, struct.pack("<I", 0xFFFFFFFF)),
        "section-outside": patched(whole, first_entry + 8, struct.pack("<I", len(whole))),
        "section-not-aligned": patched(whole, first_entry + 4, struct.pack("<I", 0x108)),
        "section-far-outside": patched(whole, first_entry + 4, struct.pack("<I", 0xFFFFFFF0)),
        "section-twice": container([*parts, parts[0]]),
        "language-of-nobody": container([(b"LANG", string("xx") + string("Nobody's")), *parts[1:]]),
        "language-not-ended": edited(b"LANG", lambda c: c + b"\0"),
        "language-cut-off": edited(b"LANG", lambda c: c[:-1]),
        "dim-of-zero": edited(b"DIMS", lambda c: bytes(4) + c[4:]),
        "dim-of-seventeen": edited(b"DIMS", lambda c: struct.pack("<I", 17) + c[4:]),
        "layers-of-seventeen": edited(b"DIMS", lambda c: c[:4] + struct.pack("<I", 17) + c[8:]),
        "one-layer-too-many": edited(b"DIMS", lambda c: c[:4] + struct.pack("<I", 2) + c[8:]),
        "heads-of-three": edited(b"DIMS", lambda c: c[:8] + struct.pack("<I", 3) + c[12:]),
        "graphemes-of-121": edited(b"DIMS", lambda c: c[:24] + struct.pack("<I", 121) + c[28:]),
        "phonemes-of-none": edited(b"DIMS", lambda c: c[:28] + bytes(4) + c[32:]),
        "grapheme-twice": edited(b"GRPH", lambda c: c[:4] + c[:4] + c[8:]),
        "grapheme-beyond-unicode": edited(b"GRPH", lambda c: struct.pack("<I", 0x110000) + c[4:]),
        "grapheme-missing": edited(b"GRPH", lambda c: c[:-4]),
        "rotations-missing": edited(b"ROPE", lambda c: c[:-16]),
        "phonemes-cut-off": edited(b"PHON", lambda c: c[:-1]),
        "phonemes-not-ended": edited(b"PHON", lambda c: c + b"\0"),
        "kind-of-nine": edited(b"PHON", lambda c: c.replace(b"\0\0\3<p>", b"\x09\0\3<p>")),
        "stress-of-nine": edited(b"PHON", lambda c: c.replace(b"\0\0\3<p>", b"\0\x09\3<p>")),
        "spelling-not-utf8": edited(b"PHON", lambda c: c.replace(b"<p>", b"<\xff>")),
        "onset-of-no-phoneme": edited(b"ONST", lambda c: struct.pack("<I2B", 1, 1, 200)),
        "onsets-cut-off": edited(b"ONST", lambda c: c[:-1]),
        "weights-cut-off": edited(b"WGHT", lambda c: c[:-16]),
        "weights-not-ended": edited(b"WGHT", lambda c: c + bytes(16)),
    }
    for tag in (b"LANG", b"DIMS", b"ROPE", b"GRPH", b"PHON", b"ONST", b"WGHT"):
        name = "without-" + tag.decode().lower()
        result[name] = container([(t, c) for t, c in parts if t != tag])
    return result


def packs() -> dict[str, bytes]:
    """Packs that are read, by name."""
    return {
        "english": container(sections(ENGLISH)),
        "korean": container(sections(KOREAN)),
        "silent": container(sections(SILENT)),
    }
