"""The oracle of ``docs/TEXT.md``: blocks, spans, letters, pieces; without written forms.

A text becomes a string with one letter for the class of each unit, and the rules of the page
become regular expressions over that string.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

APOSTROPHES = "'\u00b4\u02bb\u02bc\u2018\u2019\uff07"
HYPHENS = "-\u2010\u2011\uff0d"
FULL_STOPS = ".\uff0e"
COMMAS = ",\uff0c"

DIGIT = re.compile("[0-9\uff10-\uff19]")
SUPPLEMENTARY = re.compile("[\U000e0100-\U000e01ef]")
PUNCTUATION = re.compile(
    r"""[!"'(),\-./:;?\[\\\]`{}¡«´·»¿\u02bb\u02bc\u200b"""
    r"\u2010-\u2027\u2032-\u2049\u204b-\u204d\u204f\u2050\u2053-\u205e"
    r"\u3001-\u3003\u3008-\u3011\u3014-\u301f\u30fb\u318d"
    r"\uff01\uff02\uff07-\uff09\uff0c-\uff0f\uff1a\uff1b\uff1f\uff3b-\uff3d\uff5b\uff5d\uff61-\uff65]"
)
LINE_BREAK = re.compile("[\n-\r\x85\u2028\u2029]")
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u200c-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
MARK = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")

KEYCAP = re.compile("[0-9\uff10-\uff19]\ufe0f?\u20e3")
LEADING = "\u1100-\u115f\ua960-\ua97c"
VOWEL = "\u1160-\u11a7\ud7b0-\ud7c6"
TRAILING = "\u11a8-\u11ff\ud7cb-\ud7fb"
OPEN_SYLLABLES = "".join(chr(code_point) for code_point in range(0xAC00, 0xD7A4, 28))
BLOCK = re.compile(
    # Leading consonants; a vowel or a syllable without a coda, and more vowels; or a syllable with
    # one; trailing consonants.
    f"[{LEADING}]*(?:[{OPEN_SYLLABLES}{VOWEL}][{VOWEL}]*|[\uac00-\ud7a3])[{TRAILING}]*"
    f"|[{LEADING}]+|[{TRAILING}]+"
)

LATIN_NAME = re.compile(r"LATIN (?:(?:CAPITAL|SMALL) )?(?:LETTER|LIGATURE) (.+?)(?: WITH .+)?")
LATIN_NAMES = {
    "AFRICAN D": "d", "DOTLESS I": "i", "DOTLESS J": "j", "ENG": "n", "ETH": "d", "GAMMA": "g",
    "IOTA": "i", "KRA": "k", "LONG S": "s", "MIDDLE-WELSH V": "v", "OI": "g", "OPEN E": "e",
    "OPEN O": "o", "REVERSED E": "e", "SCHWA": "a", "SMALL Q": "q", "TURNED E": "e",
    "TURNED M": "u", "TURNED V": "u", "U BAR": "u", "UPSILON": "u", "WYNN": "w", "YOGH": "y",
    "YR": "r", "AE": "ae", "OE": "oe", "THORN": "th", "SHARP S": "ss",
    "N PRECEDED BY APOSTROPHE": "'n", "ESH": "sh", "EZH": "zh", "EZH REVERSED": "zh", "HV": "hv",
    "HWAIR": "hv", "OU": "ou", "MIDDLE-WELSH LL": "ll",
}  # fmt: skip

ELISIONS = frozenset(
    "allo bout cause course cuse d em frisco gain kay ll m n "
    "re round s til tis twas twere ve".split()
)
QUOTABLE = frozenset("bout cause course gain kay round".split())
CLIPPED = frozenset(("n", "o", "ol"))


# ------------------------------------------------------------------------------------- letters


@cache
def latin_letters(character: str) -> str:
    """The letters a–z (for ŉ also ') that a Latin letter stands for; empty for what is none."""
    code_point = ord(character)
    if code_point < 0x80 or 0xFF21 <= code_point <= 0xFF5A or character in "\u212a\u212b":
        return ascii_letters(character)
    if 0x0250 <= code_point <= 0x02AF:
        capital = character.upper()
        return latin_letters(capital) if "\u0180" <= capital <= "\u024f" else ""
    if not any(
        first <= code_point <= last
        for first, last in ((0x00C0, 0x024F), (0x1E00, 0x1EFF), (0xFB00, 0xFB06))
    ):
        return ""
    return ascii_letters(character) or letters_of_name(unicodedata.name(character, ""))


def ascii_letters(character: str) -> str:
    """The compatibility decomposition without marks, when it is all a–z."""
    decomposed = unicodedata.normalize("NFKD", character).lower()
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare if re.fullmatch("[a-z]+", bare) else ""


def letters_of_name(name: str) -> str:
    """What the name of a Latin letter says it is."""
    match = LATIN_NAME.fullmatch(name)
    if match is None:
        return ""
    return match[1].lower() if len(match[1]) == 1 else LATIN_NAMES.get(match[1], "")


