"""Figures: training runs, the search over sizes, and fewer bits a weight.

Each is drawn from a table beside it, and the same table gives the same bytes.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import Any

# Lines are drawn in this order of colours, which colour-blind readers tell apart (Okabe and Ito),
# and of markers, for print.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#000000", "#56b4e9")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
SHEET = (6.4, 3.6)
"""Inches of an ordinary figure."""


def dev_curve(run: Path) -> tuple[list[float], list[float]]:
    """Fractions of the run's steps done, and the dev PER in per cent there, from its log."""
    with (run / "log.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    last = float(rows[-1]["step"])
    return [float(r["step"]) / last for r in rows], [float(r["dev_per"]) for r in rows]


def plot_runs(runs: Sequence[Path], out: Path) -> None:
    """Draws dev PER (log scale) over epochs for each run into ``out`` (by its suffix: svg, png)."""
    with drawn(out) as (_, (axes,)):
        for run, colour in zip(runs, COLOURS, strict=False):
            epochs = json.loads((run / "recipe.json").read_text())["epochs"]
            fractions, per = dev_curve(run)
            done = [epochs * f for f in fractions]
            axes.plot(done, per, marker="o", markersize=3, color=colour, label=run.name)
            axes.annotate(f"{per[-1]:.2f}", (done[-1], per[-1]), xytext=(4, 0),
                          textcoords="offset points", va="center", color=colour)  # fmt: skip
        axes.set(xlabel="epochs", ylabel="dev PER, %", yscale="log")
        axes.margins(x=0.08)
        axes.legend(frameon=False)


@contextmanager
def drawn(
    out: Path,
    panels: int = 1,
    size: tuple[float, float] = SHEET,
    caption: str = "",
    share_y: bool = False,
) -> Iterator[tuple[Any, Sequence[Any]]]:
    """A figure of panels side by side, written to ``out`` at the end; the caption under it."""
    import matplotlib

    matplotlib.use("Agg")
    settings: dict[Any, Any] = {
        "svg.hashsalt": "kilophone",
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.grid.which": "both",
        "axes.spines.right": False,
        "axes.spines.top": False,
        "font.size": 9,
        "grid.alpha": 0.25,
    }
    with matplotlib.rc_context(settings):
        from matplotlib import pyplot

        figure, axes = pyplot.subplots(
            1, panels, figsize=size, layout="constrained", squeeze=False, sharey=share_y
        )
        yield figure, axes[0]
        if caption:
            figure.supxlabel(caption, fontsize=7, color="#555555")
        figure.savefig(out, metadata={"Date": None} if out.suffix == ".svg" else None)
        pyplot.close(figure)


# The search -------------------------------------------------------------------------------------

SIZES = {"hidden": "hidden size", "layers": "layers", "ffn": "ffn size"}
Shape = tuple[int, ...]


def rungs(table: Path) -> tuple[dict[int, dict[Shape, float]], str]:
    """For each length of the runs in the table of a search, ascending, the configurations that
    made it with their PER, the mean over the folds; and a sentence on the scale of it all."""
    found: dict[int, dict[Shape, list[float]]] = defaultdict(lambda: defaultdict(list))
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        shape = tuple(int(row[name]) for name in SIZES)
        found[int(row["epochs"])][shape].append(float(row["per"]))
    parts = []
    for epochs, shapes in sorted(found.items()):
        folds = sorted({len(per) for per in shapes.values()})
        counts = "–".join(str(n) for n in sorted({folds[0], folds[-1]}))
        parts.append(
            f"{len(shapes)} configurations × {_epochs(epochs)} × {counts} of {rows[0]['folds']} "
            "folds"
        )
    words, held_out = (max(int(row[name]) for row in rows) for name in ("words", "held_out"))
    minutes = sum(float(row["seconds"]) for row in rows) / 60
    return (
        {e: {s: sum(p) / len(p) for s, p in shapes.items()} for e, shapes in sorted(found.items())},
        f"English; {'; '.join(parts)};\n{words:,} words learned from, {held_out:,} of the held-out "
        f"fold measured on; {minutes:.0f} CPU minutes",
    )


def _epochs(count: int) -> str:
    return f"{count} epoch{'s' if count > 1 else ''}"


def full_grid(found: dict[int, dict[Shape, float]]) -> tuple[int, dict[Shape, float]]:
    """The longest runs that the whole grid made, where configurations can be compared: their
    length and PER."""
    most = max(map(len, found.values()))
    return max((epochs, per) for epochs, per in found.items() if len(per) == most)


def marginal(per: dict[Shape, float], *axes: int) -> dict[Shape, float]:
    """The mean PER for each value of some of the hyper-parameters, over all others."""
    found = defaultdict(list)
    for shape, value in per.items():
        found[tuple(shape[axis] for axis in axes)].append(value)
    return {key: sum(values) / len(values) for key, values in sorted(found.items())}


def plot_search(table: Path, folder: Path) -> None:
    """Draws the table of a search: PER against each hyper-parameter, PER by layers for every
    hidden size, and a heat map for each pair."""
    folder.mkdir(parents=True, exist_ok=True)
    found, caption = rungs(table)
    epochs, per = full_grid(found)
    _parameters(found, per, caption, folder / "search-parameters.svg")
    comparable = f"runs of {_epochs(epochs)}, which all configurations made; {caption}"
    _layers(per, comparable, folder / "search-layers.svg")
    _pairs(per, comparable, folder / "search-pairs.svg")


def _parameters(
    found: dict[int, dict[Shape, float]], per: dict[Shape, float], caption: str, out: Path
) -> None:
    with drawn(out, 3, (9, 3.8), caption, share_y=True) as (figure, panels):
        for axis, (axes, name) in enumerate(zip(panels, SIZES.values(), strict=True)):
            places = _places(axes, (shape[axis] for shape in per), name)
            for index, (epochs, shapes) in enumerate(found.items()):
                axes.plot(
                    [places(s[axis]) + 0.09 * (index - (len(found) - 1) / 2) for s in shapes],
                    list(shapes.values()), MARKERS[index], markersize=3.5, alpha=0.6,
                    color=COLOURS[index], markeredgewidth=0, label=_epochs(epochs),
                )  # fmt: skip
            mean = marginal(per, axis)
            axes.plot([places(v) for (v,) in mean], list(mean.values()), color="#333333",
                      linewidth=1, label="mean of the grid")  # fmt: skip
        panels[0].set(ylabel="PER, %", yscale="log")
        _plain_ticks(panels[0].yaxis)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)


