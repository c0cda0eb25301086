from __future__ import annotations

import pickle
import re
from typing import TYPE_CHECKING, Any

import pytest

import kilophone
from kilophone import Status, Transcriber

if TYPE_CHECKING:
    from pathlib import Path

    from kilophone._options import BackendName


class TestText:
    @pytest.mark.parametrize(
        ("text", "position"),
        [
            (b"ab\xff", 2),
            (b"\xc3", 0),  # cut off
            (b"a\xc0\x80", 1),  # overlong
            ("안".encode() + b"\xed\xa0\x80", 3),  # a surrogate
            ("안\ud800b", 3),
            ("\udcff", 0),
        ],
    )
    def test_not_utf8(self, transcriber: Transcriber, text: str | bytes, position: int) -> None:
        for call in (transcriber.transcribe, transcriber.analyze, transcriber.word_logits):
            with pytest.raises(kilophone.InvalidTextError, match=f"byte {position}") as caught:
                call(text)
            assert isinstance(caught.value, ValueError)
            assert caught.value.status is Status.INVALID_UTF8
            assert caught.value.position == position

    def test_which_of_many(self, transcriber: Transcriber) -> None:
        with pytest.raises(kilophone.InvalidTextError, match="byte 1 of text 2") as caught:
            transcriber.transcribe_many(["a", "b", b"c\xff", b"\xff"])
        assert (caught.value.text_index, caught.value.position) == (2, 1)

    def test_unknown_character(self, transcriber: Transcriber) -> None:
        with pytest.raises(kilophone.UnknownCharacterError, match=r"'日' \(U\+65E5\)") as caught:
            transcriber.transcribe("안 日本", unknown="error")
        assert caught.value.status is Status.UNKNOWN_CHARACTER
        assert (caught.value.character, caught.value.position) == ("日", 4)
        assert transcriber.transcribe("安", unknown="drop") == ""
        assert transcriber.transcribe("安", unknown="keep") == "安"

    def test_format_that_a_language_does_not_have(self, transcriber: Transcriber) -> None:
        with pytest.raises(kilophone.UnsupportedFormatError, match="byte 6") as caught:
            transcriber.transcribe("hello 안녕", format="arpabet")
        assert caught.value.status is Status.UNSUPPORTED_FORMAT

    def test_unknown_language(self, transcriber: Transcriber) -> None:
        for language in ("xx", "", "en-us\0"):
            with pytest.raises(kilophone.UnknownLanguageError) as caught:
                transcriber.transcribe("hello", language=language)
            assert caught.value.status is Status.UNKNOWN_LANGUAGE

    @pytest.mark.parametrize("text", ["", "two words", "7", "!", "hello!"])
    def test_logits_of_what_is_no_word(self, transcriber: Transcriber, text: str) -> None:
        with pytest.raises(kilophone.InvalidArgumentError) as caught:
            transcriber.word_logits(text)
        assert caught.value.status is Status.INVALID_ARGUMENT

    @pytest.mark.parametrize("option", ["separator", "syllable_separator", "word_separator"])
    def test_separator_that_is_too_long(self, transcriber: Transcriber, option: str) -> None:
        with pytest.raises(kilophone.LimitError) as caught:
            transcriber.transcribe("hello", **{option: "-" * 65})  # type: ignore[arg-type]
        assert caught.value.status is Status.LIMIT_EXCEEDED

    def test_usable_after_an_error(self, transcriber: Transcriber) -> None:
        before = transcriber.transcribe("hello")
        with pytest.raises(kilophone.InvalidTextError):
            transcriber.transcribe(b"\xff")
        assert transcriber.transcribe("hello") == before


class TestOptions:
    @pytest.mark.parametrize(
        ("option", "listed"),
        [
            ("format", "'ipa', 'arpabet'"),
            ("stress", "'syllable', 'vowel', 'none'"),
            ("punctuation", "'keep', 'drop'"),
            ("unknown", "'keep', 'drop', 'error'"),
        ],
    )
    def test_bad_choice(self, transcriber: Transcriber, option: str, listed: str) -> None:
        options: dict[str, Any] = {option: "nonsense"}
        for call in (transcriber.transcribe, transcriber.analyze):
            with pytest.raises(ValueError, match=re.escape(listed) + ".*'nonsense'"):
                call("hello", **options)
        with pytest.raises(ValueError, match=re.escape(listed)):
            transcriber.transcribe_many(["hello"], **options)

    def test_option_that_does_not_exist(self, transcriber: Transcriber) -> None:
        with pytest.raises(TypeError, match="fromat"):
            transcriber.transcribe_many(["hello"], fromat="ipa")  # type: ignore[call-arg]

    def test_wrong_types(self, transcriber: Transcriber) -> None:
        with pytest.raises(TypeError, match="str or bytes, not int"):
            transcriber.transcribe(1)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="not one text"):
            transcriber.transcribe_many("hello")
        with pytest.raises(TypeError, match="NoneType"):
            transcriber.transcribe_many(["hello", None])  # type: ignore[list-item]


