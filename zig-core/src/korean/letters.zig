//! Letters in Korean words: acronyms in capitals, e-mail and web addresses, lone jamo.

const numbers = @import("number.zig");
const counters = @import("counter.zig");
const text = @import("text.zig");
const Reader = text.Reader;

/// Capitals that are read as a word, or that are left to the English model (no value).
const capital_words = "NASA|나사 NATO|나토 COVID|코비드 COVID-19|코비드_나인틴 UNESCO|유네스코 UNICEF|유니세프 OPEC|오펙 FIFA|피파 " ++
    "POSCO|포스코 KAIST|카이스트 AIDS|에이즈 SARS|사스 MERS|메르스 THAAD|사드 APEC|에이펙 ASEAN|아세안 " ++
    "KOSPI|코스피 KOSDAQ|코스닥 NASDAQ|나스닥 TOEIC|토익 " ++
    "NAVER|네이버 KAKAO|카카오 SAMSUNG|삼성 HYUNDAI|현대 IKEA|이케아 EXO|엑소 OLED|올레드 RAM|램 LAN|랜 PIN|핀 " ++
    "POP|팝 K-POP|케이팝 TOP|톱 II|투 III|쓰리 THE AND FOR YOU ALL ARE NOT BUT OUT BIG YES ONE TWO BOX DAY SET GET " ++
    "MY WE OF TO IN ON IS BE DO GO NO SO UP BY OR AT ME HE AN AS IF NEW HOT BEST SALE OPEN LIVE NEWS LOVE GOOD FREE STOP " ++
    "WITH YOUR THIS THAT FROM HAVE WHAT";

/// The end of capitals that are read letter by letter: up to four, or more that cannot be said as a
/// word.
noinline fn spelledEnd(r: *Reader, at: usize) usize {
    var end = at;
    var count: usize = 0;
    var vowels: usize = 0;
    var c = r.charAt(at);
    const first = c;
    while (text.isCapital(c)) : (c = r.charAt(end)) {
        vowels += @intFromBool(end > at and r.match(end, "A E I O U Y") > 0);
        count += 1;
        end = r.next(end);
    }
    if (count == 0 or count > 8 or text.isSmall(c) or (count > 4 and vowels > 0)) return 0;
    // I and A in an English sentence.
    const is_english = count == 1 and (first == 'I' or first == 'A') and
        (c == '\'' or c == '’' or (c == ' ' and text.isLatin(r.charAt(end + 1))));
    return if (is_english) 0 else end;
}

/// An acronym with the figures in it and the Hangul attached: KBS가, B2B, GPT-4, K-뷰티, R&D.
pub noinline fn readCapitals(r: *Reader, at: usize) usize {
    const word_end = r.match(at, capital_words);
    if (word_end > 0 and !text.isLatin(r.charAt(word_end))) {
        if (r.value == null) return 0;
        r.say("_");
        r.sayWords(r.value);
        return r.glueHangul(word_end);
    }
    const end = spelledEnd(r, at);
    if (end == 0) return 0;
    r.say("_");
    glueLetters(r, at, end);
    return readRest(r, end);
}

/// What can follow a run of capitals in an acronym.
noinline fn readRest(r: *Reader, from: usize) usize {
    var end = from;
    while (true) {
        const sign = r.charAt(end);
        const next = r.next(end);
        const second = r.charAt(next);
        const is_hyphen = sign == '-';
        const start = if (is_hyphen or sign == '&') next else end;
        if (sign == '+' and !text.isLatin(second) and !text.isDigit(second)) {
            r.say("플러스");
            end = next;
        } else if (sign != '&' and r.digitAt(start)) {
            var number: numbers.Number = undefined;
            var tail: counters.Tail = undefined;
            _ = numbers.scan(r, start, &number);
            counters.tailOf(r, &number, &tail);
            if (tail.kind == .native) return end;
            if (is_hyphen) r.say("_");
            // Figures of a name: one is English (엠피쓰리), more are a number (케이에프 구십사).
            if (number.isFigure()) numbers.glueEnglish(r, &number) else numbers.saySino(r, &number);
            end = number.end;
            // GPT-4o
            const after = r.next(end);
            if (text.isSmall(r.charAt(end)) and !text.isLatin(r.charAt(after))) {
                glueLetters(r, end, after);
                end = after;
            }
        } else {
            const run_end = spelledEnd(r, start);
            const is_word = is_hyphen and text.isHangul(second);
            if (run_end == 0 and !is_word) return r.glueHangul(end);
            if (is_hyphen) r.say("_");
            if (is_word) return r.glueHangul(next);
            if (sign == '&') r.say("앤");
            glueLetters(r, start, run_end);
            end = run_end;
        }
    }
}

/// Figures before capitals: 쓰리디, 투피엠, but 십 케이 and the channel 이 티브이.
pub noinline fn readAfterNumber(r: *Reader, number: *const numbers.Number) usize {
    const end = spelledEnd(r, number.end);
    if (end == 0) return 0;
    if (number.isFigure() and r.match(number.end, "TV") != end) {
        r.say("_");
        numbers.glueEnglish(r, number);
    } else {
        numbers.saySino(r, number);
        r.say("_");
    }
    glueLetters(r, number.end, end);
    return readRest(r, end);
}

noinline fn glueLetters(r: *Reader, start: usize, end: usize) void {
    var at = start;
    while (at < end) : (at = r.next(at)) {
        r.sayEntry("에이 비 시 디 이 에프 지 에이치 아이 제이 케이 엘 엠 엔 오 피 큐 알 에스 티 유 브이 더블유 엑스 와이 제트", (r.charAt(at) | 0x20) - 'a');
    }
}

