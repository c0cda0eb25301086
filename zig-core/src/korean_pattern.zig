//! Runs of digits with the same sign between them: dates, times, telephone numbers, fractions,
//! scores, versions.

const std = @import("std");
const Spoken = @import("spoken.zig").Spoken;
const numbers = @import("korean_number.zig");
const counters = @import("korean_counter.zig");
const text = @import("korean_text.zig");

const Run = struct { start: usize, end: usize, value: u16, count: usize };

/// `sign` is between any two runs. Six runs are more than any pattern has.
const Pattern = struct {
    block: []const u8,
    sign: u21 = 0,
    runs: [6]Run = undefined,
    count: usize = 0,
    end: usize,

    /// `gap`: a space may follow the sign (2026. 1. 5.).
    noinline fn scan(block: []const u8, at: usize, gap: bool) Pattern {
        var self: Pattern = .{ .block = block, .end = at };
        var start = at;
        while (self.count < self.runs.len) {
            var number: numbers.Number = .{ .start = start, .end = start };
            number.end = numbers.scanDigits(block, start, &number);
            if (number.count == 0) break;
            self.runs[self.count] = .{
                .start = start,
                .end = number.end,
                .value = number.small(),
                .count = number.count,
            };
            self.count += 1;
            self.end = number.end;
            const sign = text.charAt(block, number.end);
            if (self.sign == 0) self.sign = sign.c;
            if (sign.c != self.sign) break;
            start = if (gap) text.skipSpace(block, sign.end) else sign.end;
        }
        return self;
    }

    noinline fn say(self: *const Pattern, index: usize, spoken: *Spoken) void {
        numbers.sayWhole(&numbers.ofValue(self.runs[index].value), spoken);
    }

    noinline fn sayDigits(self: *const Pattern, index: usize, spoken: *Spoken) void {
        spoken.word("");
        self.glueDigits(index, "공", spoken);
    }

    fn glueDigits(self: *const Pattern, index: usize, zero: []const u8, spoken: *Spoken) void {
        numbers.glueDigits(self.block[self.runs[index].start..self.runs[index].end], zero, spoken);
    }

    fn isSmall(self: *const Pattern) bool {
        for (self.runs[0..self.count]) |run| if (run.value >= 10_000) return false;
        return true;
    }

    fn isDate(self: *const Pattern) bool {
        return self.count == 3 and self.runs[0].count == 4 and self.isDay(1);
    }

    fn isDay(self: *const Pattern, month: usize) bool {
        const m = self.runs[month];
        const d = self.runs[month + 1];
        return m.value >= 1 and m.value <= 12 and d.value >= 1 and d.value <= 31 and
            m.count <= 2 and d.count <= 2;
    }

    noinline fn sayDay(self: *const Pattern, month: usize, spoken: *Spoken) usize {
        numbers.sayMonth(self.runs[month].value, spoken);
        self.say(month + 1, spoken);
        spoken.word("일");
        return self.glueHangul(spoken);
    }

    noinline fn sayDate(self: *const Pattern, spoken: *Spoken) usize {
        self.say(0, spoken);
        spoken.word("년");
        return self.sayDay(1, spoken);
    }

    noinline fn glueHangul(self: *const Pattern, spoken: *Spoken) usize {
        const end = text.hangulEnd(self.block, self.end);
        spoken.glue(self.block[self.end..end]);
        return end;
    }

    /// What is attached: a particle is glued, another word stands apart.
    noinline fn follow(self: *const Pattern, spoken: *Spoken) usize {
        const end = text.hangulEnd(self.block, self.end);
        const run = self.block[self.end..end];
        if (run.len > 0 and !counters.isParticle(run)) spoken.word(run) else spoken.glue(run);
        return end;
    }

    noinline fn after(self: *const Pattern) []const u8 {
        return self.block[text.skipSpace(self.block, self.end)..];
    }

    fn before(self: *const Pattern) []const u8 {
        return self.block[0..self.runs[0].start];
    }

    /// (월) and the like: the number was a date.
    fn hasWeekday(self: *const Pattern) bool {
        return text.beginsWithOneOf("(월 (화 (수 (목 (금 (토 (일", self.after());
    }

    noinline fn sayEach(self: *const Pattern, between: []const u8, spoken: *Spoken) void {
        for (0..self.count) |k| {
            if (k > 0) spoken.word(between);
            self.say(k, spoken);
        }
    }
};

