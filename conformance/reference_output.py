"""The oracle of ``docs/TEXT.md``: the calls, from a text to the output.

It does what can be told without knowing a language: written forms, homographs, weak forms in
phrases and sandhi are not its own (:class:`CannotTellError`); what is expected of them is written
by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import reference as model
import reference_alphabets as alphabets
import reference_text as text_rules

SEPARATOR_BYTES_MAX = 64
ALTERNATIVES_MAX = 16
FIELDS_MAX = 4
SCRIPTS = {"en-us": "latin", "ko": "hangul"}

Tokens = tuple[int, ...]
Letters = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Reading:
    """Phoneme tokens of a piece of a word, and the letters that each comes from."""

    tokens: Tokens = ()
    letters: Letters = ()
    source: str = "model"


Read = Callable[[model.Pack, str, Tokens | None], Reading]
"""How the model of a pack reads graphemes, or would with these phoneme tokens."""


class CannotTellError(Exception):
    """A question that the oracle has no answer to."""


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
    written: bool = True
    homographs: bool = True
    weak_forms: bool = True
    sandhi: bool = True
    narrow: bool = False
    overrides: bool = False
    syllable_separator: str | None = None
    word_separator: str | None = None

    @property
    def between_phonemes(self) -> str:
        """The separator asked for, or the format's own."""
        own = alphabets.SEPARATORS.get(self.format, "")
        return own if self.separator is None else self.separator

    @property
    def beside_space(self) -> str:
        """What keeps words further apart than phonemes, beside white space."""
        separator = self.between_phonemes
        is_blank = not separator.strip(" \t\r\n")
        return separator if is_blank and self.word_separator is None else ""

    @property
    def in_place_of_space(self) -> str:
        """What parts words where white space was left out."""
        return " " + self.beside_space if self.word_separator is None else self.word_separator


@dataclass(frozen=True)
class Phoneme:
    """A phoneme of an analysis."""

    spelling: str
    stress: int
    start: int
    end: int


@dataclass(frozen=True)
class Span:
    """What ``analyze`` tells of a span or a piece of a word."""

    kind: str
    start: int
    end: int
    output: str
    spoken: str
    source: str = "none"
    language: str = ""
    phonemes: tuple[Phoneme, ...] = field(default=())


@dataclass(frozen=True)
class Word:
    """A piece of a word that is read."""

    pack: model.Pack
    graphemes: str
    """Empty when an override's text is not what the model could read."""
    text: str
    start: int
    end: int
    reading: Reading | None = None
    """None: as the model has it."""
    is_later: bool = False
    """Whether it is not the first of its word."""


Item = Word | text_rules.Span
"""A piece of a word that is read, or any other span."""


# -------------------------------------------------------------------------------------- English

LETTER_NAMES = dict(zip(
    "abcdefghijklmnopqrstuvwxyz",
    (
        "EY1", "B IY1", "S IY1", "D IY1", "IY1", "EH1 F", "JH IY1", "EY1 CH", "AY1", "JH EY1",
        "K EY1", "EH1 L", "EH1 M", "EH1 N", "OW1", "P IY1", "K Y UW1", "AA1 R", "EH1 S", "T IY1",
        "Y UW1", "V IY1", "D AH1 B AH0 L Y UW0", "EH1 K S", "W AY1", "Z IY1",
    ),
    strict=True,
))  # fmt: skip
LETTER_ENDINGS = {"f": "S", "h": "IH0 Z", "s": "IH0 Z", "x": "IH0 Z"}
"""What 's adds to the names that it does not add Z to."""
STRONG_FORMS = {
    "a": "EY1", "am": "AE1 M", "an": "AE1 N", "and": "AE1 N D", "are": "AA1 R", "as": "AE1 Z",
    "at": "AE1 T", "be": "B IY1", "been": "B IH1 N", "but": "B AH1 T", "can": "K AE1 N",
    "could": "K UH1 D", "do": "D UW1", "does": "D AH1 Z", "for": "F AO1 R", "from": "F R AH1 M",
    "had": "HH AE1 D", "has": "HH AE1 Z", "have": "HH AE1 V", "he": "HH IY1", "her": "HH ER1",
    "him": "HH IH1 M", "his": "HH IH1 Z", "me": "M IY1", "must": "M AH1 S T", "of": "AH1 V",
    "shall": "SH AE1 L", "she": "SH IY1", "should": "SH UH1 D", "than": "DH AE1 N",
    "that": "DH AE1 T", "the": "DH IY1", "them": "DH EH1 M", "there": "DH EH1 R", "to": "T UW1",
    "us": "AH1 S", "was": "W AA1 Z", "we": "W IY1", "were": "W ER1", "will": "W IH1 L",
    "would": "W UH1 D", "you": "Y UW1", "your": "Y AO1 R",
}  # fmt: skip
LETTER = re.compile(r"([A-Za-z])(['’]s)?")


