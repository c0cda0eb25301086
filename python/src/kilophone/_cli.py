"""The command line: ``kilophone [TEXT ...]``.

Lines stream through in blocks, so that memory does not grow with the input. What is slow to
import is imported where it is used, because most runs are one short text.
"""

from __future__ import annotations

import argparse
import os
import stat
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from . import _facts, _options
from ._errors import KilophoneError, TextError, UnknownLanguageError
from ._native import __version__
from ._transcriber import Transcriber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from io import BufferedReader
    from typing import Any

    from ._analysis import Analysis

_OK = 0
_BAD_INPUT = 1
_BAD_USAGE = 2
_INTERRUPTED = 130  # 128 + SIGINT, as shells count

_BLOCK_BYTES = 1 << 16
_PROGRESS_AFTER_SECONDS = 1.0
_STANDARD_INPUT = "-"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class _InputError(Exception):
    """A text or file that cannot be transcribed; the message says which and where."""


class _UsageError(Exception):
    """Options that cannot be worked with."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; gives the exit code: 0, 1 for bad input, 2 for bad usage."""
    options = _parse(sys.argv[1:] if arguments is None else list(arguments))
    try:
        with _open_transcriber(options) as transcriber:
            _run(transcriber, options)
    except _UsageError as error:
        return _fail(str(error), _BAD_USAGE)
    except _InputError as error:
        return _fail(str(error), _BAD_INPUT)
    except BrokenPipeError:
        # The reader has had enough. Python would flush once more at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return _fail(f"standard output: {error.strerror or error}", _BAD_INPUT)
    except KeyboardInterrupt:
        return _INTERRUPTED
    return _OK


def _parse(arguments: list[str]) -> argparse.Namespace:
    # argparse mixes texts with options, or leaves texts after "--" alone, but not both.
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = _parser().parse_intermixed_args(arguments[:end])
    options.texts.extend(arguments[end + 1 :])
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kilophone",
        description="Turn text into IPA. Each TEXT gives a line; without one, each line of the "
        "files or of standard input does.",
    )
    parser.add_argument("texts", metavar="TEXT", nargs="*", help="text to transcribe")
    parser.add_argument(
        "-f",
        "--file",
        dest="files",
        metavar="FILE",
        action="append",
        default=[],
        help="transcribe the lines of a file in UTF-8; - is standard input (repeatable)",
    )
    parser.add_argument(
        "--format", choices=_facts.FORMATS, default="ipa", help="default: %(default)s"
    )
    parser.add_argument(
        "--stress",
        choices=_facts.STRESSES,
        default="syllable",
        help="stress marks before the syllable, before the vowel, or not at all "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--separator", metavar="STRING", help="between the phonemes of a word (default: by format)"
    )
    parser.add_argument(
        "--punctuation",
        choices=_facts.PUNCTUATIONS,
        default="keep",
        help="keep punctuation and white space, or one space between words (default: %(default)s)",
    )
    parser.add_argument(
        "--unknown",
        choices=_facts.UNKNOWNS,
        default="keep",
        help="what becomes of characters without a reading (default: %(default)s)",
    )
    parser.add_argument(
        "--language",
        "--lang",
        metavar="TAG",
        help="language of all words, such as en-us (default: by the script of each word)",
    )
    parser.add_argument(
        "--pack",
        dest="packs",
        metavar="FILE",
        action="append",
        help="language pack to use instead of those built in (repeatable)",
    )
    parser.add_argument(
        "--backend", choices=_options.BACKENDS, default="native", help="default: %(default)s"
    )
    parser.add_argument(
        "--json", action="store_true", help="a JSON object a line: text, output, words"
    )
    parser.add_argument("--version", action="version", version=f"kilophone {__version__}")
    return parser


def _open_transcriber(options: argparse.Namespace) -> Transcriber:
    try:
        return Transcriber(options.packs, backend=options.backend)
    except ImportError as error:
        raise _UsageError(str(error)) from error
    except OSError as error:
        raise _InputError(f"{error.filename}: {error.strerror or error}") from error
    except KilophoneError as error:
        raise _InputError(str(error)) from error


def _run(transcriber: Transcriber, options: argparse.Namespace) -> None:
    keywords = {
        name: getattr(options, name)
        for name in ("format", "stress", "separator", "punctuation", "unknown", "language")
    }
    answer = _answer_in_json if options.json else _answer
    for number, text in enumerate(options.texts, start=1):
        # A byte of the argument that is no UTF-8 comes as a lone surrogate, which the core refuses.
        _write_answers(answer(transcriber, [text], keywords), f"argument {number}")
    # Standard input is read when there is nothing else.
    files = options.files or ([] if options.texts else [_STANDARD_INPUT])
    if not files:
        return
    with _progress(files) as advance:
        for file in files:
            name = "standard input" if file == _STANDARD_INPUT else file
            line = 1
            for lines, size in _read_blocks(file, name):
                _write_answers(answer(transcriber, lines, keywords), f"{name}, line", line)
                line += len(lines)
                advance(size)


