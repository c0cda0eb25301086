//! Korean written forms (numbers with their counters, dates, units, acronyms, symbols) as the words
//! that people say. docs/WRITTEN-KO.md has the rules and the readings chosen where there are two.

const std = @import("std");
const Spoken = @import("../spoken.zig").Spoken;
const counters = @import("counter.zig");
const letters = @import("letters.zig");
const numbers = @import("number.zig");
const patterns = @import("pattern.zig");
const text = @import("text.zig");
const Reader = text.Reader;
const units = @import("unit.zig");
const Number = numbers.Number;

/// The end of the written form that begins at a place of a block, with its words in `spoken`; null
/// when none does. Hangul attached to a form, and forms attached to one another, are part of it.
pub fn read(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    var reader: Reader = .{ .block = block, .spoken = spoken };
    const end = readWhole(&reader, at);
    return if (end > 0) end else null;
}

fn readWhole(r: *Reader, at: usize) usize {
    const form = r.hangulEnd(at);
    if (form > at) {
        const weekdays = readWeekdays(r, at, form);
        if (weekdays > 0) return weekdays;
        if (!canFollowHangul(r, form)) return 0;
        r.say("_");
        r.copy(at, form);
        // 제, 수: one word with the number.
        if (r.match(at, "제 수") == form) r.join();
    }
    var end: usize = 0;
    // What does not fit any more is left to the next call.
    while (true) {
        const length = r.spoken.length;
        const next = if (end == 0) readForm(r, form) else readNext(r, end);
        if (next == 0 or r.spoken.overflowed) {
            if (end == 0) return 0;
            r.spoken.overflowed = false;
            r.spoken.length = length;
            return end;
        }
        end = next;
    }
}

/// A form directly behind another, or behind a sign that says "to".
fn readNext(r: *Reader, at: usize) usize {
    if (canFollowHangul(r, at)) return readForm(r, at);
    const start = rangeEnd(r, at);
    if (start == 0) return 0;
    const is_form = r.digitAt(start) or r.match(start, units.currencies) > 0;
    // 오전 9시~오후 6시
    if (!is_form and r.match(start, "오전 오후 새벽 다음 현재") == 0) return 0;
    r.say("에서");
    return if (is_form) readForm(r, start) else r.sayHangul(start);
}

/// Behind ~ or an arrow, with a space on both sides or none.
noinline fn rangeEnd(r: *Reader, at: usize) usize {
    const first = r.skipSpace(at);
    const end = r.match(first, "~ ∼ 〜 →");
    return if (end > 0 and first > at) r.skipSpace(end) else end;
}

/// Whether a form that begins here may be attached to the Hangul before. Cheap, because every word
/// is asked.
fn canFollowHangul(r: *Reader, at: usize) bool {
    const c = r.charAt(at);
    if (c >= 0xB1) return c != '→' and !text.isHangul(c);
    if (text.isDigit(c) or text.isCapital(c) or r.match(at, "# $ (주)") > 0) return true;
    const after = r.charAt(r.next(at));
    return r.match(at, "& + =") > 0 and (text.isHangul(after) or text.isCapital(after) or text.isDigit(after));
}

/// 월~금
fn readWeekdays(r: *Reader, at: usize, end: usize) usize {
    if (r.charAt(end) != '~' or r.match(at, days) != end or r.match(end + 1, days) == 0) return 0;
    r.say("_");
    r.copy(at, end);
    r.say("에서_");
    return r.glueHangul(end + 1);
}

const days = "월 화 수 목 금 토 일";

noinline fn readForm(r: *Reader, at: usize) usize {
    const length = r.spoken.length;
    const end = readAny(r, at);
    if (end == 0) r.spoken.length = length;
    return end;
}

fn readAny(r: *Reader, at: usize) usize {
    const c = r.charAt(at);
    if (c <= ' ' or text.isHangul(c)) return 0;
    const money = r.match(at, units.currencies);
    if (money > 0) return readMoney(r, money);
    const rank = r.match(at, "No. NO. № #");
    if (rank > 0) {
        const end = readRank(r, if (c == '#') rank else r.skipSpace(rank));
        if (end > 0) return end;
    }
    if (text.isDigit(c) or text.isLatin(c)) {
        const address = letters.readAddress(r, at);
        if (address > 0) return address;
    }
    if (text.isCapital(c)) return letters.readCapitals(r, at);
    if (!text.isDigit(c)) return readSign(r, at, c);
    const pattern = patterns.read(r, at);
    return if (pattern > 0) pattern else readNumber(r, at, .none);
}

/// No.1, #1
fn readRank(r: *Reader, at: usize) usize {
    var number: Number = undefined;
    if (numbers.scan(r, at, &number) == 0) return 0;
    r.say("_넘버");
    return sayEnglish(r, &number);
}

noinline fn sayEnglish(r: *Reader, number: *const Number) usize {
    r.say("_");
    if (number.small() <= 10 and !number.is_string) numbers.glueEnglish(r, number) else numbers.saySino(r, number);
    return r.glueHangul(number.end);
}

