//! Reads a spelling that a caller wrote: text in one of the alphabets to phonemes. What it takes
//! beside the pack's own spellings is listed in docs/ALPHABETS.md.

const std = @import("std");
const styles = @import("styles.zig");

const Alphabet = styles.Alphabet;
const Phoneme = styles.Phoneme;
const Stress = styles.Stress;

pub const Reason = enum {
    /// What begins here is no phoneme of the language.
    unknown_symbol,
    /// A stress mark with no vowel after it, or none that can have this stress.
    stress_without_vowel,
    /// No room for the phoneme that begins here.
    too_long,
    /// No phoneme at all.
    empty,
};

pub const Fault = struct { reason: Reason, at: usize };

pub const Result = union(enum) {
    /// The first part of the caller's buffer.
    tokens: []u8,
    fault: Fault,
};

/// Reads `text`, which is UTF-8, into tokens of the pack whose phonemes these are. A vowel without
/// a mark has no stress. What was written with the pack's spellings is read back to the same
/// tokens, but for the pairs of phonemes that together look like a third.
pub fn parse(phonemes: []const Phoneme, alphabet: Alphabet, text: []const u8, out: []u8) Result {
    var count: usize = 0;
    var at: usize = 0;
    // The last mark, as long as no vowel has taken it.
    var stress: Stress = .none;
    var mark_at: usize = 0;
    while (at < text.len) {
        const rest = text[at..];
        if (std.mem.findScalar(u8, " \t.", rest[0]) != null) {
            at += 1;
            continue;
        }
        if (alphabet != .arpabet) if (markAt(alphabet, rest)) |mark| {
            if (stress != .none) return fault(.stress_without_vowel, mark_at);
            stress = mark.stress;
            mark_at = at;
            at += mark.length;
            continue;
        };
        const symbol = longest(phonemes, alphabet, rest) orelse return fault(.unknown_symbol, at);
        var token = symbol.token;
        var end = at + symbol.length;
        if (phonemes[token].kind == .vowel) {
            if (alphabet == .arpabet) if (markAt(alphabet, text[end..])) |mark| {
                stress = mark.stress;
                mark_at = end;
                end += mark.length;
            };
            token = withStress(phonemes, token, stress) orelse return fault(.stress_without_vowel, mark_at);
            stress = .none;
        }
        if (count == out.len) return fault(.too_long, at);
        out[count] = token;
        count += 1;
        at = end;
    }
    if (stress != .none) return fault(.stress_without_vowel, mark_at);
    if (count == 0) return fault(.empty, 0);
    return .{ .tokens = out[0..count] };
}

fn fault(reason: Reason, at: usize) Result {
    return .{ .fault = .{ .reason = reason, .at = at } };
}

const Mark = struct { stress: Stress, length: usize };

fn markAt(alphabet: Alphabet, text: []const u8) ?Mark {
    for ([_]Stress{ .none, .primary, .secondary }) |stress| {
        const mark = styles.stressMark(alphabet, stress);
        if (mark.len > 0 and std.mem.startsWith(u8, text, mark)) return .{ .stress = stress, .length = mark.len };
    }
    // What keyboards have. In X-SAMPA it is a palatalised consonant.
    if (alphabet != .xsampa and std.mem.startsWith(u8, text, "'")) return .{ .stress = .primary, .length = 1 };
    return null;
}

/// The phoneme's vowel with another stress: the one that shares a spelling with it.
fn withStress(phonemes: []const Phoneme, token: u8, stress: Stress) ?u8 {
    if (phonemes[token].stress == stress) return token;
    for (phonemes[1..], 1..) |*other, i| {
        if (other.kind != .vowel or other.stress != stress) continue;
        for (other.spellings, phonemes[token].spellings) |a, b| {
            if (a.len > 0 and std.mem.eql(u8, a, b)) return @intCast(i);
        }
    }
    return null;
}

