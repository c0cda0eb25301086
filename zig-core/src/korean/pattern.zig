//! Runs of digits with the same sign between them: dates, times, telephone numbers, fractions,
//! scores, versions.

const counters = @import("counter.zig");
const numbers = @import("number.zig");
const text = @import("text.zig");
const Reader = text.Reader;

const events = "절 운동 전쟁 사건 민주 항쟁 광복 혁명 테러 사태 기념 의거 참전 계엄 선언 만세";

/// `sign` is between any two runs. Six runs are more than any pattern has.
const Pattern = struct {
    r: *Reader,
    sign: u32,
    runs: [6]numbers.Number,
    count: usize,
    end: usize,
    /// No run is greater than what is said in one word.
    is_small: bool,

    /// `gap`: a space may follow the sign (2026. 1. 5.).
    noinline fn scan(self: *Pattern, at: usize, gap: bool) void {
        self.sign = 0;
        self.count = 0;
        self.end = at;
        self.is_small = true;
        var start = at;
        while (self.count < self.runs.len) {
            const run = &self.runs[self.count];
            run.* = .{ .start = start };
            run.end = numbers.scanDigits(self.r, start, run);
            if (run.count == 0) break;
            self.count += 1;
            self.end = run.end;
            if (run.small() == 10_000) self.is_small = false;
            const sign = self.r.charAt(run.end);
            if (self.count == 1) self.sign = sign else if (sign != self.sign) break;
            start = self.r.next(run.end);
            if (gap) start = self.r.skipSpace(start);
        }
    }

    inline fn say(self: *const Pattern, index: usize, comptime words: []const u8) void {
        self.sayRun(index, text.pack(words));
    }

    noinline fn sayRun(self: *const Pattern, index: usize, words: text.Words) void {
        numbers.sayWhole(self.r, self.runs[index].value);
        self.r.sayWords(words);
    }

    /// Says all runs digit by digit.
    noinline fn sayDigits(self: *const Pattern, between: text.Words) usize {
        for (self.runs[0..self.count], 0..) |*run, k| {
            if (k > 0) self.r.sayWords(between);
            numbers.sayDigits(self.r, run.start, run.end);
        }
        return counters.follow(self.r, self.end);
    }

    /// Says all runs as numbers.
    noinline fn sayEach(self: *const Pattern, between: text.Words) usize {
        for (0..self.count) |k| {
            if (k > 0) self.r.sayWords(between);
            self.say(k, "");
        }
        return counters.follow(self.r, self.end);
    }

    noinline fn isDay(self: *const Pattern, month: usize) bool {
        const m = &self.runs[month];
        const d = &self.runs[month + 1];
        return m.value -% 1 < 12 and d.value -% 1 < 31 and m.count <= 2 and d.count <= 2;
    }

    noinline fn sayDay(self: *const Pattern, month: usize) usize {
        numbers.sayMonth(self.r, self.runs[month].value);
        self.say(month + 1, "_일");
        return self.r.glueHangul(self.end);
    }

    /// Says a date with its year.
    noinline fn readDate(self: *const Pattern) usize {
        if (self.count != 3 or self.runs[0].count != 4 or !self.isDay(1)) return 0;
        self.say(0, "_년");
        return self.sayDay(1);
    }

    fn after(self: *const Pattern) usize {
        return self.r.skipSpace(self.end);
    }

    /// 2026. 1. 5. and 3. 6.(금). A full stop at the end stays.
    fn readSpacedDate(self: *const Pattern) usize {
        if (self.count == 2 and self.isDay(0) and
            self.r.match(self.after(), ".(월 .(화 .(수 .(목 .(금 .(토 .(일 " ++ weekdays) > 0) return self.sayDay(0);
        return self.readDate();
    }

    fn readHyphens(self: *const Pattern) usize {
        const r = self.r;
        const first = &self.runs[0];
        if (self.count > 2 or self.isTelephone()) return self.sayDigits(text.pack(""));
        const next = self.after();
        // 5-3=2 is arithmetic.
        if (!self.is_small or r.charAt(next) == '=') return 0;
        const result = r.skipSpace(r.hangulEnd(self.end));
        const is_result = r.match(result, "승 패 이겼 이긴 이기 졌 진 지고 꺾 앞서 앞선 뒤진 역전 완승 완패 대승 신승 무승부 제압 끝") > 0;
        if (!is_result and (r.match(next, "번지 호") > 0 or r.before(first.start, "로 길 동 리 가 번지"))) {
            return self.sayEach(text.pack("_다시"));
        }
        return if (is_result or first.value >= self.runs[1].value) self.sayEach(text.pack("_대")) else 0;
    }

    /// 02-123-4567 has three runs; of two runs are 1588-1234 and 123-4567. 1990-1995 are years.
    fn isTelephone(self: *const Pattern) bool {
        const first = &self.runs[0];
        const second = &self.runs[1];
        if (self.r.charAt(first.start) == '0') return first.count > 1 and second.count >= 3;
        if (second.count != 4 or first.count < 3 or first.count > 4) return false;
        const is_years = first.value >= 1000 and second.value < 2200 and first.value < second.value;
        return !is_years or
            (first.value >= 1500 and first.value < 1900 and self.r.match(self.after(), "년") == 0);
    }

    fn readPoints(self: *const Pattern) usize {
        const r = self.r;
        const first = &self.runs[0];
        if (self.count == 2) {
            return if (self.isDay(0) and r.match(self.after(), events) > 0) self.readDots() else 0;
        }
        if (self.count == 4) return self.sayDigits(text.pack("_점"));
        if (first.count > 1 and r.charAt(first.start) == '0') return self.sayDigits(text.pack(""));
        if (first.value >= 10_000) return 0;
        self.say(0, "");
        for (self.runs[1..self.count]) |*run| {
            r.say("_점_");
            numbers.glueDigits(r, run.start, run.end, 0);
        }
        return counters.follow(r, self.end);
    }

    fn readSlashes(self: *const Pattern) usize {
        if (self.count != 2) return self.sayEach(text.pack("_슬래시"));
        const first = self.runs[0].value;
        const second = self.runs[1].value;
        if (self.isDay(0)) {
            // What cannot be a usual fraction.
            const is_day = first > second or (second > 10 and second != 12 and second != 16 and second != 20);
            if (is_day or self.r.match(self.after(), "까지 부터 자 " ++ weekdays) > 0) return self.sayDay(0);
        }
        if (first > second or second == 0) return self.sayEach(text.pack("에"));
        self.say(1, "분의");
        self.say(0, "");
        return counters.follow(self.r, self.end);
    }

    fn readColons(self: *const Pattern) usize {
        const r = self.r;
        const first = &self.runs[0];
        if (self.count == 2 and r.before(first.start, "복음 창세기 출애굽기 시편 잠언 로마서 전서 후서 계시록 이사야 사도행전 히브리서 야고보서")) {
            self.say(0, "_장");
            self.say(1, "_절");
            return r.glueHangul(self.end);
        }
        var is_time = first.value <= 24 and first.count <= 2 and self.count <= 3;
        for (self.runs[1..self.count]) |*run| is_time = is_time and run.count == 2 and run.value < 60;
        if (!is_time) return self.sayEach(text.pack("_대"));
        if (first.value > 12) numbers.sayWhole(r, first.value) else numbers.sayNative(r, first.value);
        r.say("_시");
        if (self.runs[1].value > 0 or self.count == 3) self.say(1, "_분");
        if (self.count == 3) self.say(2, "_초");
        return r.glueHangul(self.end);
    }

    /// Dates that are names (오일팔, 삼일절), and pairs (일이 학년).
    noinline fn readDots(self: *const Pattern) usize {
        const r = self.r;
        self.say(0, "");
        for (self.runs[1..self.count]) |*run| {
            if (run.value % 10 == 0 or run.value == 12) {
                r.join();
                numbers.sayWhole(r, run.value);
            } else numbers.glueDigits(r, run.start, run.end, 0);
        }
        return if (r.match(self.end, events) > 0) r.glueHangul(self.end) else counters.follow(r, self.end);
    }
};

/// The number before was a date.
const weekdays = "(월 (화 (수 (목 (금 (토 (일";

/// The pattern at a digit. What is a plain or decimal number, or a range, is none.
pub noinline fn read(r: *Reader, at: usize) usize {
    var pattern: Pattern = undefined;
    pattern.r = r;
    pattern.scan(at, true);
    if (pattern.sign == '.' and pattern.is_small) {
        const end = pattern.readSpacedDate();
        if (end > 0) return end;
    }
    pattern.scan(at, false);
    if (pattern.count < 2) return 0;
    const is_hyphen = pattern.sign == '-' or pattern.sign == '–';
    if (pattern.is_small and (is_hyphen or pattern.sign == '/')) {
        const end = pattern.readDate();
        if (end > 0) return end;
    }
    if (is_hyphen) return pattern.readHyphens();
    if (pattern.sign == '.') return pattern.readPoints();
    if (!pattern.is_small) return 0;
    return switch (pattern.sign) {
        '/' => pattern.readSlashes(),
        ':' => pattern.readColons(),
        '·', 'ㆍ' => pattern.readDots(),
        else => 0,
    };
}
