from __future__ import annotations

import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import kilophone
from kilophone import Transcriber

if TYPE_CHECKING:
    from collections.abc import Callable

    from kilophone._options import BackendName

Answer = TypeVar("Answer")

THREADS = 8
TEXTS = [f"the {word} of 안녕" for word in ("quick", "brown", "fox", "jumps", "over", "lazy")]


def _in_threads(work: Callable[[int], Answer]) -> list[Answer]:
    together = threading.Barrier(THREADS)

    def run(number: int) -> Answer:
        together.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_a_transcriber_for_each_thread(backend: BackendName) -> None:
    with Transcriber(backend=backend) as transcriber:
        expected = transcriber.transcribe_many(TEXTS)

    def work(_: int) -> object:
        with Transcriber(backend=backend) as own:
            return [[own.transcribe(text) for text in TEXTS] for _ in range(5)]

    assert _in_threads(work) == [[expected] * 5] * THREADS


def test_one_transcriber_for_all_threads(backend: BackendName) -> None:
    with Transcriber(backend=backend, cache_words=2) as shared:
        expected = shared.transcribe_many(TEXTS)
        analyses = [shared.analyze(text) for text in TEXTS]

        def work(number: int) -> object:
            index = number % len(TEXTS)
            return [
                shared.transcribe(TEXTS[index]) == expected[index]
                and shared.transcribe_many(TEXTS) == expected
                and shared.analyze(TEXTS[index]) == analyses[index]
                for _ in range(10)
            ]

        assert _in_threads(work) == [[True] * 10] * THREADS


def test_errors_are_those_of_the_own_call(backend: BackendName) -> None:
    with Transcriber(backend=backend) as shared:

        def work(number: int) -> object:
            positions = set()
            for _ in range(20):
                try:
                    shared.transcribe(b"a" * number + b"\xff")
                except kilophone.InvalidTextError as error:
                    positions.add(error.position)
            return positions

        assert _in_threads(work) == [{number} for number in range(THREADS)]


def test_closing_while_others_call(backend: BackendName) -> None:
    shared = Transcriber(backend=backend)
    expected = shared.transcribe(TEXTS[0])

    def work(number: int) -> object:
        for turn in range(50):
            if number == 0 and turn == 10:
                shared.close()
            try:
                assert shared.transcribe(TEXTS[0]) == expected
            except kilophone.ClosedError:
                return "closed"
        return "finished"

    assert set(_in_threads(work)) <= {"closed", "finished"}
    assert shared.closed


def test_module_functions_have_a_transcriber_for_each_thread() -> None:
    from kilophone import _state

    all_open = threading.Barrier(THREADS)

    def work(_: int) -> tuple[int, weakref.ref[Transcriber]]:
        kilophone.transcribe("hello")
        assert _state.transcriber is not None
        all_open.wait()
        return id(_state.transcriber), weakref.ref(_state.transcriber)

    answers = _in_threads(work)
    assert len({identity for identity, _ in answers}) == THREADS
    # A transcriber goes with its thread.
    assert [reference() for _, reference in answers] == [None] * THREADS
