"""The suite notices what it is there for: it is run against a core that is a little wrong.

The core is the installed ``kilophone``; what is wrong with it is a pack with another weight, scale
or spelling and a right checksum.
"""

from __future__ import annotations

import random
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import generate
import numpy as np
import pytest
import reference as model
import synthetic

RUN = generate.HERE / "run.py"
WORDS = ("english-words", "korean-words")
needs_core = pytest.mark.skipif(
    subprocess.run([sys.executable, "-c", "import kilophone"], check=False).returncode != 0,
    reason="kilophone is not installed",
)


def run(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and output of ``run.py``."""
    command = [sys.executable, str(RUN), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def run_with(
    folder: Path, english: bytes, korean: bytes, files: tuple[str, ...] = WORDS
) -> tuple[int, str]:
    """Runs the words, or other files, with other packs."""
    arguments: list[str | Path] = ["--runner", "python-native"]
    for name, content in (("en-us", english), ("ko", korean)):
        path = folder / f"{name}.kph"
        path.write_bytes(content)
        arguments += ["--pack", path]
    for file in files:
        arguments += ["--file", file]
    return run(*arguments)


def packs() -> list[bytes]:
    return [path.read_bytes() for path in generate.DEFAULT_PACKS]


def section(content: bytes, tag: bytes) -> tuple[int, int]:
    """Where a section begins and how long it is."""
    (count,) = struct.unpack_from("<I", content, 16)
    for index in range(count):
        found, at, size, _ = struct.unpack_from("<4s3I", content, 32 + 16 * index)
        if found == tag:
            return at, size
    raise AssertionError(tag)


def edited(content: bytes, tag: bytes, new: bytes) -> bytes:
    """A pack with another content of a section."""
    parts = model.read_sections(content)
    return synthetic.container([(t, new if t == tag else c) for t, c in parts.items()])


def values_at(content: bytes) -> int:
    """Where the coded values begin in the section of weights: behind tables, norms and scales."""
    pack = model.read_pack(content)
    sizes = [pack.vocabulary * pack.dim, pack.embedding.scales.size, 2 * pack.dim]
    for layer in pack.layers:
        sizes += [2 * pack.dim, layer.qkv.scales.size, layer.out.scales.size]
        sizes += [2 * pack.dim, layer.gate_up.scales.size, layer.down.scales.size]
    return sum(size + -size % 16 for size in sizes)


def other_value(content: bytes, seed: int) -> bytes:
    """One weight a step away."""
    pack = model.read_pack(content)
    weights = model.read_sections(content)[b"WGHT"]
    at = values_at(content)
    count = sum(
        matrix.values.size
        for layer in pack.layers
        for matrix in (layer.qkv, layer.out, layer.gate_up, layer.down)
    )
    symbols = model.decode_symbols(weights[at:], count).copy()
    # One of the first layer's queries, keys and values.
    index = random.Random(seed).randrange(pack.layers[0].qkv.values.size)
    symbols[index] ^= 1
    return edited(content, b"WGHT", weights[:at] + synthetic.coded(symbols.tolist()))


def other_scale(content: bytes, seed: int) -> bytes:
    """The lowest bit of one scale, as if it had been rounded otherwise."""
    pack = model.read_pack(content)
    before = (pack.vocabulary * pack.dim, pack.embedding.scales.size, 2 * pack.dim)
    start = section(content, b"WGHT")[0] + sum(size + -size % 16 for size in before)
    at = start + random.Random(seed).randrange(pack.layers[0].qkv.scales.size)
    return synthetic.patched(content, at, bytes([content[at] ^ 1]))


def other_embedding(content: bytes, seed: int) -> bytes:
    """One value of the embedding table a step away."""
    start, _ = section(content, b"WGHT")
    pack = model.read_pack(content)
    at = start + random.Random(seed).randrange(pack.vocabulary * pack.dim)
    return synthetic.patched(content, at, bytes([content[at] ^ 1]))


def other_spelling(content: bytes, seed: int) -> bytes:
    """One phoneme spelled with another letter of the same length."""
    start, size = section(content, b"PHON")
    part = content[start : start + size]
    spellings = [s for s in (b"\1t", b"\1n", b"\1s", b"\1k", b"\1m") if s in part]
    spelling = spellings[seed % len(spellings)]
    return synthetic.patched(content, start + part.index(spelling) + 1, b"q")


@needs_core
def test_the_core_itself_passes(tmp_path: Path) -> None:
    code, output = run_with(tmp_path, *packs())
    assert code == 0, output


@needs_core
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("which", [0, 1], ids=["english", "korean"])
@pytest.mark.parametrize("change", [other_value, other_scale, other_embedding, other_spelling])
def test_a_small_change_is_noticed(
    change: Callable[[bytes, int], bytes], which: int, seed: int, tmp_path: Path
) -> None:
    changed = packs()
    changed[which] = change(changed[which], seed)
    assert changed[which] != packs()[which]
    model.read_pack(changed[which])
    code, output = run_with(tmp_path, *changed)
    assert code == 1, output
    assert ("english-words:" if which == 0 else "korean-words:") in output


@needs_core
def test_a_lost_correction_is_noticed(tmp_path: Path) -> None:
    """The bucket of a word that is corrected gets another salt: none of its words is found."""
    english, korean = packs()
    pack = model.read_pack(english)
    if pack.corrections is None:
        pytest.skip("the pack has no corrections")
    words = [w for w in generate.input_words("english-words.txt") if set(w) <= set(pack.graphemes)]
    fitting = [word for word in words if len(word) <= pack.graphemes_max]
    reading = next(
        r
        for r in model.read_many(pack, fitting)
        if model.find_corrections(pack.corrections, r.graphemes)
    )
    buckets = len(pack.corrections.salts)
    bucket = model.hash_of(pack.corrections.seed, reading.graphemes) * buckets >> 32
    at = section(english, b"CORR")[0] + 34 + 2 * bucket + 1
    changed = synthetic.patched(english, at, bytes([english[at] ^ 0x10]))
    code, output = run_with(tmp_path, changed, korean)
    assert code == 1, output
    assert "english-words:" in output


@needs_core
@pytest.mark.parametrize("bias", [-126, 126])
def test_another_homograph_weight_is_noticed(bias: int, tmp_path: Path) -> None:
    """The suite has both pronunciations of *record*: with a bias to one, the other is lost."""
    english, korean = packs()
    homographs = model.read_sections(english).get(b"HOMO")
    if homographs is None:
        pytest.skip("the pack has no homographs")
    (count,) = struct.unpack_from("<H", homographs, 10)
    hashes = struct.unpack_from(f"<{count}I", homographs, 14)
    at = 14 + 4 * count + hashes.index(fnv1a(b"record"))
    byte = (bias & 0xFE) | (homographs[at] & 1)
    changed = edited(english, b"HOMO", homographs[:at] + bytes([byte]) + homographs[at + 1 :])
    code, output = run_with(tmp_path, changed, korean, ("context",))
    assert code == 1, output
    assert "homographs" in output


def fnv1a(content: bytes) -> int:
    """The hash of a homograph's letters."""
    h = 0x811C9DC5
    for byte in content:
        h = (h ^ byte) * 0x01000193 % 2**32
    return h


def half_away_from_zero(x: model.Floats) -> tuple[model.Floats, model.Floats]:
    """``reference.quantise`` with ties rounded away from zero."""
    m = np.max(np.abs(x), axis=-1, keepdims=True)
    inverse = np.divide(model.F32(127), m, out=np.zeros_like(m), where=m != 0)
    scaled = x * inverse
    return np.trunc(scaled + np.copysign(model.F32(0.5), scaled)), m / model.F32(127)


def fused_norm(x: model.Floats, gain: model.Floats, eps: np.float32) -> model.Floats:
    """``reference.norm`` with one rounding less."""
    s = model.lane_sum(x * x)[..., None]
    r = model.F32(1) / np.sqrt(s / model.F32(x.shape[-1]) + eps)
    result: model.Floats = ((x.astype(float) * r) * gain).astype(np.float32)
    return result


def truncated_exp(x: model.Floats, exact: Callable[..., model.Floats] = model.exp) -> model.Floats:
    """``reference.exp`` with the lowest bit of some results lost."""
    bits = exact(x).view(np.uint32) & ~np.uint32(1)
    floats: model.Floats = bits.view(np.float32)
    return floats


@pytest.mark.parametrize(
    ("name", "other"),
    [("quantise", half_away_from_zero), ("norm", fused_norm), ("exp", truncated_exp)],
)
def test_one_other_rounding_is_noticed(
    name: str, other: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oracle stands for the core here, whose roundings cannot be changed from outside."""
    pack = model.read_pack(generate.DEFAULT_PACKS[0].read_bytes())
    words = [w for w in generate.input_words("english-words.txt") if w.isascii() and w.islower()]
    words = [word for word in words if word.isalpha() and len(word) <= pack.graphemes_max]
    expected = [model.logits_crc32(logits) for _, logits in model.decode_many(pack, words)]
    monkeypatch.setattr(model, name, other)
    changed = [model.logits_crc32(logits) for _, logits in model.decode_many(pack, words)]
    assert changed != expected


def runner(folder: Path, body: str) -> list[str]:
    """The option for a runner that does something else."""
    program = folder / "runner.py"
    program.write_text(body, encoding="utf-8")
    return ["--command", "odd", f"{sys.executable} {program}", "--file", "many"]


GREETING = "print('kilophone-runner\\todd\\t0.0.0')\n"


def test_a_runner_that_dies_fails(tmp_path: Path) -> None:
    code, output = run(*runner(tmp_path, GREETING + "raise SystemExit(3)"))
    assert code == 1
    assert "no answer" in output


def test_a_runner_that_answers_nonsense_fails(tmp_path: Path) -> None:
    body = GREETING + "import sys\nfor line in sys.stdin: print('maybe')"
    assert run(*runner(tmp_path, body))[0] == 1


def test_a_runner_that_cannot_run_is_told(tmp_path: Path) -> None:
    code, output = run(*runner(tmp_path, "raise SystemExit('nothing here')"))
    assert code == 2
    assert "nothing here" in output