/// The phoneme whose spelling, or another way to write it, takes up most of the text's beginning;
/// of equals the first, so that the pack's own spellings win.
fn longest(phonemes: []const Phoneme, alphabet: Alphabet, text: []const u8) ?Symbol {
    var best: Symbol = .{ .token = 0, .length = 0 };
    for (phonemes[1..], 1..) |*phoneme, token| {
        const length = matched(alphabet, phoneme.spelling(alphabet), text);
        if (length > best.length) best = .{ .token = @intCast(token), .length = length };
    }
    for (&styles.variants) |*variant| {
        if (variant.alphabet == alphabet) best.improve(phonemes, variant.of, matched(alphabet, variant.spelling, text));
    }
    for (&aliases) |*alias| {
        if (alias.in.contains(alphabet)) best.improve(phonemes, alias.of, matched(alphabet, alias.written, text));
    }
    if (best.length == 0) return null;
    if (alphabet != .arpabet) for ([_][]const u8{ "ː", ":" }) |long| {
        if (std.mem.startsWith(u8, text[best.length..], long)) best.length += long.len;
    };
    return best;
}

const Symbol = struct {
    token: u8,
    length: usize,

    /// By a phoneme that is known by its IPA, if the language has it.
    fn improve(self: *Symbol, phonemes: []const Phoneme, ipa: []const u8, length: usize) void {
        if (length <= self.length) return;
        for (phonemes[1..], 1..) |*phoneme, token| {
            if (!std.mem.eql(u8, phoneme.spelling(.ipa), ipa)) continue;
            self.* = .{ .token = @intCast(token), .length = length };
            return;
        }
    }
};

/// Another way to write a phoneme, which is known by its IPA; nothing in a language without it. None
/// is a run of the packs' own spellings (əʊ, say), or what was written would not be read back.
const Alias = struct {
    in: std.EnumSet(Alphabet),
    written: []const u8,
    of: []const u8,
};

const aliases = in(&.{ .ipa, .espeak, .kokoro }, &.{
    .{ "g", "ɡ" },
    .{ "r", "ɹ" },
    .{ "ʧ", "t͡ʃ" },
    .{ "ʤ", "d͡ʒ" },
    .{ "ɜːɹ", "ɝ" },
    .{ "ɜ", "ɝ" },
    .{ "ɜ˞", "ɝ" },
    .{ "ə˞", "ɚ" },
    .{ "ɐ", "ə" },
    .{ "ᵊ", "ə" },
    .{ "ᵻ", "ɪ" },
    .{ "ɫ", "l" },
}) ++ in(&.{.ipa}, &.{
    .{ "e", "eɪ" },
    .{ "o", "oʊ" },
    .{ "ɒ", "ɑ" },
}) ++ in(&.{.kokoro}, &.{
    .{ "ɾ", "t" },
}) ++ in(&.{.xsampa}, &.{
    .{ "t_S", "t͡ʃ" },
    .{ "d_Z", "d͡ʒ" },
    .{ "r", "ɹ" },
    .{ "3", "ɝ" },
    .{ "e", "eɪ" },
    .{ "o", "oʊ" },
}) ++ in(&.{.arpabet}, &.{
    .{ "AX", "ə" },
    .{ "AXR", "ɚ" },
    .{ "IX", "ɪ" },
    .{ "DX", "t" },
});

fn in(comptime alphabets: []const Alphabet, comptime pairs: []const [2][]const u8) [pairs.len]Alias {
    var made: [pairs.len]Alias = undefined;
    for (&made, pairs) |*alias, pair| alias.* = .{
        .in = .initMany(alphabets),
        .written = pair[0],
        .of = pair[1],
    };
    return made;
}

