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
from concurrent.futures import ThreadPoolExecutor
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
        if isinstance(value, bool):
            fields.append(f"{key}={'on' if value else 'off'}")
        else:
            fields.append(f"{key}={encoded(value) if key in HEXADECIMAL else value}")
    fields += [f"text={text}" for text in texts_of(case)]
    if "spelling" in case:
        fields.append(f"spelling={encoded(case['spelling'])}")
    if "count" in case:
        fields.append(f"count={case['count']}")
    if "cuts" in case:
        fields.append("cuts=" + ",".join(map(str, case["cuts"])))
    return "\t".join(fields)


HEXADECIMAL = ("separator", "syllable_separator", "word_separator", "language")


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
    fields += [f"{key}={case[key]}" for key in LIMITS if key in case]
    return "\t".join(fields)


LIMITS = ("cache_words", "lexicon_bytes")


def answer_of(operation: str, line: str, text: bytes = b"") -> Json:
    """An answer in the form of what is expected; of a call on a text."""
    kind, *fields = line.split("\t")
    if kind == "fault":
        status, index, position = fields
        return {"status": status, "text": int(index), "position": int(position)}
    if kind != "ok":
        raise ValueError(f"an answer begins with ok or fault: {line[:80]!r}")
    answer: Json = {"status": "ok"}
    if operation in ("transcribe", "normalize", "stream"):
        answer["output"] = bytes.fromhex(fields[0]).decode()
    elif operation == "transcribe_many":
        answer["outputs"] = [bytes.fromhex(output).decode() for output in fields]
    elif operation == "analyze":
        answer["spans"] = [span_of(span, text) for span in fields]
    elif operation == "cover":
        answer["covered"] = is_covered([span_of(span, text) for span in fields], text)
    elif operation == "alternatives":
        answer["alternatives"] = [alternative_of(alternative) for alternative in fields]
    elif operation == "lexicon_load":
        answer["count"] = int(fields[0])
    elif operation == "word_logits":
        logits = bytes.fromhex(fields[0])
        answer["floats"] = len(logits) // 4
        answer["logits_crc32"] = f"{zlib.crc32(logits):08x}"
    return answer


def span_of(written: str, text: bytes) -> Json:
    """A span of an analysis; what is empty is left out, and what it is spoken as where that is the
    text itself."""
    kind, source, start, end, language, output, spoken, phonemes = written.split(",")
    span: Json = {"kind": kind, "start": int(start), "end": int(end)}
    if bytes.fromhex(spoken) != text[span["start"] : span["end"]]:
        span["spoken"] = bytes.fromhex(spoken).decode()
    span["output"] = bytes.fromhex(output).decode()
    span["source"] = "" if source == "none" else source
    span["language"] = bytes.fromhex(language).decode()
    split = (phoneme.split(":") for phoneme in phonemes.split(";") if phoneme)
    span["phonemes"] = [
        [bytes.fromhex(spelling).decode(), *map(int, numbers)] for spelling, *numbers in split
    ]
    return {key: value for key, value in span.items() if value not in ("", [])}


def is_covered(spans: Sequence[Json], text: bytes) -> bool:
    """Whether spans have every byte of a text, in order, those of one written form together, and
    phonemes their bytes inside of them."""
    at = (0, 0)
    for span in spans:
        place = span["start"], span["end"]
        is_same_form = place == at and "spoken" in span
        if not (is_same_form or (span["start"] == at[1] < span["end"])):
            return False
        for _, _, first, end in span.get("phonemes", []):
            if not span["start"] <= first < end <= span["end"]:
                return False
        at = place
    return at[1] == len(text)


def alternative_of(written: str) -> Json:
    """An alternative; its log-probability is the bits of the binary32."""
    output, source, bits = written.split(",")
    return {
        "output": bytes.fromhex(output).decode(), "source": source, "log_probability": bits,
    }  # fmt: skip


# --------------------------------------------------------------------------------------- cases


@dataclass(frozen=True)
class Step:
    """A request, and what is expected of its answer; several may belong to one case."""

    file: str
    case: str
    operation: str
    """How the answer is understood."""
    request: str
    expected: Json | None
    """None: the call must succeed; ``whole``: as the answer before."""
    text: bytes = b""


