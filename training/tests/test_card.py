"""The model card's figures, on words few enough to count by hand."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from click.testing import CliRunner
from test_cli import FakeTranscriber

from kilophone_training import card, scoring
from kilophone_training.__main__ import cli
from kilophone_training.alphabets import ENGLISH
from kilophone_training.data import Pronunciations

LISTED: Pronunciations = {
    "cat": [("K", "AE1", "T")],
    "dog's": [("D", "AO1", "G", "Z")],
    "tomato": [
        ("T", "AH0", "M", "EY1", "T", "OW2"),
        ("T", "AH0", "M", "AA1", "T", "OW2"),
    ],
    "record": [("R", "EH1", "K", "ER0", "D")],
}
SAID = {
    "cat": ("K", "AE1", "T"),
    "dog's": ("D", "AA1", "G", "Z"),  # a vowel
    "tomato": ("T", "AH0", "M", "AA1", "T"),  # near to the second; the last is left out
    "record": ("R", "EH0", "K", "ER1", "D"),  # stress alone
}


def test_the_rates_are_those_of_scoring() -> None:
    """Goal: the card agrees with ``evaluate``. Method: both on the same answers."""
    rates = card.scores(card.judge(SAID, LISTED, ENGLISH), has_stress=True)
    expected = scoring.score(SAID, LISTED, ENGLISH)
    assert [r.value for r in rates.values()] == pytest.approx(
        [
            expected.per, expected.wer, expected.wer_first,
            expected.wer_primary, expected.wer_stress, expected.wer_first_stress,
        ]
    )  # fmt: skip


def test_edits_are_against_the_nearest_pronunciation() -> None:
    judged = card.judge(SAID, LISTED, ENGLISH)
    assert card.confusions(judged) == {("AO", "AA"): 1, ("OW", ""): 1}
    assert [j.wrong for j in judged] == [False, True, True, False]


def test_the_interval_is_that_of_the_binomial_distribution() -> None:
    """Goal: 95 % intervals are neither too narrow nor too wide. Method: for a rate of 0.2 over
    2,000 words the normal approximation, 1.96 standard errors."""
    wrong = [1.0] * 400 + [0.0] * 1600
    rate = card.bootstrap(wrong, [1.0] * 2000)
    half = 196 * np.sqrt(0.2 * 0.8 / 2000)
    assert rate.value == pytest.approx(20)
    assert rate.low == pytest.approx(20 - half, abs=0.3)
    assert rate.high == pytest.approx(20 + half, abs=0.3)
    assert rate == card.bootstrap(wrong, [1.0] * 2000)  # the same each time


def test_groups_cover_everything() -> None:
    assert [card.length_group(n, (2, 3, 5)) for n in (1, 2, 3, 4, 5, 6, 40)] == [
        "1–2", "1–2", "3", "4–5", "4–5", "6 or more", "6 or more",
    ]  # fmt: skip
    assert [card.frequency_group(z) for z in (6.0, 3.0, 2.9, None)] == [
        card.FREQUENCY_GROUPS[i] for i in (0, 0, 1, 2)
    ]
    assert card.spelling_group("dog's") == "with an apostrophe"
    assert {card.spelling_group(w) for w in ("x-ray", "a.m.")} == {card.SPELLING_GROUPS[2]}


def test_a_list_is_compared_with_itself() -> None:
    """Goal: only stress counts, of words with the same phonemes. Method: a plural with its own
    stress, a possessive with the same, one of other phonemes, and a word without forms."""
    listed: Pronunciations = {
        "cargo": [("K", "AA1", "R", "G", "OW2"), ("K", "AA1", "R", "G", "OW0")],
        "cargo's": [("K", "AA1", "R", "G", "OW2", "Z")],
        "cargos": [("K", "AA1", "R", "G", "OW0", "Z")],
        "live": [("L", "IH1", "V")],
        "lives": [("L", "AY1", "V", "Z")],
        "cat": [("K", "AE1", "T")],
    }
    assert card.own_disagreement(listed, ENGLISH) == (2, 1)
    text = "\n".join(card.weaknesses(card.judge(SAID, LISTED, ENGLISH), ENGLISH, listed))
    assert "2 pairs of a word and its possessive or plural" in text
    assert "50.0 % of them with two stresses" in text


def test_the_part_of_a_language() -> None:
    judged = card.judge(SAID, LISTED, ENGLISH)
    text = "\n".join(card.language_part(ENGLISH, judged, {"cat": 5.0}, LISTED))
    assert "| AO → AA | 1 | 50.0 % | dog's |" in text
    assert "| OW → – | 1 | 50.0 % | tomato |" in text
    assert "| once in a million words or more | 1 | 0.00 % | 0.00 % |" in text
    assert "| with an apostrophe | 1 | 25.00 % | 100.00 % |" in text
    assert "| several | 1 | 16.67 % | 100.00 % |" in text
    # Seven vowels are listed: AE, AO, AH, AA, OW, EH, ER.
    assert "| vowel | 7 | 14.29 % | 14.29 % | 0.00 % |" in text
    assert "100 % of the errors are in vowels" in text
    assert "25.0 % have the right phonemes and another stress" in text
    assert "25.0 % another primary stress" in text


def test_only_what_is_between_the_markers_changes() -> None:
    before = f"# Title\n\nprose\n\n{card.BEGIN}\nold\n{card.END}\n\nmore\n"
    once = card.inserted(before, "new")
    assert once == f"# Title\n\nprose\n\n{card.BEGIN}\n\nnew\n\n{card.END}\n\nmore\n"
    assert card.inserted(once, "new") == once
    assert card.BEGIN in card.inserted("", "new")
    with pytest.raises(ValueError, match="no part between"):
        card.inserted("# Title\n", "new")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = ModuleType("kilophone")
    fake.__dict__.update(Transcriber=FakeTranscriber, __version__="9.9.9")
    monkeypatch.setitem(sys.modules, "kilophone", fake)
    monkeypatch.setenv("KILOPHONE_DATA", str(tmp_path))
    monkeypatch.setattr(card, "zipf_frequencies", lambda _: {})
    for language, name, line in (
        ("en", "cmudict", "the\tDH AH0\n"),
        ("ko", "wiktionary", "강\tk a ŋ\twikipron\n"),
    ):
        (tmp_path / language).mkdir()
        for split in ("train", "dev", "test"):
            (tmp_path / f"{language}/{name}.{split}.tsv").write_text(line, encoding="utf-8")
    out = tmp_path / "CARD.md"
    out.write_text(f"# Card\n\n{card.BEGIN}\n{card.END}\n")
    result = CliRunner().invoke(cli, ["card", str(out)])
    assert result.exit_code == 0, result.output
    text = out.read_text(encoding="utf-8")
    assert "| WER, with primary stress | 100.00 % (100.00–100.00) |" in text
    assert "| WER, with stress | 100.00 % (100.00–100.00) |" in text
    assert "| ŋ → n | 1 | 100.0 % | 강 |" in text
    assert "| CMUdict 0.7b | BSD-2-Clause | 1 | 1 | 1 |" in text
    assert "kilophone 9.9.9" in text
