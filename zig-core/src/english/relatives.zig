//! Possessives and plurals: the one is said as its stem, and where only one of a word and its plural
//! is corrected, the other is said like it (docs/CORRECTIONS.md, Relatives). Spelling and sound of the ending are those of regular nouns:
//! Quirk et al., *A Comprehensive Grammar of the English Language*, sections 5.79 to 5.81 and 5.112.

const std = @import("std");
const limits = @import("../limits.zig");
const styles = @import("../styles.zig");

/// Letters of the shortest word that has forms.
pub const stem_min = 2;

/// What the possessive has behind its stem.
pub const possessive = "'s";

/// How many letters of a possessive are its stem; null of another word.
pub fn stemOf(word: []const u8) ?usize {
    if (!std.mem.endsWith(u8, word, possessive)) return null;
    const count = word.len - possessive.len;
    return if (count < stem_min) null else count;
}

pub const Kind = enum { stem, form };

/// Another word of the same stem: the first letters of the word, and what follows them.
pub const Relative = struct {
    keep: usize,
    rest: []const u8,
    kind: Kind,
};

/// The relatives of a word, in the order in which they are asked for.
pub const Relatives = struct {
    items: [4]Relative = undefined,
    count: usize = 0,

    pub fn of(word: []const u8) Relatives {
        var self: Relatives = .{};
        if (std.mem.endsWith(u8, word, possessive)) return self;
        inline for (.{ .{ "ies", "y" }, .{ "s", "" }, .{ "es", "" } }) |pair| {
            if (singular(word, pair[0], pair[1])) |found| self.add(found);
        }
        if (word.len >= stem_min) {
            const ending = plural(word);
            self.add(.{ .keep = word.len - ending.replaced, .rest = ending.letters, .kind = .form });
        }
        return self;
    }

    fn add(self: *Relatives, relative: Relative) void {
        self.items[self.count] = relative;
        self.count += 1;
    }
};

/// The stem whose plural a word is, `rest` in the place of `ending`.
fn singular(word: []const u8, ending: []const u8, rest: []const u8) ?Relative {
    if (!std.mem.endsWith(u8, word, ending)) return null;
    const keep = word.len - ending.len;
    if (keep + rest.len < stem_min) return null;
    var buffer: [limits.graphemes_max]u8 = undefined;
    const stem = std.fmt.bufPrint(&buffer, "{s}{s}", .{ word[0..keep], rest }) catch unreachable;
    if (!std.mem.eql(u8, plural(stem).letters, ending)) return null;
    return .{ .keep = keep, .rest = rest, .kind = .stem };
}

/// What a stem's plural has in the place of its last letters.
fn plural(stem: []const u8) struct { replaced: usize, letters: []const u8 } {
    if (std.mem.endsWith(u8, stem, "y") and stem.len > 1 and std.mem.findScalar(u8, "aeiou", stem[stem.len - 2]) == null)
        return .{ .replaced = 1, .letters = "ies" };
    for ([_][]const u8{ "s", "x", "z", "ch", "sh" }) |hissing| {
        if (std.mem.endsWith(u8, stem, hissing)) return .{ .replaced = 0, .letters = "es" };
    }
    return .{ .replaced = 0, .letters = "s" };
}

/// What the ending sounds like, in a pack's tokens.
pub const Endings = struct {
    after: [256]enum { voiced, voiceless, sibilant },
    s: u8,
    z: u8,
    vowel: u8,

    /// Null when the pack lacks a phoneme of the ending.
    pub fn of(phonemes: []const styles.Phoneme) ?Endings {
        var self: Endings = .{ .after = @splat(.voiced), .s = 0, .z = 0, .vowel = 0 };
        for (phonemes[1..], 1..) |*phoneme, token| {
            if (phoneme.is("s")) self.s = @intCast(token);
            if (phoneme.is("z")) self.z = @intCast(token);
            if (phoneme.is("ɪ") and phoneme.stress == .none) self.vowel = @intCast(token);
            if (phoneme.isOneOf(&styles.sibilants)) self.after[token] = .sibilant;
            if (phoneme.isOneOf(&.{ "p", "t", "k", "f", "θ" })) self.after[token] = .voiceless;
        }
        return if (self.s == 0 or self.z == 0 or self.vowel == 0) null else self;
    }

    fn ending(self: *const Endings, last: u8, buffer: *[2]u8) []const u8 {
        buffer.* = .{ self.vowel, self.z };
        switch (self.after[last]) {
            .sibilant => return buffer,
            .voiced => return buffer[1..],
            .voiceless => {
                buffer[1] = self.s;
                return buffer[1..];
            },
        }
    }

    /// Adds the ending to the `count` phonemes of a stem; how many there are then, null when there is
    /// no stem, or no room.
    pub fn add(self: *const Endings, phonemes: []u8, count: usize) ?usize {
        if (count == 0) return null;
        var buffer: [2]u8 = undefined;
        const tokens = self.ending(phonemes[count - 1], &buffer);
        if (count + tokens.len > phonemes.len) return null;
        @memcpy(phonemes[count..][0..tokens.len], tokens);
        return count + tokens.len;
    }

    /// How many of a form's phonemes are its stem's; null when it does not sound like a form.
    pub fn stemOf(self: *const Endings, phonemes: []const u8) ?usize {
        for ([_]usize{ 2, 1 }) |length| {
            if (phonemes.len <= length) continue;
            const count = phonemes.len - length;
            var buffer: [2]u8 = undefined;
            if (std.mem.eql(u8, self.ending(phonemes[count - 1], &buffer), phonemes[count..])) return count;
        }
        return null;
    }
};

