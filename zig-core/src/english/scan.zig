//! Looking around in English text: the words beside a place, marks that may stand for one another,
//! and tables that are one string each, because those are far smaller in wasm than generated code.

const std = @import("std");
const Spoken = @import("../spoken.zig").Spoken;

/// Words, or a list of them or table of `key=words` entries with `|` between; words end there, at a
/// `;` or at the zero.
pub const Words = [*:0]const u8;

/// A form: given where it begins, it says its reading and gives the end, or 0 when it is not there.
pub const Form = *const fn (*const Reader, usize) usize;

/// Whether a byte is of some kind. This and the other small questions have C's calling convention,
/// where results are whole integers: Zig's has callers mask them, a kilobyte in wasm.
pub const Class = fn (u8) callconv(.c) bool;

/// Text, and where its readings go. Offsets beyond the end are those of zero bytes.
pub const Reader = struct {
    text: []const u8,
    spoken: *Spoken,

    // Saying.

    /// The first form that is there.
    pub noinline fn first(r: *const Reader, at: usize, forms: []const Form) usize {
        for (forms) |form| {
            const end = r.attempt(at, form);
            if (end > 0) return end;
        }
        return 0;
    }

    /// A form, of which nothing is said when it is not there.
    pub noinline fn attempt(r: *const Reader, at: usize, form: Form) usize {
        const mark = r.spoken.length;
        const end = form(r, at);
        if (end == 0) r.spoken.length = mark;
        return end;
    }

    pub noinline fn say(r: *const Reader, words: Words) void {
        r.spoken.word("");
        r.glue(words);
    }

    pub noinline fn glue(r: *const Reader, words: Words) void {
        var end: usize = 0;
        while (!isEnd(words[end])) end += 1;
        r.spoken.glue(words[0..end]);
    }

    /// Says what is written.
    pub noinline fn copy(r: *const Reader, start: usize, end: usize) void {
        r.spoken.word(r.text[start..end]);
    }

    /// Adds a letter or digit to the last word.
    pub noinline fn glueByte(r: *const Reader, letter: u8) void {
        r.spoken.glue(&.{letter});
    }

    /// Says letters one by one.
    pub noinline fn spell(r: *const Reader, start: usize, end: usize) void {
        for (r.text[start..end]) |letter| {
            r.say("");
            r.glueByte(letter & 0xDF);
        }
    }

    /// The last byte that was said.
    pub noinline fn last(r: *const Reader) callconv(.c) u8 {
        return if (r.spoken.length > 0) r.spoken.buffer[r.spoken.length - 1] else 0;
    }

    // Looking.

    pub noinline fn byte(r: *const Reader, at: usize) callconv(.c) u8 {
        return if (at < r.text.len) r.text[at] else 0;
    }

    /// Whether one of some bytes stands at an offset.
    pub noinline fn isAny(r: *const Reader, at: usize, set: Words) callconv(.c) bool {
        return anyOf(set, r.byte(at));
    }

    pub noinline fn isDigit(r: *const Reader, at: usize) callconv(.c) bool {
        return isDigitByte(r.byte(at));
    }

    pub noinline fn isUpper(r: *const Reader, at: usize) callconv(.c) bool {
        return isUpperByte(r.byte(at));
    }

    pub noinline fn isLower(r: *const Reader, at: usize) callconv(.c) bool {
        return isLowerByte(r.byte(at));
    }

    pub noinline fn isLetter(r: *const Reader, at: usize) callconv(.c) bool {
        return isLetterByte(r.byte(at));
    }

    pub noinline fn isAlnum(r: *const Reader, at: usize) callconv(.c) bool {
        return r.isLetter(at) or r.isDigit(at);
    }

    /// Whether a letter or digit stands at an offset. Letters beyond ASCII are told by their lead
    /// bytes: those of U+00C0 to U+07FF but ×, ÷ and the units μ and Ω, and of U+1000 to U+1FFF.
    pub noinline fn isWord(r: *const Reader, at: usize) callconv(.c) bool {
        const lead = r.byte(at);
        if (lead < 0x80) return r.isAlnum(at);
        return switch (@as(u32, lead) << 8 | r.byte(at + 1)) {
            0xC397, 0xC3B7, 0xCEBC, 0xCEA9 => false,
            else => (lead >= 0xC3 and lead < 0xE0) or lead == 0xE1,
        };
    }

    pub noinline fn isWordBefore(r: *const Reader, at: usize) callconv(.c) bool {
        var start = at -| 1;
        while (start > 0 and r.text[start] & 0xC0 == 0x80) start -= 1;
        return at > 0 and r.isWord(start);
    }

    pub noinline fn has(r: *const Reader, at: usize, what: Words) callconv(.c) bool {
        var i: usize = 0;
        while (!isEnd(what[i])) : (i += 1) if (r.byte(at + i) != what[i]) return false;
        return true;
    }

    /// The end of the run from `at` of bytes that a class takes.
    pub noinline fn runEnd(r: *const Reader, at: usize, class: *const Class) usize {
        var end = at;
        while (end < r.text.len and class(r.text[end])) end += 1;
        return end;
    }

    pub noinline fn digitsEnd(r: *const Reader, at: usize) usize {
        return r.runEnd(at, isDigitByte);
    }

    pub noinline fn lettersEnd(r: *const Reader, at: usize) usize {
        return r.runEnd(at, isLetterByte);
    }

    pub noinline fn isCapitals(r: *const Reader, start: usize, end: usize) callconv(.c) bool {
        return start < end and r.runEnd(start, isUpperByte) >= end;
    }

    /// The end of the character at an offset.
    pub noinline fn charEnd(r: *const Reader, at: usize) usize {
        return r.runEnd(at + 1, isContinuation);
    }

    /// The value of some digits; what is not a digit is skipped, and a huge number is the greatest.
    pub noinline fn value(r: *const Reader, start: usize, end: usize) u64 {
        var sum: u64 = 0;
        for (r.text[start..end]) |digit| if (isDigitByte(digit)) {
            const is_huge = sum >= 1_000_000_000_000_000_000;
            sum = if (is_huge) std.math.maxInt(u64) else sum * 10 + (digit - '0');
        };
        return sum;
    }

    /// The end of the spaces at an offset that may stand within a form.
    pub noinline fn spacesEnd(r: *const Reader, at: usize) usize {
        return r.marksEnd(at, " |\u{A0}|\u{202F}|\u{2009}", true);
    }

    /// The end of the hyphen, minus or en dash at an offset, else 0.
    pub noinline fn dashEnd(r: *const Reader, at: usize) usize {
        return r.markEnd(at, "-|\u{2013}|\u{2212}|\u{2010}|\u{2011}");
    }

    /// The end of the apostrophe at an offset, else 0.
    pub noinline fn apostropheEnd(r: *const Reader, at: usize) usize {
        return r.markEnd(at, "'|\u{2019}");
    }

    /// The end of one of the listed marks at an offset, else 0.
    pub noinline fn markEnd(r: *const Reader, at: usize, marks: Words) usize {
        const end = r.marksEnd(at, marks, false);
        return if (end > at) end else 0;
    }

    fn marksEnd(r: *const Reader, at: usize, marks: Words, is_run: bool) usize {
        var end = at;
        while (end < r.text.len) {
            const next = r.charEnd(end);
            if (!r.isListed(marks, end, next)) break;
            end = next;
            if (!is_run) break;
        }
        return end;
    }

    /// The end of an 's at an offset that ends a word, else 0.
    pub noinline fn possessiveEnd(r: *const Reader, at: usize) usize {
        const end = r.apostropheEnd(at);
        return if (end == 0 or r.byte(end) != 's' or r.isWord(end + 1)) 0 else end + 1;
    }

    /// The end of what stands before the space before `at`.
    pub noinline fn beforeEnd(r: *const Reader, at: usize) usize {
        var end = at;
        while (end > 0 and r.text[end - 1] == ' ') end -= 1;
        return end;
    }

    /// Its start, with its punctuation but not with an opening bracket or quote; the end when no
    /// space or a line break is there.
    pub noinline fn beforeStart(r: *const Reader, at: usize) usize {
        const end = r.beforeEnd(at);
        var start = end;
        if (end < at) while (start > 0 and r.text[start - 1] > ' ') {
            start -= 1;
        };
        while (start < end and !r.isWord(start)) start += 1;
        return start;
    }

    /// Whether one of the listed words stands before the space before `at`, in any capitals.
    pub noinline fn isBefore(r: *const Reader, at: usize, list: Words) callconv(.c) bool {
        return r.findFolded(list, r.beforeStart(at), r.beforeEnd(at)) != null;
    }

    /// The end of the letters after the space at `at`; that of the space when none follow.
    pub noinline fn afterEnd(r: *const Reader, at: usize) usize {
        const start = r.spacesEnd(at);
        return if (start == at) start else r.lettersEnd(start);
    }

    /// The month after the space at `at`, else 0.
    pub noinline fn monthAfter(r: *const Reader, at: usize) usize {
        return r.monthOf(r.spacesEnd(at), r.afterEnd(at));
    }

    /// Whether one of the listed words stands after the space at `at`, in any capitals.
    pub noinline fn isAfter(r: *const Reader, at: usize, list: Words) callconv(.c) bool {
        return r.findFolded(list, r.spacesEnd(at), r.afterEnd(at)) != null;
    }

    pub noinline fn isCapitalAfter(r: *const Reader, at: usize) callconv(.c) bool {
        const start = r.spacesEnd(at);
        return start > at and r.isUpper(start);
    }

    /// Whether a sentence or line begins at `at`, as far as one can see.
    pub fn isSentenceStart(r: *const Reader, at: usize) bool {
        var end = at;
        while (end > 0 and r.isAny(end - 1, " \"('")) end -= 1;
        return end == 0 or r.isAny(end - 1, ".!?:\n");
    }

    /// The end of an abbreviation with the full stop at `at`, when there is one and it is not also
    /// that of the sentence: at the end of a line, and before a capital unless a name is to follow.
    pub noinline fn stopEnd(r: *const Reader, at: usize, is_before_name: bool) usize {
        const end = at + 1;
        if (r.byte(at) != '.' or r.byte(end) == '.') return at;
        // Nothing but closing brackets and quotes.
        const line_end = r.marksEnd(end, ")|]|\"|'| |\u{2019}|\u{201D}", true);
        if (line_end >= r.text.len or r.isAny(line_end, "\r\n")) return at;
        if (is_before_name or !r.isCapitalAfter(end)) return end;
        const is_acronym = r.isUpper(r.spacesEnd(end) + 1);
        const goes_on = is_acronym or r.monthAfter(end) > 0 or r.isAfter(end, weekdays);
        return if (goes_on) end else at;
    }

    /// The number of the month that a word is, or that it is the usual abbreviation of, else 0.
    pub noinline fn monthOf(r: *const Reader, start: usize, end: usize) usize {
        if (end < start + 3 or !r.isUpper(start) or r.isUpper(start + 1)) return 0;
        const word = r.text[start..end];
        for (1..13) |month| {
            const name = nth(months, month - 1);
            if (!begins(name, word, 0x20)) continue;
            if (word.len == 3 or isEnd(name[word.len]) or (word.len == 4 and month == 9)) return month;
        }
        return 0;
    }

    // Tables.

    /// The words of a key in a table of `key=words` entries.
    pub noinline fn find(r: *const Reader, table: Words, start: usize, end: usize) ?Words {
        return lookUp(table, r.part(start, end), 0);
    }

    /// The same for keys in small letters or capitals, whatever the text's are.
    pub noinline fn findFolded(r: *const Reader, table: Words, start: usize, end: usize) ?Words {
        return lookUp(table, r.part(start, end), 0x20);
    }

    fn part(r: *const Reader, start: usize, end: usize) []const u8 {
        return r.text[@min(start, r.text.len)..@min(end, r.text.len)];
    }

    pub noinline fn isListed(r: *const Reader, list: Words, start: usize, end: usize) callconv(.c) bool {
        return r.find(list, start, end) != null;
    }

    /// Says the words of a key in a table, if it is there.
    pub noinline fn sayFound(r: *const Reader, table: Words, start: usize, end: usize) callconv(.c) bool {
        const words = r.find(table, start, end) orelse return false;
        r.say(words);
        return true;
    }
};