/// How much of the text's beginning is this spelling; 0: it does not begin so. A tie may be below
/// or missing, a length mark may be missing. ARPAbet's symbols end where the letters do, and may be
/// small letters.
fn matched(alphabet: Alphabet, spelling: []const u8, text: []const u8) usize {
    if (alphabet == .arpabet) {
        var length: usize = 0;
        while (length < text.len and std.ascii.isAlphabetic(text[length])) length += 1;
        return if (std.ascii.eqlIgnoreCase(text[0..length], spelling)) length else 0;
    }
    const tie = "\u{361}";
    const tie_below = "\u{35C}";
    var length: usize = 0;
    var rest = spelling;
    while (rest.len > 0) {
        // The pack's reader has checked that it is UTF-8.
        const point = rest[0 .. std.unicode.utf8ByteSequenceLength(rest[0]) catch unreachable];
        rest = rest[point.len..];
        const follows = text[length..];
        if (std.mem.startsWith(u8, follows, point)) {
            length += point.len;
        } else if (std.mem.eql(u8, point, tie)) {
            if (std.mem.startsWith(u8, follows, tie_below)) length += tie_below.len;
        } else if (!std.mem.eql(u8, point, "ː")) return 0;
    }
    return length;
}

const testing = std.testing;
const fixture = styles.fixture;

fn expectEnglish(expected: []const u8, alphabet: Alphabet, text: []const u8) !void {
    var expected_buffer: [32]u8 = undefined;
    var buffer: [32]u8 = undefined;
    switch (parse(fixture.english, alphabet, text, &buffer)) {
        .tokens => |tokens| try testing.expectEqualSlices(u8, fixture.tokens(&expected_buffer, expected), tokens),
        .fault => |found| {
            std.debug.print("{s}: {any}\n", .{ text, found });
            return error.TestUnexpectedResult;
        },
    }
}

fn expectFault(reason: Reason, at: usize, phonemes: []const Phoneme, alphabet: Alphabet, text: []const u8) !void {
    var buffer: [4]u8 = undefined;
    try testing.expectEqual(Result{ .fault = .{ .reason = reason, .at = at } }, parse(phonemes, alphabet, text, &buffer));
}

// Goal: the spellings that people write. Method: by hand; the words are from dictionaries that
// write them so.
test "ways to write English" {
    try expectEnglish("W IH0 N", .ipa, "wɪn");
    try expectEnglish("W IH1 N", .ipa, "ˈwɪn");
    try expectEnglish("W IH1 N", .ipa, "wˈɪn");
    try expectEnglish("W IH1 N", .ipa, "'wɪn");
    try expectEnglish("CH ER1 CH", .ipa, "ˈtʃɝt͡ʃ");
    try expectEnglish("CH ER1 CH", .ipa, "ˈt͜ʃɜːʧ");
    try expectEnglish("CH ER1 CH", .ipa, "ˈt͡ʃɜ˞t͡ʃ");
    try expectEnglish("CH ER1 CH", .ipa, "ˈt͡ʃɜɹt͡ʃ");
    try expectEnglish("HH AA1 T SH AA2 T", .ipa, "ˈhɑtˌʃɑt");
    try expectEnglish("N IH1 T SH", .ipa, "ˈnɪt.ʃ");
    try expectEnglish("N IH1 CH", .ipa, "ˈnɪtʃ");
    try expectEnglish("G R IY1 N", .ipa, "ˈgriːn");
    try expectEnglish("G R IY1 N", .ipa, "ˈɡɹi:n");
    try expectEnglish("AH0 B AH1 V", .ipa, "əˈbʌv");
    // The mark decides between the two signs of one vowel.
    try expectEnglish("AH1 V AH0 N", .ipa, "ˈəvʌn");
    try expectEnglish("B ER0 D", .ipa, "bɝd");
    try expectEnglish("AE1 B D AH0 K EY2 T", .ipa, "ˈæb.dəˌkeɪt");
    try expectEnglish("S OW1 L OW2", .ipa, "ˈso l ˌoʊ");

    try expectEnglish("K AE1 T", .arpabet, "K AE1 T");
    try expectEnglish("K AE0 T", .arpabet, " k  ae t ");
    try expectEnglish("T HH AH0", .arpabet, "T HH AX");

    try expectEnglish("R EH1 K ER0 D", .xsampa, "\"r\\Ek@`d");
    try expectEnglish("N UW1 T R AH0 N", .xsampa, "\"nu:tr@n");
    try expectEnglish("CH IY1 Z K EY2 K", .xsampa, "\"t_Siz%keIk");
    try expectEnglish("HH AE1 JH", .xsampa, "\"h{dZ");

    try expectEnglish("B ER1 D", .espeak, "bˈɜːd");
    try expectEnglish("HH ER1 IY0", .espeak, "hˈɜːɹi");
    try expectEnglish("AH0 B IH1 L AH0 T IY0", .espeak, "ɐbˈɪləɾi");
    try expectEnglish("AO2 T AH0 M AE1 T IH0 K", .espeak, "ˌɔːɾəmˈæɾɪk");

    // The word of Kokoro's own examples.
    try expectEnglish("K OW1 K AH0 R OW0", .kokoro, "kˈOkə.ɹO");
    try expectEnglish("B AA1 T AH0 L", .kokoro, "bˈɑTᵊl");
    try expectEnglish("B AA1 T AH0 L", .kokoro, "bˈɑɾᵊl");
    try expectEnglish("CH EY1 N JH IH0 Z", .kokoro, "ʧˈAnʤᵻz");
}

