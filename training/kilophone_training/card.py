"""The figures of the model card, measured through the installed ``kilophone`` package.

The card (docs/MODEL-CARD.md) is prose with a part between two markers, which the ``card`` command
writes anew: data, scores with their uncertainty, and what kinds of words and phonemes are wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from . import data, evaluate, scoring
from .alphabets import ALPHABETS, Alphabet, Kind, Stress
from .data import Pronunciations
from .inflections import forms
from .provenance import provenance
from .train import RECIPES, zipf_frequencies

BEGIN = "<!-- Written by `python -m kilophone_training card`: begin -->"
END = "<!-- Written by `python -m kilophone_training card`: end -->"

RESAMPLES = 1000
_SEED = 1
_CONFUSIONS = 12
_LENGTHS = {"en-us": (4, 6, 8, 10, 12), "ko": (1, 2, 3, 4, 5)}
"""The last lengths of the buckets of words by length; a Korean word's letters are syllables."""
_COMMON_ZIPF = 3.0
"""Once in a million words."""

Edit = tuple[str, str]
"""A phoneme of the list and what was said for it; empty for what was added or left out."""


@dataclass(frozen=True)
class Judged:
    """A word's answer beside the nearest of its listed pronunciations, stress aside."""

    word: str
    reference: tuple[str, ...]
    edits: tuple[Edit, ...]
    wrong_first: bool
    wrong_primary: bool
    wrong_stress: bool
    wrong_first_stress: bool
    alternatives: int
    """Listed pronunciations."""

    @property
    def wrong(self) -> bool:
        """Whether no listed pronunciation was said."""
        return bool(self.edits)


def judge(
    said: Mapping[str, tuple[str, ...]], listed: Pronunciations, alphabet: Alphabet
) -> list[Judged]:
    """Each word's answer against the list, by the definitions of ``scoring``."""
    judged = []
    for word, pronunciations in listed.items():
        stressed = said[word]
        answer = scoring.without_stress(stressed, alphabet)
        primary = map(scoring.without_secondary, pronunciations)
        references = [scoring.without_stress(p, alphabet) for p in pronunciations]
        nearest = min(references, key=lambda r: (Levenshtein.distance(answer, r), len(r)))
        edits = tuple(
            (
                nearest[op.src_pos] if op.tag != "insert" else "",
                answer[op.dest_pos] if op.tag != "delete" else "",
            )
            for op in Levenshtein.editops(nearest, answer)
        )
        judged.append(
            Judged(
                word, nearest, edits, answer != references[0],
                scoring.without_secondary(stressed) not in primary,
                stressed not in pronunciations, stressed != pronunciations[0],
                len(pronunciations),
            )
        )  # fmt: skip
    return judged


