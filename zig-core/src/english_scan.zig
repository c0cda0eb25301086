//! Looking around in English text: the words beside a place, marks that may stand for one another,
//! and tables that are one string each, because those are far smaller in wasm than generated code.

const std = @import("std");

/// The byte at an offset, 0 beyond the end.
pub noinline fn byteAt(text: []const u8, at: usize) u8 {
    return if (at < text.len) text[at] else 0;
}

pub noinline fn isDigit(byte: u8) bool {
    return byte -% '0' < 10;
}

pub noinline fn isUpper(byte: u8) bool {
    return byte -% 'A' < 26;
}

pub noinline fn isLower(byte: u8) bool {
    return byte -% 'a' < 26;
}

pub noinline fn isLetter(byte: u8) bool {
    return isLower(byte | 0x20);
}

pub noinline fn isAlnum(byte: u8) bool {
    return isLetter(byte) or isDigit(byte);
}

/// Whether a letter or digit stands at an offset. Letters beyond ASCII are told by their lead bytes:
/// those of U+00C0 to U+07FF but × and ÷, and of U+1000 to U+1FFF.
pub noinline fn isWordAt(text: []const u8, at: usize) bool {
    const byte = byteAt(text, at);
    if (byte < 0x80) return isAlnum(byte);
    const is_letter = (byte >= 0xC3 and byte < 0xE0) or byte == 0xE1;
    return is_letter and !has(text, at, "×") and !has(text, at, "÷") and !has(text, at, "μ") and !has(text, at, "Ω");
}

pub noinline fn isWordBefore(text: []const u8, at: usize) bool {
    var start = at -| 1;
    while (start > 0 and text[start] & 0xC0 == 0x80) start -= 1;
    return at > 0 and isWordAt(text, start);
}

pub fn isVowel(byte: u8) bool {
    return switch (byte | 0x20) {
        'a', 'e', 'i', 'o', 'u' => true,
        else => false,
    };
}

pub noinline fn has(text: []const u8, at: usize, what: []const u8) bool {
    if (at > text.len or what.len > text.len - at) return false;
    // A plain loop: the standard library's is unrolled and vectorised, and a kilobyte in wasm.
    for (what, text[at..][0..what.len]) |a, b| if (a != b) return false;
    return true;
}

pub noinline fn eql(a: []const u8, b: []const u8) bool {
    return a.len == b.len and has(a, 0, b);
}

pub fn endsWith(text: []const u8, what: []const u8) bool {
    return text.len >= what.len and has(text, text.len - what.len, what);
}

/// The end of the run from `at` of bytes that a class takes.
pub fn runEnd(text: []const u8, at: usize, comptime class: fn (u8) bool) usize {
    var end = at;
    while (end < text.len and class(text[end])) end += 1;
    return end;
}

pub noinline fn digitsEnd(text: []const u8, at: usize) usize {
    return runEnd(text, at, isDigit);
}

pub noinline fn lettersEnd(text: []const u8, at: usize) usize {
    return runEnd(text, at, isLetter);
}

/// The value of some digits; separators among them are skipped, and a huge number is the greatest.
pub noinline fn value(digits: []const u8) u64 {
    var sum: u64 = 0;
    for (digits) |byte| {
        if (isDigit(byte)) sum = sum *| 10 +| (byte - '0');
    }
    return sum;
}

/// Bytes of the space at an offset when it is one that may stand within a form, else 0.
pub noinline fn spaceBytes(text: []const u8, at: usize) usize {
    if (byteAt(text, at) == ' ') return 1;
    if (has(text, at, "\u{A0}")) return 2;
    return if (has(text, at, "\u{202F}") or has(text, at, "\u{2009}")) 3 else 0;
}

pub noinline fn spacesEnd(text: []const u8, at: usize) usize {
    var end = at;
    while (true) {
        const bytes = spaceBytes(text, end);
        if (bytes == 0) return end;
        end += bytes;
    }
}

/// Bytes of the hyphen, minus or en dash at an offset, else 0.
pub noinline fn dashBytes(text: []const u8, at: usize) usize {
    if (byteAt(text, at) == '-') return 1;
    for ([_][]const u8{ "\u{2013}", "\u{2212}", "\u{2010}", "\u{2011}" }) |dash| {
        if (has(text, at, dash)) return dash.len;
    }
    return 0;
}

/// Bytes of the apostrophe at an offset, else 0.
pub noinline fn apostropheBytes(text: []const u8, at: usize) usize {
    if (byteAt(text, at) == '\'') return 1;
    return if (has(text, at, "\u{2019}")) 3 else 0;
}

/// The end of an 's at an offset that ends a word.
pub noinline fn possessiveEnd(text: []const u8, at: usize) ?usize {
    const mark = apostropheBytes(text, at);
    const end = at + mark + 1;
    if (mark == 0 or byteAt(text, end - 1) != 's' or isWordAt(text, end)) return null;
    return end;
}

