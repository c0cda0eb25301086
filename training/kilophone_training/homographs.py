"""Homographs: learns which pronunciation a word has among its neighbours.

``docs/CONTEXT-EN.md`` describes the section ``HOMO``, the features and their arithmetic. The
classes :class:`Section` and :class:`Neighbour` and the function :func:`slots` are the twin of
``zig-core/src/english/homographs.zig``: what is measured here is the stored bytes in the core's
integers.
"""

from __future__ import annotations

import csv
import re
import struct
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from . import data
from .alphabets import ENGLISH

VERSION = 1
KEY_BITS = 18
LEVELS = (1, 2, 3, 4, 5, 7, 9, 11)
"""What the three bits of a weight's size stand for, in steps."""
REACH = 3
"""Neighbours that are looked at on either side."""
STEP = 0.2
"""Log odds of one step."""
WEIGHTS = 5000
FOLDS = 5

_SOURCE = (
    "WikipediaHomographData (Gorman, Mazovetskiy and Nikolaev 2018, Apache-2.0, "
    "github.com/google-research-datasets/WikipediaHomographData)"
)

# PyTorch calls its sparse matrices beta, and their checks implicitly off.
warnings.filterwarnings("ignore", message="Sparse (CSR tensor support|invariant checks)")

Hashes = NDArray[np.uint32]
Integers = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

# --- The twin of the core -----------------------------------------------------------------------

NONE, COMMA, STOP, OPEN, HYPHEN, OTHER, END = range(7)
"""What stands before a word; END where there is no word."""


@dataclass(frozen=True)
class Neighbour:
    """A word of a text block."""

    letters: str
    capital: bool = False
    capitals: bool = False
    before: int = NONE


NOTHING = Neighbour("", before=END)

CLOSED = {
    "D": "a an the this that these those every each another no any some both all either neither",
    "P": "my your his her its our their whose 's",
    "I": "of in on at by for with from into onto upon about as after before between through during "
    "against under over within without toward towards among across along near than via until "
    "since like off per",
    "T": "to",
    "S": "i he she it we they you who which there",
    "O": "me him us them himself themselves itself",
    "C": "and or but nor",
    "B": "is was are were be been being am",
    "H": "has have had having",
    "F": "do does did",
    "M": "will would can could may might shall should must cannot won't don't didn't doesn't "
    "wouldn't couldn't can't",
    "N": "not also then often never always only even",
    "W": "if because while when where although though so what how",
    "A": "more most very too less such other same own",
}
"""Tags of words that have one of their own."""
ENDINGS = (
    "ly:l ed:d ing:g 's:P ous:j ness:n ss:x us:x is:x s:s al:j ic:j ive:j ful:j ble:j ary:j an:j "
    "ish:j ion:n ment:n ity:n ist:n er:n or:n ism:n nce:n"
)
"""Tags of other words of four letters and more, by the first ending that fits; else x."""

_CLOSED = {word: ord(tag) for tag, words in CLOSED.items() for word in words.split()}
_ENDINGS = [(ending, ord(tag)) for ending, tag in (pair.split(":") for pair in ENDINGS.split())]


def fnv(letters: str) -> int:
    """FNV-1a, 32 bits."""
    value = 0x811C9DC5
    for byte in letters.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


@cache
def describe(word: Neighbour) -> tuple[int, int, int, int, int, int]:
    """Word, class, tag, three last letters, two last letters, capitals of a neighbour."""
    letters = word.letters
    capitals = word.capital + 2 * word.capitals
    closed = _CLOSED.get(letters)
    if closed is not None:
        tag = closed
    elif letters in ("", "0"):
        tag = ord("0") if letters else ord("$")
    else:
        fits = (t for ending, t in _ENDINGS if len(letters) > 3 and letters.endswith(ending))
        tag = next(fits, ord("x")) | 0x80 * word.capital
    kind = tag if closed is None else fnv(letters)
    return fnv(letters), kind, tag, fnv(letters[-3:]), fnv(letters[-2:]), capitals


PLACES = (-3, -2, -1, 1, 2, 3)
KINDS = "wctuvk"
"""Letters that name the values of :func:`describe` in the templates."""
SLOTS = len(KINDS) * len(PLACES) + 3

