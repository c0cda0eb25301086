"""The exceptions, and the one place that makes them from a status of the core."""

from __future__ import annotations

from ._facts import Status


class KilophoneError(Exception):
    """Any failure of the library.

    Attributes:
        status: The core's status; a plain int when the core is newer than this package.
    """

    status: Status | int = Status.INVALID_ARGUMENT


class InvalidArgumentError(KilophoneError, ValueError):
    """A value that a call cannot work with, such as two words where one is asked for."""


class ClosedError(InvalidArgumentError):
    """The transcriber has been closed."""


class TextError(KilophoneError, ValueError):
    """Something in a text.

    Attributes:
        position: Offset of the fault in the UTF-8 bytes of the text.
        text_index: Which of the texts of ``transcribe_many``; 0 for a single text.
    """

    position: int = 0
    text_index: int = 0


class InvalidTextError(TextError):
    """The text is not UTF-8, or is a ``str`` with a lone surrogate."""


class UnknownCharacterError(TextError):
    """A character without a reading, and ``unknown="error"``.

    Attributes:
        character: The character.
    """

    character: str = ""


class UnsupportedFormatError(TextError):
    """The language of a word has no spelling in the format."""


class UnknownLanguageError(KilophoneError, ValueError):
    """The language is not that of an open pack."""


class LimitError(KilophoneError, ValueError):
    """A text or a limit is larger than the library's own limits."""


class PackError(KilophoneError, ValueError):
    """A pack that cannot be used; the status says whether truncated, corrupt, newer, or double."""


class UnsupportedKernelsError(KilophoneError, ValueError):
    """The processor does not have the kernels that were asked for."""


class OutOfMemoryError(KilophoneError, MemoryError):
    """The system has no more memory."""


_CLASSES: dict[int, type[KilophoneError]] = {
    Status.INVALID_UTF8: InvalidTextError,
    Status.UNKNOWN_CHARACTER: UnknownCharacterError,
    Status.UNKNOWN_LANGUAGE: UnknownLanguageError,
    Status.UNSUPPORTED_FORMAT: UnsupportedFormatError,
    Status.INVALID_ARGUMENT: InvalidArgumentError,
    Status.OUT_OF_MEMORY: OutOfMemoryError,
    Status.LIMIT_EXCEEDED: LimitError,
    Status.PACK_TRUNCATED: PackError,
    Status.PACK_CORRUPT: PackError,
    Status.PACK_NEWER: PackError,
    Status.PACK_LANGUAGE: PackError,
    Status.UNSUPPORTED_KERNELS: UnsupportedKernelsError,
}


def error(status: int, message: str, *, of: type[KilophoneError] | None = None) -> KilophoneError:
    """Makes the exception of a status; attributes beyond the status are the caller's to set.

    The exceptions have no constructor of their own, so that they can be pickled.
    """
    made = (of or _CLASSES.get(status, KilophoneError))(message)
    try:
        made.status = Status(status)
    except ValueError:
        made.status = status
    return made


def text_error(
    status: int, message: str, texts: list[bytes], text_index: int, position: int
) -> KilophoneError:
    """Makes the exception of a status of a call on texts, naming the place of the fault."""
    kind = _CLASSES.get(status, KilophoneError)
    if not issubclass(kind, TextError):
        return error(status, message)
    where = f"byte {position}"
    if len(texts) > 1:
        where += f" of text {text_index}"
    character = ""
    if kind is UnknownCharacterError:
        rest = texts[text_index][position : position + 4]
        character = rest.decode("utf-8", "ignore")[:1]
        where = f"{character!r} (U+{ord(character):04X}) at {where}" if character else where
    made = error(status, f"{message}: {where}")
    # The class is known to have them; spelled out for attributes set after construction.
    if isinstance(made, TextError):
        made.position, made.text_index = position, text_index
    if isinstance(made, UnknownCharacterError):
        made.character = character
    return made
