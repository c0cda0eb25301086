"""The transcriber: types in, one call, status out. The text's logic is in the core."""

from __future__ import annotations

import sys

from . import _errors, _facts, _native, _options

TYPE_CHECKING = False  # see _options
if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Sequence
    from os import PathLike
    from types import ModuleType, TracebackType
    from typing import Protocol, TypeAlias

    from typing_extensions import Self, Unpack

    from ._analysis import Analysis
    from ._facts import Format, Kernels, Punctuation, Stress, Unknown
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
        def transcribe_many(
            self, texts: list[bytes], options: EncodedOptions
        ) -> tuple[int, bytes, list[int], int, int]: ...
        def analyze(self, text: bytes, options: EncodedOptions) -> tuple[int, bytes, int, int]: ...
        def word_logits(
            self, word: bytes, options: EncodedOptions
        ) -> tuple[int, bytes, int, int]: ...
        def close(self) -> None: ...


_BUFFERS = (bytes, bytearray, memoryview)


class Transcriber:
    """Turns text into phonemes.

    A transcriber holds its packs, its scratch memory and a cache of words. It may be shared by
    threads, which then take turns; for speed give each thread its own. Close it, or use it as a
    context manager, to free the memory at once.

    Args:
        packs: Packs (``.kph``) as bytes or paths, one a language; None for those that come with
            the library (``en-us`` and ``ko``).
        backend: "native", or "wasm" for the WebAssembly build in wasmtime (``kilophone[wasm]``).
            Both give the same answers.
        cache_words: How many words are remembered; None for the default of 4096, 0 for none.
        kernels: The vector kernels: "best", "portable", "x86_64_v2" or "x86_64_v3". They differ
            in speed alone.

    Raises:
        PackError: A pack is truncated, corrupt, newer than the library, or of a language that
            it has no rules for or that another pack has already.
        UnsupportedKernelsError: The processor does not have the kernels.
        LimitError: ``cache_words`` is larger than the library allows.
        ValueError: ``backend``, ``kernels`` or ``cache_words`` is not one of its choices.
        ImportError: The backend is "wasm", and wasmtime is not installed.
        OSError: The file of a pack cannot be read.
    """

    __slots__ = ("__weakref__", "_backend", "_closed", "_handle")

    def __init__(
        self,
        packs: Sequence[Pack] | None = None,
        *,
        backend: BackendName = "native",
        cache_words: int | None = None,
        kernels: Kernels = "best",
    ) -> None:
        self._closed = True  # until open: closing what failed to open is allowed
        kernels_number = _options.choice("kernels", kernels, _facts.KERNELS)
        cache = _options.encode_cache_words(cache_words)
        self._backend = _load_backend(backend)
        contents = [] if packs is None else _read_packs(packs)
        status, handle = self._backend.open_transcriber(contents, kernels_number, cache)
        if handle is None:
            message = self._backend.status_message(status)
            if packs is not None and len(packs) == 1 and not isinstance(packs[0], _BUFFERS):
                message += f": {packs[0]}"
            raise _errors.error(status, message)
        self._handle: Handle = handle
        self._closed = False

    def transcribe(
        self,
        text: Text,
        *,
        format: Format = "ipa",
        stress: Stress = "syllable",
        separator: str | None = None,
        punctuation: Punctuation = "keep",
        unknown: Unknown = "keep",
        language: str | None = None,
    ) -> str:
        """Gives the phonemes of a text; see :func:`kilophone.transcribe`."""
        options = _options.encode(format, stress, separator, punctuation, unknown, language)
        data = _utf8(text)
        status, output, _, position = self._handle.transcribe(data, options)
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

    def analyze(self, text: Text, **options: Unpack[Options]) -> Analysis:
        """Takes a text apart into words and what is between; see :func:`kilophone.analyze`."""
        encoded = _options.encode(**options)
        data = _utf8(text)
        status, records, _, position = self._handle.analyze(data, encoded)
        if status:
            raise self._error(status, [data], 0, position)
        from ._analysis import decode  # noqa: PLC0415 - slow to import

        return decode(data, records, self._handle.byte_order)

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
        self, status: int, texts: list[bytes], text_index: int, position: int
    ) -> _errors.KilophoneError:
        if self._closed and status == _facts.Status.INVALID_ARGUMENT:
            return _errors.error(status, "the transcriber is closed", of=_errors.ClosedError)
        message = self._backend.status_message(status)
        return _errors.text_error(status, message, texts, text_index, position)


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
