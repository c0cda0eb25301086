"""PEP 517 backend: maturin, with the files that live above this folder staged around it.

A source distribution cannot reach outside its folder, so what a build needs from the repository
(the Zig core, VERSION, LICENSE) is copied here for the time of the build. In an
unpacked source distribution the copies are already in place and nothing is staged.

The Zig core itself is built by native/build.rs, which looks in ``../zig-core`` first and in
``./zig-core`` then; that is why ``maturin build`` and ``cargo clippy`` work without this file.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import maturin
from maturin import *  # the hooks that need nothing staged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

_PROJECT = Path(__file__).resolve().parent.parent
_REPOSITORY = _PROJECT.parent

_METADATA = ("LICENSE",)
_SOURCES = (*_METADATA, "VERSION", "zig-core")
_NOT_SOURCE = shutil.ignore_patterns(".zig-cache", "zig-out", "zig-pkg", "*.o")


@contextlib.contextmanager
def _staged(names: tuple[str, ...]) -> Iterator[None]:
    """Copies what the repository has of the names into the project, and takes it away again."""
    copies: list[Path] = []
    try:
        if (_REPOSITORY / "zig-core" / "build.zig").is_file():
            for name in names:
                source, copy = _REPOSITORY / name, _PROJECT / name
                if not source.exists():
                    continue
                _remove(copy)  # left over from an interrupted build
                copies.append(copy)
                if source.is_dir():
                    shutil.copytree(source, copy, ignore=_NOT_SOURCE)
                else:
                    shutil.copyfile(source, copy)
        yield
    finally:
        for copy in copies:
            _remove(copy)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def build_sdist(sdist_directory: str, config_settings: Mapping[str, Any] | None = None) -> str:
    """Builds a source distribution that needs nothing from the repository."""
    with _staged(_SOURCES):
        return str(maturin.build_sdist(sdist_directory, config_settings))


def build_wheel(
    wheel_directory: str,
    config_settings: Mapping[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Builds a wheel; only the licence is staged, the core is built where it is."""
    with _staged(_METADATA):
        return str(maturin.build_wheel(wheel_directory, config_settings, metadata_directory))


def prepare_metadata_for_build_wheel(
    metadata_directory: str, config_settings: Mapping[str, Any] | None = None
) -> str:
    """Writes the metadata that build_wheel will write."""
    with _staged(_METADATA):
        return str(maturin.prepare_metadata_for_build_wheel(metadata_directory, config_settings))
