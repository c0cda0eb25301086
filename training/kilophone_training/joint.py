"""A joint n-gram of graphemes and phonemes (Bisani & Ney 2008, "Joint-sequence models for
grapheme-to-phoneme conversion"), by Phonetisaurus (Novak et al. 2016): a teacher that errs in other
words than networks do. Its words and phonemes are text, its log-probabilities natural ones."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .data import Pronunciations

CANDIDATES = 3
"""Pronunciations of a word that take part in an ensemble's choice."""


def train(words: Pronunciations, model: Path) -> None:
    """Estimates an 8-gram of pairs of at most two graphemes and two phonemes; writes ``model``."""
    import phonetisaurus

    phonetisaurus.train({w: [list(p) for p in listed] for w, listed in words.items()}, model)


def candidates(
    model: Path, words: Sequence[str], count: int = CANDIDATES
) -> dict[str, dict[tuple[str, ...], float]]:
    """The ``count`` likeliest pronunciations of each word with their log-probabilities, summed over
    alignments. Letters that the model has not seen say nothing."""
    import phonetisaurus

    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder, "words")
        asked.write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
        said = subprocess.run(
            [
                "phonetisaurus-g2pfst", f"--model={model}", f"--wordlist={asked}",
                f"--nbest={count}", "--accumulate=true",
            ],
            env=phonetisaurus.guess_environment(), check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for line in said.splitlines():
        word, score, pronunciation = line.split("\t")
        if pronunciation:
            found.setdefault(word, {})[tuple(pronunciation.split())] = -float(score)
    return found
