"""Packs the Zig package, the C libraries and the conformance suite into OUT_DIR.

    python ci/archives.py OUT_DIR [zig] [c] [conformance]

Files go in in a fixed order, with fixed times, owners and modes: the same files give the same
bytes. The C libraries are built by CMake and the `ziglang` package of the running interpreter.
"""

from __future__ import annotations

import argparse
import gzip
import io
import platform
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "zig-core"
VERSION = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
TIME = 315_532_800
"""The first of January 1980, the earliest time that every archive format can hold."""


def write(out_dir: Path, stem: str, folder: Path, files: Iterable[Path]) -> None:
    """Writes OUT_DIR/STEM.tar.gz with files of a folder; a symbolic link stays one."""
    content = io.BytesIO()
    count = 0
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(files, key=lambda file: file.relative_to(folder).as_posix()):
            entry = tarfile.TarInfo(f"{stem}/{path.relative_to(folder).as_posix()}")
            entry.mtime = TIME
            count += 1
            if path.is_symlink():
                entry.type, entry.linkname = tarfile.SYMTYPE, str(path.readlink())
                archive.addfile(entry)
                continue
            data = path.read_bytes()
            entry.size = len(data)
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            archive.addfile(entry, io.BytesIO(data))
    # A time or file name in the head of the gzip file would differ from build to build.
    out = out_dir / f"{stem}.tar.gz"
    out.write_bytes(gzip.compress(content.getvalue(), compresslevel=9, mtime=0))
    print(f"{out.name}: {out.stat().st_size:,} bytes, {count} files")


def below(path: Path) -> list[Path]:
    """The files of a folder, or the file itself."""
    return (
        [p for p in path.rglob("*") if p.is_symlink() or p.is_file()] if path.is_dir() else [path]
    )


def pack_zig(out_dir: Path) -> None:
    """What build.zig.zon names in `.paths`, for `zig fetch`."""
    manifest = (CORE / "build.zig.zon").read_text(encoding="utf-8")
    found = re.search(r"\.paths = \.\{(.*?)\}", manifest, re.DOTALL)
    if found is None:
        raise SystemExit("build.zig.zon has no .paths")
    names = re.findall(r'"([^"]+)"', found[1])
    missing = [name for name in names if not (CORE / name).exists()]
    if missing:
        raise SystemExit(f"build.zig.zon names what does not exist: {', '.join(missing)}")
    files = [file for name in names for file in below(CORE / name)]
    write(out_dir, f"kilophone-zig-{VERSION}", CORE, files)


def pack_c(out_dir: Path) -> None:
    """What CMake installs for this machine."""
    zig = f"{sys.executable};-m;ziglang"
    with tempfile.TemporaryDirectory() as name:
        build, prefix = Path(name) / "build", Path(name) / "prefix"
        for command in (
            ["-S", ROOT / "bindings-c", "-B", build, f"-DKILOPHONE_ZIG={zig}"],
            ["--build", build],
            ["--install", build, "--prefix", prefix],
        ):
            subprocess.run(["cmake", *map(str, command)], check=True)
        stem = f"kilophone-c-{VERSION}-{platform.system().lower()}-{platform.machine().lower()}"
        write(out_dir, stem, prefix, below(prefix))


def pack_conformance(out_dir: Path) -> None:
    """The suite with the pages that its oracle is written from, and the packs of its answers."""
    tracked = subprocess.run(
        ["git", "ls-files", "conformance", "docs/PACK.md", "docs/TEXT.md", "zig-core/packs"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    write(out_dir, f"kilophone-conformance-{VERSION}", ROOT, [ROOT / name for name in tracked])


PACKERS: dict[str, Callable[[Path], None]] = {
    "zig": pack_zig,
    "c": pack_c,
    "conformance": pack_conformance,
}


def main() -> None:
    """Packs what is asked for, by default all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("what", nargs="*", choices=[*PACKERS, []], metavar="what")
    arguments = parser.parse_args()
    arguments.out_dir.mkdir(parents=True, exist_ok=True)
    for name in arguments.what or PACKERS:
        PACKERS[name](arguments.out_dir)


if __name__ == "__main__":
    main()