def latin_graphemes(character: str) -> str:
    """What a character of a Latin word gives the model."""
    for of_one_kind, grapheme in ((APOSTROPHES, "'"), (HYPHENS, "-"), (FULL_STOPS, ".")):
        if character in of_one_kind:
            return grapheme
    return latin_letters(character)


def graphemes(word: str, script: str) -> list[tuple[str, int]]:
    """The letters of a word, each with the index of the character that it comes from."""
    if script == "latin":
        return [(g, at) for at, character in enumerate(word) for g in latin_graphemes(character)]
    return [
        (jamo, at)
        for at, character in enumerate(word)
        if not IGNORABLE.match(character) and not SUPPLEMENTARY.match(character)
        for jamo in unicodedata.normalize("NFD", character)
    ]


def normalised(word: str) -> str:
    """The letters of a Latin word."""
    return "".join(g for g, _ in graphemes(word, "latin"))


# --------------------------------------------------------------------------------------- units


def class_of(unit: str) -> str:
    """The class of a unit, as a letter of the expressions below.

    L latin, H hangul, D digit, S space, I ignorable, M mark, O other, and of the punctuation
    a apostrophe, h hyphen, f full stop, c comma, p the rest.
    """
    if BLOCK.fullmatch(unit):
        return "H" if re.fullmatch("[\uac00-\ud7a3]", unicodedata.normalize("NFC", unit)) else "O"
    if KEYCAP.fullmatch(unit):
        return "O"
    marks = (("a", APOSTROPHES), ("h", HYPHENS), ("f", FULL_STOPS), ("c", COMMAS))
    for letter, of_one_kind in marks:
        if unit in of_one_kind:
            return letter
    if DIGIT.match(unit):
        return "D"
    if SUPPLEMENTARY.match(unit):
        return "I"
    if latin_letters(unit):
        return "L"
    if unit in "\t\n\v\f\r\x85" or unicodedata.category(unit) in ("Zs", "Zl", "Zp"):
        return "S"
    for letter, pattern in (("p", PUNCTUATION), ("I", IGNORABLE), ("M", MARK)):
        if pattern.match(unit):
            return letter
    return "O"


def units(text: str) -> Iterator[str]:
    """The units of a text."""
    at = 0
    while at < len(text):
        match = BLOCK.match(text, at) or KEYCAP.match(text, at)
        end = match.end() if match else at + 1
        yield text[at:end]
        at = end


# -------------------------------------------------------------------------------------- blocks

BLOCK_BYTES_FULL = 768
BLOCK_BYTES_MAX = 1024


def blocks(text: str) -> Iterator[str]:
    """The blocks of a text."""
    while text:
        end = block_end(text)
        yield text[:end]
        text = text[end:]


def block_end(text: str) -> int:
    """Where the first block of a text ends."""
    at = count = breaks = 0
    previous = ""
    for unit in units(text):
        is_space = class_of(unit) == "S"
        if previous and not is_space:
            if breaks >= 2 or count >= BLOCK_BYTES_FULL:
                return at
            breaks, previous = 0, ""
        if count + len(unit.encode()) > BLOCK_BYTES_MAX:
            return at or len(unit.encode()[:BLOCK_BYTES_MAX].decode(errors="ignore"))
        if is_space:
            breaks += bool(LINE_BREAK.match(unit)) and (previous, unit) != ("\r", "\n")
            previous = unit
        at += len(unit)
        count += len(unit.encode())
    return at


# --------------------------------------------------------------------------------------- spans


@dataclass(frozen=True)
class Span:
    """A span: ``kind`` is word, number, punctuation, space, other or override."""

    kind: str
    text: str
    start: int
    """Position of its first byte."""
    script: str | None = None
    """Of a word: latin or hangul; of an override that of the first word in it, else latin."""


OVERRIDE = re.compile(r"\[([^\[\]\n-\r]+)\]\(/([^()/\n-\r]+)/\)")


LETTERS = r"(?:I*[LM]|I*[ah]I*L)*+"
WORD = re.compile("L" + LETTERS)
DOTTED = re.compile(r"(?>LM*+(?:fLM*+)++)f?+(?!L)")
ELISION = re.compile("aL" + LETTERS)
HANGUL = re.compile("H(?:I*H)*+")
NUMBER = re.compile("D(?:[fc]?D)*+")
SPACE = re.compile("S+")
PUNCTUATION_UNIT = re.compile("[ahfcpI]")
OTHER = re.compile("[OM][OMI]*+")


