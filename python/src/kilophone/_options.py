"""Options as both backends are called with them."""

from __future__ import annotations

from ._facts import CACHE_OFF, FORMATS, PUNCTUATIONS, STRESSES, UNKNOWNS

TYPE_CHECKING = False  # `typing` would be a third of the package's import time
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal, TypeAlias, TypedDict

    from ._facts import Format, Punctuation, Stress, Unknown

    BackendName: TypeAlias = Literal["native", "wasm"]

    class Options(TypedDict, total=False):
        """The options of a call; :func:`kilophone.transcribe` describes them."""

        format: Format
        stress: Stress
        separator: str | None
        punctuation: Punctuation
        unknown: Unknown
        language: str | None

    # format, stress, punctuation, unknown, separator, language
    EncodedOptions: TypeAlias = tuple[int, int, int, int, bytes | None, bytes | None]

BACKENDS = ("native", "wasm")

_CACHE_DEFAULT = 0


def encode(
    format: Format = "ipa",
    stress: Stress = "syllable",
    separator: str | None = None,
    punctuation: Punctuation = "keep",
    unknown: Unknown = "keep",
    language: str | None = None,
) -> EncodedOptions:
    """Gives the options of a call as numbers and UTF-8.

    Raises:
        ValueError: an option is not one of its choices, or a string has a lone surrogate.
    """
    return (
        choice("format", format, FORMATS),
        choice("stress", stress, STRESSES),
        choice("punctuation", punctuation, PUNCTUATIONS),
        choice("unknown", unknown, UNKNOWNS),
        None if separator is None else separator.encode(),
        None if language is None else language.encode(),
    )


def choice(option: str, value: str, choices: Mapping[str, int]) -> int:
    """Gives the number of a choice.

    Raises:
        ValueError: the value is none of the choices, which the message lists.
    """
    number = choices.get(value)
    if number is None:
        raise ValueError(not_a_choice(option, value, choices))
    return number


def not_a_choice(option: str, value: object, choices: Mapping[str, int] | tuple[str, ...]) -> str:
    """Gives the message for a value that is none of the choices."""
    listed = ", ".join(repr(name) for name in choices)
    return f"{option} must be one of {listed}, not {value!r}"


def encode_cache_words(cache_words: int | None) -> int:
    """Gives a cache size as the C ABI has it, where 0 is the default and not "none".

    Raises:
        ValueError: the size is negative, or too large for 32 bits.
    """
    if cache_words is None:
        return _CACHE_DEFAULT
    if not 0 <= cache_words < CACHE_OFF:
        raise ValueError(f"cache_words must be between 0 and {CACHE_OFF - 1}, not {cache_words}")
    return cache_words or CACHE_OFF