@dataclass(frozen=True)
class Rate:
    """A rate in per cent, with the bounds of its 95 % confidence interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} % ({self.low:.2f}–{self.high:.2f})"


def bootstrap(counted: Sequence[float], of: Sequence[float]) -> Rate:
    """The sum of one number a word over that of another, and its interval: the percentiles over
    samples of as many words, drawn with replacement."""
    top, bottom = np.asarray(counted, float), np.asarray(of, float)
    rng = np.random.default_rng(_SEED)
    draws = np.empty(RESAMPLES)
    for index in range(RESAMPLES):
        chosen = rng.integers(len(top), size=len(top))
        draws[index] = top[chosen].sum() / bottom[chosen].sum()
    low, high = np.percentile(draws, [2.5, 97.5])
    return Rate(100 * top.sum() / bottom.sum(), 100 * float(low), 100 * float(high))


def scores(judged: Sequence[Judged], has_stress: bool) -> dict[str, Rate]:
    """The rates of the card by name."""
    ones = [1] * len(judged)
    found = {
        "PER": bootstrap([len(j.edits) for j in judged], [len(j.reference) for j in judged]),
        "WER": bootstrap([j.wrong for j in judged], ones),
        "WER, first pronunciation": bootstrap([j.wrong_first for j in judged], ones),
    }
    if has_stress:
        found["WER, with primary stress"] = bootstrap([j.wrong_primary for j in judged], ones)
        found["WER, with stress"] = bootstrap([j.wrong_stress for j in judged], ones)
        found["WER, with stress, first pronunciation"] = bootstrap(
            [j.wrong_first_stress for j in judged], ones
        )
    return found


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table whose first column is text and the others numbers."""
    lines = [f"| {' | '.join(head)} |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return lines + [f"| {' | '.join(map(str, row))} |" for row in rows]


Group = Callable[[Judged], str]


def by(judged: Sequence[Judged], name: str, group: Group, order: Sequence[str]) -> list[str]:
    """A table of the error rates by a property of the words."""
    rows = []
    for label in order:
        found = [j for j in judged if group(j) == label]
        if found:
            length = sum(len(j.reference) for j in found)
            per = 100 * sum(len(j.edits) for j in found) / length
            wer = 100 * sum(j.wrong for j in found) / len(found)
            rows.append((label, f"{len(found):,}", f"{per:.2f} %", f"{wer:.2f} %"))
    return table([name, "words", "PER", "WER"], rows)


def length_group(count: int, ends: Sequence[int]) -> str:
    """The bucket of a word of so many letters; ``ends`` are the buckets' longest."""
    start = 1
    for end in ends:
        if count <= end:
            return f"{start}–{end}" if start < end else f"{end}"
        start = end + 1
    return f"{start} or more"


FREQUENCY_GROUPS = ("once in a million words or more", "rarer", "not in wordfreq's list")


def frequency_group(zipf: float | None) -> str:
    """The bucket of a word's frequency."""
    if zipf is None:
        return FREQUENCY_GROUPS[2]
    return FREQUENCY_GROUPS[zipf < _COMMON_ZIPF]


SPELLING_GROUPS = ("letters only", "with an apostrophe", "with a hyphen or full stop")


def spelling_group(word: str) -> str:
    """What the spelling has beside letters."""
    if "'" in word:
        return SPELLING_GROUPS[1]
    return SPELLING_GROUPS[2 if "-" in word or "." in word else 0]


def kinds(alphabet: Alphabet) -> dict[str, Kind]:
    """What each phoneme is in a syllable, by its name without stress."""
    return {scoring.without_stress((p.name,), alphabet)[0]: p.kind for p in alphabet.phonemes}


def phoneme_classes(judged: Sequence[Judged], alphabet: Alphabet) -> list[str]:
    """A table of the errors by the class of the listed phoneme, and of those that were added."""
    kind = kinds(alphabet)
    listed = Counter(kind[p] for j in judged for p in j.reference)
    lost = Counter(kind[want] for j in judged for want, got in j.edits if want and not got)
    swapped = Counter(kind[want] for j in judged for want, got in j.edits if want and got)
    added = Counter(kind[got] for j in judged for want, got in j.edits if not want)
    rows = [
        (
            k.name.lower(),
            f"{listed[k]:,}",
            *(f"{100 * c[k] / listed[k]:.2f} %" for c in (swapped, lost, added)),
        )
        for k in Kind
        if listed[k]
    ]
    return table(["phoneme", "listed", "said as another", "left out", "added"], rows)


def confusions(judged: Sequence[Judged]) -> Counter[Edit]:
    """How often each listed phoneme was said as another, left out, or added."""
    return Counter(edit for j in judged for edit in j.edits)


def confusion_table(judged: Sequence[Judged]) -> list[str]:
    """The most frequent of them, each with the word that shows it with the fewest other errors."""
    rows = []
    count = confusions(judged)
    for edit, number in sorted(count.items(), key=lambda item: (-item[1], item[0]))[:_CONFUSIONS]:
        example = min((j for j in judged if edit in j.edits), key=lambda j: (len(j.edits), j.word))
        want, got = (part or "–" for part in edit)
        share = 100 * number / count.total()
        rows.append((f"{want} → {got}", number, f"{share:.1f} %", example.word))
    return table(["listed → said", "times", "of all errors", "as in"], rows)


def weaknesses(judged: Sequence[Judged], alphabet: Alphabet, learned: Pronunciations) -> list[str]:
    """Sentences on what the figures say the model is weak at; ``learned`` is the list that it
    learned from."""
    count = confusions(judged)
    if not count:
        return ["No word was wrong."]
    kind = kinds(alphabet)
    vowels = sum(n for (want, got), n in count.items() if kind[want or got] is Kind.VOWEL)
    symmetric = Counter[frozenset[str]]()
    for (want, got), n in count.items():
        symmetric[frozenset((want or "nothing", got or "nothing"))] += n
    pairs = sorted(symmetric.items(), key=lambda item: (-item[1], sorted(item[0])))[:3]
    named = ", ".join(f"{' and '.join(sorted(pair))} ({n})" for pair, n in pairs)
    wrong = [j for j in judged if j.wrong]
    single = sum(len(j.edits) == 1 for j in wrong)
    sentences = [
        f"- {100 * vowels / count.total():.0f} % of the errors are in vowels. The pairs taken for "
        f"each other most often: {named}.",
        f"- {100 * single / len(wrong):.0f} % of the wrong words have one wrong phoneme.",
    ]
    if any(p.stress is not Stress.NONE for p in alphabet.phonemes):
        only = sum(j.wrong_stress and not j.wrong for j in judged)
        primary = sum(j.wrong_primary and not j.wrong for j in judged)
        sentences.append(
            f"- Of all words {100 * only / len(judged):.1f} % have the right phonemes and another "
            f"stress than any that is listed, {100 * primary / len(judged):.1f} % another primary "
            "stress."
        )
        total, differing = own_disagreement(learned, alphabet)
        if total:
            sentences.append(
                f"- The list that it learned from has {total:,} pairs of a word and its possessive "
                f"or plural with the same phonemes, and {100 * differing / total:.1f} % of them "
                "with two stresses."
            )
    return sentences


def own_disagreement(listed: Pronunciations, alphabet: Alphabet) -> tuple[int, int]:
    """How far a list agrees with itself about stress: how many words it has beside a possessive or
    plural with the same phonemes, of the first pronunciations, and how many of these pairs have
    another stress."""

    def bare(phonemes: tuple[str, ...]) -> tuple[str, ...]:
        return scoring.without_stress(phonemes, alphabet)

    pairs = differing = 0
    for word, (stem, *_) in listed.items():
        for form in forms(word):
            whole = listed.get(form, [()])[0]
            begin = whole[: len(stem)]
            if len(whole) > len(stem) and bare(begin) == bare(stem):
                pairs += 1
                differing += begin != stem
    return pairs, differing


def language_part(
    alphabet: Alphabet,
    judged: Sequence[Judged],
    zipf: Mapping[str, float],
    learned: Pronunciations,
) -> list[str]:
    """All figures of one language."""
    has_stress = any(p.stress is not Stress.NONE for p in alphabet.phonemes)
    rates = scores(judged, has_stress)
    ends = _LENGTHS[alphabet.tag]
    lengths = [length_group(end, ends) for end in (*ends, ends[-1] + 1)]
    lines = [
        f"### {alphabet.name}",
        "",
        *table(["measure", f"{len(judged):,} words"], rates.items()),
        "",
        f"In brackets: 95 % intervals, {RESAMPLES:,} bootstrap resamples of the words.",
        "",
        *by(judged, "letters", lambda j: length_group(len(j.word), ends), lengths),
        "",
        *by(judged, "frequency", lambda j: frequency_group(zipf.get(j.word)), FREQUENCY_GROUPS),
        "",
        *by(judged, "spelling", lambda j: spelling_group(j.word), SPELLING_GROUPS),
        "",
        *by(
            judged, "listed pronunciations",
            lambda j: "one" if j.alternatives == 1 else "several", ("one", "several"),
        ),
        "",
        *phoneme_classes(judged, alphabet),
        "",
        *confusion_table(judged),
        "",
        *weaknesses(judged, alphabet, learned),
        "",
    ]  # fmt: skip
    return lines


def data_part(alphabets: Sequence[Alphabet], split: str) -> list[str]:
    """The lists, their licences, and their words in each split."""
    rows: dict[str, Sequence[object]] = {}
    for alphabet in alphabets:
        sizes = [f"{len(data.read(alphabet, [name])):,}" for name in data.SPLITS]
        recipe = replace(RECIPES[alphabet.tag]["float"], taught=alphabet.tag == "en-us")
        learned, *others = provenance(recipe, None, {})["data"]
        rows[learned["name"]] = (learned["name"], learned["licence"], *sizes)
        for other in others:
            rows[other["name"]] = (other["name"], other["licence"], *["–"] * len(sizes))
    head = ["list", "licence", *(f"{name}, words" for name in data.SPLITS)]
    return [*table(head, rows.values()), "", f"Everything below is on the {split} lists.", ""]


def part(transcriber: Any, split: str, packs: Sequence[Path], command: str) -> str:
    """What belongs between the markers, of the languages that there are packs of."""
    tags = {evaluate.language(path) for path in packs} or set(ALPHABETS)
    alphabets = [a for a in ALPHABETS.values() if a.tag in tags]
    lines = ["### Data", "", *data_part(alphabets, split)]
    for alphabet in alphabets:
        listed = data.read(alphabet, [split])
        judged = judge(evaluate.answers(transcriber, alphabet, listed), listed, alphabet)
        zipf, learned = zipf_frequencies(alphabet.tag), data.read(alphabet, ["train"])
        lines += language_part(alphabet, judged, zipf, learned)
    lines += ["### How this was measured", "", *evaluate.circumstances(packs, command)]
    return "\n".join(lines)


def inserted(card: str, figures: str) -> str:
    """The card with the part between its markers replaced; an empty card becomes only that part."""
    block = f"{BEGIN}\n\n{figures}\n\n{END}"
    if not card:
        return f"# Model card\n\n{block}\n"
    before, begin, rest = card.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the card has no part between {BEGIN} and {END}")
    return before + block + after
