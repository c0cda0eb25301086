//! Korean written forms (numbers with their counters, dates, units, acronyms, symbols) as the words
//! that people say. docs/WRITTEN-KO.md has the rules and the readings chosen where there are two.

const std = @import("std");
const Spoken = @import("spoken.zig").Spoken;
const counters = @import("korean_counter.zig");
const letters = @import("korean_letters.zig");
const numbers = @import("korean_number.zig");
const patterns = @import("korean_pattern.zig");
const text = @import("korean_text.zig");
const units = @import("korean_unit.zig");

/// The end of the written form that begins at a place of a block, with its words in `spoken`; null
/// when none does. Hangul attached to a form, and forms attached to one another, are part of it.
pub fn read(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    var end = text.hangulEnd(block, at);
    if (end > at) {
        const run = block[at..end];
        if (readWeekdays(block, at, end, spoken)) |found| return found;
        if (!canFollowHangul(block, end)) return null;
        // 제, 수: one word with the number.
        const is_prefix = text.isOneOf("제 수", run);
        var form: Spoken = .{};
        end = readForm(block, end, &form) orelse return null;
        spoken.word(run);
        if (is_prefix) spoken.glue(form.words()) else spoken.word(form.words());
    } else {
        end = readForm(block, at, spoken) orelse return null;
    }
    // What does not fit any more is left to the next call.
    while (!spoken.overflowed) {
        const length = spoken.length;
        const next = readNext(block, end, spoken) orelse {
            spoken.length = length;
            break;
        };
        if (spoken.overflowed) {
            spoken.overflowed = false;
            spoken.length = length;
            break;
        }
        end = next;
    }
    return if (spoken.overflowed) null else end;
}

/// A form directly behind another, or behind a sign that says "to".
fn readNext(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    if (canFollowHangul(block, at)) return readForm(block, at, spoken);
    const start = rangeEnd(block, at) orelse return null;
    const is_number = text.digitAt(block, start) or units.currencyAt(block, start) != null;
    if (is_number) {
        spoken.glue("에서");
        return readForm(block, start, spoken);
    }
    // 오전 9시~오후 6시
    if (!text.beginsWithOneOf("오전 오후 새벽 다음 현재", block[start..])) return null;
    const run_end = text.hangulEnd(block, start);
    spoken.glue("에서");
    spoken.word(block[start..run_end]);
    return run_end;
}

/// Behind ~ or an arrow, with a space on both sides or none.
noinline fn rangeEnd(block: []const u8, at: usize) ?usize {
    const first = text.skipSpace(block, at);
    const sign = text.charAt(block, first);
    return switch (sign.c) {
        '~', '∼', '〜', '→' => if (first > at) text.skipSpace(block, sign.end) else sign.end,
        else => null,
    };
}

/// Whether a form that begins here may be attached to the Hangul before. Cheap, because every word
/// is asked.
fn canFollowHangul(block: []const u8, at: usize) bool {
    const next = text.charAt(block, at);
    const after = text.charAt(block, next.end).c;
    return switch (next.c) {
        '0'...'9', 'A'...'Z', '#', '$' => true,
        '&', '+', '=' => text.isHangul(after) or text.isCapital(after) or text.isDigit(after),
        '(' => text.startsWith(block[at..], "(주)"),
        else => next.c >= 0xB1 and next.c != '→' and !text.isHangul(next.c),
    };
}

/// 월~금
fn readWeekdays(block: []const u8, at: usize, end: usize, spoken: *Spoken) ?usize {
    const days = "월 화 수 목 금 토 일";
    if (!text.isOneOf(days, block[at..end])) return null;
    const sign = text.charAt(block, end);
    if (sign.c != '~') return null;
    const last = text.hangulEnd(block, sign.end);
    if (!text.beginsWithOneOf(days, block[sign.end..last])) return null;
    spoken.word(block[at..end]);
    spoken.glue("에서");
    spoken.word(block[sign.end..last]);
    return last;
}

