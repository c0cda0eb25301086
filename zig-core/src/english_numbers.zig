//! English number words, and numerals as they are written: `1,234.5`, `007`, `3.11.2`.

const std = @import("std");
const scan = @import("english_scan.zig");
const Spoken = @import("spoken.zig").Spoken;

const small = "zero one two three four five six seven eight nine ten eleven twelve thirteen " ++
    "fourteen fifteen sixteen seventeen eighteen nineteen";
const tens = "twenty thirty forty fifty sixty seventy eighty ninety";
const scales = "thousand million billion trillion quadrillion quintillion";

/// Digits of the longest number that is read as one: those of 10^18.
const cardinal_digits_max = 19;

pub fn cardinal(spoken: *Spoken, number: u64) void {
    if (number < 20) return spoken.word(scan.nth(small, @intCast(number)));
    var unit: u64 = 1000;
    var index: usize = 0;
    if (number < 100) {
        spoken.word(scan.nth(tens, @intCast(number / 10 - 2)));
        unit = 10;
    } else if (number < 1000) {
        cardinal(spoken, number / 100);
        spoken.word("hundred");
        unit = 100;
    } else {
        while (number / unit >= 1000) : (index += 1) unit *= 1000;
        cardinal(spoken, number / unit);
        spoken.word(scan.nth(scales, index));
    }
    if (number % unit > 0) cardinal(spoken, number % unit);
}

/// What is not a digit is left out.
pub fn digits(spoken: *Spoken, text: []const u8) void {
    for (text) |byte| if (scan.isDigit(byte)) cardinal(spoken, byte - '0');
}

/// Two digits after others: `oh five`, `hundred`.
fn lastPair(spoken: *Spoken, number: u64) void {
    if (number == 0) return spoken.word("hundred");
    if (number < 10) spoken.word("oh");
    cardinal(spoken, number);
}

/// As years and rooms are read: `nineteen eighty four`, `three oh five`, `two thousand five`.
pub fn pairs(spoken: *Spoken, number: u64) void {
    if (number < 100 or number >= 10_000 or number % 1000 < 10) return cardinal(spoken, number);
    cardinal(spoken, number / 100);
    lastPair(spoken, number % 100);
}

/// A number within a name (`MP3`, `F-150`): short ones by pairs, others digit by digit.
pub fn label(spoken: *Spoken, text: []const u8) void {
    if (text.len > 4 or (text.len > 1 and text[0] == '0')) return digits(spoken, text);
    pairs(spoken, scan.value(text));
}

/// Makes the last word a plural.
pub fn plural(spoken: *Spoken) void {
    const words = spoken.words();
    if (scan.endsWith(words, "y")) {
        spoken.length -= 1;
        spoken.glue("ies");
    } else spoken.glue(if (scan.endsWith(words, "x")) "es" else "s");
}

const irregular = "one=first;two=second;three=third;five=fifth;eight=eighth;nine=ninth;twelve=twelfth";

/// Makes the last word, that of a cardinal, an ordinal.
pub fn toOrdinal(spoken: *Spoken) void {
    const words = spoken.words();
    var start = words.len;
    while (start > 0 and words[start - 1] != ' ') start -= 1;
    if (scan.find(irregular, words[start..])) |word| {
        spoken.length = start;
        return spoken.glue(word);
    }
    if (scan.endsWith(words, "y")) {
        spoken.length -= 1;
        spoken.glue("ie");
    }
    spoken.glue("th");
}

pub fn ordinal(spoken: *Spoken, number: u64) void {
    cardinal(spoken, number);
    toOrdinal(spoken);
}

/// A fraction; after an integer (`and a half`) one part has the article.
pub fn fraction(spoken: *Spoken, numerator: u64, denominator: u64, is_after_integer: bool) void {
    if (is_after_integer and numerator == 1) {
        spoken.word(if (denominator == 8 or denominator == 11 or denominator == 18) "an" else "a");
    } else cardinal(spoken, numerator);
    switch (denominator) {
        2 => spoken.word(if (numerator == 1) "half" else "halves"),
        4 => spoken.word("quarter"),
        100 => spoken.word("hundredth"),
        1000 => spoken.word("thousandth"),
        else => ordinal(spoken, denominator),
    }
    if (numerator != 1 and denominator != 2) spoken.glue("s");
}

