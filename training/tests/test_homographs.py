"""Homographs: features, stored bytes, pronunciations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kilophone_training import data, homographs
from kilophone_training.alphabets import ENGLISH
from kilophone_training.homographs import Homograph, Neighbour, Section, fnv

CORE = Path(__file__).parents[2] / "zig-core/src/english/homographs.zig"
MARKS = {
    ",": homographs.COMMA, ".": homographs.STOP, "(": homographs.OPEN, "=": homographs.HYPHEN,
    "*": homographs.OTHER,
}  # fmt: skip


def names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def spelled(line: str) -> tuple[list[Neighbour], int]:
    """The words of a context line of the core's tests, and the place of the one asked for."""
    words, at = [], 0
    for number, spelling in enumerate(line.split()):
        before = MARKS.get(spelling[0], homographs.NONE)
        rest = spelling[1:] if before else spelling
        if rest.startswith(">"):
            at, rest = number, rest[1:]
        letters = rest.lstrip("^")
        capitals = len(rest) - len(letters)
        words.append(Neighbour(letters, capitals > 0, capitals > 1, before))
    return words, at


def lines() -> list[tuple[str, int]]:
    found = re.findall(r'\.\{ "([^"]*>[^"]*)", 0x([0-9a-f]{8}) \}', CORE.read_text())
    return [(line, int(digest, 16)) for line, digest in found]


def test_the_core_expects_these_features() -> None:
    """The digests in the core's test are those of all keys, common and own."""
    assert len(lines()) >= 30
    for line, expected in lines():
        words, at = spelled(line)
        seeds = [fnv(words[at].letters)]
        common, own = homographs.feature_keys([homographs.slots(words, at)], seeds)
        digest = 0x811C9DC5
        for key in sorted(common[0].tolist() + own[0].tolist()):
            digest = (digest ^ key) * 0x01000193 & 0xFFFFFFFF
        assert digest == expected, line


def test_a_section_comes_back() -> None:
    pronunciations = (("L", "IY1", "D"), ())
    lead = Homograph("", -6, True, pronunciations)
    section = Section({fnv("lead"): lead}, {0: 1, 7: -11, 2**18 - 1: 5})
    content = section.write()
    assert Section.read(content) == section
    assert len(content) < 14 + 6 + 3 + 3 * 6


def test_words_of_a_text() -> None:
    words, starts = homographs.words_of("He’d re-read 1,234 U.S. books (Łódź). NO!")
    assert [w.letters for w in words] == ["he'd", "re", "read", "0", "u.s.", "books", "odz", "no"]
    expected = [
        homographs.NONE, homographs.NONE, homographs.HYPHEN, homographs.NONE, homographs.NONE,
        homographs.NONE, homographs.OPEN, homographs.STOP,
    ]  # fmt: skip
    assert [w.before for w in words] == expected
    assert [w.capital for w in words] == [True, False, False, False, True, False, True, True]
    assert [w.capitals for w in words] == [False] * 4 + [True, False, False, True]
    assert starts[:3] == [0, 5, 8]


def test_neighbours_end_with_the_sentence() -> None:
    words, at = spelled("one .two >read .^three")
    found = homographs.neighbours(words, at)
    assert [found[place].letters for place in homographs.PLACES] == ["", "one", "two", "", "", ""]


def test_ipa_becomes_phonemes() -> None:
    assert homographs.arpabet("'æbˌstɹækt") == names("AE1 B S T R AE2 K T")
    assert homographs.arpabet("ɹə'zuːm") == names("R AH0 Z UW1 M")
    assert homographs.arpabet("kən'vɚs") == names("K AH0 N V ER1 S")


def test_pronunciations_are_the_dictionarys_where_it_has_them() -> None:
    listed = [names("R AH0 K AO1 R D"), names("R EH1 K ER0 D")]
    assert homographs.pronunciations(listed, ("'ɹɛkɚd", "ɹə'kɔːɹd")) == (listed[1], listed[0])
    assert homographs.pronunciations(listed[:1], ("'ɹɛkɚd", "ɹə'kɔːɹd")) == (listed[1], listed[0])


def test_learning_tells_a_verb_from_a_noun() -> None:
    """What was seen beside one homograph counts for the other."""
    pair = homographs.Pair
    pairs = {"use": pair("use_n", "use_v", True), "abuse": pair("abuse_n", "abuse_v", True)}
    texts = [
        (f"{before} {word} {after}", word, kind)
        for word, kinds in (("use", "nv"), ("abuse", "nv"))
        for kind in kinds
        for before in (("the", "a", "this") if kind == "n" else ("to", "will", "must"))
        for after in ("it", "of", "them")
        if (word, before) not in (("abuse", "must"), ("use", "this"))
    ]
    rows = [homographs.slots(homographs.words_of(text)[0], 1) for text, _, _ in texts]
    given = homographs.Examples(
        pairs,
        {},
        [word for _, word, _ in texts],
        [f"{word}_{kind}" for _, word, kind in texts],
        rows,
    )
    section = Section.read(homographs.learn(given, 40).write())
    assert len(section.weights) <= 40
    assert section.choose(homographs.words_of("must abuse it")[0], 1) == 1
    assert section.choose(homographs.words_of("this use of")[0], 1) == 0


def test_what_grammar_decides_is_learned() -> None:
    """Goal: imperatives, and *read* behind another verb, without a sentence that has them. Method:
    a list of nouns and of the past alone."""
    pair = homographs.Pair
    given = homographs.Examples(
        {"use": pair("use_n", "use_v", True), "read": pair("read_past", "read_present", False)},
        {}, ["use", "read"], ["use_n", "read_past"],
        [
            homographs.slots(homographs.words_of(text)[0], 1)
            for text in ("the use of", "He read books")
        ],
    )  # fmt: skip
    section = Section.read(homographs.learn(given, 60).write())
    for text, at, choice in (
        ("the use of", 1, 0),
        ("Use this now", 0, 1),
        ("He read books", 1, 0),
        ("I will read it", 2, 1),
        ("I have read it", 2, 0),
    ):
        assert section.choose(homographs.words_of(text)[0], at) == choice, text


def test_missing_sentences_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KILOPHONE_DATA", str(tmp_path))
    with pytest.raises(data.MissingDataError, match="WikipediaHomographData"):
        homographs.examples()


@pytest.mark.data
def test_pronunciations_of_the_real_lists(real_lists: Path) -> None:
    """Every homograph has two, they differ, and fit the section."""
    given = homographs.examples()
    dictionary = data.read(ENGLISH, data.SPLITS)
    assert len(given.pairs) == 162
    for word, pair in given.pairs.items():
        ipa = given.ipa[pair.first], given.ipa[pair.second]
        first, second = homographs.pronunciations(dictionary.get(word, []), ipa)
        assert first != second
        assert max(len(first), len(second)) <= 15
        assert all(token > 0 for token in ENGLISH.encode_phonemes(first + second))
