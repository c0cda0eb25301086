"""Compares what the shared library (ELF) and the wasm module export, and both with the header.

    python ci/exports.py PREFIX     with PREFIX/lib/libkilophone.so and PREFIX/bin/kilophone.wasm

Both export the functions of kilophone.h and nothing else, but for the exceptions below; the module
imports nothing.
"""

from __future__ import annotations

import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

HEADER = Path(__file__).resolve().parent.parent / "bindings-c" / "include" / "kilophone.h"

WASM_ONLY = {
    "kp_alloc": "a host outside the module has no other way to get memory inside it",
    "kp_free": "the same",
    "memory": "the host writes texts into it and reads answers from it",
}

Elf = struct.Struct("<16sHHIQQQIHHHHHH")
ElfSection = struct.Struct("<IIQQQQIIQQ")
ElfSymbol = struct.Struct("<IBBHQQ")
SHT_DYNSYM = 11
LOCAL, UNDEFINED = 0, 0

WASM_IMPORTS, WASM_EXPORTS = 2, 7


def elf_exports(data: bytes) -> set[str]:
    """The names that a 64-bit little-endian ELF library defines for others."""
    head = Elf.unpack_from(data)
    if head[0][:6] != b"\x7fELF\x02\x01":
        raise SystemExit("not a 64-bit little-endian ELF file")
    sections_at, section_bytes, count = head[6], head[11], head[12]
    sections = [ElfSection.unpack_from(data, sections_at + i * section_bytes) for i in range(count)]
    names = set()
    for _, kind, _, _, at, size, link, _, _, _ in sections:
        if kind != SHT_DYNSYM:
            continue
        strings_at = sections[link][4]
        for name, info, _, section, _, _ in ElfSymbol.iter_unpack(data[at : at + size]):
            if section != UNDEFINED and info >> 4 != LOCAL:
                start = strings_at + name
                names.add(data[start : data.index(b"\0", start)].decode())
    return names


class Reader:
    """Numbers and names of a wasm file, one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self) -> int:
        """Unsigned LEB128."""
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def take(self, count: int) -> bytes:
        """The next bytes."""
        self.at += count
        return self.data[self.at - count : self.at]


def wasm_sections(data: bytes) -> Iterator[tuple[int, Reader]]:
    """The sections of a module: number and content."""
    if data[:8] != b"\0asm\x01\0\0\0":
        raise SystemExit("not a WebAssembly module")
    reader = Reader(data)
    reader.at = 8
    while reader.at < len(data):
        kind = reader.take(1)[0]
        yield kind, Reader(reader.take(reader.number()))


def wasm_exports(data: bytes) -> set[str]:
    """The names that a module exports; it must import none."""
    names = set()
    for kind, section in wasm_sections(data):
        if kind == WASM_IMPORTS and section.number() > 0:
            raise SystemExit("the module has imports")
        if kind == WASM_EXPORTS:
            for _ in range(section.number()):
                names.add(section.take(section.number()).decode())
                section.take(1)  # what it is: function, memory, …
                section.number()
    return names


def header_functions(text: str) -> set[str]:
    """The functions that kilophone.h declares."""
    return set(re.findall(r"^KP_API [^;(]*?\b(kp_\w+)\(", text, re.MULTILINE))


def main(prefix: str) -> int:
    """Returns the exit code: 1 when something is exported too much or too little."""
    native = elf_exports((Path(prefix) / "lib" / "libkilophone.so").read_bytes())
    wasm = wasm_exports((Path(prefix) / "bin" / "kilophone.wasm").read_bytes())
    declared = header_functions(HEADER.read_text(encoding="utf-8"))
    expected = {
        "libkilophone.so": (native, declared - WASM_ONLY.keys()),
        "kilophone.wasm": (wasm, declared | WASM_ONLY.keys()),
    }
    wrong = 0
    for name, (found, wanted) in expected.items():
        for symbol in sorted(found - wanted):
            wrong += 1
            print(f"{name} exports {symbol}, which the other or the header has not")
        for symbol in sorted(wanted - found):
            wrong += 1
            print(f"{name} does not export {symbol}")
    print(f"{len(native)} native exports, {len(wasm)} of the module; in the module alone:")
    for symbol, reason in WASM_ONLY.items():
        print(f"  {symbol}: {reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
