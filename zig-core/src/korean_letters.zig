//! Letters in Korean words: acronyms in capitals, e-mail and web addresses, lone jamo.

const std = @import("std");
const Spoken = @import("spoken.zig").Spoken;
const numbers = @import("korean_number.zig");
const counters = @import("korean_counter.zig");
const text = @import("korean_text.zig");

const letter_names = "에이 비 시 디 이 에프 지 에이치 아이 제이 케이 엘 엠 엔 오 피 큐 알 에스 티 유 브이 더블유 엑스 와이 제트";

noinline fn glueLetter(letter: u21, spoken: *Spoken) void {
    spoken.glue(text.entryAt(letter_names, (letter | 0x20) - 'a'));
}

/// Capitals that are read as a word, or that are left to the English model (no value).
const capital_words = "NASA=나사 NATO=나토 COVID=코비드 COVID-19=코비드_나인틴 UNESCO=유네스코 UNICEF=유니세프 OPEC=오펙 FIFA=피파 " ++
    "UEFA=유에파 POSCO=포스코 KAIST=카이스트 POSTECH=포스텍 AIDS=에이즈 SARS=사스 MERS=메르스 THAAD=사드 APEC=에이펙 ASEAN=아세안 " ++
    "KOSPI=코스피 KOSDAQ=코스닥 NASDAQ=나스닥 TOEIC=토익 TOEFL=토플 TEPS=텝스 IELTS=아이엘츠 COEX=코엑스 KOTRA=코트라 KOICA=코이카 " ++
    "NAVER=네이버 KAKAO=카카오 SAMSUNG=삼성 HYUNDAI=현대 IKEA=이케아 EXO=엑소 OLED=올레드 RAM=램 ROM=롬 LAN=랜 SIM=심 PIN=핀 " ++
    "JPEG=제이펙 POP=팝 K-POP=케이팝 IMAX=아이맥스 LASIK=라식 TOP=톱 NEW=뉴 HOT=핫 BEST=베스트 SALE=세일 OPEN=오픈 LIVE=라이브 NEWS=뉴스 " ++
    "VIP=브이아이피 II=투 III=쓰리 THE= AND= FOR= YOU= ALL= ARE= NOT= BUT= OUT= BIG= YES= ONE= TWO= BOX= DAY= SET= GET= " ++
    "MY= WE= OF= TO= IN= ON= IS= BE= DO= GO= NO= SO= UP= BY= OR= AT= ME= HE= AN= AS= IF= LOVE= GOOD= FREE= STOP= EXIT= TEST= MENU= HELP= " ++
    "HOME= GAME= TEAM= TRUE= FAKE= TIME= BOOK= CAFE= SHOP= WITH= YOUR= THIS= THAT= FROM= HAVE= WHAT= KISS= STAR= LIFE= GIRL= BOYS= BABY= " ++
    "COOL= HIGH= PLAY= SHOW= CITY= LINE= ROSE= BLUE= PINK= GOLD= KING= CAR= ART= FUN= SUN= WAR= MAN= BOY= HER= HIS= OUR= WHY= HOW= NOW=";

const Capitals = struct { end: usize, count: usize, vowels: usize, inner_vowels: usize };

noinline fn capitalsAt(block: []const u8, at: usize) Capitals {
    var run: Capitals = .{ .end = at, .count = 0, .vowels = 0, .inner_vowels = 0 };
    while (true) : (run.count += 1) {
        const next = text.charAt(block, run.end);
        if (!text.isCapital(next.c)) return run;
        run.end = next.end;
        switch (next.c) {
            'A', 'E', 'I', 'O', 'U', 'Y' => {
                run.vowels += 1;
                const is_last = !text.isCapital(text.charAt(block, next.end).c);
                if (run.count > 0 and !is_last) run.inner_vowels += 1;
            },
            else => {},
        }
    }
}

/// Whether capitals are read letter by letter: up to four, or more that cannot be said as a word.
fn isSpelled(block: []const u8, at: usize, run: Capitals) bool {
    if (run.count == 0 or run.count > 8 or text.isSmall(text.charAt(block, run.end).c)) return false;
    if (run.count == 1) return !isEnglishWord(block, at, run.end);
    if (run.count <= 4) return true;
    return run.vowels <= 1 and run.inner_vowels == 0;
}

