"""Writes ``cases/*.jsonl`` and ``packs/*.kph``: every expected value is made by the oracle, or was
written by hand.

    python generate.py             writes the files
    python generate.py --check     writes nothing; fails when a file is not what would be written

Needs Python 3.11 and NumPy, and the packs of the core, ``zig-core/packs``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import sys
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import reference as model
import reference_text as text_rules
import synthetic
from reference_output import FaultError, Options, Oracle, Reading, Span, Tokens, Word

HERE = Path(__file__).resolve().parent
DEFAULT_PACKS = [HERE.parent / "zig-core" / "packs" / name for name in ("en-us.kph", "ko.kph")]
CACHED_WORDS_MAX = 1 << 20
PACKS_MAX = 8

Text = str | bytes
Json = dict[str, Any]

PLAIN = Options(written=False, homographs=False, weak_forms=False, sandhi=False)
"""What the oracle can tell the answer to."""
ALONE = Options(written=False)
"""The same for words that stand alone."""


@dataclass(frozen=True)
class Case:
    """A case without what is expected."""

    id: str
    op: str
    texts: tuple[Text, ...] = ()
    options: Options = PLAIN
    packs: tuple[str, ...] = ()
    """Names of packs in ``packs/``; none: those that come with the library."""
    cache_words: int | None = None
    lexicon_bytes: int | None = None
    lexicon: str = ""
    """Lines of a lexicon that is loaded before the call."""
    spelling: str | None = None
    """Of a word that is added."""
    count: int | None = None
    """Of alternatives."""
    cuts: tuple[int, ...] = ()
    """Where a stream is cut, in bytes."""
    of: str = ""
    """The case file whose texts are meant."""
    output: str | None = None
    """What is expected, written by hand; None: the oracle knows."""
    said: str | None = None
    """The text with what is expected of words as overrides: the oracle's output of it is meant."""


# -------------------------------------------------------------------------------------- inputs


def input_words(name: str) -> list[str]:
    """The words of an input file, each once."""
    lines = (HERE / "inputs" / name).read_text(encoding="utf-8").splitlines()
    return list(
        dict.fromkeys(w for line in lines if not line.startswith("# ") for w in line.split())
    )


