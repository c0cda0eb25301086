"""A text of 100 MB through `Transcriber.stream`: time, and memory that must not grow.

    python benchmarks/stream.py [--megabytes 100] [--backend native|wasm]

The text is the sentences of WikipediaHomographData (`en/homographs.train.tsv` in the folder that
`KILOPHONE_DATA` names), over and over, ten to a paragraph. Prints the resident memory at every
tenth; the exit code is 1 when it has grown by more than a megabyte between the first and the last.
Linux, whose /proc tells the memory exactly.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterator

import kilophone
from soak import resident_kb
from speed import machine, sentences

GROWTH_MAX_KB = 1024
CHUNK_BYTES = 1 << 16


def paragraphs(texts: list[str]) -> bytes:
    """The sentences, ten to a paragraph."""
    groups = (texts[at : at + 10] for at in range(0, len(texts), 10))
    return "".join(" ".join(group) + "\n\n" for group in groups).encode()


def chunks(text: bytes, total: int) -> Iterator[bytes]:
    """The text over and over, `total` bytes of it; a chunk may end inside of a character."""
    left = total
    for at in itertools.cycle(range(0, len(text), CHUNK_BYTES)):
        chunk = text[at : min(at + CHUNK_BYTES, at + left)]
        yield chunk
        left -= len(chunk)
        if left <= 0:
            return


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--backend", default="native", choices=("native", "wasm"))
    arguments = parser.parse_args()
    texts = sentences()
    if not texts:
        raise SystemExit("KILOPHONE_DATA does not have en/homographs.train.tsv")
    text = paragraphs(texts)
    total = int(arguments.megabytes * 1_000_000)
    print(f"{machine()}; kilophone {kilophone.__version__}, {arguments.backend}; {total:,} bytes")
    given = written = 0
    resident: list[int] = []
    start = time.process_time()

    def counted() -> Iterator[bytes]:
        nonlocal given
        for chunk in chunks(text, total):
            if given * 10 // total > len(resident):
                resident.append(resident_kb())
                seconds = time.process_time() - start
                print(f"{len(resident) * 10:>4} %: {resident[-1]:>8,} KiB, {seconds:7.1f} CPU s")
            yield chunk
            given += len(chunk)

    with kilophone.Transcriber(backend=arguments.backend) as transcriber:
        for output in transcriber.stream(counted()):
            written += len(output)
        resident.append(resident_kb())
    seconds = time.process_time() - start
    grown = resident[-1] - resident[0]
    words = len(text.split()) * total / len(text)
    print(f" 100 %: {resident[-1]:>8,} KiB ({grown:+,} KiB since 10 %), {seconds:7.1f} CPU s")
    print(f"{written:,} characters out; about {words / seconds:,.0f} words per CPU second")
    return 1 if grown > GROWTH_MAX_KB else 0


if __name__ == "__main__":
    sys.exit(main())