def capital_letter(item: Item | None) -> bool:
    """Whether an item is a single capital, with or without 's."""
    return (
        isinstance(item, Word)
        and LETTER.fullmatch(item.text) is not None
        and item.text[0].isupper()
    )


def arpabet_tokens(pack: model.Pack, spelling: str) -> Tokens | None:
    """The tokens of phonemes in ARPAbet; None where the pack does not have all of them."""
    known: dict[str, int] = {}
    for token, phoneme in enumerate(pack.phonemes, 1):
        name = phoneme.spellings.get("arpabet", "")
        known.setdefault(name + (str(phoneme.stress) if phoneme.kind == 1 else ""), token)
    tokens = [known.get(name) for name in spelling.split()]
    return None if None in tokens else tuple(token for token in tokens if token is not None)


# ------------------------------------------------------------------------------------- the calls


class Oracle:
    """A transcriber over packs, with a model that may be another for tests."""

    def __init__(self, packs: Sequence[model.Pack], read: Read) -> None:
        self.packs = packs
        self.read = read
        self.lexicon_words = sys.maxsize
        self.lexicon: dict[tuple[str, str], Tokens] = {}
        """Language and graphemes → phoneme tokens."""

    def transcribe(self, text: str | bytes, options: Options) -> str:
        """The output of a text."""
        return self.transcribe_many([text], options)[0]

    def transcribe_many(self, texts: Sequence[str | bytes], options: Options) -> list[str]:
        """The outputs of texts."""
        self.check(options)
        answers = []
        for index, text in enumerate(texts):
            try:
                answers.append(self.output(self.items(text, options), options))
            except FaultError as fault:
                raise FaultError(fault.status, fault.position, index) from None
        return answers

    def normalize(self, text: str | bytes, options: Options) -> str:
        """The text with overrides as their words."""
        self.check(options)
        spoken = replace(options, format="ipa", homographs=False, weak_forms=False, sandhi=False)
        return "".join(item.text for item in self.items(text, spoken))

    def analyze(self, text: str | bytes, options: Options) -> list[Span]:
        """What a text is made of."""
        self.check(options)
        written = self.written(self.items(text, options), options)
        return [self.record(item, output, options) for item, output in written]

    def alternatives(self, text: str | bytes, count: int, options: Options) -> Word:
        """The word whose most probable phonemes are asked for."""
        if not 0 < count <= ALTERNATIVES_MAX:
            raise FaultError("limit_exceeded" if count else "invalid_argument")
        return self.word(text, options)

    def add(self, word: str | bytes, spelling: str, options: Options) -> None:
        """Adds a word to the lexicon; the position of a fault is one in the spelling."""
        read = self.word(word, replace(options, format="ipa"))
        if options.format in alphabets.BY_LETTER or not alphabets.has(read.pack, options.format):
            raise FaultError("unsupported_format")
        try:
            tokens = alphabets.read(read.pack, options.format, spelling)
        except alphabets.SpellingError as error:
            raise FaultError("invalid_spelling", error.position) from None
        if len(self.lexicon) >= self.lexicon_words:
            raise FaultError("limit_exceeded")
        self.lexicon[read.pack.tag, read.graphemes] = tokens

    def load(self, lines: str | bytes, options: Options) -> int:
        """Adds the words of a lexicon's lines."""
        text = decoded(lines)
        if options.format in alphabets.BY_LETTER:
            raise FaultError("unsupported_format")
        count = 0
        for line, at in lexicon_lines(text):
            fields = lexicon_fields(line, at)
            (word, word_at), (spelling, spelling_at), (tag, tag_at), (form, form_at) = fields
            form = form or options.format
            if form not in alphabets.STRESS_MARKS:
                raise FaultError("invalid_lexicon", form_at)
            if tag and self.pack_of(tag) is None:
                raise FaultError("unknown_language", tag_at)
            language = tag or options.language
            try:
                self.word(word, replace(options, format="ipa", language=language))
            except FaultError as fault:
                raise FaultError(fault.status, word_at + fault.position) from None
            try:
                self.add(word, spelling, replace(options, format=form, language=language))
            except FaultError as fault:
                raise FaultError(fault.status, spelling_at + fault.position) from None
            count += 1
        return count

    def word(self, text: str | bytes, options: Options) -> Word:
        """The one piece of a word that ``word_logits`` and others read."""
        self.check(options)
        found = text_rules.spans(decoded(text))
        if len(found) != 1 or found[0].kind != "word":
            raise FaultError("invalid_argument")
        words = list(self.words(found[0], 0, replace(options, format="ipa")))
        if len(words) != 1:
            raise FaultError("invalid_argument")
        if not alphabets.has(words[0].pack, options.format):
            raise FaultError("unsupported_format")
        return words[0]

    def check(self, options: Options) -> None:
        """FaultErrors of the options."""
        for separator in (options.separator, options.syllable_separator, options.word_separator):
            if len((separator or "").encode()) > SEPARATOR_BYTES_MAX:
                raise FaultError("limit_exceeded")
        if options.language is not None and self.pack_of(options.language) is None:
            raise FaultError("unknown_language")

    def pack_of(self, language: str) -> model.Pack | None:
        """The open pack of a language."""
        return next((pack for pack in self.packs if pack.tag == language), None)

    # -------------------------------------------------------------------------------- items

    def items(self, text: str | bytes, options: Options) -> list[Item]:
        """The spans of a text, with the words that are read in pieces; raises their faults."""
        if options.written:
            raise CannotTellError("written forms")
        items: list[Item] = []
        position = 0
        for block in text_rules.blocks(decoded(text)):
            items += self.in_context(list(self.block_items(block, position, options)), options)
            position += len(block.encode())
        return items

    def block_items(self, block: str, position: int, options: Options) -> Iterator[Item]:
        """The items of a block that begins at this position of its text."""
        for span in text_rules.spans(block, has_overrides=options.overrides):
            if span.kind == "override":
                pack = self.pack_for(span.script or "", options)
                if pack is None:
                    raise CannotTellError("an override without a pack")
                yield self.overridden(pack, span, position + span.start, options)
                continue
            words = list(self.words(span, position, options))
            if words:
                yield from words
                continue
            if options.unknown == "error" and span.kind in ("word", "number", "other"):
                raise FaultError("unknown_character", position + span.start)
            yield replace(span, start=position + span.start)

    def words(self, span: text_rules.Span, position: int, options: Options) -> Iterator[Word]:
        """The pieces of a word that is read, none of other spans."""
        if span.script is None:
            return
        pack = self.pack_for(span.script, options)
        if pack is None or not is_read(pack, span.text, span.script):
            return
        start = position + span.start
        if not alphabets.has(pack, options.format):
            raise FaultError("unsupported_format", start)
        pieces = text_rules.pieces(span.text, span.script, pack.graphemes_max)
        for number, piece in enumerate(pieces):
            end = start + len(piece.text.encode())
            own = self.own_tokens(pack, piece.graphemes) if len(pieces) == 1 else None
            reading = None if own is None else self.said(pack, piece.graphemes, own, "user")
            yield Word(pack, piece.graphemes, piece.text, start, end, reading, number > 0)
            start = end

    def own_tokens(self, pack: model.Pack, graphemes: str) -> Tokens | None:
        """What the lexicon says of a word, or what follows for a possessive from its stem."""
        own = self.lexicon.get((pack.tag, graphemes))
        has_endings = pack.tag == "en-us" and model.ending_tokens(pack) is not None
        stem = model.possessive_stem(graphemes) if has_endings else None
        if own is not None or stem is None or (pack.tag, stem) not in self.lexicon:
            return own
        found = model.follow(pack, True, self.lexicon[pack.tag, stem])
        return None if found is None else tuple(found)

    def overridden(
        self, pack: model.Pack, span: text_rules.Span, start: int, options: Options
    ) -> Word:
        """A word that says itself how it is pronounced."""
        match = text_rules.OVERRIDE.fullmatch(span.text)
        assert match is not None
        if not alphabets.has(pack, options.format):
            raise FaultError("unsupported_format", start)
        try:
            tokens = alphabets.read(pack, "ipa", match[2])
        except alphabets.SpellingError as error:
            at = start + len(span.text[: match.start(2)].encode()) + error.position
            raise FaultError("invalid_spelling", at) from None
        reading = Reading(tokens, (), "user")
        return Word(pack, "", match[1], start, start + len(span.text.encode()), reading)

    def said(self, pack: model.Pack, graphemes: str, tokens: Tokens, source: str) -> Reading:
        """Phonemes that are given, with the letters that the model would take them from."""
        read = self.read(pack, graphemes, tokens)
        return Reading(tokens, read.letters, source)

    def pack_for(self, script: str, options: Options) -> model.Pack | None:
        """The pack that reads a word."""
        if options.language is not None:
            return self.pack_of(options.language)
        return next((pack for pack in self.packs if SCRIPTS[pack.tag] == script), None)

    # ------------------------------------------------------------------------------ context

    def in_context(self, items: list[Item], options: Options) -> list[Item]:
        """The items of a block with the names of letters and strong forms."""
        return [
            self.in_phrase(item, neighbours(items, at), options) if isinstance(item, Word) else item
            for at, item in enumerate(items)
        ]

    def in_phrase(
        self, word: Word, beside: tuple[Word | None, Word | None], options: Options
    ) -> Word:
        """A word among its neighbours."""
        is_alone = beside == (None, None)
        if word.pack.tag == "ko":
            if options.sandhi and any(b is not None and b.pack is word.pack for b in beside):
                raise CannotTellError("sandhi")
            return word
        if word.reading is not None and word.reading.source == "user":
            return word
        spelling = letter_name(word, beside)
        if spelling is None and not (options.weak_forms and is_alone):
            spelling = STRONG_FORMS.get(word.graphemes)
            if spelling is not None and options.weak_forms:
                raise CannotTellError("weak forms")
        if options.homographs and spelling is None and not is_alone:
            raise CannotTellError("homographs")
        tokens = None if spelling is None else arpabet_tokens(word.pack, spelling)
        if tokens is None:
            return word
        return replace(word, reading=self.said(word.pack, word.graphemes, tokens, "rule"))

    # ------------------------------------------------------------------------------- output

    def reading(self, word: Word) -> Reading:
        """How a piece of a word is read."""
        return word.reading or self.read(word.pack, word.graphemes, None)

    def record(self, item: Item, output: str, options: Options) -> Span:
        """What ``analyze`` tells of an item."""
        if not isinstance(item, Word):
            kind = "other" if item.kind == "word" else item.kind
            end = item.start + len(item.text.encode())
            return Span(kind, item.start, end, output, item.text)
        reading = self.reading(item)
        places = letter_places(item)
        phonemes = tuple(
            Phoneme(spelling, item.pack.phonemes[token - 1].stress, *place)
            for spelling, token, place in zip(
                self.spellings(item, options),
                reading.tokens,
                [places(*letters) for letters in reading.letters]
                or [(item.start, item.end)] * len(reading.tokens),
                strict=True,
            )
        )
        return Span(
            "word", item.start, item.end, output, item.text, reading.source, item.pack.tag, phonemes
        )

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
                output += options.in_place_of_space
            has_gap = False
            output += words
        return output

    def written(self, items: Sequence[Item], options: Options) -> list[tuple[Item, str]]:
        """What is written for each item."""
        written = []
        before: list[Item] = []
        for item, after in zip(items, [*items[1:], None], strict=False):
            if is_dropped(item, options):
                # Left out of a text that is kept, it is as if it had not been there.
                before = before if options.punctuation == "keep" else []
                written.append((item, ""))
                continue
            if isinstance(item, Word):
                parted = parting(before, item, options)
                written.append((item, parted + self.spelled(item, options)))
            elif options.word_separator is not None and is_between_words(before, item, after):
                written.append((item, options.word_separator))
            else:
                written.append((item, item.text))
            before = [*before[-1:], item]
        return written

    def spellings(self, word: Word, options: Options) -> list[str]:
        """The spelling of each phoneme, without stress."""
        tokens = self.reading(word).tokens
        if options.narrow and options.format == "ipa" and word.pack.tag == "ko":
            ipa = [word.pack.phonemes[token - 1].spellings["ipa"] for token in tokens]
            return [alphabets.narrow(ipa, at) for at in range(len(ipa))]
        return alphabets.spellings(word.pack, options.format, tokens)

    def spelled(self, word: Word, options: Options) -> str:
        """The phonemes of a piece of a word, with stress and separators."""
        return spelled(word.pack, self.reading(word).tokens, self.spellings(word, options), options)


