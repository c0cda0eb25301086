"""Small packs of random numbers, written from ``docs/PACK.md`` and ``docs/CORRECTIONS.md``, whole
and damaged.

They try what the packs of a release cannot: short limits, several groups of weights, a model that
has nothing to say, and every way in which a pack can be refused.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
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
    consonants: tuple[tuple[str, str], ...] = CONSONANTS
    vowels: tuple[tuple[str, str], ...] = VOWELS
    """Of IPA and ARPAbet."""
    stresses: tuple[int, ...] = (0,)
    onsets: tuple[tuple[int, ...], ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    """Words and their divergences: symbols of the code, ``>`` before one that another follows, and
    ``step/rank`` behind an escape."""
    loudness: float = 1.0
    """Of the gains of the last norm; 0: all logits are 0."""
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
CORRECTED = replace(
    ENGLISH,
    corrected=(
        ("cat", "2 0/1"),
        ("hello", ">3 >2 1/2 12"),
        ("it", "0"),
        ("a", "19"),
        ("ox", "2 3/9"),
        ("tall", "10"),
    ),
)
RELATED = replace(
    ENGLISH,
    consonants=(*CONSONANTS, ("z", "Z")),
    vowels=(*VOWELS, ("ɪ", "IH")),
    graphemes_max=7,
    phonemes_max=6,
    corrected=(
        ("cat", ">2 0/14 >2 1/8 >2 2/13 2 3/14"),  # k ɑ1 t
        ("bees", ">2 1/5 >2 2/6 2 3/10"),  # p i1 z
        ("ross", ">2 1/4 >2 2/9 2 3/10"),  # ɹ ɑ1 s
        ("tall", ">2 0/18 >2 1/19 >2 2/7 >2 3/3 2 4/19"),  # t ɑ1 l ɪ t u
        ("arks", ">2 0/11 >2 1/12 >2 2/4 >2 3/19 2 4/11"),  # ɑ1 ɹ k z
        ("pony", ">2 0/4 >2 1/19 >2 2/13 >2 3/2 2 4/3"),  # p ɑ1 l i
        ("asses", ">2 0/10 >2 1/1 >2 3/17 2 4/9"),  # ɑ1 s ɪ z
        ("us's", ">2 0/19 >2 1/7 >2 2/10 >2 3/18 2 4/14"),  # ɑ1 s ɪ z
        ("it", "0"),
        ("lark", "! >2 0/10 >2 1/1 2 2/17"),
        ("stars", "! >2 0/10 2 1/1"),
    ),
)
SILENT = replace(ENGLISH, dim=16, heads=1, layers=1, ffn=16, graphemes_max=120, loudness=0.0)


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

    def __init__(self, design: Design, tokens: int) -> None:
        self.random = random.Random(design.seed)
        dim, ffn = design.dim, design.ffn
        parts = [
            padded(self.random.randbytes(tokens * dim)),
            # Small, so that a token's own embedding does not decide what comes next.
            self.scales(tokens, dim, 16),
        ]
        shapes = ((3 * dim, dim), (dim, dim), (2 * ffn, dim), (dim, ffn))
        for _ in range(design.layers):
            parts += [self.gains(dim), *(self.scales(*shape, 20) for shape in shapes[:2])]
            parts += [self.gains(dim), *(self.scales(*shape, 20) for shape in shapes[2:])]
        parts.append(self.gains(dim, design.loudness))
        count = design.layers * sum(rows * inputs for rows, inputs in shapes)
        bits = self.random.getrandbits
        self.values = coded([1 + bits(3) + bits(3) for _ in range(count)])
        self.content = b"".join((*parts, self.values))

    def gains(self, count: int, times: float = 1.0) -> bytes:
        """Gains of a norm."""
        gains = [(0.5 + self.random.getrandbits(7) / 128) * times for _ in range(count)]
        return padded(bfloat16(gains))

    def scales(self, rows: int, inputs: int, octave: int) -> bytes:
        """Scales of a matrix, from ``2 ** (octave - 24)`` to almost twice as much."""
        count = rows * -(-inputs // 128)
        return padded(bytes(8 * octave + self.random.getrandbits(3) for _ in range(count)))


PRECISION = 12
STATE_LOW = 1 << 23


def coded(symbols: Sequence[int]) -> bytes:
    """Symbols, 0 to 15, in asymmetric numeral systems."""
    counts = Counter(symbols)
    frequencies = [counts[symbol] * ((1 << PRECISION) - 16) // len(symbols) for symbol in range(16)]
    frequencies = [f + (counts[symbol] > 0) for symbol, f in enumerate(frequencies)]
    frequencies[frequencies.index(max(frequencies))] += (1 << PRECISION) - sum(frequencies)
    starts = [sum(frequencies[:symbol]) for symbol in range(16)]
    state = STATE_LOW
    emitted = bytearray()
    for symbol in reversed(symbols):
        f = frequencies[symbol]
        while state >= f << 31 - PRECISION:
            emitted.append(state & 0xFF)
            state >>= 8
        state = (state // f << PRECISION) + state % f + starts[symbol]
    return struct.pack("<16HI", *frequencies, state) + bytes(reversed(emitted))


def rotations(head_dim: int) -> bytes:
    """Cos and sin of angles with exact halves of their tangents, the same on any machine."""
    tangents = [2.0 ** -(index + 1) for index in range(head_dim // 2)]
    return b"".join(
        struct.pack("<2d", (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)) for t in tangents
    )


def phonemes(design: Design) -> list[tuple[int, int, dict[str, str]]]:
    """Kind, stress and spellings; consonants first."""
    found = [(0, 0, ipa, arpabet) for ipa, arpabet in design.consonants]
    found += [(1, stress, *spellings) for spellings in design.vowels for stress in design.stresses]
    return [
        (kind, stress, {"ipa": ipa, "arpabet": arpabet, "other": f"<{ipa}>"})
        for kind, stress, ipa, arpabet in found
    ]


def vocabulary(design: Design) -> int:
    """How many tokens there are."""
    return 1 + len(phonemes(design)) + 1 + len(design.graphemes)


def sections(design: Design) -> Sections:
    """The sections of a whole pack, with one that nobody knows."""
    inventory = phonemes(design)
    outputs = 1 + len(inventory)
    spelled = b"".join(
        bytes([kind, stress]) + b"".join(string(spellings[a]) for a in design.alphabets)
        for kind, stress, spellings in inventory
    )
    dimensions = (
        design.dim, design.layers, design.heads, design.ffn, vocabulary(design), outputs,
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
        (b"WGHT", Weights(design, vocabulary(design)).content),
        *([(b"CORR", corrections(design, outputs))] if design.corrected else []),
        (b"PROV", b'{"data":"random numbers"}'),
    ]


CODE_LENGTHS = {0: 4, 1: 2, 2: 3, 3: 2, 10: 3, 12: 4, 19: 4, 27: 4}
"""A complete code for the symbols that the words above have."""
SEED, WIDTH, RICE, SALTS = 7, 1 << 13, 9, (0, 5)


def corrections(design: Design, outputs: int) -> bytes:
    """The section of a design's corrections."""
    buckets: list[list[tuple[int, str]]] = [[] for _ in SALTS]
    for word, divergences in design.corrected:
        bucket, fingerprint = place(
            [outputs + 1 + design.graphemes.index(letter) for letter in word]
        )
        buckets[bucket].append((fingerprint, divergences))
    body = ""
    sizes = []
    for entries in buckets:
        bits = ""
        least = 0
        for fingerprint, divergences in sorted(entries):
            quotient, remainder = divmod(fingerprint - least, 1 << RICE)
            bits += "1" * quotient + "0" + f"{remainder:0{RICE}b}" + divergence_bits(divergences)
            least = fingerprint + 1
        sizes.append(len(bits))
        body += bits
    body += "0" * (-len(body) % 8)
    lengths = [CODE_LENGTHS.get(symbol, 0) for symbol in range(28)]
    nibbles = bytes(low | high << 4 for low, high in zip(lengths[::2], lengths[1::2], strict=True))
    return (
        struct.pack("<3IfI", SEED, len(SALTS), WIDTH, 0.5, RICE)
        + nibbles
        + b"".join(struct.pack("<H", n | salt << 12) for n, salt in zip(sizes, SALTS, strict=True))
        + int("1" + body, 2).to_bytes(1 + len(body) // 8, "big")[1:]
    )


def place(tokens: Sequence[int]) -> tuple[int, int]:
    """Bucket and fingerprint of a word."""
    h = SEED
    for token in tokens:
        h = (h ^ token) * 0x01000193 % 2**32
    h = mixed(h)
    bucket = h * len(SALTS) >> 32
    return bucket, mixed((h + SALTS[bucket] * 0x9E3779B9) % 2**32) * WIDTH >> 32


def mixed(h: int) -> int:
    """The hash's last step."""
    h = (h ^ h >> 16) * 0x85EBCA6B % 2**32
    h = (h ^ h >> 13) * 0xC2B2AE35 % 2**32
    return h ^ h >> 16


def divergence_bits(divergences: str) -> str:
    """The bits of an entry's divergences."""
    codes, code = {}, 0
    for length in range(1, 16):
        code *= 2
        for symbol in sorted(s for s, n in CODE_LENGTHS.items() if n == length):
            codes[symbol] = f"{code:0{length}b}"
            code += 1
    bits = ""
    for item in divergences.replace("!", "27").split():
        if "/" in item:
            step, rank = map(int, item.split("/"))
            bits += gamma(step + 1) + gamma(rank)
            continue
        bits += codes[1] * item.startswith(">") + codes[int(item.lstrip(">"))]
    return bits


def gamma(number: int) -> str:
    """Elias' gamma code."""
    return f"{number:0{2 * number.bit_length() - 1}b}"


def container(parts: Sections) -> bytes:
    """A pack of sections."""
    at = 32 + 16 * len(parts)
    table = body = b""
    for tag, content in parts:
        table += tag + struct.pack("<3I", at + len(body), len(content), 0)
        body += padded(content)
    after = struct.pack("<I12x", len(parts)) + table + body
    return b"KPH\0" + struct.pack("<3I", 2, 16 + len(after), zlib.crc32(after)) + after


def sealed(content: bytes) -> bytes:
    """A pack with its checksum set right again."""
    return content[:12] + struct.pack("<I", zlib.crc32(content[16:])) + content[16:]


def patched(content: bytes, at: int, with_bytes: bytes) -> bytes:
    """A pack with other bytes somewhere, and its checksum right."""
    return sealed(content[:at] + with_bytes + content[at + len(with_bytes) :])


def edited(tag: bytes, edit: Callable[[bytes], bytes], design: Design = SILENT) -> bytes:
    """The silent pack, or another, with a section changed."""
    return container([(t, edit(c) if t == tag else c) for t, c in sections(design)])


def changed(content: bytes, at: int, flip: int, value: int | None = None) -> bytes:
    """A section with some bits of a byte flipped, or another byte."""
    byte = content[at] ^ flip if value is None else value
    return content[:at] + bytes([byte]) + content[at + 1 :]


def values_at(weights: bytes) -> int:
    """Where the coded values of the silent pack's weights begin."""
    return len(weights) - len(Weights(SILENT, vocabulary(SILENT)).values)


CORRECTION_FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "cut-off": lambda c: c[:-1],
    "of-33-bytes": lambda c: c[:33],
    "not-ended": lambda c: c + b"\0",
    "rice-of-25": lambda c: changed(c, 16, 0, 25),
    "of-a-narrow-table": lambda c: c[:8] + struct.pack("<I", 64) + c[12:],
    "code-without-room": lambda c: changed(c, 20, 0, 0x11),
    "bucket-too-short": lambda c: changed(c, 34, 1),
    "without-a-code": lambda c: c[:20] + bytes(14) + c[34:],
}


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
        "older": sealed(whole[:4] + struct.pack("<I", 1) + whole[8:]),
        "newer": sealed(whole[:4] + struct.pack("<I", 3) + whole[8:]),
        "newer-with-another-checksum": whole[:4] + struct.pack("<I", 3) + whole[8:-1] + b"\1",
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
        "weights-cut-off": edited(b"WGHT", lambda c: c[:-1]),
        "weights-not-ended": edited(b"WGHT", lambda c: c + b"\0"),
        "weights-without-values": edited(b"WGHT", lambda c: c[: values_at(c) + 35]),
        "frequencies-of-another-sum": edited(b"WGHT", lambda c: changed(c, values_at(c) + 2, 1)),
        "state-too-low": edited(b"WGHT", lambda c: changed(c, values_at(c) + 35, 0, 0)),
        "state-too-high": edited(b"WGHT", lambda c: changed(c, values_at(c) + 35, 0, 0x80)),
        "values-of-another-end": edited(b"WGHT", lambda c: changed(c, len(c) - 1, 1)),
    }
    for name, edit in CORRECTION_FAULTS.items():
        result[f"corrections-{name}"] = edited(b"CORR", edit, CORRECTED)
    for name, divergences in (("alone-twice", "! ! 2 0/1"), ("alone-behind-more", ">27 2 0/1")):
        design = replace(CORRECTED, corrected=(("cat", divergences),))
        result[f"corrections-{name}"] = container(sections(design))
    for tag in (b"LANG", b"DIMS", b"ROPE", b"GRPH", b"PHON", b"ONST", b"WGHT"):
        name = "without-" + tag.decode().lower()
        result[name] = container([(t, c) for t, c in parts if t != tag])
    return result


def packs() -> dict[str, bytes]:
    """Packs that are read, by name."""
    return {
        "english": container(sections(ENGLISH)),
        "corrected": container(sections(CORRECTED)),
        "related": container(sections(RELATED)),
        "korean": container(sections(KOREAN)),
        "silent": container(sections(SILENT)),
    }
