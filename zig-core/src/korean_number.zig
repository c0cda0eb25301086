//! Numbers in Korean words: 만 이천삼백사십오, 스물한, 삼 점 일사.

const std = @import("std");
const Spoken = @import("spoken.zig").Spoken;
const text = @import("korean_text.zig");

/// Digits that are read as one number; more are read one by one.
const digits_max = 20;

pub const Sign = enum { none, plus, minus, either };

pub const Number = struct {
    start: usize,
    end: usize,
    /// The whole part in base 10,000, the least first.
    groups: [5]u16 = @splat(0),
    /// Digits of the whole part as they are written.
    count: usize = 0,
    /// Where the digits behind the decimal point begin, and end; the same when there are none.
    decimals: [2]usize = .{ 0, 0 },
    /// Begins in a needless zero or is too long: a name rather than a quantity.
    is_string: bool = false,
    /// Written so that only a Sino-Korean reading will do (Ⅱ, ①, with 만, after 제).
    is_sino: bool = false,
    sign: Sign = .none,
    /// The unit that a number with decimals stands before: the 억 of 1.5억.
    unit: []const u8 = "",

    pub fn hasDecimals(self: *const Number) bool {
        return self.decimals[0] < self.decimals[1];
    }

    /// The value when it is whole and small, else 10,000.
    pub fn small(self: *const Number) u16 {
        for (self.groups[1..]) |group| if (group > 0) return 10_000;
        return if (self.hasDecimals()) 10_000 else self.groups[0];
    }

    pub fn isBelow(self: *const Number, other: *const Number) bool {
        var k: usize = self.groups.len;
        while (k > 0) {
            k -= 1;
            if (self.groups[k] != other.groups[k]) return self.groups[k] < other.groups[k];
        }
        return self.hasDecimals() or other.hasDecimals();
    }

    fn append(self: *Number, digit: u16) void {
        self.count += 1;
        if (self.count > digits_max) return;
        var carry: u32 = digit;
        for (&self.groups) |*group| {
            const ten = @as(u32, group.*) * 10 + carry;
            group.* = @intCast(ten % 10_000);
            carry = ten / 10_000;
        }
    }
};

pub fn ofValue(value: u16) Number {
    var number: Number = .{ .start = 0, .end = 0 };
    number.groups[0] = value;
    return number;
}

/// Digits with commas between groups of three, and a decimal part.
pub noinline fn scan(block: []const u8, at: usize) ?Number {
    var number: Number = .{ .start = at, .end = at };
    const first = text.charAt(block, at);
    if (!text.isDigit(first.c)) return null;
    number.end = scanDigits(block, at, &number);
    if (number.count == 0) return null;
    if (number.count <= 3 and first.c != '0') {
        while (text.charAt(block, number.end).c == ',') {
            var three: Number = .{ .start = 0, .end = 0 };
            const start = text.charAt(block, number.end).end;
            const end = scanDigits(block, start, &three);
            if (three.count != 3) break;
            number.end = scanDigits(block, start, &number);
            std.debug.assert(number.end == end);
        }
    }
    number.is_string = number.count > digits_max or (first.c == '0' and number.count > 1);
    const point = text.charAt(block, number.end);
    if (point.c == '.' and text.isDigit(text.charAt(block, point.end).c)) {
        var fraction: Number = .{ .start = 0, .end = 0 };
        const end = scanDigits(block, point.end, &fraction);
        if (fraction.count > 0) {
            number.decimals = .{ point.end, end };
            number.end = end;
        }
    }
    return number;
}

pub noinline fn scanDigits(block: []const u8, at: usize, number: *Number) usize {
    var end = at;
    while (true) {
        const next = text.charAt(block, end);
        if (!text.isDigit(next.c) or text.keycapEnd(block, next.end) != null) return end;
        number.append(@intCast(next.c - '0'));
        end = next.end;
    }
}

/// Words that begin like 만, 조, 경 but are none here.
const not_units = "조각 경기 만큼 조별";
const units = "만억조경";
const places = "천백십";

/// A number with Korean units: 3만5천, 1억2000만, 1.5억. Only the groups of base 10,000 move, so
/// that no arithmetic can overflow.
pub noinline fn extend(block: []const u8, first: *const Number) Number {
    var result = first.*;
    if (first.is_string) return result;
    result.groups = @splat(0);
    var section: [5]u16 = @splat(0);
    var part = first.*;
    var place_limit: u16 = 10_000;
    var unit_limit: usize = result.groups.len;
    while (true) {
        var has_unit = false;
        const below = &part.groups[0];
        if (placeAt(block, part.end)) |place| {
            if (place < place_limit and part.small() < 10) {
                below.* *= place;
                place_limit = place;
                part.end += 3;
                has_unit = true;
            }
        }
        for (&section, part.groups) |*sum, addend| sum.* += addend;
        if (unitAt(block, part.end)) |unit| {
            var fits = unit < unit_limit;
            for (section[section.len - @min(unit, section.len) ..]) |group| fits = fits and group == 0;
            if (fits) {
                if (first.hasDecimals()) {
                    result = first.*;
                    result.end += 3;
                    result.unit = block[first.end..result.end];
                    result.is_sino = true;
                    return result;
                }
                for (unit..section.len) |k| result.groups[k] += section[k - unit];
                section = @splat(0);
                unit_limit = unit;
                place_limit = 10_000;
                part.end += 3;
                has_unit = true;
            }
        }
        result.end = part.end;
        if (!has_unit) break;
        result.is_sino = true;
        const next = scan(block, part.end) orelse break;
        if (next.is_string or next.hasDecimals() or next.small() >= place_limit) break;
        part = next;
    }
    for (&result.groups, section) |*sum, addend| sum.* += addend;
    return result;
}