def spelled(pack: model.Pack, tokens: Tokens, spellings: Sequence[str], options: Options) -> str:
    """Phonemes with stress and separators."""
    if options.format == "hangul" and not options.between_phonemes:
        heard = [pack.phonemes[token - 1].spellings["ipa"] for token in tokens]
        return alphabets.hangul(heard, options.syllable_separator or "")
    marks = alphabets.STRESS_MARKS.get(options.format, ("", "", ""))
    before, after = {}, {}
    if options.format == "arpabet":
        vowels = [at for at, token in enumerate(tokens) if is_vowel(pack, token)]
        if options.stress != "none":
            after = {at: marks[pack.phonemes[tokens[at] - 1].stress] for at in vowels}
    elif options.stress != "none":
        own = "vowel" if options.format in alphabets.MARKS_BEFORE_VOWELS else options.stress
        before = {at: marks[stress] for at, stress in stresses(pack, tokens, own).items()}
    letters = [
        before.get(at, "") + spelling + after.get(at, "") if spelling else ""
        for at, spelling in enumerate(spellings)
    ]
    if options.syllable_separator is None:
        return options.between_phonemes.join(filter(None, letters))
    starts = [start for start, _ in syllables(pack, tokens)]
    ends = [*starts[1:], len(letters)]
    return options.syllable_separator.join(
        options.between_phonemes.join(filter(None, letters[start:end]))
        for start, end in zip(starts or [0], ends if starts else [len(letters)], strict=True)
    )


