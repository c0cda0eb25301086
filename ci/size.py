"""Prints the size of a file, plain and compressed, and fails when it is above a limit."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import brotli


def main(path: str, limit: str) -> int:
    """Returns the exit code: 1 above the limit."""
    data = Path(path).read_bytes()
    print(f"{Path(path).name}: {len(data):,} bytes of {int(limit):,}")
    print(f"  gzip -9: {len(gzip.compress(data, 9)):,}, brotli: {len(brotli.compress(data)):,}")
    return 1 if len(data) > int(limit) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
