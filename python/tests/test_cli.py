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
        syllable_separator=".",
        word_separator="|",
        punctuation="drop",
        unknown="drop",
        language="en-us",
    )
    arguments = "--format arpabet --stress none --separator _ --punctuation drop --unknown drop"
    arguments += " --syllable-separator . --word-separator |"
    for name in ("--language", "--lang"):
        found = lines(*arguments.split(), name, "en-us", "Hello, 7 worlds")
        assert found == [expected, ""]
    # Options may stand between texts, and a text may look like an option.
    assert lines("one", "--stress", "none", "two") == [
        *kilophone.transcribe_many(["one", "two"], stress="none"),
        "",
    ]
    assert lines("--", "--two") == [kilophone.transcribe("--two"), ""]


def test_switches() -> None:
    text = "the 5 cats lead 한 번, 나라, [김](/kim/)"
    expected = kilophone.transcribe(
        text,
        written=False,
        homographs=False,
        weak_forms=False,
        sandhi=False,
        narrow=True,
        overrides=True,
    )
    assert expected != kilophone.transcribe(text)
    arguments = "--no-written --no-homographs --no-weak-forms --no-sandhi --narrow --overrides"
    assert lines(*arguments.split(), text) == [expected, ""]


def test_standard_input() -> None:
    # As one text: words know their neighbours on other lines.
    for data in ("one\r\n\ntwo three\nno newline at the end", "the\ncat\n", " \n"):
        expected = kilophone.transcribe(data)
        end = "" if expected.endswith("\n") else "\n"
        for options in ((), ("--file", "-")):
            assert run(*options, stdin=data.encode()).stdout.decode() == expected + end
    assert lines(stdin=b"") == [""]
    assert lines("--punctuation", "drop", stdin=b"one\ntwo\n") == ["ˈwʌn ˈtu", ""]


def test_lines() -> None:
    data = "one\r\n\ntwo three\nno newline at the end"
    expected = kilophone.transcribe_many(["one", "", "two three", "no newline at the end"])
    assert lines("--lines", stdin=data.encode()) == [*expected, ""]
    assert lines("--lines", "--file", "-", stdin=data.encode()) == [*expected, ""]
    assert lines("--lines", stdin=b"") == [""]


def test_files(tmp_path: Path) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_bytes(b"\xef\xbb\xbf" + "안녕\none".encode())
    second.write_bytes(b"two\n")
    expected = kilophone.transcribe_many(["안녕", "one", "two"])
    assert lines("-f", first, "--file", second) == [*expected, ""]
    assert lines("--lines", "-f", first, "--file", second) == [*expected, ""]


