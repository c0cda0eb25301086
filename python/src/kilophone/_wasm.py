"""The wasm backend: what ``_native`` does, through wasmtime.

The module imports nothing and exports its memory, so the whole of the binding is copying bytes in
and out. Memory may grow in every call, so nothing here keeps a view of it.
"""

from __future__ import annotations

import struct
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from ._facts import FAULT_LAYOUT, LIMITS_LAYOUT, OPTIONS_LAYOUT, Status

try:
    import wasmtime
except ImportError as error:
    message = 'backend="wasm" needs wasmtime: pip install "kilophone[wasm]"'
    raise ImportError(message) from error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ._options import EncodedOptions

_OPTIONS = struct.Struct("<" + OPTIONS_LAYOUT)
_LIMITS = struct.Struct("<" + LIMITS_LAYOUT)
_FAULT = struct.Struct("<" + FAULT_LAYOUT)
_U32 = struct.Struct("<I")

_NUMBERS_FIRST = 4
_SLICES_FIRST = 4
"""The options before the strings of kp_options; the others are behind them."""

_ADDRESS_MAX = 0xFFFFFFFF

# As in native/lib.rs: how much output to allow for at first.
_OUTPUT_RATIO = 4
_ANALYSIS_RATIO = 32
_ANALYSIS_GUESS_MAX = 64 << 20
_LOGITS_GUESS = 1024
_ALTERNATIVES_GUESS = 2048


class _OutOfMemoryError(Exception):
    """kp_alloc gave NULL; becomes a status before it leaves this module."""


class _Instance:
    """One instance of the module, with a memory of its own."""

    def __init__(self, engine: wasmtime.Engine, module: wasmtime.Module) -> None:
        self._store = wasmtime.Store(engine)
        self._exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        self._memory = cast("wasmtime.Memory", self._exports["memory"])

    def call(self, function: str, *arguments: int) -> int:
        """Calls an exported function; numbers are unsigned on both sides."""
        exported = cast("Callable[..., Any]", self._exports[function])
        result = exported(self._store, *arguments)
        return 0 if result is None else int(result) & _ADDRESS_MAX

    def read(self, address: int, length: int) -> bytes:
        return bytes(self._memory.read(self._store, address, address + length))

    def write(self, address: int, data: bytes) -> None:
        if data:
            self._memory.write(self._store, data, address)

    def read_u32(self, address: int) -> int:
        return int(_U32.unpack(self.read(address, 4))[0])

    def read_string(self, address: int) -> str:
        """Reads a static string, which ends in a NUL."""
        data = b""
        while b"\0" not in data:
            piece = self.read(address + len(data), 64)
            if not piece:
                break
            data += piece
        return data.partition(b"\0")[0].decode()

    def alloc(self, length: int) -> int:
        # At least a byte, so that the address of an empty string is one, too.
        address = self.call("kp_alloc", max(length, 1)) if length <= _ADDRESS_MAX else 0
        if not address:
            raise _OutOfMemoryError
        return address

    def free(self, address: int, length: int) -> None:
        self.call("kp_free", address, max(length, 1))

    @contextmanager
    def block(self, length: int) -> Iterator[int]:
        """Memory of the module for the time of a call."""
        address = self.alloc(length)
        try:
            yield address
        finally:
            self.free(address, length)

    @contextmanager
    def strings(self, strings: list[bytes]) -> Iterator[list[int]]:
        """Copies strings into the module's memory for the time of a call; gives their addresses."""
        joined = b"".join(strings)
        with self.block(len(joined)) as address:
            self.write(address, joined)
            addresses = []
            end = address
            for string in strings:
                addresses.append(end)
                end += len(string)
            yield addresses


