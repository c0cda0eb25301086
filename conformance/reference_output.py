"""The oracle of ``docs/TEXT.md``, sections 5, 7 and 8: the calls, from a text to the output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import reference as model
import reference_text as text_rules

SEPARATOR_BYTES_MAX = 64
SCRIPTS = {"en-us": "latin", "ko": "hangul"}
STRESS_MARKS = {0: "", 1: "ˈ", 2: "ˌ"}
SEPARATORS = {"ipa": "", "arpabet": " "}

Tokens = tuple[int, ...]
Decode = Callable[[model.Pack, str], Tokens]
"""The phoneme tokens that the model of a pack gives for graphemes."""


class FaultError(Exception):
    """A call that fails."""

    def __init__(self, status: str, position: int = 0, text: int = 0) -> None:
        super().__init__(f"{status} at {text}:{position}")
        self.status = status
        self.position = position
        self.text = text


@dataclass(frozen=True)
class Options:
    """The options of a call."""

    format: str = "ipa"
    stress: str = "syllable"
    punctuation: str = "keep"
    unknown: str = "keep"
    separator: str | None = None
    language: str | None = None

    @property
    def between_phonemes(self) -> str:
        """The separator asked for, or the format's own."""
        return SEPARATORS[self.format] if self.separator is None else self.separator

    @property
    def between_words(self) -> str:
        """What keeps words further apart than phonemes."""
        separator = self.between_phonemes
        return "" if separator.strip(" \t\r\n") else separator


@dataclass(frozen=True)
class Span:
    """What ``analyze`` tells of a span or a piece of a word."""

    kind: str
    start: int
    end: int
    output: str
    source: str = "none"
    language: str = ""
    phonemes: tuple[tuple[str, int], ...] = field(default=())
    """Spelling and stress of each."""


@dataclass(frozen=True)
class Word:
    """A piece of a word that is read."""

    pack: model.Pack
    graphemes: str
    text: str
    start: int


Item = Word | text_rules.Span
"""A piece of a word that is read, or any other span."""