def decoded(text: str | bytes) -> str:
    """A text of bytes as a string."""
    if isinstance(text, str):
        return text
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise FaultError("invalid_utf8", error.start) from None


def is_read(pack: model.Pack, text: str, script: str) -> bool:
    """Whether a pack's alphabet has all letters of a word."""
    letters = [grapheme for grapheme, _ in text_rules.graphemes(text, script)]
    return bool(letters) and set(letters) <= set(pack.graphemes)


def lexicon_lines(lines: str) -> Iterator[tuple[str, int]]:
    """The lines of a lexicon that count, and where each begins."""
    at = 0
    for number, line in enumerate(lines.split("\n")):
        skipped = 1 if number == 0 and line.startswith("\ufeff") else 0
        content = line[skipped:].strip(" \r")
        if content and not content.startswith("#"):
            yield line[skipped:], at + len(line[:skipped].encode())
        at += len(line.encode()) + 1


def lexicon_fields(line: str, at: int) -> list[tuple[str, int]]:
    """Word, spelling, language and alphabet of a line, each with its position."""
    fields: list[tuple[str, int]] = []
    begin = at
    for field_text in line.split("\t"):
        if len(fields) == FIELDS_MAX:
            raise FaultError("invalid_lexicon", at)
        lead = len(field_text) - len(field_text.lstrip(" \r"))
        fields.append((field_text.strip(" \r"), at + lead))
        at += len(field_text.encode()) + 1
    if not fields[0][0]:
        raise FaultError("invalid_lexicon", begin)
    if len(fields) == 1:
        raise FaultError("invalid_lexicon", fields[0][1] + len(fields[0][0].encode()))
    if not fields[1][0]:
        raise FaultError("invalid_lexicon", fields[1][1])
    return fields + [("", 0)] * (FIELDS_MAX - len(fields))


