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
nox.options.sessions = [
    "lint", "core", "dist", "size", "python", "c", "zig", "js", "conformance", "training",
]  # fmt: skip

ROOT = Path(__file__).resolve().parent
CORE = ROOT / "zig-core"
DIST = ROOT / "dist"
"""What `dist` builds and the other sessions test."""
ZIG = "ziglang==0.17.1"
RUNNERS = (
    "python-native", "native-portable", "native-x86-64-v2", "native-x86-64-v3", "python-wasm",
    "c", "zig", "node", "chromium",
)  # fmt: skip
WASM_OPT = (
    "-Oz", "--converge", "--enable-simd", "--enable-bulk-memory", "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int", "--enable-sign-ext", "--enable-mutable-globals",
    "--enable-multivalue", "--enable-reference-types",
)  # fmt: skip
"""What Binaryen does to the module: the same results in fewer bytes."""
WASM_BYTES_MAX = 493_408
"""The size of the work that kilophone measures itself by."""


def zig_build(session: nox.Session, *arguments: str) -> None:
    """Runs `zig build` in the core; the session has installed `ZIG`."""
    with session.chdir(CORE):
        session.run("python", "-m", "ziglang", "build", *arguments)


@nox.session
def lint(session: nox.Session) -> None:
    """Formatting, lints and generated files of every language."""
    session.install(ZIG, "ruff==0.17.*")
    zig_build(session, "fmt")
    session.run("python", "zig-core/tools/latin_table.py", "--check")
    session.run("python", "abi/generate.py", "--check")
    session.run("python", "ci/version.py", "--check")
    for folder in (".", "python", "training"):
        session.run("ruff", "check", folder)
        session.run("ruff", "format", "--check", folder)
    session.run("cargo", "fmt", "--manifest-path", "python/Cargo.toml", "--check", external=True)


@nox.session
def core(session: nox.Session) -> None:
    """Unit tests of the core in a safe build, then 20,000 texts and 5,000 packs to break it."""
    session.install(ZIG)
    options = ("--", *session.posargs) if session.posargs else ()
    zig_build(session, "test", "fuzz", "-Doptimize=safe", "--summary", "all", *options)


def artifact(session: nox.Session, pattern: str) -> Path:
    """The one file of `dist/` with such a name."""
    found = sorted(DIST.glob(pattern))
    if len(found) != 1:
        session.error(f"dist/ has {len(found)} files {pattern}; run nox -s dist first")
    return found[0]


def unpacked(session: nox.Session, pattern: str) -> Path:
    """The folder that an archive of `dist/` holds, unpacked in a temporary folder."""
    archive = artifact(session, pattern)
    folder = Path(session.create_tmp()).resolve() / archive.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.unpack_archive(archive, folder, filter="data")
    return next(folder.iterdir())


@nox.session
def dist(session: nox.Session) -> None:
    """Builds everything that ships, from a clean tree, into dist/."""
    session.install(ZIG, "build", "cmake")
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    temporary = Path(session.create_tmp()).resolve()
    environment = {
        "KILOPHONE_ZIG": f"{session.virtualenv.bin}/python -m ziglang",
        "KILOPHONE_PREFIX": str(temporary / "core"),
    }
    zig_build(session, "wasm", "--prefix", environment["KILOPHONE_PREFIX"])
    session.chdir("js")
    session.run("npm", "ci", "--no-audit", "--no-fund", external=True)
    wasm = temporary / "core" / "bin" / "kilophone.wasm"
    session.run("node_modules/.bin/wasm-opt", *WASM_OPT, str(wasm), "-o", str(wasm), external=True)
    shutil.copy(wasm, DIST)
    session.run("npm", "pack", "--pack-destination", str(DIST), external=True, env=environment)
    session.chdir(ROOT)
    session.run("python", "ci/archives.py", str(DIST))
    session.run(
        "python", "-m", "build", "--outdir", str(DIST), "python", env={"KILOPHONE_WASM": str(wasm)}
    )
    for path in sorted(DIST.iterdir()):
        session.log(f"{path.stat().st_size:>9,} {path.name}")


@nox.session
def size(session: nox.Session) -> None:
    """Prints the sizes of kilophone.wasm and fails above the limit."""
    session.install("brotli")
    wasm = artifact(session, "kilophone.wasm")
    session.run("python", "ci/size.py", str(wasm), str(WASM_BYTES_MAX))


@nox.session
def python(session: nox.Session) -> None:
    """Installs the wheel, and tests the package, its command and its types."""
    wheel = artifact(session, "kilophone-*.whl")
    session.install(ZIG, f"kilophone[wasm,cli,test,lint] @ {wheel.as_uri()}")
    session.chdir("python")
    session.run("cargo", "clippy", "--", "-D", "warnings", external=True)
    session.run("mypy")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def c(session: nox.Session) -> None:
    """Tests the C archive with gcc and clang, sanitizers and a million calls."""
    session.install(ZIG, "cmake")
    prefix = unpacked(session, "kilophone-c-*.tar.gz")
    (prefix / "bin").mkdir(exist_ok=True)
    shutil.copy(artifact(session, "kilophone.wasm"), prefix / "bin")
    session.run("python", "ci/exports.py", str(prefix))
    session.run("python", "bindings-c/test.py", str(prefix), *session.posargs)


