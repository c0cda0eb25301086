"""Options as both backends are called with them."""

from __future__ import annotations

from ._facts import CACHE_OFF, CHOICES, FORMATS, PUNCTUATIONS, STRESSES, UNKNOWNS

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
        syllable_separator: str | None
        word_separator: str | None
        punctuation: Punctuation
        unknown: Unknown
        language: str | None
        written: bool | None
        homographs: bool | None
        weak_forms: bool | None
        sandhi: bool | None
        narrow: bool | None
        overrides: bool | None

    # The numbers of kp_options in their order, and its strings
    EncodedOptions: TypeAlias = tuple[
        tuple[int, int, int, int, int, int, int, int, int, int],
        tuple[bytes | None, bytes | None, bytes | None, bytes | None],
    ]

BACKENDS = ("native", "wasm")

_LIMIT_DEFAULT = 0
_LIMIT_LEAST = 1


def encode(
    format: Format = "ipa",
    stress: Stress = "syllable",
    separator: str | None = None,
    punctuation: Punctuation = "keep",
    unknown: Unknown = "keep",
    language: str | None = None,
    *,
    syllable_separator: str | None = None,
    word_separator: str | None = None,
    written: bool | None = None,
    homographs: bool | None = None,
    weak_forms: bool | None = None,
    sandhi: bool | None = None,
    narrow: bool | None = None,
    overrides: bool | None = None,
) -> EncodedOptions:
    """Gives the options of a call as numbers and UTF-8.

    Raises:
        ValueError: an option is not one of its choices, or a string has a lone surrogate.
        TypeError: a switch is not True, False or None.
    """
    return (
        (
            choice("format", format, FORMATS),
            choice("stress", stress, STRESSES),
            choice("punctuation", punctuation, PUNCTUATIONS),
            choice("unknown", unknown, UNKNOWNS),
            _switch("written", written),
            _switch("homographs", homographs),
            _switch("weak_forms", weak_forms),
            _switch("sandhi", sandhi),
            _switch("narrow", narrow),
            _switch("overrides", overrides),
        ),
        (
            _string(separator),
            _string(language),
            _string(syllable_separator),
            _string(word_separator),
        ),
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


_DEFAULT, _OFF, _ON = map(CHOICES.index, ("default", "off", "on"))


def _switch(option: str, value: bool | None) -> int:  # noqa: FBT001 - the value of the option
    if value is None:
        return _DEFAULT
    # Not any value that counts as true: "off" would.
    if not isinstance(value, bool):
        raise TypeError(f"{option} must be True, False or None, not {value!r}")
    return _ON if value else _OFF


def _string(value: str | None) -> bytes | None:
    return None if value is None else value.encode()


def not_a_choice(option: str, value: object, choices: Mapping[str, int] | tuple[str, ...]) -> str:
    """Gives the message for a value that is none of the choices."""
    listed = ", ".join(repr(name) for name in choices)
    return f"{option} must be one of {listed}, not {value!r}"


def encode_cache_words(cache_words: int | None) -> int:
    """Gives a cache size as the C ABI has it, where 0 is the default and not "none".

    Raises:
        ValueError: the size is negative, or too large for 32 bits.
    """
    return _limit("cache_words", cache_words, CACHE_OFF)


def encode_lexicon_bytes(lexicon_bytes: int | None) -> int:
    """Gives the size of a lexicon as the C ABI has it, where 0 is the default.

    Raises:
        ValueError: the size is negative, or too large for 32 bits.
    """
    return _limit("lexicon_bytes", lexicon_bytes, _LIMIT_LEAST)  # no room for any word


def _limit(name: str, value: int | None, none: int) -> int:
    if value is None:
        return _LIMIT_DEFAULT
    if not 0 <= value < CACHE_OFF:
        raise ValueError(f"{name} must be between 0 and {CACHE_OFF - 1}, not {value}")
    return value or none
