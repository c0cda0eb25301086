"""Runs the conformance cases through runners and compares the answers with what is expected.

    python run.py                            every runner that can run here
    python run.py --runner python-native     one of them (may be given several times)
    python run.py --command NAME "PROGRAM …" a runner of your own

Prints a table of runners and case files and the first differences. The exit code is 0 when every
runner that was asked for answered every case as expected, 1 on a difference, 2 when one could not
run. Needs Python 3.10 and nothing else; the runners need what they run.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RUNNERS = HERE / "runners"
Json = dict[str, Any]


# ------------------------------------------------------------------------------------ protocol


def encoded(text: str) -> str:
    """A text in hexadecimal."""
    return text.encode().hex()


def request(operation: str, case: Json) -> str:
    """What a runner is asked."""
    fields = [operation]
    for key, value in case.get("options", {}).items():
        shown = encoded(value) if key in ("separator", "language") else value
        fields.append(f"{key}={shown}")
    fields += [f"text={text}" for text in texts_of(case)]
    return "\t".join(fields)


def texts_of(case: Json) -> list[str]:
    """The texts of a case in hexadecimal."""
    if "texts" in case:
        return [t["hex"] if isinstance(t, dict) else encoded(t) for t in case["texts"]]
    if "text_hex" in case:
        return [case["text_hex"]]
    return [encoded(case["text"])] if "text" in case else []


def opening(case: Json, default_packs: Sequence[Path]) -> str:
    """The request that opens the transcriber of a case."""
    packs = [HERE / "packs" / f"{name}.kph" for name in case.get("packs", [])] or default_packs
    fields = ["open"] + [f"pack={path.read_bytes().hex()}" for path in packs]
    if "cache_words" in case:
        fields.append(f"cache_words={case['cache_words']}")
    return "\t".join(fields)


def answer_of(operation: str, line: str) -> Json:
    """An answer in the form of what is expected."""
    kind, *fields = line.split("\t")
    if kind == "fault":
        status, text, position = fields
        return {"status": status, "text": int(text), "position": int(position)}
    if kind != "ok":
        raise ValueError(f"an answer begins with ok or fault: {line[:80]!r}")
    answer: Json = {"status": "ok"}
    if operation == "transcribe":
        answer["output"] = bytes.fromhex(fields[0]).decode()
    elif operation == "transcribe_many":
        answer["outputs"] = [bytes.fromhex(output).decode() for output in fields]
    elif operation == "analyze":
        answer["spans"] = [span_of(span) for span in fields]
    elif operation == "word_logits":
        logits = bytes.fromhex(fields[0])
        answer["floats"] = len(logits) // 4
        answer["logits_crc32"] = f"{zlib.crc32(logits):08x}"
    return answer


def span_of(written: str) -> Json:
    """A span of an analysis; what is empty is left out."""
    kind, source, start, end, language, output, phonemes = written.split(",")
    span: Json = {"kind": kind, "start": int(start), "end": int(end)}
    span["output"] = bytes.fromhex(output).decode()
    span["source"] = "" if source == "none" else source
    span["language"] = bytes.fromhex(language).decode()
    pairs = (phoneme.split(":") for phoneme in phonemes.split(";") if phoneme)
    span["phonemes"] = [
        [bytes.fromhex(spelling).decode(), int(stress)] for spelling, stress in pairs
    ]
    return {key: value for key, value in span.items() if value not in ("", [])}


# --------------------------------------------------------------------------------------- cases


@dataclass(frozen=True)
class Step:
    """A request, and what is expected of its answer; several may belong to one case."""

    file: str
    case: str
    operation: str
    request: str
    expected: Json | None
    """None: an opening, which must succeed."""


def steps(files: Sequence[Path], default_packs: Sequence[Path]) -> Iterator[Step]:
    """The requests for all cases."""
    is_open: object = [] if default_packs else default_key()
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
            if not line:
                continue
            case = json.loads(line)
            case_id = f"{file.stem}:{number} {case['id']}"
            key = (case.get("packs", []), case.get("cache_words"))
            if case["op"] == "open":
                yield Step(file.stem, case_id, "open", opening(case, default_packs), case["expect"])
                is_open = []
                continue
            if key != is_open:
                yield Step(file.stem, case_id, "open", opening(case, default_packs), None)
                is_open = key
            yield from case_steps(file.stem, case_id, case)


def default_key() -> tuple[list[str], int | None]:
    """What a runner has opened when it starts."""
    return [], None


def case_steps(file: str, case_id: str, case: Json) -> Iterator[Step]:
    """The requests of a case: of a word, its logits and its output."""
    operation, expected = case["op"], dict(case["expect"])
    if operation == "word_logits" and "output" in expected:
        output = {"status": "ok", "output": expected.pop("output")}
        yield Step(file, case_id, "transcribe", request("transcribe", case), output)
    yield Step(file, case_id, operation, request(operation, case), expected)


# ------------------------------------------------------------------------------------- runners


class CannotRunError(Exception):
    """A runner that lacks something here."""


@dataclass(frozen=True)
class Places:
    """Where runners find what they run."""

    python: str
    prefix: Path | None
    core: Path
    modules: Path | None
    build: Path


def python_runner(*arguments: str) -> Callable[[Places], list[str]]:
    """The runner of the Python package that is installed."""

    def command(places: Places) -> list[str]:
        return [places.python, str(RUNNERS / "python" / "runner.py"), *arguments]

    return command


def c_runner(places: Places) -> list[str]:
    """Compiles the C runner against an installed library."""
    prefix = places.prefix
    if prefix is None:
        raise CannotRunError("give --prefix, a folder with include/ and lib/ of the C library")
    program = places.build / "runner-c"
    compiler = shlex.split(os.environ.get("CC", "cc"))
    include = prefix / "include"
    if not (include / "kilophone.h").is_file():
        include = HERE.parent / "bindings-c" / "include"
    build(
        [
            *compiler, "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", f"-I{include}",
            str(RUNNERS / "c" / "runner.c"), str(prefix / "lib" / "libkilophone.a"),
            "-o", str(program),
        ]
    )  # fmt: skip
    return [str(program)]


def zig_runner(places: Places) -> list[str]:
    """Builds the Zig runner, which imports the package of the core."""
    zig = shlex.split(os.environ.get("ZIG", "")) or [places.python, "-m", "ziglang"]
    source = places.build / "zig"
    shutil.copytree(RUNNERS / "zig", source, dirs_exist_ok=True)
    manifest = source / "build.zig.zon"
    core = os.path.relpath(places.core, source)
    manifest.write_text(manifest.read_text().replace("../../../zig-core", core))
    build([*zig, "build", "--release=safe", "--prefix", str(places.build)], source)
    return [str(places.build / "bin" / "kilophone-runner")]


def node_runner(name: str) -> Callable[[Places], list[str]]:
    """A runner of the npm package, in Node or in a browser that Node drives."""

    def command(places: Places) -> list[str]:
        if places.modules is None:
            raise CannotRunError("give --modules, a folder whose node_modules has kilophone")
        program = RUNNERS / "javascript" / f"{name}.mjs"
        return [os.environ.get("NODE", "node"), str(program), str(places.modules)]

    return command


def given(command: str) -> Callable[[Places], list[str]]:
    """A runner that is given as a command line."""
    return lambda _: shlex.split(command)


COMMANDS: dict[str, Callable[[Places], list[str]]] = {
    "python-native": python_runner(),
    "python-wasm": python_runner("--backend", "wasm"),
    "native-portable": python_runner("--kernels", "portable"),
    "native-x86-64-v2": python_runner("--kernels", "x86_64_v2"),
    "native-x86-64-v3": python_runner("--kernels", "x86_64_v3"),
    "c": c_runner,
    "zig": zig_runner,
    "node": node_runner("node"),
    "chromium": node_runner("chromium"),
}


def build(command: list[str], folder: Path | None = None) -> None:
    """Runs a compiler."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CannotRunError(str(error)) from error
    if done.returncode:
        raise CannotRunError(f"{shlex.join(command)}\n{done.stderr[-2000:]}")


