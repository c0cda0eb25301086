"""Reading the word lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from kilophone_training import data
from kilophone_training.alphabets import ENGLISH, KOREAN


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KILOPHONE_DATA", str(tmp_path))
    (tmp_path / "en").mkdir()
    (tmp_path / "ko").mkdir()
    return tmp_path


def test_the_folder_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KILOPHONE_DATA", raising=False)
    with pytest.raises(data.MissingDataError, match="CMUdict") as error:
        data.read(ENGLISH, ["train"])
    assert "WikiPron" in str(error.value)


def test_every_missing_file_is_named(lists: Path) -> None:
    (lists / "en/cmudict.dev.tsv").write_text("a\tAH0\n")
    with pytest.raises(data.MissingDataError) as error:
        data.read(ENGLISH, data.SPLITS)
    message = str(error.value)
    assert "cmudict.train.tsv" in message
    assert "cmudict.test.tsv" in message
    assert "cmudict.dev.tsv" not in message
    assert "github.com/cmusphinx/cmudict" in message


def test_pronunciations_keep_their_order(lists: Path) -> None:
    (lists / "en/cmudict.dev.tsv").write_text(
        "read\tR EH1 D\nread\tR IY1 D\nread\tR EH1 D\nnaïve\tN AA0 IY1 V\n", encoding="utf-8"
    )
    assert data.read(ENGLISH, ["dev"]) == {"read": [("R", "EH1", "D"), ("R", "IY1", "D")]}


def test_splits_are_joined(lists: Path) -> None:
    (lists / "en/cmudict.train.tsv").write_text("a\tAH0\n")
    (lists / "en/cmudict.dev.tsv").write_text("a\tEY1\n")
    assert data.read(ENGLISH, ["train", "dev"]) == {"a": [("AH0",), ("EY1",)]}


def test_korean_folds_and_prefers_wikipron(lists: Path) -> None:
    (lists / "ko/wiktionary.dev.tsv").write_text(
        "결정\tkjʌ̹ɭd͡ʑʌ̹ŋ\tipa-dict\n결정\tk j ʌ̹ ʎ t͡ɕ͈ ʌ̹ ŋ\twikipron\n"
        "누부\tn u ˨ b u ˦\twikipron\nㅋㅋ\tk k\twikipron\n",
        encoding="utf-8",
    )
    tense, plain = "k j ʌ l t͡ɕ͈ ʌ ŋ", "k j ʌ l t͡ɕ ʌ ŋ"
    expected = [tuple(tense.split()), tuple(plain.split())]
    assert data.read(KOREAN, ["dev"]) == {"결정": expected}


def test_words_without_pronunciations_are_in_no_list(lists: Path) -> None:
    # Smith and Mary were the most frequent names of the census of 1990.
    for split in data.SPLITS:
        (lists / f"en/cmudict.{split}.tsv").write_text(f"{split}\tT\n")
    (lists / "en/wikipron_us_broad.tsv").write_text("Smith\ts m ɪ θ\nx-\tɛ k s\n", "utf-8")
    names = data.census_names()
    assert names[0] == "smith"
    assert "mary" in names
    assert data.unlabelled(ENGLISH, ["test", "mary", "smith"]) == ["mary", "smith"]
