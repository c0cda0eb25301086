"""A stream is the text in one piece: `Transcriber.stream` and `kilophone.stream`."""

from __future__ import annotations

import itertools
import threading
import tracemalloc
from typing import TYPE_CHECKING, AnyStr

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kilophone
from kilophone import Transcriber

from . import strategies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kilophone._options import BackendName, Options

cuts = st.lists(st.integers(0, 3000), max_size=30)

PARAGRAPH = "Hello, world! 안녕하세요.\n\n"


def chunked(text: AnyStr, at: list[int]) -> list[AnyStr]:
    """A str or bytes cut at these places, as far as it has them."""
    places = [0, *sorted(min(place, len(text)) for place in at), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(places)]


def outcome(call: Callable[[], str]) -> object:
    try:
        return call()
    except kilophone.TextError as error:
        return type(error), str(error), vars(error)


@given(text=strategies.long_texts, at=cuts, options=strategies.options)
def test_any_chunks(transcriber: Transcriber, text: str, at: list[int], options: Options) -> None:
    expected = outcome(lambda: transcriber.transcribe(text, **options))
    in_str, in_bytes = chunked(text, at), chunked(text.encode(), at)
    assert outcome(lambda: "".join(transcriber.stream(in_str, **options))) == expected
    assert outcome(lambda: "".join(transcriber.stream(in_bytes, **options))) == expected


@given(text=strategies.long_texts, at=cuts)
def test_dropped_punctuation(transcriber: Transcriber, text: str, at: list[int]) -> None:
    found = "".join(transcriber.stream(chunked(text, at), punctuation="drop"))
    assert found == transcriber.transcribe(text, punctuation="drop")


@pytest.mark.parametrize(
    "text",
    [
        "hello, world. " * 150,
        "a" * 2500,
        "한국" * 700,
        "1 2 3 " * 400,
        " " * 1500 + "hello",
        ("hello" + " " * 1020) * 5,
        "a\n\nb",
    ],
)
@pytest.mark.parametrize("separator", [None, " ", "|"])
@pytest.mark.parametrize("word_separator", [None, "#"])
def test_across_blocks(
    transcriber: Transcriber, text: str, separator: str | None, word_separator: str | None
) -> None:
    options: Options = {"separator": separator, "word_separator": word_separator}
    expected = transcriber.transcribe(text, **options)
    for size in (100, 1 << 20):
        chunks = [text[at : at + size] for at in range(0, len(text), size)]
        assert "".join(transcriber.stream(chunks, **options)) == expected


def test_one_character_at_a_time(transcriber: Transcriber) -> None:
    text = "Naïve 안녕! It's 5 o'clock,\n\n☃ $3.50."
    data = text.encode()
    expected = transcriber.transcribe(text)
    assert "".join(transcriber.stream(text.split("¤"))) == expected
    assert "".join(transcriber.stream(list(text))) == expected
    assert "".join(transcriber.stream(data[i : i + 1] for i in range(len(data)))) == expected
    assert list(transcriber.stream([])) == list(transcriber.stream(["", b""])) == []


def test_a_large_chunk(transcriber: Transcriber) -> None:
    text = "안녕, world! " * 20_000
    outputs = list(transcriber.stream([text]))
    assert len(outputs) > 1
    assert "".join(outputs) == transcriber.transcribe(text)


def test_outputs_come_as_soon_as_they_can(transcriber: Transcriber) -> None:
    """Method: a text without end; no more of it is taken than a paragraph needs."""
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield PARAGRAPH

    outputs = transcriber.stream(endless())
    assert taken == 0
    for number in range(1, 20):
        assert next(outputs) == transcriber.transcribe(PARAGRAPH)
        assert taken <= number + 1
    outputs.close()  # type: ignore[attr-defined]


def test_memory_is_bounded(transcriber: Transcriber) -> None:
    """Method: eight megabytes, in which there is nothing for the model to do."""
    line = "… ☃ !\n" * 10_000
    rounds = 8_000_000 // len(line.encode())

    def consume(chunks: Iterator[str]) -> None:
        for _ in transcriber.stream(chunks):
            pass

    tracemalloc.start()
    try:
        consume(itertools.repeat(line, rounds))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000


def test_other_calls_do_not_disturb(transcriber: Transcriber) -> None:
    texts = [PARAGRAPH * 3, "cat, dog " * 200, "one two"]
    found = ""
    for output in transcriber.stream(texts, punctuation="drop"):
        found += output
        transcriber.transcribe("other words, 다른 말")
        transcriber.analyze("a b", punctuation="drop")
        transcriber.normalize("5")
        transcriber.alternatives("hello")
        with pytest.raises(kilophone.InvalidTextError):
            transcriber.transcribe(b"\xff")
    assert found == transcriber.transcribe("".join(texts), punctuation="drop")


