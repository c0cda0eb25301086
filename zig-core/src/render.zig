//! Phonemes to text: spellings, stress marks before syllables or vowels, separators.

const std = @import("std");
const abi = @import("abi.zig");
const limits = @import("limits.zig");
const narrow = @import("korean/narrow.zig");
const packs = @import("pack.zig");
const pronounced = @import("korean/pronounced.zig");
const sandhi = @import("korean/sandhi.zig");
const styles = @import("styles.zig");

pub const Placement = abi.Stress;
pub const Format = abi.Format;

pub const Style = struct {
    format: Format,
    stress: Placement,
    separator: []const u8,
    /// Korean IPA in narrow transcription.
    is_narrow: bool = false,

    /// The alphabet whose spellings are the pack's; null where letters are made by rule.
    fn alphabet(self: Style) ?styles.Alphabet {
        return switch (self.format) {
            .ipa => .ipa,
            .arpabet => .arpabet,
            .xsampa => .xsampa,
            .espeak => .espeak,
            .kokoro => .kokoro,
            .hangul, .jamo => null,
        };
    }

    /// What stands between phonemes when the caller does not say.
    pub fn ownSeparator(format: Format) []const u8 {
        return if (format == .arpabet) " " else "";
    }

    /// Whether the words of a pack can be written so.
    pub fn fits(self: Style, pack: *const packs.Pack) bool {
        return if (self.alphabet()) |known| pack.hasAlphabet(known) else pack.korean != null;
    }
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

/// The phonemes of a word, and those next to them in its phrase, on which a narrow transcription
/// depends: the last of the word before, the first two of the word after.
pub const Word = struct {
    pack: *const packs.Pack,
    phonemes: []const u8,
    before: []const u8 = &.{},
    after: []const u8 = &.{},

    /// Writes the word, with the separator between its phonemes.
    pub fn write(self: Word, output: *Output, style: Style) void {
        if (style.format == .hangul and style.separator.len == 0) {
            var buffer: Korean = undefined;
            return pronounced.hangul(output, self.korean(&buffer).word);
        }
        const placement = if (style.alphabet()) |known| styles.placement(known) else .free;
        var marks: [limits.phonemes_max + 1]packs.Stress = @splat(.none);
        if (placement != .after_vowel) {
            self.placeStress(if (placement == .before_vowel and style.stress != .none) .vowel else style.stress, &marks);
        }
        var is_first = true;
        for (self.phonemes, 0..) |token, i| {
            const spelled = self.spelling(i, style);
            if (spelled.len == 0) continue;
            if (!is_first) output.write(style.separator);
            is_first = false;
            if (marks[i] != .none) output.write(styles.stressMark(style.alphabet().?, marks[i]));
            output.write(spelled);
            const phoneme = &self.pack.phonemes[token];
            if (placement == .after_vowel and style.stress != .none and phoneme.kind == .vowel) {
                output.write(styles.stressMark(style.alphabet().?, phoneme.stress));
            }
        }
    }

    /// The spelling of a phoneme, without stress; empty when its letter is another's.
    pub fn spelling(self: Word, index: usize, style: Style) []const u8 {
        const known = style.alphabet() orelse {
            var buffer: Korean = undefined;
            return pronounced.jamo(self.korean(&buffer).word, index);
        };
        if (style.is_narrow and known == .ipa and self.pack.korean != null) {
            var buffer: Korean = undefined;
            const mapped = self.korean(&buffer);
            return narrow.spell(mapped.phrase, self.before.len + index);
        }
        return styles.variant(known, self.pack.phonemes, self.phonemes, index) orelse
            self.pack.phonemes[self.phonemes[index]].spelling(known);
    }

    const Korean = [limits.phonemes_max + 4]sandhi.Phoneme;

    /// The phonemes as the rules of Korean know them, with their neighbours and without.
    fn korean(self: Word, buffer: *Korean) struct { phrase: []const sandhi.Phoneme, word: []const sandhi.Phoneme } {
        const known = self.pack.korean.?;
        var count: usize = 0;
        for ([_][]const u8{ self.before, self.phonemes, self.after }) |tokens| {
            for (tokens) |token| {
                buffer[count] = known.phonemes[token];
                count += 1;
            }
        }
        return .{ .phrase = buffer[0..count], .word = buffer[self.before.len..][0..self.phonemes.len] };
    }

    /// Sets in `marks` the stress that stands before each phoneme.
    fn placeStress(self: Word, placement: Placement, marks: []packs.Stress) void {
        if (placement == .none) return;
        var coda: usize = 0;
        for (self.phonemes, 0..) |token, i| {
            const phoneme = &self.pack.phonemes[token];
            if (phoneme.kind != .vowel) continue;
            if (phoneme.stress != .none) {
                const at = if (placement == .vowel) i else self.onsetStart(coda, i);
                marks[at] = phoneme.stress;
            }
            coda = i + 1;
        }
    }

    /// Where the syllable of the vowel at `vowel` begins: as many of the consonants since the vowel
    /// before as can begin a syllable (maximal onset), and all of them at the beginning of a word.
    fn onsetStart(self: Word, coda: usize, vowel: usize) usize {
        if (coda == 0) return 0;
        for (coda..vowel) |start| if (self.pack.isOnset(self.phonemes[start..vowel])) return start;
        return vowel;
    }
};

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
