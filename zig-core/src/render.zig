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
    /// Between the syllables of a word, in place of the separator; null: nothing tells them apart.
    syllable_separator: ?[]const u8 = null,
    /// Korean IPA in narrow transcription.
    is_narrow: bool = false,

    fn alphabet(self: Style) ?styles.Alphabet {
        return alphabetOf(self.format);
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

/// The alphabet whose spellings are the pack's; null where letters are made by rule.
pub fn alphabetOf(format: Format) ?styles.Alphabet {
    return switch (format) {
        .ipa => .ipa,
        .arpabet => .arpabet,
        .xsampa => .xsampa,
        .espeak => .espeak,
        .kokoro => .kokoro,
        .hangul, .jamo => null,
    };
}

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

    /// Writes the word, with the separators between its phonemes and syllables.
    pub fn write(self: Word, output: *Output, style: Style) void {
        if (style.format == .hangul and style.separator.len == 0) {
            var buffer: Korean = undefined;
            return pronounced.hangul(output, self.korean(&buffer).word, style.syllable_separator orelse "");
        }
        const placement = if (style.alphabet()) |known| styles.placement(known) else .free;
        var begins: [limits.phonemes_max + 1]Begin = @splat(.{});
        self.placeStress(style, placement, &begins);
        // What stands before the next phoneme that is written.
        var between: []const u8 = "";
        for (self.phonemes, begins[0..self.phonemes.len], 0..) |token, begin, i| {
            if (begin.is_syllable) between = style.syllable_separator orelse between;
            const spelled = self.spelling(i, style);
            if (spelled.len == 0) continue;
            output.write(between);
            between = style.separator;
            if (begin.mark != .none) output.write(styles.stressMark(style.alphabet().?, begin.mark));
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

    /// What a phoneme begins with.
    const Begin = struct {
        /// It is the first of a syllable that is not the word's first.
        is_syllable: bool = false,
        /// The stress mark before it.
        mark: packs.Stress = .none,
    };

    fn placeStress(self: Word, style: Style, placement: styles.Placement, begins: []Begin) void {
        const has_marks = placement != .after_vowel and style.stress != .none;
        if (!has_marks and style.syllable_separator == null) return;
        var coda: usize = 0;
        for (self.phonemes, 0..) |token, i| {
            const phoneme = &self.pack.phonemes[token];
            if (phoneme.kind != .vowel) continue;
            if (phoneme.stress != .none or style.syllable_separator != null) {
                const start = self.onsetStart(coda, i);
                begins[start].is_syllable = coda > 0;
                const at = if (placement == .free and style.stress == .syllable) start else i;
                if (has_marks) begins[at].mark = phoneme.stress;
            }
            coda = i + 1;
        }
    }

    /// Where the syllable of the vowel at `vowel` begins: as many of the consonants since the vowel
    /// before as can begin a syllable (maximal onset), and all of them at the beginning of a word.
    /// In a language without a list of these, a consonant other than ŋ and a glide.
    fn onsetStart(self: Word, coda: usize, vowel: usize) usize {
        if (coda == 0) return 0;
        if (self.pack.onsets.len == 0) {
            var start = vowel;
            for ([_]packs.Kind{ .glide, .consonant }) |kind| {
                if (start == coda) break;
                const phoneme = &self.pack.phonemes[self.phonemes[start - 1]];
                if (phoneme.kind == kind and !phoneme.is("ŋ")) start -= 1;
            }
            return start;
        }
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
