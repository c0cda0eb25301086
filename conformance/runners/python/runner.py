"""The runner of the Python package: answers requests (see ``conformance/README.md``).

Usage::

    python runner.py [--backend native|wasm] [--kernels best|portable|x86_64_v2|x86_64_v3]
"""

from __future__ import annotations

import argparse
import re
import struct
import sys
from typing import Any

import kilophone

SEPARATORS = ("separator", "syllable_separator", "word_separator")


class Runner:
    """An open transcriber and what is asked of it."""

    def __init__(self, backend: str, kernels: str) -> None:
        self.opening: dict[str, Any] = {"backend": backend, "kernels": kernels}
        self.transcriber = kilophone.Transcriber(**self.opening)

    def answer(self, line: str) -> str:
        """The answer to a request."""
        operation, *fields = line.split("\t")
        pairs = [field.partition("=")[::2] for field in fields]
        texts = [text_of(value) for key, value in pairs if key == "text"]
        options: dict[str, Any] = {
            key: value for key, value in pairs if key not in {"text", "pack"}
        }
        for key in (*SEPARATORS, "language", "spelling"):
            if key in options:
                options[key] = bytes.fromhex(options[key]).decode()
        options |= {key: value == "on" for key, value in options.items() if value in {"on", "off"}}
        try:
            if operation == "open":
                packs = [bytes.fromhex(value) for key, value in pairs if key == "pack"]
                self.open(packs, options)
                return "ok"
            return "\t".join(["ok", *getattr(self, operation)(texts, options)])
        except kilophone.TextError as error:
            return fault(error, error.text_index, error.position)
        except kilophone.KilophoneError as error:
            # What is no fault of a text names its place in words alone.
            place = re.search(r"\bbyte (\d+)", str(error))
            return fault(error, 0, int(place[1]) if place else 0)

    def open(self, packs: list[bytes], limits: dict[str, str]) -> None:
        """Another transcriber for the requests that follow."""
        self.transcriber.close()
        given = self.opening | {key: int(value) for key, value in limits.items()}
        self.transcriber = kilophone.Transcriber(packs or None, **given)

    def transcribe(self, texts: list[str | bytes], options: dict[str, Any]) -> list[str]:
        """The output."""
        return [to_hex(self.transcriber.transcribe(texts[0], **options))]

    def transcribe_many(self, texts: list[str | bytes], options: dict[str, Any]) -> list[str]:
        """The outputs."""
        return [to_hex(output) for output in self.transcriber.transcribe_many(texts, **options)]

    def analyze(self, texts: list[str | bytes], options: dict[str, Any]) -> list[str]:
        """A field for each span."""
        return [span_field(span) for span in self.transcriber.analyze(texts[0], **options).spans]

    def normalize(self, texts: list[str | bytes], options: dict[str, Any]) -> list[str]:
        """The text in words."""
        return [to_hex(self.transcriber.normalize(texts[0], **options))]

    def stream(self, texts: list[str | bytes], options: dict[str, Any]) -> list[str]:
        """The outputs of the parts, joined."""
        text = texts[0].encode() if isinstance(texts[0], str) else texts[0]
        cuts = [0, *map(int, filter(None, options.pop("cuts").split(","))), len(text)]
        chunks = [text[start:end] for start, end in zip(cuts, cuts[1:])]
        return [to_hex("".join(self.transcriber.stream(chunks, **options)))]

    def alternatives(self, texts: list[str | bytes], options: dict[str, Any]) -> list[str]:
        """A field for each pronunciation."""
        count = int(options.pop("count"))
        found = self.transcriber.alternatives(texts[0], count, **options)
        return [
            f"{to_hex(a.output)},{a.source},{struct.pack('>f', a.log_probability).hex()}"
            for a in found
        ]

    def lexicon_add(self, texts: list[str | bytes], options: dict[str, Any]) -> list[str]:
        """Nothing."""
        self.transcriber.add(texts[0], options["spelling"], **of_spelling(options))
        return []

    def lexicon_load(self, texts: list[str | bytes], options: dict[str, Any]) -> list[str]:
        """How many words were added."""
        return [str(self.transcriber.load_lexicon(texts[0], **of_spelling(options)))]

    def lexicon_clear(self, _: list[str | bytes], __: dict[str, Any]) -> list[str]:
        """Nothing."""
        self.transcriber.clear_lexicon()
        return []

    def word_logits(self, texts: list[str | bytes], options: dict[str, Any]) -> list[str]:
        """The logits, little-endian."""
        logits = self.transcriber.word_logits(texts[0], options.get("language"))
        if sys.byteorder == "big":
            logits.byteswap()
        return [logits.tobytes().hex()]


def of_spelling(options: dict[str, Any]) -> dict[str, Any]:
    """The options that say how a spelling is read."""
    return {key: value for key, value in options.items() if key in {"format", "language"}}


def text_of(encoded: str) -> str | bytes:
    """A text as users have it: a string, or bytes when it is none."""
    data = bytes.fromhex(encoded)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def to_hex(text: str) -> str:
    """A text in UTF-8 in hexadecimal."""
    return text.encode().hex()


def span_field(span: kilophone.Span) -> str:
    """A span as the protocol has it."""
    phonemes = (
        f"{to_hex(p.spelling)}:{p.stress}:{p.start_byte}:{p.end_byte}" for p in span.phonemes
    )
    texts = (to_hex(text) for text in (span.language or "", span.output, span.spoken))
    source = span.source or "none"
    place = f"{span.start_byte},{span.end_byte}"
    return ",".join((span.kind, source, place, *texts, ";".join(phonemes)))


def fault(error: kilophone.KilophoneError, text: int, position: int) -> str:
    """The answer for a call that failed."""
    status = error.status.name.lower() if isinstance(error.status, kilophone.Status) else "unknown"
    return f"fault\t{status}\t{text}\t{position}"


def main() -> None:
    """Answers the requests on stdin."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--backend", default="native")
    parser.add_argument("--kernels", default="best")
    arguments = parser.parse_args()
    runner = Runner(arguments.backend, arguments.kernels)
    sys.stdout.write(
        f"kilophone-runner\tpython-{arguments.backend}\t{runner.transcriber.version}\n"
    )
    for line in sys.stdin:
        sys.stdout.write(runner.answer(line.rstrip("\n")) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
