//! Korean phonemes in Korean letters: `h a l k͈ ʌ s ɯ l` → `할꺼슬`, or letter by letter
//! `ㅎㅏㄹㄲㅓㅅㅡㄹ` (docs/KOREAN.md, section 4).

const std = @import("std");
const jamo_of = @import("../hangul.zig");
const Phoneme = @import("sandhi.zig").Phoneme;

// Consonants in the order of `Phoneme`, p to l: letters, and numbers in the order of the onsets and
// of the codas of syllables (no coda: 0).
const consonant_letters = "ㅂㅃㅍㄷㄸㅌㄱㄲㅋㅈㅉㅊㅅㅆㅎㅁㄴㅇㄹ";
const onsets = [_]u8{ 7, 8, 17, 3, 4, 16, 0, 1, 15, 12, 13, 14, 9, 10, 18, 6, 2, silent, 5 };
const codas = [_]u8{ 17, 0, 0, 7, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 16, 4, 21, 8 };
/// The onset ㅇ, which *ŋ* cannot be.
const silent = 11;

// Vowel letters in the order of syllables; and their numbers, by glide (none, w, j, ɰ) and vowel in
// the order of `Phoneme`, a to i.
const vowel_letters = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ";
const vowels = [_][8]u8{
    .{ 0, 1, 5, 4, 8, 13, 18, 20 },
    .{ 9, 10, 15, 14, no, no, no, 16 },
    .{ 2, 3, 7, 6, 12, 17, no, no },
    .{ no, no, no, no, no, no, no, 19 },
};
const no = 0xFF;

/// Writes a word in syllables, with `separator` before each but the first. A phoneme that is in no
/// syllable is its letter by itself, and a glide that its vowel has no letter with is its IPA: the
/// phonemes can always be read back.
pub fn hangul(output: anytype, phonemes: []const Phoneme, separator: []const u8) void {
    var i: usize = 0;
    var between: []const u8 = "";
    while (i < phonemes.len) {
        const onset = onsetAt(phonemes, i);
        const start = i + @intFromBool(onset != silent);
        const medial = medialAt(phonemes, start) orelse {
            output.write(jamo(phonemes, i));
            i += 1;
            continue;
        };
        output.write(between);
        between = separator;
        i = start + medial.count;
        const coda = codaAt(phonemes, i);
        i += @intFromBool(coda > 0);
        var bytes: [3]u8 = undefined;
        const syllable = jamo_of.syllable_first +
            (@as(u21, onset) * jamo_of.vowel_count + medial.letter) * jamo_of.trailing_count + coda;
        const count = std.unicode.utf8Encode(syllable, &bytes) catch unreachable; // all are of 3
        output.write(bytes[0..count]);
    }
}

/// The letter of the phoneme at `index` as a compatibility jamo. A glide and its vowel are one
/// letter, the vowel's, and the glide is empty; ㅇ is always *ŋ*.
pub fn jamo(phonemes: []const Phoneme, index: usize) []const u8 {
    const this = phonemes[index];
    if (this.isConsonant()) return consonant_letters[@as(usize, 3) * @backingInt(this) ..][0..3];
    if (this.isGlide()) return if (medialAt(phonemes, index) == null) this.ipa() else "";
    const glided = if (index > 0) medialAt(phonemes, index - 1) else null;
    const medial = if (glided != null and glided.?.count == 2) glided.? else medialAt(phonemes, index).?;
    return vowel_letters[@as(usize, 3) * medial.letter ..][0..3];
}

/// A vowel letter of a syllable, and its phonemes: a glide, if any, and a vowel.
const Medial = struct { letter: u8, count: u8 };

fn medialAt(phonemes: []const Phoneme, index: usize) ?Medial {
    if (index >= phonemes.len or phonemes[index].isConsonant()) return null;
    const is_glided = phonemes[index].isGlide();
    const at = index + @intFromBool(is_glided);
    if (at >= phonemes.len or !phonemes[at].isVowel()) return null;
    const glide = if (is_glided) 1 + @backingInt(phonemes[index]) - @backingInt(Phoneme.w) else 0;
    const letter = vowels[glide][@backingInt(phonemes[at]) - @backingInt(Phoneme.a)];
    return if (letter == no) null else .{ .letter = letter, .count = 1 + @as(u8, @intFromBool(is_glided)) };
}

fn onsetAt(phonemes: []const Phoneme, index: usize) u8 {
    return if (phonemes[index].isConsonant()) onsets[@backingInt(phonemes[index])] else silent;
}

/// The coda that the phoneme at `index`, after a vowel, is; 0 when it is none, or the next onset.
fn codaAt(phonemes: []const Phoneme, index: usize) u8 {
    if (index >= phonemes.len or !phonemes[index].isConsonant()) return 0;
    const is_onset = onsetAt(phonemes, index) != silent and medialAt(phonemes, index + 1) != null;
    return if (is_onset) 0 else codas[@backingInt(phonemes[index])];
}

const testing = std.testing;

const Text = struct {
    buffer: [128]u8 = undefined,
    length: usize = 0,

    fn write(self: *Text, bytes: []const u8) void {
        @memcpy(self.buffer[self.length..][0..bytes.len], bytes);
        self.length += bytes.len;
    }

    fn text(self: *const Text) []const u8 {
        return self.buffer[0..self.length];
    }

    fn ofSyllables(phonemes: []const Phoneme, separator: []const u8) Text {
        var output: Text = .{};
        hangul(&output, phonemes, separator);
        return output;
    }

    fn ofLetters(phonemes: []const Phoneme) Text {
        var output: Text = .{};
        for (0..phonemes.len) |i| output.write(jamo(phonemes, i));
        return output;
    }
};