_OWN = (
    "w-3 w-2 w-1 w+1 w+2 w+3 t-3 t-2 t-1 t+1 t+2 t+3 u-2 u-1 u+1 u+2 v-2 v-1 v+1 v+2 k-2 k-1 k+1 "
    "k+2 b a ba s"
)
_COMMON = (
    "w-2w-1 w-1w+1 w+1w+2 c-2c-1 c-1c+1 c+1c+2 c-2c-1c+1 c-1c+1c+2 c-3c-2c-1 c-1a bc+1 t-2t-1 "
    "t-1t+1 t+1t+2 t-3t-2t-1 t-2t-1t+1 t-1t+1t+2 t-2t-1t+1t+2"
)


def _template(text: str) -> list[int]:
    """Slots of a template: ``w-2w-1`` is the words before; b, a and s are the last three slots."""
    found = []
    for kind, place in re.findall(r"([wctuvkbas])([+-]\d)?", text):
        if place:
            found.append(KINDS.index(kind) * len(PLACES) + PLACES.index(int(place)))
        else:
            found.append(SLOTS - 3 + "bas".index(kind))
    return found


TEMPLATES = [_template(text) for text in f"{_OWN} {_COMMON}".split()]
OWN = len(_OWN.split())
"""The first templates have weights of the homograph's own beside the common ones."""


def neighbours(words: Sequence[Neighbour], index: int) -> dict[int, Neighbour]:
    """The words at the places −3 … 3 but 0; nothing beyond the sentence."""
    found = dict.fromkeys(PLACES, NOTHING)
    for step in (-1, 1):
        at = index
        for distance in range(1, REACH + 1):
            later = words[max(at, at + step)] if 0 <= at + step < len(words) else None
            if later is None or (later.before == STOP and later.capital):
                break
            at += step
            found[step * distance] = words[at]
    return found


def slots(words: Sequence[Neighbour], index: int) -> list[int]:
    """The values that features are made of."""
    found = neighbours(words, index)
    described = [describe(found[place]) for place in PLACES]
    word = words[index]
    first = found[-1] is NOTHING
    return [
        *(values[kind] for kind in range(len(KINDS)) for values in described),
        END if first else word.before,
        found[1].before,
        word.capital + 2 * word.capitals + 4 * first,
    ]


def mix(value: Hashes, other: Hashes | int) -> Hashes:
    """One step of a hash, modulo 2^32."""
    mixed = (value ^ np.asarray(other, np.uint32)) * np.uint32(0x9E3779B1)
    return mixed ^ (mixed >> np.uint32(15))


def feature_keys(rows: Sequence[Sequence[int]], seeds: Sequence[int]) -> tuple[Integers, Integers]:
    """Keys of the common and of the own weights, a row for a word with its slots and its seed."""
    values = np.array(rows, np.uint32).reshape(-1, SLOTS)
    features = np.empty((len(values), len(TEMPLATES)), np.uint32)
    for number, template in enumerate(TEMPLATES):
        feature = np.full(len(values), number + 1, np.uint32)
        for slot in template:
            feature = mix(feature, values[:, slot])
        features[:, number] = feature
    own = mix(features[:, :OWN], np.array(seeds, np.uint32)[:, None])
    shift = np.uint32(32 - KEY_BITS)
    return (mix(features, 1) >> shift).astype(np.int64), (own >> shift).astype(np.int64)


@dataclass(frozen=True)
class Homograph:
    """A word, the bias of its second pronunciation in half steps, and its pronunciations.

    A pronunciation without phonemes is the word's own, the one that it has alone.
    """

    letters: str
    bias: int
    common: bool
    pronunciations: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