/// I and A in an English sentence.
fn isEnglishWord(block: []const u8, at: usize, end: usize) bool {
    if (block[at] != 'I' and block[at] != 'A') return false;
    if (end < block.len and (block[end] == '\'' or text.startsWith(block[end..], "’"))) return true;
    return (end < block.len and block[end] == ' ' and text.isLatin(text.charAt(block, end + 1).c));
}

/// An acronym with the figures in it and the Hangul attached: KBS가, B2B, GPT-4, K-뷰티, R&D.
pub noinline fn readCapitals(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    const first = capitalsAt(block, at);
    if (first.count == 0) return null;
    if (wordAt(block, at)) |word| {
        if (word.value.len == 0) return null;
        spoken.word("");
        text.glueWords(word.value, spoken);
        return glueHangul(block, word.end, spoken);
    }
    if (!isSpelled(block, at, first)) return null;
    spoken.word("");
    glueLetters(block[at..first.end], spoken);
    return readRest(block, first.end, spoken);
}

/// What can follow a run of capitals in an acronym.
noinline fn readRest(block: []const u8, from: usize, spoken: *Spoken) usize {
    var end = from;
    while (true) {
        const next = text.charAt(block, end);
        const second = text.charAt(block, next.end);
        const is_hyphen = next.c == '-';
        if (text.isDigit(next.c) or (is_hyphen and text.isDigit(second.c))) {
            const number = numbers.scan(block, if (is_hyphen) next.end else end) orelse return end;
            if (counters.tailOf(block, &number).kind == .native) return end;
            sayCode(block, &number, is_hyphen, spoken);
            end = number.end;
            // GPT-4o
            const letter = text.charAt(block, end);
            if (text.isSmall(letter.c) and !text.isLatin(text.charAt(block, letter.end).c)) {
                glueLetter(letter.c, spoken);
                end = letter.end;
            }
        } else if (next.c == '+') {
            if (text.isLatin(second.c) or text.isDigit(second.c)) return end;
            spoken.glue("플러스");
            end = next.end;
        } else if (is_hyphen and text.isHangul(second.c)) {
            spoken.word("");
            return glueHangul(block, next.end, spoken);
        } else {
            const is_joined = is_hyphen or next.c == '&';
            const start = if (is_joined) next.end else end;
            const run = capitalsAt(block, start);
            if (!isSpelled(block, start, run)) return glueHangul(block, end, spoken);
            if (is_hyphen) spoken.word("");
            if (next.c == '&') spoken.glue("앤");
            glueLetters(block[start..run.end], spoken);
            end = run.end;
        }
    }
}

/// Figures of a name: one is English (엠피쓰리), more are a number (케이에프 구십사).
fn sayCode(block: []const u8, number: *const numbers.Number, is_apart: bool, spoken: *Spoken) void {
    if (number.count > 1 or number.hasDecimals()) return numbers.saySino(block, number, spoken);
    if (is_apart) spoken.word("");
    numbers.glueEnglish(number.small(), spoken);
}

/// Figures before capitals: 쓰리디, 투피엠, but 십 케이 and the channel 이 티브이.
pub noinline fn readAfterNumber(block: []const u8, number: *const numbers.Number, spoken: *Spoken) ?usize {
    const run = capitalsAt(block, number.end);
    if (!isSpelled(block, number.end, run)) return null;
    if (number.count == 1 and !number.hasDecimals() and !text.equals(block[number.end..run.end], "TV")) {
        spoken.word("");
        numbers.glueEnglish(number.small(), spoken);
    } else {
        numbers.saySino(block, number, spoken);
        spoken.word("");
    }
    glueLetters(block[number.end..run.end], spoken);
    return readRest(block, run.end, spoken);
}

fn wordAt(block: []const u8, at: usize) ?struct { value: []const u8, end: usize } {
    // A word goes on over hyphens, so that K-POP is found before K.
    var buffer: [10]u8 = undefined;
    var length: usize = 0;
    var end = at;
    var found: ?[]const u8 = null;
    var found_end = at;
    while (length < buffer.len) {
        const next = text.charAt(block, end);
        if (!text.isCapital(next.c) and next.c != '-' and !text.isDigit(next.c)) break;
        buffer[length] = @intCast(next.c);
        length += 1;
        end = next.end;
        if (text.isLatin(text.charAt(block, end).c)) continue;
        if (text.lookUp(capital_words, buffer[0..length])) |value| {
            found = value;
            found_end = end;
        }
    }
    return .{ .value = found orelse return null, .end = found_end };
}

