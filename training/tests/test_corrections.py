"""The builder of corrections against the oracle, which reads what it writes."""

from __future__ import annotations

import random
import string

import numpy as np
import pytest
import reference

from kilophone_training import corrections
from kilophone_training.corrections import Divergence, Ranks

OUTPUTS = 70


def made_up(count: int, seed: int = 1) -> tuple[list[bytes], list[Ranks]]:
    """Distinct words, and ranks of which one in ten is wrong somewhere, rarely twice."""
    rng = random.Random(seed)
    words: dict[bytes, None] = {}
    while len(words) < count:
        words["".join(rng.choices(string.ascii_lowercase, k=rng.randint(1, 14))).encode()] = None
    ranks: list[Ranks] = []
    for word in words:
        found = [0] * (len(word) + 1)
        leads = [round(rng.uniform(0, 12), 1) for _ in found]
        while rng.random() < 0.1:
            at = rng.randrange(len(found))
            found[at] = min(OUTPUTS - 1, 1 + int(rng.expovariate(1)))
            leads[at] = leads[at] / 8
        ranks.append((found, leads))
    return list(words), ranks


def told(table: reference.Corrections, word: bytes, leads: list[float]) -> dict[int, int]:
    """Step → rank, as the oracle goes through a word whose best tokens lead by so much."""
    edits = reference.find_corrections(table, word)
    reading = reference.Reading(list(word), None, edits, "", table.lead)
    found = {}
    for step, lead in enumerate(leads):
        logits = np.zeros(OUTPUTS, np.float32)
        logits[0] = np.float32(lead)
        rank = reading.choose(logits, step)
        if rank:
            found[step] = rank
    assert not reading.edits
    return found


def test_every_known_word_gets_its_divergences_and_no_others() -> None:
    """Goal: exactness on all words. Method: the oracle reads the section and follows it."""
    words, ranks = made_up(8000)
    table = corrections.build(words, ranks)
    read = reference.read_corrections(table.section, OUTPUTS)
    for word, (wanted, leads) in zip(words, ranks, strict=True):
        expected = {step: rank for step, rank in enumerate(wanted) if rank}
        assert told(read, word, list(leads)) == expected, word


def test_unseen_words_are_seldom_taken_for_known_ones() -> None:
    """Goal: a chance of less than 1 in 4,000. Method: 400,000 other words; a Poisson bound."""
    words, ranks = made_up(4000)
    table = reference.read_corrections(corrections.build(words, ranks).section, OUTPUTS)
    unseen = [word for word in made_up(60_000, seed=2)[0] if word not in set(words)]
    found = sum(bool(reference.find_corrections(table, word)) for word in unseen)
    expected = len(unseen) / 4096
    assert found < expected + 4 * expected**0.5


def test_without_wrong_words_the_table_is_empty() -> None:
    words = [b"a", b"b"]
    table = corrections.build(words, [([0, 0], [1.0, 2.0])] * 2)
    read = reference.read_corrections(table.section, OUTPUTS)
    assert table.entries == 0
    assert all(not reference.find_corrections(read, word) for word in words)


def test_the_worked_example_of_the_page() -> None:
    """Goal: the page's bytes. Method: the words and divergences that it names."""
    bucket = corrections.Bucket(
        2, {700: [Divergence(1, 0, 1)], 5000: [Divergence(0, None, 1), Divergence(4, 1, 2)]}
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
    ("counts", "longest"), [({1: 1}, 1), ({s: 2**s for s in range(27)}, 15), ({}, 0)]
)
def test_codes_are_prefix_codes_of_bounded_length(counts: dict[int, int], longest: int) -> None:
    lengths = corrections.code_lengths(corrections.Counter(counts))
    assert max(lengths) <= longest
    assert sum(2.0**-n for n in lengths if n) <= 1
    assert [s for s, n in enumerate(lengths) if n] == sorted(counts)


def test_ranks_come_from_logits_with_ties_to_the_lower_token() -> None:
    logits = np.array([[1, 3, 3, 2], [5, 0, 0, 1], [0, 1, 2, 3]], np.float32)
    assert corrections.ranks_of(logits, [2, 3]) == ([1, 1, 3], [0.0, 4.0, 1.0])
    assert corrections.ranks_of(logits[:2], [1, 2]) == ([0, 3], [0.0, 4.0])