def neighbours(items: Sequence[Item], at: int) -> tuple[Word | None, Word | None]:
    """The words before and after an item in its phrase, in which only white space without a line
    break parts words."""

    def first(of: Sequence[Item]) -> Word | None:
        for item in of:
            if isinstance(item, Word):
                return item
            if item.kind != "space" or has_line_break(item.text):
                return None
        return None

    return first(items[:at][::-1]), first(items[at + 1 :])


def letter_name(word: Word, beside: Sequence[Word | None]) -> str | None:
    """The name of a word that is a letter."""
    match = LETTER.fullmatch(word.text)
    if match is None or not word.text[0].isupper():
        return None
    letter = match[1].lower()
    if letter in "ai" and not any(capital_letter(other) for other in beside):
        return None
    ending = LETTER_ENDINGS.get(letter, "Z") if match[2] else ""
    return f"{LETTER_NAMES[letter]} {ending}".strip()


def letter_places(word: Word) -> Callable[[int, int], tuple[int, int]]:
    """Gives the bytes of the text that letters of a word stand in."""
    script = SCRIPTS[word.pack.tag]
    starts = [
        word.start + len(word.text[:at].encode())
        for _, at in text_rules.graphemes(word.text, script)
    ]

    def places(first: int, last: int) -> tuple[int, int]:
        if last >= len(starts):
            return word.start, word.end
        later = (start for start in starts[last:] if start > starts[last])
        return starts[first], next(later, word.end)

    return places


