from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kilophone
from kilophone import Transcriber

from . import strategies

if TYPE_CHECKING:
    from pathlib import Path

    from kilophone._options import BackendName, Options


def joined(analysis: kilophone.Analysis) -> str:
    return "".join(span.output for span in analysis.spans)


class TestBothBackends:
    def test_empty_text(self, transcriber: Transcriber) -> None:
        assert transcriber.transcribe("") == ""
        assert transcriber.transcribe(b"") == ""
        assert transcriber.analyze("") == kilophone.Analysis("", ())
        assert transcriber.transcribe_many([]) == []
        assert transcriber.transcribe_many(["", ""]) == ["", ""]

    def test_bytes_are_utf8(self, transcriber: Transcriber) -> None:
        text = "naïve café, 안녕"
        assert transcriber.transcribe(text.encode()) == transcriber.transcribe(text)
        assert transcriber.analyze(text.encode()) == transcriber.analyze(text)

    def test_embedded_nul(self, transcriber: Transcriber) -> None:
        with_nul = transcriber.transcribe("one\0two")
        assert with_nul == "\0".join(transcriber.transcribe_many(["one", "two"]))

    def test_a_long_text(self, transcriber: Transcriber) -> None:
        one = transcriber.transcribe("hello, world. ")
        assert transcriber.transcribe("hello, world. " * 5000) == one * 5000

    def test_output_that_is_larger_than_guessed(self, transcriber: Transcriber) -> None:
        text, longest = "hello " * 500, "-" * 64
        wide = transcriber.transcribe(text, separator=longest)
        assert wide == transcriber.transcribe(text, separator="|").replace("|", longest)
        assert joined(transcriber.analyze(text, separator=longest)) == wide
        many = transcriber.transcribe_many([text, "", text], separator=longest)
        assert many == [wide, "", wide]

    def test_empty_separator_is_not_the_default(self, transcriber: Transcriber) -> None:
        assert " " in transcriber.transcribe("hello", format="arpabet")
        assert " " not in transcriber.transcribe("hello", format="arpabet", separator="")

    def test_texts_may_be_an_iterator(self, transcriber: Transcriber) -> None:
        words = ["one", "two", "three"]
        assert transcriber.transcribe_many(iter(words)) == transcriber.transcribe_many(words)

    def test_offsets_of_spans(self, transcriber: Transcriber) -> None:
        text = "안녕, world!"
        first, *_, last = transcriber.analyze(text).spans
        assert (first.text, first.start, first.end) == ("안녕", 0, 2)
        assert (first.start_byte, first.end_byte) == (0, 6)
        assert (last.text, last.start, last.end) == ("!", 9, 10)
        assert (last.start_byte, last.end_byte) == (13, 14)

    def test_words_and_what_is_between(self, transcriber: Transcriber) -> None:
        analysis = transcriber.analyze("Hello, 안녕")
        assert [span.kind for span in analysis.spans] == ["word", "punctuation", "space", "word"]
        hello, comma, _, korean = analysis.spans
        assert (hello.language, korean.language, comma.language) == ("en-us", "ko", None)
        assert (hello.source, comma.source) == ("model", None)
        assert hello.phonemes
        assert not comma.phonemes
        assert analysis.words == (hello, korean)
        assert all(phoneme.stress in {0, 1, 2} for phoneme in hello.phonemes)

    def test_a_word_longer_than_the_model_reads(self, transcriber: Transcriber) -> None:
        word = "antidisestablishmentarianism" * 20
        analysis = transcriber.analyze(word)
        assert "".join(span.text for span in analysis.spans) == word
        assert joined(analysis) == transcriber.transcribe(word)
        with pytest.raises(kilophone.InvalidArgumentError):
            transcriber.word_logits(word)

    def test_word_logits(self, transcriber: Transcriber) -> None:
        logits = transcriber.word_logits("hello")
        assert logits.typecode == "f"
        assert logits
        assert logits == transcriber.word_logits(b"hello", language="en-us")
        assert logits != transcriber.word_logits("world")

    @given(text=strategies.texts, options=strategies.options)
    def test_any_text(self, transcriber: Transcriber, text: str, options: Options) -> None:
        try:
            output = transcriber.transcribe(text, **options)
        except kilophone.TextError as error:
            assert 0 <= error.position < len(text.encode("utf-8", "surrogatepass"))
            return
        analysis = transcriber.analyze(text, **options)
        if options.get("punctuation") != "drop":
            assert joined(analysis) == output
        data = text.encode()
        byte = index = 0
        for span in analysis.spans:
            assert (span.start_byte, span.start) == (byte, index)
            assert span.end_byte > span.start_byte
            byte, index = span.end_byte, span.end
            assert span.text == text[span.start : span.end]
            assert span.text.encode() == data[span.start_byte : span.end_byte]
        assert (byte, index) == (len(data), len(text))

    @given(data=st.binary())
    def test_any_bytes(self, transcriber: Transcriber, data: bytes) -> None:
        try:
            data.decode()
        except UnicodeDecodeError as expected:
            with pytest.raises(kilophone.InvalidTextError) as caught:
                transcriber.transcribe(data)
            assert caught.value.position == expected.start
        else:
            transcriber.transcribe(data)

    @given(texts=st.lists(strategies.valid_texts, max_size=8))
    def test_many_is_one_by_one(self, transcriber: Transcriber, texts: list[str]) -> None:
        assert transcriber.transcribe_many(texts) == [transcriber.transcribe(t) for t in texts]

    def test_cache_changes_nothing(self, backend: BackendName) -> None:
        with (
            Transcriber(backend=backend) as default,
            Transcriber(backend=backend, cache_words=0) as without,
            Transcriber(backend=backend, cache_words=1) as tiny,
        ):

            @given(text=strategies.valid_texts)
            def check(text: str) -> None:
                expected = without.transcribe(text)
                assert without.transcribe(text) == expected
                for cached in (default, tiny):
                    assert cached.transcribe(text) == expected
                    assert cached.transcribe(text) == expected

            check()