noinline fn readForm(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    const length = spoken.length;
    const first = text.charAt(block, at);
    const found = switch (first.c) {
        0...' ' => null,
        '0'...'9' => readDigits(block, at, spoken),
        'a'...'z' => readSmall(block, at, spoken),
        'A'...'Z' => readCapital(block, at, spoken),
        else => readSign(block, at, first, spoken),
    };
    if (found == null) spoken.length = length;
    return found;
}

fn readSmall(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    const version = at + 1;
    if (block[at] == 'v' and text.digitAt(block, version)) {
        spoken.word("버전");
        return readDigits(block, version, spoken);
    }
    return letters.readAddress(block, at, spoken);
}

fn readCapital(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    const rest = block[at..];
    if (text.startsWith(rest, "US$")) return readSign(block, at + 2, text.charAt(block, at + 2), spoken);
    inline for (.{ "No.", "NO." }) |number| {
        if (text.startsWith(rest, number)) {
            const digits = text.skipSpace(block, at + number.len);
            if (text.digitAt(block, digits)) return readRank(block, digits, spoken);
        }
    }
    return letters.readAddress(block, at, spoken) orelse letters.readCapitals(block, at, spoken);
}

/// No.1, #1
fn readRank(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    const number = numbers.scan(block, at) orelse return null;
    spoken.word("넘버");
    return sayEnglish(block, &number, spoken);
}

noinline fn sayEnglish(block: []const u8, number: *const numbers.Number, spoken: *Spoken) usize {
    spoken.word("");
    if (number.small() <= 10 and !number.is_string) {
        numbers.glueEnglish(number.small(), spoken);
    } else numbers.saySino(block, number, spoken);
    return letters.glueHangul(block, number.end, spoken);
}

// Numbers.

fn readDigits(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    const digit_end = text.charAt(block, at).end;
    if (text.keycapEnd(block, digit_end)) |end| {
        numbers.saySino(block, &numbers.scan(block[0..digit_end], at).?, spoken);
        return end;
    }
    if (letters.readAddress(block, at, spoken)) |end| return end;
    if (patterns.read(block, at, spoken)) |end| return end;
    return readNumber(block, at, .none, spoken);
}

noinline fn readNumber(block: []const u8, at: usize, sign: numbers.Sign, spoken: *Spoken) ?usize {
    const written = numbers.scan(block, at) orelse return null;
    // 1st is English.
    if (text.beginsWithOneOf("st nd rd th", block[written.end..])) return null;
    var number = numbers.extend(block, &written);
    number.sign = sign;
    if (sign == .none) {
        if (readBesideLetters(block, &number, spoken)) |end| return end;
    }
    const tail = counters.tailOf(block, &number);
    if (tail.kind == .none or (tail.kind == .native and tail.end == number.end)) {
        if (readRange(block, &number, spoken)) |end| return end;
        if (readFraction(block, &number, spoken)) |end| return end;
        if (readArithmetic(block, &number, spoken)) |end| return end;
    }
    if (tail.kind == .none or tail.kind == .glued) {
        if (text.endsInOneOf("시즌 파트 톱 탑 빅 베스트 스텝 TOP", block[0..at]) and number.small() <= 10) {
            return sayEnglish(block, &number, spoken);
        }
        // Emergency calls.
        if (number.count == 3 and text.isOneOf("112 114 119", block[at..number.end])) number.is_string = true;
    }
    // 코로나19
    if (number.small() == 19 and text.endsInOneOf("코로나", block[0..at])) number.is_string = true;
    counters.say(block, &number, &tail, spoken);
    return tail.end;
}

/// Latin letters behind a number: names (3D, 5G), ordinals, which are English, or units.
fn readBesideLetters(block: []const u8, number: *const numbers.Number, spoken: *Spoken) ?usize {
    const next = text.charAt(block, number.end);
    if (!text.isCapital(next.c)) return null;
    const after = text.charAt(block, next.end).c;
    const is_figure = number.count == 1 and !number.hasDecimals() and !text.isLatin(after) and
        text.indexOf("DGKMPX", @intCast(next.c)) != null;
    const is_channel = text.startsWith(block[number.end..], "TV");
    if (!is_figure and !is_channel and units.unitAt(block, number.end) != null) return null;
    return letters.readAfterNumber(block, number, spoken);
}