@dataclass(frozen=True)
class Section:
    """What ``HOMO`` holds: the homographs, and the weights (key → steps)."""

    homographs: Mapping[int, Homograph]
    weights: Mapping[int, int]

    def scores(self, letters: Sequence[str], rows: Sequence[Sequence[int]]) -> list[int]:
        """Scores of homographs in their contexts, in half steps; above 0 is the second."""
        seeds = [fnv(word) for word in letters]
        common, own = feature_keys(rows, seeds)
        found = []
        for seed, all_keys, own_keys in zip(seeds, common.tolist(), own.tolist(), strict=True):
            homograph = self.homographs[seed]
            keys = own_keys + (all_keys if homograph.common else [])
            found.append(homograph.bias + 2 * sum(self.weights.get(key, 0) for key in keys))
        return found

    def choose(self, words: Sequence[Neighbour], index: int) -> int:
        """The pronunciation, 0 or 1, of a word that is a homograph."""
        return int(self.scores([words[index].letters], [slots(words, index)])[0] > 0)

    def write(self) -> bytes:
        """The bytes of the section."""
        entries = sorted(self.homographs.items())
        out = bytearray(struct.pack("<B", VERSION)) + bytes(LEVELS)
        rice = _rice_parameter(self.weights)
        out += struct.pack("<BHH", rice, len(entries), len(self.weights))
        out += b"".join(struct.pack("<I", fingerprint) for fingerprint, _ in entries)
        out += b"".join(struct.pack("<b", h.bias & ~1 | h.common) for _, h in entries)
        pronunciations = [
            [ENGLISH.encode_phonemes(p) for p in h.pronunciations] for _, h in entries
        ]
        out += bytes(len(first) | len(second) << 4 for first, second in pronunciations)
        out += b"".join(bytes(first + second) for first, second in pronunciations)
        bits: list[int] = []
        previous = -1
        for key, steps in sorted(self.weights.items()):
            gap = key - previous - 1
            previous = key
            bits += [1] * (gap >> rice) + [0] + [gap >> i & 1 for i in range(rice)]
            coded = LEVELS.index(abs(steps)) | 8 * (steps < 0)
            bits += [coded >> i & 1 for i in range(4)]
        return bytes(out) + np.packbits(np.array(bits, np.uint8), bitorder="little").tobytes()

    @classmethod
    def read(cls, content: bytes) -> Section:
        """A section that :meth:`write` wrote; the letters of its words are not stored."""
        rice, count, weights = struct.unpack_from("<BHH", content, 9)
        levels = content[1:9]
        at = 14
        fingerprints = struct.unpack_from(f"<{count}I", content, at)
        biases = struct.unpack_from(f"<{count}b", content, at + 4 * count)
        lengths = content[at + 5 * count : at + 6 * count]
        at += 6 * count
        homographs = {}
        for fingerprint, bias, length in zip(fingerprints, biases, lengths, strict=True):
            first, second = length & 15, length >> 4
            tokens = list(content[at : at + first + second])
            at += first + second
            pair = ENGLISH.decode_phonemes(tokens[:first]), ENGLISH.decode_phonemes(tokens[first:])
            homographs[fingerprint] = Homograph("", bias & ~1, bool(bias & 1), pair)
        stream = iter(np.unpackbits(np.frombuffer(content, np.uint8)[at:], bitorder="little"))

        def number(bits: int) -> int:
            return sum(int(next(stream)) << i for i in range(bits))

        found, key = {}, -1
        for _ in range(weights):
            gap = 0
            while next(stream):
                gap += 1
            key += (gap << rice) + number(rice) + 1
            size, negative = number(3), number(1)
            found[key] = -levels[size] if negative else levels[size]
        return cls(homographs, found)


def _rice_parameter(weights: Iterable[int]) -> int:
    keys = np.array(sorted(weights), np.int64)
    gaps = np.diff(keys, prepend=-1) - 1
    return min(range(16), key=lambda rice: int((gaps >> rice).sum()) + rice * len(gaps))


# --- Text ---------------------------------------------------------------------------------------

_PIECES = re.compile(
    r"(?<![^\W_])(?:[^\W\d_]\.)+[^\W\d_](?![^\W_])\.?|[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,]\d+)*"
)


def letters_of(word: str) -> str:
    """The letters that the core reads (``docs/TEXT.md``), for the words of English texts; ``0``
    when there are none."""
    folded = unicodedata.normalize("NFKD", word).lower().replace("’", "'")
    return "".join(c for c in folded if "a" <= c <= "z" or c in "'.") or "0"


def separation(gap: str) -> int:
    """What stands between two words."""
    gap = gap.strip()
    if not gap:
        return NONE
    if gap in "-‐‑":
        return HYPHEN
    for kind, signs in ((STOP, ".!?…"), (OPEN, "([{\"“‘'"), (COMMA, ",")):
        if any(sign in gap for sign in signs):
            return kind
    return OTHER