/// The pattern at a digit. What is a plain or decimal number, or a range, gives null.
pub noinline fn read(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    const spaced = Pattern.scan(block, at, true);
    if (spaced.sign == '.') if (readSpacedDate(&spaced, spoken)) |end| return end;
    const pattern = Pattern.scan(block, at, false);
    if (pattern.count < 2) return null;
    return switch (pattern.sign) {
        '-', '–', '‑' => readHyphens(&pattern, spoken),
        '.' => readPoints(&pattern, spoken),
        '/' => readSlashes(&pattern, spoken),
        ':' => readColons(&pattern, spoken),
        '·', 'ㆍ', '・' => readDots(&pattern, spoken),
        else => null,
    };
}

/// 2026. 1. 5. and 3. 6.(금). A full stop at the end stays.
fn readSpacedDate(pattern: *const Pattern, spoken: *Spoken) ?usize {
    if (!pattern.isSmall()) return null;
    if (pattern.isDate()) return pattern.sayDate(spoken);
    if (pattern.count != 2 or !pattern.isDay(0)) return null;
    if (!text.beginsWithOneOf(".(월 .(화 .(수 .(목 .(금 .(토 .(일", pattern.after()) and !pattern.hasWeekday()) return null;
    return pattern.sayDay(0, spoken);
}

fn readHyphens(pattern: *const Pattern, spoken: *Spoken) ?usize {
    const first = pattern.runs[0];
    const second = pattern.runs[1];
    if (pattern.isDate() and pattern.isSmall()) return pattern.sayDate(spoken);
    if (pattern.count > 2 or isTelephone(pattern)) {
        for (0..pattern.count) |k| pattern.sayDigits(k, spoken);
        return pattern.follow(spoken);
    }
    // 5-3=2 is arithmetic.
    if (!pattern.isSmall() or text.charAt(pattern.after(), 0).c == '=') return null;
    const run_end = text.hangulEnd(pattern.block, pattern.end);
    const result = pattern.block[text.skipSpace(pattern.block, run_end)..];
    const is_result = text.beginsWithOneOf("승 패 이겼 이긴 이기 졌 진 지고 꺾 앞서 앞선 뒤진 역전 완승 완패 대승 신승 무승부 제압 끝", result);
    const is_address = text.endsInOneOf("로 길 동 리 가 번지", pattern.before()) or
        text.beginsWithOneOf("번지 호", pattern.after());
    if (is_address or is_result) {
        pattern.sayEach(if (is_result) "대" else "다시", spoken);
        return pattern.follow(spoken);
    }
    if (first.value < second.value) return null;
    pattern.sayEach("대", spoken);
    return pattern.follow(spoken);
}

/// 02-123-4567 has three runs; of two runs are 1588-1234 and 123-4567. 1990-1995 are years.
fn isTelephone(pattern: *const Pattern) bool {
    const first = pattern.runs[0];
    const second = pattern.runs[1];
    if (pattern.block[first.start] == '0') return first.count > 1 and second.count >= 3;
    if (second.count != 4 or first.count < 3 or first.count > 4) return false;
    const is_service = first.value >= 1500 and first.value < 1900;
    const is_years = first.value >= 1000 and second.value < 2200 and first.value < second.value;
    return first.count == 3 or !is_years or
        (is_service and !text.startsWith(pattern.after(), "년"));
}

const events = "절 운동 전쟁 사건 민주 항쟁 광복 혁명 테러 사태 기념 의거 참전 계엄 선언 만세";