pub const weekdays = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday";
pub const months = "january|february|march|april|may|june|july|august|september|october|november|december";

pub noinline fn isDigitByte(byte: u8) callconv(.c) bool {
    return byte -% '0' < 10;
}

pub noinline fn isUpperByte(byte: u8) callconv(.c) bool {
    return byte -% 'A' < 26;
}

pub noinline fn isLowerByte(byte: u8) callconv(.c) bool {
    return byte -% 'a' < 26;
}

pub noinline fn isLetterByte(byte: u8) callconv(.c) bool {
    return isLowerByte(byte | 0x20);
}

fn isContinuation(byte: u8) callconv(.c) bool {
    return byte & 0xC0 == 0x80;
}

pub noinline fn anyOf(set: Words, byte: u8) callconv(.c) bool {
    var i: usize = 0;
    while (set[i] != 0) : (i += 1) if (set[i] == byte) return true;
    return false;
}

pub noinline fn isEnd(byte: u8) callconv(.c) bool {
    return byte == 0 or byte == '|' or byte == ';';
}

/// The entry of a list at an index.
pub noinline fn nth(list: Words, index: usize) Words {
    var entry = list;
    for (0..index) |_| {
        while (entry[0] != '|') entry += 1;
        entry += 1;
    }
    return entry;
}

