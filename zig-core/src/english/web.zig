//! Addresses as English reads them: mail, web, file names, hashtags and names with an at sign.

const scan = @import("scan.zig");
const numbers = @import("numbers.zig");
const quantities = @import("quantities.zig");
const words = @import("words.zig");
const Reader = scan.Reader;

/// An address that begins with digits (`3com.com`).
pub fn numberedAddress(r: *const Reader, at: usize) usize {
    return if (r.isLetter(r.digitsEnd(at))) address(r, at) else 0;
}

fn isHost(byte: u8) callconv(.c) bool {
    return scan.isLetterByte(byte) or scan.isDigitByte(byte) or scan.anyOf(".-_+@", byte);
}

fn isUrl(byte: u8) callconv(.c) bool {
    return byte > ' ' and byte <= '~' and !scan.anyOf("\"<>\\^`{|}[]", byte);
}

/// The end of the run of a class without the punctuation of the sentence; not before `at`.
noinline fn trimmedEnd(r: *const Reader, at: usize, from: usize, class: *const scan.Class) usize {
    var end = r.runEnd(from, class);
    while (end > at and r.isAny(end - 1, ".,;:!?')(*-_+@")) end -= 1;
    return end;
}

fn addressEnd(r: *const Reader, at: usize) usize {
    const scheme_end = r.lettersEnd(at);
    const is_scheme = r.has(scheme_end, "://");
    if (is_scheme or (r.has(at, "mailto:") or r.has(at, "www.")) and r.isAlnum(scheme_end + 1)) {
        const end = trimmedEnd(r, at, at, isUrl);
        return if (end > scheme_end + 1) end else 0;
    }
    const end = trimmedEnd(r, at, at, isHost);
    var start = at;
    var is_snake = false;
    var has_plus = false;
    var is_dotted = false;
    for (at..end) |i| switch (r.byte(i)) {
        '@' => {
            if (i == at or start > at) return 0;
            start = i + 1;
        },
        '_' => is_snake = is_snake or i > at and r.isAlnum(i - 1),
        '+' => {
            if (start > at) return 0;
            has_plus = true;
        },
        '.', '-' => is_dotted = true,
        else => {},
    };
    const is_mail = start > at;
    if (has_plus and !is_mail) return 0;
    if (isDomain(r, start, end)) {
        const next = r.byte(end);
        const goes_on = !is_mail and (next == '/' or scan.anyOf("?#:", next) and r.isAlnum(end + 1));
        return if (goes_on) @max(end, trimmedEnd(r, at, end, isUrl)) else end;
    }
    return if (is_snake and !is_dotted and !is_mail) end else 0;
}

/// Names with full stops, none of which could end a sentence: no capital follows any, the first
/// is no initial, the last is of letters.
fn isDomain(r: *const Reader, from: usize, until: usize) bool {
    var start = from;
    var first_bytes: usize = 0;
    for (from..until) |end| if (r.byte(end) == '.') {
        if (end == start) return false;
        if (start == from) first_bytes = end - start else if (r.isUpper(start)) return false;
        start = end + 1;
    };
    if (start == from or until < start + 2 or !r.isLetter(start) or r.isUpper(start)) return false;
    return first_bytes > 1 or r.isListed("com|org|net|co", start, until);
}

const sign_names = ".=dot|/=slash|:=colon|-=dash|_=underscore|@=at|?=question mark|&=and|#=hash|+=plus|" ++
    "%=percent|~=tilde|,=comma|!=exclamation mark|*=star|'=apostrophe|$=dollar|(=open|)=close|" ++
    "==equals|;=semicolon";

pub fn address(r: *const Reader, from: usize) usize {
    const until = addressEnd(r, from);
    var at = from;
    while (at < until) {
        const start = at;
        if (r.isLetter(start)) {
            at = r.lettersEnd(start);
            piece(r, start, at, start > from and r.byte(start - 1) == '.');
        } else if (r.isDigit(start)) {
            at = digits(r, start);
        } else {
            at += 1;
            _ = r.sayFound(sign_names, start, at);
        }
    }
    return until;
}

noinline fn digits(r: *const Reader, start: usize) usize {
    const end = r.digitsEnd(start);
    const number = r.value(start, end);
    const is_year = end == start + 4 and number >= 1900 and number < 2100;
    const is_short = end == start + 1 or (end == start + 2 and number >= 10);
    if (is_year or is_short) numbers.pairs(r, number) else numbers.digits(r, start, end);
    return end;
}

fn piece(r: *const Reader, start: usize, end: usize, is_after_stop: bool) void {
    const length = end - start;
    if (r.findFolded(words.special, start, end)) |reading| return r.say(reading);
    const is_word = words.hasVowel(r, start, end) and
        (length != 2 or r.byte(end - 1) != 'y' or r.isListed("my|by", start, end));
    // Codes of countries and file types, but not "co" and "me".
    const is_ending = is_after_stop and length == 2 and !r.isListed("co|me", start, end);
    if (length == 1 or !is_word or is_ending) r.spell(start, end) else r.copy(start, end);
}

/// `#MeToo`, `#1`, `@jack`.
pub fn tag(r: *const Reader, at: usize) usize {
    const is_hash = r.byte(at) == '#';
    const previous = r.byte(at -% 1);
    if (r.isWordBefore(at) or previous == r.byte(at) or previous == '&') return 0;
    const start = at + 1;
    if (r.isDigit(start)) {
        r.say(if (is_hash) "number" else "at");
        return quantities.number(r, start);
    }
    if (!r.isLetter(start + @intFromBool(r.byte(start) == '_'))) return 0;
    r.say(if (is_hash) "hashtag" else "at");
    var end = start;
    while (true) {
        const from = end;
        if (r.isLetter(from)) {
            end = camelEnd(r, from);
            if (r.isUpper(from + 1) and end > from + 1) {
                words.acronym(r, from, end);
            } else if (is_hash) {
                r.say("");
                for (from..end) |letter| r.glueByte(r.byte(letter) | 0x20);
            } else r.copy(from, end);
        } else if (r.isDigit(from)) {
            end = digits(r, from);
        } else if (r.byte(from) == '_' and r.isAlnum(from + 1)) {
            end += 1;
            r.say("underscore");
        } else return end;
    }
}

/// The end of a word within `MeToo` or `BBCNews`.
fn camelEnd(r: *const Reader, at: usize) usize {
    const capitals_end = r.runEnd(at, scan.isUpperByte);
    if (!r.isLower(capitals_end)) return capitals_end;
    if (capitals_end > at + 1) return capitals_end - 1;
    return r.runEnd(capitals_end, scan.isLowerByte);
}
