"""``python -m kilophone_training``: train, export, evaluate."""

from __future__ import annotations

import ctypes
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .alphabets import ALPHABETS

if TYPE_CHECKING:
    from . import train

LANGUAGES = click.Choice(sorted(ALPHABETS))
FOLDER = click.Path(path_type=Path, file_okay=False)
RUN = click.Path(path_type=Path, file_okay=False, exists=True)
FILE = click.Path(path_type=Path, dir_okay=False)
EXISTING_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
THREADS = click.option("--threads", type=int, default=2, show_default=True, help="Cores to use.")
START = click.option("--start", type=RUN, required=True, help="Finished run to go on from.")

GRAPHEMES_MAX = {"en-us": 40, "ko": 60}
PHONEMES_MAX = {"en-us": 48, "ko": 64}


@click.group()
def cli() -> None:
    """Trains, exports and measures kilophone's models. KILOPHONE_DATA names the word lists."""


def prepare(threads: int) -> None:
    """Sets the cores, and keeps freed memory for the next step (it would go back to the system,
    which takes long to give pages again; glibc's M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD)."""
    import torch

    torch.set_num_threads(threads)
    try:
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    except TypeError:  # Windows has no library of the process itself
        mallopt = None
    if mallopt is not None:
        for parameter, value in ((-1, 2**31 - 1), (-2, 64 << 20), (-3, 32 << 20)):
            mallopt(parameter, value)


@cli.command("train")
@click.argument("language", type=LANGUAGES)
@click.argument("run", type=FOLDER)
@click.option("--epochs", type=float, help="Passes over the list, instead of the recipe's.")
@THREADS
def train_split(language: str, run: Path, epochs: float | None, threads: int) -> None:
    """Trains a float model from *.train.tsv alone; a stopped RUN goes on."""
    from . import data, train

    prepare(threads)
    alphabet = ALPHABETS[language]
    recipe = train.RECIPES[language]
    if epochs is not None:
        recipe = replace(recipe, epochs=epochs)
    words = data.read(alphabet, ["train"])
    corpus = train.Corpus(alphabet, [(w, p) for w, ps in words.items() for p in ps])
    train.train(recipe, corpus, data.read(alphabet, ["dev"]), run)


@cli.command("quantize")
@click.argument("language", type=LANGUAGES)
@click.argument("run", type=FOLDER)
@START
@click.option("--epochs", type=float, default=4, show_default=True, help="Passes over the list.")
@click.option("--rate", type=float, default=3e-4, show_default=True, help="Highest learning rate.")
@THREADS
def quantize(
    language: str, run: Path, start: Path, epochs: float, rate: float, threads: int
) -> None:
    """Goes on from a float run, on *.train.tsv alone, in the pack's arithmetic."""
    from . import data, train

    prepare(threads)
    alphabet = ALPHABETS[language]
    recipe = train.finetuning(started(language, start), epochs, rate)
    words = data.read(alphabet, ["train"])
    corpus = train.Corpus(alphabet, [(w, p) for w, ps in words.items() for p in ps])
    train.train(recipe, corpus, data.read(alphabet, ["dev"]), run, start)


@cli.command("release")
@click.argument("language", type=LANGUAGES)
@click.argument("run", type=FOLDER)
@START
@click.option("--epochs", type=float, default=8, show_default=True, help="Passes over the lists.")
@click.option("--rate", type=float, default=5e-4, show_default=True, help="Highest learning rate.")
@THREADS
def release(
    language: str, run: Path, start: Path, epochs: float, rate: float, threads: int
) -> None:
    """Goes on from a finished run, on all lists, in the pack's arithmetic.

    The model to ship: no figure on a list says anything of unseen words any more.
    """
    from . import data, train

    prepare(threads)
    alphabet = ALPHABETS[language]
    recipe = train.releasing(started(language, start), epochs, rate)
    corpus = train.frequency_weighted(alphabet, data.read(alphabet, data.SPLITS))
    train.train(recipe, corpus, data.read(alphabet, ["dev"]), run, start)


def started(language: str, start: Path) -> train.Recipe:
    """The recipe of a finished run, which must be one of the language."""
    from . import train

    recipe = train.load(start)[1]
    if recipe.language != language:
        raise click.BadParameter(f"{start} is a run of {recipe.language}", param_hint="--start")
    return recipe


@cli.command("export-pack")
@click.argument("run", type=RUN)
@click.argument("out", type=FILE)
@click.option("--graphemes-max", type=int, help="Longest word; by default the language's.")
@click.option("--phonemes-max", type=int, help="Longest answer; by default the language's.")
@click.option("--name", help="The pack's name; by default the alphabet's.")
@click.option("--commit", help="Commit of the training code, for the provenance.")
@click.option("--score", "scores", multiple=True, metavar="NAME=VALUE", help="As in dev_per=5.1.")
def export_pack(
    run: Path,
    out: Path,
    graphemes_max: int | None,
    phonemes_max: int | None,
    name: str | None,
    commit: str | None,
    scores: tuple[str, ...],
) -> None:
    """Writes the pack of a finished RUN."""
    from . import pack, train
    from .provenance import provenance

    model, recipe = train.load(run)
    try:
        named = {key: float(value) for key, value in (s.split("=", 1) for s in scores)}
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--score") from error
    content = pack.build(
        model,
        ALPHABETS[recipe.language],
        provenance(recipe, commit, named),
        graphemes_max or GRAPHEMES_MAX[recipe.language],
        phonemes_max or PHONEMES_MAX[recipe.language],
        name,
    )
    out.write_bytes(content)
    click.echo(f"{out}: {len(content)} bytes")


@cli.command("export-transformers")
@click.argument("run", type=RUN)
@click.argument("folder", type=FOLDER)
def export_transformers(run: Path, folder: Path) -> None:
    """Writes a finished RUN as a checkpoint of transformers' LlamaForCausalLM."""
    from . import train, transformers_export

    model, recipe = train.load(run)
    transformers_export.export(model, ALPHABETS[recipe.language], folder)


@cli.command("plot-runs")
@click.argument("out", type=FILE)
@click.argument("runs", type=RUN, nargs=-1, required=True)
def plot_runs(out: Path, runs: tuple[Path, ...]) -> None:
    """Draws the dev PER of RUNS over their epochs into OUT (.svg or .png)."""
    from . import figures

    figures.plot_runs(runs, out)


@cli.command("evaluate")
@click.option("--split", type=click.Choice(["dev", "test"]), default="dev", show_default=True)
@click.option("--pack", "packs", type=EXISTING_FILE, multiple=True, help="Instead of the default.")
@click.option("--frequent", type=int, metavar="N", help="The N most frequent words of CMUdict.")
def evaluate(split: str, packs: tuple[Path, ...], frequent: int | None) -> None:
    """Measures the installed kilophone package."""
    from . import evaluate as evaluation

    command = shlex.join(["python", "-m", "kilophone_training", *sys.argv[1:]])
    with evaluation.open_transcriber(packs) as transcriber:
        if frequent is None:
            click.echo(evaluation.table(transcriber, split, packs, command))
        else:
            click.echo(evaluation.frequent_words(transcriber, frequent, packs, command))


if __name__ == "__main__":
    cli()
