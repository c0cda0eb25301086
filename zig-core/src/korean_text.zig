//! What the readers of Korean written forms look at: characters, runs of Hangul, and the words
//! around a place. Lists are strings of entries with a space between two, the most compact table.

const Spoken = @import("spoken.zig").Spoken;

/// A character, full-width forms as their ASCII ones; 0 at the end of the block.
pub const Char = struct { c: u21, end: usize };

pub noinline fn charAt(block: []const u8, at: usize) Char {
    if (at >= block.len) return .{ .c = 0, .end = block.len };
    const lead = block[at];
    if (lead < 0x80) return .{ .c = lead, .end = at + 1 };
    var end = at + 1;
    var c: u21 = if (lead < 0xE0) lead & 0x1F else if (lead < 0xF0) lead & 0x0F else lead & 0x07;
    while (end < block.len and block[end] & 0xC0 == 0x80) : (end += 1) {
        c = c << 6 | (block[end] & 0x3F);
    }
    if (c >= 0xFF01 and c <= 0xFF5E) c -= 0xFEE0;
    return .{ .c = c, .end = end };
}

pub fn isDigit(c: u21) bool {
    return c >= '0' and c <= '9';
}

pub fn isCapital(c: u21) bool {
    return c >= 'A' and c <= 'Z';
}

pub fn isSmall(c: u21) bool {
    return c >= 'a' and c <= 'z';
}

pub fn isLatin(c: u21) bool {
    return isSmall(c | 0x20);
}

pub fn isHangul(c: u21) bool {
    return c >= 0xAC00 and c <= 0xD7A3;
}

/// The end of the syllables at a place.
pub noinline fn hangulEnd(block: []const u8, at: usize) usize {
    var end = at;
    while (true) {
        const next = charAt(block, end);
        if (!isHangul(next.c)) return end;
        end = next.end;
    }
}

pub noinline fn skipSpace(block: []const u8, at: usize) usize {
    return if (at < block.len and block[at] == ' ') at + 1 else at;
}

// Small loops of our own: those of the standard library are for long texts and much larger.

pub noinline fn startsWith(text: []const u8, start: []const u8) bool {
    if (start.len > text.len) return false;
    for (start, 0..) |byte, k| if (byte != text[k]) return false;
    return true;
}

pub fn endsWith(text: []const u8, end: []const u8) bool {
    return end.len <= text.len and startsWith(text[text.len - end.len ..], end);
}

pub fn equals(a: []const u8, b: []const u8) bool {
    return a.len == b.len and startsWith(a, b);
}

pub noinline fn indexOf(text: []const u8, byte: u8) ?usize {
    for (text, 0..) |candidate, k| if (candidate == byte) return k;
    return null;
}

const Entries = struct {
    list: []const u8,
    at: usize = 0,

    noinline fn next(self: *Entries) ?[]const u8 {
        const start = self.at;
        if (start >= self.list.len) return null;
        var end = start;
        while (end < self.list.len and self.list[end] != ' ') end += 1;
        self.at = end + 1;
        return self.list[start..end];
    }
};

/// Bytes of the longest entry that the text begins with, 0 when it begins with none.
pub noinline fn longest(list: []const u8, text: []const u8) usize {
    var found: usize = 0;
    var entries: Entries = .{ .list = list };
    while (entries.next()) |entry| {
        if (entry.len > found and startsWith(text, entry)) found = entry.len;
    }
    return found;
}

pub fn beginsWithOneOf(list: []const u8, text: []const u8) bool {
    return longest(list, text) > 0;
}

/// Whether the text, spaces at its end aside, ends in one of the entries.
pub noinline fn endsInOneOf(list: []const u8, text: []const u8) bool {
    var end = text.len;
    while (end > 0 and text[end - 1] == ' ') end -= 1;
    var entries: Entries = .{ .list = list };
    while (entries.next()) |entry| if (endsWith(text[0..end], entry)) return true;
    return false;
}

pub noinline fn isOneOf(list: []const u8, text: []const u8) bool {
    return text.len > 0 and longest(list, text) == text.len;
}

/// The entry at an index, counted from 0; empty behind the last.
pub noinline fn entryAt(list: []const u8, index: usize) []const u8 {
    var entries: Entries = .{ .list = list };
    for (0..index) |_| _ = entries.next();
    return entries.next() orelse "";
}

/// The value of an entry `key=value`.
pub noinline fn lookUp(list: []const u8, key: []const u8) ?[]const u8 {
    if (key.len == 0) return null;
    var entries: Entries = .{ .list = list };
    while (entries.next()) |entry| {
        if (entry.len > key.len and entry[key.len] == '=' and startsWith(entry, key)) {
            return entry[key.len + 1 ..];
        }
    }
    return null;
}

pub fn digitAt(block: []const u8, at: usize) bool {
    return isDigit(charAt(block, at).c);
}

/// Words of a table's entry, which has `_` for the space.
pub noinline fn glueWords(entry: []const u8, spoken: *Spoken) void {
    const end = indexOf(entry, '_') orelse return spoken.glue(entry);
    spoken.glue(entry[0..end]);
    spoken.word(entry[end + 1 ..]);
}

/// The end of the enclosing keycap behind a digit: 1️⃣ is one character, and no digit of a number.
pub noinline fn keycapEnd(block: []const u8, digit_end: usize) ?usize {
    var next = charAt(block, digit_end);
    if (next.c == 0xFE0F) next = charAt(block, next.end);
    return if (next.c == 0x20E3) next.end else null;
}