// Numbers.

noinline fn readNumber(r: *Reader, at: usize, sign: numbers.Sign) usize {
    var number: Number = undefined;
    const written_end = numbers.scan(r, at, &number);
    // 1st is English.
    if (written_end == 0 or r.match(written_end, "st nd rd th") > 0) return 0;
    numbers.extend(r, &number);
    number.sign = sign;
    if (sign == .none) {
        const end = readBesideLetters(r, &number);
        if (end > 0) return end;
    }
    var tail: counters.Tail = undefined;
    counters.tailOf(r, &number, &tail);
    if (tail.end == number.end) {
        var end = readRange(r, &number);
        if (end == 0) end = readFraction(r, &number);
        if (end == 0) end = readArithmetic(r, &number);
        if (end > 0) return end;
    }
    if (tail.kind == .none or tail.kind == .glued) {
        if (number.small() <= 10 and r.before(at, "시즌 파트 톱 탑 빅 베스트 스텝 TOP")) return sayEnglish(r, &number);
        // Emergency calls.
        if (r.match(at, "112 114 119") == number.end) number.is_string = true;
    }
    if (number.small() == 19 and r.before(at, "코로나")) number.is_string = true;
    return counters.say(r, &number, &tail);
}

/// Latin letters behind a number: names (3D, 5G), ordinals, which are English, or units.
fn readBesideLetters(r: *Reader, number: *const Number) usize {
    if (!text.isCapital(r.charAt(number.end))) return 0;
    const is_figure = number.isFigure() and r.match(number.end, "D G K M P X") > 0 and !text.isLatin(r.charAt(r.next(number.end)));
    var unit: units.Unit = undefined;
    if (!is_figure and r.match(number.end, "TV") == 0 and units.unitAt(r, number.end, &unit)) return 0;
    return letters.readAfterNumber(r, number);
}

/// 3~5개, 10-20%: the first number takes its reading from what stands behind the second.
fn readRange(r: *Reader, first: *const Number) usize {
    const hyphen = r.match(first.end, "- –");
    const start = if (hyphen > 0) hyphen else rangeEnd(r, first.end);
    if (start == 0 or patternBegins(r, start)) return 0;
    var second: Number = undefined;
    if (numbers.scan(r, start, &second) == 0) return 0;
    numbers.extend(r, &second);
    if (hyphen > 0 and !first.isBelow(&second)) return 0;
    var tail: counters.Tail = undefined;
    counters.tailOf(r, &second, &tail);
    tail.unit.sayBefore(r, first.start);
    tail.unit.before = null;
    tail.unit.per = .{};
    counters.sayFirstOfRange(r, first, &second, &tail);
    return counters.say(r, &second, &tail);
}

/// A range's second half may be a time or a date of its own.
noinline fn patternBegins(r: *Reader, at: usize) bool {
    const length = r.spoken.length;
    const joint = r.joint;
    const end = patterns.read(r, at);
    r.spoken.length = length;
    r.joint = joint;
    return end > 0;
}

/// The numerators and denominators of ½ and its like.
const fractions = "½|12 ⅓|13 ⅔|23 ¼|14 ¾|34 ⅛|18 ⅜|38 ⅝|58 ⅞|78 ⅕|15 ⅖|25 ⅗|35 ⅘|45 ⅙|16 ⅚|56";

/// 1½, 5²
fn readFraction(r: *Reader, number: *const Number) usize {
    const power = r.match(number.end, "²|의_제곱 ³|의_세제곱");
    const words = r.value;
    if (power == 0 and r.match(number.end, fractions) == 0) return 0;
    numbers.saySino(r, number);
    if (power == 0) {
        r.say("과");
        return sayFraction(r, number.end);
    }
    r.sayWords(words);
    return counters.follow(r, power);
}

noinline fn sayFraction(r: *Reader, at: usize) usize {
    const end = r.match(at, fractions);
    if (end == 0) return 0;
    const parts = r.value.?;
    numbers.sayWhole(r, parts[1] - '0');
    r.say("분의");
    numbers.sayWhole(r, parts[0] - '0');
    return counters.follow(r, end);
}

/// The end of an operator between numbers, spaces on both sides or none; its name is the value.
noinline fn operatorEnd(r: *Reader, at: usize) usize {
    const first = r.skipSpace(at);
    const sign_end = r.match(first, "+|_더하기 ×|_곱하기 x|_곱하기 *|_곱하기 ÷|_나누기 -|_빼기 −|_빼기 =");
    const name = r.value;
    const end = if (first > at) r.skipSpace(sign_end) else sign_end;
    var number: Number = undefined;
    if ((first > at) != (end > sign_end) or numbers.scan(r, end, &number) == 0) return 0;
    // A hyphen is one when an equals sign follows.
    if (r.match(first, "- −") > 0 and r.charAt(r.skipSpace(number.end)) != '=') return 0;
    r.value = name;
    return if (sign_end > 0) end else 0;
}

