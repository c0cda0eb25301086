"""Compares every backend and kernel of the installed package on lists of words.

    python conformance/compare.py $KILOPHONE_DATA/en/cmudict.dev.tsv …

A list has a word at the beginning of each line, up to a tab. Printed are the CRC-32 of all output
bytes, and of the raw float32 logits of every greedy step of every word; all rows must be equal.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Iterable
from pathlib import Path

import kilophone

BACKENDS: tuple[dict[str, str], ...] = (
    {"kernels": "x86_64_v3"},
    {"kernels": "x86_64_v2"},
    {"kernels": "portable"},
    {"backend": "wasm"},
)


def read(paths: Iterable[Path]) -> list[str]:
    """The words of the lists, each once."""
    lines = (line for path in paths for line in path.read_text(encoding="utf-8").splitlines())
    return list(dict.fromkeys(line.split("\t")[0] for line in lines))


def checksums(words: list[str], how: dict[str, str]) -> tuple[int, int] | None:
    """CRC-32 of the outputs and of the logits; None where the processor lacks the kernels."""
    try:
        transcriber = kilophone.Transcriber(cache_words=0, **how)
    except kilophone.UnsupportedKernelsError:
        return None
    with transcriber:
        outputs = zlib.crc32("\n".join(transcriber.transcribe_many(words)).encode())
        logits = 0
        for word in words:
            try:
                logits = zlib.crc32(transcriber.word_logits(word).tobytes(), logits)
            except kilophone.InvalidArgumentError:  # an entry that is no single word, "n'-roll"
                logits = zlib.crc32(b"no single word", logits)
    return outputs, logits


def main() -> int:
    """Prints the table; 1 when rows differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lists", nargs="+", type=Path)
    words = read(parser.parse_args().lists)
    print(f"{len(words)} words, kilophone {kilophone.__version__}\n")
    print("| backend | output | logits |\n|---|---|---|")
    rows = set()
    for how in BACKENDS:
        sums = checksums(words, how)
        name = " ".join(how.values())
        if sums is None:
            print(f"| {name} | not on this processor | |")
            continue
        rows.add(sums)
        print(f"| {name} | {sums[0]:08x} | {sums[1]:08x} |", flush=True)
    return 0 if len(rows) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