def test_a_file_larger_than_a_block(tmp_path: Path) -> None:
    texts = [f"{'hello ' * (number % 7)}world" for number in range(9000)]
    texts[17] = "hello " * 30_000  # a line larger than a block
    path = tmp_path / "large.txt"
    text = "\n".join(texts) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    assert run("--file", path).stdout.decode() == kilophone.transcribe(text)
    assert lines("--lines", "--file", path) == [*kilophone.transcribe_many(texts), ""]


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Method: the peak memory for a file, and for one twenty times as long."""
    path = tmp_path / "text.txt"
    script = (
        "import re, sys; from kilophone import _cli; _cli.main(sys.argv[1:]);"
        "status = open('/proc/self/status').read();"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', status)[1], file=sys.stderr)"
    )
    peaks = []
    for rounds in (1, 20):
        path.write_bytes("… ☃ !\n".encode() * 50_000 * rounds)
        done = subprocess.run(
            [sys.executable, "-c", script, "--file", str(path)], capture_output=True, check=True
        )
        peaks.append(int(done.stderr))
    assert peaks[1] - peaks[0] < 2048


def test_lexicon(tmp_path: Path) -> None:
    names, more = tmp_path / "names.tsv", tmp_path / "more.tsv"
    names.write_text("# names\nNguyen\twɪn\n", encoding="utf-8")
    more.write_text("김\tkim\n" + "".join(f"a{chr(97 + i % 26) * i}\tə\n" for i in range(1, 30)))
    assert lines("--lexicon", names, "--lexicon", more, "Nguyen 김") == ["wɪn kim", ""]
    names.write_text("Nguyen\twɪn\nTran\n", encoding="utf-8")
    done = run("--lexicon", names, "text")
    assert done.returncode == 1
    assert done.stderr.startswith(f"kilophone: {names}: ".encode())
    assert done.stderr.endswith(b": line 2, byte 16\n")


def test_normalize(tmp_path: Path) -> None:
    assert lines("--normalize", "$21!", "5 cats") == ["twenty one dollars!", "five cats", ""]
    path = tmp_path / "text.txt"
    path.write_text("1\n\n2\n")
    assert lines("--normalize", "--file", path) == ["one", "", "two", ""]
    assert lines("--normalize", "--no-written", "--file", path) == ["1", "", "2", ""]
    found = [json.loads(line) for line in lines("--normalize", "--json", "5 cats")[:-1]]
    assert found == [{"text": "5 cats", "normalized": "five cats"}]


def test_alternatives() -> None:
    expected = kilophone.alternatives("hello", 3)
    found = [line.split("\t") for line in lines("--alternatives", "3", stdin=b"hello\n")[:-1]]
    assert [(word, output) for word, output, _ in found] == [
        ("hello", one.output) for one in expected
    ]
    for (_, _, chance), one in zip(found, expected, strict=True):
        assert abs(float(chance) - one.log_probability) < 1e-4
    found_in_json = json.loads(lines("--alternatives", "3", "--json", "hello")[0])
    assert found_in_json["text"] == "hello"
    assert [one["output"] for one in found_in_json["alternatives"]] == [
        one.output for one in expected
    ]
    assert set(found_in_json["alternatives"][0]) == {"output", "log_probability", "source"}
    done = run("--alternatives", "3", "two words")
    assert done.returncode == 1
    assert done.stderr.startswith(b"kilophone: argument 1: ")


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
        {
            "spelling": phoneme.spelling,
            "stress": phoneme.stress,
            "start": phoneme.start,
            "end": phoneme.end,
        }
        for phoneme in analysis.words[0].phonemes
    ]
    (found, _) = lines("--json", "21")
    assert [word["spoken"] for word in json.loads(found)["words"]] == ["twenty", "one"]


def test_a_pipe_is_answered_at_once() -> None:
    # A paragraph that has ended, and with --lines each line.
    for options, end in ((), "\n\n"), (("--lines",), "\n"):
        with subprocess.Popen(
            [*COMMAND, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"hello{end}world{end}and more".encode())
            process.stdin.flush()
            answers = [kilophone.transcribe(text) + end for text in ("hello", "world")]
            expected = "".join(answers).encode()
            assert process.stdout.read(len(expected)) == expected
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


@pytest.mark.parametrize("options", [(), ("--lines",), ("--json",), ("--normalize",)])
def test_bad_input_is_named(tmp_path: Path, options: tuple[str, ...]) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(b"one\n\ntwo\nab\xff\nfour\n")
    done = run("--file", path, *options)
    assert done.returncode == 1
    assert done.stderr.startswith(f"kilophone: {path}, line 4: ".encode())
    # In the text: the line or the file.
    assert done.stderr.endswith(b": byte 2\n" if options else b": byte 11\n")
    if options:
        assert len(done.stdout.splitlines()) == 3

    path.write_bytes("안녕\n\n".encode() * 50_000 + b"\xff")
    done = run("--file", path)
    assert done.stderr.startswith(f"kilophone: {path}, line 100001: ".encode())
    assert done.stdout.decode().startswith(kilophone.transcribe("안녕\n\n"))

    done = run(*options, stdin=b"ab\xff")
    assert done.returncode == 1
    assert done.stderr.startswith(b"kilophone: standard input, line 1: ")

    if "--normalize" in options:
        return
    done = run(*options, "--unknown", "error", "one", "日本")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr.decode().startswith("kilophone: argument 2: ")
    assert done.stderr.endswith(b" (U+65E5) at byte 0\n")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    for option in ("--file", "--pack", "--lexicon"):
        done = run(option, missing, *(["text"] if option != "--file" else []))
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
        ("--alternatives", "17", "text"),
        ("--alternatives", "0", "text"),
        ("--alternatives", "2", "--normalize", "text"),
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
    shown = "".join(lines("--help"))
    for option in ("--separator", "--no-weak-forms", "--lexicon", "--alternatives", "kokoro"):
        assert option in shown


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
