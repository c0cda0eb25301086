"""Option names and their numbers in the C ABI; what both backends are called with."""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` would be a third of the package's import time
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal, TypeAlias, TypedDict

    Format: TypeAlias = Literal["ipa", "arpabet"]
    Stress: TypeAlias = Literal["syllable", "vowel", "none"]
    Punctuation: TypeAlias = Literal["keep", "drop"]
    Unknown: TypeAlias = Literal["keep", "drop", "error"]
    Kernels: TypeAlias = Literal["best", "portable", "x86_64_v2", "x86_64_v3"]
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

FORMATS: Mapping[str, int] = {"ipa": 0, "arpabet": 1}
STRESSES: Mapping[str, int] = {"syllable": 0, "vowel": 1, "none": 2}
PUNCTUATIONS: Mapping[str, int] = {"keep": 0, "drop": 1}
UNKNOWNS: Mapping[str, int] = {"keep": 0, "drop": 1, "error": 2}
KERNELS: Mapping[str, int] = {"best": 0, "portable": 1, "x86_64_v2": 2, "x86_64_v3": 3}
BACKENDS = ("native", "wasm")

_CACHE_DEFAULT = 0
_CACHE_OFF = 0xFFFFFFFF  # KP_CACHE_OFF


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
    if not 0 <= cache_words < _CACHE_OFF:
        raise ValueError(f"cache_words must be between 0 and {_CACHE_OFF - 1}, not {cache_words}")
    return cache_words or _CACHE_OFF