def input_lines(name: str) -> list[str]:
    """The lines of an input file."""
    lines = (HERE / "inputs" / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


def input_tables(name: str) -> Json:
    """An input file in TOML."""
    return tomllib.loads((HERE / "inputs" / name).read_text(encoding="utf-8"))


def word_cases(name: str) -> Iterator[Case]:
    """A case for every word of a file."""
    for word in input_words(f"{name}.txt"):
        yield Case(word, "word_logits", (word,), ALONE)


def sentence_cases() -> Iterator[Case]:
    """Every line, kept as it is and with as much as possible left out.

    What becomes of two words with nothing between them but what is left out is not settled yet.
    """
    bare = replace(PLAIN, punctuation="drop", unknown="drop", stress="vowel")
    for number, line in enumerate(input_lines("sentences.txt"), 1):
        yield Case(f"{number:03}", "transcribe", (line,))
        if not has_joined_words(line):
            yield Case(f"{number:03}-bare", "transcribe", (line,), bare)


def has_joined_words(line: str) -> bool:
    """Whether nothing but symbols and numbers stands somewhere between two words."""
    kinds = "".join(span.kind[0] for span in text_rules.spans(line))
    return re.search("w[on]+w", kinds) is not None


def analysis_cases() -> Iterator[Case]:
    """Every fifth line, and the texts for the rules of words."""
    for number, line in enumerate(input_lines("sentences.txt"), 1):
        if number % 5 == 0:
            yield Case(f"sentence-{number:03}", "analyze", (line,))
    yield from named_cases("texts.toml", ("analyze",))


def named_cases(name: str, ops: Sequence[str]) -> Iterator[Case]:
    """Cases of the texts in a file of tables."""
    for table, texts in input_tables(name).items():
        for key, text in texts.items():
            for op in ops:
                case_id = f"{table}-{key}" + ("" if len(ops) == 1 else f"-{op}")
                yield Case(case_id, op, (text,))


BLOCKS = (
    (0x0000, 0x0370), (0x1100, 0x1200), (0x1E00, 0x1F00), (0x2000, 0x2100), (0x3000, 0x3200),
    (0xA960, 0xA980), (0xD780, 0xD800), (0xFB00, 0xFB10), (0xFE00, 0xFE30), (0xFF00, 0xFFF0),
)  # fmt: skip


def block_cases() -> Iterator[Case]:
    """The characters of the blocks that the rules tell apart, 16 in a text."""
    for first, last in BLOCKS:
        for row in range(first, last, 16):
            text = " ".join(map(chr, range(row, row + 16)))
            yield Case(f"{row:04x}", "analyze", (text,))


def option_cases() -> Iterator[Case]:
    """All combinations of options."""
    tables = input_tables("options.toml")
    formats, stresses = ("ipa", "arpabet"), ("syllable", "vowel", "none")
    punctuations, unknowns = ("keep", "drop"), ("keep", "drop", "error")
    product = itertools.product(
        formats, stresses, punctuations, unknowns, (None, *tables["separators"])
    )
    for number, (form, stress, punctuation, unknown, separator) in enumerate(product, 1):
        options = replace(
            PLAIN, format=form, stress=stress, punctuation=punctuation, unknown=unknown,
            separator=separator,
        )  # fmt: skip
        yield Case(f"english-{number:03}", "transcribe", (tables["english"],), options)
    by_language = itertools.product(
        formats, punctuations, unknowns, (None, *tables["languages"]), ("transcribe", "analyze")
    )
    for number, (form, punctuation, unknown, language, op) in enumerate(by_language, 2):
        options = replace(
            PLAIN, format=form, punctuation=punctuation, unknown=unknown, language=language
        )
        yield Case(f"mixed-{number // 2:03}-{op}", op, (tables["mixed"],), options)


def fault_cases() -> Iterator[Case]:
    """Calls that fail."""
    for entry in input_tables("faults.toml")["case"]:
        options = replace(PLAIN, **entry.get("options", {}))
        if "texts" in entry:
            texts = tuple(text_of(text) for text in entry["texts"])
            yield Case(entry["id"], "transcribe_many", texts, options)
            continue
        text = bytes.fromhex(entry["hex"]) if "hex" in entry else entry["text"]
        if "op" in entry:
            more = {key: entry[key] for key in ("count", "spelling", "cuts") if key in entry}
            yield Case(entry["id"], entry["op"], (text,), options, **more)
        else:
            for op in ("transcribe", "analyze"):
                yield Case(f"{entry['id']}-{op}", op, (text,), options)


def text_of(text: str) -> Text:
    """A text that may be written in hexadecimal."""
    return bytes.fromhex(text[4:]) if text.startswith("hex:") else text


# -------------------------------------------------------------------------------------- limits


def limit_cases(packs: Sequence[model.Pack]) -> Iterator[Case]:
    """Words, texts and separators around the limits."""
    for pack in packs:
        for name, word in long_words(pack.tag, pack.graphemes_max):
            yield Case(f"{pack.tag}-{name}-logits", "word_logits", (word,))
            yield Case(f"{pack.tag}-{name}", "analyze", (word,))
            options = replace(PLAIN, separator="|", stress="vowel")
            yield Case(f"{pack.tag}-{name}-separated", "transcribe", (word,), options)
            options = replace(PLAIN, separator="|", syllable_separator=".", word_separator=" ")
            yield Case(f"{pack.tag}-{name}-syllables", "transcribe", (word,), options)
    for name, text in long_texts():
        yield Case(name, "transcribe", (text,))
        if not has_joined_words(text):
            drop = replace(PLAIN, punctuation="drop", unknown="drop", separator=" ")
            yield Case(f"{name}-dropped", "transcribe", (text,), drop)
    for name, separator in (
        ("one-byte", "."), ("64-bytes", "0123456789abcdef" * 4), ("21-syllables", "한" * 21),
        ("16-emoji", "😀" * 16), ("newline", "\n"), ("nul", "\0"), ("stress-mark", "ˈ"),
        ("no-break-space", "\u00a0"),
    ):  # fmt: skip
        for punctuation in ("keep", "drop"):
            options = replace(PLAIN, separator=separator, punctuation=punctuation)
            case_id = f"separator-{name}-{punctuation}"
            yield Case(case_id, "transcribe", ("state of 한국!\nthe art",), options)
    for words in (0, 1, 2, 100_000):
        text = " ".join(["one two three one 하나 둘 two one 하나"] * 3)
        yield Case(f"cache-of-{words}-words", "transcribe", (text,), cache_words=words)
    yield Case("cache-too-large", "open", cache_words=CACHED_WORDS_MAX + 1)


def long_words(tag: str, count: int) -> Iterator[tuple[str, str]]:
    """Words of about as many letters as a model reads at once, and of more."""
    letters = cycled("banjokewirths" if tag == "en-us" else "가나한글각", 4 * count)
    lengths = [count - 1, count, count + 1, 2 * count, 2 * count + 1, 3 * count + 5]
    if tag == "ko":
        for letter_count in lengths:
            yield f"word-of-{letter_count}-letters", of_letters(letters, letter_count)
        nfd = unicodedata.normalize("NFD", of_letters(letters, count + 3))
        yield "decomposed", nfd
        yield "joined", "\u200d".join(of_letters(letters, count + 3))
        return
    for length in lengths:
        yield f"word-of-{length}-letters", letters[:length]
    for at in (1, count // 2, count - 1, count, count + 1):
        yield f"hyphen-at-{at}", f"{letters[:at]}-{letters[at : 2 * count]}"
    yield "three-hyphens", f"{letters[: count // 3]}-{letters[: count // 3]}-{letters[:count]}-a"
    yield "accent-at-the-limit", letters[: count - 1] + "e\u0301" + letters[:3]
    yield "joiner-at-the-limit", letters[:count] + "\u200d\u0301" + letters[:3]
    yield "joiner-after-the-last", letters[:count] + "\u0301"
    yield "apostrophe-at-the-limit", letters[: count - 1] + "'" + letters[:4]
    yield "dotted", ".".join(letters[:count]) + "."


def cycled(letters: str, count: int) -> str:
    """So many letters."""
    return (letters * (count // len(letters) + 1))[:count]


def of_letters(syllables: str, count: int) -> str:
    """The syllables with at least so many letters, as few as possible."""
    ends = itertools.accumulate(len(unicodedata.normalize("NFD", s)) for s in syllables)
    return syllables[: 1 + sum(end < count for end in ends)]


def long_texts() -> Iterator[tuple[str, str]]:
    """Texts with more spans than are held at once, and other long things."""
    yield "empty-text", ""
    yield "300-words", " ".join(["so it goes on and on, 그리고 또"] * 40)
    yield (
        "320-different-words",
        " ".join(f"{a}{b}{c}" for a, b, c in itertools.product("bdkmprst", "aeiou", "dfklmnst")),
    )
    yield "700-spans-without-words", "1 , " * 350
    yield "words-and-symbols", "☕a" * 300
    yield "long-number", "1234567890" * 200
    yield "long-space", " \t\n" * 300
    yield "long-punctuation", "?!." * 500
    yield "long-emoji", "👨\u200d👩\u200d👧" * 100
    yield "long-hyphens", "a-" * 200
    yield "long-apostrophes", "'a" * 200
    yield "long-dots", "a." * 200
    yield "long-marks", "a" + "\u0301" * 500
    yield "long-ignorables", "a" + "\u00ad" * 500 + "b"


def many_cases() -> Iterator[Case]:
    """Several texts in one call."""
    yield Case("none", "transcribe_many", ())
    yield Case("one", "transcribe_many", ("hello",))
    yield Case("empty-texts", "transcribe_many", ("", "", ""))
    yield Case("some-empty", "transcribe_many", ("", "hello", "", "세계", ""))
    yield Case("same", "transcribe_many", ("hello",) * 20)
    lines = tuple(input_lines("sentences.txt"))
    yield Case("sentences", "transcribe_many", lines[::7])
    dropped = replace(PLAIN, punctuation="drop")
    yield Case("gaps-end-with-their-text", "transcribe_many", ("a ", " b", ".", " c d "), dropped)
    yield Case("quotes-end-with-their-text", "transcribe_many", ("'Let us", "goin' on"))
    yield Case("300-texts", "transcribe_many", tuple(input_words("english-words.txt")[600:900]))
    pairs = tuple(input_words("korean-words.txt")[:300:3])
    korean = replace(PLAIN, language="ko", separator=".")
    yield Case("korean-texts", "transcribe_many", pairs, korean)
    arpabet = replace(PLAIN, format="arpabet", language="en-us")
    yield Case("arpabet", "transcribe_many", lines[:40:4], arpabet)


# ------------------------------------------------------------------------------ the calls' rules


def written_cases(name: str) -> Iterator[Case]:
    """Written forms and their words, from the tables written by hand."""
    lines = (HERE / "written" / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines[1:], 2):
        if line and not line.startswith("# "):
            written, _, spoken = line.partition("\t")
            yield Case(f"{number:04}", "normalize", (written,), Options(), output=spoken)


def context_cases() -> Iterator[Case]:
    """What the neighbours of a word do to it."""
    tables = input_tables("context.toml")
    for name, pairs in tables["said"].items():
        for number, (text, said) in enumerate(pairs, 1):
            yield Case(f"{name}-{number:02}", "transcribe", (text,), Options(), said=said)
    for name, pairs in tables["hangul"].items():
        for number, (text, output) in enumerate(pairs, 1):
            options = Options(format="hangul")
            yield Case(f"{name}-{number:02}", "transcribe", (text,), options, output=output)
    for name, pairs in tables["narrow"].items():
        for number, (text, output) in enumerate(pairs, 1):
            options = Options(narrow=True)
            yield Case(f"{name}-{number:02}", "transcribe", (text,), options, output=output)


ENGLISH_FORMATS = ("arpabet", "xsampa", "espeak", "kokoro")
KOREAN_FORMATS = ("xsampa", "hangul", "jamo")


def format_cases() -> Iterator[Case]:
    """Texts in every alphabet."""
    tables = input_tables("formats.toml")
    for number, text in enumerate(tables["english"], 1):
        for form, stress in itertools.product(ENGLISH_FORMATS, ("syllable", "vowel", "none")):
            options = replace(PLAIN, format=form, stress=stress)
            yield Case(f"english-{number:02}-{form}-{stress}", "transcribe", (text,), options)
        for form in ENGLISH_FORMATS:
            options = replace(PLAIN, format=form)
            yield Case(f"english-{number:02}-{form}-analysis", "analyze", (text,), options)
    for number, text in enumerate(tables["korean"], 1):
        for form, separator in itertools.product(KOREAN_FORMATS, (None, " ", "·")):
            options = replace(PLAIN, format=form, separator=separator)
            case_id = f"korean-{number:02}-{form}-{len((separator or '').encode())}"
            yield Case(case_id, "transcribe", (text,), options)
        for separator in (None, "·"):
            options = replace(PLAIN, narrow=True, separator=separator)
            case_id = f"korean-{number:02}-narrow-{len((separator or '').encode())}"
            yield Case(case_id, "transcribe", (text,), options)
        for options in (
            *(replace(PLAIN, format=form) for form in KOREAN_FORMATS),
            replace(PLAIN, narrow=True),
        ):
            name = "narrow" if options.narrow else options.format
            yield Case(f"korean-{number:02}-{name}-analysis", "analyze", (text,), options)
    for form in dict.fromkeys((*ENGLISH_FORMATS, *KOREAN_FORMATS)):
        options = replace(PLAIN, format=form)
        yield Case(f"other-script-{form}", "transcribe", ("hello 세계",), options)
        for language in ("en-us", "ko"):
            options = replace(PLAIN, format=form, language=language)
            yield Case(f"{language}-{form}", "transcribe", ("hello 세계!",), options)
    for form in (*ENGLISH_FORMATS, "ipa"):
        options = replace(PLAIN, format=form, narrow=True)
        yield Case(f"narrow-english-{form}", "transcribe", ("hello, world",), options)


ALPHABETS = {
    "english": [{"format": form} for form in ("ipa", *ENGLISH_FORMATS)],
    "korean": [*({"format": form} for form in ("ipa", *KOREAN_FORMATS)), {"narrow": True}],
}


def separator_cases() -> Iterator[Case]:
    """What stands between phonemes, syllables and words."""
    tables = input_tables("separators.toml")
    names = ("separator", "syllable_separator", "word_separator")
    sets = {name: dict(zip(names, given, strict=True)) for name, given in tables["sets"].items()}
    chosen = {n: {k: v for k, v in s.items() if v != "default"} for n, s in sets.items()}
    for language, alphabets in ALPHABETS.items():
        for number, text in enumerate(tables[language], 1):
            for form, (name, separators) in itertools.product(alphabets, chosen.items()):
                options = replace(PLAIN, **form, **separators)
                case_id = f"{language}-{number:02}-{'-'.join(map(str, form.values()))}-{name}"
                yield Case(case_id, "transcribe", (text,), options)
    for name, separators in chosen.items():
        for stress in ("vowel", "none"):
            options = replace(PLAIN, stress=stress, **separators)
            yield Case(f"{stress}-{name}", "transcribe", (tables["english"][0],), options)
        for text_name, text in tables["between"].items():
            for punctuation, unknown in itertools.product(("keep", "drop"), ("keep", "drop")):
                options = replace(PLAIN, punctuation=punctuation, unknown=unknown, **separators)
                case_id = f"between-{text_name}-{punctuation}-{unknown}-{name}"
                yield Case(case_id, "transcribe", (text,), options)
                if name in ("all", "mixed"):
                    yield Case(f"{case_id}-analysis", "analyze", (text,), options)
        texts = tuple(tables["between"].values())
        yield Case(f"many-{name}", "transcribe_many", texts, replace(PLAIN, **separators))
        for word in ("independent", "독립문"):
            yield Case(
                f"alternatives-{word}-{name}", "alternatives", (word,),
                replace(PLAIN, **separators), count=4,
            )  # fmt: skip
        for number, (text, said) in enumerate(tables["said"], 1):
            options = replace(PLAIN, overrides=True, **separators)
            yield Case(f"said-{number:02}-{name}", "transcribe", (text,), options)
            yield Case(f"said-{number:02}-{name}-output", "transcribe", (said,), options)
    for number, entry in enumerate(tables["written"], 1):
        options = Options(**entry["options"])
        case_id = f"written-{number:02}"
        yield Case(case_id, "transcribe", (entry["text"],), options, output=entry["output"])


def lexicon_cases() -> Iterator[Case]:
    """Words of the caller's."""
    tables = input_tables("lexicon.toml")
    for name, entry in tables["use"].items():
        options = replace(PLAIN, **entry.get("options", {}))
        for op in ("transcribe", "analyze"):
            yield Case(f"{name}-{op}", op, (entry["text"],), options, lexicon=entry["lexicon"])
    for name, entry in tables["add"].items():
        options = replace(PLAIN, **entry.get("options", {}))
        yield Case(
            f"add-{name}", "lexicon_add", (entry["word"],), options, spelling=entry["spelling"]
        )
    for name, entry in tables["load"].items():
        options = replace(PLAIN, **entry.get("options", {}))
        text = bytes.fromhex(entry["hex"]) if "hex" in entry else entry["lines"]
        yield Case(f"load-{name}", "lexicon_load", (text,), options)
    yield Case("add-to-a-full-one", "lexicon_add", ("cat",), lexicon_bytes=1, spelling="kæt")
    yield Case("load-into-a-full-one", "lexicon_load", ("# a\ncat\tkæt",), lexicon_bytes=1)


def override_cases() -> Iterator[Case]:
    """Pronunciations in the text itself."""
    for name, entry in input_tables("overrides.toml").items():
        options = replace(PLAIN, overrides=True, **entry.get("options", {}))
        for op in ("transcribe", "analyze", "normalize"):
            yield Case(f"{name}-{op}", op, (entry["text"],), options)


def alternative_cases() -> Iterator[Case]:
    """The most probable phonemes of words."""
    tables = input_tables("alternatives.toml")
    for language in ("english", "korean"):
        for number, word in enumerate(tables[language].split(), 1):
            yield Case(f"{language}-{word}", "alternatives", (word,), count=1 + number * 5 % 16)
    for name, entry in tables["option"].items():
        options = replace(PLAIN, **entry["options"])
        yield Case(name, "alternatives", (entry["word"],), options, count=entry["count"])
    for word in "cat hello ox abc".split():
        yield Case(f"corrected-{word}", "alternatives", (word,), packs=("corrected",), count=16)
    for word in "cat's bee ark rosses sun's it's".split():
        yield Case(f"related-{word}", "alternatives", (word,), packs=("related",), count=16)


def stream_cases() -> Iterator[Case]:
    """Texts in parts."""
    for name, text in streamed_texts():
        size = len(text.encode())
        for kind, options in (
            ("plain", PLAIN),
            ("bare", replace(PLAIN, punctuation="drop", unknown="drop", separator="_")),
            ("arpabet", replace(PLAIN, format="arpabet", language="en-us")),
            ("rules", Options()),
            ("parted", replace(PLAIN, separator=" ", syllable_separator="", word_separator=".")),
            ("words", Options(word_separator=" # ")),
        ):
            if kind == "bare" and has_joined_words(text):
                continue
            rng = random.Random(f"{name} {kind}")
            cuts = tuple(sorted(rng.randrange(size + 1) for _ in range(rng.randint(1, 24))))
            yield Case(f"{name}-{kind}", "stream", (text,), options, cuts=cuts)
    text = "Über 한국 😀.\n\nÜber"
    yield Case("every-byte", "stream", (text,), cuts=tuple(range(1, len(text.encode()))))


def streamed_texts() -> Iterator[tuple[str, str]]:
    """Texts of several blocks, and of none."""
    lines = input_lines("sentences.txt")
    yield "nothing", ""
    yield "a-word", "hello"
    yield "english", " ".join(lines[:60])
    yield "korean", " ".join(line for line in lines if re.search("[가-힣]", line))[:2500]
    yield "mixed", "\r\n".join(lines[180:240])
    yield "paragraphs", "\n\n".join(lines[5:60])
    yield "breaks", "\n \r\n\r\u2029\u0085".join(lines[60:90])
    yield "without-space", "한글😀e\u0301" * 200
    yield "jamo", "\u1112\u1161\u11ab" * 300 + "\u1161" * 800 + " a"
    yield "spaces", " \u3000\t" * 500 + "a" + " " * 900 + "b"
    yield "spaces-of-blocks", "".join("words" + " " * n for n in range(730, 1100, 60)) + "end "
    yield "long-word", "banjo-kewirth" * 120
    yield "quotes", "'" + " goin' on and on 'n' on".join(["so it goes"] * 60) + "'"
    yield "emoji", "👨\u200d👩\u200d👧" * 60
    yield "keycaps", "1\ufe0f\u20e3" * 200 + "12 "
    yield "full-blocks", ("abcdefg " * 96 + "x" * 7 + " ") * 3


def cover_cases(files: Iterable[str]) -> Iterator[Case]:
    """That analyses leave nothing out, for every text of other files."""
    for name in files:
        yield Case(name, "cover", of=name)


# --------------------------------------------------------------------------------------- packs


RELATED = """cats cat's cat's's cat bee bee's bees bees's beeses ross ross's rosses tall talls
tall's ark ark's arks lark larks lark's star stars star's stars's ponies pony's ponys ass asse
asse's us us's us's's it its it's sun's sun's's a a's as 's longest"""
"""Words of the pack with that name: possessives, and of stems and forms that are corrected, without
room for the ending, without an ending to take off, alone, beside an entry that says nothing."""


def pack_cases(damaged: Iterable[str]) -> Iterator[Case]:
    """Packs that are given, read and refused."""
    for name in damaged:
        yield Case(f"refused-{name}", "open", packs=(f"damaged/{name}",))
    yield Case("refused-second-pack", "open", packs=("english", "damaged/half"))
    yield Case("twice-the-same-language", "open", packs=("english", "korean", "silent"))
    yield Case("nine-packs", "open", packs=("english",) * (PACKS_MAX + 1))
    both = ("english", "korean")
    yield Case("opened", "open", packs=both)
    words = "cat hello it a stress piano don't strange lattice carcassonne".split()
    for word in words:
        yield Case(f"english-{word}-logits", "word_logits", (word,), packs=both)
    for word in "가 각 나라 한국 삶 안녕하세요".split():
        yield Case(f"korean-{word}-logits", "word_logits", (word,), packs=both)
    text = "A strange lattice, 안녕하세요 well-known O’Neill U.S. caſts; 대한민국 Straße 'em"
    for number, (form, stress, separator) in enumerate(
        itertools.product(("ipa", "arpabet"), ("syllable", "vowel", "none"), (None, "", "_")), 1
    ):
        options = replace(PLAIN, format=form, stress=stress, separator=separator, language="en-us")
        yield Case(f"english-{number:02}", "transcribe", (text,), options, both)
        plain = replace(PLAIN, stress=stress, separator=separator)
        yield Case(f"both-{number:02}", "transcribe", (text,), plain, both)
    yield Case("analysis", "analyze", (text,), packs=both)
    for packs in (("english",), ("korean",)):
        for unknown in ("keep", "drop", "error"):
            options = replace(PLAIN, unknown=unknown)
            yield Case(f"{packs[0]}-alone-{unknown}", "transcribe", (text,), options, packs)
    yield Case("korean-before-english", "analyze", (text,), packs=("korean", "english"))
    for punctuation in ("keep", "drop"):
        options = replace(PLAIN, punctuation=punctuation)
        silent = ("nothing, ever 5 nothing else☕ no",)
        yield Case(f"silent-{punctuation}", "transcribe", silent, options, ("silent",))
    for word in "cat hello it a ox tall".split():
        yield Case(f"corrected-{word}-logits", "word_logits", (word,), packs=("corrected",))
        yield Case(f"corrected-{word}", "analyze", (word,), packs=("corrected",))
    yield Case("corrected", "transcribe", (text,), packs=("corrected", "korean"))
    for word in RELATED.split():
        yield Case(f"related-{word}-logits", "word_logits", (word,), packs=("related",))
        yield Case(f"related-{word}", "analyze", (word,), packs=("related",))
    yield Case("related", "transcribe", (RELATED * 3,), packs=("related",))
    yield Case("silent-analysis", "analyze", ("nothing at all",), packs=("silent",))
    yield Case("silent-logits", "word_logits", ("nothing",), packs=("silent",))


# ------------------------------------------------------------------------------------ expected


class Words:
    """The model's answers, for many words at once.

    In a first pass words are only noted down and nothing is answered; ``decode`` then decodes them.
    """

    def __init__(self) -> None:
        self.waiting: dict[int, tuple[model.Pack, dict[tuple[str, Tokens | None], None]]] = {}
        self.waiting_best: dict[tuple[int, str], model.Pack] = {}
        self.known: dict[tuple[int, str, Tokens | None], model.Reading] = {}
        self.best: dict[tuple[int, str], list[model.Alternative]] = {}

    def read(self, pack: model.Pack, graphemes: str, wanted: Tokens | None) -> Reading:
        """How a word is read, or would be with these phonemes."""
        answer = self.known.get((id(pack), graphemes, wanted))
        if answer is None:
            words = self.waiting.setdefault(id(pack), (pack, {}))[1]
            words[graphemes, wanted] = None
            return Reading()
        return Reading(tuple(answer.phonemes), tuple(answer.letters), answer.source)

    def logits(self, pack: model.Pack, graphemes: str) -> Json:
        """What a case tells of the logits of a word."""
        self.read(pack, graphemes, None)
        answer = self.known.get((id(pack), graphemes, None))
        if answer is None:
            return {}
        logits = np.stack(answer.logits)
        return {"floats": logits.size, "logits_crc32": f"{model.logits_crc32(logits):08x}"}

    def alternatives(self, pack: model.Pack, graphemes: str) -> list[model.Alternative]:
        """All alternatives of a word."""
        found = self.best.get((id(pack), graphemes))
        if found is None:
            self.waiting_best[id(pack), graphemes] = pack
            return []
        return found

    def decode(self) -> None:
        """Decodes the words that wait, on all cores."""
        parts: list[tuple[model.Pack, list[tuple[str, Tokens | None]]]] = []
        for pack, words in self.waiting.values():
            ordered = sorted(words, key=lambda word: len(word[0]))  # equally long ones together
            parts += [(pack, ordered[i : i + PART]) for i in range(0, len(ordered), PART)]
        with ProcessPoolExecutor() as pool:
            best = pool.map(
                model.alternatives,
                self.waiting_best.values(),
                [graphemes for _, graphemes in self.waiting_best],
                itertools.repeat(model.BEAM),
            )
            for (pack, words), readings in zip(parts, pool.map(read_part, parts), strict=True):
                for word, reading in zip(words, readings, strict=True):
                    self.known[id(pack), *word] = reading
            self.best.update(zip(self.waiting_best, best, strict=True))
        self.waiting, self.waiting_best = {}, {}


PART = 1024
"""Words that a process decodes at a time."""


def read_part(
    part: tuple[model.Pack, Sequence[tuple[str, Tokens | None]]],
) -> list[model.Reading]:
    """The readings of words, or with given phonemes."""
    pack, words = part
    return model.read_many(pack, [g for g, _ in words], [w for _, w in words])


class Expectations:
    """What is expected of cases."""

    def __init__(self, default: Sequence[bytes], others: dict[str, bytes]) -> None:
        self.words = Words()
        self.default = self.oracle(default)
        self.others = others
        self.oracles: dict[tuple[str, ...], Oracle] = {}

    def oracle(self, packs: Sequence[bytes]) -> Oracle:
        """An oracle over packs; a fault when they are refused."""
        if len(packs) > PACKS_MAX:
            raise FaultError("limit_exceeded")
        read: list[model.Pack] = []
        for content in packs:
            try:
                read.append(model.read_pack(content))
            except model.PackError as error:
                raise FaultError(f"pack_{error.status}") from None
            if read[-1].tag not in ("en-us", "ko") or len({p.tag for p in read}) < len(read):
                raise FaultError("pack_language")
        return Oracle(read, self.words.read)

    def of(self, case: Case) -> Json:
        """What is expected of a case."""
        try:
            return {"status": "ok", **self.answer(case)}
        except FaultError as fault:
            return {"status": fault.status, "text": fault.text, "position": fault.position}

    def answer(self, case: Case) -> Json:
        """The answer of a case that succeeds."""
        if (case.cache_words or 0) > CACHED_WORDS_MAX:
            raise FaultError("limit_exceeded")
        if case.output is not None:
            return {"output": case.output}
        if case.op == "cover":
            return {"covered": True}
        if case.op == "stream" and case.options.written:
            return {"whole": True}
        oracle = self.opened(case.packs)
        oracle.lexicon = {}
        oracle.lexicon_words = 0 if case.lexicon_bytes else sys.maxsize
        if case.lexicon:
            oracle.load(case.lexicon, PLAIN)
        if case.op == "open":
            return {}
        if case.op == "transcribe_many":
            return {"outputs": oracle.transcribe_many(case.texts, case.options)}
        return self.answer_of_one(oracle, case, case.texts[0])

    def answer_of_one(self, oracle: Oracle, case: Case, text: Text) -> Json:
        """The answer of a call on one text."""
        match case.op:
            case "transcribe" if case.said is not None:
                options = replace(PLAIN, format=case.options.format, overrides=True)
                return {"output": oracle.transcribe(case.said, options)}
            case "transcribe" | "stream":
                return {"output": oracle.transcribe(text, case.options)}
            case "normalize":
                return {"output": oracle.normalize(text, case.options)}
            case "analyze":
                spans = oracle.analyze(text, case.options)
                return {"spans": [span_json(span) for span in spans]}
            case "word_logits":
                word = oracle.word(text, case.options)
                output = oracle.transcribe(text, case.options)
                return {"output": output, **self.words.logits(word.pack, word.graphemes)}
            case "alternatives":
                word = oracle.alternatives(text, case.count or 0, case.options)
                found = self.words.alternatives(word.pack, word.graphemes)[: case.count]
                return {"alternatives": [alternative_json(oracle, word, a, case) for a in found]}
            case "lexicon_load":
                return {"count": oracle.load(text, case.options)}
            case "lexicon_add":
                oracle.add(text, case.spelling or "", case.options)
                return {}
        raise ValueError(case.op)

    def opened(self, packs: tuple[str, ...]) -> Oracle:
        """The oracle over packs of the suite."""
        if not packs:
            return self.default
        if packs not in self.oracles:
            self.oracles[packs] = self.oracle([self.others[name] for name in packs])
        return self.oracles[packs]


def alternative_json(
    oracle: Oracle, word: Word, alternative: model.Alternative, case: Case
) -> Json:
    """An alternative; the log-probability is the binary32's bits."""
    said = replace(word, reading=Reading(alternative.phonemes))
    return {
        "output": oracle.spelled(said, case.options),
        "source": alternative.source,
        "log_probability": f"{int(alternative.log_probability.view(np.uint32)):08x}",
    }


def span_json(span: Span) -> Json:
    """A span with what it has; as it is spoken only where that is not the text."""
    shown = {"kind": span.kind, "start": span.start, "end": span.end}
    if len(span.spoken.encode()) != span.end - span.start:
        shown["spoken"] = span.spoken
    if span.output:
        shown["output"] = span.output
    if span.kind == "word":
        shown |= {"source": span.source, "language": span.language}
    if span.phonemes:
        shown["phonemes"] = [[p.spelling, p.stress, p.start, p.end] for p in span.phonemes]
    return shown


# --------------------------------------------------------------------------------------- files


def case_json(case: Case, expected: Json) -> Json:
    """A line of a case file."""
    line: Json = {"id": case.id, "op": case.op}
    if case.op == "transcribe_many":
        line["texts"] = [t if isinstance(t, str) else {"hex": t.hex()} for t in case.texts]
    elif case.texts:
        text = case.texts[0]
        line |= {"text": text} if isinstance(text, str) else {"text_hex": text.hex()}
    defaults = asdict(Options())
    options = {k: v for k, v in asdict(case.options).items() if v != defaults[k]}
    if options:
        line["options"] = options
    if case.packs:
        line["packs"] = list(case.packs)
    for key in ("cache_words", "lexicon_bytes", "spelling", "count"):
        if getattr(case, key) is not None:
            line[key] = getattr(case, key)
    if case.op == "stream":
        line["cuts"] = list(case.cuts)
    for key in ("lexicon", "of"):
        if getattr(case, key):
            line[key] = getattr(case, key)
    return line | {"expect": expected}


INVISIBLE = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs")


def visible(match: re.Match[str]) -> str:
    """An escape in place of what cannot be seen, or would end a line somewhere."""
    character = match[0]
    return (
        json.dumps(character)[1:-1] if unicodedata.category(character) in INVISIBLE else character
    )


def lines(cases: Iterable[tuple[Case, Json]]) -> bytes:
    """The content of a case file."""
    content = "".join(
        json.dumps(case_json(case, expected), ensure_ascii=False, separators=(",", ":")) + "\n"
        for case, expected in cases
    )
    return re.sub(r"[^\x20-\x7e\n]", visible, content).encode()


def generated() -> dict[str, bytes]:
    """Every generated file, by its path in this folder."""
    default = [path.read_bytes() for path in DEFAULT_PACKS]
    whole, damaged = synthetic.packs(), synthetic.damaged()
    others = whole | {f"damaged/{name}": content for name, content in damaged.items()}
    files: dict[str, list[Case]] = {
        "english-words": list(word_cases("english-words")),
        "korean-words": list(word_cases("korean-words")),
        "sentences": list(sentence_cases()),
        "analyses": list(analysis_cases()),
        "unicode": list(named_cases("unicode.toml", ("transcribe", "analyze"))),
        "blocks": list(block_cases()),
        "options": list(option_cases()),
        "faults": list(fault_cases()),
        "limits": list(limit_cases([model.read_pack(content) for content in default])),
        "many": list(many_cases()),
        "packs": list(pack_cases(damaged)),
        "written-en": list(written_cases("en")),
        "written-ko": list(written_cases("ko")),
        "context": list(context_cases()),
        "formats": list(format_cases()),
        "separators": list(separator_cases()),
        "lexicon": list(lexicon_cases()),
        "overrides": list(override_cases()),
        "alternatives": list(alternative_cases()),
        "stream": list(stream_cases()),
    }
    files["cover"] = list(cover_cases(files))
    expectations = Expectations(default, others)
    for cases in files.values():
        for case in cases:
            expectations.of(case)
    expectations.words.decode()
    result = {f"packs/{name}.kph": content for name, content in others.items()}
    for name, cases in files.items():
        assert len({case.id for case in cases}) == len(cases), name
        content = lines((case, expectations.of(case)) for case in cases)
        result[f"cases/{name}.jsonl"] = content
    return result


def stale(files: dict[str, bytes]) -> list[str]:
    """Generated files that are not as they would be written, or should not be there."""
    present = {
        path.relative_to(HERE).as_posix()
        for folder, pattern in (("cases", "*.jsonl"), ("packs", "**/*.kph"))
        for path in (HERE / folder).glob(pattern)
    }
    changed = [n for n, c in files.items() if n not in present or (HERE / n).read_bytes() != c]
    return sorted({*changed, *(present - set(files))})


def main() -> int:
    """The command line of the module's docstring."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a stale file")
    arguments = parser.parse_args()
    files = generated()
    for name in stale(files):
        if arguments.check:
            sys.stderr.write(f"{name} is stale: run {Path(__file__).name}\n")
        elif name in files:
            path = HERE / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])
        else:
            (HERE / name).unlink()
    return 1 if arguments.check and stale(files) else 0


if __name__ == "__main__":
    sys.exit(main())
