"""The results of ``analyze`` and ``alternatives``, and their decoding from the core's records."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._facts import ALTERNATIVE_LAYOUT, PHONEME_LAYOUT, SOURCES, SPAN_KINDS, SPAN_LAYOUT

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Phoneme:
    """One phoneme of a word.

    Attributes:
        spelling: In the format asked for, without stress.
        stress: 0 none, 1 primary, 2 secondary.
        start, end: The letters that it comes from, as indices of the ``str``; the whole span where
            they are not known, as in a written form.
        start_byte, end_byte: The same in bytes of the text in UTF-8.
    """

    spelling: str
    stress: int
    start: int
    end: int
    start_byte: int
    end_byte: int


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text.

    The spans of a text cover it in order, without gaps. The words of a written form, such as
    "twenty" and "one" for "21", all have its place; no other spans overlap. A word that is longer
    than the model reads at once is several spans.

    Attributes:
        kind: "word", "number", "punctuation", "space" or "other".
        text: The piece itself.
        spoken: What is read for it, as ``normalize`` writes it: of a written form one word, else
            the piece itself.
        start, end: Its place in the text, as indices of the ``str``.
        start_byte, end_byte: The same in bytes of the text in UTF-8.
        language: Tag of the language of a word; None for what is no word.
        source: Where the phonemes of a word come from: "model"; "correction" for a known word that
            the model alone gets wrong; "user" for the lexicon and overrides; "rule" for weak forms,
            homographs by their neighbours and names of letters. None for what is no word.
        output: What ``transcribe`` writes for the span. Joined, the outputs of all spans are the
            answer of ``transcribe``, unless punctuation is dropped: then the spaces that stand
            between words instead belong to no span.
        phonemes: The phonemes of a word, in order.
    """

    kind: str
    text: str
    spoken: str
    start: int
    end: int
    start_byte: int
    end_byte: int
    language: str | None
    source: str | None
    output: str
    phonemes: tuple[Phoneme, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """A text taken apart.

    Attributes:
        text: The text.
        spans: Its pieces, in order.
    """

    text: str
    spans: tuple[Span, ...]

    @property
    def words(self) -> tuple[Span, ...]:
        """The spans that have a reading."""
        return tuple(span for span in self.spans if span.source is not None)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the pronunciations that a word may have.

    Attributes:
        output: The pronunciation, as ``transcribe`` would write it.
        log_probability: The natural logarithm of its probability, by the model.
        source: "model", or "correction" for the dictionary's where the model has another first.
    """

    output: str
    log_probability: float
    source: str


def decode(text: bytes, records: bytes, byte_order: str) -> Analysis:
    """Reads the record buffer that kp_analyze wrote for a text (valid UTF-8)."""
    span_record = _struct(byte_order, SPAN_LAYOUT)
    phoneme_record = _struct(byte_order, PHONEME_LAYOUT)

    def string(at: int, length: int) -> str:
        return records[at : at + length].decode()

    spans = []
    start = end = at = 0
    previous_end = 0
    piece = ""
    while at < len(records):
        (
            at,
            kind,
            source,
            start_byte,
            end_byte,
            language_at,
            language_bytes,
            output_at,
            output_bytes,
            phonemes_at,
            phoneme_count,
            spoken_at,
            spoken_bytes,
        ) = span_record.unpack_from(records, at)
        if start_byte == previous_end:  # else another word of the written form before
            start, previous_end = end, end_byte
            piece = text[start_byte:end_byte].decode()
            end += len(piece)
        index = _index(text, start_byte, start, is_ascii=len(piece) == end_byte - start_byte)
        phonemes_end = phonemes_at + phoneme_count * phoneme_record.size
        spans.append(
            Span(
                kind=_name(SPAN_KINDS, kind),
                text=piece,
                spoken=string(spoken_at, spoken_bytes),
                start=start,
                end=end,
                start_byte=start_byte,
                end_byte=end_byte,
                language=string(language_at, language_bytes) or None,
                source=_name(SOURCES, source) if source else None,
                output=string(output_at, output_bytes),
                phonemes=tuple(
                    Phoneme(
                        spelling=string(spelling_at, spelling_bytes),
                        stress=stress,
                        start=index(first),
                        end=index(after),
                        start_byte=first,
                        end_byte=after,
                    )
                    for stress, spelling_at, spelling_bytes, first, after in (
                        phoneme_record.iter_unpack(records[phonemes_at:phonemes_end])
                    )
                ),
            )
        )
    return Analysis(text.decode(), tuple(spans))


def decode_alternatives(records: bytes, byte_order: str) -> list[Alternative]:
    """Reads the record buffer that kp_alternatives wrote."""
    record = _struct(byte_order, ALTERNATIVE_LAYOUT)
    found = []
    at = 0
    while at < len(records):
        at, source, bits, output_at, output_bytes = record.unpack_from(records, at)
        output = records[output_at : output_at + output_bytes].decode()
        (log_probability,) = _FLOAT.unpack(_FLOAT_BITS.pack(bits))
        found.append(Alternative(output, log_probability, _name(SOURCES, source)))
    return found


# Records are words of 32 bits; a float comes as its bits.
_FLOAT, _FLOAT_BITS = struct.Struct("<f"), struct.Struct("<I")


def _struct(byte_order: str, layout: str) -> struct.Struct:
    return struct.Struct(("<" if byte_order == "little" else ">") + layout)


def _index(text: bytes, start_byte: int, start: int, *, is_ascii: bool) -> Callable[[int], int]:
    """Gives what turns bytes of a span that begins at ``start`` into indices of the ``str``."""
    if is_ascii:
        return lambda byte: start + byte - start_byte
    return lambda byte: start + len(text[start_byte:byte].decode())


def _name(names: tuple[str, ...], number: int) -> str:
    """The name of a kind or source; one that is newer than this package is shown as a number."""
    return names[number] if number < len(names) else str(number)
