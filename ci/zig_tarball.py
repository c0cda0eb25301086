"""Packs zig-core for `zig fetch`: OUT_DIR/kilophone-zig-VERSION.tar.gz.

    python ci/zig_tarball.py OUT_DIR

Only what build.zig.zon names in `.paths` goes in, in a fixed order, with fixed times, owners and
modes: the same files give the same bytes.
"""

from __future__ import annotations

import gzip
import io
import re
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "zig-core"

TIME = 315532800
"""1980-01-01: the earliest that every archive format has."""


def package_paths(manifest: str) -> list[str]:
    """The entries of `.paths` in build.zig.zon."""
    found = re.search(r"\.paths = \.\{(.*?)\}", manifest, re.DOTALL)
    if found is None:
        raise SystemExit("build.zig.zon has no .paths")
    return re.findall(r'"([^"]+)"', found[1])


def package_files(core: Path) -> list[Path]:
    """The files of the package, in the order of their names."""
    files: list[Path] = []
    for name in package_paths((core / "build.zig.zon").read_text(encoding="utf-8")):
        path = core / name
        if not path.exists():
            raise SystemExit(f"build.zig.zon names {name}, which does not exist")
        files += [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    return sorted(files, key=lambda file: file.relative_to(core).as_posix())


def write_tarball(core: Path, out_dir: Path, version: str) -> Path:
    """Writes the archive and gives its path."""
    stem = f"kilophone-zig-{version}"
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for file in package_files(core):
            data = file.read_bytes()
            entry = tarfile.TarInfo(f"{stem}/{file.relative_to(core).as_posix()}")
            entry.size = len(data)
            entry.mtime = TIME
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(data))
    out_dir.mkdir(parents=True, exist_ok=True)
    path = out_dir / f"{stem}.tar.gz"
    # A time or file name in the head of the gzip file would differ from build to build.
    path.write_bytes(gzip.compress(archive.getvalue(), compresslevel=9, mtime=0))
    return path


def main(out_dir: str) -> int:
    """Returns the exit code."""
    version = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
    path = write_tarball(CORE, Path(out_dir), version)
    print(f"{path}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