def _answer(
    transcriber: Transcriber, texts: list[bytes] | list[str], options: dict[str, Any]
) -> Iterator[str]:
    """Gives the answer to each text, up to the first that has none, whose error it raises."""
    try:
        answers = transcriber.transcribe_many(texts, **options)
    except TextError as error:
        yield from transcriber.transcribe_many(texts[: error.text_index], **options)
        # Again by itself, for a message that does not speak of blocks.
        yield transcriber.transcribe(texts[error.text_index], **options)
    else:
        yield from answers


def _answer_in_json(
    transcriber: Transcriber, texts: list[bytes] | list[str], options: dict[str, Any]
) -> Iterator[str]:
    from json import JSONEncoder  # noqa: PLC0415 - see the module's docstring

    encode = JSONEncoder(ensure_ascii=False).encode
    for text in texts:
        analysis = transcriber.analyze(text, **options)
        yield encode(_as_json(analysis, transcriber.transcribe(text, **options)))


def _write_answers(answers: Iterator[str], place: str, first: int | None = None) -> None:
    """Writes a line for each answer, also for those before an error.

    An error names the place; with a number for the first text, also the number of the bad one.
    """
    lines: list[str] = []
    try:
        try:
            for answer in answers:
                lines.append(answer)  # noqa: PERF402 - what came before an error is kept
        finally:
            # UTF-8 whatever the locale: IPA fits into no other encoding that a console may have.
            sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode())
            sys.stdout.buffer.flush()
    except UnknownLanguageError as error:
        raise _UsageError(str(error)) from error
    except KilophoneError as error:
        number = "" if first is None else f" {first + len(lines)}"
        raise _InputError(f"{place}{number}: {error}") from error


def _read_blocks(file: str, name: str) -> Iterator[tuple[list[bytes], int]]:
    """Gives the lines of a file, as many as are there at a time, and the bytes read for them.

    A pipe is not waited for until a block is full: what has come is answered at once.
    """
    try:
        with _open_input(file) as stream:
            unfinished: list[bytes] = []  # pieces of a line that goes on
            beginning = True
            while piece := stream.read1(_BLOCK_BYTES):
                size = len(piece)
                if beginning:
                    piece = piece.removeprefix(_BYTE_ORDER_MARK)
                    beginning = False
                head, *rest = piece.split(b"\n")
                unfinished.append(head)
                lines = []
                if rest:
                    lines = [b"".join(unfinished), *rest[:-1]]
                    unfinished = [rest[-1]]
                yield [line.removesuffix(b"\r") for line in lines], size
            last = b"".join(unfinished)
            if last:
                yield [last], 0
    except OSError as error:
        raise _InputError(f"{name}: {error.strerror or error}") from error


def _open_input(file: str) -> BufferedReader:
    if file == _STANDARD_INPUT:
        # Of a copy, so that closing it leaves standard input open.
        return os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    return Path(file).open("rb")


@contextmanager
def _progress(files: list[str]) -> Iterator[Callable[[int], object]]:
    """Gives what to call with the bytes done; shows them on a terminal when it takes long.

    Nothing is shown when the answers go to the terminal, too, or without tqdm (``kilophone[cli]``).
    """
    if sys.stderr.isatty() and not sys.stdout.isatty():
        try:
            from tqdm import tqdm  # noqa: PLC0415 - optional
        except ImportError:
            pass
        else:
            with tqdm(
                total=_total_bytes(files),
                unit="B",
                unit_scale=True,
                delay=_PROGRESS_AFTER_SECONDS,
                leave=False,
                file=sys.stderr,
            ) as bar:
                yield bar.update
            return
    yield lambda _: None


def _total_bytes(files: list[str]) -> int | None:
    """The size of all files, or None when one is a pipe."""
    total = 0
    for file in files:
        try:
            status = os.stat(sys.stdin.fileno() if file == _STANDARD_INPUT else file)  # noqa: PTH116
        except OSError:
            return None  # reported when its turn comes
        if not stat.S_ISREG(status.st_mode):
            return None
        total += status.st_size
    return total


def _as_json(analysis: Analysis, output: str) -> dict[str, object]:
    return {
        "text": analysis.text,
        "output": output,
        "words": [
            {
                "text": word.text,
                "start": word.start,
                "end": word.end,
                "language": word.language,
                "source": word.source,
                "output": word.output,
                "phonemes": [
                    {"spelling": phoneme.spelling, "stress": phoneme.stress}
                    for phoneme in word.phonemes
                ],
            }
            for word in analysis.words
        ],
    }


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"kilophone: {message}\n")
    return code