/// 3~5개, 10-20%: the first number takes its reading from what stands behind the second.
fn readRange(block: []const u8, first: *const numbers.Number, spoken: *Spoken) ?usize {
    const sign = text.charAt(block, first.end);
    const is_hyphen = sign.c == '-' or sign.c == '–';
    const start = if (is_hyphen) sign.end else rangeEnd(block, first.end) orelse return null;
    if (patternBegins(block, start)) return null;
    const second = numbers.extend(block, &(numbers.scan(block, start) orelse return null));
    if (is_hyphen and !first.isBelow(&second)) return null;
    const tail = counters.tailOf(block, &second);
    if (tail.kind == .unit) tail.unit.sayBefore(block[0..first.start], spoken);
    counters.sayFirstOfRange(block, first, &second, &tail, spoken);
    var plain = tail;
    plain.unit.before = "";
    plain.unit.per = null;
    counters.say(block, &second, &plain, spoken);
    return tail.end;
}

/// A range's second half may be a time or a date of its own.
fn patternBegins(block: []const u8, at: usize) bool {
    var ignored: Spoken = .{};
    return patterns.read(block, at, &ignored) != null;
}

/// The numerators and denominators of ½ and its like.
const fractions = "½=12 ⅓=13 ⅔=23 ¼=14 ¾=34 ⅛=18 ⅜=38 ⅝=58 ⅞=78 ⅕=15 ⅖=25 ⅗=35 ⅘=45 ⅙=16 ⅚=56";

/// 1½, 5²
fn readFraction(block: []const u8, number: *const numbers.Number, spoken: *Spoken) ?usize {
    const next = text.charAt(block, number.end);
    const power: []const u8 = switch (next.c) {
        '²' => "제곱",
        '³' => "세제곱",
        else => {
            const parts = text.lookUp(fractions, block[number.end..next.end]) orelse return null;
            numbers.saySino(block, number, spoken);
            spoken.glue("과");
            return sayFraction(block, parts, next.end, spoken);
        },
    };
    numbers.saySino(block, number, spoken);
    spoken.glue("의");
    spoken.word(power);
    return follow(block, next.end, spoken);
}

fn sayFraction(block: []const u8, parts: []const u8, end: usize, spoken: *Spoken) usize {
    numbers.sayWhole(&numbers.ofValue(parts[1] - '0'), spoken);
    spoken.glue("분의");
    numbers.sayWhole(&numbers.ofValue(parts[0] - '0'), spoken);
    return follow(block, end, spoken);
}

/// Glues a particle and sets another word apart.
noinline fn follow(block: []const u8, at: usize, spoken: *Spoken) usize {
    const end = text.hangulEnd(block, at);
    const run = block[at..end];
    if (run.len > 0 and !counters.isParticle(run)) spoken.word(run) else spoken.glue(run);
    return end;
}

const Operator = struct { name: []const u8, end: usize };

/// An operator between numbers, spaces on both sides or none. A hyphen is one when an equals sign
/// follows or spaces are around.
noinline fn operatorAt(block: []const u8, at: usize) ?Operator {
    const first = text.skipSpace(block, at);
    const sign = text.charAt(block, first);
    const end = if (first > at) text.skipSpace(block, sign.end) else sign.end;
    if ((first > at) != (end > sign.end) or !text.digitAt(block, end)) return null;
    const name: []const u8 = switch (sign.c) {
        '+' => "더하기",
        '×', 'x', '*' => "곱하기",
        '÷' => "나누기",
        '=' => "=",
        '-', '−' => name: {
            const number = numbers.scan(block, end) orelse return null;
            const next = text.charAt(block, text.skipSpace(block, number.end)).c;
            break :name if (next == '=') "빼기" else return null;
        },
        else => return null,
    };
    return .{ .name = name, .end = end };
}