@dataclass
class State:
    """What has been told to a runner: its packs and limits, and the lines of its lexicon."""

    opening: object
    lexicon: str | None = ""
    """None: it may hold anything."""


def steps(files: Sequence[Path], default_packs: Sequence[Path]) -> Iterator[Step]:
    """The requests for all cases."""
    state = State([] if default_packs else opening_key({}))
    for file in files:
        for number, case in enumerate(cases(file), 1):
            case_id = f"{file.stem}:{number} {case['id']}"
            if case["op"] == "open":
                yield Step(file.stem, case_id, "open", opening(case, default_packs), case["expect"])
                state = State([])
                continue
            if opening_key(case) != state.opening:
                yield Step(file.stem, case_id, "open", opening(case, default_packs), None)
                state = State(opening_key(case))
            lexicon = case.get("lexicon", "")
            if lexicon != state.lexicon:
                yield Step(file.stem, case_id, "lexicon_clear", "lexicon_clear", None)
                if lexicon:
                    loading = request("lexicon_load", {"text": lexicon})
                    yield Step(file.stem, case_id, "lexicon_load", loading, None)
            state.lexicon = None if case["op"].startswith("lexicon_") else lexicon
            if case["op"] == "cover":
                yield from cover_steps(file, case_id, case)
            else:
                yield from case_steps(file.stem, case_id, case)


def cases(file: Path) -> Iterator[Json]:
    """The cases of a file."""
    lines = file.read_text(encoding="utf-8").split("\n")
    return (json.loads(line) for line in lines if line)


def opening_key(case: Json) -> object:
    """What a case wants to be open."""
    return [case.get("packs", []), *(case.get(key) for key in LIMITS)]


def cover_steps(file: Path, case_id: str, case: Json) -> Iterator[Step]:
    """An analysis, with all rules, of each of the texts of another file."""
    texts = dict.fromkeys(
        text for other in cases(file.with_name(f"{case['of']}.jsonl")) for text in texts_of(other)
    )
    for text in texts:
        content = bytes.fromhex(text)
        try:
            content.decode()
        except UnicodeDecodeError:
            continue
        yield Step(file.stem, case_id, "cover", f"analyze\ttext={text}", case["expect"], content)


def case_steps(file: str, case_id: str, case: Json) -> Iterator[Step]:
    """The requests of a case: of a word, its logits and its output."""
    operation, expected = case["op"], dict(case["expect"])
    if operation == "word_logits" and "output" in expected:
        output = {"status": "ok", "output": expected.pop("output")}
        yield Step(file, case_id, "transcribe", request("transcribe", case), output)
    if "whole" in expected:
        alone = {key: value for key, value in case.items() if key != "cuts"}
        yield Step(file, case_id, "transcribe", request("transcribe", alone), None)
    text = bytes.fromhex((texts_of(case) or [""])[0])
    yield Step(file, case_id, operation, request(operation, case), expected, text)


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
    before: Json = {}
    for index, step in enumerate(todo):
        if index >= len(answers) or not answers[index]:
            result.note(step, "no answer")
            continue
        try:
            answer = answer_of(step.operation, answers[index], step.text)
        except ValueError as error:
            result.note(step, str(error))
            continue
        if step.expected is None:
            is_expected = answer["status"] == "ok"
        else:
            is_expected = answer == (before if "whole" in step.expected else step.expected)
        result.note(step, None if is_expected else answer)
        before = answer


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
    with tempfile.TemporaryDirectory() as folder:
        places = Places(
            arguments.python, arguments.prefix, arguments.core, arguments.modules, Path(folder)
        )
        chosen = [(name, COMMANDS[name]) for name in names]
        chosen += [(name, given(command)) for name, command in arguments.command or []]

        def result_of(runner: tuple[str, Callable[[Places], list[str]]]) -> Result:
            name, command_of = runner
            try:
                return run(name, command_of(places), todo, arguments.timeout)
            except CannotRunError as error:
                return Result(name, failure=str(error))

        with ThreadPoolExecutor(os.cpu_count()) as pool:  # they wait for their processes
            results = list(pool.map(result_of, chosen))
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
