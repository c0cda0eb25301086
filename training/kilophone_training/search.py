"""How large a model has to be: a grid over hidden size, layers and ffn, cross-validated.

The words of the train and dev lists (never test) are cut into folds; a *run* learns from all folds
but one and is measured on words of that one. Ray Tune spreads the configurations over the cores of
this machine or of a cluster. With halving a configuration first makes one short run; the better
ones go on to a longer run, and the best of those to the other folds (ASHA). Without, every
configuration makes the full run on every fold.

Each run is a complete one, with a learning rate that ends where it should, in a folder of its own
that keeps what ``train`` keeps and, at its end, its row of the table. A search that was killed
therefore loses less than an epoch, and a finished run is never made twice.
"""

from __future__ import annotations

import csv
import json
import math
import os
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

from . import data
from .alphabets import ENGLISH
from .corpus import Corpus
from .data import Pronunciations
from .train import ENGLISH_RECIPE, Recipe, train

HEAD_DIM = 32
"""Inputs of an attention head in every configuration, the shipped model's."""


@dataclass(frozen=True)
class Settings:
    """What a search tries, and at what scale. ``None`` words are all there are."""

    hidden: tuple[int, ...] = (32, 64, 128, 256)
    layers: tuple[int, ...] = (1, 2, 3, 4)
    ffn: tuple[int, ...] = (32, 64, 128, 256)
    words: int | None = None
    held_out: int | None = None
    """Words of the held-out fold that a run is measured on."""
    epochs: int = 30
    folds: int = 5
    halving: bool = True
    reduction: int = 4
    """One in so many goes on, and has so many times the epochs."""
    batch: int = 128
    rate: float = ENGLISH_RECIPE.rate
    """Highest learning rate at the shipped model's hidden size."""
    seed: int = 1


@dataclass(frozen=True)
class Row:
    """A run in the table: what was trained, on how much, and its error rates in per cent."""

    hidden: int
    layers: int
    ffn: int
    weights: int
    fold: int
    folds: int
    epochs: int
    words: int
    """Words learned from."""
    held_out: int
    seconds: float
    """CPU time; of a run that was stopped and went on, that since then."""
    per: float
    wer: float


def sample(words: Pronunciations, settings: Settings) -> list[list[str]]:
    """The words of each fold; a word with all its pronunciations is in one fold only."""
    chosen = sorted(words)
    random.Random(settings.seed).shuffle(chosen)
    chosen = chosen[: settings.words]
    return [chosen[fold :: settings.folds] for fold in range(settings.folds)]