fn readArithmetic(block: []const u8, first: *const numbers.Number, spoken: *Spoken) ?usize {
    if (operatorAt(block, first.end) == null) return null;
    if (readOffer(block, first, spoken)) |end| return end;
    var number = first.*;
    while (operatorAt(block, number.end)) |operator| {
        numbers.saySino(block, &number, spoken);
        if (operator.name[0] == '=') {
            spoken.glue(if (endsOpen(spoken.words())) "는" else "은");
        } else spoken.word(operator.name);
        number = numbers.scan(block, operator.end) orelse return null;
        if (spoken.overflowed) break;
    }
    const tail = counters.tailOf(block, &number);
    counters.say(block, &number, &tail, spoken);
    return tail.end;
}

/// 1+1 행사: 원 플러스 원.
fn readOffer(block: []const u8, first: *const numbers.Number, spoken: *Spoken) ?usize {
    const sign = text.charAt(block, first.end);
    const second = numbers.scan(block, sign.end) orelse return null;
    if (sign.c != '+' or first.small() > 10 or second.small() > 10) return null;
    if (!text.beginsWithOneOf("행사 이벤트 증정 상품 할인 구매 세일", block[text.skipSpace(block, second.end)..])) return null;
    spoken.word("");
    numbers.glueEnglish(first.small(), spoken);
    spoken.word("플러스");
    return sayEnglish(block, &second, spoken);
}

/// Whether the last syllable has no final consonant.
fn endsOpen(words: []const u8) bool {
    if (words.len < 3) return true;
    const last = text.charAt(words, words.len - 3).c;
    return !text.isHangul(last) or (last - 0xAC00) % 28 == 0;
}

// Signs.

const sign_names = "α=알파 β=베타 γ=감마 δ=델타 Δ=델타 θ=세타 λ=람다 π=파이 σ=시그마 Σ=시그마 φ=파이 ω=오메가 Ω=옴 ∞=무한대 √=루트 " ++
    "㈜=주식회사 ㈔=사단법인";

noinline fn readSign(block: []const u8, at: usize, sign: text.Char, spoken: *Spoken) ?usize {
    const next = text.charAt(block, sign.end).c;
    switch (sign.c) {
        '-', '−' => {
            if (!text.isDigit(next) or !isApart(block, at)) return null;
            return readNumber(block, sign.end, .minus, spoken);
        },
        '+' => {
            if (text.isDigit(next) and isApart(block, at)) {
                // A country code.
                if (patternBegins(block, sign.end)) {
                    spoken.word("플러스");
                    return patterns.read(block, sign.end, spoken);
                }
                return readNumber(block, sign.end, .plus, spoken);
            }
            return sayJoint(block, sign.end, "플러스", spoken);
        },
        '±' => return readNumber(block, sign.end, .either, spoken),
        '&' => return sayJoint(block, sign.end, "앤", spoken),
        '=' => return sayJoint(block, sign.end, "이퀄", spoken),
        '×' => return sayJoint(block, sign.end, "곱하기", spoken),
        '÷' => return sayJoint(block, sign.end, "나누기", spoken),
        '#' => {
            if (text.isDigit(next)) return readRank(block, sign.end, spoken);
            if (!text.isHangul(next)) return null;
            return sayJoint(block, sign.end, "해시태그", spoken);
        },
        '№' => return readRank(block, text.skipSpace(block, sign.end), spoken),
        '@' => {
            if (text.isHangul(next)) return sayJoint(block, sign.end, "골뱅이", spoken);
            return letters.readHandle(block, sign.end, spoken);
        },
        '(' => return readBody(block, at, spoken),
        0x3200...0x3213, 0x3215...0x327F, 0x2460...0x249B, 0x2160...0x217F => if (readEnclosed(block, at, sign, spoken)) |end| return end,
        else => {},
    }
    if (sign.c < 0x80 and sign.c != '%' and sign.c != '$') return null;
    if (letters.isJamo(sign.c)) return letters.readJamo(block, at, spoken);
    if (units.currencyAt(block, at)) |currency| return readMoney(block, currency.name, sign.end, spoken);
    const bytes = block[at..sign.end];
    if (text.lookUp(fractions, bytes)) |parts| return sayFraction(block, parts, sign.end, spoken);
    if (text.lookUp(sign_names, bytes)) |name| {
        spoken.word(name);
        // A name of a company stands apart.
        return if (sign.c >= 0x3200) sayAttached(block, sign.end, spoken) else letters.glueHangul(block, sign.end, spoken);
    }
    const unit = units.unitAt(block, at) orelse return null;
    unit.sayBefore(block[0..at], spoken);
    unit.name.say(spoken);
    return letters.glueHangul(block, unit.end, spoken);
}

