"""A million calls of the installed package: memory must not grow after the warm-up.

    python benchmarks/soak.py [--backend native|wasm] [--calls 1000000]

Prints the resident memory as it goes; the exit code is 1 when it has grown by more than a megabyte.
Linux, whose /proc tells the memory exactly.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path

import kilophone

TEXTS = ("Hello, world!", "안녕하세요, 세계", "naïve café — U.S.", "값이 5,000원 ☃", "")
GROWTH_MAX_KB = 1024


def resident_kb() -> int:
    """Resident memory of this process that is no file's, in KiB."""
    rollup = Path("/proc/self/smaps_rollup").read_text()
    found = re.search(r"^Anonymous:\s+(\d+)", rollup, re.MULTILINE)
    if found is None:
        raise SystemExit("/proc/self/smaps_rollup has no line Anonymous")
    return int(found[1])


def calls(transcriber: kilophone.Transcriber, count: int) -> None:
    """Calls of every kind in turn, refused ones among them."""
    for number in range(count):
        text = TEXTS[number % len(TEXTS)]
        match number % 4:
            case 0 | 1:
                transcriber.transcribe(text)
            case 2:
                transcriber.transcribe_many(TEXTS)
            case 3:
                transcriber.analyze(text)
        if number % 100 == 0:
            try:
                transcriber.transcribe(b"\xff")
            except kilophone.InvalidTextError:
                pass
            else:
                raise SystemExit("bytes that are not UTF-8 were not refused")


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--backend", default="native", choices=("native", "wasm"))
    parser.add_argument("--calls", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with kilophone.Transcriber(backend=arguments.backend) as transcriber:
        calls(transcriber, arguments.calls // 20)
        warm = resident_kb()
        start = time.perf_counter()
        for tenth in range(1, 11):
            calls(transcriber, arguments.calls // 10)
            print(f"{tenth * arguments.calls // 10:>9,} calls: {resident_kb() - warm:+d} KiB")
    grown = resident_kb() - warm
    seconds = time.perf_counter() - start
    print(f"{arguments.backend}: {grown:+d} KiB after {arguments.calls:,} calls in {seconds:.0f} s")
    return 1 if grown > GROWTH_MAX_KB else 0


if __name__ == "__main__":
    sys.exit(main())
