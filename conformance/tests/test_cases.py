"""The generated files: current, complete, and as the schema has them."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import generate
import pytest
import reference as model

SUITE = Path(generate.HERE)


def cases(name: str) -> list[dict[str, Any]]:
    content = (SUITE / "cases" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in content.splitlines()]


def test_files_are_current() -> None:
    assert generate.stale(generate.generated()) == []


@pytest.mark.parametrize("path", sorted((SUITE / "cases").glob("*.jsonl")), ids=lambda p: p.stem)
def test_every_line_fits_the_schema(path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SUITE / "schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for case in cases(path.stem):
        problems = [error.message for error in validator.iter_errors(case)]
        assert not problems, (case["id"], problems)


def test_lines_are_lines_everywhere() -> None:
    for path in (SUITE / "cases").glob("*.jsonl"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) == text.count("\n"), path


@pytest.mark.parametrize(
    ("name", "least"),
    [("english-words", 1500), ("korean-words", 800), ("sentences", 300), ("unicode", 150)],
)
def test_there_are_enough(name: str, least: int) -> None:
    texts = {case["text"] for case in cases(name)}
    assert len(texts) >= least


def test_every_letter_pair() -> None:
    words = [case["text"].lower() for case in cases("english-words")]
    found = {word[at : at + 2] for word in words for at in range(len(word) - 1)}
    letters = "abcdefghijklmnopqrstuvwxyz"
    assert {a + b for a in letters for b in letters} <= found


def test_every_coda_before_every_onset() -> None:
    found = set()
    for case in cases("korean-words"):
        syllables = [ord(c) - 0xAC00 for c in case["text"]]
        pairs = itertools.pairwise(syllables)
        found |= {(before % 28, after // (21 * 28)) for before, after in pairs}
    assert {(coda, onset) for coda in range(28) for onset in range(19)} <= found


def test_every_status_that_a_text_or_pack_can_have() -> None:
    statuses = {
        case["expect"]["status"]
        for path in (SUITE / "cases").glob("*.jsonl")
        for case in cases(path.stem)
    }
    schema = json.loads((SUITE / "schema.json").read_text(encoding="utf-8"))
    assert statuses == set(schema["$defs"]["expected"]["properties"]["status"]["enum"])


def test_words_side_by_side_are_words_alone() -> None:
    pack = model.read_pack(generate.DEFAULT_PACKS[0].read_bytes())
    words = ["a", "cat", "dog", "zebra", "quilt", "strengths", "it"]
    for word, (tokens, logits) in zip(words, model.decode_many(pack, words), strict=True):
        alone = model.decode(pack, word)
        assert tokens == alone[0]
        assert logits.tobytes() == alone[1].tobytes()
