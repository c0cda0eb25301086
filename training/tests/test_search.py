"""The grid search: its folds, its plan, and that it goes on where it was stopped."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_train import WORDS

from kilophone_training import figures, search
from kilophone_training.__main__ import cli
from kilophone_training.corpus import Pair
from kilophone_training.data import Pronunciations
from kilophone_training.search import Settings

TINY = Settings(
    hidden=(32,), layers=(1, 2), ffn=(32, 64), words=8, held_out=2, epochs=2, folds=2,
    reduction=2, batch=4,
)  # fmt: skip


def test_folds_are_disjoint_and_hold_every_word() -> None:
    folds = search.sample(WORDS, replace(TINY, words=None, folds=3))
    assert sorted(word for fold in folds for word in fold) == sorted(WORDS)
    assert max(map(len, folds)) - min(map(len, folds)) <= 1
    smaller = search.sample(WORDS, replace(TINY, words=4))
    assert sum(map(len, smaller)) == 4


@pytest.mark.parametrize(
    ("epochs", "halving", "expected"),
    [(4, True, [1, 4]), (30, True, [1, 7, 30]), (3, True, [3]), (30, False, [30])],
)
def test_the_ladder_of_epochs(epochs: int, halving: bool, expected: list[int]) -> None:
    assert search.ladder(Settings(epochs=epochs, halving=halving)) == expected


def test_a_trial_goes_up_on_one_fold_and_then_to_the_others() -> None:
    settings = Settings(epochs=4, folds=3)
    assert search.runs(settings, (0, 1, 2)) == [(1, 0), (4, 0), (4, 1), (4, 2)]
    whole = replace(settings, halving=False)
    assert search.runs(whole, (2,)) == [(4, 2)]


def test_a_trial_is_judged_by_the_mean_over_folds_at_full_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(*arguments: object) -> search.Row:
        epochs, fold = arguments[-2:]
        return search.Row(32, 1, 32, 0, fold, 2, epochs, 0, 0, 0.0, 10.0 * epochs + fold, 0.0)

    monkeypatch.setattr(search, "run", made)
    reported = list(search.results(TINY, WORDS, tmp_path, (32, 1, 32), (0, 1)))
    assert [r["epochs"] for r in reported] == [1, 3, 5]
    assert [r["per"] for r in reported] == [10.0, 20.0, 20.5]


def test_other_settings_are_refused(tmp_path: Path) -> None:
    search.claim(TINY, tmp_path)
    search.claim(TINY, tmp_path)
    with pytest.raises(ValueError, match="other settings"):
        search.claim(replace(TINY, epochs=3), tmp_path)


def test_a_finished_run_is_not_made_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that is started again after a kill finds the runs that were done."""
    arguments = (TINY, WORDS, tmp_path / "runs", (32, 1, 32), 1, 0)
    row = search.run(*arguments)
    assert (row.words, row.held_out, row.epochs) == (4, 2, 1)
    monkeypatch.delattr(search, "train")
    assert search.run(*arguments) == row
    assert search.rows(tmp_path) == [row]