noinline fn glueLetters(letters: []const u8, spoken: *Spoken) void {
    var at: usize = 0;
    while (at < letters.len) {
        const next = text.charAt(letters, at);
        if (text.isLatin(next.c)) glueLetter(next.c, spoken);
        at = next.end;
    }
}

pub noinline fn glueHangul(block: []const u8, at: usize, spoken: *Spoken) usize {
    const end = text.hangulEnd(block, at);
    spoken.glue(block[at..end]);
    return end;
}

// Addresses.

const address_bytes_max = 254;

const address_words = "com=컴 net=넷 naver=네이버 gmail=지메일 daum=다음 hanmail=한메일 kakao=카카오 google=구글 nate=네이트 yahoo=야후 " ++
    "hotmail=핫메일 outlook=아웃룩 icloud=아이클라우드 samsung=삼성 youtube=유튜브 instagram=인스타그램 facebook=페이스북 twitter=트위터 github=깃허브 " ++
    "tistory=티스토리 coupang=쿠팡 korea=코리아 info=인포 admin=어드민 help=헬프 contact=콘택트 support=서포트 blog=블로그 mail=메일 cafe=카페 " ++
    "shop=숍 news=뉴스 hello=헬로 test=테스트 kim=김 lee=이 park=박 choi=최 seoul=서울 hyundai=현대 netflix=넷플릭스 wikipedia=위키피디아";

const domains = "com net org kr io ai gov edu me tv co app dev jp cn uk us info biz shop";

const address_signs = ".=점 -=하이픈 _=언더바 +=플러스 @=골뱅이 /=슬래시 ?=물음표 ==이퀄 &=앤 %=퍼센트 #=샵 :=콜론 ~=물결";

fn isAddressByte(byte: u8, others: []const u8) bool {
    return text.isLatin(byte) or text.isDigit(byte) or text.indexOf(others, byte) != null;
}

/// The end of a run of letters, digits and some other characters, none of `others` at its end.
noinline fn addressEnd(block: []const u8, at: usize, others: []const u8) usize {
    const limit = @min(block.len, at + address_bytes_max);
    var end = at;
    while (end < limit and isAddressByte(block[end], others)) end += 1;
    while (end > at and text.indexOf(".,-:?&", block[end - 1]) != null) end -= 1;
    return end;
}

pub noinline fn readAddress(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    var start = at;
    for ([_][]const u8{ "https", "http" }) |scheme| {
        if (!text.startsWith(block[at..], scheme)) continue;
        if (!text.startsWith(block[at + scheme.len ..], "://")) continue;
        spoken.word("");
        glueLetters(scheme, spoken);
        start = at + scheme.len + 3;
        break;
    }
    const name_end = addressEnd(block, start, "._-+");
    if (name_end == start) return null;
    if (start == at and name_end < block.len and block[name_end] == '@') {
        const end = addressEnd(block, name_end + 1, ".-");
        if (!isDomain(block[name_end + 1 .. end])) return null;
        sayAddress(block[start..name_end], false, spoken);
        spoken.word("골뱅이");
        sayAddress(block[name_end + 1 .. end], true, spoken);
        return glueHangul(block, end, spoken);
    }
    if (!isDomain(block[start..name_end])) return null;
    sayAddress(block[start..name_end], true, spoken);
    var end = name_end;
    if (end < block.len and block[end] == '/') {
        end = @max(addressEnd(block, end, "/._-+?=&%#:~@"), end + 1);
        sayAddress(block[name_end..end], false, spoken);
    }
    return glueHangul(block, end, spoken);
}

fn isDomain(name: []const u8) bool {
    var dot: usize = 0;
    for (name, 0..) |byte, k| {
        if (byte != '.') continue;
        if (k == 0 or name[k - 1] == '.') return false;
        dot = k;
    }
    if (dot == 0) return false;
    return text.isOneOf(domains, name[dot + 1 ..]);
}

/// @name: the sign and the name letter by letter.
pub fn readHandle(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    const end = addressEnd(block, at, "._");
    if (end == at) return null;
    spoken.word("골뱅이");
    sayAddress(block[at..end], false, spoken);
    return glueHangul(block, end, spoken);
}

