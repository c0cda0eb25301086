"""``python -m kilophone_training``: train, export, evaluate."""

from __future__ import annotations

import ctypes
import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .alphabets import ALPHABETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from . import train
    from .distillation import Teacher, Tokens
    from .model import Llama

LANGUAGES = click.Choice(sorted(ALPHABETS))
FOLDER = click.Path(path_type=Path, file_okay=False)
RUN = click.Path(path_type=Path, file_okay=False, exists=True)
FILE = click.Path(path_type=Path, dir_okay=False)
EXISTING_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
CHANGES = click.option(
    "--set", "changes", multiple=True, metavar="NAME=VALUE", help="As in epochs=8."
)
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
@click.option(
    "--recipe", "kind", type=click.Choice(["float", "teacher", "student", "settling"]),
    default="float", show_default=True, help="What to begin --set with.",
)  # fmt: skip
@click.option("--start", type=RUN, help="Finished run whose weights it begins with.")
@click.option("--labels", type=EXISTING_FILE, multiple=True, help="Of teachers (see label).")
@CHANGES
@THREADS
def train_split(
    language: str,
    run: Path,
    kind: str,
    start: Path | None,
    labels: tuple[Path, ...],
    changes: tuple[str, ...],
    threads: int,
) -> None:
    """Trains a model from *.train.tsv alone; a stopped RUN goes on."""
    from . import data, distillation, train
    from .corpus import Corpus

    prepare(threads)
    if kind not in train.RECIPES[language]:
        raise click.BadParameter(f"{language} has no {kind} recipe", param_hint="--recipe")
    recipe = replace(changed(train.RECIPES[language][kind], changes), taught=bool(labels))
    words = data.read(recipe.alphabet, ["train"])
    corpus = Corpus(recipe.alphabet, [(w, p) for w, ps in words.items() for p in ps])
    corpus.align()
    for file in labels:
        corpus.teach(distillation.Labels.load(file), recipe.unlisted_weight)
    train.train(recipe, corpus, data.read(recipe.alphabet, ["dev"]), run, start, threads=threads)


def changed(recipe: train.Recipe, changes: tuple[str, ...]) -> train.Recipe:
    """The recipe with the fields named by ``NAME=VALUE`` replaced."""
    values: dict[str, Any] = {}
    for change in changes:
        name, _, value = change.partition("=")
        if name not in recipe.__dataclass_fields__:
            raise click.BadParameter(f"a recipe has no {name!r}", param_hint="--set")
        kind = type(getattr(recipe, name))
        try:
            values[name] = kind(json.loads(value)) if kind is not str else value
        except ValueError as error:
            raise click.BadParameter(f"{change}: {error}", param_hint="--set") from error
    return replace(recipe, **values)


@cli.command("ngram")
@click.argument("out", type=FILE)
def train_ngram(out: Path) -> None:
    """Estimates a joint n-gram of the English *.train.tsv: a teacher."""
    from . import data, joint

    joint.train(data.read(ALPHABETS["en-us"], ["train"]), out)


TEACHERS = click.option(
    "--teacher", "teachers", type=RUN, multiple=True, required=True, help="Finished run."
)
NGRAM = click.option("--ngram", type=EXISTING_FILE, help="A teacher too (see ngram).")


def proposed(ngram: Path | None, words: list[str]) -> dict[Tokens, dict[Tokens, float]]:
    """What an n-gram says of English words, as tokens."""
    from . import joint

    return tokenized(joint.candidates(ngram, words) if ngram else {})


def tokenized(
    candidates: Mapping[str, Mapping[tuple[str, ...], float]],
) -> dict[Tokens, dict[Tokens, float]]:
    """English words and pronunciations with log-probabilities, as tokens."""
    alphabet = ALPHABETS["en-us"]
    return {
        tuple(alphabet.encode_word(w)): {
            tuple(alphabet.encode_phonemes(p)): x for p, x in ps.items()
        }
        for w, ps in candidates.items()
    }


def ensemble(runs: tuple[Path, ...], threads: int) -> list[Teacher]:
    """The teachers that finished runs are."""
    from . import distillation, train

    loaded = [train.load(run) for run in runs]
    return [distillation.Teacher.of(model, recipe.backward, threads) for model, recipe in loaded]


