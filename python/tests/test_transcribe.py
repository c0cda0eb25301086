from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import kilophone
from kilophone import Transcriber, _facts

from . import strategies

if TYPE_CHECKING:
    from pathlib import Path

    from kilophone._facts import Format
    from kilophone._options import BackendName, Options


def joined(analysis: kilophone.Analysis) -> str:
    return "".join(span.output for span in analysis.spans)


def check_places(analysis: kilophone.Analysis, text: str) -> None:
    """Spans cover the text in order; only the words of a written form have the same place."""
    data = text.encode()
    byte = index = 0
    previous = None
    for span in analysis.spans:
        if previous is not None and span.start_byte == previous.start_byte:
            assert (span.end_byte, span.end) == (previous.end_byte, previous.end)
            assert span.kind == previous.kind == "word"
            assert span.spoken != span.text
        else:
            assert (span.start_byte, span.start) == (byte, index)
            assert span.end_byte > span.start_byte
        byte, index = span.end_byte, span.end
        assert span.text == text[span.start : span.end]
        assert span.text.encode() == data[span.start_byte : span.end_byte]
        assert (span.source is None) == (span.kind != "word")
        assert span.source is None or span.source in _facts.SOURCES
        for phoneme in span.phonemes:
            assert span.start <= phoneme.start < phoneme.end <= span.end
            assert span.start_byte <= phoneme.start_byte < phoneme.end_byte <= span.end_byte
            part = data[phoneme.start_byte : phoneme.end_byte]
            assert part == text[phoneme.start : phoneme.end].encode()
        previous = span
    assert (byte, index) == (len(data), len(text))


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
        assert hello.source in {"model", "correction"}
        assert comma.source is None
        assert hello.phonemes
        assert not comma.phonemes
        assert analysis.words == (hello, korean)
        assert all(phoneme.stress in {0, 1, 2} for phoneme in hello.phonemes)

    def test_the_words_of_a_written_form(self, transcriber: Transcriber) -> None:
        _, _, *words, end = transcriber.analyze("é: $21!").spans[1:]
        assert [word.spoken for word in words] == ["twenty", "one", "dollars"]
        assert {(word.text, word.start, word.end) for word in words} == {("$21", 3, 6)}
        assert {(word.start_byte, word.end_byte) for word in words} == {(4, 7)}
        places = {(p.start, p.end, p.start_byte, p.end_byte) for w in words for p in w.phonemes}
        assert places == {(3, 6, 4, 7)}
        assert (end.text, end.spoken, end.start) == ("!", "!", 6)
        (word,) = transcriber.analyze("hello").spans
        assert (word.text, word.spoken) == ("hello", "hello")

    def test_where_phonemes_come_from(self, transcriber: Transcriber) -> None:
        # Each syllable gives phonemes of its own here.
        (word,) = transcriber.analyze("나무").spans
        assert [(p.start, p.end) for p in word.phonemes] == [(0, 1)] * 2 + [(1, 2)] * 2
        assert [(p.start_byte, p.end_byte) for p in word.phonemes] == [(0, 3)] * 2 + [(3, 6)] * 2

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
        check_places(analysis, text)
        # The words of a written form are apart; nothing else changes.
        spoken = "".join(span.spoken for span in analysis.spans)
        normalized = transcriber.normalize(text, **options)
        assert spoken.replace(" ", "") == normalized.replace(" ", "")

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
            return (
                transcriber.transcribe(text, **options),
                transcriber.analyze(text, **options),
                transcriber.normalize(text, **options),
            )
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
        assert kilophone.normalize("5 cats") == transcriber.normalize("5 cats") == "five cats"
        assert kilophone.alternatives("cat") == transcriber.alternatives("cat")
        assert list(kilophone.stream([text])) == list(transcriber.stream([text]))
        assert kilophone.transcribe(text, punctuation="drop") == transcriber.transcribe(
            text, punctuation="drop"
        )


@given(word=strategies.words)
def test_backends_agree_on_alternatives(both: tuple[Transcriber, Transcriber], word: str) -> None:
    native, wasm = both
    assert native.alternatives(word, 3) == wasm.alternatives(word, 3)


