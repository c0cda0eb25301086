"""Figures of training runs."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

# Runs are drawn in this order of colours, which differ in lightness too.
COLOURS = ("#1b4f72", "#d35400", "#27ae60", "#8e44ad")


def dev_curve(run: Path) -> tuple[list[float], list[float]]:
    """Fractions of the run's steps done, and the dev PER in per cent there, from its log."""
    with (run / "log.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    last = float(rows[-1]["step"])
    return [float(r["step"]) / last for r in rows], [float(r["dev_per"]) for r in rows]


def plot_runs(runs: Sequence[Path], out: Path) -> None:
    """Draws dev PER (log scale) over epochs for each run into ``out`` (by its suffix: svg, png)."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "kilophone"  # the same runs, the same bytes
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 3.6), layout="constrained")
    for run, colour in zip(runs, COLOURS, strict=False):
        epochs = json.loads((run / "recipe.json").read_text())["epochs"]
        fractions, per = dev_curve(run)
        done = [epochs * f for f in fractions]
        axes.plot(done, per, marker="o", markersize=3, color=colour, label=run.name)
        axes.annotate(f"{per[-1]:.2f}", (done[-1], per[-1]), xytext=(4, 0),
                      textcoords="offset points", va="center", color=colour)  # fmt: skip
    axes.set(xlabel="epochs", ylabel="dev PER, %", yscale="log")
    axes.margins(x=0.08)
    axes.grid(visible=True, which="both", alpha=0.25)
    axes.legend(frameon=False)
    figure.savefig(out, metadata={"Date": None} if out.suffix == ".svg" else None)
    pyplot.close(figure)
