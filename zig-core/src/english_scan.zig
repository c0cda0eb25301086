//! Looking around in English text: the words beside a place, marks that may stand for one another,
//! and tables that are one string each, because those are far smaller in wasm than generated code.

const std = @import("std");
const Spoken = @import("spoken.zig").Spoken;

/// Words, or a table or list of them with `|` between entries; words end at a `|` or at the zero.
pub const Words = [*:0]const u8;

/// A form: given where it begins, it says its reading and gives the end, or 0 when it is not there.
pub const Form = *const fn (*const Reader, usize) usize;

pub const Span = struct { start: usize, end: usize };

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
    pub noinline fn last(r: *const Reader) u8 {
        return if (r.spoken.length > 0) r.spoken.buffer[r.spoken.length - 1] else 0;
    }

    // Looking.

    pub noinline fn byte(r: *const Reader, at: usize) u8 {
        return if (at < r.text.len) r.text[at] else 0;
    }

    pub noinline fn isDigit(r: *const Reader, at: usize) bool {
        return isDigitByte(r.byte(at));
    }

    pub noinline fn isUpper(r: *const Reader, at: usize) bool {
        return isUpperByte(r.byte(at));
    }

    pub noinline fn isLower(r: *const Reader, at: usize) bool {
        return isLowerByte(r.byte(at));
    }

    pub noinline fn isLetter(r: *const Reader, at: usize) bool {
        return isLetterByte(r.byte(at));
    }

    pub noinline fn isAlnum(r: *const Reader, at: usize) bool {
        return r.isLetter(at) or r.isDigit(at);
    }

    /// Whether a letter or digit stands at an offset. Letters beyond ASCII are told by their lead
    /// bytes: those of U+00C0 to U+07FF but ×, ÷ and the units μ and Ω, and of U+1000 to U+1FFF.
    pub noinline fn isWord(r: *const Reader, at: usize) bool {
        const lead = r.byte(at);
        if (lead < 0x80) return r.isAlnum(at);
        return switch (@as(u32, lead) << 8 | r.byte(at + 1)) {
            0xC397, 0xC3B7, 0xCEBC, 0xCEA9 => false,
            else => (lead >= 0xC3 and lead < 0xE0) or lead == 0xE1,
        };
    }

    pub noinline fn isWordBefore(r: *const Reader, at: usize) bool {
        var start = at -| 1;
        while (start > 0 and r.text[start] & 0xC0 == 0x80) start -= 1;
        return at > 0 and r.isWord(start);
    }

    pub noinline fn has(r: *const Reader, at: usize, what: Words) bool {
        var i: usize = 0;
        while (!isEnd(what[i])) : (i += 1) if (r.byte(at + i) != what[i]) return false;
        return true;
    }

    /// The end of the run from `at` of bytes that a class takes.
    pub noinline fn runEnd(r: *const Reader, at: usize, class: *const fn (u8) bool) usize {
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

    pub noinline fn isCapitals(r: *const Reader, start: usize, end: usize) bool {
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

    /// What stands before the space before `at`, with its punctuation but not with an opening
    /// bracket or quote; empty when no space or a line break is there.
    pub noinline fn before(r: *const Reader, at: usize) Span {
        var end = at;
        while (end > 0 and r.text[end - 1] == ' ') end -= 1;
        var start = end;
        if (end < at) while (start > 0 and r.text[start - 1] > ' ') {
            start -= 1;
        };
        while (start < end and !r.isWord(start)) start += 1;
        return .{ .start = start, .end = end };
    }

    /// Whether one of the listed words stands before the space before `at`, in any capitals.
    pub noinline fn isBefore(r: *const Reader, at: usize, list: Words) bool {
        const span = r.before(at);
        return r.findFolded(list, span.start, span.end) != null;
    }

    /// The letters after the space at `at`; empty when none follow.
    pub noinline fn after(r: *const Reader, at: usize) Span {
        const start = r.spacesEnd(at);
        return .{ .start = start, .end = if (start == at) start else r.lettersEnd(start) };
    }

    /// Whether one of the listed words stands after the space at `at`, in any capitals.
    pub noinline fn isAfter(r: *const Reader, at: usize, list: Words) bool {
        const span = r.after(at);
        return r.findFolded(list, span.start, span.end) != null;
    }

    pub noinline fn isCapitalAfter(r: *const Reader, at: usize) bool {
        const start = r.spacesEnd(at);
        return start > at and r.isUpper(start);
    }

    /// Whether a sentence or line begins at `at`, as far as one can see.
    pub fn isSentenceStart(r: *const Reader, at: usize) bool {
        var end = at;
        while (end > 0 and isAny(" \"('", r.text[end - 1])) end -= 1;
        return end == 0 or isAny(".!?:\n", r.text[end - 1]);
    }

    /// The end of an abbreviation with the full stop at `at`, when there is one and it is not also
    /// that of the sentence: at the end of a line, and before a capital unless a name is to follow.
    pub noinline fn stopEnd(r: *const Reader, at: usize, is_before_name: bool) usize {
        const end = at + 1;
        if (r.byte(at) != '.' or r.byte(end) == '.') return at;
        // Nothing but closing brackets and quotes.
        const line_end = r.marksEnd(end, ")|]|\"|'| |\u{2019}|\u{201D}", true);
        if (line_end >= r.text.len or isAny("\r\n", r.text[line_end])) return at;
        const next = r.after(end);
        if (is_before_name or !r.isCapitalAfter(end)) return end;
        const goes_on = r.isUpper(next.start + 1) or r.monthOf(next.start, next.end) > 0 or
            r.isListed(weekdays, next.start, next.end);
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
        return lookUp(table, r.text[@min(start, r.text.len)..@min(end, r.text.len)], 0);
    }

    /// The same for keys in small letters or capitals, whatever the text's are.
    pub noinline fn findFolded(r: *const Reader, table: Words, start: usize, end: usize) ?Words {
        return lookUp(table, r.text[start..end], 0x20);
    }

    pub noinline fn isListed(r: *const Reader, list: Words, start: usize, end: usize) bool {
        return r.find(list, start, end) != null;
    }

    /// Says the words of a key in a table, if it is there.
    pub noinline fn sayFound(r: *const Reader, table: Words, start: usize, end: usize) bool {
        const words = r.find(table, start, end) orelse return false;
        r.say(words);
        return true;
    }
};

pub const weekdays = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday";
pub const months = "january|february|march|april|may|june|july|august|september|october|november|december";

pub noinline fn isDigitByte(byte: u8) bool {
    return byte -% '0' < 10;
}

pub noinline fn isUpperByte(byte: u8) bool {
    return byte -% 'A' < 26;
}

pub noinline fn isLowerByte(byte: u8) bool {
    return byte -% 'a' < 26;
}

pub noinline fn isLetterByte(byte: u8) bool {
    return isLowerByte(byte | 0x20);
}

fn isContinuation(byte: u8) bool {
    return byte & 0xC0 == 0x80;
}

pub noinline fn isVowel(byte: u8) bool {
    return isAny("aeiou", byte | 0x20);
}

pub noinline fn isAny(set: Words, byte: u8) bool {
    var i: usize = 0;
    while (set[i] != 0) : (i += 1) if (set[i] == byte) return true;
    return false;
}

pub noinline fn isEnd(byte: u8) bool {
    return byte == 0 or byte == '|';
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

/// Whether an entry begins with a key, but for the bits of `fold`.
pub noinline fn begins(entry: Words, key: []const u8, fold: u8) bool {
    for (key, 0..) |byte, i| {
        if (isEnd(entry[i]) or (entry[i] ^ byte) & ~fold != 0) return false;
    }
    return true;
}

/// What follows the key in the entry that begins with it and goes on with `=` or ends.
pub noinline fn lookUp(table: Words, key: []const u8, fold: u8) ?Words {
    if (key.len == 0) return null;
    var entry = table;
    while (true) : (entry += 1) {
        if (begins(entry, key, fold)) {
            const rest = entry + key.len;
            if (rest[0] == '=') return rest + 1;
            if (isEnd(rest[0])) return rest;
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