class TestSwitches:
    """Each switch against texts of which it changes the answer."""

    @pytest.mark.parametrize(
        ("switch", "text", "default"),
        [
            ("written", "5 cats", True),
            ("weak_forms", "and the cat", True),
            ("sandhi", "꽃 한 송이 못 하다 옷 한 벌", True),
            ("narrow", "나라", False),
            ("overrides", "[cat](/dɔɡ/)", False),
        ],
    )
    def test_changes_the_answer(
        self, transcriber: Transcriber, switch: str, text: str, default: object
    ) -> None:
        on, off, by_default = (
            transcriber.transcribe(text, **{switch: value})  # type: ignore[arg-type]
            for value in (True, False, None)
        )
        assert on != off
        assert by_default == transcriber.transcribe(text) == (on if default else off)

    def test_homographs(self, transcriber: Transcriber) -> None:
        text = "They record a record. I read it yesterday, and will read it again."
        told_apart = transcriber.transcribe(text)
        if told_apart == transcriber.transcribe(text, homographs=False):
            pytest.skip("the pack does not tell homographs apart")

    def test_values(self, transcriber: Transcriber) -> None:
        for value in ("off", 0, 1.0):
            with pytest.raises(TypeError, match="written must be True, False or None"):
                transcriber.transcribe("5", written=value)  # type: ignore[arg-type]


class TestFormats:
    @pytest.mark.parametrize("format", sorted(_facts.FORMATS))
    def test_every_format(self, transcriber: Transcriber, format: Format) -> None:
        languages = []
        for text in ("hello, world", "안녕, 나무"):
            try:
                output = transcriber.transcribe(text, format=format)
            except kilophone.UnsupportedFormatError as error:
                assert error.position == 0
                continue
            languages.append(transcriber.analyze(text).words[0].language)
            assert ", " in output
            assert joined(transcriber.analyze(text, format=format)) == output
        # Of the others, a pack has those that it was made with.
        always = {"ipa": ["en-us", "ko"], "arpabet": ["en-us"], "hangul": ["ko"], "jamo": ["ko"]}
        assert languages == always.get(format, languages)


MARK = "\ue000"
"""A separator that is in no text here."""


class TestSeparators:
    """What stands between phonemes, syllables and words."""

    def test_all_three(self, transcriber: Transcriber) -> None:
        separators: Options = {
            "separator": " ", "syllable_separator": " . ", "word_separator": " # ",
        }  # fmt: skip
        assert transcriber.transcribe("hello world", **separators) == "h ə . ˈl oʊ # ˈw ɝ l d"
        assert transcriber.transcribe("독립문", **separators) == "t o ŋ . n i m . m u n"
        assert (
            transcriber.transcribe("독립문", format="hangul", syllable_separator="-") == "동-님-문"
        )

    @given(text=strategies.valid_texts, options=strategies.options)
    def test_syllables_only_part(
        self, transcriber: Transcriber, text: str, options: Options
    ) -> None:
        """Without what stands between syllables the output is what it is without syllables."""
        plain: Options = {**options, "format": "ipa", "separator": "", "syllable_separator": None}
        if plain.get("word_separator") is not None:
            plain["word_separator"] = " # "
        parted: Options = {**plain, "syllable_separator": MARK}
        text = text.replace(MARK, "")
        try:
            expected = transcriber.transcribe(text, **plain)
        except kilophone.KilophoneError as error:
            with pytest.raises(type(error)):
                transcriber.transcribe(text, **parted)
            return
        assert transcriber.transcribe(text, **parted).replace(MARK, "") == expected

    @given(word=strategies.words)
    def test_a_syllable_for_every_vowel(self, transcriber: Transcriber, word: str) -> None:
        found = transcriber.transcribe(
            word, written=False, format="arpabet", syllable_separator=MARK
        )
        vowels = sum(character in "012" for character in found)
        assert found.count(MARK) == max(vowels, 1) - 1
        if vowels:
            assert all(any(c in "012" for c in syllable) for syllable in found.split(MARK))

    @given(
        words=st.lists(strategies.words, min_size=1, max_size=6),
        space=st.text(" \t\u3000", min_size=1),
    )
    def test_words(self, transcriber: Transcriber, words: list[str], space: str) -> None:
        text = space.join(words)
        found = transcriber.transcribe(text, written=False, word_separator=MARK)
        assert found.count(MARK) == len(words) - 1
        assert found.replace(MARK, space) == transcriber.transcribe(text, written=False)
        dropped = transcriber.transcribe(
            f"“{text}”!", written=False, punctuation="drop", word_separator=MARK
        )
        assert dropped == found

    @given(word=strategies.words)
    def test_syllables_are_read_back(self, transcriber: Transcriber, word: str) -> None:
        """Phonemes → IPA → phonemes → IPA, but for T SH and D ZH in one syllable (ALPHABETS.md)."""
        for stress in ("syllable", "vowel"):
            found = transcriber.transcribe(
                word, written=False, weak_forms=False, syllable_separator=".", stress=stress
            )
            assume("tʃ" not in found and "dʒ" not in found)  # without a tie, which CH and JH have
            assert found == transcriber.transcribe(
                f"[x](/{found}/)", overrides=True, syllable_separator=".", stress=stress
            )


