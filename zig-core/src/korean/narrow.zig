//! Korean as it sounds: the narrow transcription, by rule, of broad phonemes (docs/KOREAN.md,
//! section 3). Its conventions are those of WikiPron's narrow Korean list.

const std = @import("std");
const Phoneme = @import("sandhi.zig").Phoneme;

/// The narrow spelling of the phoneme at `index` of a word or a phrase; empty for a *j* that is
/// heard in the consonant before it.
pub fn spell(phonemes: []const Phoneme, index: usize) []const u8 {
    const this = phonemes[index];
    const before = at(phonemes, index -% 1);
    const after = at(phonemes, index + 1);
    const then = at(phonemes, index + 2);
    const is_onset = if (after) |p| !p.isConsonant() else false;
    const is_voiced = if (before) |p| isVoiced(p) else false;
    const place: Place = .of(after, then);
    // Of a stop: an onset, a voiced onset, a coda, a coda before ㅆ.
    const form: usize = if (is_onset) @intFromBool(is_voiced) else if (after == .ss) 3 else 2;
    return switch (this) {
        .p => ([_][]const u8{ "p", "b", "p̚", "p" })[form],
        .t => if (form == 3 and isPalatal(then)) "ɕ" else ([_][]const u8{ "t", "d", "t̚", "s" })[form],
        .k => ([_][]const u8{ "k", "ɡ", "k̚", "k" })[form],
        .c => if (form == 1) "d͡ʑ" else "t͡ɕ",
        .kh => switch (place) {
            .palatal => "cç",
            .velar => "kx",
            else => "kʰ",
        },
        .s => switch (place) {
            .palatal => "ɕʰ",
            .front_rounded => "ʃʰ",
            else => "sʰ",
        },
        .ss => switch (place) {
            .palatal => "ɕ͈",
            .front_rounded => "ʃ͈",
            else => "s͈",
        },
        .h => switch (place) {
            .palatal => if (is_voiced) "ʝ" else "ç",
            .velar => if (is_voiced) "ɣ" else "x",
            .rounded => if (is_voiced) "β" else if (after == .w) "ɸ" else "ɸʷ",
            else => if (is_voiced) "ɦ" else "h",
        },
        .n => if (after == .j or isAffricate(after)) "ɲ" else "n",
        .l => blk: {
            const is_second = before == .l;
            if (!is_second and (is_onset or after == .h)) break :blk "ɾ";
            const is_palatal = if (is_second and is_onset)
                place == .palatal
            else
                isAffricate(after) or (after == .l and isPalatal(then));
            break :blk if (is_palatal) "ʎ" else "ɭ";
        },
        .j => switch (before orelse .a) {
            .n, .s, .ss, .h, .kh => "",
            .l => if (at(phonemes, index -% 2) == .l) "" else "j",
            else => "j",
        },
        .w => if (after == .i) "ɥ" else "w",
        .o => if (before == .j) "o" else "o̞",
        .a => "a̠",
        .e => "e̞",
        .eo => "ʌ̹",
        else => this.ipa(),
    };
}

/// Where a vowel or glide takes the consonant before it.
const Place = enum {
    none,
    /// Of *i* and *j*.
    palatal,
    /// Of ㅡ and the glide of ㅢ.
    velar,
    rounded,
    /// Of ㅟ.
    front_rounded,

    fn of(after: ?Phoneme, then: ?Phoneme) Place {
        return switch (after orelse return .none) {
            .i, .j => .palatal,
            .eu, .y => .velar,
            .o, .u => .rounded,
            .w => if (then == .i) .front_rounded else .rounded,
            else => .none,
        };
    }
};

fn at(phonemes: []const Phoneme, index: usize) ?Phoneme {
    return if (index < phonemes.len) phonemes[index] else null;
}

fn isVoiced(phoneme: Phoneme) bool {
    return switch (phoneme) {
        .m, .n, .ng, .l => true,
        else => !phoneme.isConsonant(),
    };
}

/// *i* or *j*.
fn isPalatal(phoneme: ?Phoneme) bool {
    return phoneme == .i or phoneme == .j;
}

fn isAffricate(phoneme: ?Phoneme) bool {
    return phoneme == .c or phoneme == .cc or phoneme == .ch;
}

const testing = std.testing;