pub const Token = struct {
    start: usize,
    bytes: []const u8,

    pub fn isCapitalised(self: Token) bool {
        return self.bytes.len > 0 and isUpper(self.bytes[0]);
    }

    pub fn isIn(self: Token, list: []const u8) bool {
        return isListed(list, self.bytes);
    }
};

/// What stands before the space before `at`, with its punctuation but not with an opening bracket
/// or quote; empty when no space or a line break is there.
pub noinline fn before(text: []const u8, at: usize) Token {
    var end = at;
    while (end > 0 and text[end - 1] == ' ') end -= 1;
    var start = end;
    if (end < at) while (start > 0 and text[start - 1] > ' ') {
        start -= 1;
    };
    while (start < end and !isWordAt(text, start)) start += 1;
    return .{ .start = start, .bytes = text[start..end] };
}

/// The letters after the space at `at`; empty when none follow.
pub noinline fn after(text: []const u8, at: usize) Token {
    const start = spacesEnd(text, at);
    const end = if (start == at) start else lettersEnd(text, start);
    return .{ .start = start, .bytes = text[start..end] };
}

/// Whether a sentence or line begins at `at`, as far as one can see.
pub fn isSentenceStart(text: []const u8, at: usize) bool {
    var end = at;
    while (end > 0) : (end -= 1) switch (text[end - 1]) {
        ' ', '"', '(', '\'' => {},
        '.', '!', '?', ':', '\n' => return true,
        else => return false,
    };
    return true;
}

/// Whether nothing but closing brackets and quotes follows in the line.
pub fn isLineEnd(text: []const u8, at: usize) bool {
    var end = at;
    while (end < text.len) switch (text[end]) {
        ')', ']', '"', '\'', ' ' => end += 1,
        '\n', '\r' => return true,
        0xE2 => if (has(text, end, "\u{2019}") or has(text, end, "\u{201D}")) {
            end += 3;
        } else return false,
        else => return false,
    };
    return true;
}

/// The end of an abbreviation with the full stop at `at`, when there is one and it is not also that
/// of the sentence: at the end of a line, and before a capital unless a name is to follow.
pub noinline fn stopEnd(text: []const u8, at: usize, is_before_name: bool) usize {
    if (byteAt(text, at) != '.' or isLineEnd(text, at + 1)) return at;
    if (byteAt(text, at + 1) == '.') return at;
    const next = after(text, at + 1);
    if (is_before_name or !next.isCapitalised()) return at + 1;
    const is_calendar = monthOf(next.bytes) != null or next.isIn(weekdays);
    const is_capitals = next.bytes.len > 1 and isUpper(next.bytes[1]);
    return if (is_calendar or is_capitals) at + 1 else at;
}

pub const weekdays = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday";
pub const months = "january february march april may june july august september october november december";

/// The number of the month that a word is, or that it is the usual abbreviation of.
pub fn monthOf(word: []const u8) ?u8 {
    if (word.len < 3 or !isUpper(word[0])) return null;
    for (0..12) |i| {
        const name = nth(months, i);
        if (word.len > name.len or word[0] | 0x20 != name[0]) continue;
        if (!eql(word[1..], name[1..word.len])) continue;
        const is_abbreviation = word.len == 3 or (word.len == 4 and i == 8);
        if (is_abbreviation or word.len == name.len) return @intCast(i + 1);
    }
    return null;
}

// Tables.

/// An item of a list with one space between items.
pub noinline fn nth(list: []const u8, index: usize) []const u8 {
    var left = index;
    var start: usize = 0;
    for (list, 0..) |byte, i| if (byte == ' ') {
        if (left == 0) return list[start..i];
        left -= 1;
        start = i + 1;
    };
    return list[start..];
}

pub noinline fn isListed(list: []const u8, item: []const u8) bool {
    return item.len > 0 and lookUp(list, ' ', item) != null;
}

/// The value of a key in a table of `key=value` entries with `;` between them.
pub noinline fn find(table: []const u8, key: []const u8) ?[]const u8 {
    const rest = lookUp(table, ';', key) orelse return null;
    return if (rest.len > 0) rest[1..] else null;
}

/// What follows `key` in the entry that begins with it and goes on with `=` or ends.
fn lookUp(table: []const u8, separator: u8, key: []const u8) ?[]const u8 {
    var start: usize = 0;
    while (start < table.len) {
        var end = start;
        while (end < table.len and table[end] != separator) end += 1;
        const entry = table[start..end];
        if (has(entry, 0, key)) {
            const rest = entry[key.len..];
            if (rest.len == 0 or rest[0] == '=') return rest;
        }
        start = end + 1;
    }
    return null;
}

test "tables" {
    const expectEqualStrings = std.testing.expectEqualStrings;
    try expectEqualStrings("two", nth("zero one two", 2));
    try expectEqualStrings("kilogram", find("g=gram;kg=kilogram", "kg").?);
    try std.testing.expectEqual(null, find("g=gram;kg=kilogram", "k"));
    try std.testing.expect(isListed("in on at", "on"));
    try std.testing.expect(!isListed("in on at", ""));
    try std.testing.expectEqual(9, monthOf("Sept").?);
    try std.testing.expectEqual(null, monthOf("Marc"));
}
