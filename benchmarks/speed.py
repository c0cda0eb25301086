"""Words per CPU second of the installed package, one thread, and the time to the first word.

The words are the most frequent English ones of `wordfreq`, each once, with the cache off, so that
every word goes through the model. Ratios are against the first row of the same run.

Running text is the sentences of WikipediaHomographData (`en/homographs.train.tsv` in the folder
that `KILOPHONE_DATA` names), with the cache on, as everybody has it; the same text with the cache
off must have the same answer. The exit code is 1 when it has not, or when it is too slow.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import kilophone

RUNNING_WORDS_PER_SECOND_MIN = 25_000
FIRST_WORD = "import kilophone; kilophone.transcribe('hello')"


def machine() -> str:
    """The processor's name, where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def words_per_second(words: list[str], rounds: int, **how: str) -> float | None:
    """The best of a few rounds; None where the processor or the package lacks the backend."""
    try:
        transcriber = kilophone.Transcriber(cache_words=0, **how)
    except kilophone.UnsupportedKernelsError:
        return None
    with transcriber:
        transcriber.transcribe_many(words[:200])
        best = float("inf")
        for _ in range(rounds):
            start = time.process_time()
            transcriber.transcribe_many(words)
            best = min(best, time.process_time() - start)
    return len(words) / best


def sentences() -> list[str] | None:
    """Running text; None without the data."""
    path = Path(os.environ.get("KILOPHONE_DATA", ".")) / "en" / "homographs.train.tsv"
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        return [row["sentence"] for row in csv.DictReader(file, delimiter="\t")]


def running_text(texts: list[str], rounds: int) -> bool:
    """Prints the speed of running text; whether it is enough, and the cache changes nothing."""
    words = sum(len(text.split()) for text in texts)
    best = float("inf")
    answers: list[str] = []
    for _ in range(rounds):
        # The cache begins empty each time.
        with kilophone.Transcriber() as transcriber:
            start = time.process_time()
            answers = transcriber.transcribe_many(texts)
            best = min(best, time.process_time() - start)
    with kilophone.Transcriber(cache_words=0) as transcriber:
        is_same = transcriber.transcribe_many(texts) == answers
    speed = words / best
    verdict = "the same answer" if is_same else "ANOTHER ANSWER"
    print(f"\nrunning text, cache on, {words:,} words: {speed:,.0f} words per CPU second "
          f"(at least {RUNNING_WORDS_PER_SECOND_MIN:,}); cache off: {verdict}")  # fmt: skip
    return is_same and speed >= RUNNING_WORDS_PER_SECOND_MIN


def first_word_ms(rounds: int) -> float:
    """Milliseconds of a new interpreter that imports the package and reads a word, less those of
    one that does nothing; the best of a few rounds."""

    def run(code: str) -> float:
        best = float("inf")
        for _ in range(rounds):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            best = min(best, time.perf_counter() - start)
        return best * 1000

    return run(FIRST_WORD) - run("pass")


def main() -> int:
    """Prints the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    import wordfreq  # only here: the rest does without

    frequent = wordfreq.top_n_list("en", 4 * arguments.words)
    words = [word for word in frequent if word.isascii() and word.isalpha()][: arguments.words]
    print(f"{machine()}; kilophone {kilophone.__version__}; Python {platform.python_version()}")
    print(f"{len(words)} English words, cache off, one thread, best of {arguments.rounds}\n")
    print("| backend | words per CPU second | ratio |\n|---|---|---|")
    first = None
    for how in (
        {"kernels": "best"},
        {"kernels": "x86_64_v3"},
        {"kernels": "x86_64_v2"},
        {"kernels": "portable"},
        {"backend": "wasm"},
    ):
        speed = words_per_second(words, arguments.rounds, **how)
        name = " ".join(how.values())
        if speed is None:
            print(f"| {name} | not on this processor | |")
            continue
        first = first or speed
        print(f"| {name} | {speed:,.0f} | {speed / first:.2f} |")
    texts = sentences()
    is_good = running_text(texts, arguments.rounds) if texts else True
    if not texts:
        print("\nrunning text: not measured, KILOPHONE_DATA does not have it")
    print(f"\nimport and first word: {first_word_ms(5 * arguments.rounds):.0f} ms")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