// Addresses.

const address_bytes_max = 254;

const address_words = "com|컴 net|넷 naver|네이버 gmail|지메일 daum|다음 hanmail|한메일 kakao|카카오 google|구글 nate|네이트 yahoo|야후 " ++
    "samsung|삼성 youtube|유튜브 instagram|인스타그램 facebook|페이스북 twitter|트위터 github|깃허브 " ++
    "korea|코리아 info|인포 admin|어드민 help|헬프 blog|블로그 mail|메일 cafe|카페 " ++
    "shop|숍 news|뉴스 kim|김 lee|이 park|박 choi|최 seoul|서울";

const domains = "com net org kr io ai gov edu me tv co app dev jp cn uk us info biz shop";

const address_signs = ".|_점 -|_하이픈 _|_언더바 +|_플러스 @|_골뱅이 /|_슬래시 ?|_물음표 =|_이퀄 &|_앤 %|_퍼센트 #|_샵 :|_콜론 ~|_물결";

/// The end of an address's characters, the last a letter, a digit or a slash.
noinline fn addressEnd(r: *Reader, at: usize) usize {
    var end = at;
    var next = at;
    while (next < at + address_bytes_max) {
        const is_plain = isPlain(r, next);
        if (!is_plain and r.match(next, address_signs) == 0) break;
        const is_slash = r.charAt(next) == '/';
        next = r.next(next);
        if (is_plain or is_slash) end = next;
    }
    return end;
}

noinline fn isPlain(r: *const Reader, at: usize) bool {
    const c = r.charAt(at);
    return text.isLatin(c) or text.isDigit(c);
}

/// An e-mail or web address: a known domain ends it, or its path follows.
pub noinline fn readAddress(r: *Reader, at: usize) usize {
    const scheme = r.match(at, "http:// https://");
    const start = @max(at, scheme);
    const end = addressEnd(r, start);
    var host = start;
    var next = start;
    while (next < end) {
        const dot = next;
        const c = r.charAt(dot);
        next = r.next(dot);
        if (c == '@') host = next;
        if (c != '.' or dot == host) continue;
        const host_end = r.match(next, domains);
        if (host_end == 0 or (host_end != end and r.charAt(host_end) != '/')) continue;
        if (scheme > 0) {
            r.say("_");
            glueLetters(r, at, scheme - 3);
        }
        sayAddress(r, start, end, host, host_end);
        return r.glueHangul(end);
    }
    return 0;
}

/// The name behind @.
pub fn readHandle(r: *Reader, at: usize) usize {
    const end = addressEnd(r, at);
    if (end == at) return 0;
    sayAddress(r, at, end, at, at);
    return r.glueHangul(end);
}

/// Known words as words, others letter by letter, figures one by one; a domain's points are 닷 in
/// one word with what follows.
noinline fn sayAddress(r: *Reader, start: usize, end: usize, host: usize, host_end: usize) void {
    var at = start;
    r.say("_");
    while (at < end) {
        const c = r.charAt(at);
        var run = at;
        while (text.isLatin(r.charAt(run))) run = r.next(run);
        if (run > at) {
            if (r.match(at, address_words) == run) r.sayWords(r.value) else glueLetters(r, at, run);
        } else {
            run = r.next(at);
            if (text.isDigit(c)) {
                numbers.glueDigits(r, at, run, 10);
            } else if (c == '.' and at > host and at < host_end) {
                r.say("_닷");
            } else {
                _ = r.match(at, address_signs);
                r.sayWords(r.value);
                r.say("_");
            }
        }
        at = run;
    }
}

// Jamo.

/// Letters, clusters, and what people write in chats.
const jamo_words = "ㄱ|기역 ㄲ|쌍기역 ㄴ|니은 ㄷ|디귿 ㄸ|쌍디귿 ㄹ|리을 ㅁ|미음 ㅂ|비읍 ㅃ|쌍비읍 ㅅ|시옷 ㅆ|쌍시옷 ㅇ|이응 ㅈ|지읒 ㅉ|쌍지읒 " ++
    "ㅊ|치읓 ㅋ|크 ㅌ|티읕 ㅍ|피읖 ㅎ|흐 ㅇㅋ|오케이 ㅇㅇ|응 ㄴㄴ|노노 ㄱㄱ|고고 ㄷㄷ|덜덜 ㅊㅋ|축하 ㅊㅊ|축하 ㄱㅅ|감사 ㄳ|감사 ㅈㅅ|죄송 ㅅㄱ|수고 " ++
    "ㅇㅈ|인정 ㄹㅇ|리얼 ㅎㅇ|하이 ㅂㅂ|바이바이 ㅁㄹ|몰라 ㄱㄷ|기다려 ㅇㄷ|어디 ㅁㅊ|미친";

pub noinline fn readJamo(r: *Reader, at: usize) usize {
    r.say("_");
    var end = at;
    var words: usize = 0;
    while (true) : (words += 1) {
        const c = r.charAt(end);
        if (!text.isJamo(c)) break;
        const word = r.match(end, jamo_words);
        if (word > 0) {
            r.sayWords(r.value);
            end = word;
        } else {
            // The vowel behind a silent ㅇ.
            if (c >= 'ㅏ') r.put('아' + (c - 'ㅏ') * 28);
            end = r.next(end);
        }
    }
    // Letters and words have particles behind them; a laugh stands alone.
    return if (words == 1 and r.match(at, "ㅋ ㅎ") == 0) r.glueHangul(end) else end;
}