class Oracle:
    """A transcriber over packs, with a model that may be another for tests."""

    def __init__(self, packs: Sequence[model.Pack], decode: Decode) -> None:
        self.packs = packs
        self.decode = decode

    def transcribe(self, text: str | bytes, options: Options) -> str:
        """The output of a text."""
        return self.transcribe_many([text], options)[0]

    def transcribe_many(self, texts: Sequence[str | bytes], options: Options) -> list[str]:
        """The outputs of texts."""
        self.check(options)
        answers = []
        for index, text in enumerate(texts):
            try:
                answers.append(self.output(list(self.items(text, options)), options))
            except FaultError as fault:
                raise FaultError(fault.status, fault.position, index) from None
        return answers

    def analyze(self, text: str | bytes, options: Options) -> list[Span]:
        """What a text is made of."""
        self.check(options)
        written = self.written(list(self.items(text, options)), options)
        return [self.record(item, output, options) for item, output in written]

    def word(self, text: str | bytes, options: Options) -> Word:
        """The one piece of a word that ``word_logits`` reads."""
        self.check(options)
        found = text_rules.spans(decoded(text))
        if len(found) != 1 or found[0].kind != "word":
            raise FaultError("invalid_argument")
        words = list(self.words(found[0], options))
        if len(words) != 1:
            raise FaultError("invalid_argument")
        return words[0]

    def check(self, options: Options) -> None:
        """FaultErrors of the options."""
        if len(options.between_phonemes.encode()) > SEPARATOR_BYTES_MAX:
            raise FaultError("limit_exceeded")
        if options.language is not None and self.pack_of(options.language) is None:
            raise FaultError("unknown_language")

    def pack_of(self, language: str) -> model.Pack | None:
        """The open pack of a language."""
        return next((pack for pack in self.packs if pack.tag == language), None)

    def items(self, text: str | bytes, options: Options) -> Iterator[Item]:
        """The spans of a text, with the words that are read in pieces; raises their faults."""
        for span in text_rules.spans(decoded(text)):
            words = list(self.words(span, options))
            if words:
                yield from words
                continue
            if options.unknown == "error" and span.kind in ("word", "number", "other"):
                raise FaultError("unknown_character", span.start)
            yield span

    def words(self, span: text_rules.Span, options: Options) -> Iterator[Word]:
        """The pieces of a word that is read, none of other spans."""
        if span.script is None:
            return
        pack = self.pack_for(span.script, options)
        letters = [grapheme for grapheme, _ in text_rules.graphemes(span.text, span.script)]
        if pack is None or not letters or not set(letters) <= set(pack.graphemes):
            return
        if options.format not in pack.alphabets:
            raise FaultError("unsupported_format", span.start)
        start = span.start
        for piece in text_rules.pieces(span.text, span.script, pack.graphemes_max):
            yield Word(pack, piece.graphemes, piece.text, start)
            start += len(piece.text.encode())

    def pack_for(self, script: str, options: Options) -> model.Pack | None:
        """The pack that reads a word."""
        if options.language is not None:
            return self.pack_of(options.language)
        return next((pack for pack in self.packs if SCRIPTS[pack.tag] == script), None)

    def record(self, item: Item, output: str, options: Options) -> Span:
        """What ``analyze`` tells of an item."""
        end = item.start + len(item.text.encode())
        if not isinstance(item, Word):
            kind = "other" if item.kind == "word" else item.kind
            return Span(kind, item.start, end, output)
        phonemes = tuple((p.spellings[options.format], p.stress) for p in self.phonemes(item))
        return Span("word", item.start, end, output, "model", item.pack.tag, phonemes)

    def output(self, items: Sequence[Item], options: Options) -> str:
        """The output of a text's items."""
        written = self.written(items, options)
        if options.punctuation == "keep":
            return "".join(output for _, output in written)
        output = ""
        has_gap = False
        for item, words in written:
            if is_dropped(item, options):
                has_gap = True
                continue
            if has_gap and output:
                output += options.between_words + " "
            has_gap = False
            output += words
        return output

    def written(self, items: Sequence[Item], options: Options) -> list[tuple[Item, str]]:
        """What is written for each item."""
        written = []
        before: list[Item] = []
        for item in items:
            if is_dropped(item, options):
                # Left out of a text that is kept, it is as if it had not been there.
                before = before if options.punctuation == "keep" else []
                written.append((item, ""))
                continue
            if isinstance(item, Word):
                written.append((item, parting(before, options) + self.spelled(item, options)))
            else:
                written.append((item, item.text))
            before = [*before[-1:], item]
        return written

    def phonemes(self, word: Word) -> list[model.Phoneme]:
        """The phonemes of a piece of a word."""
        return [word.pack.phonemes[token - 1] for token in self.decode(word.pack, word.graphemes)]

    def spelled(self, word: Word, options: Options) -> str:
        """The phonemes of a piece of a word, with stress and separators."""
        phonemes = self.phonemes(word)
        if options.format == "arpabet":
            spellings = [
                p.spellings["arpabet"]
                + (str(p.stress) if is_vowel(p) and options.stress != "none" else "")
                for p in phonemes
            ]
        else:
            tokens = self.decode(word.pack, word.graphemes)
            marks = {} if options.stress == "none" else stresses(word.pack, tokens, options.stress)
            spellings = [
                STRESS_MARKS[marks.get(at, 0)] + p.spellings[options.format]
                for at, p in enumerate(phonemes)
            ]
        return options.between_phonemes.join(spellings)


def decoded(text: str | bytes) -> str:
    """A text of bytes as a string."""
    if isinstance(text, str):
        return text
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise FaultError("invalid_utf8", error.start) from None


def is_dropped(span: Item, options: Options) -> bool:
    """Whether the options leave an item out."""
    if isinstance(span, Word):
        return False
    choice = options.punctuation if span.kind in ("space", "punctuation") else options.unknown
    return choice == "drop"


def parting(before: Sequence[Item], options: Options) -> str:
    """What parts a word from another, by the two items that were written last."""
    match before:
        case [*_, Word()]:
            return options.between_phonemes
        case [Word(), text_rules.Span(kind="space", text=space)] if not has_line_break(space):
            return options.between_words
    return ""


def has_line_break(space: str) -> bool:
    """Whether there is a line break in white space."""
    return text_rules.LINE_BREAK.search(space) is not None


def is_vowel(phoneme: model.Phoneme) -> bool:
    """Whether a phoneme is the nucleus of a syllable."""
    return phoneme.kind == 1


def stresses(pack: model.Pack, tokens: Tokens, placement: str) -> dict[int, int]:
    """Where the marks of a piece stand: index of the phoneme behind it → stress."""
    vowels = [at for at, token in enumerate(tokens) if is_vowel(pack.phonemes[token - 1])]
    marks = {}
    for before, vowel in zip([None, *vowels], vowels, strict=False):
        stress = pack.phonemes[tokens[vowel] - 1].stress
        if stress:
            start = vowel if placement == "vowel" else onset(pack, tokens, before, vowel)
            marks[start] = stress
    return marks


def onset(pack: model.Pack, tokens: Tokens, before: int | None, vowel: int) -> int:
    """Where the syllable of a vowel begins, which comes after another vowel or as the first."""
    if before is None:
        return 0
    starts = range(before + 1, vowel)
    return next((start for start in starts if tokens[start:vowel] in pack.onsets), vowel)
