"""The transcriber: types in, one call, status out. The text's logic is in the core."""

from __future__ import annotations

import sys
from threading import Lock

from . import _errors, _facts, _native, _options

TYPE_CHECKING = False  # see _options
if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Iterator, Sequence
    from os import PathLike
    from types import ModuleType, TracebackType
    from typing import Protocol, TypeAlias

    from typing_extensions import Self, Unpack

    from ._analysis import Alternative, Analysis
    from ._facts import Format, Kernels
    from ._options import BackendName, EncodedOptions, Options

    Text: TypeAlias = str | bytes
    Pack: TypeAlias = bytes | bytearray | memoryview | str | PathLike[str]

    class Handle(Protocol):
        """An open transcriber of a backend.

        Calls give the status, the output, and the place of a fault (text, byte). A handle may be
        shared by threads: it is locked during a call.
        """

        @property
        def byte_order(self) -> str: ...
        def transcribe(
            self, text: bytes, options: EncodedOptions
        ) -> tuple[int, bytes, int, int]: ...
        def normalize(
            self, text: bytes, options: EncodedOptions
        ) -> tuple[int, bytes, int, int]: ...
        def transcribe_many(
            self, texts: list[bytes], options: EncodedOptions
        ) -> tuple[int, bytes, list[int], int, int]: ...
        def analyze(self, text: bytes, options: EncodedOptions) -> tuple[int, bytes, int, int]: ...
        def alternatives(
            self, word: bytes, count: int, options: EncodedOptions
        ) -> tuple[int, bytes, int, int]: ...
        def word_logits(
            self, word: bytes, options: EncodedOptions
        ) -> tuple[int, bytes, int, int]: ...
        def transcribe_part(
            self,
            text: bytes,
            is_first: bool,  # noqa: FBT001 - the C ABI has no keywords
            is_last: bool,  # noqa: FBT001
            options: EncodedOptions,
        ) -> tuple[int, bytes, int, int]:
            """Gives the bytes of text consumed in the third place."""

        def lexicon_add(
            self, word: bytes, spelling: bytes, options: EncodedOptions
        ) -> tuple[int, int]: ...
        def lexicon_load(self, lines: bytes, options: EncodedOptions) -> tuple[int, int, int]:
            """Gives how many words were added in the second place."""

        def lexicon_clear(self) -> int: ...
        def close(self) -> None: ...


_BUFFERS = (bytes, bytearray, memoryview)
_STREAM_PIECE = 1 << 16
"""Most characters or bytes of a stream that are worked on at once."""