class TestOneStreamATime:
    def test_a_second_is_refused(self, transcriber: Transcriber) -> None:
        first = transcriber.stream([PARAGRAPH] * 3)
        output = next(first)
        second = transcriber.stream([PARAGRAPH])
        with pytest.raises(kilophone.BusyError, match="another stream") as caught:
            next(second)
        assert isinstance(caught.value, RuntimeError)
        # The first goes on as if nothing had been.
        assert output + "".join(first) == transcriber.transcribe(PARAGRAPH * 3)
        # One that has not begun is in nobody's way.
        waiting = transcriber.stream([PARAGRAPH])
        assert "".join(transcriber.stream([PARAGRAPH])) == "".join(waiting)

    def test_what_ends_a_stream(self, transcriber: Transcriber) -> None:
        def broken() -> Iterator[str]:
            yield PARAGRAPH * 2
            raise ZeroDivisionError

        closed = transcriber.stream([PARAGRAPH] * 2)
        next(closed)
        closed.close()  # type: ignore[attr-defined]
        freed = transcriber.stream([PARAGRAPH] * 2)
        next(freed)
        del freed
        with pytest.raises(ZeroDivisionError):
            list(transcriber.stream(broken()))
        with pytest.raises(kilophone.InvalidTextError):
            list(transcriber.stream([b"\xff"]))
        with pytest.raises(TypeError, match="not list"):
            list(transcriber.stream(["a", [1]]))  # type: ignore[list-item]
        assert "".join(transcriber.stream([PARAGRAPH])) == transcriber.transcribe(PARAGRAPH)

    def test_two_threads(self, transcriber: Transcriber) -> None:
        """Method: both wait between chunks until the other has begun."""
        both = threading.Barrier(2)
        outcomes = []

        def work() -> None:
            def chunks() -> Iterator[str]:
                both.wait()
                yield PARAGRAPH

            both.wait()
            try:
                outcomes.append("".join(transcriber.stream(chunks())))
            except kilophone.BusyError:
                outcomes.append("busy")
                both.wait()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == sorted(["busy", transcriber.transcribe(PARAGRAPH)])

    def test_closed(self, backend: BackendName) -> None:
        transcriber = Transcriber(backend=backend)
        outputs = transcriber.stream([PARAGRAPH] * 3)
        next(outputs)
        transcriber.close()
        with pytest.raises(kilophone.ClosedError):
            list(outputs)
        with pytest.raises(kilophone.ClosedError):
            list(transcriber.stream([PARAGRAPH]))

    def test_streams_of_the_module_are_independent(self) -> None:
        texts = [PARAGRAPH * 5, "cat, dog.\n\n" * 5, "나무 " * 500]
        streams = [kilophone.stream([text], punctuation="drop") for text in texts]
        found = [""] * len(texts)
        for outputs in itertools.zip_longest(*streams, fillvalue=""):
            found = [before + output for before, output in zip(found, outputs, strict=True)]
        assert found == kilophone.transcribe_many(texts, punctuation="drop")


class TestErrors:
    def test_positions_are_those_of_the_whole_text(self, transcriber: Transcriber) -> None:
        before = PARAGRAPH * 100
        position = len(before.encode())
        with pytest.raises(kilophone.UnknownCharacterError, match=r"'日' \(U\+65E5\)") as caught:
            list(transcriber.stream([before, "日本"], unknown="error"))
        assert (caught.value.position, caught.value.character) == (position, "日")
        for end in ("\ud800", b"\xed\xa0\x80", b"\xc3"):
            with pytest.raises(kilophone.InvalidTextError) as invalid:
                list(transcriber.stream([before, end]))
            assert invalid.value.position == position

    def test_what_stands_before_the_fault_comes_out(self, transcriber: Transcriber) -> None:
        outputs = transcriber.stream([PARAGRAPH, PARAGRAPH, b"\xff"])
        assert next(outputs) == transcriber.transcribe(PARAGRAPH)
        with pytest.raises(kilophone.InvalidTextError):
            list(outputs)

    @pytest.mark.parametrize("whose", ["module", "transcriber"])
    def test_bad_arguments_are_found_at_once(self, transcriber: Transcriber, whose: str) -> None:
        stream = kilophone.stream if whose == "module" else transcriber.stream
        for text in ("hello", b"hello"):
            with pytest.raises(TypeError, match="not one text"):
                stream(text)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="format must be one of"):
            stream([], format="nonsense")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="fromat"):
            stream([], fromat="ipa")  # type: ignore[call-arg]
