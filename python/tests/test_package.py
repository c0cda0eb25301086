from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

import kilophone
from kilophone import Transcriber

if TYPE_CHECKING:
    from kilophone._options import BackendName
    from kilophone._wasm import Handle


def test_one_version(backend: BackendName, repository: Path) -> None:
    version = (repository / "VERSION").read_text(encoding="utf-8").strip()
    with Transcriber(backend=backend) as transcriber:
        assert transcriber.version == version
    assert kilophone.__version__ == version
    assert metadata.version("kilophone") == version


def test_backends_speak_alike() -> None:
    pytest.importorskip("wasmtime")
    from kilophone import _native, _wasm

    for status in (*kilophone.Status, 99):
        message = _native.status_message(status)
        assert message
        assert _wasm.status_message(status) == message


def test_the_wheel_has_all_its_files() -> None:
    installed = Path(kilophone.__file__).parent
    for name in ("kilophone.wasm", "py.typed", "_native.pyi"):
        assert (installed / name).is_file()


def test_no_dependency() -> None:
    requires = metadata.requires("kilophone") or []
    assert all("extra ==" in requirement for requirement in requires)


def test_import_is_light() -> None:
    script = (
        "import sys; import kilophone; kilophone.transcribe('hello');"
        "print(*(sys.modules.keys() & {'typing', 'dataclasses', 'inspect', 're', 'json',"
        "'argparse', 'wasmtime', 'kilophone._wasm', 'kilophone._analysis', 'kilophone._cli'}))"
    )
    # -S -I: what site packages import is not this package's doing.
    script = f"import sys; sys.path[:0] = {sys.path!r}; {script}"
    run = subprocess.run(
        [sys.executable, "-S", "-I", "-c", script], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []


def test_results_are_found_in_the_package() -> None:
    assert set(kilophone.__all__) <= set(dir(kilophone))
    for name in kilophone.__all__:
        assert getattr(kilophone, name) is not None
    assert not hasattr(kilophone, "nonsense")


def test_python_memory_is_flat() -> None:
    texts = ["hello, world", "안녕하세요", "1, 2, 3"]

    def work() -> None:
        with Transcriber() as transcriber:
            for text in texts:
                transcriber.transcribe(text)
                transcriber.analyze(text)
                transcriber.normalize(text)
                list(transcriber.stream([text, text]))
            transcriber.alternatives("hello")
            transcriber.add("hello", "ə")
            transcriber.transcribe_many(texts)
            with pytest.raises(kilophone.InvalidTextError):
                transcriber.transcribe(b"\xff")

    for _ in range(3):
        work()
    gc.collect()
    tracemalloc.start()
    try:
        work()
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(20):
            work()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 4096


def test_wasm_memory_is_flat() -> None:
    pytest.importorskip("wasmtime")
    texts = ["hello, world " * 1000, "안녕하세요", "1, 2, 3"]
    with Transcriber(backend="wasm") as transcriber:
        instance = cast("Handle", transcriber._handle)._instance
        assert instance is not None

        def size() -> int:
            return instance._memory.data_len(instance._store)

        def work() -> None:
            for text in texts:
                transcriber.transcribe(text)
                transcriber.analyze(text)
                transcriber.normalize(text)
                list(transcriber.stream([text, text]))
            transcriber.alternatives("hello")
            transcriber.add("hello", "ə")
            transcriber.load_lexicon("a\tə")
            transcriber.transcribe_many(texts, separator="-" * 64)
            with pytest.raises(kilophone.InvalidTextError):
                transcriber.transcribe(b"\xff")
            with pytest.raises(kilophone.UnknownLanguageError):
                transcriber.transcribe("hello", language="xx")

        at_first = size()
        work()
        before = size()
        assert before > at_first  # the memory has moved under the binding
        for _ in range(20):
            work()
        assert size() == before
