"""The runner of the Python package: answers requests (see ``conformance/README.md``).

Usage::

    python runner.py [--backend native|wasm] [--kernels best|portable|x86_64_v2|x86_64_v3]
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import kilophone


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
        options = {key: value for key, value in pairs if key not in {"text", "pack"}}
        for key in ("separator", "language"):
            if key in options:
                options[key] = bytes.fromhex(options[key]).decode()
        try:
            if operation == "open":
                packs = [bytes.fromhex(value) for key, value in pairs if key == "pack"]
                self.open(packs, options)
                return "ok"
            return "\t".join(["ok", *getattr(self, operation)(texts, options)])
        except kilophone.TextError as error:
            return fault(error, error.text_index, error.position)
        except kilophone.KilophoneError as error:
            return fault(error, 0, 0)

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

    def word_logits(self, texts: list[str | bytes], options: dict[str, Any]) -> list[str]:
        """The logits, little-endian."""
        logits = self.transcriber.word_logits(texts[0], **options)
        if sys.byteorder == "big":
            logits.byteswap()
        return [logits.tobytes().hex()]


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
    phonemes = ";".join(f"{to_hex(p.spelling)}:{p.stress}" for p in span.phonemes)
    language, output = to_hex(span.language or ""), to_hex(span.output)
    source = span.source or "none"
    return f"{span.kind},{source},{span.start_byte},{span.end_byte},{language},{output},{phonemes}"


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
