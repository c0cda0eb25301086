//! English number words, and numerals as they are written: `1,234.5`, `007`, `3.11.2`.

const std = @import("std");
const scan = @import("scan.zig");
const Reader = scan.Reader;
const Words = scan.Words;

const small = "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|" ++
    "fourteen|fifteen|sixteen|seventeen|eighteen|nineteen";
const tens = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety";
const scales = "thousand|million|billion|trillion|quadrillion|quintillion";

/// The greatest amount; what is above is read digit by digit.
const greatest = 1_000_000_000_000_000_000;

pub noinline fn cardinal(r: *const Reader, number: u64) void {
    if (number < 20) return r.say(scan.nth(small, @intCast(number)));
    var unit: u64 = 1000;
    var index: usize = 0;
    if (number < 100) {
        r.say(scan.nth(tens, @intCast(number / 10 - 2)));
        unit = 10;
    } else if (number < 1000) {
        cardinal(r, number / 100);
        r.say("hundred");
        unit = 100;
    } else {
        while (number / unit >= 1000) : (index += 1) unit *= 1000;
        cardinal(r, number / unit);
        r.say(scan.nth(scales, index));
    }
    if (number % unit > 0) cardinal(r, number % unit);
}

/// The number that some digits are.
pub noinline fn amount(r: *const Reader, start: usize, end: usize) void {
    cardinal(r, r.value(start, end));
}

/// What is not a digit is left out.
pub noinline fn digits(r: *const Reader, start: usize, end: usize) void {
    for (start..end) |at| if (r.isDigit(at)) amount(r, at, at + 1);
}

/// A number from 1 to 99 after others: `oh five`.
pub noinline fn lastPair(r: *const Reader, number: u64) void {
    if (number < 10) r.say("oh");
    cardinal(r, number);
}

/// As years and rooms are read: `nineteen eighty four`, `three oh five`, `two thousand five`.
pub noinline fn pairs(r: *const Reader, number: u64) void {
    if (number < 100 or number >= 10_000 or number % 1000 < 10) return cardinal(r, number);
    cardinal(r, number / 100);
    if (number % 100 == 0) r.say("hundred") else lastPair(r, number % 100);
}

/// A number within a name (`MP3`, `F-150`): short ones by pairs, others digit by digit.
pub noinline fn label(r: *const Reader, start: usize, end: usize) void {
    if (end - start > 4 or (end - start > 1 and r.byte(start) == '0')) return digits(r, start, end);
    pairs(r, r.value(start, end));
}

/// Makes the last word a plural.
pub noinline fn plural(r: *const Reader) void {
    switch (r.last()) {
        'y' => {
            r.spoken.length -= 1;
            r.glue("ies");
        },
        'x' => r.glue("es"),
        else => r.glue("s"),
    }
}

const irregular = "one=first|two=second|three=third|five=fifth|eight=eighth|nine=ninth|twelve=twelfth";

pub noinline fn ordinal(r: *const Reader, number: u64) void {
    cardinal(r, number);
    const words = r.spoken.words();
    var start = words.len;
    while (start > 0 and words[start - 1] != ' ') start -= 1;
    if (scan.lookUp(irregular, words[start..], 0)) |word| {
        r.spoken.length = start;
        return r.glue(word);
    }
    if (r.last() == 'y') {
        r.spoken.length -= 1;
        r.glue("ie");
    }
    r.glue("th");
}

pub const Fraction = struct { numerator: u64, denominator: u64 };

/// A fraction; after an integer (`and a half`) one part has the article.
pub fn fraction(r: *const Reader, parts: Fraction, is_after_integer: bool) void {
    const is_one = parts.numerator == 1;
    if (is_one and is_after_integer) {
        r.say("a");
        if (parts.denominator == 8 or parts.denominator == 11 or parts.denominator == 18) r.glue("n");
    } else cardinal(r, parts.numerator);
    switch (parts.denominator) {
        2 => return r.say(if (is_one) "half" else "halves"),
        4 => r.say("quarter"),
        100 => r.say("hundredth"),
        1000 => r.say("thousandth"),
        else => ordinal(r, parts.denominator),
    }
    if (!is_one) r.glue("s");
}