def words_of(text: str) -> tuple[list[Neighbour], list[int]]:
    """Words of a text block, those with hyphens in parts, and where they begin (in characters)."""
    words, starts, end = [], [], 0
    for match in _PIECES.finditer(text):
        word = match.group()
        letters = letters_of(word) if word[0].isalpha() else "0"
        capitals = len(word) > 1 and word.isupper()
        before = separation(text[end : match.start()])
        words.append(Neighbour(letters, word[0].isupper(), capitals, before))
        starts.append(match.start())
        end = match.end()
    return words, starts


# --- Learning -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """The wordids of a homograph; ``common`` when the second is the verb of the two, so that it
    goes by the weights of all such words."""

    first: str
    second: str
    common: bool


@dataclass(frozen=True)
class Examples:
    """Labelled sentences."""

    pairs: Mapping[str, Pair]
    ipa: Mapping[str, str]
    letters: Sequence[str]
    wordids: Sequence[str]
    rows: Sequence[Sequence[int]]

    def part(self, chosen: NDArray[np.intp]) -> Examples:
        """Some of the sentences."""
        return Examples(
            self.pairs,
            self.ipa,
            [self.letters[i] for i in chosen],
            [self.wordids[i] for i in chosen],
            [self.rows[i] for i in chosen],
        )

    def with_sentences(self, labelled: Sequence[tuple[str, str, str]]) -> Examples:
        """These and other sentences, each with its homograph and wordid."""
        rows = []
        for text, word, _ in labelled:
            words, _ = words_of(text)
            rows.append(slots(words, [w.letters for w in words].index(word)))
        return Examples(
            self.pairs,
            self.ipa,
            [*self.letters, *(word for _, word, _ in labelled)],
            [*self.wordids, *(wordid for _, _, wordid in labelled)],
            [*self.rows, *rows],
        )


def _table(name: str) -> list[dict[str, str]]:
    path = data.folder() / "en" / name
    if not path.is_file():
        raise data.MissingDataError(f"missing: {path}. Source: {_SOURCE}")
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def _pair(listed: Sequence[dict[str, str]], counts: Mapping[str, int]) -> Pair:
    """The two most frequent wordids of a homograph."""
    two = sorted(listed, key=lambda row: -counts.get(row["wordid"], 0))[:2]
    tests: tuple[Callable[[dict[str, str]], bool], ...] = (
        lambda row: row["label"] == "verb" or row["wordid"].endswith("_vrb"),
        lambda row: "vrb" in row["wordid"],
    )
    for test in tests:
        verbs = [row for row in two if test(row)]
        if len(verbs) == 1:
            other = next(row for row in two if row is not verbs[0])
            return Pair(other["wordid"], verbs[0]["wordid"], True)
    return Pair(two[0]["wordid"], two[1]["wordid"], False)


def examples() -> Examples:
    """The labelled sentences of the list; raises :class:`data.MissingDataError` without them."""
    listed: dict[str, list[dict[str, str]]] = {}
    ipa = {}
    for row in _table("homographs.wordids.tsv"):
        listed.setdefault(row["homograph"], []).append(row)
        ipa[row["wordid"]] = _SLIPS.get(row["wordid"], row["pronunciation"])
    sentences = _table("homographs.train.tsv")
    counts: dict[str, int] = {}
    rows = []
    for sentence in sentences:
        counts[sentence["wordid"]] = counts.get(sentence["wordid"], 0) + 1
        text = sentence["sentence"]
        words, starts = words_of(text)
        start = len(text.encode()[: int(sentence["start"])].decode())
        rows.append(slots(words, starts.index(start)))
    pairs = {word: _pair(wordids, counts) for word, wordids in listed.items()}
    return Examples(
        pairs, ipa, [s["homograph"] for s in sentences], [s["wordid"] for s in sentences], rows
    )


BASE = (
    "to will would can could may might should must do did don't didn't doesn't please let's gonna"
)
"""Words that the base form of a verb follows."""
PARTICIPLE = "have has had is are was were be been being well"
"""Words that a participle follows."""
OBJECTS = "it|the plan|this|that one|your plan|my plan|them|all of it|these|a plan|his plan|an idea"
"""What an imperative has behind it."""
SUBJECTS = "They|I|You|We"
RESTS = "it|the plan|here"
"""What a verb has behind it, and no noun."""


def grammatical(pairs: Mapping[str, Pair]) -> list[tuple[str, str, str]]:
    """Sentences whose pronunciation grammar decides, each with its homograph and wordid, such as an
    encyclopedia hardly has: *read* behind other verbs, imperatives, verbs behind pronouns."""
    found = []
    if "read" in pairs:
        for words, wordid in ((BASE, "read_present"), (PARTICIPLE, "read_past")):
            found += [(f"They {word} read it.", "read", wordid) for word in words.split()]
    frames = [f"{{}} {rest} now." for rest in OBJECTS.split("|")]
    frames += [f"Please {frame}" for frame in frames]
    frames += [
        f"{subject} {{}} {r} now." for subject in SUBJECTS.split("|") for r in RESTS.split("|")
    ]
    for word, pair in pairs.items():
        # Not the adjectives (*live*, *close*), which stand in such places too.
        for frame in frames if pair.common and "adj" not in pair.first else ():
            written = word.capitalize() if frame.startswith("{") else word
            found.append((frame.format(written), word, pair.second))
    return found


class Problem:
    """A logistic regression over sparse binary features, with a bias for each homograph."""

    def __init__(self, given: Examples) -> None:
        self.words = sorted(given.pairs)
        number = {word: i for i, word in enumerate(self.words)}
        self.homograph = np.array([number[word] for word in given.letters])
        self.second = np.array(
            [
                float(given.pairs[w].second == wordid)
                for w, wordid in zip(given.letters, given.wordids, strict=True)
            ]
        )
        common, own = feature_keys(given.rows, [fnv(word) for word in given.letters])
        shares = np.array([given.pairs[word].common for word in given.letters])
        self.keys = np.concatenate([np.where(shares[:, None], common, -1), own], axis=1)

    def frequent(self, least: int) -> Integers:
        """Keys that occur so often."""
        keys, counts = np.unique(self.keys, return_counts=True)
        return keys[(counts >= least) & (keys >= 0)]

    def fit(
        self,
        keys: Integers,
        weights: Floats | None = None,
        biases: Floats | None = None,
        held: Bools | None = None,
        penalty: float = 0.7,
        bias_penalty: float = 0.05,
        iterations: int = 40,
    ) -> tuple[Floats, Floats, Integers]:
        """Weights of ``keys`` and biases; those that are ``held`` stay as they are. Also how
        often each key occurs."""
        places = np.searchsorted(keys, self.keys)
        places[places == len(keys)] = 0
        hit = keys[places] == self.keys
        ends = np.concatenate([[0], np.cumsum(hit.sum(1))])
        n, columns = len(keys), torch.tensor(places[hit])
        matrix = torch.sparse_csr_tensor(
            torch.tensor(ends), columns, torch.ones(len(columns)), size=(len(hit), n)
        )
        transposed = matrix.to_sparse_coo().t().coalesce().to_sparse_csr()  # type: ignore[no-untyped-call]
        homograph = torch.tensor(self.homograph)
        target = torch.tensor(self.second, dtype=torch.float32)
        values = torch.zeros(n + len(self.words))
        if weights is not None and biases is not None:
            values = torch.tensor(np.concatenate([weights, biases]), dtype=torch.float32)
        penalties = torch.full_like(values, penalty)
        penalties[n:] = bias_penalty
        free = torch.ones_like(values)
        if held is not None:
            free[:n] = torch.tensor(~held, dtype=torch.float32)
        values.requires_grad_(True)
        optimizer = torch.optim.LBFGS(
            [values], max_iter=iterations, history_size=8, line_search_fn="strong_wolfe"
        )

        def closure() -> Any:
            with torch.no_grad():
                logits = matrix @ values[:n] + values[n:][homograph]
                error = torch.sigmoid(logits) - target
                gradient = penalties * values
                gradient[:n] += transposed @ error
                gradient[n:].index_add_(0, homograph, error)
                values.grad = gradient * free
                likelihood = torch.nn.functional.binary_cross_entropy_with_logits(
                    logits, target, reduction="sum"
                )
                return likelihood + 0.5 * (penalties * values * values).sum()

        optimizer.step(closure)  # type: ignore[no-untyped-call]
        found = values.detach().numpy()
        return found[:n].copy(), found[n:].copy(), np.bincount(places[hit], minlength=n)


def _quantized(weights: Floats) -> Integers:
    """The nearest levels, with their sign."""
    nearest = np.abs(np.abs(weights)[:, None] / STEP - np.array(LEVELS)).argmin(1)
    return np.asarray(np.where(weights < 0, -1, 1) * np.array(LEVELS)[nearest], np.int64)


def learn(given: Examples, weights: int = WEIGHTS) -> Section:
    """Weights from the sentences, and from those of :func:`grammatical`, without pronunciations.

    Prunes in two rounds to the weights that matter most, then fixes them half by half to their
    levels while the others and the biases go on learning.
    """
    problem = Problem(given.with_sentences(grammatical(given.pairs)))
    keys = problem.frequent(2)
    w, b, counts = problem.fit(keys)
    for size in (3 * weights, weights):
        if size < len(keys):
            kept = np.sort(np.argsort(-(w * w * counts), kind="stable")[:size])
            keys = keys[kept]
            w, b, counts = problem.fit(keys, w[kept], b, iterations=25)
    held = np.zeros(len(keys), bool)
    for share in (0.5, 0.8, 1.0):
        error = np.abs(_quantized(w) * STEP - w)
        order = np.argsort(np.where(held, -1.0, error), kind="stable")
        held[order[: round(share * len(keys))]] = True
        w = np.where(held, _quantized(w) * np.float32(STEP), w).astype(np.float32)
        w, b, _ = problem.fit(keys, w, b, held, iterations=15)
    steps = _quantized(w)
    biases = 2 * np.clip(np.round(b / STEP), -63, 63).astype(int)
    homographs = {
        fnv(word): Homograph(word, int(bias), given.pairs[word].common)
        for word, bias in zip(problem.words, biases, strict=True)
    }
    if len(homographs) < len(problem.words):
        raise ValueError("two homographs have the same fingerprint")
    return Section(homographs, dict(zip(keys.tolist(), steps.tolist(), strict=True)))


@dataclass(frozen=True)
class Accuracy:
    """Right answers of a cross-validation, by homograph."""

    right: Mapping[str, int]
    count: Mapping[str, int]
    stored: int
    """Bytes of the section without pronunciations, the largest of the folds."""

    @property
    def micro(self) -> float:
        """Percent of all sentences."""
        return 100 * sum(self.right.values()) / sum(self.count.values())

    @property
    def macro(self) -> float:
        """Percent of a homograph's sentences, on average."""
        return float(np.mean([100 * self.right[word] / n for word, n in self.count.items()]))


