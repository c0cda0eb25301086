"""The commands, from a tiny run to its exports and its report."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import reference
import torch
from click.testing import CliRunner
from conftest import tiny

from kilophone_training import data, distillation, evaluate, native, train
from kilophone_training.__main__ import cli
from kilophone_training.alphabets import ALPHABETS
from kilophone_training.model import Llama

ENGLISH_LINES = {"train": "cat\tK AE1 T\n", "dev": "dog\tD AO1 G\n", "test": "the\tDH AH0\n"}
KOREAN_LINE = "강\tk a ŋ\twikipron\n"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A finished run of a tiny English model."""
    torch.manual_seed(1)
    recipe = tiny("en-us")
    train.save(Llama(recipe.dimensions()), recipe, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KILOPHONE_DATA", str(tmp_path))
    for folder in ("en", "ko"):
        (tmp_path / folder).mkdir()
    for split, line in ENGLISH_LINES.items():
        (tmp_path / f"en/cmudict.{split}.tsv").write_text(line)
        (tmp_path / f"ko/wiktionary.{split}.tsv").write_text(KOREAN_LINE, encoding="utf-8")


class FakeTranscriber:
    """Says the same of every word of a language."""

    def __init__(self, packs: object = None) -> None:
        self.options: list[dict[str, str]] = []

    def __enter__(self) -> FakeTranscriber:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def transcribe(self, text: str, **options: str) -> str:
        self.options.append(options)
        return "DH  AH1" if options["language"] == "en-us" else "k a n"


@pytest.fixture
def kilophone(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = ModuleType("kilophone")
    fake.__dict__.update(Transcriber=FakeTranscriber, __version__="9.9.9")
    monkeypatch.setitem(sys.modules, "kilophone", fake)


def invoke(*arguments: object) -> str:
    result = CliRunner().invoke(cli, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_export_pack(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.kph"
    invoke(
        "export-pack", run, out, "--graphemes-max", 30, "--name", "Tiny", "--commit", "abc",
        "--score", "dev_per=5.25",
    )  # fmt: skip
    pack = reference.read_pack(out.read_bytes())
    assert (pack.name, pack.graphemes_max, pack.phonemes_max) == ("Tiny", 30, 48)
    said = json.loads(pack.provenance)
    assert (said["commit"], said["scores"]) == ("abc", {"dev_per": 5.25})
    assert evaluate.language(out) == "en-us"


def test_a_pack_has_the_step_of_its_recipe(tmp_path: Path) -> None:
    # Method: the pack's own scales; a step is a fixed part of a group's root mean square.
    scales = []
    for step in (0.4, 0.8):
        recipe = replace(tiny("en-us"), weight_step=step)
        torch.manual_seed(2)
        train.save(Llama(recipe.dimensions()), recipe, tmp_path / str(step))
        invoke("export-pack", tmp_path / str(step), tmp_path / "out.kph")
        pack = reference.read_pack((tmp_path / "out.kph").read_bytes())
        scales.append(pack.layers[0].qkv.scales)
    assert np.allclose(scales[1], 2 * scales[0])


def test_a_bad_score_is_refused(run: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["export-pack", str(run), str(tmp_path / "o"), "--score", "x"])
    assert result.exit_code == 2
    assert "--score" in result.output


def test_export_transformers(run: Path, tmp_path: Path) -> None:
    invoke("export-transformers", run, tmp_path / "hf")
    assert (tmp_path / "hf/config.json").is_file()


@pytest.mark.parametrize(("command", "splits"), [("quantize", "train"), ("release", "all")])
def test_going_on_from_a_run(
    command: str, splits: str, run: Path, tmp_path: Path, lists: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(train, "zipf_frequencies", lambda _: {"the": 7.7})
    out = tmp_path / command
    invoke(command, "en-us", out, "--start", run, "--epochs", 1, "--threads", 1)
    recipe = train.load(out)[1]
    assert recipe.quantized
    assert recipe.splits == ("train" if splits == "train" else "train+dev+test")


def test_a_run_of_another_language_is_refused(run: Path, tmp_path: Path, lists: None) -> None:
    result = CliRunner().invoke(
        cli, ["release", "ko", str(tmp_path / "r"), "--start", str(run), "--threads", "1"]
    )
    assert result.exit_code == 2


def test_a_recipe_is_chosen_by_name_and_changed(tmp_path: Path, lists: None) -> None:
    sizes = ["dim=32", "layers=1", "heads=2", "ffn=32", "epochs=1"]
    changes = [word for size in sizes for word in ("--set", size)]
    invoke("train", "en-us", tmp_path / "r", "--recipe", "student", *changes, "--threads", 1)
    made = train.load(tmp_path / "r")[1]
    assert (made.dim, made.muon, made.known_share) == (32, True, 0.5)
    refused = CliRunner().invoke(cli, ["train", "ko", str(tmp_path / "k"), "--recipe", "student"])
    assert refused.exit_code == 2
    assert "ko has no student recipe" in refused.output


def test_one_teacher_chooses_what_it_says(run: Path, lists: None) -> None:
    # Method: the scores of the model's own greedy answers.
    model, recipe = train.load(run)
    engine = native.Engine(model.dims, threads=1)
    engine.load(native.flatten(model))
    scores = train.evaluate(engine, recipe.alphabet, {"dog": [("D", "AO1", "G")]})
    said = invoke("choose", "--teacher", run, "--threads", 1)
    assert f"dev PER {scores.per:.2f}, WER {scores.wer:.2f}" in said


def test_words_of_more_lists_are_labelled_too(
    run: Path, tmp_path: Path, lists: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lower case, once each, without those of any split; in parts that together are all."""
    monkeypatch.setattr(train, "zipf_frequencies", lambda _: {"written": 5.0})
    monkeypatch.setattr(data, "census_names", list)
    (tmp_path / "en" / data.UNLABELLED.removeprefix("en/")).write_text("pron\tp\n")
    (tmp_path / "more").write_text("Zoe\ndog\nwritten\nthe\nzoe\n4th\n")
    made = []
    for part in (0, 1):
        out = tmp_path / f"{part}.safetensors"
        invoke(
            "label", out, "--teacher", run, "--words", tmp_path / "more", "--threads", 1,
            "--part", part, "--parts", 2,
        )  # fmt: skip
        made += distillation.Labels.load(out).words
    wanted = ["cat", "cat's", "cats", "pron", "written", "zoe"]
    english = ALPHABETS["en-us"]
    assert sorted(made) == sorted(tuple(english.encode_word(w)) for w in wanted)


def test_nobody_chooses_nothing(lists: None) -> None:
    result = CliRunner().invoke(cli, ["choose"])
    assert result.exit_code == 2
    assert "nobody chooses" in result.output


def test_evaluate_prints_a_table(kilophone: None, lists: None) -> None:
    output = invoke("evaluate", "--split", "test")
    assert "| en-us | 1 | 0.00 % | 0.00 % | 0.00 % | 100.00 % | 100.00 % |" in output
    assert "| ko | 1 | 33.33 % | 100.00 % | 100.00 % | – | – |" in output
    for said in ("test split", "kilophone 9.9.9", "Machine: ", "Commit: ", "Command: `python -m "):
        assert said in output


def test_evaluate_takes_only_the_languages_of_the_packs(
    kilophone: None, lists: None, run: Path, tmp_path: Path
) -> None:
    invoke("export-pack", run, tmp_path / "x.kph")
    output = invoke("evaluate", "--pack", tmp_path / "x.kph")
    assert "| en-us | 1 | " in output
    assert "| ko |" not in output
    assert "Packs: x.kph" in output


def test_evaluate_frequent_words(
    kilophone: None, lists: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    frequencies = {"the": 7.7, "cat": 5.0, "dog": 4.0, "unlisted": 6.0}
    monkeypatch.setattr(evaluate, "zipf_frequencies", lambda _: frequencies)
    output = invoke("evaluate", "--frequent", 2)
    assert "50.00 % of the 2 most frequent words" in output
    assert "- cat: DH AH1, not K AE1 T" in output
    assert "dog" not in output


def test_answers_asks_in_the_way_that_is_documented() -> None:
    transcriber = FakeTranscriber()
    evaluate.answers(transcriber, ALPHABETS["en-us"], ["the"])
    evaluate.answers(transcriber, ALPHABETS["ko"], ["강"])
    english, korean = (SimpleNamespace(**o) for o in transcriber.options)
    assert (english.format, english.unknown, english.punctuation) == ("arpabet", "error", "drop")
    assert (korean.format, korean.separator, korean.language) == ("ipa", " ", "ko")


def test_plot_runs_draws_the_last_figure_of_each_run(run: Path, tmp_path: Path) -> None:
    """Goal: the figure shows what the log says. Method: the last dev PER as text in the SVG."""
    (run / "log.tsv").write_text("step\tloss\tdev_per\tdev_wer\n5\t2\t50.0\t90\n10\t1\t12.5\t40\n")
    out = tmp_path / "runs.svg"
    result = CliRunner().invoke(cli, ["plot-runs", str(out), str(run)])
    assert result.exit_code == 0, result.output
    assert "12.50" in out.read_text()
