"""The command line: ``kilophone [TEXT ...]``.

Files stream through, so that memory does not grow with them. What is slow to import is imported
where it is used, because most runs are one short text.
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
    from typing import Any, TypeAlias

    from ._analysis import Analysis

    Texts: TypeAlias = list[bytes] | list[str]
    Answer: TypeAlias = Callable[[Transcriber, Texts, dict[str, Any]], Iterator[str]]

_OK = 0
_BAD_INPUT = 1
_BAD_USAGE = 2
_INTERRUPTED = 130  # 128 + SIGINT, as shells count

_BLOCK_BYTES = 1 << 16
_PROGRESS_AFTER_SECONDS = 1.0
_STANDARD_INPUT = "-"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CALL_OPTIONS = (
    "format", "stress", "separator", "syllable_separator", "word_separator", "punctuation",
    "unknown", "language", "written", "homographs", "weak_forms", "sandhi", "narrow", "overrides",
)  # fmt: skip


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
        usage="%(prog)s [OPTION ...] [TEXT ...]",
        description="Turn text into IPA. Each TEXT gives a line. Without one, files or standard "
        "input are read, each as one text; files of any length take the same memory.",
    )
    parser.add_argument("texts", metavar="TEXT", nargs="*", help="text to transcribe")
    parser.add_argument("--version", action="version", version=f"kilophone {__version__}")

    reading = parser.add_argument_group("what is read")
    reading.add_argument(
        "-f",
        "--file",
        dest="files",
        metavar="FILE",
        action="append",
        default=[],
        help="read a file in UTF-8; - is standard input (repeatable)",
    )
    reading.add_argument(
        "--lines",
        action="store_true",
        help="each line of a file is a text of its own, and answered at once",
    )
    reading.add_argument(
        "--lexicon",
        dest="lexicons",
        metavar="FILE",
        action="append",
        default=[],
        help="own words: lines of WORD, tab, SPELLING in IPA, and if wanted tab, LANGUAGE, tab, "
        "FORMAT (repeatable)",
    )

    writing = parser.add_argument_group(
        "what is written", "Phonemes by default. With all of these, each line is a text."
    )
    modes = writing.add_mutually_exclusive_group()
    modes.add_argument(
        "--normalize",
        action="store_true",
        help="the text with numbers, dates, acronyms and symbols in words",
    )
    modes.add_argument(
        "--alternatives",
        metavar="N",
        type=int,
        help="the N likeliest pronunciations of each TEXT, which is one word: lines of WORD, tab, "
        "PRONUNCIATION, tab, log-probability",
    )
    writing.add_argument(
        "--json",
        action="store_true",
        help="a JSON object for each text, with its words, places and phonemes",
    )

    options = parser.add_argument_group("how it is transcribed")
    options.add_argument(
        "--format",
        choices=_facts.FORMATS,
        default="ipa",
        help="alphabet of the phonemes (default: %(default)s); arpabet, espeak and kokoro are for "
        "English, hangul and jamo for Korean",
    )
    options.add_argument(
        "--stress",
        choices=_facts.STRESSES,
        default="syllable",
        help="stress marks before the syllable, before the vowel, or not at all "
        "(default: %(default)s)",
    )
    options.add_argument(
        "--separator", metavar="STRING", help="between the phonemes of a word (default: by format)"
    )
    options.add_argument(
        "--syllable-separator",
        metavar="STRING",
        help="between the syllables of a word (default: as between its phonemes)",
    )
    options.add_argument(
        "--word-separator",
        metavar="STRING",
        help="between words, in place of spaces (default: as in the text)",
    )
    options.add_argument(
        "--punctuation",
        choices=_facts.PUNCTUATIONS,
        default="keep",
        help="keep punctuation and white space, or a space between words (default: %(default)s)",
    )
    options.add_argument(
        "--unknown",
        choices=_facts.UNKNOWNS,
        default="keep",
        help="what becomes of characters without a reading (default: %(default)s)",
    )
    options.add_argument(
        "--language",
        "--lang",
        metavar="TAG",
        help="language of all words, such as en-us (default: by the script of each word)",
    )
    for name, off in (
        ("written", "leave numbers, dates, acronyms and symbols as they are"),
        ("homographs", "do not tell homographs (lead, record) apart by their neighbours"),
        ("weak-forms", "all English function words in their strong forms"),
        ("sandhi", "no Korean rules across words"),
    ):
        # None is the default of the library.
        options.add_argument(f"--no-{name}", action="store_false", default=None, help=off,
                             dest=name.replace("-", "_"))  # fmt: skip
    options.add_argument(
        "--narrow", action="store_true", default=None, help="Korean IPA in narrow transcription"
    )
    options.add_argument(
        "--overrides",
        action="store_true",
        default=None,
        help="[WORD](/SPELLING/) in the text says how the word is pronounced, in IPA",
    )

    engine = parser.add_argument_group("what it runs on")
    engine.add_argument(
        "--pack",
        dest="packs",
        metavar="FILE",
        action="append",
        help="language pack to use instead of those built in (repeatable)",
    )
    engine.add_argument(
        "--backend", choices=_options.BACKENDS, default="native", help="default: %(default)s"
    )
    return parser


def _open_transcriber(options: argparse.Namespace) -> Transcriber:
    lexicons = [(name, _read(name)) for name in options.lexicons]
    # Ample for words of any length: a place of the lexicon's table is a few bytes, as is a line.
    room = sum(len(lines) for _, lines in lexicons) * 10
    room = min(max(room, _facts.LEXICON_BYTES_DEFAULT), _facts.LEXICON_BYTES_MAX)
    try:
        transcriber = Transcriber(options.packs, backend=options.backend, lexicon_bytes=room)
    except ImportError as error:
        raise _UsageError(str(error)) from error
    except OSError as error:
        raise _InputError(f"{error.filename}: {error.strerror or error}") from error
    except KilophoneError as error:
        raise _InputError(str(error)) from error
    for name, lines in lexicons:
        _load_lexicon(transcriber, name, lines)
    return transcriber


def _load_lexicon(transcriber: Transcriber, name: str, lines: bytes) -> None:
    try:
        transcriber.load_lexicon(lines)
    except KilophoneError as error:
        raise _InputError(f"{name}: {error}") from error


def _read(name: str) -> bytes:
    try:
        with _open_input(name) as stream:
            return stream.read()
    except OSError as error:
        raise _InputError(f"{name}: {error.strerror or error}") from error


def _run(transcriber: Transcriber, options: argparse.Namespace) -> None:
    keywords = {name: getattr(options, name) for name in _CALL_OPTIONS}
    answer = _answer_of(options)
    for number, text in enumerate(options.texts, start=1):
        # A byte of the argument that is no UTF-8 comes as a lone surrogate, which the core refuses.
        _write_answers(answer(transcriber, [text], keywords), f"argument {number}")
    # Standard input is read when there is nothing else.
    files = options.files or ([] if options.texts else [_STANDARD_INPUT])
    if not files:
        return
    is_stream = answer is _answer and not options.lines
    with _progress(files) as advance:
        for file in files:
            name = "standard input" if file == _STANDARD_INPUT else file
            if is_stream:
                _stream_file(transcriber, file, name, keywords, advance)
                continue
            line = 1
            for lines, size in _read_blocks(file, name):
                _write_answers(answer(transcriber, lines, keywords), f"{name}, line", line)
                line += len(lines)
                advance(size)


def _stream_file(
    transcriber: Transcriber,
    file: str,
    name: str,
    options: dict[str, Any],
    advance: Callable[[int], object],
) -> None:
    """Writes the answer to a whole file, which ends its last line."""
    lines = _Lines()

    def chunks() -> Iterator[bytes]:
        for chunk in _read_chunks(file, name):
            lines.pass_over(chunk)
            yield chunk
            advance(len(chunk))

    last = "\n"
    with _named_errors(lambda error: f"{name}, line {lines.number_at(error)}"):
        for answer in transcriber.stream(chunks(), **options):
            _write(answer)
            last = answer[-1]
    if last != "\n":
        _write("\n")


class _Lines:
    """Knows the line of a place in what has been read last."""

    _KEPT = 2 * _BLOCK_BYTES

    def __init__(self) -> None:
        self._lines_before = 0
        self._bytes_before = 0
        self._tail = b""

    def pass_over(self, chunk: bytes) -> None:
        tail = self._tail + chunk
        gone = max(0, len(tail) - self._KEPT)
        self._lines_before += tail.count(b"\n", 0, gone)
        self._bytes_before += gone
        self._tail = tail[gone:]

    def number_at(self, error: KilophoneError) -> int:
        position = error.position if isinstance(error, TextError) else 0
        end = max(0, position - self._bytes_before)
        return 1 + self._lines_before + self._tail.count(b"\n", 0, end)


def _answer_of(options: argparse.Namespace) -> Answer:
    if options.alternatives is not None:
        if not 1 <= options.alternatives <= _facts.ALTERNATIVES_MAX:
            raise _UsageError(f"--alternatives is a number from 1 to {_facts.ALTERNATIVES_MAX}")
        return _alternatives_in(options.alternatives, is_json=options.json)
    if options.normalize:
        return _normalized_in_json if options.json else _normalized
    return _analyzed_in_json if options.json else _answer


def _answer(transcriber: Transcriber, texts: Texts, options: dict[str, Any]) -> Iterator[str]:
    """Gives the answer to each text, up to the first that has none, whose error it raises."""
    try:
        answers = transcriber.transcribe_many(texts, **options)
    except TextError as error:
        yield from transcriber.transcribe_many(texts[: error.text_index], **options)
        # Again by itself, for a message that does not speak of blocks.
        yield transcriber.transcribe(texts[error.text_index], **options)
    else:
        yield from answers


def _normalized(transcriber: Transcriber, texts: Texts, options: dict[str, Any]) -> Iterator[str]:
    for text in texts:
        yield transcriber.normalize(text, **options)


def _normalized_in_json(
    transcriber: Transcriber, texts: Texts, options: dict[str, Any]
) -> Iterator[str]:
    encode = _json_encoder()
    for text in texts:
        normalized = transcriber.normalize(text, **options)
        yield encode({"text": _str(text), "normalized": normalized})


def _alternatives_in(n: int, *, is_json: bool) -> Answer:
    def answer(transcriber: Transcriber, texts: Texts, options: dict[str, Any]) -> Iterator[str]:
        encode = _json_encoder() if is_json else None
        for text in texts:
            found = transcriber.alternatives(text, n, **options)
            word = _str(text)
            if encode is None:
                yield "\n".join(f"{word}\t{one.output}\t{one.log_probability:.4f}" for one in found)
                continue
            listed = [
                {
                    "output": one.output,
                    "log_probability": one.log_probability,
                    "source": one.source,
                }
                for one in found
            ]
            yield encode({"text": word, "alternatives": listed})

    return answer


def _analyzed_in_json(
    transcriber: Transcriber, texts: Texts, options: dict[str, Any]
) -> Iterator[str]:
    encode = _json_encoder()
    for text in texts:
        analysis = transcriber.analyze(text, **options)
        yield encode(_as_json(analysis, transcriber.transcribe(text, **options)))


def _json_encoder() -> Callable[[object], str]:
    from json import JSONEncoder  # noqa: PLC0415 - see the module's docstring

    return JSONEncoder(ensure_ascii=False).encode


def _str(text: bytes | str) -> str:
    """A text that the core has taken."""
    return text.decode() if isinstance(text, bytes) else text


def _write_answers(answers: Iterator[str], place: str, first: int | None = None) -> None:
    """Writes a line for each answer, also for those before an error.

    An error names the place; with a number for the first text, also the number of the bad one.
    """
    lines: list[str] = []

    def bad(_: KilophoneError) -> str:
        return place if first is None else f"{place} {first + len(lines)}"

    with _named_errors(bad):
        try:
            for answer in answers:
                lines.append(answer)  # noqa: PERF402 - what came before an error is kept
        finally:
            _write("".join(f"{line}\n" for line in lines))


def _write(output: str) -> None:
    # UTF-8 whatever the locale: IPA fits into no other encoding that a console may have.
    sys.stdout.buffer.write(output.encode())
    sys.stdout.buffer.flush()


@contextmanager
def _named_errors(place: Callable[[KilophoneError], str]) -> Iterator[None]:
    """Turns errors of the library into those of the command line, with their place."""
    try:
        yield
    except UnknownLanguageError as error:
        raise _UsageError(str(error)) from error
    except KilophoneError as error:
        raise _InputError(f"{place(error)}: {error}") from error


def _read_chunks(file: str, name: str) -> Iterator[bytes]:
    """Gives a file without its byte order mark, as much of it as is there at a time.

    A pipe is not waited for until a chunk is full.
    """
    try:
        with _open_input(file) as stream:
            if stream.peek(len(_BYTE_ORDER_MARK)).startswith(_BYTE_ORDER_MARK):
                stream.read(len(_BYTE_ORDER_MARK))
            while chunk := stream.read1(_BLOCK_BYTES):
                yield chunk
    except OSError as error:
        raise _InputError(f"{name}: {error.strerror or error}") from error


def _read_blocks(file: str, name: str) -> Iterator[tuple[list[bytes], int]]:
    """Gives the lines of a file, as many as are there at a time, and the bytes read for them."""
    unfinished: list[bytes] = []  # pieces of a line that goes on
    for chunk in _read_chunks(file, name):
        head, *rest = chunk.split(b"\n")
        unfinished.append(head)
        lines = []
        if rest:
            lines = [b"".join(unfinished), *rest[:-1]]
            unfinished = [rest[-1]]
        yield [line.removesuffix(b"\r") for line in lines], len(chunk)
    last = b"".join(unfinished)
    if last:
        yield [last], 0


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
                "spoken": word.spoken,
                "start": word.start,
                "end": word.end,
                "language": word.language,
                "source": word.source,
                "output": word.output,
                "phonemes": [
                    {
                        "spelling": phoneme.spelling,
                        "stress": phoneme.stress,
                        "start": phoneme.start,
                        "end": phoneme.end,
                    }
                    for phoneme in word.phonemes
                ],
            }
            for word in analysis.words
        ],
    }


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"kilophone: {message}\n")
    return code
