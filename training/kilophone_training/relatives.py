"""Words that differ by a possessive or plural ending, of which the core says one as the other is
corrected (docs/CORRECTIONS.md, Relatives)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

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


def stems(word: str) -> Iterator[str]:
    """What a word may be the possessive or the plural of."""
    if word.endswith("'s"):
        yield from [word[:-2]] if len(word) - 2 >= STEM_MIN else []
        return
    for ending, rest in (("ies", "y"), ("s", ""), ("es", "")):
        stem = word.removesuffix(ending) + rest
        if word.endswith(ending) and len(stem) >= STEM_MIN and plural(stem) == word:
            yield stem


def forms(word: str) -> Iterator[str]:
    """A word's possessive and plural."""
    if len(word) >= STEM_MIN and not word.endswith("'s"):
        yield word + "'s"
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
    """The words that the core asks for when a word has no entry, in order."""
    return [*stems(word), *forms(word)]


def follows(word: str, corrected: Mapping[str, Phonemes]) -> Phonemes | None:
    """What follows of a word from the corrections of its relatives, if something does."""
    for stem in stems(word):
        if stem in corrected:
            return inflected(corrected[stem])
    for form in forms(word):
        if form in corrected:
            return stripped(corrected[form])
    return None


def needs(listed: Mapping[str, Phonemes], wrong: Collection[str]) -> dict[str, Need]:
    """What it takes that each of the listed words is said so, when a model gets the ``wrong`` ones
    wrong. Stems are corrected before their forms, which are longer and may follow."""
    corrected: dict[str, Phonemes] = {}
    for word in sorted(wrong, key=len):
        if follows(word, corrected) != listed[word]:
            corrected[word] = listed[word]

    def need(word: str) -> Need:
        if word in corrected:
            return Need.CORRECTION
        if word in wrong:
            return Need.RELATIVE
        is_disturbed = follows(word, corrected) not in (None, listed[word])
        return Need.SILENCE if is_disturbed else Need.NOTHING

    return {word: need(word) for word in listed}