@cli.command("label")
@click.argument("out", type=FILE)
@TEACHERS
@NGRAM
@click.option("--words", "lists", type=EXISTING_FILE, multiple=True, help="More words, one a line.")
@click.option("--backward", is_flag=True, help="For a student that reads and speaks backwards.")
@click.option("--part", type=int, default=0, show_default=True, help="Which part of the words.")
@click.option("--parts", type=int, default=1, show_default=True, help="Of how many.")
@THREADS
def label(
    out: Path,
    teachers: tuple[Path, ...],
    ngram: Path | None,
    lists: tuple[Path, ...],
    backward: bool,
    part: int,
    parts: int,
    threads: int,
) -> None:
    """Labels the English words of *.train.tsv and words of no list by an ensemble of runs."""
    from . import data, distillation, train
    from .inflections import Inflections, forms

    prepare(threads)
    alphabet = ALPHABETS["en-us"]
    known = data.read(alphabet, ["train"])
    listed = [(w, p) for w, ps in known.items() for p in ps][part::parts]
    written = [*train.zipf_frequencies("en-us"), *data.census_names()]
    written += [form for word in known for form in forms(word)]
    for file in lists:
        written += file.read_text("utf-8").lower().split()
    unlabelled = data.unlabelled(alphabet, written)[part::parts]
    words = [tuple(alphabet.encode_word(w)) for w in [*(w for w, _ in listed), *unlabelled]]
    given: list[Tokens | None] = [tuple(alphabet.encode_phonemes(p)) for _, p in listed]
    given += [None] * len(unlabelled)
    inflections = Inflections.of(known)
    inflected = {w: ps for w in unlabelled if (ps := inflections.pronunciations(w))}
    asked = [w for w in unlabelled if w not in inflected]
    labels = distillation.label(
        ensemble(teachers, threads), alphabet, words, given, proposed(ngram, asked),
        tokenized(inflected), backward,
    )  # fmt: skip
    labels.save(out)
    click.echo(f"{out}: {len(labels.words)} words")


@cli.command("choose")
@click.option("--teacher", "teachers", type=RUN, multiple=True, help="Finished run.")
@NGRAM
@THREADS
def choose(teachers: tuple[Path, ...], ngram: Path | None, threads: int) -> None:
    """Measures what an ensemble of runs chooses on the English dev list."""
    from . import data, distillation, scoring

    if not teachers and ngram is None:
        raise click.UsageError("no --teacher and no --ngram: nobody chooses")
    prepare(threads)
    alphabet = ALPHABETS["en-us"]
    dev = data.read(alphabet, ["dev"])
    words = [tuple(alphabet.encode_word(w)) for w in dev]
    candidates = distillation.weighed(
        ensemble(teachers, threads), alphabet, words, proposed(ngram, list(dev))
    )
    said = {
        word: alphabet.decode_phonemes(list(distillation.best(found))) if found else ()
        for word, found in zip(dev, candidates, strict=True)
    }
    scores = scoring.score(said, dev, alphabet)
    click.echo(f"dev PER {scores.per:.2f}, WER {scores.wer:.2f}")


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
    from .corpus import Corpus

    prepare(threads)
    alphabet = ALPHABETS[language]
    recipe = train.finetuning(started(language, start), epochs, rate)
    words = data.read(alphabet, ["train"])
    corpus = Corpus(alphabet, [(w, p) for w, ps in words.items() for p in ps])
    corpus.align()
    train.train(recipe, corpus, data.read(alphabet, ["dev"]), run, start, threads=threads)


@cli.command("release")
@click.argument("language", type=LANGUAGES)
@click.argument("run", type=FOLDER)
@START
@click.option("--epochs", type=float, default=8, show_default=True, help="Passes over the lists.")
@click.option("--rate", type=float, default=5e-4, show_default=True, help="Highest learning rate.")
@click.option("--labels", type=EXISTING_FILE, multiple=True, help="Of teachers (see label).")
@click.option("--split", "is_split", is_flag=True, help="For the figures: *.train.tsv alone.")
@CHANGES
@THREADS
def release(
    language: str,
    run: Path,
    start: Path,
    epochs: float,
    rate: float,
    labels: tuple[Path, ...],
    is_split: bool,
    changes: tuple[str, ...],
    threads: int,
) -> None:
    """Goes on from a finished run, on all lists, in the pack's arithmetic.

    The model to ship: no figure on a list says anything of unseen words any more.
    """
    from . import data, distillation, train

    prepare(threads)
    alphabet = ALPHABETS[language]
    splits = ("train",) if is_split else data.SPLITS
    recipe = train.releasing(started(language, start), epochs, rate)
    recipe = replace(recipe, taught=bool(labels), splits="+".join(splits))
    recipe = changed(recipe, changes)
    corpus = train.released(alphabet, data.read(alphabet, splits))
    corpus.align()
    for file in labels:
        corpus.teach(distillation.Labels.load(file), recipe.unlisted_weight)
    train.train(recipe, corpus, data.read(alphabet, ["dev"]), run, start, threads=threads)


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
        recipe.weight_step,
    )
    out.write_bytes(content)
    click.echo(f"{out}: {len(content)} bytes")


