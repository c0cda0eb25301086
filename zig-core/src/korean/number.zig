//! Numbers in Korean words: 만 이천삼백사십오, 스물한, 삼 점 일사.

const text = @import("text.zig");
const Reader = text.Reader;

/// Digits that are read as one number; more are read one by one.
const digits_max = 19;
const value_limit = 10_000_000_000_000_000_000;

pub const Sign = enum { none, plus, minus, either };

pub const Number = struct {
    start: usize = 0,
    end: usize = 0,
    /// The whole part.
    value: u64 = 0,
    /// Digits of the whole part as they are written.
    count: usize = 0,
    /// Where the digits behind the decimal point begin, and end; 0 when there are none.
    decimals: usize = 0,
    decimals_end: usize = 0,
    /// Begins in a needless zero or is too long: a name rather than a quantity.
    is_string: bool = false,
    /// Written so that only a Sino-Korean reading will do (Ⅱ, ①, with 만, after 제).
    is_sino: bool = false,
    sign: Sign = .none,

    /// The value when it is whole and small, else 10,000.
    pub noinline fn small(self: *const Number) u32 {
        return if (self.decimals > 0 or self.value > 10_000) 10_000 else @intCast(self.value);
    }

    pub noinline fn isFigure(self: *const Number) bool {
        return self.count == 1 and self.decimals == 0;
    }

    pub fn isBelow(self: *const Number, other: *const Number) bool {
        return self.value < other.value or
            (self.value == other.value and self.decimals + other.decimals > 0);
    }
};

/// Digits with commas between groups of three, and a decimal part.
pub noinline fn scan(r: *Reader, at: usize, number: *Number) usize {
    number.* = .{ .start = at };
    number.end = scanDigits(r, at, number);
    if (number.count == 0) return 0;
    const is_zero = r.charAt(at) == '0';
    if (number.count <= 3 and !is_zero) {
        while (r.charAt(number.end) == ',') {
            var three: Number = .{};
            _ = scanDigits(r, r.next(number.end), &three);
            if (three.count != 3) break;
            number.end = scanDigits(r, r.next(number.end), number);
        }
    }
    number.is_string = number.count > digits_max or (is_zero and number.count > 1);
    const point = r.next(number.end);
    if (r.charAt(number.end) == '.' and r.digitAt(point)) {
        number.decimals = point;
        number.end = point;
        while (r.digitAt(number.end)) number.end = r.next(number.end);
        number.decimals_end = number.end;
    }
    return number.end;
}

pub noinline fn scanDigits(r: *Reader, at: usize, number: *Number) usize {
    var end = at;
    while (true) {
        const digit = r.charAt(end) -% '0';
        if (digit > 9) return end;
        number.count += 1;
        if (number.count <= digits_max) number.value = number.value * 10 + digit;
        end = r.next(end);
    }
}

/// What the Korean unit at a place multiplies by, 0 without one.
noinline fn factorAt(r: *Reader, at: usize) u64 {
    // The letter of the alphabet counts the zeros, from a on; words that begin like units have none.
    if (r.match(at, "십|b 백|c 천|d 만|e 억|i 조|m 경|q 조각 경기 만큼 조별") == 0) return 0;
    const zeros = r.value orelse return 0;
    var factor: u64 = 1;
    for ('a'..zeros[0]) |_| factor *= 10;
    return factor;
}

/// Whether 만 or a greater unit stands at a place.
pub fn unitAt(r: *Reader, at: usize) bool {
    return factorAt(r, at) >= 10_000;
}

