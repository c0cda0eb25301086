"""The published figures, measured through the installed ``kilophone`` package.

Nothing of the training code's model is used here, so that a figure is one of what a user gets. The
test lists are read by this program and, for the model that is shipped, by ``release``; no choice
is made by them.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from . import alignment, data, korean_narrow, scoring
from .alphabets import ALPHABETS, ENGLISH, KOREAN, Alphabet, Kind
from .train import zipf_frequencies

Said = dict[str, tuple[str, ...]]
_FORMATS = {"en-us": "arpabet", "ko": "ipa"}
_STRESSED = {p.name.rstrip("012") for p in ENGLISH.phonemes if p.kind is Kind.VOWEL}
_MISSED_MAX = 20


def open_transcriber(packs: Sequence[Path] = ()) -> Any:
    """``kilophone.Transcriber`` over the packs in these files, or over the packages' own."""
    import kilophone

    return kilophone.Transcriber(packs=packs or None)


def answers(transcriber: Any, alphabet: Alphabet, words: Iterable[str]) -> Said:
    """The phoneme names that the package gives for each word.

    A word of several pieces (``o'clock``, ``a.m.``) is the phonemes of all of them.
    """
    options = {
        "format": _FORMATS[alphabet.tag],
        "stress": "syllable" if alphabet.tag == "en-us" else "none",
        "separator": " ",
        "punctuation": "drop",
        "unknown": "error",
        "language": alphabet.tag,
        "written": False,
    }
    return {word: tuple(transcriber.transcribe(word, **options).split()) for word in words}