fn readPoints(pattern: *const Pattern, spoken: *Spoken) ?usize {
    const first = pattern.runs[0];
    if (pattern.count == 2) {
        if (pattern.isDay(0) and text.beginsWithOneOf(events, pattern.after())) return readDots(pattern, spoken);
        return null;
    }
    if (pattern.isDate() and pattern.isSmall()) return pattern.sayDate(spoken);
    const is_telephone = pattern.block[first.start] == '0' and first.count > 1;
    const is_address = pattern.count == 4;
    if (!is_telephone and !is_address and first.value >= 10_000) return null;
    for (0..pattern.count) |k| {
        if (is_telephone or is_address) {
            if (is_address and k > 0) spoken.word("점");
            pattern.sayDigits(k, spoken);
        } else if (k == 0) {
            pattern.say(0, spoken);
        } else {
            spoken.word("점");
            spoken.word("");
            pattern.glueDigits(k, "영", spoken);
        }
    }
    return pattern.follow(spoken);
}

fn readSlashes(pattern: *const Pattern, spoken: *Spoken) ?usize {
    if (!pattern.isSmall()) return null;
    if (pattern.isDate()) return pattern.sayDate(spoken);
    const first = pattern.runs[0].value;
    const second = pattern.runs[1].value;
    if (pattern.count != 2) {
        for (0..pattern.count) |k| {
            if (k > 0) spoken.word("슬래시");
            pattern.say(k, spoken);
        }
        return pattern.follow(spoken);
    }
    if (pattern.isDay(0)) {
        const is_day = pattern.hasWeekday() or first > second or
            (second > 10 and second != 12 and second != 16 and second != 20) or
            text.beginsWithOneOf("까지 부터 자", pattern.after());
        if (is_day) return pattern.sayDay(0, spoken);
    }
    if (first > second or second == 0) {
        pattern.say(0, spoken);
        spoken.glue("에");
        pattern.say(1, spoken);
    } else {
        pattern.say(1, spoken);
        spoken.glue("분의");
        pattern.say(0, spoken);
    }
    return pattern.follow(spoken);
}

fn readColons(pattern: *const Pattern, spoken: *Spoken) ?usize {
    if (!pattern.isSmall()) return null;
    const first = pattern.runs[0];
    if (pattern.count == 2 and text.endsInOneOf("복음 창세기 출애굽기 시편 잠언 로마서 전서 후서 계시록 이사야 사도행전 히브리서 야고보서", pattern.before())) {
        pattern.say(0, spoken);
        spoken.word("장");
        pattern.say(1, spoken);
        spoken.word("절");
        return pattern.glueHangul(spoken);
    }
    var is_time = first.value <= 24 and first.count <= 2 and pattern.count <= 3;
    for (pattern.runs[1..pattern.count]) |run| is_time = is_time and run.count == 2 and run.value < 60;
    if (!is_time) {
        pattern.sayEach("대", spoken);
        return pattern.follow(spoken);
    }
    const hour = numbers.ofValue(first.value);
    if (first.value >= 1 and first.value <= 12) numbers.sayNative(&hour, spoken) else pattern.say(0, spoken);
    spoken.word("시");
    if (pattern.runs[1].value > 0 or pattern.count == 3) {
        pattern.say(1, spoken);
        spoken.word("분");
    }
    if (pattern.count == 3) {
        pattern.say(2, spoken);
        spoken.word("초");
    }
    return pattern.glueHangul(spoken);
}

/// Dates that are names (오일팔, 삼일절), and pairs (일이 학년).
fn readDots(pattern: *const Pattern, spoken: *Spoken) ?usize {
    if (!pattern.isSmall()) return null;
    pattern.say(0, spoken);
    for (pattern.runs[1..pattern.count], 1..) |run, k| {
        if (run.value % 10 == 0 or run.value == 12) {
            var whole: Spoken = .{};
            pattern.say(k, &whole);
            spoken.glue(whole.words());
        } else pattern.glueDigits(k, "영", spoken);
    }
    const is_event = text.beginsWithOneOf(events, pattern.block[pattern.end..]);
    return if (is_event) pattern.glueHangul(spoken) else pattern.follow(spoken);
}