class Transcriber:
    """Turns text into phonemes.

    A transcriber holds its packs, its scratch memory, a cache of words and the caller's lexicon. It
    may be shared by threads, which then take turns; for speed give each thread its own. Close it,
    or use it as a context manager, to free the memory at once.

    Args:
        packs: Packs (``.kph``) as bytes or paths, one a language; None for those that come with
            the library (``en-us`` and ``ko``).
        backend: "native", or "wasm" for the WebAssembly build in wasmtime (``kilophone[wasm]``).
            Both give the same answers.
        cache_words: How many words are remembered; None for the default, 0 for none.
        kernels: The vector kernels: "best", "portable", "x86_64_v2" or "x86_64_v3". They differ
            in speed alone.
        lexicon_bytes: Memory for the words of ``add`` and ``load_lexicon``; None for the default
            of 65,536, enough for some 2,000.

    Raises:
        PackError: A pack is truncated, corrupt, newer than the library, or of a language that
            it has no rules for or that another pack has already.
        UnsupportedKernelsError: The processor does not have the kernels.
        LimitError: ``cache_words`` or ``lexicon_bytes`` is larger than the library allows.
        ValueError: An argument is not one of its choices, or negative.
        ImportError: The backend is "wasm", and wasmtime is not installed.
        OSError: The file of a pack cannot be read.
    """

    __slots__ = ("__weakref__", "_backend", "_closed", "_handle", "_streaming")

    def __init__(
        self,
        packs: Sequence[Pack] | None = None,
        *,
        backend: BackendName = "native",
        cache_words: int | None = None,
        kernels: Kernels = "best",
        lexicon_bytes: int | None = None,
    ) -> None:
        self._closed = True  # until open: closing what failed to open is allowed
        self._streaming = Lock()  # held by the stream that is under way
        kernels_number = _options.choice("kernels", kernels, _facts.KERNELS)
        cache = _options.encode_cache_words(cache_words)
        lexicon = _options.encode_lexicon_bytes(lexicon_bytes)
        self._backend = _load_backend(backend)
        contents = [] if packs is None else _read_packs(packs)
        status, handle = self._backend.open_transcriber(contents, kernels_number, cache, lexicon)
        if handle is None:
            message = self._backend.status_message(status)
            if packs is not None and len(packs) == 1 and not isinstance(packs[0], _BUFFERS):
                message += f": {packs[0]}"
            raise _errors.error(status, message)
        self._handle: Handle = handle
        self._closed = False

    def transcribe(self, text: Text, **options: Unpack[Options]) -> str:
        """Gives the phonemes of a text; see :func:`kilophone.transcribe`."""
        encoded = _options.encode(**options)
        data = _utf8(text)
        status, output, _, position = self._handle.transcribe(data, encoded)
        if status:
            raise self._error(status, [data], 0, position)
        return output.decode()

    def transcribe_many(self, texts: Iterable[Text], **options: Unpack[Options]) -> list[str]:
        """Gives the phonemes of each text; see :func:`kilophone.transcribe_many`."""
        if isinstance(texts, (str, bytes)):
            raise TypeError("texts is an iterable of texts, not one text; use transcribe")
        encoded = _options.encode(**options)
        data = [_utf8(text) for text in texts]
        status, output, ends, text_index, position = self._handle.transcribe_many(data, encoded)
        if status:
            raise self._error(status, data, text_index, position)
        answers = []
        start = 0
        for end in ends:
            answers.append(output[start:end].decode())
            start = end
        return answers

    def stream(self, chunks: Iterable[Text], **options: Unpack[Options]) -> Iterator[str]:
        """Gives the phonemes of a text that comes in chunks; see :func:`kilophone.stream`.

        A transcriber has one stream at a time, which begins when its first output is asked for and
        ends with its last, with an error, or when the iterator is closed or freed. Other calls may
        come between.

        Raises:
            BusyError: Another stream of this transcriber has begun and not ended.
            Others: As for :func:`kilophone.stream`.
        """
        if isinstance(chunks, (str, bytes)):
            raise TypeError("chunks is an iterable of texts, not one text; use transcribe")
        return self._stream(chunks, _options.encode(**options))

    def _stream(self, chunks: Iterable[Text], options: EncodedOptions) -> Iterator[str]:
        if not self._streaming.acquire(blocking=False):
            message = "another stream of this transcriber is not at its end"
            raise _errors.error(_facts.Status.INVALID_ARGUMENT, message, of=_errors.BusyError)
        try:
            rest = b""
            start = 0  # of the rest, in bytes of the whole text
            for piece in _pieces(chunks):
                rest += piece
                output, consumed = self._part(rest, start, options)
                rest = rest[consumed:]
                start += consumed
                if output:
                    yield output
            output, _ = self._part(rest, start, options, is_last=True)
            if output:
                yield output
        finally:
            self._streaming.release()

    def _part(
        self, text: bytes, start: int, options: EncodedOptions, *, is_last: bool = False
    ) -> tuple[str, int]:
        # Until something has been consumed, beginning anew changes nothing.
        part = self._handle.transcribe_part(text, start == 0, is_last, options)
        status, output, consumed, position = part
        if status:
            raise self._error(status, [text], 0, position, start=start)
        return output.decode(), consumed

    def normalize(self, text: Text, **options: Unpack[Options]) -> str:
        """Gives a text with its written forms in words; see :func:`kilophone.normalize`."""
        encoded = _options.encode(**options)
        data = _utf8(text)
        status, output, _, position = self._handle.normalize(data, encoded)
        if status:
            raise self._error(status, [data], 0, position)
        return output.decode()

    def analyze(self, text: Text, **options: Unpack[Options]) -> Analysis:
        """Takes a text apart into words and what is between; see :func:`kilophone.analyze`."""
        encoded = _options.encode(**options)
        data = _utf8(text)
        status, records, _, position = self._handle.analyze(data, encoded)
        if status:
            raise self._error(status, [data], 0, position)
        from ._analysis import decode  # noqa: PLC0415 - slow to import

        return decode(data, records, self._handle.byte_order)

    def alternatives(self, word: Text, n: int = 5, **options: Unpack[Options]) -> list[Alternative]:
        """Gives the most probable pronunciations of a word; see :func:`kilophone.alternatives`."""
        encoded = _options.encode(**options)
        if not 1 <= n <= _facts.ALTERNATIVES_MAX:
            raise ValueError(f"n must be between 1 and {_facts.ALTERNATIVES_MAX}, not {n}")
        data = _utf8(word)
        status, records, _, position = self._handle.alternatives(data, n, encoded)
        if status:
            raise self._error(status, [data], 0, position)
        from ._analysis import decode_alternatives  # noqa: PLC0415 - slow to import

        return decode_alternatives(records, self._handle.byte_order)

    def add(
        self, word: Text, spelling: Text, *, format: Format = "ipa", language: str | None = None
    ) -> None:
        """Adds a word to the lexicon of this transcriber, in place of an earlier one.

        The lexicon comes before the dictionary and the model. It is looked up by letters:
        capitals and accents do not matter. It also holds for English possessives: with "Nguyen"
        there, "Nguyen's" follows.

        Args:
            word: One word of one script.
            spelling: Its pronunciation, such as "wɪn".
            format: The alphabet of the spelling: "ipa", "arpabet", "xsampa", "espeak" or "kokoro".
            language: Tag of an open pack; None for that of the word's script.

        Raises:
            InvalidSpellingError: The spelling has something that is no phoneme of the language.
            InvalidArgumentError: The text is not one word.
            UnsupportedFormatError: The language has no such spellings.
            LimitError: The lexicon is full: see ``lexicon_bytes`` of the transcriber.
            InvalidTextError, UnknownLanguageError, ClosedError: As for ``transcribe``.
        """
        options = _options.encode(format=format, language=language)
        data = _utf8(word)
        status, position = self._handle.lexicon_add(data, _utf8(spelling), options)
        if status:
            raise self._error(status, [data], 0, position)

    def load_lexicon(
        self,
        lines: Text | Iterable[Text],
        *,
        format: Format = "ipa",
        language: str | None = None,
    ) -> int:
        """Adds the words of a lexicon, as ``add`` does.

        A line is ``WORD TAB SPELLING``, and if wanted ``TAB LANGUAGE TAB FORMAT``. Empty lines and
        those that begin with # are left out; of lines with the same word the last counts.

        Args:
            lines: The lexicon as a text, or its lines, such as an open file.
            format: The alphabet of the spellings of lines that name none.
            language: Language of the words of lines that name none; None for that of the script.

        Returns:
            How many words were added.

        Raises:
            InvalidLexiconError: A line is not as above.
            Others: As for ``add``; the position is in the lexicon, and the lines before it have
                been added.
        """
        options = _options.encode(format=format, language=language)
        data = _utf8(lines) if isinstance(lines, (str, bytes)) else _joined_lines(lines)
        status, count, position = self._handle.lexicon_load(data, options)
        if status:
            line = 1 + data.count(b"\n", 0, position)
            where = f"line {line}, byte {position}"
            raise self._error(status, [data], 0, position, where=where)
        return count

    def clear_lexicon(self) -> None:
        """Forgets all words of the lexicon."""
        status = self._handle.lexicon_clear()
        if status:
            raise self._error(status, [], 0, 0)

    def word_logits(self, word: Text, language: str | None = None) -> array[float]:
        """Gives the model's raw scores for one word, for tests and research.

        Args:
            word: One word of one script. The cache plays no part.
            language: Tag of an open pack; None for that of the word's script.

        Returns:
            ``array("f")``: float32 logits of the greedy decoding, step after step. A step has one
            value for the end token and one for each phoneme of the pack, in its order.

        Raises:
            InvalidArgumentError: The text is not one word.
            TextError, UnknownLanguageError, ClosedError: As for ``transcribe``.
        """
        data = _utf8(word)
        status, output, _, position = self._handle.word_logits(
            data, _options.encode(language=language)
        )
        if status:
            raise self._error(status, [data], 0, position)
        from array import array  # noqa: PLC0415 - as rare as the call

        logits = array("f", output)
        if self._handle.byte_order != sys.byteorder:
            logits.byteswap()
        return logits

    def _word_ranks(
        self, word: str, spelling: str, format: Format = "arpabet"
    ) -> list[tuple[int, float]]:
        """Gives how the model ranks each phoneme of a spelling, for building packs.

        For each step, that of the end token included where there is one: how many tokens come
        before the one wanted, and how much larger the largest logit is than the second.
        """
        if not isinstance(self._handle, _native.Handle):
            raise NotImplementedError("word ranks are in the native backend only")
        data = _utf8(word)
        status, ranks, position = self._handle.word_ranks(
            data, _utf8(spelling), _options.encode(format=format)
        )
        if status:
            raise self._error(status, [data], 0, position)
        return ranks

    @property
    def version(self) -> str:
        """Version of the core that the backend runs."""
        return str(self._backend.version())

    @property
    def closed(self) -> bool:
        """Whether the transcriber has been closed."""
        return self._closed

    def close(self) -> None:
        """Frees the memory; waits for a call in another thread. Closing twice is allowed."""
        if not self._closed:
            self._closed = True
            self._handle.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _error(
        self,
        status: int,
        texts: list[bytes],
        text_index: int,
        position: int,
        *,
        start: int = 0,
        where: str | None = None,
    ) -> _errors.KilophoneError:
        if self._closed and status == _facts.Status.INVALID_ARGUMENT:
            return _errors.error(status, "the transcriber is closed", of=_errors.ClosedError)
        message = self._backend.status_message(status)
        return _errors.text_error(
            status, message, texts, text_index, position, start=start, where=where
        )


