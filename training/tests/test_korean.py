"""Folding narrow Korean transcriptions."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kilophone_training import korean

# Word, narrow transcription (ipa-dict unspaced, WikiPron spaced), phonemes of the Standard
# Pronunciation. Rules are those of the Standard Pronunciation (표준 발음법).
EXAMPLES = [
    ("가감되다", "ka̠ɡa̠mdø̞da̠", "k a k a m t w e t a"),
    ("홍적세", "ɸʷo̞ŋd͡ʑʌ̹ks͈e̞", "h o ŋ t͡ɕ ʌ k s͈ e"),
    # voicing and unreleased codas
    ("가결안", "ˈka̠ːɡjʌ̹ɾa̠n", "k a k j ʌ l a n"),
    ("감저항기", "ka̠md͡ʑʌ̹ɦa̠ŋɡi", "k a m t͡ɕ ʌ h a ŋ k i"),
    ("득의", "t ɯ ɡ ɰ i", "t ɯ k ɰ i"),
    ("국", "k u k̚", "k u k"),
    # tense and aspirated
    ("가까스로", "ka̠k͈a̠sʰɯɾo̞", "k a k͈ a s ɯ l o"),
    ("짜다", "t͡ɕ͈ a̠ d a̠", "t͡ɕ͈ a t a"),
    ("총총", "t͡ɕʰo̞ŋt͡ɕʰo̞ŋ", "t͡ɕʰ o ŋ t͡ɕʰ o ŋ"),
    ("씨", "ɕ͈i", "s͈ i"),
    ("시", "ɕʰ i", "s i"),
    # liquid and nasal
    ("가솔린", "ka̠sʰo̞ɭʎin", "k a s o l l i n"),
    ("가솔린", "k a̠ sʰ o̞ ʎ ʎ i n", "k a s o l l i n"),
    ("간첩", "k a̠ ɲ t͡ɕʰ ʌ̹ p̚", "k a n t͡ɕʰ ʌ p"),
    ("갈증", "k a̠ ʎ t͡ɕ͈ ɯ ŋ", "k a l t͡ɕ͈ ɯ ŋ"),
    # j after a palatal: written by ipa-dict, left out by WikiPron
    ("강력", "ka̠ŋɲjʌ̹k̚", "k a ŋ n j ʌ k"),
    ("강력", "k a̠ ŋ ɲ ʌ̹ k̚", "k a ŋ n j ʌ k"),
    ("갈륨", "k a̠ ʎ ʎ u m", "k a l l j u m"),
    ("개혁", "k ɛː ʝ ʌ̹ k̚", "k ɛ h j ʌ k"),
    ("현", "ç ɘː n", "h j ʌ n"),
    ("샤워", "ɕʰ a̠ w ʌ̹", "s j a w ʌ"),
    ("샤워", "ɕʰja̠wʌ̹", "s j a w ʌ"),
    ("쉬다", "ɕʰ ɥ i d a̠", "s w i t a"),
    ("쇼", "ɕ͈ o", "s͈ j o"),
    ("무늬", "m u n i", "m u n i"),
    # a stop and ㅎ: rule 12
    ("가득히", "ka̠dɯkçi", "k a t ɯ kʰ i"),
    ("가득히", "k a̠ d ɯ c ç i", "k a t ɯ kʰ i"),
    ("각혈", "ka̠kçjʌ̹ɭ", "k a kʰ j ʌ l"),
    ("각혈", "k a̠ c ç ʌ̹ ɭ", "k a kʰ j ʌ l"),
    ("그만큼", "k ɯ m a̠ n kx ɯ m", "k ɯ m a n kʰ ɯ m"),
    ("못하다", "mo̞tʰa̠da̠", "m o tʰ a t a"),
    ("굳히다", "kut͡ɕʰida̠", "k u t͡ɕʰ i t a"),
    # variants of ㅎ
    ("가혹", "k a̠ βʷ o̞ k̚", "k a h o k"),
    ("가시화", "k a̠ ɕʰ i β w a̠", "k a s i h w a"),
    ("흑", "x ɯ k̚", "h ɯ k"),
    ("그흑", "k ɯ ɣ ɯ k̚", "k ɯ h ɯ k"),
    ("희망", "çima̠ŋ", "h i m a ŋ"),
    # 져 쪄 쳐 are 저 쩌 처: rule 5
    ("가져가다", "ka̠d͡ʑjʌ̹ɡa̠da̠", "k a t͡ɕ ʌ k a t a"),
    ("쟈", "t͡ɕ͈ja̠", "t͡ɕ͈ a"),
    # affricates are tied: 듯싶다 has none before 싶
    ("듯싶다", "tɯt̚ɕ͈ip̚t͈a̠", "t ɯ t s͈ i p t͈ a"),
    ("듯싶다", "t ɯ ɕ ɕ͈ i p̚ t͈ a̠", "t ɯ t s͈ i p t͈ a"),
    ("가운뎃소리", "k a̠ u n d e̞ s s͈ o̞ ɾ i", "k a u n t e t s͈ o l i"),
    # vowels
    ("귀", "ky", "k w i"),
    ("귀", "kɥi", "k w i"),
    ("거짓", "k ɘː d͡ʑ i t̚", "k ʌ t͡ɕ i t"),
    ("의사", "ɰ iː sʰ a̠", "ɰ i s a"),
    ("왜", "w ɛ̝", "w ɛ"),
]


@pytest.mark.parametrize(("word", "narrow", "broad"), EXAMPLES)
def test_folds(word: str, narrow: str, broad: str) -> None:
    assert " ".join(korean.fold(narrow)) == broad, word


@pytest.mark.parametrize(
    "narrow",
    [
        "n u ˨ b u ˦",
        "t͡s a̠ ɡ a̠ ŋ d o̞",
        "s i n ɰ i d͡z u",
        "p ɤ ɭ ɡ i",
        "w ɔ n s͈ u",
        "ʌ̹ ~ ɤ",
        "m͈",
        "ʰ",
        "?",
    ],
)
def test_refuses_what_is_no_variant(narrow: str) -> None:
    with pytest.raises(korean.FoldingError):
        korean.fold(narrow)


@given(st.lists(st.sampled_from(sorted(korean.INVENTORY))))
def test_broad_stays_broad(phonemes: list[str]) -> None:
    """What is folded already folds to itself, but for the two sequences that Korean has not."""
    text = " ".join(phonemes)
    if "s s͈" not in text and not re.search("t͡ɕ[͈ʰ]? j", text):
        assert korean.fold(text) == tuple(phonemes)


@given(st.text(alphabet="ptkbdɡsɕʑʃʰ͈̚͡ ɲʎçʝhɦβʷmnŋlɾɭaeiouɯʌ̠̞̹jwɥɰøy~"))
def test_gives_the_inventory_or_refuses(narrow: str) -> None:
    try:
        phonemes = korean.fold(narrow)
    except korean.FoldingError:
        return
    assert korean.INVENTORY.issuperset(phonemes)
    assert korean.fold(" ".join(phonemes)) == phonemes


def test_jamo_tell_onset_from_coda() -> None:
    assert korean.to_jamo("각") == "\u1100\u1161\u11a8"
    assert set(korean.to_jamo("값이")) <= set(korean.JAMO)
    assert len(korean.JAMO) == 67


# Why a line of the real lists does not fold: sounds of dialects, tone, alternatives in one line.
REFUSED = re.compile("[ɤɔɨəɐʱ˨˦~\u0300\u0301\u0303]|[td]\u0361[sz]")


@pytest.mark.data
def test_real_lists_fold_or_are_refused_for_a_reason(real_lists: Path) -> None:
    import unicodedata

    refused = 0
    for split in ("train", "dev"):
        text = (real_lists / f"ko/wiktionary.{split}.tsv").read_text(encoding="utf-8")
        for line in text.splitlines():
            narrow = line.split("\t")[1]
            try:
                korean.fold(narrow)
            except korean.FoldingError:
                refused += 1
                assert REFUSED.search(unicodedata.normalize("NFD", narrow)), line
    assert refused < 60


@pytest.mark.data
def test_real_sources_agree(real_lists: Path) -> None:
    """ipa-dict and WikiPron give the same phonemes for a word, but for tensing and the added ㄴ,
    which ipa-dict does not know, and a handful of words."""
    folded: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for split in ("train", "dev"):
        text = (real_lists / f"ko/wiktionary.{split}.tsv").read_text(encoding="utf-8")
        for line in text.splitlines():
            word, narrow, source = line.split("\t")
            try:
                folded[word][source].add(" ".join(korean.fold(narrow)))
            except korean.FoldingError:
                continue
    both = {word: sources for word, sources in folded.items() if len(sources) == 2}
    assert len(both) > 12_000
    unlike = [w for w, sources in both.items() if not set.intersection(*sources.values())]
    plain = [
        word
        for word in unlike
        if not set.intersection(*({p.replace("͈", "") for p in s} for s in both[word].values()))
    ]
    assert len(unlike) < 0.04 * len(both)
    assert len(plain) < 0.004 * len(both), plain