def test_packs_as_bytes_and_paths(backend: BackendName, repository: Path) -> None:
    paths = [repository / "zig-core" / "packs" / name for name in ("en-us.kph", "ko.kph")]
    text = "Hello, 안녕!"
    expected = kilophone.transcribe(text)
    for packs in (paths, [str(path) for path in paths], [path.read_bytes() for path in paths]):
        with Transcriber(packs, backend=backend) as transcriber:
            assert transcriber.transcribe(text) == expected
    with Transcriber(paths[:1], backend=backend) as english:
        assert english.transcribe("Hello") == kilophone.transcribe("Hello")
        with pytest.raises(kilophone.UnknownLanguageError):
            english.transcribe(text, language="ko")
    with pytest.raises(kilophone.PackError) as caught:
        Transcriber([*paths, paths[0]], backend=backend)
    assert caught.value.status is kilophone.Status.PACK_LANGUAGE


@pytest.mark.parametrize("stress", ["syllable", "vowel", "none"])
@pytest.mark.parametrize("format", ["ipa", "arpabet"])
def test_kernels_change_nothing(format: str, stress: str) -> None:
    text = "The quick brown fox jumps over the lazy dog."
    answers = set()
    for kernels in ("best", "portable", "x86_64_v2", "x86_64_v3"):
        try:
            with Transcriber(kernels=kernels) as transcriber:
                answers.add(transcriber.transcribe(text, format=format, stress=stress))  # type: ignore[arg-type]
        except kilophone.UnsupportedKernelsError:
            assert kernels not in {"best", "portable"}
    assert len(answers) == 1


@pytest.fixture(scope="module")
def both() -> tuple[Transcriber, Transcriber]:
    pytest.importorskip("wasmtime")
    return Transcriber(), Transcriber(backend="wasm")


@given(text=strategies.texts, options=strategies.options)
def test_backends_agree(both: tuple[Transcriber, Transcriber], text: str, options: Options) -> None:
    def ask(transcriber: Transcriber) -> object:
        try:
            return transcriber.transcribe(text, **options), transcriber.analyze(text, **options)
        except kilophone.KilophoneError as error:
            return type(error), str(error), vars(error)

    native, wasm = both
    assert ask(native) == ask(wasm)


@given(word=strategies.words)
def test_backends_agree_to_the_last_bit(both: tuple[Transcriber, Transcriber], word: str) -> None:
    native, wasm = both
    assert native.word_logits(word).tobytes() == wasm.word_logits(word).tobytes()


def test_module_functions_are_those_of_a_transcriber() -> None:
    text = "Hello, 안녕!"
    with Transcriber() as transcriber:
        assert kilophone.transcribe(text) == transcriber.transcribe(text)
        assert kilophone.transcribe_many([text]) == transcriber.transcribe_many([text])
        assert kilophone.analyze(text) == transcriber.analyze(text)
        assert kilophone.transcribe(text, punctuation="drop") == transcriber.transcribe(
            text, punctuation="drop"
        )


def test_every_combination_of_options_is_accepted() -> None:
    for stress, separator, punctuation, unknown in itertools.product(
        ("syllable", "vowel", "none"), (None, "", "·"), ("keep", "drop"), ("keep", "drop")
    ):
        kilophone.transcribe(
            "Hello 1 world",
            stress=stress,  # type: ignore[arg-type]
            separator=separator,
            punctuation=punctuation,  # type: ignore[arg-type]
            unknown=unknown,  # type: ignore[arg-type]
        )