/// A numeral, as long as its span: digits with a full stop or comma between two of them.
pub const Numeral = struct {
    bytes: []const u8,
    end: usize,
    kind: Kind,
    /// Of what stands before the decimal point.
    value: u64,
    /// What stands after it.
    decimals: []const u8,

    pub const Kind = enum {
        integer,
        decimal,
        /// Numbers with full stops between: a version, a section, an address.
        dotted,
        /// Numbers with commas between that are not groups of three digits.
        list,
    };

    pub fn isPlain(self: *const Numeral) bool {
        return self.kind == .integer and self.bytes.len == scan.digitsEnd(self.bytes, 0);
    }

    /// Digits that are no amount: with a zero in front, or too many.
    pub fn isCode(self: *const Numeral) bool {
        return self.kind == .integer and
            ((self.bytes.len > 1 and self.bytes[0] == '0') or self.value > 1_000_000_000_000_000_000);
    }

    pub fn isOne(self: *const Numeral) bool {
        return self.value == 1 and self.bytes.len == 1;
    }

    pub fn write(self: *const Numeral, spoken: *Spoken) void {
        switch (self.kind) {
            .integer, .decimal => {
                const is_code = self.isCode() or self.value == std.math.maxInt(u64);
                if (is_code) digits(spoken, self.bytes) else if (self.bytes[0] != '.') cardinal(spoken, self.value);
                if (self.kind == .integer) return;
                spoken.word("point");
                digits(spoken, self.decimals);
            },
            .dotted => parts(spoken, self.bytes, "point", false),
            .list => parts(spoken, self.bytes, "", false),
        }
    }
};

/// Each number of a run, with a word between them.
pub fn parts(spoken: *Spoken, text: []const u8, between: []const u8, by_digits: bool) void {
    var at: usize = 0;
    while (at < text.len) {
        const end = scan.digitsEnd(text, at);
        if (at > 0 and between.len > 0) spoken.word(between);
        const part = text[at..end];
        const is_code = by_digits or part.len >= cardinal_digits_max or (part.len > 1 and part[0] == '0');
        if (is_code) digits(spoken, part) else cardinal(spoken, scan.value(part));
        at = end + 1;
    }
}

/// The numeral at a digit, or at a decimal point before one.
pub fn numeralAt(text: []const u8, at: usize) ?Numeral {
    var end = at;
    var stops: usize = 0;
    var commas: usize = 0;
    var last_separator: usize = 0;
    var is_grouped = true;
    while (true) {
        const run = scan.digitsEnd(text, end);
        if (run == end) break;
        const length = run - end;
        if (commas > 0 and stops == 0 and length != 3) is_grouped = false;
        if (end == at and length > 3 and scan.byteAt(text, run) == ',') is_grouped = false;
        end = run;
        const separator = scan.byteAt(text, end);
        if (separator != '.' and separator != ',') break;
        if (!scan.isDigit(scan.byteAt(text, end + 1))) break;
        if (separator == '.') stops += 1 else {
            commas += 1;
            if (stops > 0) is_grouped = false;
        }
        last_separator = end;
        end += 1;
    }
    if (end == at) {
        if (text[at] != '.' or !scan.isDigit(scan.byteAt(text, at + 1))) return null;
        end = scan.digitsEnd(text, at + 1);
        stops = 1;
        last_separator = at;
    }
    const bytes = text[at..end];
    const point = if (stops > 0) last_separator else end;
    return .{
        .bytes = bytes,
        .end = end,
        .kind = if (!is_grouped and commas > 0) .list else switch (stops) {
            0 => .integer,
            1 => .decimal,
            else => .dotted,
        },
        .value = scan.value(text[at..point]),
        .decimals = if (stops > 0) text[point + 1 .. end] else "",
    };
}

fn expectWords(expected: []const u8, spoken: *Spoken) !void {
    try std.testing.expectEqualStrings(expected, spoken.words());
    spoken.clear();
}

// Goal: number words are right where their rule changes. Method: examples by hand.
test "number words" {
    var spoken: Spoken = .{};
    cardinal(&spoken, 1_000_000_000_000_000_000);
    try expectWords("one quintillion", &spoken);
    cardinal(&spoken, 18_000_019);
    try expectWords("eighteen million nineteen", &spoken);
    pairs(&spoken, 1905);
    try expectWords("nineteen oh five", &spoken);
    pairs(&spoken, 2005);
    try expectWords("two thousand five", &spoken);
    ordinal(&spoken, 1230);
    try expectWords("one thousand two hundred thirtieth", &spoken);
    fraction(&spoken, 3, 2, false);
    try expectWords("three halves", &spoken);
    label(&spoken, "007");
    try expectWords("zero zero seven", &spoken);
}

test "numerals" {
    const Case = struct { []const u8, Numeral.Kind, u64 };
    const cases = [_]Case{
        .{ "1,234.5x", .decimal, 1234 },     .{ "1,2", .list, 12 },
        .{ "1,234,567", .integer, 1234567 }, .{ "3.1.4.", .dotted, 31 },
        .{ ".5", .decimal, 0 },              .{ "1234,567", .list, 1234567 },
    };
    for (cases) |case| {
        const numeral = numeralAt(case[0], 0).?;
        try std.testing.expectEqual(case[1], numeral.kind);
        try std.testing.expectEqual(case[2], numeral.value);
    }
}