/// Adds Korean units to a number: 3만5천, 1억2000만, 1.5억.
pub noinline fn extend(r: *Reader, number: *Number) void {
    if (number.is_string) return;
    var part = number.*;
    var total: u64 = 0;
    var section: u64 = 0;
    var place_limit: u64 = 10_000;
    var limit: u64 = value_limit;
    while (true) {
        const part_end = part.end;
        var factor = factorAt(r, part.end);
        if (factor > 0 and factor < place_limit and part.small() < 10) {
            part.value *= factor;
            place_limit = factor;
            part.end += 3;
            factor = factorAt(r, part.end);
        }
        section += part.value;
        if (factor >= 10_000 and section < limit / factor) {
            part.end += 3;
            total += section * factor;
            section = 0;
            limit = factor;
            place_limit = 10_000;
        }
        number.end = part.end;
        if (part.end == part_end) break;
        number.is_sino = true;
        if (number.decimals > 0) return;
        if (scan(r, number.end, &part) == 0 or part.is_string or part.small() >= place_limit) break;
    }
    number.value = total + section;
}

/// Sino-Korean: 만 단위로 띄어 쓴다.
pub noinline fn sayWhole(r: *Reader, value: u64) void {
    var rest = value;
    var scale: u64 = value_limit;
    var is_in_group = false;
    for (0..20) |k| {
        const digit: u32 = @intCast(rest / scale);
        rest %= scale;
        scale /= 10;
        const place = k % 4;
        if (digit > 0) {
            if (!is_in_group) r.say("_");
            is_in_group = true;
            // 천, 백, 십 and at the begin 만 have no 일 before them.
            const is_silent = digit == 1 and (place < 3 or (k == 15 and value < 20_000));
            if (!is_silent) r.sayEntry(digit_names, digit);
            r.sayEntry("천 백 십", place);
        }
        if (place == 3) {
            if (is_in_group) r.sayEntry("경 조 억 만", k / 4);
            is_in_group = false;
        }
    }
    if (value == 0) r.say("_영");
}

const digit_names = "영 일 이 삼 사 오 육 칠 팔 구 공";

pub noinline fn saySino(r: *Reader, number: *const Number) void {
    if (number.is_string) return sayDigits(r, number.start, number.end);
    sayWhole(r, number.value);
    if (number.decimals == 0) return;
    r.say("_점_");
    glueDigits(r, number.decimals, number.decimals_end, 0);
    // The unit of 1.5억.
    r.copy(number.decimals_end, number.end);
}

pub noinline fn sayDigits(r: *Reader, start: usize, end: usize) void {
    r.say("_");
    glueDigits(r, start, end, 10);
}

/// Digits one by one, with the name at an index for zero; other characters are passed over.
pub noinline fn glueDigits(r: *Reader, start: usize, end: usize, zero: usize) void {
    var at = start;
    while (at < end) : (at = r.next(at)) {
        const digit = r.charAt(at) -% '0';
        if (digit <= 9) r.sayEntry(digit_names, if (digit == 0) zero else digit);
    }
}

/// Above 99 people keep the native words for what is easily counted; 백한, 백스무, but 백삼십오.
const native_rest_max = 29;

/// Native words as they stand before a counter, with Sino-Korean hundreds.
pub noinline fn sayNative(r: *Reader, value: u64) void {
    const rest: u32 = @intCast(value % 100);
    const is_small = value < 100;
    if (rest == 0 or (rest > native_rest_max and !is_small)) return sayWhole(r, value);
    if (!is_small) sayWhole(r, value - rest);
    if ((value - rest) % 10_000 == 0) r.say("_");
    if (rest == 20) return r.say("스무");
    if (rest >= 10) r.sayEntry("열 스물 서른 마흔 쉰 예순 일흔 여든 아흔", rest / 10 - 1);
    if (rest % 10 > 0) r.sayEntry("한 두 세 네 다섯 여섯 일곱 여덟 아홉", rest % 10 - 1);
}

pub noinline fn glueEnglish(r: *Reader, number: *const Number) void {
    r.sayEntry("제로 원 투 쓰리 포 파이브 식스 세븐 에이트 나인 텐", number.small());
}

/// 유월 and 시월 are worn down.
pub noinline fn sayMonth(r: *Reader, month: u64) void {
    if (month == 6) r.say("_유") else if (month == 10) r.say("_시") else sayWhole(r, month);
    r.say("월");
}
