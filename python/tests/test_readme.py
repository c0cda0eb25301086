"""What the READMEs promise is what the package says."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

import kilophone

PROJECT = Path(__file__).parent.parent


def test_the_examples_of_the_package() -> None:
    """Method: the README as a doctest."""
    readme = PROJECT / "README.md"
    failed, attempted = doctest.testfile(str(readme), module_relative=False, encoding="utf-8")
    assert attempted >= 3
    assert failed == 0


def test_the_examples_of_the_repository() -> None:
    """Method: calls with their result in a comment, evaluated."""
    readme = PROJECT.parent / "README.md"
    if not readme.is_file():
        pytest.skip("needs the repository")
    examples = re.findall(
        r"^(kilophone\.\w+\(.*\)) +# ('.*')$", readme.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(examples) >= 3
    for call, expected in examples:
        assert eval(call, {"kilophone": kilophone}) == eval(expected), call  # noqa: S307