@cli.command("complete-pack")
@click.argument("pack_file", metavar="PACK", type=EXISTING_FILE)
@click.argument("out", type=FILE)
@click.option("--homographs", "section", type=EXISTING_FILE, help="Section HOMO (see homographs).")
def complete_pack(pack_file: Path, out: Path, section: Path | None) -> None:
    """Adds to a PACK the corrections that make it exact on every word of the lists that it learned
    from, and the homographs. The installed kilophone package says what the model gets wrong."""
    from . import correcting, pack

    content = pack_file.read_bytes()
    table = correcting.table(content)
    added = {b"CORR": table.section}
    if section is not None:
        added[b"HOMO"] = section.read_bytes()
    complete = pack.with_sections(content, added)
    out.write_bytes(complete)
    click.echo(
        f"{out}: {len(complete)} bytes, {table.entries} corrections in {len(table.section)} bytes"
    )


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
@click.option(
    "--split", type=click.Choice(["train", "dev", "test"]), default="dev", show_default=True
)
@click.option("--pack", "packs", type=EXISTING_FILE, multiple=True, help="Instead of the default.")
@click.option("--frequent", type=int, metavar="N", help="The N most frequent words of CMUdict.")
@click.option("--exact", is_flag=True, help="How many words of all lists are said exactly.")
@click.option("--alignment", "aligned", is_flag=True, help="Letters of phonemes, on the dev lists.")
def evaluate(
    split: str, packs: tuple[Path, ...], frequent: int | None, exact: bool, aligned: bool
) -> None:
    """Measures the installed kilophone package."""
    from . import evaluate as evaluation

    command = shlex.join(["python", "-m", "kilophone_training", *sys.argv[1:]])
    with evaluation.open_transcriber(packs) as transcriber:
        if exact:
            click.echo(evaluation.exact(transcriber, packs, command))
        elif aligned:
            click.echo(evaluation.aligned(transcriber, packs, command))
        elif frequent is None:
            click.echo(evaluation.table(transcriber, split, packs, command))
        else:
            click.echo(evaluation.frequent_words(transcriber, frequent, packs, command))


def count(value: str) -> int | None:
    """A number, or ``None`` for ``all``."""
    return None if value == "all" else int(value)


def numbers(value: str) -> tuple[float, ...]:
    """Numbers with commas between them; whole ones as integers."""
    return tuple(int(n) if n.isdigit() else float(n) for n in value.split(","))


@cli.command("search")
@click.argument("folder", type=FOLDER)
@click.argument("out", type=FILE)
@click.option(
    "--words", type=count, metavar="N|all", default="all", show_default=True, help="Sample."
)
@click.option(
    "--held-out",
    type=count,
    metavar="N|all",
    default="all",
    show_default=True,
    help="Words of a fold to measure on.",
)
@click.option("--epochs", type=int, default=30, show_default=True, help="Of the longest runs.")
@click.option("--folds", type=int, default=5, show_default=True)
@click.option("--halving/--no-halving", default=True, help="Only the better ones go on (ASHA).")
@click.option("--reduction", type=int, default=4, show_default=True, help="One in N goes on.")
@click.option("--batch", type=int, default=128, show_default=True)
@click.option("--rate", type=float, default=2e-3, show_default=True, help="At hidden size 128.")
@click.option("--hidden", type=numbers, default="32,64,128,256", show_default=True)
@click.option("--layers", type=numbers, default="1,2,3,4", show_default=True)
@click.option("--ffn", type=numbers, default="32,64,128,256", show_default=True)
@click.option("--address", help="Of a Ray cluster that sees FOLDER; by default this machine.")
@click.option("--cpus", type=int, default=1, show_default=True, help="Trials at a time, locally.")
def search_grid(
    folder: Path,
    out: Path,
    words: int | None,
    held_out: int | None,
    epochs: int,
    folds: int,
    halving: bool,
    reduction: int,
    batch: int,
    rate: float,
    hidden: tuple[int, ...],
    layers: tuple[int, ...],
    ffn: tuple[int, ...],
    address: str | None,
    cpus: int,
) -> None:
    """Cross-validates a grid of English models in FOLDER, with Ray Tune, and writes the runs to
    OUT (.csv). A search that was stopped goes on."""
    from . import search

    settings = search.Settings(
        hidden, layers, ffn, words, held_out, epochs, folds, halving, reduction, batch, rate
    )
    search.write(search.search(settings, folder, address, cpus), out)