@dataclass
class Result:
    """What a runner came to."""

    name: str
    version: str = ""
    differences: list[tuple[Step, Json | str]] = field(default_factory=list)
    cases: dict[str, set[str]] = field(default_factory=dict)
    wrong: dict[str, set[str]] = field(default_factory=dict)
    failure: str = ""

    def note(self, step: Step, answer: Json | str | None) -> None:
        """Counts a step; ``answer`` is None when it is as expected."""
        self.cases.setdefault(step.file, set()).add(step.case)
        if answer is not None:
            self.wrong.setdefault(step.file, set()).add(step.case)
            self.differences.append((step, answer))


def run(name: str, command: list[str], todo: Sequence[Step], timeout: float) -> Result:
    """Puts all requests to a runner."""
    result = Result(name)
    with tempfile.TemporaryFile() as requests, tempfile.TemporaryFile() as errors:
        requests.writelines(f"{step.request}\n".encode() for step in todo)
        requests.seek(0)
        try:
            done = subprocess.run(
                command, stdin=requests, stdout=subprocess.PIPE, stderr=errors, timeout=timeout,
                check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            result.failure = str(error)
            return result
        errors.seek(0)
        complaint = errors.read().decode(errors="replace").strip()
    greeting, *answers = done.stdout.decode(errors="replace").split("\n")
    program, _, version = greeting.partition("\t")
    if program != "kilophone-runner":
        result.failure = complaint[-2000:] or f"exit code {done.returncode}, no greeting"
        return result
    result.version = version.rpartition("\t")[2]
    compare(result, todo, answers)
    if done.returncode and not result.failure:
        result.failure = f"exit code {done.returncode}: {complaint[-2000:]}"
    return result


def compare(result: Result, todo: Sequence[Step], answers: Sequence[str]) -> None:
    """Notes every answer; those that are missing are wrong."""
    for index, step in enumerate(todo):
        if index >= len(answers) or not answers[index]:
            result.note(step, "no answer")
            continue
        try:
            answer = answer_of(step.operation, answers[index])
        except ValueError as error:
            result.note(step, str(error))
            continue
        expected = {"status": "ok"} if step.expected is None else step.expected
        result.note(step, None if answer == expected else answer)


# -------------------------------------------------------------------------------------- report


def table(results: Sequence[Result], files: Sequence[str]) -> str:
    """Runners and files: cases as expected of all cases."""
    rows = [["runner", "version", *files, "all"]]
    for result in results:
        if result.failure and not result.cases:
            rows.append([result.name, "did not run"])
            continue
        cells = [
            (len(result.cases.get(file, ())), len(result.wrong.get(file, ()))) for file in files
        ]
        cells.append((sum(c[0] for c in cells), sum(c[1] for c in cells)))
        shown = [f"{count - wrong}/{count}" if wrong else str(count) for count, wrong in cells]
        rows.append([result.name, result.version, *shown])
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    )