// Goal: pronounced Hangul and its letters. Method: pronunciations as the Standard Pronunciation
// prints them, then what is not Korean.
test "examples" {
    const examples = [_][3][]const u8{
        .{ "h a l k͈ ʌ s ɯ l", "할꺼슬", "ㅎㅏㄹㄲㅓㅅㅡㄹ" },
        .{ "t o ŋ n i m m u n", "동님문", "ㄷㅗㅇㄴㅣㅁㅁㅜㄴ" },
        .{ "o tʰ a n p ʌ l", "오탄벌", "ㅗㅌㅏㄴㅂㅓㄹ" },
        .{ "m a ŋ n ɯ n", "망는", "ㅁㅏㅇㄴㅡㄴ" },
        .{ "n ʌ k t͈ u l", "넉뚤", "ㄴㅓㄱㄸㅜㄹ" },
        .{ "p a t a l ɛ", "바다래", "ㅂㅏㄷㅏㄹㅐ" },
        .{ "s ɯ m u l l j ʌ s ʌ t", "스물려섣", "ㅅㅡㅁㅜㄹㄹㅕㅅㅓㄷ" },
        .{ "k o ŋ i", "공이", "ㄱㅗㅇㅣ" },
        .{ "ɰ i s a", "의사", "ㅢㅅㅏ" },
        .{ "w ɛ k a", "왜가", "ㅙㄱㅏ" },
        .{ "j ɛ k i h w e", "얘기훼", "ㅒㄱㅣㅎㅞ" },
        .{ "ŋ a n s t", "ㅇ안ㅅㄷ", "ㅇㅏㄴㅅㄷ" },
        .{ "t w o j", "ㄷw오j", "ㄷwㅗj" },
        .{ "k k͈ a k͈", "ㄱ까ㄲ", "ㄱㄲㅏㄲ" },
        .{ "", "", "" },
    };
    for (examples) |e| {
        var phonemes: [32]Phoneme = undefined;
        var count: usize = 0;
        var spellings = std.mem.tokenizeScalar(u8, e[0], ' ');
        while (spellings.next()) |s| : (count += 1) phonemes[count] = Phoneme.fromIpa(s).?;
        try testing.expectEqualStrings(e[1], Text.ofSyllables(phonemes[0..count], "").text());
        try testing.expectEqualStrings(e[2], Text.ofLetters(phonemes[0..count]).text());
    }
}

/// The phonemes of what `hangul` and `jamo` write, from the values of its letters.
fn readBack(text: []const u8, phonemes: []Phoneme) ![]Phoneme {
    const leading = [_]Phoneme{ .k, .kk, .n, .t, .tt, .l, .m, .p, .pp, .s, .ss, .ng, .c, .cc, .ch, .kh, .th, .ph, .h };
    const glides = [_]?Phoneme{
        null, null, .j, .j, null, null, .j, .j, null, .w, .w, .w, .j, null, .w, .w, .w, .j, null, .y, null,
    };
    const plain = [_]Phoneme{
        .a, .ae, .a, .ae, .eo, .e, .eo, .e, .o, .a, .ae, .e, .o, .u, .eo, .e, .i, .u, .eu, .i, .i,
    };
    var count: usize = 0;
    var points = (try std.unicode.Utf8View.init(text)).iterator();
    while (points.nextCodepointSlice()) |letter| {
        var found: [4]?Phoneme = @splat(null);
        if (letter.len < 3) {
            found[0] = Phoneme.fromIpa(letter);
        } else switch (try std.unicode.utf8Decode(letter)) {
            'ㅏ'...'ㅣ' => |point| found[0..2].* = .{ glides[point - 'ㅏ'], plain[point - 'ㅏ'] },
            'ㄱ'...'ㅎ' => found[0] = @fromBackingInt(@as(u8, @intCast(std.mem.find(u8, consonant_letters, letter).? / 3))),
            else => |point| {
                const syllable = jamo_of.decompose(point).?;
                if (syllable.leading != 'ᄋ') found[0] = leading[syllable.leading - 'ᄀ'];
                found[1..3].* = .{ glides[syllable.vowel - 'ᅡ'], plain[syllable.vowel - 'ᅡ'] };
                found[3] = switch (syllable.trailing orelse 0) {
                    0 => null,
                    'ᆨ' => .k,
                    'ᆫ' => .n,
                    'ᆮ' => .t,
                    'ᆯ' => .l,
                    'ᆷ' => .m,
                    'ᆸ' => .p,
                    'ᆼ' => .ng,
                    else => return error.NotACoda,
                };
            },
        }
        for (found) |maybe| if (maybe) |phoneme| {
            phonemes[count] = phoneme;
            count += 1;
        };
    }
    return phonemes[0..count];
}

// Goal: whatever a model writes can be read back. Method: random phonemes, three in four of them
// from those that make syllables, there and back by both ways of writing.
test "random phonemes can be read back" {
    var random: std.Random.DefaultPrng = .init(3);
    const r = random.random();
    for (0..50_000) |_| {
        var buffer: [8]Phoneme = undefined;
        const phonemes = buffer[0..r.uintAtMost(usize, buffer.len)];
        for (phonemes) |*p| p.* = if (r.uintLessThan(u8, 4) == 0)
            r.enumValue(Phoneme)
        else
            ([_]Phoneme{ .k, .l, .n, .ng, .w, .j, .a, .eo, .i })[r.uintLessThan(usize, 9)];
        var back: [8]Phoneme = undefined;
        for ([_]Text{ .ofSyllables(phonemes, ""), .ofLetters(phonemes) }) |written| {
            try testing.expectEqualSlices(Phoneme, phonemes, try readBack(written.text(), &back));
        }
    }
}