def cross_validate(given: Examples, weights: int = WEIGHTS, folds: int = FOLDS) -> Accuracy:
    """Every sentence is judged by the stored bytes of a section that has not seen it."""
    fold = np.random.RandomState(0).permutation(len(given.rows)) % folds
    right = dict.fromkeys(given.letters, 0)
    count = dict.fromkeys(given.letters, 0)
    stored = 0
    for number in range(folds):
        content = learn(given.part(np.flatnonzero(fold != number)), weights).write()
        stored = max(stored, len(content))
        unseen = given.part(np.flatnonzero(fold == number))
        scores = Section.read(content).scores(unseen.letters, unseen.rows)
        for word, wordid, score in zip(unseen.letters, unseen.wordids, scores, strict=True):
            pair = given.pairs[word]
            right[word] += wordid == (pair.second if score > 0 else pair.first)
            count[word] += 1
    return Accuracy(right, count, stored)


# --- Pronunciations -----------------------------------------------------------------------------

_ARPABET = {
    "tʃ": "CH", "dʒ": "JH", "ʧ": "CH", "ʤ": "JH", "aɪ": "AY", "aʊ": "AW", "eɪ": "EY", "oʊ": "OW",
    "ɔɪ": "OY", "ɑ": "AA", "æ": "AE", "ə": "AH", "ʌ": "AH", "ɔ": "AO", "ɛ": "EH", "ɚ": "ER",
    "ɝ": "ER", "ɪ": "IH", "i": "IY", "ʊ": "UH", "u": "UW", "b": "B", "d": "D", "ð": "DH", "f": "F",
    "ɡ": "G", "h": "HH", "j": "Y", "k": "K", "l": "L", "m": "M", "n": "N", "ŋ": "NG", "p": "P",
    "ɹ": "R", "s": "S", "ʃ": "SH", "t": "T", "θ": "TH", "v": "V", "w": "W", "z": "Z", "ʒ": "ZH",
}  # fmt: skip
_SLIPS = {"abuses_vrb": "ə'bjuːzəz"}
"""Corrections of wordids' IPA."""
_VOWELS = {p.name[:-1] for p in ENGLISH.phonemes if p.name[-1].isdigit()}