test "what is no spelling is named with its position" {
    const english = fixture.english;
    try expectFault(.unknown_symbol, 1, english, .ipa, "wxn");
    try expectFault(.unknown_symbol, 5, english, .ipa, "ˈtɪʰn");
    try expectFault(.unknown_symbol, 1, english, .ipa, "tʰ");
    try expectFault(.stress_without_vowel, 3, english, .ipa, "wɪˈ");
    try expectFault(.stress_without_vowel, 0, english, .ipa, "ˈwˌɪn");
    try expectFault(.stress_without_vowel, 1, english, .ipa, "wˈn");
    try expectFault(.too_long, 5, english, .ipa, "wɪnwɪ");
    try expectFault(.empty, 0, english, .ipa, "");
    try expectFault(.empty, 0, english, .ipa, " . ");
    try expectFault(.stress_without_vowel, 0, english, .ipa, "ˈ");
    try expectFault(.unknown_symbol, 2, english, .arpabet, "K AET");
    try expectFault(.unknown_symbol, 1, english, .arpabet, "K1 AE");
    try expectFault(.unknown_symbol, 4, english, .arpabet, "K AE3");
    try expectFault(.unknown_symbol, 0, english, .arpabet, "ˈK");
    try expectFault(.unknown_symbol, 1, english, .xsampa, "w'i");
    try expectFault(.unknown_symbol, 0, english, .ipa, "ː");
    const korean = fixture.korean;
    try expectFault(.unknown_symbol, 0, korean, .ipa, "ɡa");
    try expectFault(.stress_without_vowel, 0, korean, .ipa, "ˈka");
    // An alphabet that the language has no spellings in.
    try expectFault(.unknown_symbol, 0, korean, .arpabet, "K");
}

test "Korean, with and without ties" {
    const cases = [_][2][]const u8{
        .{ "t͡ɕʌk͈e", "tɕʌk͈e" },
        .{ "t͡ɕ͈aŋ", "tɕ͈aːŋ" },
        .{ "t͡ɕʰʌŋ", "t͜ɕʰʌ.ŋ" },
    };
    for (cases) |case| {
        var buffers: [2][8]u8 = undefined;
        const tied = parse(fixture.korean, .ipa, case[0], &buffers[0]).tokens;
        const other = parse(fixture.korean, .ipa, case[1], &buffers[1]).tokens;
        try testing.expectEqualSlices(u8, tied, other);
        var buffer: [64]u8 = undefined;
        try testing.expectEqualStrings(case[0], write(.ipa, fixture.korean, tied, "", &buffer));
    }
}

