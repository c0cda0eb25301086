"""Tests an installed C library: what is in PREFIX, not the source tree.

    cmake -S bindings-c -B build … && cmake --build build && cmake --install build --prefix PREFIX
    python bindings-c/test.py PREFIX

Builds the examples and tests with gcc and clang, in C11 and C++17, against the static and the
shared library, through pkg-config and CMake, and runs them; then under AddressSanitizer and
UndefinedBehaviorSanitizer, under ThreadSanitizer, and for a million calls. POSIX. A tool that is
missing is a failure.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
C11 = ["-std=c11", *WARNINGS]
CXX17 = ["-x", "c++", "-std=c++17", *WARNINGS]
TEXT = "Hello, 세계!"
LONG_TEXT = f"{TEXT} It is 5 o'clock.\n\n" * 1000
"""More than the examples read at once."""


class TestError(Exception):
    """A test that failed, with what its program said."""


def run(*command: str | Path, given: str | None = None, **environment: str) -> str:
    """Runs a program to its end; gives what it wrote."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            input=given,
            env={**os.environ, **environment},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except FileNotFoundError as error:
        raise TestError(f"{command[0]} is not installed") from error
    if done.returncode != 0:
        line = shlex.join(str(word) for word in command)
        raise TestError(f"{line}\nexit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Suite:
    """The tests; each raises TestError."""

    def __init__(self, prefix: Path, work: Path, pack: Path, zig: list[str], calls: int) -> None:
        self.prefix = prefix
        self.work = work
        self.pack = pack
        self.zig = zig
        self.calls = calls
        self.version = (ROOT / "VERSION").read_text(encoding="utf-8").strip()

    def flags(self, linkage: str) -> list[str]:
        """How to compile and link, as pkg-config says."""
        path = str(self.prefix / "lib" / "pkgconfig")
        said = run("pkg-config", "--cflags", "--libs", "kilophone", PKG_CONFIG_PATH=path).split()
        if linkage == "shared":
            return [*said, f"-Wl,-rpath,{self.prefix / 'lib'}"]
        archive = str(self.prefix / "lib" / "libkilophone.a")
        return [archive if word == "-lkilophone" else word for word in said]

    def build(self, compiler: str, options: list[str], source: str, flags: list[str]) -> Path:
        program = self.work / f"{Path(source).stem}-{compiler}"
        # What follows the source is linked, not read as C++.
        language = ["-x", "none"] if "-x" in options else []
        run(compiler, *options, HERE / source, *language, *flags, "-o", program)
        return program

    def version_agrees(self) -> None:
        path = str(self.prefix / "lib" / "pkgconfig")
        said = run("pkg-config", "--modversion", "kilophone", PKG_CONFIG_PATH=path).strip()
        if said != self.version:
            raise TestError(f"kilophone.pc says {said}, VERSION {self.version}")

    def abi(self, compiler: str, options: list[str], linkage: str) -> None:
        program = self.build(compiler, options, "tests/abi.c", self.flags(linkage))
        run(program, self.version, self.pack)

    def transcribe(self, compiler: str, linkage: str) -> None:
        program = self.build(compiler, C11, "examples/transcribe.c", self.flags(linkage))
        check_transcribe(program)

    def analyze(self, compiler: str, linkage: str) -> None:
        program = self.build(compiler, CXX17, "examples/analyze.cpp", self.flags(linkage))
        check_analyze(program)

    def stream(self, compiler: str, linkage: str) -> None:
        program = self.build(compiler, C11, "examples/stream.c", self.flags(linkage))
        check_stream(program, self.work)

    def cmake(self, shared: str) -> None:
        build = self.work / f"cmake-{shared}"
        source = self.prefix / "share" / "kilophone" / "examples"
        run(
            "cmake",
            *("-S", source, "-B", build),
            *(f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DBUILD_SHARED_LIBS={shared}"),
        )
        run("cmake", "--build", build)
        check_transcribe(build / "transcribe")
        check_stream(build / "stream", self.work)
        check_analyze(build / "analyze")

    def sanitized(self, compiler: str) -> None:
        options = [*C11, "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
        program = self.build(compiler, options, "tests/abi.c", self.flags("static"))
        run(program, self.version, self.pack)
        program = self.build(
            compiler, options, "tests/threads.c", [*self.flags("static"), "-pthread"]
        )
        run(program)

    def threads(self) -> None:
        """In a library that is built for it: what ships is not instrumented.

        Zig's own compiler links it, because the sanitizer's runtime must fit the instrumentation.
        """
        instrumented = self.work / "tsan"
        run(
            *self.zig,
            *("build", "lib", "--build-file", ROOT / "zig-core" / "build.zig"),
            *("-Doptimize=fast", "-Dsanitize-thread", "--prefix", instrumented),
        )
        program = self.work / "threads-tsan"
        run(
            *(*self.zig, "cc", *C11, "-g", "-O1", "-fsanitize=thread", "-pthread"),
            *(f"-I{self.prefix / 'include'}", HERE / "tests" / "threads.c"),
            *(instrumented / "lib" / "libkilophone.a", "-o", program),
        )
        run(program, TSAN_OPTIONS="halt_on_error=1")
        try:
            run(program, "misuse", TSAN_OPTIONS="halt_on_error=1")
        except TestError as failure:
            if "data race" not in str(failure):
                raise
        else:
            raise TestError("a transcriber in two threads at a time went unnoticed")

    def soak(self) -> None:
        program = self.build("gcc", [*C11, "-O2"], "tests/soak.c", self.flags("shared"))
        print(f"    {run(program, str(self.calls)).strip()}")


def check_transcribe(program: Path) -> None:
    lines = run(program, given=f"{TEXT}\n\n{TEXT}").split("\n")
    if len(lines) != 4 or lines[0] != lines[2] or lines[1] or not lines[0].endswith("!"):
        raise TestError(f"{program} wrote {lines}")


def check_stream(program: Path, work: Path) -> None:
    outputs = run(program, given=LONG_TEXT).split("\n\n")
    if len(outputs) != 1001 or set(outputs[:-1]) != {outputs[0]} or outputs[-1]:
        raise TestError(f"{program} wrote {outputs[:2]} ... {outputs[-2:]}")
    lexicon = work / "lexicon.tsv"
    lexicon.write_text("# a name\nhello\twɪn\n", encoding="utf-8")
    output = run(program, lexicon, given=TEXT)
    if not output.startswith("wɪn, ") or not output.endswith("!"):
        raise TestError(f"{program} wrote {output} with a lexicon")
    output = run(program, "--normalize", given="5 kg\nas it is\n")
    if output != "five kilograms\nas it is\n":
        raise TestError(f"{program} normalized to {output}")


def check_analyze(program: Path) -> None:
    words = [line.split(" [")[0] for line in run(program, TEXT, "5 kg").splitlines()]
    if words != ["Hello", "세계", "5 kg (five)", "5 kg (kilograms)"]:
        raise TestError(f"{program} found the words {words}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Test an installed C library.")
    parser.add_argument("prefix", type=Path)
    parser.add_argument(
        "--zig",
        default=shlex.join([sys.executable, "-m", "ziglang"]),
        help="command that runs Zig, for ThreadSanitizer",
    )
    parser.add_argument("--pack", type=Path, default=ROOT / "zig-core" / "packs" / "en-us.kph")
    parser.add_argument("--calls", type=int, default=1_000_000, help="of the soak test")
    parser.add_argument("--only", default="", help="only tests whose name contains this")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as work:
        suite = Suite(
            options.prefix.resolve(),
            Path(work),
            options.pack.resolve(),
            shlex.split(options.zig),
            options.calls,
        )
        tests: list[tuple[str, Callable[[], None]]] = [("version", suite.version_agrees)]
        for linkage in ("static", "shared"):
            for c, cxx in (("gcc", "g++"), ("clang", "clang++")):
                tests += [
                    (f"abi, C11, {c}, {linkage}", bind(suite.abi, c, C11, linkage)),
                    (f"abi, C++17, {cxx}, {linkage}", bind(suite.abi, cxx, CXX17, linkage)),
                    (f"transcribe.c, {c}, {linkage}", bind(suite.transcribe, c, linkage)),
                    (f"stream.c, {c}, {linkage}", bind(suite.stream, c, linkage)),
                    (f"analyze.cpp, {cxx}, {linkage}", bind(suite.analyze, cxx, linkage)),
                ]
        tests += [
            ("cmake, static", bind(suite.cmake, "OFF")),
            ("cmake, shared", bind(suite.cmake, "ON")),
            ("address and undefined sanitizer, gcc", bind(suite.sanitized, "gcc")),
            ("address and undefined sanitizer, clang", bind(suite.sanitized, "clang")),
            ("thread sanitizer", suite.threads),
            ("soak", suite.soak),
        ]
        failed = [name for name, test in tests if options.only in name and not passes(name, test)]
    print(f"{len(failed)} failed" if failed else "all passed")
    return 1 if failed else 0


def bind(function: Callable[..., None], *arguments: object) -> Callable[[], None]:
    return lambda: function(*arguments)


def passes(name: str, test: Callable[[], None]) -> bool:
    start = time.perf_counter()
    try:
        test()
    except TestError as failure:
        print(f"FAIL  {name}\n{failure}", flush=True)
        return False
    print(f"ok    {name} ({time.perf_counter() - start:.1f} s)", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