def arpabet(ipa: str) -> tuple[str, ...]:
    """Phonemes of a wordid's IPA; the stress goes to the next vowel."""
    found, stress, at = [], "0", 0
    while at < len(ipa):
        symbol = next((s for s in (ipa[at : at + 2], ipa[at]) if s in _ARPABET), None)
        if symbol is None:
            stress = {"'": "1", "ˌ": "2"}.get(ipa[at], stress)
            at += 1
            continue
        phoneme = _ARPABET[symbol]
        if phoneme in _VOWELS:
            phoneme, stress = phoneme + stress, "0"
        found.append(phoneme)
        at += len(symbol)
    return tuple(found)


_REDUCIBLE = ("AH", "IH", "EH", "AA", "AE")


def _difference(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Edits between phonemes, and between them without main stress; open and reduced vowels
    without it are nearly the same, lists differ there without a reason."""

    def folded(phoneme: str, marked: bool) -> str:
        name = phoneme.rstrip("012")
        if phoneme.endswith("1"):
            return phoneme if marked else name
        return "AH" if name in _REDUCIBLE else name

    return Levenshtein.distance(one, other) / 8 + sum(
        Levenshtein.distance([folded(p, m) for p in one], [folded(p, m) for p in other])
        for m in (False, True)
    )


NEAR = 1.5
"""Difference to a pronunciation of the dictionary from which on the IPA is taken."""


def pronunciations(
    listed: Sequence[tuple[str, ...]], ipa: tuple[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The pronunciations of two wordids: the dictionary's where it has them, else their IPA's."""
    wanted = arpabet(ipa[0]), arpabet(ipa[1])
    choices = [
        [(_difference(want, p), rank, p) for rank, p in enumerate(listed)] + [(NEAR, 99, want)]
        for want in wanted
    ]
    pairs = [
        (one[0] + two[0], one[1] + two[1], one[2], two[2])
        for one in choices[0]
        for two in choices[1]
        if one[2] != two[2]
    ]
    return min(pairs)[2:]


def build(weights: int = WEIGHTS) -> bytes:
    """The section ``HOMO``, learned from all sentences."""
    given = examples()
    learned = learn(given, weights)
    dictionary = data.read(ENGLISH, data.SPLITS)
    taken = {fnv(word): word for word in dictionary}
    homographs = {}
    for fingerprint, homograph in learned.homographs.items():
        word, pair = homograph.letters, given.pairs[homograph.letters]
        if taken.get(fingerprint, word) != word:
            raise ValueError(f"{word} has the fingerprint of {taken[fingerprint]}")
        listed = dictionary.get(word, [])
        both = pronunciations(listed, (given.ipa[pair.first], given.ipa[pair.second]))
        first, second = (() if listed and p == listed[0] else p for p in both)
        homographs[fingerprint] = Homograph(word, homograph.bias, homograph.common, (first, second))
    return Section(homographs, learned.weights).write()


def report(accuracy: Accuracy, weights: int) -> str:
    """A line of figures."""
    return (
        f"{weights} weights, {accuracy.stored} bytes without pronunciations: "
        f"micro {accuracy.micro:.2f} %, macro {accuracy.macro:.2f} % of "
        f"{sum(accuracy.count.values())} sentences"
    )


def write(out: Path, weights: int = WEIGHTS) -> int:
    """Writes the section into a file; returns its bytes."""
    return out.write_bytes(build(weights))
