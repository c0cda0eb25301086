"""The builder of corrections against the oracle, which reads what it writes."""

from __future__ import annotations

import random
import string

import numpy as np
import pytest
import reference

from kilophone_training import corrections
from kilophone_training.corrections import Divergence, Entry, Known, Need

OUTPUTS = 70


def made_up(count: int, seed: int = 1) -> list[Known]:
    """Distinct words, of which one in ten is wrong somewhere, rarely twice, and one in twenty of
    the others needs an entry or a relative. Three relatives each."""
    rng = random.Random(seed)
    words: dict[bytes, None] = {}
    while len(words) < count:
        words["".join(rng.choices(string.ascii_lowercase, k=rng.randint(1, 14))).encode()] = None
    known = []
    for word in words:
        found = [0] * (len(word) + 1)
        leads = [round(rng.uniform(0, 12), 1) for _ in found]
        while rng.random() < 0.1:
            at = rng.randrange(len(found))
            found[at] = min(OUTPUTS - 1, 1 + int(rng.expovariate(1)))
            leads[at] = leads[at] / 8
        need = rng.choices([Need.NOTHING, Need.SILENCE, Need.RELATIVE], [38, 1, 1])[0]
        if any(found):
            need = rng.choices([Need.CORRECTION, Need.ALONE, Need.RELATIVE], [8, 1, 1])[0]
        relatives = [word + ending for ending in (b"-1", b"-2", b"-3")]
        known.append(Known(word, np.array(found), np.array(leads, np.float32), need, relatives))
    return known


def told(table: reference.Corrections, word: Known) -> dict[int, int] | None:
    """Step → rank, as the oracle goes through a word; None without an entry."""
    edits = reference.find_corrections(table, word.tokens)
    if edits is None:
        return None
    reading = reference.Reading(list(word.tokens), None, edits, "", table.lead)
    found = {}
    for step, lead in enumerate(word.leads):
        logits = np.zeros(OUTPUTS, np.float32)
        logits[0] = lead
        rank = reading.choose(logits, step)
        if rank:
            found[step] = rank
    assert not reading.edits
    return found


def test_every_known_word_gets_what_it_needs() -> None:
    """Goal: exactness on all words, whatever fingerprints unknown relatives have. Method: the
    oracle reads the section and follows it."""
    words = made_up(8000)
    table = reference.read_corrections(corrections.build(words).section, OUTPUTS)
    disturbed = 0
    for word in words:
        wanted = {step: rank for step, rank in enumerate(word.ranks.tolist()) if rank}
        expected: dict[int, int] | None = wanted
        if word.need in (Need.NOTHING, Need.RELATIVE):
            found = any(reference.find_corrections(table, other) for other in word.relatives)
            disturbed += found
            expected = wanted if found else None
        assert told(table, word) == expected, word
        if expected is not None:
            is_alone = reference.key_of(table, word.tokens) in table.alone
            assert is_alone == (word.need is Need.ALONE)
    assert disturbed > 0


def test_unseen_words_are_seldom_taken_for_known_ones() -> None:
    """Goal: a chance of less than 1 in 4,000, however many fingerprints a word is asked for by.
    Method: 60,000 other words, themselves and three relatives; a Poisson bound."""
    words = made_up(4000)
    table = reference.read_corrections(corrections.build(words, 4.0).section, OUTPUTS)
    seen = {word.tokens for word in words}
    unseen = [word for word in made_up(60_000, seed=2) if word.tokens not in seen]
    found = sum(
        any(reference.find_corrections(table, asked) for asked in (word.tokens, *word.relatives))
        for word in unseen
    )
    expected = len(unseen) / 4096
    assert 0 < found < expected + 4 * expected**0.5


def test_without_wrong_words_the_table_is_empty() -> None:
    words = [
        Known(tokens, np.zeros(2, np.int64), np.ones(2, np.float32), Need.NOTHING, [b"c"])
        for tokens in (b"a", b"b")
    ]
    table = corrections.build(words)
    read = reference.read_corrections(table.section, OUTPUTS)
    assert table.entries == 0
    assert all(reference.find_corrections(read, word.tokens) is None for word in words)


def test_the_worked_example_of_the_page() -> None:
    """Goal: the page's bytes. Method: the words and divergences that it names."""
    bucket = corrections.Bucket(
        2,
        {
            700: Entry([Divergence(1, 0, 1)]),
            5000: Entry([Divergence(0, None, 1), Divergence(4, 1, 2)]),
        },
    )
    table = corrections.write(7, 8192, np.float32(1.5), [bucket])
    assert table.section.hex(" ") == EXAMPLE
    read = reference.read_corrections(table.section, OUTPUTS)
    assert read.salts == (2,)
    assert read.entries == {
        (0, 700): (reference.Divergence(None, 0, 1),),
        (0, 5000): (reference.Divergence(0, None, 1), reference.Divergence(None, 1, 2)),
    }


EXAMPLE = (
    "07 00 00 00 01 00 00 00 00 20 00 00 00 00 c0 3f 0a 00 00 00 20 22 00 00 00 00 02 00 00 00 "
    "00 00 00 00 24 20 57 97 8c b1 f0"
)


@pytest.mark.parametrize(
    ("counts", "longest"), [({1: 1}, 1), ({s: 2**s for s in range(28)}, 15), ({}, 0)]
)
def test_codes_are_prefix_codes_of_bounded_length(counts: dict[int, int], longest: int) -> None:
    lengths = corrections.code_lengths(corrections.Counter(counts))
    assert max(lengths) <= longest
    assert sum(2.0**-n for n in lengths if n) <= 1
    assert [s for s, n in enumerate(lengths) if n] == sorted(counts)