class Handle:
    """An open transcriber."""

    byte_order = "little"  # of WebAssembly, whatever the machine

    def __init__(self, instance: _Instance, transcriber: int, packs: list[tuple[int, int]]) -> None:
        self._lock = Lock()
        self._instance: _Instance | None = instance
        self._transcriber = transcriber
        self._packs = packs

    def transcribe(self, text: bytes, options: EncodedOptions) -> tuple[int, bytes, int, int]:
        guess = len(text) * _OUTPUT_RATIO + 64
        return self._call_on_text("kp_transcribe", text, options, guess)

    def normalize(self, text: bytes, options: EncodedOptions) -> tuple[int, bytes, int, int]:
        guess = len(text) * _OUTPUT_RATIO + 64
        return self._call_on_text("kp_normalize", text, options, guess)

    def analyze(self, text: bytes, options: EncodedOptions) -> tuple[int, bytes, int, int]:
        guess = min(len(text) * _ANALYSIS_RATIO, _ANALYSIS_GUESS_MAX) + 1024
        return self._call_on_text("kp_analyze", text, options, guess)

    def alternatives(
        self, word: bytes, count: int, options: EncodedOptions
    ) -> tuple[int, bytes, int, int]:
        return self._call_on_text(
            "kp_alternatives", word, options, _ALTERNATIVES_GUESS, arguments=(count,)
        )

    def word_logits(self, word: bytes, options: EncodedOptions) -> tuple[int, bytes, int, int]:
        return self._call_on_text("kp_word_logits", word, options, _LOGITS_GUESS, item_bytes=4)

    def transcribe_many(
        self, texts: list[bytes], options: EncodedOptions
    ) -> tuple[int, bytes, list[int], int, int]:
        count = len(texts)
        array = struct.Struct(f"<{count}I")
        ends: list[int] = []
        guess = sum(map(len, texts)) * _OUTPUT_RATIO + 64

        def call(instance: _Instance, options_at: int) -> tuple[int, bytes]:
            with (
                instance.strings(texts) as addresses,
                instance.block(array.size) as texts_at,
                instance.block(array.size) as lens_at,
                instance.block(array.size) as ends_at,
            ):
                instance.write(texts_at, array.pack(*addresses))
                instance.write(lens_at, array.pack(*map(len, texts)))
                head = (self._transcriber, texts_at, lens_at, count, options_at)
                answer = _call_for_output(
                    instance, "kp_transcribe_many", head, guess, tail=(ends_at,)
                )
                ends[:] = array.unpack(instance.read(ends_at, array.size))
                return answer

        status, output, text_index, position = self._locked(options, call)
        return status, output, ends, text_index, position

    def transcribe_part(
        self,
        text: bytes,
        is_first: bool,  # noqa: FBT001 - the C ABI has no keywords
        is_last: bool,  # noqa: FBT001
        options: EncodedOptions,
    ) -> tuple[int, bytes, int, int]:
        consumed = 0
        guess = len(text) * _OUTPUT_RATIO + 64

        def call(instance: _Instance, options_at: int) -> tuple[int, bytes]:
            nonlocal consumed
            with instance.strings([text]) as (text_at,), instance.block(4) as consumed_at:
                head = (self._transcriber, text_at, len(text), is_first, is_last, options_at)
                answer = _call_for_output(
                    instance, "kp_transcribe_part", head, guess, end=(consumed_at,)
                )
                consumed = instance.read_u32(consumed_at)
                return answer

        status, output, _, position = self._locked(options, call)
        return status, output, consumed, position

    def lexicon_add(self, word: bytes, spelling: bytes, options: EncodedOptions) -> tuple[int, int]:
        def call(instance: _Instance, options_at: int) -> tuple[int, bytes]:
            with instance.strings([word, spelling]) as (word_at, spelling_at):
                arguments = (word_at, len(word), spelling_at, len(spelling), options_at)
                return instance.call("kp_lexicon_add", self._transcriber, *arguments), b""

        status, _, _, position = self._locked(options, call)
        return status, position

    def lexicon_load(self, lines: bytes, options: EncodedOptions) -> tuple[int, int, int]:
        count = 0

        def call(instance: _Instance, options_at: int) -> tuple[int, bytes]:
            nonlocal count
            with instance.strings([lines]) as (lines_at,), instance.block(4) as count_at:
                arguments = (lines_at, len(lines), options_at, count_at)
                status = instance.call("kp_lexicon_load", self._transcriber, *arguments)
                count = instance.read_u32(count_at)
                return status, b""

        status, _, _, position = self._locked(options, call)
        return status, count, position

    def lexicon_clear(self) -> int:
        with self._lock:
            if self._instance is None:
                return Status.INVALID_ARGUMENT
            self._instance.call("kp_lexicon_clear", self._transcriber)
            return Status.OK

    def close(self) -> None:
        with self._lock:
            instance, self._instance = self._instance, None
            if instance is not None:
                instance.call("kp_close", self._transcriber)
                for address, length in self._packs:
                    instance.free(address, length)

    def _call_on_text(
        self,
        function: str,
        text: bytes,
        options: EncodedOptions,
        guess: int,
        *,
        arguments: tuple[int, ...] = (),
        item_bytes: int = 1,
    ) -> tuple[int, bytes, int, int]:
        def call(instance: _Instance, options_at: int) -> tuple[int, bytes]:
            with instance.strings([text]) as (text_at,):
                head = (self._transcriber, text_at, len(text), *arguments, options_at)
                return _call_for_output(instance, function, head, guess, item_bytes=item_bytes)

        return self._locked(options, call)

    def _locked(
        self, options: EncodedOptions, call: Callable[[_Instance, int], tuple[int, bytes]]
    ) -> tuple[int, bytes, int, int]:
        """Makes a call with the options in place; gives its answer and the place of a fault."""
        with self._lock:
            instance = self._instance
            if instance is None:
                return Status.INVALID_ARGUMENT, b"", 0, 0
            try:
                with _written_options(instance, options) as options_at:
                    status, output = call(instance, options_at)
                if status == Status.OK:
                    return status, output, 0, 0
                with instance.block(_FAULT.size) as fault_at:
                    instance.call("kp_last_fault", self._transcriber, fault_at)
                    text_index, position = _FAULT.unpack(instance.read(fault_at, _FAULT.size))
            except _OutOfMemoryError:
                return Status.OUT_OF_MEMORY, b"", 0, 0
            return status, b"", text_index, position