/// What stands behind the `;` of an entry, if there is one; else all.
pub noinline fn rest(entry: Words) Words {
    var end = entry;
    while (!isEnd(end[0])) end += 1;
    return if (end[0] == ';') end + 1 else entry;
}

/// Whether a letter stands before the `;` of an entry.
pub noinline fn isTagged(entry: Words, letter: u8) callconv(.c) bool {
    var at = entry;
    const end = rest(entry);
    while (at != end) : (at += 1) if (at[0] == letter) return true;
    return false;
}

/// Whether an entry begins with a key, but for the bits of `fold`.
pub noinline fn begins(entry: Words, key: []const u8, fold: u8) bool {
    for (key, 0..) |byte, i| {
        if (entry[i] == 0 or (entry[i] ^ byte) & ~fold != 0) return false;
    }
    return true;
}

/// What follows the key in the entry that begins with it and goes on with `=` or ends.
pub noinline fn lookUp(table: Words, key: []const u8, fold: u8) ?Words {
    if (key.len == 0) return null;
    var entry = table;
    while (true) : (entry += 1) {
        if (begins(entry, key, fold)) {
            const end = entry + key.len;
            if (end[0] == '=') return end + 1;
            if (isEnd(end[0])) return end;
        }
        while (entry[0] != '|') : (entry += 1) if (entry[0] == 0) return null;
    }
}

test "tables" {
    const expectEqualStrings = std.testing.expectEqualStrings;
    try expectEqualStrings("two", std.mem.span(nth("zero|one|two", 2)));
    try expectEqualStrings("kilogram", std.mem.span(lookUp("g=gram|kg=kilogram", "kg", 0).?));
    try std.testing.expectEqual(null, lookUp("g=gram|kg=kilogram", "k", 0));
    try std.testing.expect(lookUp("in|on|at", "ON", 0x20) != null);
    try std.testing.expectEqual(null, lookUp("in|on|at", "", 0));
    var spoken: Spoken = .{};
    const r: Reader = .{ .text = "Sept Marc", .spoken = &spoken };
    try std.testing.expectEqual(9, r.monthOf(0, 4));
    try std.testing.expectEqual(0, r.monthOf(5, 9));
}
