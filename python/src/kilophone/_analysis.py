"""The result of ``analyze``, and its decoding from the core's record buffer."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from ._facts import PHONEME_LAYOUT, SOURCES, SPAN_KINDS, SPAN_LAYOUT


@dataclass(frozen=True, slots=True)
class Phoneme:
    """One phoneme of a word.

    Attributes:
        spelling: In the format asked for, without stress.
        stress: 0 none, 1 primary, 2 secondary.
    """

    spelling: str
    stress: int


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text; the spans of a text cover it in order, without gaps.

    A word that is longer than the model reads at once is several spans.

    Attributes:
        kind: "word", "number", "punctuation", "space" or "other".
        text: The piece itself.
        start, end: Its place in the text, as indices of the ``str``.
        start_byte, end_byte: The same in bytes of the text in UTF-8.
        language: Tag of the language of a word; None for what is no word.
        source: Where the phonemes of a word come from: "model"; None for what is no word.
        output: What ``transcribe`` writes for the span. Joined, the outputs of all spans are the
            answer of ``transcribe``, unless punctuation is dropped: then the spaces that stand
            between words instead belong to no span.
        phonemes: The phonemes of a word, in order.
    """

    kind: str
    text: str
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


def decode(text: bytes, records: bytes, byte_order: str) -> Analysis:
    """Reads the record buffer that kp_analyze wrote for a text (valid UTF-8)."""
    order = "<" if byte_order == "little" else ">"
    span_record = struct.Struct(order + SPAN_LAYOUT)
    phoneme_record = struct.Struct(order + PHONEME_LAYOUT)

    def string(at: int, length: int) -> str:
        return records[at : at + length].decode()

    spans = []
    start = at = 0
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
        ) = span_record.unpack_from(records, at)
        phonemes_end = phonemes_at + phoneme_count * phoneme_record.size
        piece = text[start_byte:end_byte].decode()
        end = start + len(piece)
        spans.append(
            Span(
                kind=_name(SPAN_KINDS, kind),
                text=piece,
                start=start,
                end=end,
                start_byte=start_byte,
                end_byte=end_byte,
                language=string(language_at, language_bytes) or None,
                source=_name(SOURCES, source) if source else None,
                output=string(output_at, output_bytes),
                phonemes=tuple(
                    Phoneme(string(spelling_at, spelling_bytes), stress)
                    for stress, spelling_at, spelling_bytes in phoneme_record.iter_unpack(
                        records[phonemes_at:phonemes_end]
                    )
                ),
            )
        )
        start = end
    return Analysis(text.decode(), tuple(spans))


def _name(names: tuple[str, ...], number: int) -> str:
    """The name of a kind or source; one that is newer than this package is shown as a number."""
    return names[number] if number < len(names) else str(number)