@cli.command("plot-search")
@click.argument("table", type=EXISTING_FILE)
@click.argument("folder", type=FOLDER)
def plot_search(table: Path, folder: Path) -> None:
    """Draws the TABLE of a search into FOLDER: search-parameters, -layers and -pairs (.svg)."""
    from . import figures

    figures.plot_search(table, folder)


@cli.command("bitwidths")
@click.argument("run", type=RUN)
@click.argument("table", type=FILE)
@click.option("--words", type=count, default="all", show_default=True, help="Of the dev list.")
@click.option("--calibration", type=int, default=512, show_default=True, help="Words to look at.")
@click.option("--widths", type=numbers, default="8,4,3,2", show_default=True, help="Bits.")
@click.option(
    "--steps",
    type=numbers,
    default="0.3,0.42,0.54,0.7,0.85,1",
    show_default=True,
    help="Of the entropy-coded grids, parts of the root mean square.",
)
@click.option("--qat-steps", type=int, default=0, show_default=True, help="0: no QAT.")
@click.option("--qat-rate", type=float, default=3e-4, show_default=True)
@THREADS
def bitwidths(
    run: Path,
    table: Path,
    words: int | None,
    calibration: int,
    widths: tuple[int, ...],
    steps: tuple[float, ...],
    qat_steps: int,
    qat_rate: float,
    threads: int,
) -> None:
    """Measures a float RUN with its weights in fewer bits, by several methods, into TABLE (.csv).

    Points that the table has already are not measured again.
    """
    from . import bitwidths, data, train
    from .corpus import Corpus

    prepare(threads)
    model, recipe = train.load(run)
    alphabet = ALPHABETS[recipe.language]
    pairs = [(w, p) for w, ps in data.read(alphabet, ["train"]).items() for p in ps]

    def tune(grid: bitwidths.Grid) -> Llama:
        finetuning = train.finetuning(recipe, epochs=0, rate=qat_rate)
        corpus = Corpus(alphabet, pairs)
        return bitwidths.finetuned(model, finetuning, grid, corpus, qat_steps)

    experiment = bitwidths.Experiment(
        model,
        alphabet,
        bitwidths.calibration(alphabet, pairs, calibration),
        bitwidths.some(data.read(alphabet, ["dev"]), words),
        tune,
    )
    done = {(point.method, point.setting) for point in bitwidths.read(table)}
    for method, setting in bitwidths.plan(widths, steps, qat=qat_steps > 0):
        if (method, setting) not in done:
            point = bitwidths.measure(experiment, method, setting)
            bitwidths.append(table, point)
            click.echo(point)


@cli.command("plot-bitwidths")
@click.argument("table", type=EXISTING_FILE)
@click.argument("out", type=FILE)
def plot_bitwidths(table: Path, out: Path) -> None:
    """Draws the PER of a TABLE of bitwidths over the model's bytes into OUT (.svg or .png)."""
    from . import figures

    figures.plot_bitwidths(table, out)


@cli.command("card")
@click.argument("out", type=FILE)
@click.option("--split", type=click.Choice(["dev", "test"]), default="dev", show_default=True)
@click.option("--pack", "packs", type=EXISTING_FILE, multiple=True, help="Instead of the default.")
def model_card(out: Path, split: str, packs: tuple[Path, ...]) -> None:
    """Measures the installed kilophone package for the model card OUT (.md): replaces what is
    between its markers."""
    from . import card
    from . import evaluate as evaluation

    command = shlex.join(["python", "-m", "kilophone_training", *sys.argv[1:]])
    text = out.read_text(encoding="utf-8") if out.exists() else ""
    with evaluation.open_transcriber(packs) as transcriber:
        figures = card.part(transcriber, split, packs, command)
    out.write_text(card.inserted(text, figures), encoding="utf-8")


@cli.command("homographs")
@click.argument("out", type=FILE, required=False)
@click.option("--cross-validate", "judge", is_flag=True, help="Print the accuracy on unseen text.")
@click.option("--weights", type=int, help="Weights to keep, instead of the recipe's.")
def homographs(out: Path | None, judge: bool, weights: int | None) -> None:
    """Learns to tell homographs apart; writes the section HOMO into OUT."""
    from . import homographs as learning

    prepare(1)
    size = weights or learning.WEIGHTS
    if judge:
        click.echo(learning.report(learning.cross_validate(learning.examples(), size), size))
    if out is not None:
        click.echo(f"{out}: {learning.write(out, size)} bytes")


if __name__ == "__main__":
    cli()
