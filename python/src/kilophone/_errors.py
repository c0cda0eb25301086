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


class BusyError(KilophoneError, RuntimeError):
    """The transcriber has a stream that is not at its end, and cannot begin another."""


class TextError(KilophoneError, ValueError):
    """Something in a text.

    Attributes:
        position: Offset of the fault in the UTF-8 bytes of the text; of a stream, in all of it.
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


class InvalidSpellingError(TextError):
    """A spelling has something that is no phoneme of the language in the format.

    ``position`` is in the spelling; in the lexicon or the text when the spelling stands in one.
    """


class InvalidLexiconError(TextError):
    """A line of a lexicon is not a word, a tab and its spelling.

    ``position`` is in the lexicon. The lines before have been added.
    """


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
    Status.INVALID_SPELLING: InvalidSpellingError,
    Status.INVALID_LEXICON: InvalidLexiconError,
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
    status: int,
    message: str,
    texts: list[bytes],
    text_index: int,
    position: int,
    *,
    start: int = 0,
    where: str | None = None,
) -> KilophoneError:
    """Makes the exception of a status of a call on texts, naming the place of the fault.

    Positions count from ``start`` bytes before the texts that are given. ``where`` is the place in
    other words, and then named whatever the fault.
    """
    kind = _CLASSES.get(status, KilophoneError)
    if not issubclass(kind, TextError):
        return error(status, f"{message}: {where}" if where else message)
    where = where or f"byte {position}"
    if len(texts) > 1:
        where += f" of text {text_index}"
    character = ""
    if kind is UnknownCharacterError:
        rest = texts[text_index][position - start :][:4]
        character = rest.decode("utf-8", "ignore")[:1]
        where = f"{character!r} (U+{ord(character):04X}) at {where}" if character else where
    made = error(status, f"{message}: {where}")
    # The class is known to have them; spelled out for attributes set after construction.
    if isinstance(made, TextError):
        made.position, made.text_index = position, text_index
    if isinstance(made, UnknownCharacterError):
        made.character = character
    return made
