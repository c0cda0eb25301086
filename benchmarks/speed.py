"""Words per CPU second of the installed package, one thread, and the time to the first word.

The words are the most frequent English ones of `wordfreq`, each once, with the cache off, so that
every word goes through the model. Ratios are against the first row of the same run.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import time
from pathlib import Path

import kilophone
import wordfreq

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


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
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
    print(f"\nimport and first word: {first_word_ms(5 * arguments.rounds):.0f} ms")


if __name__ == "__main__":
    main()