def _layers(per: dict[Shape, float], caption: str, out: Path) -> None:
    with drawn(out, caption=caption) as (_, (axes,)):
        places = _places(axes, (shape[1] for shape in per), SIZES["layers"])
        for index, hidden in enumerate(sorted({shape[0] for shape in per})):
            mean = marginal({s: p for s, p in per.items() if s[0] == hidden}, 1)
            axes.plot([places(v) for (v,) in mean], list(mean.values()), color=COLOURS[index],
                      marker=MARKERS[index], markersize=4, label=f"hidden {hidden}")  # fmt: skip
        axes.set(ylabel="PER, %, mean over ffn sizes", yscale="log")
        _plain_ticks(axes.yaxis)
        axes.legend(frameon=False)


def _pairs(per: dict[Shape, float], caption: str, out: Path) -> None:
    names = list(SIZES.values())
    means = {pair: marginal(per, *pair) for pair in combinations(range(3), 2)}
    values = [value for mean in means.values() for value in mean.values()]
    low, high = min(values), max(values)
    with drawn(out, 3, (9, 3.6), caption) as (figure, panels):
        for axes, ((first, second), mean) in zip(panels, means.items(), strict=True):
            down, across = (sorted({key[i] for key in mean}) for i in range(2))
            cells = [[mean.get((row, column), float("nan")) for column in across] for row in down]
            image = axes.imshow(cells, cmap="cividis", vmin=low, vmax=high, origin="lower")
            for (row, column), value in mean.items():
                axes.text(across.index(column), down.index(row), f"{value:.1f}", ha="center",
                          va="center", fontsize=8,
                          color="white" if value < (low + high) / 2 else "black")  # fmt: skip
            axes.grid(visible=False, which="both")
            axes.set(xlabel=names[second], ylabel=names[first])
            axes.set_xticks(range(len(across)), map(str, across))
            axes.set_yticks(range(len(down)), map(str, down))
        figure.colorbar(image, ax=list(panels), label="PER, %, mean over the third", shrink=0.8)


def _places(axes: Any, values: Iterable[int], label: str) -> Callable[[int], int]:
    """Places the values of a hyper-parameter side by side; returns where each stands."""
    order = sorted(set(values))
    axes.set(xlabel=label)
    axes.set_xticks(range(len(order)), map(str, order))
    return order.index


def _plain_ticks(axis: Any) -> None:
    """Numbers on a log axis as they are, not as powers."""
    from matplotlib.ticker import FuncFormatter, LogLocator

    axis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(FuncFormatter(lambda *_: ""))


# Fewer bits -------------------------------------------------------------------------------------

METHODS = {
    "float": "float",
    "round": "rounded to nearest",
    "awq": "activation-aware scales",
    "gptq": "error feedback (GPTQ)",
    "qat": "quantisation-aware training",
    "entropy": "entropy-coded",
    "entropy-gptq": "entropy-coded, error feedback",
}


def plot_bitwidths(table: Path, out: Path) -> None:
    """Draws PER over the bytes of the whole model, a line for each method."""
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    words = sorted({int(row["words"]) for row in rows})
    counts = " or ".join(f"{count:,}" for count in words)
    caption = f"measured on {counts} dev words; numbers are bits a weight, beside scales"
    with drawn(out, size=(6.4, 4.4), caption=caption) as (_, (axes,)):
        for index, (method, label) in enumerate(METHODS.items()):
            points = sorted(
                (int(r["size"]) / 1000, float(r["per"]), float(r["bits"]))
                for r in rows
                if r["method"] == method
            )
            if not points:
                continue
            axes.plot([x for x, _, _ in points], [y for _, y, _ in points], color=COLOURS[index],
                      marker=MARKERS[index], markersize=4, linewidth=1, label=label)  # fmt: skip
            if "entropy" not in method:
                for x, y, bits in points:
                    axes.annotate(f"{bits:g}", (x, y), xytext=(3, 4), color=COLOURS[index],
                                  textcoords="offset points", fontsize=7)  # fmt: skip
        axes.set(xlabel="model, kB", ylabel="PER, %", xscale="log", yscale="log")
        _plain_ticks(axes.xaxis)
        _plain_ticks(axes.yaxis)
        axes.legend(frameon=False, fontsize=8)