def table(transcriber: Any, split: str, packs: Sequence[Path], command: str) -> str:
    """A Markdown report of the error rates on a split, both languages where there are packs."""
    rows = [
        "| language | words | PER | WER | WER, first | WER, primary stress | WER, stress "
        "| WER, first, stress |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for alphabet in ALPHABETS.values():
        if packs and not any(language(path) == alphabet.tag for path in packs):
            continue
        listed = data.read(alphabet, [split])
        s = scoring.score(answers(transcriber, alphabet, listed), listed, alphabet)
        figures = [s.per, s.wer, s.wer_first]
        if alphabet is ENGLISH:
            figures += [s.wer_primary, s.wer_stress, s.wer_first_stress]
        cells = [f"{figure:.2f} %" for figure in figures] + ["–"] * (6 - len(figures))
        rows.append(f"| {alphabet.tag} | {s.words} | {' | '.join(cells)} |")
        if alphabet is KOREAN:
            per, words = narrow(transcriber, split)
            rows.append(f"| ko, narrow | {words} | {per:.2f} % |{' – |' * 5}")
    notes = [
        "",
        "PER and WER without stress against the nearest listed pronunciation; Korean folded to",
        "the broad inventory, and, narrow, the words of WikiPron in its own transcription.",
        "",
        f"- Data: {split} split",
        *circumstances(packs, command),
    ]
    return "\n".join(rows + notes)


def narrow(transcriber: Any, split: str) -> tuple[float, int]:
    """Symbol error rate in per cent of the narrow transcription on the words of the source whose
    conventions it follows, nearest transcription, and how many words these are."""
    listed = korean_narrow.read(split, korean_narrow.CONVENTION)
    edits = length = 0
    for word, references in listed.items():
        said = korean_narrow.symbols(transcriber.transcribe(word, narrow=True, language="ko"))
        distance, of = min(
            (Levenshtein.distance(said, r.symbols), len(r.symbols)) for r in references
        )
        edits += distance
        length += of
    return 100 * edits / length, len(listed)


def exact(transcriber: Any, packs: Sequence[Path], command: str) -> str:
    """A report on how many words of the lists are said exactly as the first pronunciation with its
    stress (English) or as one of those listed (Korean), and on those that are not.

    Entries that a text does not have as one word (``a.``, ``advisers'``, whose apostrophe may be a
    closing quote) are counted beside them.
    """
    lines: list[str] = []
    for alphabet in ALPHABETS.values():
        if packs and not any(language(path) == alphabet.tag for path in packs):
            continue
        listed = data.read(alphabet, data.SPLITS)
        said = answers(transcriber, alphabet, listed)
        wanted = {w: p if alphabet is KOREAN else p[:1] for w, p in listed.items()}
        single = [word for word in listed if _is_word(transcriber, alphabet, word)]
        missed = [word for word in single if said[word] not in wanted[word]]
        share = 100 * (1 - len(missed) / len(single))
        others = [word for word in listed.keys() - set(single) if said[word] not in wanted[word]]
        lines += [
            f"{alphabet.tag}: {share:.3f} % of {len(single)} words; of {len(listed) - len(single)} "
            f"entries that are no single word of a text {len(others)} are said otherwise",
            "",
        ]
        lines += [
            f"- {w}: {' '.join(said[w])}, not {' '.join(wanted[w][0])}"
            for w in missed[:_MISSED_MAX]
        ]
        lines += [""] if missed else []
    return "\n".join([*lines, "- Data: all splits", *circumstances(packs, command)])


def _is_word(transcriber: Any, alphabet: Alphabet, text: str) -> bool:
    spans = transcriber.analyze(text, language=alphabet.tag, written=False).spans
    return len(spans) == 1 and spans[0].kind == "word"


def aligned(transcriber: Any, packs: Sequence[Path], command: str) -> str:
    """A report on the letters that the package names for its phonemes on the dev lists, against
    the most probable alignment (EM, estimated on the train lists) of the same phonemes."""
    rows = [
        "| language | phonemes | a letter in common | the same letters |",
        "|---|---:|---:|---:|",
    ]
    for alphabet in ALPHABETS.values():
        if packs and not any(language(path) == alphabet.tag for path in packs):
            continue
        pairs = [
            (alphabet.encode_word(word), alphabet.encode_phonemes(p))
            for word, listed in data.read(alphabet, ["train"]).items()
            for p in listed
        ]
        aligner = alignment.fit(alphabet, pairs)
        words, coded, spans = [], [], []
        for word in data.read(alphabet, ["dev"]):
            found = letters_of(transcriber, alphabet, word)
            if found is not None:
                words.append(word)
                coded.append((alphabet.encode_word(word), alphabet.encode_phonemes(found[0])))
                spans.append(found[1])
        total = common = same = 0
        for wanted, said in zip(alignment.align(aligner, alphabet, coded), spans, strict=True):
            for (first, end), (start, stop) in zip(wanted or (), said, strict=wanted is not None):
                total += 1
                common += start < end and first < stop
                same += (first, end) == (start, stop)
        shares = f"{100 * common / total:.2f} % | {100 * same / total:.2f} %"
        rows.append(f"| {alphabet.tag} | {total} | {shares} |")
    return "\n".join([*rows, "", "- Data: dev split", *circumstances(packs, command)])


def letters_of(
    transcriber: Any, alphabet: Alphabet, word: str
) -> tuple[tuple[str, ...], alignment.Spans] | None:
    """The phonemes of a word that is one span, and for each its first letter (of
    ``alphabet.encode_word``) and the one after its last."""
    spans = transcriber.analyze(
        word, format=_FORMATS[alphabet.tag], language=alphabet.tag, written=False
    ).spans
    if len(spans) != 1 or spans[0].kind != "word":
        return None
    # Characters of the word to letters: a Hangul syllable has two or three.
    starts = [0]
    for character in word:
        starts.append(starts[-1] + len(alphabet.encode_word(character)))
    names, places = [], []
    for phoneme in spans[0].phonemes:
        digit = str(phoneme.stress) if phoneme.spelling in _STRESSED else ""
        names.append(phoneme.spelling + digit)
        places.append((starts[phoneme.start], starts[phoneme.end]))
    return tuple(names), places


def frequent_words(transcriber: Any, count: int, packs: Sequence[Path], command: str) -> str:
    """A report on the most frequent English words of CMUdict: the share said in any of their
    listed pronunciations, stress ignored, and the words that are not."""
    listed = data.read(ENGLISH, data.SPLITS)
    zipf = zipf_frequencies(ENGLISH.tag)
    words = sorted(zipf.keys() & listed.keys(), key=lambda word: (-zipf[word], word))[:count]
    said = answers(transcriber, ENGLISH, words)
    missed = []
    for word in words:
        bare = scoring.without_stress(said[word], ENGLISH)
        if all(bare != scoring.without_stress(p, ENGLISH) for p in listed[word]):
            missed.append(word)
    lines = [
        f"{100 * (1 - len(missed) / len(words)):.2f} % of the {len(words)} most frequent words",
        "",
        *(f"- {word}: {' '.join(said[word])}, not {' '.join(listed[word][0])}" for word in missed),
        *([""] if missed else []),
        "- Data: CMUdict 0.7b, all splits; frequencies of wordfreq",
        *circumstances(packs, command),
    ]
    return "\n".join(lines)


def language(path: Path) -> str:
    """The language tag of a pack, from its ``LANG`` section (docs/PACK.md)."""
    content = path.read_bytes()
    for entry in range(32, 32 + 16 * int.from_bytes(content[16:20], "little"), 16):
        if content[entry : entry + 4] == b"LANG":
            at = int.from_bytes(content[entry + 4 : entry + 8], "little")
            return content[at + 1 : at + 1 + content[at]].decode()
    raise ValueError(f"{path} is not a pack")


def circumstances(packs: Sequence[Path], command: str) -> list[str]:
    """What a report says of how it was made: packs, machine, commit, command."""
    import kilophone

    named = ", ".join(path.name for path in packs) or "the package's own"
    return [
        f"- Packs: {named}; kilophone {kilophone.__version__}",
        f"- Machine: {machine()}",
        f"- Commit: {commit()}",
        f"- Command: `{command}`",
    ]


def machine() -> str:
    """The processor's name, the cores and the system."""
    name = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    return f"{name or platform.machine()}, {os.cpu_count()} cores, {platform.system()}"


def commit() -> str:
    """The commit of the source tree that this file is in, ``-dirty`` when it has changes."""
    git = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    folder = Path(__file__).parent
    try:
        done = subprocess.run(git, cwd=folder, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