def ladder(settings: Settings) -> list[int]:
    """Epochs of the runs that decide who goes on, ascending; the last is the full length."""
    steps = [settings.epochs]
    while settings.halving and steps[0] >= settings.reduction:
        steps.insert(0, steps[0] // settings.reduction)
    return steps


def runs(settings: Settings, folds: tuple[int, ...]) -> list[tuple[int, int]]:
    """``(epochs, fold)`` of a trial's runs in their order: up the ladder on the first fold, then
    the full length on the others."""
    steps = ladder(settings)
    return [(epochs, folds[0]) for epochs in steps] + [(steps[-1], fold) for fold in folds[1:]]


def recipe(settings: Settings, shape: tuple[int, int, int], epochs: int, learned: int) -> Recipe:
    """The shipped model's recipe at this shape, for so many words; a wider model gets a lower rate
    (by the root of the width), and a short run a short warm-up."""
    hidden, layers, ffn = shape
    steps = learned * epochs // settings.batch
    return replace(
        ENGLISH_RECIPE, dim=hidden, layers=layers, heads=hidden // HEAD_DIM, ffn=ffn,
        epochs=float(epochs), batch=settings.batch, seed=settings.seed,
        rate=settings.rate * math.sqrt(ENGLISH_RECIPE.dim / hidden),
        warmup_steps=min(ENGLISH_RECIPE.warmup_steps, max(1, steps // 10)),
    )  # fmt: skip


def run(
    settings: Settings,
    words: Pronunciations,
    folder: Path,
    shape: tuple[int, int, int],
    epochs: int,
    fold: int,
) -> Row:
    """Makes a run, goes on with it, or reads the row it left."""
    hidden, layers, ffn = shape
    at = folder / f"hidden{hidden}-layers{layers}-ffn{ffn}-epochs{epochs}-fold{fold}"
    kept = at / "row.json"
    if kept.exists():
        return Row(**json.loads(kept.read_text()))
    folds = sample(words, settings)
    held_out = folds[fold][: settings.held_out]
    learned = [word for other in range(settings.folds) if other != fold for word in folds[other]]
    corpus = Corpus(ENGLISH, [(word, p) for word in learned for p in words[word]])
    started = time.process_time()
    chosen = recipe(settings, shape, epochs, len(learned))
    model = train(chosen, corpus, {w: words[w] for w in held_out}, at, evaluations=1)
    with (at / "log.tsv").open(newline="") as file:
        last = list(csv.DictReader(file, delimiter="\t"))[-1]
    row = Row(
        hidden, layers, ffn, sum(p.numel() for p in model.parameters()), fold, settings.folds,
        epochs, len(learned), len(held_out), round(time.process_time() - started, 1),
        float(last["dev_per"]), float(last["dev_wer"]),
    )  # fmt: skip
    part = kept.with_suffix(".new")
    part.write_text(json.dumps(asdict(row), indent=2) + "\n")
    part.replace(kept)
    return row


def results(
    settings: Settings,
    words: Pronunciations,
    folder: Path,
    shape: tuple[int, int, int],
    folds: tuple[int, ...],
) -> Iterator[dict[str, float]]:
    """A trial: after each of its runs the epochs so far, and the PER it is judged by, the mean
    over the folds at the greatest length."""
    spent, longest, rates = 0, 0, list[float]()
    for epochs, fold in runs(settings, folds):
        row = run(settings, words, folder, shape, epochs, fold)
        if epochs > longest:
            longest, rates = epochs, []
        rates.append(row.per)
        spent += epochs
        yield {"epochs": spent, "per": sum(rates) / len(rates), "runs": len(rates)}


def search(settings: Settings, folder: Path, address: str | None, cpus: int) -> list[Row]:
    """Makes the search in ``folder``, or goes on with the one there; returns its rows.

    ``address`` is that of a Ray cluster, whose nodes all see ``folder``; without, ``cpus`` cores
    of this machine are used.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would report home
    import ray
    from ray import tune
    from ray.tune.schedulers import ASHAScheduler, FIFOScheduler

    folder = folder.absolute()
    claim(settings, folder)
    words = data.read(ENGLISH, ["train", "dev"])

    def trial(config: dict[str, Any], words: Pronunciations) -> None:
        from .__main__ import prepare

        prepare(threads=1)
        for result in results(settings, words, folder / "runs", *config["trial"]):
            tune.report(result)

    every = tuple(range(settings.folds))
    shapes = list(product(settings.hidden, settings.layers, settings.ffn))
    # Asynchronous halving compares with what has come before: by chance, not smallest first.
    random.Random(settings.seed).shuffle(shapes)
    parts = [every] if settings.halving else [(fold,) for fold in every]
    trials = list(product(shapes, parts))
    most = sum(epochs for epochs, _ in runs(settings, every))
    scheduler = (
        ASHAScheduler(
            time_attr="epochs", max_t=most + 1, grace_period=ladder(settings)[0],
            reduction_factor=settings.reduction,
        )
        if settings.halving
        else FIFOScheduler()
    )  # fmt: skip
    trainable = tune.with_parameters(trial, words=words)
    state = folder / "tune"
    if address is None:
        ray.init(address="local", num_cpus=cpus, include_dashboard=False)
    else:
        ray.init(address=address)
    try:
        if tune.Tuner.can_restore(state):
            tuner = tune.Tuner.restore(str(state), trainable, resume_errored=True)
        else:
            tuner = tune.Tuner(
                trainable,
                param_space={"trial": tune.grid_search(trials)},
                tune_config=tune.TuneConfig(
                    metric="per", mode="min", scheduler=scheduler, reuse_actors=True
                ),
                run_config=tune.RunConfig(name="tune", storage_path=str(folder), verbose=1),
            )
        grid = tuner.fit()
        if grid.errors:
            raise RuntimeError(f"{len(grid.errors)} trials failed, the first: {grid.errors[0]}")
    finally:
        ray.shutdown()
    return rows(folder)


def claim(settings: Settings, folder: Path) -> None:
    """Notes the settings in the folder; refuses a folder that holds a search of others."""
    folder.mkdir(parents=True, exist_ok=True)
    noted = folder / "settings.json"
    text = json.dumps(asdict(settings), indent=2) + "\n"
    if noted.exists() and noted.read_text() != text:
        raise ValueError(f"{folder} holds a search with other settings: {noted.read_text()}")
    noted.write_text(text)


def rows(folder: Path) -> list[Row]:
    """The rows of the finished runs in the folder of a search, which need not be at its end."""
    found = [Row(**json.loads(p.read_text())) for p in folder.glob("runs/*/row.json")]
    return sorted(found, key=lambda r: (r.epochs, r.hidden, r.layers, r.ffn, r.fold))


def write(table: list[Row], out: Path) -> None:
    """Writes the rows as CSV."""
    with out.open("w", newline="") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in table)