def is_dropped(span: Item, options: Options) -> bool:
    """Whether the options leave an item out."""
    if isinstance(span, Word):
        return False
    choice = options.punctuation if span.kind in ("space", "punctuation") else options.unknown
    return choice == "drop"


def parting(before: Sequence[Item], word: Word, options: Options) -> str:
    """What parts a word from another, by the two items that were written last."""
    match before:
        case [*_, Word()]:
            chosen = options.syllable_separator if word.is_later else options.word_separator
            return options.between_phonemes if chosen is None else chosen
        case [Word(), text_rules.Span(kind="space", text=space)] if not has_line_break(space):
            return options.beside_space
    return ""


def is_between_words(before: Sequence[Item], item: Item, after: Item | None) -> bool:
    """Whether an item is what keeps two words apart, by what was written last and what follows."""
    return (
        before != []
        and isinstance(before[-1], Word)
        and isinstance(item, text_rules.Span)
        and item.kind == "space"
        and not has_line_break(item.text)
        and isinstance(after, Word)
    )


def has_line_break(space: str) -> bool:
    """Whether there is a line break in white space."""
    return text_rules.LINE_BREAK.search(space) is not None


def is_vowel(pack: model.Pack, token: int) -> bool:
    """Whether a phoneme is the nucleus of a syllable."""
    return pack.phonemes[token - 1].kind == 1


def syllables(pack: model.Pack, tokens: Tokens) -> list[tuple[int, int]]:
    """Where each syllable of a piece begins, and its vowel."""
    vowels = [at for at, token in enumerate(tokens) if is_vowel(pack, token)]
    starts = [
        0 if before is None else onset(pack, tokens, before, vowel)
        for before, vowel in zip([None, *vowels], vowels, strict=False)
    ]
    return list(zip(starts, vowels, strict=True))


def stresses(pack: model.Pack, tokens: Tokens, placement: str) -> dict[int, int]:
    """Where the marks of a piece stand: index of the phoneme behind it → stress."""
    return {
        vowel if placement == "vowel" else start: pack.phonemes[tokens[vowel] - 1].stress
        for start, vowel in syllables(pack, tokens)
        if pack.phonemes[tokens[vowel] - 1].stress
    }


def onset(pack: model.Pack, tokens: Tokens, before: int, vowel: int) -> int:
    """Where the syllable of a vowel begins that comes after another."""
    if pack.onsets:
        starts = range(before + 1, vowel)
        return next((start for start in starts if tokens[start:vowel] in pack.onsets), vowel)
    between = [pack.phonemes[token - 1] for token in tokens[before + 1 : vowel]]
    kinds = "".join("ŋ" if p.spellings["ipa"] == "ŋ" else "cvg"[p.kind] for p in between)
    match = re.search("c?g?$", kinds)
    assert match is not None
    return before + 1 + match.start()
