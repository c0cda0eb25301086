"""What the tests share: transcribers of both backends."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import kilophone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kilophone._options import BackendName

BACKENDS: tuple[BackendName, ...] = ("native", "wasm")

# A model runs in every example: no deadline, and fewer examples than usual, the same ones every
# time, unless asked for.
settings.register_profile("default", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> BackendName:
    """Each backend in turn."""
    name: BackendName = request.param
    if name == "wasm":
        pytest.importorskip("wasmtime")
    return name


@pytest.fixture(scope="session")
def transcriber(backend: BackendName) -> Iterator[kilophone.Transcriber]:
    """One open transcriber a backend, shared by the tests that only ask it questions."""
    with kilophone.Transcriber(backend=backend) as opened:
        yield opened


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository that the tests are part of; absent when they run from an sdist."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "bindings-c" / "include" / "kilophone.h").is_file():
        pytest.skip("needs the repository")
    return root