fn expectNarrow(broad: []const u8, narrow: []const u8) !void {
    var phonemes: [32]Phoneme = undefined;
    var count: usize = 0;
    var spellings = std.mem.tokenizeScalar(u8, broad, ' ');
    while (spellings.next()) |s| : (count += 1) phonemes[count] = Phoneme.fromIpa(s).?;
    var buffer: [256]u8 = undefined;
    var length: usize = 0;
    for (0..count) |i| {
        const s = spell(phonemes[0..count], i);
        @memcpy(buffer[length..][0..s.len], s);
        length += s.len;
    }
    try testing.expectEqualStrings(narrow, buffer[0..length]);
}

// Goal: the rules. Method: words of WikiPron's list with its transcription, length marks left out,
// a few for every rule.
test "words of the list" {
    const words = [_][2][]const u8{
        .{ "k a k o ŋ t w e t a", "ka̠ɡo̞ŋdwe̞da̠" },
        .{ "k a k o k t͡ɕ͈ i p", "ka̠ɡo̞k̚t͡ɕ͈ip̚" },
        .{ "t͡ɕ i n a n t͡ɕ u", "t͡ɕina̠ɲd͡ʑu" },
        .{ "k a t o k s͈ ʌ ŋ", "ka̠do̞ks͈ʌ̹ŋ" },
        .{ "t͡ɕʰ i t s͈ o l", "t͡ɕʰiss͈o̞ɭ" },
        .{ "k a s o l l i n", "ka̠sʰo̞ʎʎin" },
        .{ "k a l l j u m", "ka̠ʎʎum" },
        .{ "h w i p a l l j u", "hɥiba̠ʎʎu" },
        .{ "k a l t͡ɕ͈ ɯ ŋ", "ka̠ʎt͡ɕ͈ɯŋ" },
        .{ "k a k j a s i t͡ɕ ʌ l", "ka̠ɡja̠ɕʰid͡ʑʌ̹ɭ" },
        .{ "t͡ɕ i l a l h a t a", "t͡ɕiɾa̠ɾɦa̠da̠" },
        .{ "m ʌ l l i", "mʌ̹ʎʎi" },
        .{ "p o l l e", "po̞ɭɭe̞" },
        .{ "s i k a n", "ɕʰiɡa̠n" },
        .{ "s j a w ʌ", "ɕʰa̠wʌ̹" },
        .{ "s w i p t͈ a", "ʃʰɥip̚t͈a̠" },
        .{ "k a n a n h i", "ka̠na̠nʝi" },
        .{ "h j ʌ n", "çʌ̹n" },
        .{ "h ɯ k", "xɯk̚" },
        .{ "k ɯ h ɯ k", "kɯɣɯk̚" },
        .{ "k a h o k", "ka̠βo̞k̚" },
        .{ "h o ŋ", "ɸʷo̞ŋ" },
        .{ "h w e s͈ u", "ɸwe̞s͈u" },
        .{ "k a k h j ʌ l", "ka̠k̚çʌ̹ɭ" },
        .{ "k a kʰ j ʌ l", "ka̠cçʌ̹ɭ" },
        .{ "kʰ ɯ n", "kxɯn" },
        .{ "k a ŋ n j ʌ k", "ka̠ŋɲʌ̹k̚" },
        .{ "k j o j u k", "kjojuk̚" },
        .{ "ɰ i s a", "ɰisʰa̠" },
        .{ "s ʌ l s͈ i", "sʰʌ̹ɭɕ͈i" },
        // across words: 옷 안, 할 것을
        .{ "o t a n", "o̞da̠n" },
        .{ "h a l k͈ ʌ s ɯ l", "ha̠ɭk͈ʌ̹sʰɯɭ" },
    };
    for (words) |w| try expectNarrow(w[0], w[1]);
}

// Goal: no sequence of phonemes is out of bounds, and only *j* can be silent.
test "random phonemes" {
    var random: std.Random.DefaultPrng = .init(2);
    const r = random.random();
    for (0..50_000) |_| {
        var phonemes: [5]Phoneme = undefined;
        for (&phonemes) |*p| p.* = r.enumValue(Phoneme);
        for (phonemes, 0..) |p, i| try testing.expect(spell(&phonemes, i).len > 0 or p == .j);
    }
}