def differences(result: Result, most: int) -> Iterator[str]:
    """The first differences of a runner."""
    for step, answer in result.differences[:most]:
        yield f"{result.name}  {step.case}  {step.operation}"
        yield f"    expected {shortened(step.expected or {'status': 'ok'})}"
        yield f"    answered {shortened(answer)}"
    more = len(result.differences) - most
    if more > 0:
        yield f"{result.name}  and {more} more"
    if result.failure:
        yield f"{result.name}  {result.failure}"


def shortened(value: Json | str) -> str:
    """A value on a line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 400 else text[:400] + "…"


def main() -> int:
    """The command line of the module's docstring."""
    arguments = parsed_arguments()
    files = sorted(arguments.cases.glob("*.jsonl"))
    if arguments.file:
        files = [file for file in files if file.stem in arguments.file]
    todo = list(steps(files, arguments.pack))
    is_picked = bool(arguments.runner or arguments.command)
    names = arguments.runner or ([] if arguments.command else list(COMMANDS))
    results = []
    with tempfile.TemporaryDirectory() as folder:
        places = Places(
            arguments.python, arguments.prefix, arguments.core, arguments.modules, Path(folder)
        )
        chosen = [(name, COMMANDS[name]) for name in names]
        chosen += [(name, given(command)) for name, command in arguments.command or []]
        for name, command_of in chosen:
            try:
                result = run(name, command_of(places), todo, arguments.timeout)
            except CannotRunError as error:
                result = Result(name, failure=str(error))
            results.append(result)
    sys.stdout.write(table(results, [file.stem for file in files]) + "\n")
    for result in results:
        for line in differences(result, arguments.most):
            sys.stdout.write(line + "\n")
    return exit_code(results, is_picked=is_picked)


def exit_code(results: Sequence[Result], *, is_picked: bool) -> int:
    """1 for a difference, 2 when a runner that was asked for, or all of them, did not run."""
    if any(result.differences or (result.failure and result.cases) for result in results):
        return 1
    unable = [result for result in results if result.failure]
    return 2 if unable and (is_picked or len(unable) == len(results)) else 0


def parsed_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--runner", action="append", choices=COMMANDS, help="default: all")
    parser.add_argument(
        "--command", action="append", nargs=2, metavar=("NAME", "COMMAND"), help="another runner"
    )
    parser.add_argument("--file", action="append", help="case files to run, such as unicode")
    parser.add_argument("--cases", type=Path, default=HERE / "cases", help="folder of case files")
    parser.add_argument(
        "--pack", action="append", type=Path, default=[], metavar="KPH",
        help="packs in place of those that come with the library",
    )  # fmt: skip
    parser.add_argument("--python", default=sys.executable, help="interpreter with kilophone")
    parser.add_argument("--prefix", type=Path, help="C library: folder with include/ and lib/")
    parser.add_argument("--core", type=Path, default=HERE.parent / "zig-core", help="Zig package")
    parser.add_argument("--modules", type=Path, help="folder whose node_modules has kilophone")
    parser.add_argument("--most", type=int, default=5, help="differences shown for a runner")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds for a runner")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
