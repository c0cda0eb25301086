"""One version for all parts: that in the top-level file VERSION.

    python ci/version.py            write it into every manifest
    python ci/version.py 0.2.0      set VERSION first
    python ci/version.py --check    change nothing; fail when a manifest has another

Only the number is replaced, wherever the pattern of a file finds it; the rest stays byte for byte.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

NUMBER = r"(\d+\.\d+\.\d+)"
"""MAJOR.MINOR.PATCH; Python and npm would spell a pre-release differently."""

TOML = rf'^version = "{NUMBER}"'
MANIFESTS: dict[str, list[str]] = {
    "zig-core/build.zig.zon": [rf'^    \.version = "{NUMBER}"'],
    "bindings-c/CMakeLists.txt": [rf"^project\(kilophone VERSION {NUMBER}\b"],
    "python/pyproject.toml": [TOML],
    "python/Cargo.toml": [TOML],
    "python/Cargo.lock": [rf'^name = "kilophone-python"\nversion = "{NUMBER}"'],
    "js/package.json": [rf'^  "version": "{NUMBER}"'],
    "js/package-lock.json": [
        rf'\A{{\n  "name": "kilophone",\n  "version": "{NUMBER}"',
        rf'^    "": {{\n      "name": "kilophone",\n      "version": "{NUMBER}"',
    ],
    "training/pyproject.toml": [TOML],
}
"""Each pattern finds its place exactly once; its group is the version."""


def with_version(path: Path, patterns: list[str], version: str) -> tuple[str, str]:
    """The text of a manifest, as it is and with the version."""
    before = after = path.read_text(encoding="utf-8")
    for pattern in patterns:
        matches = list(re.finditer(pattern, after, re.MULTILINE))
        if len(matches) != 1:
            found = f"{len(matches)} places that look like {pattern!r}"
            raise SystemExit(f"{path.relative_to(ROOT)}: {found}, not one")
        start, end = matches[0].span(1)
        after = after[:start] + version + after[end:]
    return before, after


def main() -> int:
    """Returns the exit code: 1 when a manifest has another version."""
    parser = argparse.ArgumentParser(description="Write the version into every manifest.")
    parser.add_argument("version", nargs="?", help="a new version for VERSION itself")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    file = ROOT / "VERSION"
    if options.version is not None and options.check:
        parser.error("--check changes nothing")
    version = options.version or file.read_text(encoding="utf-8").strip()
    if re.fullmatch(NUMBER, version) is None:
        parser.error(f"not MAJOR.MINOR.PATCH: {version!r}")
    if options.version is not None:
        file.write_text(f"{version}\n", encoding="utf-8", newline="\n")
    stale = []
    for name, patterns in MANIFESTS.items():
        path = ROOT / name
        before, after = with_version(path, patterns, version)
        if before != after:
            stale.append(name)
            if not options.check:
                path.write_text(after, encoding="utf-8", newline="\n")
    for name in stale:
        print(f"{name}: {'is not' if options.check else 'now'} {version}")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