def _load_backend(name: str) -> ModuleType:
    if name == "native":
        return _native
    if name == "wasm":
        from . import _wasm  # noqa: PLC0415 - needs wasmtime, which is optional

        return _wasm
    raise ValueError(_options.not_a_choice("backend", name, _options.BACKENDS))


def _read_packs(packs: Sequence[Pack]) -> list[bytes]:
    if isinstance(packs, (str, *_BUFFERS)) or hasattr(packs, "__fspath__"):
        raise TypeError("packs is a sequence of packs, not one pack: write [pack]")
    if not packs:
        raise ValueError("packs is empty; None stands for the packs that come with the library")
    return [_read_pack(pack) for pack in packs]


def _read_pack(pack: Pack) -> bytes:
    if isinstance(pack, _BUFFERS):
        return bytes(pack)
    with open(pack, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
        return file.read()


def _utf8(text: Text) -> bytes:
    """Gives a text in UTF-8; lone surrogates are left for the core to find."""
    if isinstance(text, str):
        return text.encode("utf-8", "surrogatepass")
    if isinstance(text, bytes):
        return text
    raise TypeError(f"a text is str or bytes, not {type(text).__name__}")


def _pieces(chunks: Iterable[Text]) -> Iterator[bytes]:
    """Gives the chunks in UTF-8, large ones in pieces."""
    for chunk in chunks:
        for at in range(0, len(chunk), _STREAM_PIECE):
            yield _utf8(chunk[at : at + _STREAM_PIECE])


def _joined_lines(lines: Iterable[Text]) -> bytes:
    """Joins lines, whether they end in a line feed or not."""
    data = [_utf8(line) for line in lines]
    return b"".join(line if line.endswith(b"\n") else line + b"\n" for line in data)
