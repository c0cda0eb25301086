"""Everything that is done with the repository: `nox` runs what CI runs, `nox -l` lists the rest."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2024.4"
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = True
nox.options.sessions = ["lint", "core", "python", "size", "training"]

ROOT = Path(__file__).parent
CORE = ROOT / "zig-core"
ZIG = "ziglang==0.17.1"
WASM_BYTES_MAX = 493_408
"""The size of the work that kilophone measures itself by."""


def zig(session: nox.Session, *arguments: str) -> None:
    """Runs `zig build` in the core; the session has installed `ZIG`."""
    session.chdir(CORE)
    session.run("python", "-m", "ziglang", "build", *arguments)
    session.chdir(ROOT)


@nox.session
def lint(session: nox.Session) -> None:
    """Formatting, lints and generated files of every language."""
    session.install(ZIG, "ruff==0.17.*")
    zig(session, "fmt")
    session.run("python", "zig-core/tools/latin_table.py", "--check")
    for folder in (".", "python", "training"):
        session.run("ruff", "check", folder)
        session.run("ruff", "format", "--check", folder)
    session.run("cargo", "fmt", "--manifest-path", "python/Cargo.toml", "--check", external=True)


@nox.session
def core(session: nox.Session) -> None:
    """Unit tests of the core in a safe build, then 20,000 texts and 5,000 packs to break it."""
    session.install(ZIG)
    zig(session, "test", "-Doptimize=safe", "--summary", "all")
    zig(session, "fuzz", "-Doptimize=safe", *(("--", *session.posargs) if session.posargs else ()))


@nox.session
def python(session: nox.Session) -> None:
    """Builds the wheel, installs it, and tests the package, its types and the oracle with it."""
    session.install("./python[wasm,cli,test,lint]", "numpy>=2")
    session.run(
        "cargo",
        "clippy",
        "--manifest-path",
        "python/Cargo.toml",
        "--",
        "-D",
        "warnings",
        external=True,
    )
    session.chdir("python")
    session.run("mypy")
    session.run("pytest", *session.posargs)
    session.chdir("..")
    session.run("pytest", "-q", "conformance/tests")


@nox.session
def size(session: nox.Session) -> None:
    """Builds kilophone.wasm, prints its sizes and fails above the limit."""
    session.install(ZIG, "brotli")
    prefix = Path(session.create_tmp())
    zig(session, "wasm", "--prefix", str(prefix.resolve()))
    session.run("python", "ci/size.py", str(prefix / "bin" / "kilophone.wasm"), str(WASM_BYTES_MAX))


@nox.session
def training(session: nox.Session) -> None:
    """Tests of the training code, on small models (installs PyTorch)."""
    session.install("./training[test]")
    session.chdir("training")
    session.run("mypy")
    session.run("pytest", *session.posargs)


@nox.session
def train(session: nox.Session) -> None:
    """Any training command: `nox -s train -- train en-us runs/en-float` (docs/TRAINING.md)."""
    session.install("./training[figures]")
    session.run("python", "-m", "kilophone_training", *session.posargs)


@nox.session
def evaluate(session: nox.Session) -> None:
    """Error rates through the installed library: `nox -s evaluate -- --split dev`."""
    session.install("./python", "./training")
    session.run("python", "-m", "kilophone_training", "evaluate", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Words per CPU second of every backend, and the time to the first word."""
    session.install("./python[wasm]", "wordfreq>=3.1")
    session.run("python", "benchmarks/speed.py", *session.posargs)


@nox.session
def clean(session: nox.Session) -> None:
    """Removes what builds leave behind."""
    for pattern in ("**/.zig-cache", "**/zig-out", "python/target", "**/__pycache__", "dist"):
        for path in ROOT.glob(pattern):
            shutil.rmtree(path, ignore_errors=True)
    session.log("kept: .nox, runs")


if os.environ.get("CI"):
    nox.options.reuse_existing_virtualenvs = False