def test_no_word_is_learned_and_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    class Stopped(Exception):  # noqa: N818
        pass

    def train(
        _: object, pairs: list[Pair], dev: Pronunciations, *__: object, **___: object
    ) -> None:
        seen["learned"], seen["measured"] = {word for word, _ in pairs}, set(dev)
        raise Stopped

    monkeypatch.setattr(search, "Corpus", lambda _, pairs: pairs)
    monkeypatch.setattr(search, "train", train)
    with pytest.raises(Stopped):
        search.run(replace(TINY, held_out=None), WORDS, tmp_path, (32, 1, 32), 1, 1)
    assert seen["learned"] | seen["measured"] == set(WORDS)
    assert not seen["learned"] & seen["measured"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--words all --epochs 30 --folds 5 --no-halving", Settings(halving=False)),
        ("--words 50 --layers 1,3 --rate 1e-3", Settings(layers=(1, 3), words=50, rate=1e-3)),
    ],
)
def test_options(
    options: str, expected: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(search, "search", lambda *arguments: asked.extend(arguments) or [])
    out = tmp_path / "out.csv"
    result = CliRunner().invoke(cli, ["search", str(tmp_path), str(out), *options.split()])
    assert result.exit_code == 0, result.output
    assert asked == [expected, tmp_path, None, 1]


def test_the_search_goes_on_after_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the whole command with Ray, killed in the middle, ends with the table of one that was
    not. Method: a first search whose third run fails stands for the killed one."""
    pytest.importorskip("ray")
    (tmp_path / "en").mkdir()
    lines = "".join(f"{w}\t{' '.join(p)}\n" for w, listed in WORDS.items() for p in listed)
    (tmp_path / "en/cmudict.train.tsv").write_text(lines)
    (tmp_path / "en/cmudict.dev.tsv").write_text("bee\tB IY1\nsea\tS IY1\n")
    monkeypatch.setenv("KILOPHONE_DATA", str(tmp_path))
    command = [
        "search", str(tmp_path / "found"), str(tmp_path / "found.csv"), "--words", "8",
        "--held-out", "2", "--epochs", "2", "--folds", "2", "--reduction", "2", "--batch", "4",
        "--hidden", "32", "--layers", "1,2", "--ffn", "32,64",
    ]  # fmt: skip

    broken = tmp_path / "found/runs/hidden32-layers2-ffn64-epochs1-fold0"
    broken.mkdir(parents=True)
    (broken / "log.tsv").mkdir()  # training cannot write its log here
    assert CliRunner().invoke(cli, command).exit_code != 0
    kept = {row.seconds for row in search.rows(tmp_path / "found")}
    assert kept
    (broken / "log.tsv").rmdir()

    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0, result.output
    with (tmp_path / "found.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    first = {(r["layers"], r["ffn"]) for r in rows if r["epochs"] == "1"}
    assert first == {("1", "32"), ("1", "64"), ("2", "32"), ("2", "64")}
    assert {r["fold"] for r in rows if r["epochs"] == "2"} == {"0", "1"}


def table(tmp_path: Path) -> Path:
    """A search over all 64 shapes on one fold and one epoch, of which two went on to two folds;
    PER falls with each size."""
    found = [
        search.Row(h, n, f, h * n, 0, 5, 1, 4000, 300, 1.5, 100 - h / 8 - n - f / 16, 99.0)
        for h in (32, 64, 128, 256)
        for n in (1, 2, 3, 4)
        for f in (32, 64, 128, 256)
    ]
    found += [
        search.Row(256, n, 256, 1, fold, 5, 4, 4000, 300, 12.0, 20.0 + 2 * fold, 90.0)
        for n in (3, 4)
        for fold in (0, 1)
    ]
    search.write(found, tmp_path / "search.csv")
    return tmp_path / "search.csv"


def test_configurations_are_compared_where_all_have_been(tmp_path: Path) -> None:
    found, caption = figures.rungs(table(tmp_path))
    assert found[4] == {(256, 3, 256): 21.0, (256, 4, 256): 21.0}
    epochs, per = figures.full_grid(found)
    assert (epochs, len(per)) == (1, 64)
    assert "64 configurations × 1 epoch × 1 of 5 folds;" in caption
    assert "2 configurations × 4 epochs × 2 of 5 folds" in caption
    assert "4,000 words" in caption


def test_marginals_are_means_over_the_others() -> None:
    per = {(1, 1, 1): 10.0, (1, 2, 1): 20.0, (2, 1, 1): 30.0}
    assert figures.marginal(per, 0) == {(1,): 15.0, (2,): 30.0}
    assert figures.marginal(per, 0, 2) == {(1, 1): 15.0, (2, 1): 30.0}


def test_the_figures_are_the_same_each_time(tmp_path: Path) -> None:
    """Goal: every figure is drawn, says its scale, and has the same bytes for the same table."""
    csv_file = table(tmp_path)
    for folder in ("one", "two"):
        result = CliRunner().invoke(cli, ["plot-search", str(csv_file), str(tmp_path / folder)])
        assert result.exit_code == 0, result.output
    names = {p.name for p in (tmp_path / "one").iterdir()}
    assert names == {f"search-{name}.svg" for name in ("parameters", "layers", "pairs")}
    for name in names:
        drawn = (tmp_path / "one" / name).read_text()
        assert drawn == (tmp_path / "two" / name).read_text()
        assert "4,000 words" in drawn