/// A sign of a number is not attached to anything before.
fn isApart(block: []const u8, at: usize) bool {
    return at == 0 or text.indexOf(" \n\t([{:,~/\"'", block[at - 1]) != null;
}

/// A sign's name, and the Hangul behind as a word of its own.
noinline fn sayJoint(block: []const u8, at: usize, name: []const u8, spoken: *Spoken) usize {
    spoken.word(name);
    return sayAttached(block, at, spoken);
}

noinline fn sayAttached(block: []const u8, at: usize, spoken: *Spoken) usize {
    const end = text.hangulEnd(block, at);
    if (end > at) spoken.word(block[at..end]);
    return end;
}

fn readMoney(block: []const u8, name: []const u8, at: usize, spoken: *Spoken) ?usize {
    const start = text.skipSpace(block, at);
    const written = numbers.scan(block, start) orelse {
        spoken.word(name);
        return letters.glueHangul(block, at, spoken);
    };
    const number = numbers.extend(block, &written);
    numbers.saySino(block, &number, spoken);
    spoken.word(name);
    return letters.glueHangul(block, number.end, spoken);
}

/// (주)한빛, (사)협회, (재)재단
fn readBody(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    const key = block[at..@min(at + 5, block.len)];
    const name = text.lookUp("(주)=주식회사 (사)=사단법인 (재)=재단법인", key) orelse return null;
    const end = at + key.len;
    const is_before = text.isHangul(text.charAt(block, end).c);
    const is_behind = at >= 3 and text.isHangul(text.charAt(block, at - 3).c);
    if (!is_before and !is_behind) return null;
    return sayJoint(block, end, name, spoken);
}

/// Ⅱ, ①, ㉠, ㉮
fn readEnclosed(block: []const u8, at: usize, sign: text.Char, spoken: *Spoken) ?usize {
    const value: u21 = switch (sign.c) {
        0x2160...0x216B => sign.c - 0x215F,
        0x2170...0x217B => sign.c - 0x216F,
        0x2460...0x2473 => sign.c - 0x245F,
        0x2474...0x2487 => sign.c - 0x2473,
        0x2488...0x249B => sign.c - 0x2487,
        // Fourteen consonants, then the same with ㅏ: ㈀ ㈎ ㉠ ㉮.
        0x3200...0x321B => return sayEnclosed(block, sign, sign.c - 0x3200, spoken),
        0x3260...0x327B => return sayEnclosed(block, sign, sign.c - 0x3260, spoken),
        else => return null,
    };
    var number = numbers.ofValue(@intCast(value));
    number.start = at;
    number.end = sign.end;
    number.is_sino = true;
    const tail = counters.tailOf(block, &number);
    counters.say(block, &number, &tail, spoken);
    return tail.end;
}

/// The numbers of the fourteen plain consonants among the leading jamo.
const plain_leadings = [_]u8{ 0, 2, 3, 5, 6, 7, 9, 11, 12, 14, 15, 16, 17, 18 };
const plain_consonants = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ";

fn sayEnclosed(block: []const u8, sign: text.Char, index: u21, spoken: *Spoken) usize {
    spoken.word("");
    if (index < 14) {
        letters.glueJamo(text.charAt(plain_consonants, 3 * index).c, spoken);
    } else letters.glueSyllable(plain_leadings[index - 14], 0, spoken);
    return letters.glueHangul(block, sign.end, spoken);
}