/// A numeral, as long as its span: digits with a full stop or comma between two of them.
pub const Numeral = struct {
    start: usize,
    end: usize,
    /// Where the decimal point is; the end when there is none.
    point: usize,
    kind: Kind,
    /// Of what stands before the decimal point.
    value: u64,

    pub const Kind = enum {
        integer,
        decimal,
        /// Numbers with full stops between: a version, a section, an address.
        dotted,
        /// Numbers with commas between that are not groups of three digits.
        list,
    };

    pub noinline fn isPlain(self: *const Numeral, r: *const Reader) callconv(.c) bool {
        return self.kind == .integer and self.end == r.digitsEnd(self.start);
    }

    /// Digits that are no amount: with a zero in front, or too many.
    pub noinline fn isCode(self: *const Numeral, r: *const Reader) callconv(.c) bool {
        return self.kind == .integer and
            ((self.end > self.start + 1 and r.text[self.start] == '0') or self.value > greatest);
    }

    pub fn isOne(self: *const Numeral) bool {
        return self.value == 1 and self.end == self.start + 1;
    }

    pub noinline fn write(self: *const Numeral, r: *const Reader) void {
        switch (self.kind) {
            .integer, .decimal => {
                const is_code = self.isCode(r) or self.value == std.math.maxInt(u64);
                if (is_code) {
                    digits(r, self.start, self.point);
                } else if (self.point > self.start) cardinal(r, self.value);
                if (self.kind == .integer) return;
                r.say("point");
                digits(r, self.point, self.end);
            },
            .dotted => sequence(r, self.start, self.end, "point", false),
            .list => sequence(r, self.start, self.end, null, false),
        }
    }
};

/// Each number of a run, with a word between them.
pub noinline fn sequence(r: *const Reader, from: usize, until: usize, between: ?Words, by_digits: bool) void {
    var start = from;
    while (start < until) {
        const end = r.digitsEnd(start);
        if (start > from) if (between) |word| r.say(word);
        const is_code = by_digits or end - start > 18 or (end - start > 1 and r.byte(start) == '0');
        if (is_code) digits(r, start, end) else amount(r, start, end);
        start = end + 1;
    }
}

/// The numeral at a digit, or at a decimal point before one.
pub noinline fn numeralAt(r: *const Reader, at: usize, numeral: *Numeral) callconv(.c) bool {
    var stops: usize = 0;
    var commas: usize = 0;
    var is_grouped = true;
    var end = r.digitsEnd(at);
    var point = end;
    while (r.isDigit(end + 1) and (stops == 0 or point > at)) {
        const start = end + 1;
        switch (r.byte(end)) {
            '.' => stops += 1,
            ',' => {
                // Three digits in each group but the first.
                if (stops > 0 or end > at + 3 and commas == 0 or r.digitsEnd(start) != start + 3) is_grouped = false;
                commas += 1;
            },
            else => break,
        }
        point = end;
        end = r.digitsEnd(start);
    }
    if (stops == 0) point = end;
    numeral.* = .{
        .start = at,
        .end = end,
        .point = point,
        .kind = if (!is_grouped) .list else switch (stops) {
            0 => .integer,
            1 => .decimal,
            else => .dotted,
        },
        .value = r.value(at, point),
    };
    return end > at;
}

fn expectWords(expected: []const u8, r: *const Reader) !void {
    try std.testing.expectEqualStrings(expected, r.spoken.words());
    r.spoken.clear();
}

const Spoken = @import("../spoken.zig").Spoken;

// Goal: number words are right where their rule changes. Method: examples by hand.
test "number words" {
    var spoken: Spoken = .{};
    const r: Reader = .{ .text = "007", .spoken = &spoken };
    cardinal(&r, 1_000_000_000_000_000_000);
    try expectWords("one quintillion", &r);
    cardinal(&r, 18_000_019);
    try expectWords("eighteen million nineteen", &r);
    pairs(&r, 1905);
    try expectWords("nineteen oh five", &r);
    pairs(&r, 2005);
    try expectWords("two thousand five", &r);
    ordinal(&r, 1230);
    try expectWords("one thousand two hundred thirtieth", &r);
    fraction(&r, .{ .numerator = 3, .denominator = 2 }, false);
    try expectWords("three halves", &r);
    label(&r, 0, 3);
    try expectWords("zero zero seven", &r);
}

test "numerals" {
    const Case = struct { []const u8, Numeral.Kind, u64 };
    const cases = [_]Case{
        .{ "1,234.5x", .decimal, 1234 },     .{ "1,2", .list, 12 },
        .{ "1,234,567", .integer, 1234567 }, .{ "3.1.4.", .dotted, 31 },
        .{ ".5", .decimal, 0 },              .{ "1234,567", .list, 1234567 },
    };
    for (cases) |case| {
        var spoken: Spoken = .{};
        var numeral: Numeral = undefined;
        try std.testing.expect(numeralAt(&.{ .text = case[0], .spoken = &spoken }, 0, &numeral));
        try std.testing.expectEqual(case[1], numeral.kind);
        try std.testing.expectEqual(case[2], numeral.value);
    }
}
