"""Text to IPA (grapheme-to-phoneme) in kilobytes.

>>> import kilophone
>>> kilophone.transcribe("Hello, world!")
'həˈloʊ, ˈwɝld!'

Nothing is loaded at import; the first call of a thread opens a transcriber for it.
"""

from __future__ import annotations

from threading import local as _local

from . import _options
from ._errors import (
    BusyError,
    ClosedError,
    InvalidArgumentError,
    InvalidLexiconError,
    InvalidSpellingError,
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
    from collections.abc import Iterable, Iterator

    from typing_extensions import Unpack

    from ._analysis import Alternative, Analysis, Phoneme, Span
    from ._facts import Format, Punctuation, Stress, Unknown
    from ._options import Options
    from ._transcriber import Text

__all__ = [
    "Alternative",
    "Analysis",
    "BusyError",
    "ClosedError",
    "InvalidArgumentError",
    "InvalidLexiconError",
    "InvalidSpellingError",
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
    "alternatives",
    "analyze",
    "normalize",
    "stream",
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
    syllable_separator: str | None = None,
    word_separator: str | None = None,
    punctuation: Punctuation = "keep",
    unknown: Unknown = "keep",
    language: str | None = None,
    written: bool | None = None,
    homographs: bool | None = None,
    weak_forms: bool | None = None,
    sandhi: bool | None = None,
    narrow: bool | None = None,
    overrides: bool | None = None,
) -> str:
    """Gives the phonemes of a text.

    Args:
        text: ``str``, or ``bytes`` in UTF-8, of any length.
        format: "ipa", "xsampa"; of English also "arpabet" (words are two spaces apart), "espeak"
            (as espeak-ng writes en-us) and "kokoro"; of Korean also "hangul" (as pronounced) and
            "jamo".
        stress: Where stress marks stand: "syllable" (həˈloʊ), "vowel" (həlˈoʊ) or "none".
        separator: What stands between the phonemes of a word, at most 64 bytes; None for the
            format's own: a space in ARPAbet, nothing elsewhere.
        syllable_separator: What stands between the syllables of a word instead of that
            ("." gives hə.ˈloʊ); None for nothing else.
        word_separator: What stands between words instead of white space without a line break;
            None for what the text has, or a space.
        punctuation: "keep" leaves punctuation and white space as they are; "drop" puts one space
            (or the ``word_separator``) between words.
        unknown: What becomes of characters without a reading (symbols, other scripts): "keep",
            "drop" or "error".
        language: Tag of a pack, such as "en-us"; None takes each word by its script.
        written: Whether written forms are read: numbers, dates, amounts, addresses, acronyms and
            symbols. True unless said otherwise, as are the next three.
        homographs: Whether homographs such as "lead" are told apart by their neighbours.
        weak_forms: Whether English function words are weak where they are in speech ("the cat").
        sandhi: Whether the rules of Korean go across the words of a phrase.
        narrow: Whether Korean IPA is a narrow transcription. False unless said otherwise, as is
            the next.
        overrides: Whether ``[Nguyen](/wɪn/)`` in the text gives the pronunciation, in IPA.

    Raises:
        InvalidTextError: The text is not UTF-8 or has a lone surrogate.
        UnknownCharacterError: A character has no reading, and ``unknown`` is "error".
        UnsupportedFormatError: The language of a word has no spelling in the format.
        InvalidSpellingError: An override has something that is no phoneme of the language.
        UnknownLanguageError: There is no pack of the language.
        LimitError: A separator is too long.
        ValueError: An option is not one of its choices.
    """
    return _transcriber_of_thread().transcribe(
        text,
        format=format,
        stress=stress,
        separator=separator,
        syllable_separator=syllable_separator,
        word_separator=word_separator,
        punctuation=punctuation,
        unknown=unknown,
        language=language,
        written=written,
        homographs=homographs,
        weak_forms=weak_forms,
        sandhi=sandhi,
        narrow=narrow,
        overrides=overrides,
    )


def transcribe_many(texts: Iterable[Text], **options: Unpack[Options]) -> list[str]:
    """Gives the phonemes of each text, faster than one by one where texts are short.

    Takes the options of :func:`transcribe` and raises the same errors; a fault in any of the
    texts fails the call, and the error's ``text_index`` says in which.
    """
    return _transcriber_of_thread().transcribe_many(texts, **options)


def stream(chunks: Iterable[Text], **options: Unpack[Options]) -> Iterator[str]:
    """Gives the phonemes of a text that comes in chunks, in memory that does not grow with it.

    An output comes as soon as it cannot depend on what follows: at the latest a kilobyte of text
    later, sooner behind a blank line. Joined, the outputs are the answer of :func:`transcribe` to
    the joined chunks. Any number of streams may be under way: each has a transcriber of its own.

    Takes the options of :func:`transcribe` and raises the same errors, when the output is asked for
    that the fault is in; positions count from the beginning of the text.

    Args:
        chunks: Pieces of the text, ``str`` or ``bytes`` in UTF-8, of any length. They may end
            anywhere, even inside of a character.
        **options: See :func:`transcribe`.
    """
    if isinstance(chunks, (str, bytes)):
        raise TypeError("chunks is an iterable of texts, not one text; use transcribe")
    _options.encode(**options)  # bad options are an error here, not at the first output
    return _stream(chunks, options)


def _stream(chunks: Iterable[Text], options: Options) -> Iterator[str]:
    with Transcriber() as transcriber:
        yield from transcriber.stream(chunks, **options)


def normalize(text: Text, **options: Unpack[Options]) -> str:
    """Gives a text with its written forms (numbers, dates, acronyms, symbols) in words.

    Everything else stays as it is. Takes the options of :func:`transcribe` and raises the same
    errors.
    """
    return _transcriber_of_thread().normalize(text, **options)


def alternatives(word: Text, n: int = 5, **options: Unpack[Options]) -> list[Alternative]:
    """Gives the pronunciations that a word may have: the dictionary's, then the most probable.

    Neighbours, written forms and lexicons play no part.

    Args:
        word: One word of one script.
        n: How many, at most 16.
        **options: See :func:`transcribe`.

    Raises:
        InvalidArgumentError: The text is not one word.
        ValueError: ``n`` is out of range.
        Others: As for :func:`transcribe`.
    """
    return _transcriber_of_thread().alternatives(word, n, **options)


def analyze(text: Text, **options: Unpack[Options]) -> Analysis:
    """Takes a text apart: its words and what is between, with offsets, language and phonemes.

    Takes the options of :func:`transcribe` and raises the same errors, and LimitError when the
    text or the result reaches 4 GiB.
    """
    return _transcriber_of_thread().analyze(text, **options)


def __getattr__(name: str) -> object:
    # The result types are dataclasses, which take longer to import than all the rest.
    if name in {"Alternative", "Analysis", "Phoneme", "Span"}:
        from . import _analysis  # noqa: PLC0415

        value: object = getattr(_analysis, name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