const testing = std.testing;
const Segmenter = @import("text.zig").Segmenter;

/// The text with each form replaced by its words, as the transcriber walks over it: a form may begin
/// at a word, at a number, and at each character of punctuation and other signs.
fn rewrite(block: []const u8, out: []u8) ![]const u8 {
    var used: usize = 0;
    var at: usize = 0;
    while (at < block.len) {
        var segmenter = Segmenter.init(block[at..]);
        const span = segmenter.next().?;
        const is_whole = span.kind == .word or span.kind == .number or span.kind == .space;
        const unit = if (is_whole) span.end else try std.unicode.utf8ByteSequenceLength(block[at]);
        var spoken: Spoken = .{};
        var copied = block[at .. at + unit];
        if (span.kind == .space) {
            at += unit;
        } else if (read(block, at, &spoken)) |end| {
            try testing.expect(end > at and end <= block.len);
            try testing.expect(end == block.len or block[end] & 0xC0 != 0x80);
            try testing.expect(!spoken.overflowed and std.unicode.utf8ValidateSlice(spoken.words()));
            at = end;
            copied = spoken.words();
        } else at += unit;
        @memcpy(out[used..][0..copied.len], copied);
        used += copied.len;
    }
    return out[0..used];
}

// Goal: the central readings of every kind. Method: what a Korean reader says, written by hand; the
// long table is conformance/written/ko.tsv.
test "readings" {
    const cases = [_][2][]const u8{
        .{ "3개를", "세 개를" },
        .{ "20개", "스무 개" },
        .{ "21살", "스물한 살" },
        .{ "33명", "서른세 명" },
        .{ "101개", "백한 개" },
        .{ "12345입니다", "만 이천삼백사십오입니다" },
        .{ "3.14는", "삼 점 일사는" },
        .{ "-5도", "영하 오 도" },
        .{ "-5를", "마이너스 오를" },
        .{ "3만5천원", "삼만 오천 원" },
        .{ "1.5억 원", "일 점 오억 원" },
        .{ "10만여 명", "십만여 명" },
        .{ "6월은", "유월은" },
        .{ "2026년에", "이천이십육 년에" },
        .{ "2026.1.5.", "이천이십육 년 일월 오 일." },
        .{ "5·18 민주화", "오일팔 민주화" },
        .{ "제3회", "제삼 회" },
        .{ "오후3시30분", "오후 세 시 삼십 분" },
        .{ "13시", "십삼 시" },
        .{ "12:12에", "열두 시 십이 분에" },
        .{ "3:2로", "삼 대 이로" },
        .{ "1번째", "첫 번째" },
        .{ "3번 출구", "삼 번 출구" },
        .{ "하루 3번", "하루 세 번" },
        .{ "손님 3분", "손님 세 분" },
        .{ "차 20대", "차 스무 대" },
        .{ "20대가", "이십 대가" },
        .{ "3~5개", "세 개에서 다섯 개" },
        .{ "6~8월", "유월에서 팔월" },
        .{ "10~20%의", "십에서 이십 퍼센트의" },
        .{ "9시 ~ 18시", "아홉 시에서 십팔 시" },
        .{ "1/2컵", "이분의 일 컵" },
        .{ "½컵", "이분의 일 컵" },
        .{ "3.11.2를", "삼 점 일일 점 이를" },
        .{ "010-1234-5678로", "공일공 일이삼사 오육칠팔로" },
        .{ "007 영화", "공공칠 영화" },
        .{ "119에", "일일구에" },
        .{ "$5만", "오만 달러" },
        .{ "₩1,000", "천 원" },
        .{ "60km/h로", "시속 육십 킬로미터로" },
        .{ "35㎍/㎥의", "세제곱미터당 삼십오 마이크로그램의" },
        .{ "영하 5℃", "영하 오 도" },
        .{ "84㎡의", "팔십사 제곱미터의" },
        .{ "50%p나", "오십 퍼센트포인트나" },
        .{ "KBS가", "케이비에스가" },
        .{ "GPT-4는", "지피티 포는" },
        .{ "KF94를", "케이에프 구십사를" },
        .{ "3D프린터", "쓰리디프린터" },
        .{ "R&D를", "알앤디를" },
        .{ "NATO와", "나토와" },
        .{ "1+1=2이다", "일 더하기 일은 이이다" },
        .{ "1+1 행사", "원 플러스 원 행사" },
        .{ "abc@naver.com으로", "에이비시 골뱅이 네이버 닷컴으로" },
        .{ "www.kbs.co.kr에", "더블유더블유더블유 닷케이비에스 닷시오 닷케이알에" },
        .{ "#맛집", "해시태그 맛집" },
        .{ "㈜한빛", "주식회사 한빛" },
        .{ "제Ⅱ장", "제이 장" },
        .{ "①번", "일 번" },
        .{ "㉮와 ㉠", "가와 기역" },
        .{ "웃겨ㅋㅋ", "웃겨 크크" },
        .{ "ㄱ은", "기역은" },
        .{ "1️⃣ 준비", "일 준비" },
        .{ "12️⃣ 준비", "일 이 준비" },
        .{ "안녕하세요~ Samsung, 1st!", "안녕하세요~ Samsung, 1st!" },
    };
    for (cases) |case| {
        var out: [256]u8 = undefined;
        try testing.expectEqualStrings(case[1], try rewrite(case[0], &out));
    }
}