@nox.session(name="zig")
def zig_package(session: nox.Session) -> None:
    """Fetches the Zig tarball into an empty project and uses it."""
    session.install(ZIG)
    tarball = artifact(session, "kilophone-zig-*.tar.gz")
    session.run("python", "ci/test_zig_package.py", str(tarball))


@nox.session
def js(session: nox.Session) -> None:
    """Lints, types and tests of the npm package, in Node and in Chromium."""
    session.install(ZIG)
    temporary = Path(session.create_tmp()).resolve()
    (temporary / "bin").mkdir(exist_ok=True)
    shutil.copy(artifact(session, "kilophone.wasm"), temporary / "bin")
    session.chdir("js")
    session.run("npm", "ci", "--no-audit", "--no-fund", external=True)
    session.run("npm", "run", "lint", external=True)
    session.env["KILOPHONE_PREFIX"] = str(temporary)
    session.run("npm", "test", external=True)
    session.run("npm", "run", "types", external=True)


@nox.session
def conformance(session: nox.Session) -> None:
    """Every artifact against the oracle: each case, in every runner."""
    wheel = artifact(session, "kilophone-*.whl")
    session.install(
        ZIG, "numpy>=2", "pytest", "jsonschema>=4",
        f"kilophone[wasm] @ {wheel.as_uri()}",
    )  # fmt: skip
    session.run("python", "conformance/generate.py", "--check")
    session.run("pytest", "-q", "conformance/tests")
    modules = Path(session.create_tmp()).resolve() / "modules"
    modules.mkdir(exist_ok=True)
    (modules / "package.json").write_text('{"private": true}')
    package = artifact(session, "kilophone-[0-9]*.tgz")
    install = ("npm", "install", "--no-audit", "--no-fund", "--prefix", str(modules))
    session.run(*install, str(package), "playwright-core@1", external=True)
    session.run(
        "python", "conformance/run.py",
        "--prefix", str(unpacked(session, "kilophone-c-*.tar.gz")),
        "--core", str(unpacked(session, "kilophone-zig-*.tar.gz")),
        "--modules", str(modules),
        *[word for runner in RUNNERS for word in ("--runner", runner)],
        *session.posargs,
    )  # fmt: skip


@nox.session
def training(session: nox.Session) -> None:
    """Tests of the training code, on small models (installs PyTorch)."""
    session.install("./training[test,search]")
    session.chdir("training")
    session.run("mypy")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def train(session: nox.Session) -> None:
    """Any training command: `nox -s train -- train en-us runs/en-float` (docs/TRAINING.md)."""
    session.install("./training[figures,ngram]")
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
def soak(session: nox.Session) -> None:
    """A million calls of the Python package, whose memory must not grow (C has its own in `c`)."""
    wheel = artifact(session, "kilophone-*.whl")
    session.install(f"kilophone[wasm] @ {wheel.as_uri()}")
    session.run("python", "benchmarks/soak.py", *session.posargs)


@nox.session
def reproduce(session: nox.Session) -> None:
    """Builds dist/ again in another folder, with empty caches: the same bytes."""
    clone = Path(session.create_tmp()).resolve() / "elsewhere"
    shutil.rmtree(clone, ignore_errors=True)
    session.run("git", "clone", "-q", str(ROOT), str(clone), external=True)
    session.install("nox")
    with session.chdir(clone):
        session.run("nox", "-s", "dist", env={"ZIG_GLOBAL_CACHE_DIR": str(clone / "cache")})
    different = []
    for pattern in ("kilophone.wasm", "kilophone-zig-*.tar.gz", "kilophone-conformance-*.tar.gz",
                    "kilophone-[0-9]*.tgz"):  # fmt: skip
        here = artifact(session, pattern)
        if here.read_bytes() != (clone / "dist" / here.name).read_bytes():
            different.append(here.name)
    if different:
        session.error(f"not the same bytes: {', '.join(different)}")
    session.log("wasm, Zig, npm and conformance archives: the same bytes")


@nox.session
def clean(session: nox.Session) -> None:
    """Removes what builds leave behind."""
    for pattern in ("**/.zig-cache", "**/zig-out", "python/target", "**/__pycache__", "dist"):
        for path in ROOT.glob(pattern):
            shutil.rmtree(path, ignore_errors=True)
    session.log("kept: .nox, runs")


if os.environ.get("CI"):
    nox.options.reuse_existing_virtualenvs = False