/// Known words as words, others letter by letter, figures one by one; a domain's points are 닷 in
/// one word with what follows.
noinline fn sayAddress(address: []const u8, is_domain: bool, spoken: *Spoken) void {
    var at: usize = 0;
    var is_glued = false;
    while (at < address.len) {
        const start = at;
        while (at < address.len and text.isLatin(address[at])) at += 1;
        if (at > start) {
            if (!is_glued) spoken.word("");
            sayName(address[start..at], spoken);
            is_glued = true;
            continue;
        }
        while (at < address.len and text.isDigit(address[at])) at += 1;
        if (at > start) {
            if (!is_glued) spoken.word("");
            numbers.glueDigits(address[start..at], "공", spoken);
            is_glued = true;
            continue;
        }
        at += 1;
        is_glued = is_domain and address[start] == '.';
        spoken.word(if (is_glued) "닷" else text.lookUp(address_signs, address[start..at]) orelse "");
    }
}

fn sayName(name: []const u8, spoken: *Spoken) void {
    var buffer: [10]u8 = undefined;
    if (name.len <= buffer.len) {
        const lower = std.ascii.lowerString(&buffer, name);
        if (text.lookUp(address_words, lower)) |word| return spoken.glue(word);
    }
    glueLetters(name, spoken);
}

// Jamo.

const consonant_names = "기역 쌍기역 기역시옷 니은 니은지읒 니은히읗 디귿 쌍디귿 리을 리을기역 리을미음 리을비읍 리을시옷 리을티읕 리을피읖 리을히읗 " ++
    "미음 비읍 쌍비읍 비읍시옷 시옷 쌍시옷 이응 지읒 쌍지읒 치읓 키읔 티읕 피읖 히읗";

/// What people write in chats.
const jamo_words = "ㅇㅋ=오케이 ㅇㅇ=응 ㄴㄴ=노노 ㄱㄱ=고고 ㄷㄷ=덜덜 ㅊㅋ=축하 ㅊㅊ=축하 ㄱㅅ=감사 ㄳ=감사 ㅈㅅ=죄송 ㅅㄱ=수고 ㅇㅈ=인정 ㄹㅇ=리얼 ㅎㅇ=하이 " ++
    "ㅂㅂ=바이바이 ㅁㄹ=몰라 ㄱㄷ=기다려 ㅇㄷ=어디 ㅁㅊ=미친";

pub fn isJamo(c: u21) bool {
    return c >= 'ㄱ' and c <= 'ㅣ';
}

pub noinline fn readJamo(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    var end = at;
    while (true) {
        const next = text.charAt(block, end);
        if (!isJamo(next.c)) break;
        end = next.end;
    }
    if (end == at) return null;
    spoken.word("");
    const run = block[at..end];
    if (text.lookUp(jamo_words, run)) |word| {
        spoken.glue(word);
        return glueHangul(block, end, spoken);
    }
    var from = at;
    while (from < end) {
        const next = text.charAt(block, from);
        glueJamo(next.c, spoken);
        from = next.end;
    }
    // Letters have particles behind them; a laugh stands alone.
    const is_letter = run.len == 3 and run[2] != "ㅋ"[2] and run[2] != "ㅎ"[2];
    return if (is_letter) glueHangul(block, end, spoken) else end;
}

pub fn glueJamo(jamo: u21, spoken: *Spoken) void {
    switch (jamo) {
        'ㅋ' => spoken.glue("크"),
        'ㅎ' => spoken.glue("흐"),
        'ㄱ'...'ㅊ', 'ㅌ', 'ㅍ' => spoken.glue(text.entryAt(consonant_names, jamo - 'ㄱ')),
        else => glueSyllable(11, jamo - 'ㅏ', spoken),
    }
}

/// An open syllable by the numbers of its jamo.
pub noinline fn glueSyllable(leading: u21, vowel: u21, spoken: *Spoken) void {
    const c = 0xAC00 + (leading * 21 + vowel) * 28;
    spoken.glue(&.{
        @intCast(0xE0 | c >> 12),
        @intCast(0x80 | (c >> 6 & 0x3F)),
        @intCast(0x80 | (c & 0x3F)),
    });
}