/// What forms are made of, and what may stand around them.
const pieces = [_][]const u8{
    "0",    "1",     "3",        "12",       "2026", "010",       "99999",   "1234567890123456789",
    "만",
    "억",
    "천",
    "십",
    "개",
    "월",
    "제",
    "번",
    "대",
    "시",
    "여",
    "가나다",
    "분의",
    "도",
    "원",
    "에서",
    "-",    "~",     ".",        ",",        "/",    ":",         "+",       "=",
    "·",
    "(주)",
    "@",    "#",     "$",        "%",        "&",
    "→",
    "kg",   "m2",    "km/h",
    "㎡",
    "℃",
    "KBS",  "K-POP", "A",        "abc",      "v",    "naver.com", "http://",
    "ㅋ",
    "ㄱ",
    "½",
    "²",
    "Ⅲ",
    "①",
    "㉠",
    "㈜",
    " ",    "\n",    "\u{FE0F}", "\u{20E3}",
    "３",
    "Ａ",
    "－",
    "．",
    "😀",
    "漢",
    "α",
    "\x00",
};

// Goal: no text breaks the reader: a form ends behind its begin, between characters, and is UTF-8.
// Method: random soup of the pieces of forms, walked over in safe mode.
test "random soup" {
    var random_state = std.Random.DefaultPrng.init(7);
    const random = random_state.random();
    for (0..30_000) |_| {
        var buffer: [512]u8 = undefined;
        var used: usize = 0;
        for (0..random.uintAtMost(usize, 16)) |_| {
            const piece = pieces[random.uintLessThan(usize, pieces.len)];
            @memcpy(buffer[used..][0..piece.len], piece);
            used += piece.len;
        }
        var out: [16 * 1024]u8 = undefined;
        _ = try rewrite(buffer[0..used], &out);
    }
}

// Goal: long blocks take no long time and lose nothing. Method: patterns that invite looking ahead,
// repeated to 8 KB.
test "long blocks" {
    const patterns_repeated = [_][]const u8{
        "1",
        "가",
        "1가",
        "1-",
        "1.",
        "1,",
        "1:2 ",
        "a.",
        "a@",
        "ㅋ",
        "1~",
        "1+",
        "3만",
        "A-",
        "K",
        "0.1/",
        "1개 ",
        "① ",
        "#가",
    };
    for (patterns_repeated) |pattern| {
        var block: [8192]u8 = undefined;
        const length = block.len / pattern.len * pattern.len;
        for (block[0..length], 0..) |*byte, k| byte.* = pattern[k % pattern.len];
        var out: [256 * 1024]u8 = undefined;
        _ = try rewrite(block[0..length], &out);
    }
}