def open_transcriber(
    packs: list[bytes], kernels: int, cache_words: int, lexicon_bytes: int
) -> tuple[int, Handle | None]:
    """Opens a transcriber in an instance of its own; no packs: those embedded in the module."""
    instance = _Instance(*_compiled())
    count = len(packs)
    array = struct.Struct(f"<{count}I")
    kept: list[tuple[int, int]] = []
    try:
        for pack in packs:
            kept.append((instance.alloc(len(pack)), len(pack)))
            instance.write(kept[-1][0], pack)
        with (
            instance.block(array.size) as packs_at,
            instance.block(array.size) as lens_at,
            instance.block(_LIMITS.size) as limits_at,
            instance.block(4) as out_at,
        ):
            instance.write(packs_at, array.pack(*(address for address, _ in kept)))
            instance.write(lens_at, array.pack(*(length for _, length in kept)))
            limits = (_LIMITS.size, kernels, cache_words, lexicon_bytes)
            instance.write(limits_at, _LIMITS.pack(*limits))
            status = instance.call("kp_open", packs_at, lens_at, count, limits_at, out_at)
            transcriber = instance.read_u32(out_at)
    except _OutOfMemoryError:
        return Status.OUT_OF_MEMORY, None
    # On failure the instance goes, and its memory with it.
    return status, Handle(instance, transcriber, kept) if status == Status.OK else None


@cache
def version() -> str:
    """The version of the core, ``kp_version()``."""
    instance = _Instance(*_compiled())
    return instance.read_string(instance.call("kp_version"))


@cache
def status_message(status: int) -> str:
    """A sentence for a status, ``kp_status_message()``."""
    instance = _Instance(*_compiled())
    return instance.read_string(instance.call("kp_status_message", status))


@contextmanager
def _written_options(instance: _Instance, options: EncodedOptions) -> Iterator[int]:
    numbers, strings = options
    with (
        instance.strings([string or b"" for string in strings]) as places,
        instance.block(_OPTIONS.size) as options_at,
    ):
        slices = []
        for string, place in zip(strings, places, strict=True):
            slices += [0, 0] if string is None else [place, len(string)]
        packed = _OPTIONS.pack(
            _OPTIONS.size,
            *numbers[:_NUMBERS_FIRST],
            0,
            *slices[:_SLICES_FIRST],
            *numbers[_NUMBERS_FIRST:],
            *slices[_SLICES_FIRST:],
        )
        instance.write(options_at, packed)
        yield options_at


def _call_for_output(
    instance: _Instance,
    function: str,
    head: tuple[int, ...],
    capacity: int,
    *,
    tail: tuple[int, ...] = (),
    end: tuple[int, ...] = (),
    item_bytes: int = 1,
) -> tuple[int, bytes]:
    """Calls ``function(*head, out, capacity, *tail, &needed, *end)``.

    Once more, with the room needed, when there was too little.
    """
    status: int = Status.OUT_OF_SPACE
    with instance.block(4) as needed_at:
        for _ in range(2):
            with instance.block(capacity * item_bytes) as out_at:
                status = instance.call(function, *head, out_at, capacity, *tail, needed_at, *end)
                needed = instance.read_u32(needed_at)
                if status == Status.OK:
                    return status, instance.read(out_at, needed * item_bytes)
            if status != Status.OUT_OF_SPACE:
                break
            capacity = needed
    return status, b""


_compile_lock = Lock()
_compiled_module: tuple[wasmtime.Engine, wasmtime.Module] | None = None


def _compiled() -> tuple[wasmtime.Engine, wasmtime.Module]:
    """The module in machine code: compiled once a process, shared by all instances."""
    global _compiled_module  # noqa: PLW0603 - a cache of what never changes
    with _compile_lock:
        if _compiled_module is None:
            engine = wasmtime.Engine()
            _compiled_module = engine, wasmtime.Module(engine, _module_path().read_bytes())
        return _compiled_module


def _module_path() -> Path:
    return Path(__file__).with_name("kilophone.wasm")
