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


def decider(word: str, corrected: Collection[str]) -> str | None:
    """The plural or singular whose correction decides how a word is said."""
    return next((other for other in (*stems(word), *forms(word)) if other in corrected), None)


def follows(word: str, corrected: Mapping[str, Phonemes]) -> Phonemes | None:
    """What follows of a word from the correction of its plural or singular, if something does."""
    other = decider(word, corrected)
    if other is None:
        return None
    follow = stripped if other in forms(word) else inflected
    return follow(corrected[other])


def harmful(
    asking: Mapping[str, Phonemes], wrong: Collection[str], corrected: Mapping[str, Phonemes]
) -> set[str]:
    """The corrections from which something wrong follows for one of the words that ask, with their
    listed phonemes, and nothing right for one of the ``wrong`` ones."""
    helps, harms = set(), set()
    for word, phonemes in asking.items():
        other = decider(word, corrected) if owner(word) is None else None
        said = follows(word, corrected)
        if other is not None and said is not None:
            if said != phonemes:
                harms.add(other)
            elif word in wrong:
                helps.add(other)
    return harms - helps


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
    alone: set[str] = set()
    asking = {word: phonemes for word, phonemes in listed.items() if word not in corrected}
    while found := harmful(asking, wrong, corrected):
        alone |= found
        for word in found:
            del corrected[word]

    def need(word: str) -> Need:
        if word in alone:
            return Need.ALONE
        if word in corrected:
            return Need.CORRECTION
        said = expected(word)
        if said is None:
            return Need.NOTHING
        if said == listed[word]:
            return Need.RELATIVE if word in wrong or owner(word) else Need.NOTHING
        return Need.SILENCE

    return {word: need(word) for word in listed}
