//! Phonemes to text: spellings, stress marks before syllables or vowels, separators.

const std = @import("std");
const limits = @import("limits.zig");
const packs = @import("pack.zig");

pub const Placement = @import("abi.zig").Stress;

pub const Style = struct {
    alphabet: packs.Alphabet,
    stress: Placement,
    separator: []const u8,
};

/// A caller's buffer. What does not fit is counted, so that the caller learns the size needed.
pub const Output = struct {
    buffer: []u8,
    /// Bytes written, or that would have been.
    length: usize = 0,

    pub fn write(self: *Output, bytes: []const u8) void {
        if (self.length < self.buffer.len) {
            const fitting = @min(bytes.len, self.buffer.len - self.length);
            @memcpy(self.buffer[self.length..][0..fitting], bytes[0..fitting]);
        }
        self.length += bytes.len;
    }

    pub fn fits(self: *const Output) bool {
        return self.length <= self.buffer.len;
    }
};

/// Writes the phonemes of a piece of a word, with the separator between them.
pub fn word(output: *Output, pack: *const packs.Pack, phonemes: []const u8, style: Style) void {
    var marks: [limits.phonemes_max]packs.Stress = @splat(.none);
    if (style.alphabet != .arpabet) placeStress(pack, phonemes, style.stress, &marks);
    for (phonemes, 0..) |token, i| {
        if (i > 0) output.write(style.separator);
        switch (marks[i]) {
            .none => {},
            .primary => output.write("ˈ"),
            .secondary => output.write("ˌ"),
        }
        const phoneme = &pack.phonemes[token];
        output.write(spelling(phoneme, style.alphabet));
        if (style.alphabet == .arpabet and style.stress != .none and phoneme.kind == .vowel) {
            output.write(switch (phoneme.stress) {
                .none => "0",
                .primary => "1",
                .secondary => "2",
            });
        }
    }
}

pub fn spelling(phoneme: *const packs.Phoneme, alphabet: packs.Alphabet) []const u8 {
    return phoneme.spellings[@backingInt(alphabet)];
}

/// Sets in `marks` the stress that stands before each phoneme.
fn placeStress(pack: *const packs.Pack, phonemes: []const u8, placement: Placement, marks: []packs.Stress) void {
    if (placement == .none) return;
    var coda: usize = 0;
    for (phonemes, 0..) |token, i| {
        const phoneme = &pack.phonemes[token];
        if (phoneme.kind != .vowel) continue;
        if (phoneme.stress != .none) {
            const at = if (placement == .vowel) i else onsetStart(pack, phonemes, coda, i);
            marks[at] = phoneme.stress;
        }
        coda = i + 1;
    }
}

/// Where the syllable of the vowel at `vowel` begins: as many of the consonants since the vowel
/// before as can begin a syllable (maximal onset), and all of them at the beginning of a word.
fn onsetStart(pack: *const packs.Pack, phonemes: []const u8, coda: usize, vowel: usize) usize {
    if (coda == 0) return 0;
    for (coda..vowel) |start| if (pack.isOnset(phonemes[start..vowel])) return start;
    return vowel;
}

test "an output that is too small counts what it needs" {
    var buffer: [4]u8 = undefined;
    var output: Output = .{ .buffer = &buffer };
    output.write("abc");
    try std.testing.expect(output.fits());
    output.write("def");
    try std.testing.expect(!output.fits());
    try std.testing.expectEqual(6, output.length);
    try std.testing.expectEqualStrings("abcd", &buffer);
}
