"""Uses the tarball of the Zig package as its users do: an empty project, fetch, import, run.

    python ci/test_zig_package.py TARBALL [--zig COMMAND]

Also takes the wasm module from the package, and sees that neither forces a build of the other.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

BUILD_ZIG = """\
const std = @import("std");

pub fn build(b: *std.Build) void {
    const target = b.standardTargetOptions(.{});
    const optimize = b.standardOptimizeOption(.{});
    const kilophone = b.dependency("kilophone", .{ .target = target, .optimize = optimize });
    const exe = b.addExecutable(.{
        .name = "hello",
        .root_module = b.createModule(.{
            .root_source_file = b.path("main.zig"),
            .target = target,
            .optimize = optimize,
            .imports = &.{.{ .name = "kilophone", .module = kilophone.module("kilophone") }},
        }),
    });
    b.installArtifact(exe);
    const page = b.addInstallFile(kilophone.namedLazyPath("kilophone.wasm"), "kilophone.wasm");
    b.step("page", "Install the wasm module alone").dependOn(&page.step);
}
"""

MAIN_ZIG = """\
const std = @import("std");
const kilophone = @import("kilophone");

pub fn main(init: std.process.Init) !void {
    const transcriber = try kilophone.Transcriber.open(init.gpa, &.{}, .{});
    defer transcriber.close();
    var buffer: [256]u8 = undefined;
    const ipa = buffer[0..try transcriber.transcribe("hello", .{}, &buffer)];
    var stdout = std.Io.File.stdout().writer(init.io, &.{});
    try stdout.interface.print("{s} {s}\\n", .{ kilophone.version, ipa });

    // What else a program may want, by its public name.
    try transcriber.addWord("Nguyen", "wɪn", .{});
    const part: kilophone.Transcriber.Part = .{ .is_first = true, .is_last = true };
    var consumed: usize = undefined;
    var end = try transcriber.transcribePart("Nguyen", part, .{}, &buffer, &consumed);
    try stdout.interface.print("{s}\\n", .{buffer[0..end]});
    end = try transcriber.normalize("5 kg", .{ .format = kilophone.Format.arpabet }, &buffer);
    try stdout.interface.print("{s}\\n", .{buffer[0..end]});
    var recorded: [1024]u8 align(4) = undefined;
    _ = try transcriber.alternatives("hello", 1, .{}, &recorded);
    const first: *const kilophone.records.Alternative = @ptrCast(&recorded);
    try stdout.interface.print("{s}\\n", .{recorded[first.output_at..][0..first.output_bytes]});
}
"""

NAME = "hello"
# Zig wants a random number in the lower half, and the checksum of the name in the upper one.
FINGERPRINT = zlib.crc32(NAME.encode()) << 32 | 0x6B696C6F
BUILD_ZIG_ZON = f"""\
.{{
    .name = .{NAME},
    .version = "0.0.0",
    .fingerprint = 0x{FINGERPRINT:016x},
    .minimum_zig_version = "0.17.0",
    .dependencies = .{{}},
    .paths = .{{""}},
}}
"""


def installed(prefix: Path) -> list[str]:
    """The files under a prefix."""
    return sorted(path.relative_to(prefix).as_posix() for path in prefix.rglob("*.*"))


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description="Test the release tarball of the Zig package.")
    parser.add_argument("tarball", type=Path)
    parser.add_argument("--zig", default=shlex.join([sys.executable, "-m", "ziglang"]))
    options = parser.parse_args()
    zig = shlex.split(options.zig)

    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)

        def run(*command: str | Path) -> str:
            return subprocess.run(
                command, cwd=project, check=True, stdout=subprocess.PIPE, encoding="utf-8"
            ).stdout

        (project / "build.zig").write_text(BUILD_ZIG, encoding="utf-8")
        (project / "main.zig").write_text(MAIN_ZIG, encoding="utf-8")
        (project / "build.zig.zon").write_text(BUILD_ZIG_ZON, encoding="utf-8")
        run(*zig, "fetch", "--save", options.tarball.resolve().as_uri())

        run(*zig, "build", "page", "--prefix", "page")
        if installed(project / "page") != ["kilophone.wasm"]:
            raise SystemExit(f"the wasm module brought {installed(project / 'page')}")
        if (project / "page" / "kilophone.wasm").read_bytes()[:4] != b"\0asm":
            raise SystemExit("kilophone.wasm is no WebAssembly module")

        run(*zig, "build", "-Doptimize=fast", "--prefix", "out")
        program = project / "out" / "bin" / (f"{NAME}.exe" if os.name == "nt" else NAME)
        first, added, spoken, alternative = run(program).splitlines()
        version, ipa = first.split()
        print(f"kilophone {version}: hello is {ipa}")
        if version not in options.tarball.name or "oʊ" not in ipa or "oʊ" not in alternative:
            raise SystemExit("that is not right")
        if (added, spoken) != ("wɪn", "five kilograms"):
            raise SystemExit(f"the lexicon says {added}, the text is read as {spoken}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