const testing = std.testing;

// Goal: the words that are asked for, and their order. Method: by hand, after the grammar.
test "relatives" {
    const cases = [_]struct { []const u8, []const []const u8 }{
        .{ "dog", &.{"dogs"} },
        .{ "dog's", &.{} },
        .{ "dogs", &.{ "dog", "dogses" } },
        .{ "house", &.{"houses"} },
        .{ "houses", &.{ "house", "hous", "houseses" } },
        .{ "church", &.{"churches"} },
        .{ "churches", &.{ "churche", "church", "churcheses" } },
        .{ "pony", &.{"ponies"} },
        .{ "ponies", &.{ "pony", "ponie", "ponieses" } },
        .{ "boy", &.{"boys"} },
        .{ "boys", &.{ "boy", "boyses" } },
        .{ "glass", &.{"glasses"} },
        .{ "foxs", &.{"foxses"} },
        .{ "a", &.{} },
        .{ "as", &.{"ases"} },
        .{ "'s", &.{} },
        .{ "a's", &.{} },
        .{ "y", &.{} },
    };
    for (cases) |case| {
        const relatives: Relatives = .of(case[0]);
        try testing.expectEqual(case[1].len, relatives.count);
        var buffer: [20]u8 = undefined;
        for (case[1], relatives.items[0..relatives.count]) |expected, found| {
            const word = try std.fmt.bufPrint(&buffer, "{s}{s}", .{ case[0][0..found.keep], found.rest });
            try testing.expectEqualStrings(expected, word);
            try testing.expectEqual(word.len > case[0].len, found.kind == .form);
        }
    }
    try testing.expectEqual(3, stemOf("dog's"));
    try testing.expectEqual(5, stemOf("dog's's"));
    for ([_][]const u8{ "dogs", "a's", "'s", "s", "", "dog's'" }) |word| try testing.expectEqual(null, stemOf(word));
}

// Goal: the sound of the ending, and that it comes off as it goes on. Method: by hand; every phoneme
// for the way back.
test "endings" {
    const fixture = styles.fixture;
    const endings = Endings.of(fixture.english).?;
    const cases = [_]struct { []const u8, []const u8 }{
        .{ "K AE1 T", "K AE1 T S" },         .{ "D AO1 G", "D AO1 G Z" },
        .{ "B IY1", "B IY1 Z" },             .{ "CH ER1 CH", "CH ER1 CH IH0 Z" },
        .{ "K AH1 F", "K AH1 F S" },         .{ "HH AW1 S", "HH AW1 S IH0 Z" },
        .{ "M AE1 TH", "M AE1 TH S" },       .{ "R UW1 ZH", "R UW1 ZH IH0 Z" },
        .{ "T AE1 K S", "T AE1 K S IH0 Z" }, .{ "B R IY1 DH", "B R IY1 DH Z" },
    };
    for (cases) |case| {
        var buffer: [8]u8 = undefined;
        var expected: [8]u8 = undefined;
        const count = fixture.tokens(&buffer, case[0]).len;
        const form = fixture.tokens(&expected, case[1]);
        try testing.expectEqual(null, endings.add(buffer[0 .. form.len - 1], count));
        try testing.expectEqual(form.len, endings.add(&buffer, count));
        try testing.expectEqualSlices(u8, form, buffer[0..form.len]);
        try testing.expectEqual(count, endings.stemOf(form));
    }
    for (1..fixture.english.len) |token| {
        var buffer: [4]u8 = .{ endings.vowel, @intCast(token), 0, 0 };
        const total = endings.add(&buffer, 2).?;
        try testing.expectEqual(2, endings.stemOf(buffer[0..total]));
    }
    var empty: [2]u8 = undefined;
    try testing.expectEqual(null, endings.add(&empty, 0));
    for ([_][]const u8{ "Z", "K AE1 T", "K AE1 T Z", "D AO1 G S", "HH AW1 S Z", "IH0" }) |other| {
        var buffer: [8]u8 = undefined;
        try testing.expectEqual(null, endings.stemOf(fixture.tokens(&buffer, other)));
    }
    try testing.expectEqual(null, Endings.of(fixture.korean));
}