fn placeAt(block: []const u8, at: usize) ?u16 {
    const index = syllableIn(places, block, at) orelse return null;
    return ([_]u16{ 1000, 100, 10 })[index];
}

/// The power of 10,000 of the unit at a place.
pub fn unitAt(block: []const u8, at: usize) ?usize {
    const index = syllableIn(units, block, at) orelse return null;
    return if (text.beginsWithOneOf(not_units, block[at..])) null else index + 1;
}

fn syllableIn(list: []const u8, block: []const u8, at: usize) ?usize {
    if (at + 3 > block.len) return null;
    for (0..list.len / 3) |k| {
        if (text.equals(list[3 * k ..][0..3], block[at..][0..3])) return k;
    }
    return null;
}

const digit_names = "영일이삼사오육칠팔구";

fn digitName(digit: usize) []const u8 {
    return digit_names[3 * digit ..][0..3];
}

/// Sino-Korean: 만 단위로 띄어 쓴다.
pub noinline fn sayWhole(number: *const Number, spoken: *Spoken) void {
    var is_leading = true;
    var k: usize = number.groups.len;
    while (k > 0) {
        k -= 1;
        const group = number.groups[k];
        if (group == 0) continue;
        spoken.word("");
        if (k != 1 or group > 1 or !is_leading) sayGroup(group, spoken);
        if (k > 0) spoken.glue(units[3 * (k - 1) ..][0..3]);
        is_leading = false;
    }
    if (is_leading) spoken.word(digitName(0));
}

noinline fn sayGroup(group: u16, spoken: *Spoken) void {
    var rest = group;
    var place: u16 = 1000;
    for (0..4) |k| {
        const digit = rest / place;
        rest %= place;
        place /= 10;
        if (digit == 0) continue;
        if (digit > 1 or k == 3) spoken.glue(digitName(digit));
        if (k < 3) spoken.glue(places[3 * k ..][0..3]);
    }
}

pub noinline fn saySino(block: []const u8, number: *const Number, spoken: *Spoken) void {
    if (number.is_string) {
        spoken.word("");
        glueDigits(block[number.start..number.end], "공", spoken);
        return;
    }
    sayWhole(number, spoken);
    if (!number.hasDecimals()) return;
    spoken.word("점");
    spoken.word("");
    glueDigits(block[number.decimals[0]..number.decimals[1]], "영", spoken);
    spoken.glue(number.unit);
}

/// Digits one by one; other characters are passed over.
pub noinline fn glueDigits(digits: []const u8, zero: []const u8, spoken: *Spoken) void {
    var at: usize = 0;
    while (at < digits.len) {
        const next = text.charAt(digits, at);
        at = next.end;
        if (next.c == '0') spoken.glue(zero) else if (text.isDigit(next.c)) spoken.glue(digitName(next.c - '0'));
    }
}

const native_ones = "한 두 세 네 다섯 여섯 일곱 여덟 아홉";
const native_tens = "열 스물 서른 마흔 쉰 예순 일흔 여든 아흔";

/// Above 99 people keep the native words for what is easily counted; 백한, 백스무, but 백삼십오.
const native_rest_max = 29;

/// Native words as they stand before a counter, with Sino-Korean hundreds.
pub noinline fn sayNative(number: *const Number, spoken: *Spoken) void {
    var hundreds = number.*;
    const rest = number.groups[0] % 100;
    const is_small = number.small() < 100;
    if (rest == 0 or (rest > native_rest_max and !is_small)) return sayWhole(number, spoken);
    hundreds.groups[0] -= rest;
    if (!is_small) sayWhole(&hundreds, spoken);
    if (hundreds.groups[0] == 0) spoken.word("");
    if (rest == 20) return spoken.glue("스무");
    if (rest >= 10) spoken.glue(text.entryAt(native_tens, rest / 10 - 1));
    if (rest % 10 > 0) spoken.glue(text.entryAt(native_ones, rest % 10 - 1));
}

pub noinline fn glueEnglish(digit: usize, spoken: *Spoken) void {
    spoken.glue(text.entryAt("제로 원 투 쓰리 포 파이브 식스 세븐 에이트 나인 텐", digit));
}

/// 유월 and 시월 are worn down.
pub noinline fn sayMonth(month: u16, spoken: *Spoken) void {
    switch (month) {
        6 => spoken.word("유월"),
        10 => spoken.word("시월"),
        else => {
            sayWhole(&ofValue(month), spoken);
            spoken.glue("월");
        },
    }
}