class TestNormalize:
    def test_written_forms(self, transcriber: Transcriber) -> None:
        assert transcriber.normalize("It cost $21.") == "It cost twenty one dollars."
        assert transcriber.normalize(b"5 cats\r\n\xe2\x80\xa6") == "five cats\r\n…"
        assert transcriber.normalize("It cost $21.", written=False) == "It cost $21."
        assert transcriber.normalize("") == ""

    def test_errors(self, transcriber: Transcriber) -> None:
        with pytest.raises(kilophone.InvalidTextError, match="byte 2"):
            transcriber.normalize(b"ab\xff")


class TestAlternatives:
    def test_the_first_is_that_of_the_word_alone(self, transcriber: Transcriber) -> None:
        for word in ("hello", "colonel", "나무"):
            found = transcriber.alternatives(word)
            assert len(found) == 5
            assert found[0].output == transcriber.transcribe(word)
            assert len({one.output for one in found}) == len(found)
            chances = [one.log_probability for one in found[1:]]
            assert chances == sorted(chances, reverse=True)
            assert all(chance < 0 for chance in chances)
            assert {one.source for one in found[1:]} <= {"model"}
            assert found[0].source in {"model", "correction"}

    def test_how_many(self, transcriber: Transcriber) -> None:
        many = transcriber.alternatives("hello", _facts.ALTERNATIVES_MAX, separator="-" * 64)
        assert len(many) == 16
        few = transcriber.alternatives("hello", 2, separator="-" * 64)
        assert few == many[:2]
        for n in (-1, 0, 17, 1 << 40):
            with pytest.raises(ValueError, match="n must be between 1 and 16"):
                transcriber.alternatives("hello", n)

    @pytest.mark.parametrize("text", ["", "two words", "7", "!", "hello!"])
    def test_what_is_no_word(self, transcriber: Transcriber, text: str) -> None:
        with pytest.raises(kilophone.InvalidArgumentError):
            transcriber.alternatives(text)

    def test_formats(self, transcriber: Transcriber) -> None:
        (one,) = transcriber.alternatives("hello", 1, format="arpabet", stress="none")
        assert one.output == transcriber.transcribe("hello", format="arpabet", stress="none")
        with pytest.raises(kilophone.UnsupportedFormatError):
            transcriber.alternatives("안녕", format="arpabet")


class TestWordRanks:
    def test_the_answer_of_the_model_has_rank_0(self) -> None:
        with Transcriber() as transcriber:
            said = transcriber.alternatives("strengths", format="arpabet")
            spelling = next(one.output for one in said if one.source == "model")
            ranks = transcriber._word_ranks("strengths", spelling)
            assert len(ranks) == len(spelling.split()) + 1  # and the end
            assert all(lead > 0 for _, lead in ranks)
            assert {rank for rank, _ in ranks} == {0}
            others = transcriber._word_ranks("strengths", "Z UH2 ZH")
            assert len(others) == 4
            assert max(rank for rank, _ in others) > 0
            with pytest.raises(kilophone.InvalidSpellingError):
                transcriber._word_ranks("cat", "K AE5 T")

    def test_native_only(self) -> None:
        pytest.importorskip("wasmtime")
        with Transcriber(backend="wasm") as transcriber, pytest.raises(NotImplementedError):
            transcriber._word_ranks("cat", "K AE1 T")


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