class Segmenter:
    """Cuts a text into spans."""

    def __init__(self, text: str, *, has_overrides: bool = False) -> None:
        self.units = list(units(text))
        self.classes = "".join(class_of(unit) for unit in self.units)
        self.has_overrides = has_overrides
        self.is_quote_open = False
        self.letters_end = -1
        """Where the latest word that ends by the rule of letters, or elision, ends."""

    def spans(self) -> Iterator[Span]:
        """The spans of the text, in order."""
        at = position = 0
        while at < len(self.units):
            kind, script, end = self.next_span(at)
            text = self.text(at, end)
            yield Span(kind, text, position, script)
            at, position = end, position + len(text.encode())

    def text(self, at: int, end: int) -> str:
        """Text of a run of units."""
        return "".join(self.units[at:end])

    def next_span(self, at: int) -> tuple[str, str | None, int]:
        """Kind, script and end of the span that begins here."""
        override = self.override(at)
        if override is not None:
            self.letters_end = -1
            scripts = (span.script for span in spans(override[1]))
            return "override", next(filter(None, scripts), "latin"), at + len([*units(override[0])])
        match self.classes[at]:
            case "L":
                return "word", "latin", self.latin_end(at)
            case "H":
                return "word", "hangul", self.run(HANGUL, at)
            case "D":
                return "number", None, self.run(NUMBER, at)
            case "S":
                return "space", None, self.space_end(at)
            case "O" | "M":
                return "other", None, self.run(OTHER, at)
        elision = self.elision_end(at)
        if elision is not None:
            self.letters_end = elision
            return "word", "latin", elision
        return "punctuation", None, self.punctuation_end(at)

    def override(self, at: int) -> re.Match[str] | None:
        """The override that begins here."""
        if not self.has_overrides or self.units[at] != "[":
            return None
        return OVERRIDE.match(self.text(at, len(self.units)))

    def run(self, pattern: re.Pattern[str], at: int) -> int:
        """Where the run of a pattern that begins here ends."""
        match = pattern.match(self.classes, at)
        assert match is not None
        return match.end()

    def latin_end(self, at: int) -> int:
        """The end of the Latin word that begins with the letter here."""
        follows_stop = at > 0 and self.classes[at - 1] == "f" and self.letters_end == at - 1
        dotted = None if follows_stop else DOTTED.match(self.classes, at)
        if dotted and dotted[0].endswith("f"):
            return dotted.end()
        last_letter = dotted.end() - 1 if dotted else at
        # The rule of letters goes on after the last letter; its marks are the rule's as well.
        while self.classes[last_letter] == "M":
            last_letter -= 1
        self.letters_end = self.run(WORD, last_letter)
        if dotted or self.is_quote_open:
            return self.letters_end
        return self.final_apostrophe_end(at, self.letters_end)

    def final_apostrophe_end(self, at: int, end: int) -> int:
        """The end with the apostrophe that belongs to the word, when one does."""
        if end == len(self.units) or self.units[end] not in "'\u02bc\u2019\uff07":
            return end
        letters = normalised(self.text(at, end))
        takes = letters in CLIPPED or (len(letters) >= 4 and letters.endswith("in"))
        return end + 1 if takes else end

    def elision_end(self, at: int) -> int | None:
        """The end of the elision that begins here, when one does."""
        match = ELISION.match(self.classes, at)
        if match is None or (at > 0 and self.units[at - 1] == self.units[at] == "'"):
            return None
        end = match.end()
        letters = normalised(self.text(at + 1, end))
        if letters not in ELISIONS or (self.units[at] == "\u2018" and letters in QUOTABLE):
            return None
        if not self.classes.startswith("a", end):
            return end
        return end + 1 if letters == "n" else None

    def punctuation_end(self, at: int) -> int:
        """The end of the punctuation that begins here; its apostrophes open and close quotes."""
        end = at
        while PUNCTUATION_UNIT.match(self.classes, end):
            if end > at and (self.elision_end(end) is not None or self.override(end)):
                break
            if self.classes[end] == "a":
                is_before_letter = self.classes[end + 1 : end + 2] in ("L", "H")
                is_opening = self.is_quote_open or self.units[end] != "\u2019"
                self.is_quote_open = is_before_letter and is_opening
            end += 1
        return end

    def space_end(self, at: int) -> int:
        """The end of the space that begins here; a line break closes a quote."""
        end = self.run(SPACE, at)
        if LINE_BREAK.search(self.text(at, end)):
            self.is_quote_open = False
        return end


def spans(text: str, *, has_overrides: bool = False) -> list[Span]:
    """The spans of a block."""
    return list(Segmenter(text, has_overrides=has_overrides).spans())


# -------------------------------------------------------------------------------------- pieces


@dataclass(frozen=True)
class Piece:
    """A piece of a word: what the model reads, and what it covers of the text."""

    graphemes: str
    text: str


def pieces(word: str, script: str, graphemes_max: int) -> list[Piece]:
    """A word in pieces of at most so many letters."""
    rest = graphemes(word, script)
    result: list[Piece] = []
    begin = 0
    while len(rest) > graphemes_max:
        cuts = [at for at in range(1, graphemes_max + 1) if begins_piece(rest[at][0])]
        cut = cuts[-1] if cuts else graphemes_max
        end = rest[cut][1]
        result.append(Piece("".join(g for g, _ in rest[:cut]), word[begin:end]))
        rest, begin = rest[cut:], end
    result.append(Piece("".join(g for g, _ in rest), word[begin:]))
    return result


def begins_piece(grapheme: str) -> bool:
    """Whether a piece may begin with this letter: a hyphen or a syllable's first jamo."""
    return grapheme == "-" or "\u1100" <= grapheme <= "\u1112"