class TestOpening:
    def test_bad_choice(self) -> None:
        with pytest.raises(ValueError, match="'native', 'wasm'"):
            Transcriber(backend="cuda")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="'best', 'portable'"):
            Transcriber(kernels="avx512")  # type: ignore[arg-type]
        for cache_words in (-1, 2**32 - 1, 2**40):
            with pytest.raises(ValueError, match="cache_words"):
                Transcriber(cache_words=cache_words)

    def test_kernels_of_another_machine(self) -> None:
        pytest.importorskip("wasmtime")
        with pytest.raises(kilophone.UnsupportedKernelsError) as caught:
            Transcriber(backend="wasm", kernels="x86_64_v3")
        assert caught.value.status is Status.UNSUPPORTED_KERNELS

    @pytest.mark.parametrize(
        ("pack", "status"),
        [
            (b"no pack at all, but long enough to have a header", Status.PACK_CORRUPT),
            (b"KPH\0" + b"\x03\0\0\0" + bytes(24), Status.PACK_NEWER),
            (b"KPH\0" + b"\x01\0\0\0" + b"\0\x10\0\0", Status.PACK_TRUNCATED),
        ],
    )
    def test_bad_pack(
        self, backend: BackendName, tmp_path: Path, pack: bytes, status: Status
    ) -> None:
        with pytest.raises(kilophone.PackError) as caught:
            Transcriber([pack], backend=backend)
        assert caught.value.status is status
        path = tmp_path / "bad.kph"
        path.write_bytes(pack)
        for named in (path, str(path)):
            with pytest.raises(kilophone.PackError, match=r"bad\.kph"):
                Transcriber([named], backend=backend)

    def test_packs_is_a_sequence(self, tmp_path: Path) -> None:
        for pack in (b"KPH\0", "en.kph", tmp_path):
            with pytest.raises(TypeError, match="sequence"):
                Transcriber(pack)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="empty"):
            Transcriber([])
        with pytest.raises(FileNotFoundError):
            Transcriber([tmp_path / "missing.kph"])

    def test_closed(self, backend: BackendName) -> None:
        states = []
        with Transcriber(backend=backend) as transcriber:
            states.append(transcriber.closed)
        states.append(transcriber.closed)
        assert states == [False, True]
        transcriber.close()
        for call in (
            transcriber.transcribe,
            transcriber.analyze,
            transcriber.normalize,
            transcriber.alternatives,
            transcriber.word_logits,
        ):
            with pytest.raises(kilophone.ClosedError, match="closed"):
                call("hello")
        with pytest.raises(kilophone.ClosedError):
            transcriber.transcribe_many(["hello"])


def test_hierarchy() -> None:
    errors = [value for value in vars(kilophone).values() if isinstance(value, type)]
    errors = [value for value in errors if issubclass(value, Exception)]
    assert len(errors) == 15
    assert all(issubclass(error, kilophone.KilophoneError) for error in errors)


def test_errors_can_be_pickled() -> None:
    with pytest.raises(kilophone.UnknownCharacterError) as caught:
        kilophone.transcribe("a 日", unknown="error")
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert str(copy) == str(caught.value)
    assert vars(copy) == vars(caught.value)


def test_statuses_are_those_of_the_header(repository: Path) -> None:
    header = (repository / "bindings-c" / "include" / "kilophone.h").read_text(encoding="utf-8")

    def enum(prefix: str) -> dict[str, int]:
        body = re.search(rf"typedef enum {prefix} {{(.*?)}} {prefix};", header, re.DOTALL)
        assert body is not None
        stem = {"kp_status": "KP_", "kp_span_kind": "KP_SPAN_"}.get(prefix, f"{prefix.upper()}_")
        found = re.findall(rf"\b{stem}(\w+) = (\d+)", body[1])
        return {name.lower(): int(number) for name, number in found}

    from kilophone import _facts

    assert {status.name.lower(): int(status) for status in Status} == enum("kp_status")
    assert enum("kp_format") == _facts.FORMATS
    assert enum("kp_stress") == _facts.STRESSES
    assert enum("kp_punctuation") == _facts.PUNCTUATIONS
    assert enum("kp_unknown") == _facts.UNKNOWNS
    assert enum("kp_kernels") == _facts.KERNELS
    choices = enum("kp_choice")
    assert [choices[choice] for choice in _facts.CHOICES] == list(range(len(choices)))
    kinds = enum("kp_span_kind")
    assert [kinds[kind] for kind in _facts.SPAN_KINDS] == list(range(len(kinds)))
    sources = enum("kp_source")
    assert [sources[source] for source in _facts.SOURCES] == list(range(len(sources)))