/// A word with the marks before (in ARPAbet behind) the vowels.
fn write(alphabet: Alphabet, phonemes: []const Phoneme, tokens: []const u8, separator: []const u8, buffer: []u8) []const u8 {
    var length: usize = 0;
    for (tokens, 0..) |token, i| {
        const phoneme = &phonemes[token];
        const mark = if (phoneme.kind == .vowel) styles.stressMark(alphabet, phoneme.stress) else "";
        const spelled = phoneme.spelling(alphabet);
        const parts = if (alphabet == .arpabet) [_][]const u8{ spelled, mark } else [_][]const u8{ mark, spelled };
        for ([_][]const u8{if (i > 0) separator else ""} ++ parts) |part| {
            @memcpy(buffer[length..][0..part.len], part);
            length += part.len;
        }
    }
    return buffer[0..length];
}

// Goal: what is written is read back to the same tokens. Method: every phoneme alone and random
// words, parted by spaces; unparted ones must then be written as they were.
test "round trips" {
    var prng = std.Random.DefaultPrng.init(3);
    const random = prng.random();
    for ([_][]const Phoneme{ fixture.english, fixture.korean }) |phonemes| {
        for ([_]Alphabet{ .ipa, .arpabet, .xsampa, .espeak, .kokoro }) |alphabet| {
            if (phonemes[1].spelling(alphabet).len == 0) continue;
            for (0..3000) |round| {
                var word: [8]u8 = undefined;
                const tokens = word[0 .. 1 + random.uintLessThan(usize, word.len)];
                for (tokens) |*token| token.* = 1 + random.uintLessThan(u8, @intCast(phonemes.len - 1));
                if (round + 1 < phonemes.len) tokens[0] = @intCast(round + 1);
                var text_buffer: [128]u8 = undefined;
                const text = write(alphabet, phonemes, tokens, " ", &text_buffer);
                var read: [8]u8 = undefined;
                try testing.expectEqualSlices(u8, tokens, parse(phonemes, alphabet, text, &read).tokens);
                if (alphabet != .ipa) continue;
                const joined = write(.ipa, phonemes, tokens, "", &text_buffer);
                const again = parse(phonemes, .ipa, joined, &read).tokens;
                var again_buffer: [128]u8 = undefined;
                try testing.expectEqualStrings(joined, untied(write(.ipa, phonemes, again, "", &again_buffer), joined));
            }
        }
    }
}

/// What was written anew, unless the words differ in nothing but ties, which t and ʃ side by side
/// get.
fn untied(written: []const u8, original: []const u8) []const u8 {
    var i: usize = 0;
    var rest = written;
    while (rest.len > 0) {
        if (std.mem.startsWith(u8, rest, "͡") and !std.mem.startsWith(u8, original[i..], "͡")) {
            rest = rest["͡".len..];
        } else {
            if (i == original.len or original[i] != rest[0]) return written;
            i += 1;
            rest = rest[1..];
        }
    }
    return if (i == original.len) original else written;
}

// Goal: any bytes get an answer, and a fault stands within the text. Method: soups of what
// spellings are made of, and of any bytes, in a safe build.
test "any text" {
    var prng = std.Random.DefaultPrng.init(5);
    const random = prng.random();
    const parts = "ˈ ˌ ' t t͡ʃ d͡ʒ ʒ ɔ ɪ ɝ ə ʌ ː : . AE1 K 2 \" % r\\ ts\\ _> ͡ ͜ ɾ ᵻ ɹ p͈ ʰ [ / \xff \xcd";
    for (0..20_000) |_| {
        var text: [40]u8 = undefined;
        var length: usize = 0;
        for (0..random.uintLessThan(usize, 8)) |_| {
            var part: []const u8 = &.{random.int(u8)};
            if (random.uintLessThan(u8, 8) > 0) {
                var each = std.mem.splitScalar(u8, parts, ' ');
                for (0..random.uintLessThan(usize, 36)) |_| part = each.next() orelse part;
            }
            @memcpy(text[length..][0..part.len], part);
            length += part.len;
        }
        var out: [5]u8 = undefined;
        const phonemes = if (random.boolean()) fixture.english else fixture.korean;
        switch (parse(phonemes, random.enumValue(Alphabet), text[0..length], &out)) {
            .tokens => |tokens| for (tokens) |token| try testing.expect(token > 0 and token < phonemes.len),
            .fault => |found| try testing.expect(found.at <= length),
        }
    }
}
