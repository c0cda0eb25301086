from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import kilophone

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-m", "kilophone"]


def run(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    # Another encoding than UTF-8 must not matter.
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        env=environment,
    )


def lines(*arguments: str | Path, stdin: bytes = b"") -> list[str]:
    done = run(*arguments, stdin=stdin)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode().split("\n")


def test_arguments() -> None:
    texts = ["Hello, world!", "안녕하세요"]
    assert lines(*texts) == [*kilophone.transcribe_many(texts), ""]


def test_options() -> None:
    expected = kilophone.transcribe(
        "Hello, 7 worlds",
        format="arpabet",
        stress="none",
        separator="_",
        punctuation="drop",
        unknown="drop",
        language="en-us",
    )
    arguments = "--format arpabet --stress none --separator _ --punctuation drop --unknown drop"
    for name in ("--language", "--lang"):
        found = lines(*arguments.split(), name, "en-us", "Hello, 7 worlds")
        assert found == [expected, ""]
    # Options may stand between texts, and a text may look like an option.
    assert lines("one", "--stress", "none", "two") == [
        *kilophone.transcribe_many(["one", "two"], stress="none"),
        "",
    ]
    assert lines("--", "--two") == [kilophone.transcribe("--two"), ""]


def test_standard_input() -> None:
    data = "one\r\n\ntwo three\nno newline at the end"
    expected = kilophone.transcribe_many(["one", "", "two three", "no newline at the end"])
    assert lines(stdin=data.encode()) == [*expected, ""]
    assert lines("--file", "-", stdin=data.encode()) == [*expected, ""]
    assert lines(stdin=b"") == [""]


def test_files(tmp_path: Path) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_bytes(b"\xef\xbb\xbf" + "안녕\none".encode())
    second.write_bytes(b"two\n")
    expected = kilophone.transcribe_many(["안녕", "one", "two"])
    assert lines("-f", first, "--file", second) == [*expected, ""]


def test_a_file_larger_than_a_block(tmp_path: Path) -> None:
    texts = [f"{'hello ' * (number % 7)}world" for number in range(9000)]
    texts[17] = "hello " * 30_000  # a line larger than a block
    path = tmp_path / "large.txt"
    path.write_text("\n".join(texts) + "\n", encoding="utf-8", newline="\n")
    assert lines("--file", path) == [*kilophone.transcribe_many(texts), ""]


def test_json() -> None:
    text = "Hello, 안녕!"
    (found, end) = lines("--json", text)
    assert end == ""
    analysis = kilophone.analyze(text)
    record = json.loads(found)
    assert record["text"] == text
    assert record["output"] == kilophone.transcribe(text)
    assert [word["text"] for word in record["words"]] == ["Hello", "안녕"]
    hello, korean = record["words"]
    assert (hello["language"], korean["language"]) == ("en-us", "ko")
    assert (korean["start"], korean["end"]) == (7, 9)
    assert hello["phonemes"] == [
        {"spelling": phoneme.spelling, "stress": phoneme.stress}
        for phoneme in analysis.words[0].phonemes
    ]


def test_a_pipe_is_answered_at_once() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in ("hello", "world"):
            process.stdin.write(f"{text}\n".encode())
            process.stdin.flush()
            assert process.stdout.readline().decode() == kilophone.transcribe(text) + "\n"
        process.stdin.close()
        assert process.wait() == 0


def test_a_closed_pipe(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_text("hello world\n" * 50_000, encoding="utf-8")
    with subprocess.Popen(
        [*COMMAND, "--file", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_bad_input_is_named(tmp_path: Path, options: tuple[str, ...]) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(b"one\ntwo\nab\xff\nfour\n")
    done = run("--file", path, *options)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr.startswith(f"kilophone: {path}, line 3: ".encode())
    assert done.stderr.endswith(b": byte 2\n")

    done = run(*options, stdin=b"ab\xff")
    assert done.returncode == 1
    assert done.stderr.startswith(b"kilophone: standard input, line 1: ")

    done = run(*options, "--unknown", "error", "one", "日本")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr.decode().startswith("kilophone: argument 2: ")
    assert done.stderr.endswith(b" (U+65E5) at byte 0\n")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    for option in ("--file", "--pack"):
        done = run(option, missing, *(["text"] if option == "--pack" else []))
        assert done.returncode == 1
        assert done.stderr.startswith(f"kilophone: {missing}: No such file".encode())
    missing.write_bytes(b"no pack")
    done = run("--pack", missing, "text")
    assert done.returncode == 1
    assert str(missing).encode() in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "nonsense", "text"),
        ("--nonsense",),
        ("--language", "nonsense", "text"),
        ("--backend", "nonsense", "text"),
    ],
)
def test_bad_usage(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert b"kilophone: " in done.stderr
    assert b"Traceback" not in done.stderr


def test_wasm_backend() -> None:
    pytest.importorskip("wasmtime")
    assert lines("--backend", "wasm", "Hello, world!") == [
        kilophone.transcribe("Hello, world!"),
        "",
    ]


def test_version_and_help() -> None:
    assert lines("--version") == [f"kilophone {kilophone.__version__}", ""]
    assert "--separator" in "".join(lines("--help"))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_progress_on_a_terminal(tmp_path: Path) -> None:
    pytest.importorskip("tqdm")
    import fcntl
    import pty
    import termios

    path = tmp_path / "large.txt"
    path.write_text("hello world\n" * 50_000, encoding="utf-8")
    script = "from kilophone import _cli; _cli._PROGRESS_AFTER_SECONDS = 0; _cli.main()"
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-c", script, "--file", str(path)], stdout=subprocess.PIPE, stderr=child
    ) as process:
        os.close(child)
        assert process.stdout is not None
        assert len(process.stdout.read().splitlines()) == 50_000
        assert process.wait() == 0
    shown = os.read(parent, 1 << 16)
    os.close(parent)
    assert b"%|" in shown