fn readArithmetic(r: *Reader, first: *const Number) usize {
    var number = first.*;
    if (operatorEnd(r, first.end) == 0) return 0;
    const offer = readOffer(r, first);
    if (offer > 0) return offer;
    while (!r.spoken.overflowed) {
        const end = operatorEnd(r, number.end);
        const name = r.value;
        if (end == 0) break;
        numbers.saySino(r, &number);
        if (name == null) {
            if (endsOpen(r)) r.say("는") else r.say("은");
        } else r.sayWords(name);
        _ = numbers.scan(r, end, &number);
    }
    return counters.read(r, &number);
}

/// 1+1 행사: 원 플러스 원.
fn readOffer(r: *Reader, first: *const Number) usize {
    var second: Number = undefined;
    if (r.charAt(first.end) != '+' or numbers.scan(r, first.end + 1, &second) == 0) return 0;
    if (first.small() > 10 or second.small() > 10) return 0;
    if (r.match(r.skipSpace(second.end), "행사 이벤트 증정 상품 할인 구매 세일") == 0) return 0;
    r.say("_");
    numbers.glueEnglish(r, first);
    r.say("_플러스");
    return sayEnglish(r, &second);
}

/// Whether the last syllable said has no final consonant.
fn endsOpen(r: *const Reader) bool {
    const said: Reader = .{ .block = r.spoken.words(), .spoken = r.spoken };
    return said.block.len < 3 or (said.charAt(said.block.len - 3) -% 0xAC00) % 28 == 0;
}

// Signs.

/// Signs that stand apart from the Hangul behind them.
const joint_names = "#|_해시태그 @|_골뱅이 &|_앤 +|_플러스 ×|_곱하기 ÷|_나누기 =|_이퀄 ㈜|_주식회사 ㈔|_사단법인 (주)|_주식회사 (사)|_사단법인 (재)|_재단법인";

const sign_names = "α|알파 β|베타 γ|감마 δ|델타 Δ|델타 π|파이 Σ|시그마 Ω|옴 ∞|무한대 √|루트";

fn readSign(r: *Reader, at: usize, c: u32) usize {
    const end = r.next(at);
    const is_number = r.digitAt(end);
    if (is_number and (c == '-' or c == '−' or c == '+')) {
        if (isApart(r, at)) {
            if (c != '+') return readNumber(r, end, .minus);
            // A country code.
            if (!patternBegins(r, end)) return readNumber(r, end, .plus);
            r.say("_플러스");
            return patterns.read(r, end);
        }
        if (c != '+') return 0;
    }
    if (text.isJamo(c)) return letters.readJamo(r, at);
    switch (c) {
        '±' => return readNumber(r, end, .either),
        'v' => if (is_number) {
            r.say("_버전");
            return readAny(r, end);
        },
        0x2160...0x216B => return readEnclosed(r, at, c - 0x215F),
        0x2460...0x2473 => return readEnclosed(r, at, c - 0x245F),
        0x326E...0x327B => {
            r.say("_");
            r.sayEntry("가 나 다 라 마 바 사 아 자 차 카 타 파 하", c - 0x326E);
            return r.glueHangul(end);
        },
        else => {},
    }
    const joint = r.match(at, joint_names);
    if (joint > 0) {
        const is_before = r.hangulAt(joint);
        const is_behind = at >= 3 and r.hangulAt(at - 3);
        if (!is_before and (c == '#' or (c == '(' and !is_behind))) return 0;
        r.sayWords(r.value);
        return if (c == '@' and !is_before) letters.readHandle(r, joint) else r.sayHangul(joint);
    }
    if (c < 0x80 and c != '%') return 0;
    if (r.match(at, sign_names) > 0) {
        r.say("_");
        r.sayWords(r.value);
        return r.glueHangul(end);
    }
    var unit: units.Unit = undefined;
    if (!units.unitAt(r, at, &unit)) return sayFraction(r, at);
    unit.sayBefore(r, at);
    unit.name.say(r);
    return r.glueHangul(unit.end);
}

/// A sign of a number is not attached to anything before.
fn isApart(r: *Reader, at: usize) bool {
    return at == 0 or r.block[at - 1] <= ' ' or r.match(at - 1, "( [ { : , ~ / \" '") > 0;
}

/// A currency before its number, or alone.
fn readMoney(r: *Reader, at: usize) usize {
    const name = r.value;
    var number: Number = .{ .end = at };
    if (numbers.scan(r, r.skipSpace(at), &number) > 0) {
        numbers.extend(r, &number);
        numbers.saySino(r, &number);
    } else number.end = at;
    r.sayWords(name);
    return r.glueHangul(number.end);
}

/// Ⅱ, ①
noinline fn readEnclosed(r: *Reader, at: usize, value: u32) usize {
    var number: Number = .{ .value = value, .start = at, .end = r.next(at), .is_sino = true };
    return counters.read(r, &number);
}

const testing = std.testing;
const Segmenter = @import("../text.zig").Segmenter;

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
