"""Text to IPA (grapheme-to-phoneme) in kilobytes.

>>> import kilophone
>>> kilophone.transcribe("Hello, world!")
'həˈloʊ, ˈwɝld!'

Nothing is loaded at import; the first call of a thread opens a transcriber for it.
"""

from __future__ import annotations

from threading import local as _local

from ._errors import (
    ClosedError,
    InvalidArgumentError,
    InvalidTextError,
    KilophoneError,
    LimitError,
    OutOfMemoryError,
    PackError,
    TextError,
    UnknownCharacterError,
    UnknownLanguageError,
    UnsupportedFormatError,
    UnsupportedKernelsError,
)
from ._facts import Status
from ._native import __version__
from ._transcriber import Transcriber

TYPE_CHECKING = False  # see _options
if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Unpack

    from ._analysis import Analysis, Phoneme, Span
    from ._facts import Format, Punctuation, Stress, Unknown
    from ._options import Options
    from ._transcriber import Text

__all__ = [
    "Analysis",
    "ClosedError",
    "InvalidArgumentError",
    "InvalidTextError",
    "KilophoneError",
    "LimitError",
    "OutOfMemoryError",
    "PackError",
    "Phoneme",
    "Span",
    "Status",
    "TextError",
    "Transcriber",
    "UnknownCharacterError",
    "UnknownLanguageError",
    "UnsupportedFormatError",
    "UnsupportedKernelsError",
    "__version__",
    "analyze",
    "transcribe",
    "transcribe_many",
]


class _ThreadState(_local):
    """The transcriber of the module's functions, one a thread; freed when the thread ends."""

    transcriber: Transcriber | None = None


_state = _ThreadState()


def _transcriber_of_thread() -> Transcriber:
    if _state.transcriber is None:
        _state.transcriber = Transcriber()
    return _state.transcriber


def transcribe(
    text: Text,
    *,
    format: Format = "ipa",
    stress: Stress = "syllable",
    separator: str | None = None,
    punctuation: Punctuation = "keep",
    unknown: Unknown = "keep",
    language: str | None = None,
) -> str:
    """Gives the phonemes of a text.

    Args:
        text: ``str``, or ``bytes`` in UTF-8, of any length.
        format: "ipa", or "arpabet" (English only; words are two spaces apart).
        stress: Where stress marks stand: "syllable" (həˈloʊ), "vowel" (həlˈoʊ) or "none".
        separator: What stands between the phonemes of a word, at most 64 bytes; None for the
            format's own: nothing in IPA, a space in ARPAbet.
        punctuation: "keep" leaves punctuation and white space as they are; "drop" puts one space
            between words.
        unknown: What becomes of characters without a reading (digits, symbols, other scripts):
            "keep", "drop" or "error".
        language: Tag of a pack, such as "en-us"; None takes each word by its script.

    Raises:
        InvalidTextError: The text is not UTF-8 or has a lone surrogate.
        UnknownCharacterError: A character has no reading, and ``unknown`` is "error".
        UnsupportedFormatError: The language of a word has no spelling in the format.
        UnknownLanguageError: There is no pack of the language.
        LimitError: The separator is too long.
        ValueError: An option is not one of its choices.
    """
    return _transcriber_of_thread().transcribe(
        text,
        format=format,
        stress=stress,
        separator=separator,
        punctuation=punctuation,
        unknown=unknown,
        language=language,
    )


def transcribe_many(texts: Iterable[Text], **options: Unpack[Options]) -> list[str]:
    """Gives the phonemes of each text, faster than one by one where texts are short.

    Takes the options of :func:`transcribe` and raises the same errors; a fault in any of the
    texts fails the call, and the error's ``text_index`` says in which.
    """
    return _transcriber_of_thread().transcribe_many(texts, **options)


def analyze(text: Text, **options: Unpack[Options]) -> Analysis:
    """Takes a text apart: its words and what is between, with offsets, language and phonemes.

    Takes the options of :func:`transcribe` and raises the same errors, and LimitError when the
    text or the result reaches 4 GiB.
    """
    return _transcriber_of_thread().analyze(text, **options)


def __getattr__(name: str) -> object:
    # The result types are dataclasses, which take longer to import than all the rest.
    if name in {"Analysis", "Phoneme", "Span"}:
        from . import _analysis  # noqa: PLC0415

        value: object = getattr(_analysis, name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
