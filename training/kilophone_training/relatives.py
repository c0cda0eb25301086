"""Words that differ by a possessive or plural ending: the core says a possessive as its stem, and
one of a word and its plural as the other is corrected (docs/CORRECTIONS.md, Relatives)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from .corrections import Need

Phonemes = tuple[str, ...]

SIBILANTS = frozenset(("S", "Z", "SH", "ZH", "CH", "JH"))
VOICELESS = frozenset(("P", "T", "K", "F", "TH"))
STEM_MIN = 2
"""Letters of the shortest stem."""


def plural(stem: str) -> str:
    """A stem's plural in spelling."""
    if stem[-1:] == "y" and stem[-2:-1] not in tuple("aeiou"):
        return stem[:-1] + "ies"
    return stem + ("es" if stem.endswith(("s", "x", "z", "ch", "sh")) else "s")


def owner(word: str) -> str | None:
    """What a word is the possessive of."""
    stem = word.removesuffix("'s")
    return stem if stem != word and len(stem) >= STEM_MIN else None


def stems(word: str) -> Iterator[str]:
    """What a word may be the plural of."""
    for ending, rest in (("ies", "y"), ("s", ""), ("es", "")):
        stem = word.removesuffix(ending) + rest
        if (
            word.endswith(ending)
            and not word.endswith("'s")
            and len(stem) >= STEM_MIN
            and plural(stem) == word
        ):
            yield stem


def forms(word: str) -> Iterator[str]:
    """A word's plural."""
    if len(word) >= STEM_MIN and not word.endswith("'s"):
        yield plural(word)


def inflected(stem: Phonemes) -> Phonemes:
    """The phonemes (ARPAbet) of a stem with the ending."""
    last = stem[-1]
    if last in SIBILANTS:
        return (*stem, "IH0", "Z")
    return (*stem, "S" if last in VOICELESS else "Z")


def stripped(form: Phonemes) -> Phonemes | None:
    """The phonemes of a form's stem; None when it does not sound like a form."""
    for count in (2, 1):  # *houses* is no *housi* with *z*
        stem = form[:-count]
        if stem and inflected(stem) == form:
            return stem
    return None


def relatives(word: str) -> list[str]:
    """The words that the core asks for, at most, when a word has no entry, in order."""
    stem = owner(word)
    return [*stems(word), *forms(word)] if stem is None else [stem, *relatives(stem)]


def owners(listed: Mapping[str, Sequence[Phonemes]]) -> dict[str, list[Phonemes]]:
    """The stems of listed possessives that are not listed themselves, as these sound (first
    pronunciations)."""
    found = {}
    for word, (first, *_) in listed.items():
        stem = owner(word)
        phonemes = stripped(first)
        if stem is not None and stem not in listed and phonemes is not None:
            found[stem] = [phonemes]
    return found


def follows(word: str, corrected: Mapping[str, Phonemes]) -> Phonemes | None:
    """What follows of a word from the correction of its plural or singular, if something does."""
    for stem in stems(word):
        if stem in corrected:
            return inflected(corrected[stem])
    for form in forms(word):
        if form in corrected:
            return stripped(corrected[form])
    return None


def needs(listed: Mapping[str, Phonemes], wrong: Collection[str]) -> dict[str, Need]:
    """What it takes that each of the listed words is said so, when a model that reads the words
    themselves gets the ``wrong`` ones wrong. Stems are corrected before their forms, which are
    longer and may follow."""
    corrected: dict[str, Phonemes] = {}

    def expected(word: str) -> Phonemes | None:
        stem = owner(word)
        if stem is None:
            return follows(word, corrected)
        # Of a stem that is not listed nobody knows what is said.
        return inflected(listed[stem]) if stem in listed else ()

    for word in sorted(wrong, key=len):
        if expected(word) != listed[word]:
            corrected[word] = listed[word]

    def need(word: str) -> Need:
        if word in corrected:
            return Need.CORRECTION
        said = expected(word)
        if said is None:
            return Need.NOTHING
        if said == listed[word]:
            return Need.RELATIVE if word in wrong or owner(word) else Need.NOTHING
        return Need.SILENCE

    return {word: need(word) for word in listed}
