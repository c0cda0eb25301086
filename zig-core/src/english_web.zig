//! Addresses as English reads them: mail, web, file names, hashtags and names with an at sign.

const std = @import("std");
const scan = @import("english_scan.zig");
const numbers = @import("english_numbers.zig");
const quantities = @import("english_quantities.zig");
const words = @import("english_words.zig");
const Spoken = @import("spoken.zig").Spoken;

const byteAt = scan.byteAt;

/// An address that begins with digits (`3com.com`).
pub fn numberedAddress(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    if (!scan.isLetter(byteAt(text, scan.digitsEnd(text, at)))) return null;
    return address(text, at, spoken);
}

pub fn address(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    const end = addressEnd(text, at) orelse return null;
    write(spoken, text[at..end]);
    const possessive_end = scan.possessiveEnd(text, end) orelse return end;
    spoken.glue("'s");
    return possessive_end;
}

fn isHost(byte: u8) bool {
    return scan.isAlnum(byte) or byte == '.' or byte == '-' or byte == '_' or byte == '+' or byte == '@';
}

fn isUrl(byte: u8) bool {
    return switch (byte) {
        '!'...'~' => switch (byte) {
            '"', '<', '>', '\\', '^', '`', '{', '|', '}', '[', ']' => false,
            else => true,
        },
        else => false,
    };
}

/// Without the punctuation of the sentence.
fn trimmed(text: []const u8, at: usize, untrimmed: usize) usize {
    var end = untrimmed;
    while (end > at) : (end -= 1) switch (text[end - 1]) {
        '.', ',', ';', ':', '!', '?', '\'', ')', '(', '*', '-', '_', '+', '@' => {},
        else => return end,
    };
    return end;
}

fn addressEnd(text: []const u8, at: usize) ?usize {
    const scheme_end = scan.lettersEnd(text, at);
    const is_url = scan.has(text, scheme_end, "://") or
        (scan.has(text, at, "mailto:") or scan.has(text, at, "www.")) and scan.isAlnum(byteAt(text, scheme_end + 1));
    if (is_url) {
        const end = trimmed(text, at, scan.runEnd(text, at, isUrl));
        return if (end > scheme_end + 1) end else null;
    }
    const end = trimmed(text, at, scan.runEnd(text, at, isHost));
    const host = text[at..end];
    if (std.mem.indexOfScalar(u8, host, '@')) |sign| {
        return if (sign > 0 and isDomain(host[sign + 1 ..])) end else null;
    }
    if (std.mem.indexOfScalar(u8, host, '+') != null) return null;
    if (isDomain(host)) {
        const next = byteAt(text, end);
        const goes_on = next == '/' or ((next == '?' or next == '#' or next == ':') and scan.isAlnum(byteAt(text, end + 1)));
        if (!goes_on) return end;
        return @max(end, trimmed(text, at, scan.runEnd(text, end, isUrl)));
    }
    return if (isSnake(host)) end else null;
}

/// Names with full stops, none of which could end a sentence: no capital follows any, the first
/// is no initial, the last is of letters.
fn isDomain(host: []const u8) bool {
    var start: usize = 0;
    var count: usize = 0;
    var first: usize = 0;
    var last: []const u8 = "";
    while (start < host.len) : (count += 1) {
        var end = start;
        while (end < host.len and host[end] != '.') : (end += 1) {
            if (host[end] == '@' or host[end] == '+') return false;
        }
        if (end == start) return false;
        last = host[start..end];
        if (count == 0) first = end;
        if (count > 0 and scan.isUpper(last[0])) return false;
        start = end + 1;
    }
    if (count < 2 or last.len < 2 or !scan.isLetter(last[0])) return false;
    return first > 1 or scan.isListed("com org net co", last);
}

/// `max_value`.
fn isSnake(host: []const u8) bool {
    var has_underscore = false;
    for (host, 0..) |byte, i| switch (byte) {
        '_' => has_underscore = i > 0 and scan.isAlnum(host[i - 1]) or has_underscore,
        '.', '-' => return false,
        else => {},
    };
    return has_underscore;
}

const sign_names = ".=dot;/=slash;:=colon;-=dash;_=underscore;@=at;?=question mark;&=and;#=hash;+=plus;" ++
    "%=percent;~=tilde;,=comma;!=exclamation mark;*=star;'=apostrophe;$=dollar;(=open;)=close";

fn write(spoken: *Spoken, bytes: []const u8) void {
    var at: usize = 0;
    while (at < bytes.len) {
        const start = at;
        if (scan.isLetter(bytes[start])) {
            at = scan.lettersEnd(bytes, start);
            piece(spoken, bytes[start..at], start > 0 and bytes[start - 1] == '.');
        } else if (scan.isDigit(bytes[start])) {
            at = scan.digitsEnd(bytes, start);
            digits(spoken, bytes[start..at]);
        } else {
            at += 1;
            const sign = bytes[start..at];
            spoken.word(switch (sign[0]) {
                '=' => "equals",
                ';' => "semicolon",
                else => scan.find(sign_names, sign) orelse continue,
            });
        }
    }
}

fn digits(spoken: *Spoken, bytes: []const u8) void {
    const number = scan.value(bytes);
    const is_year = bytes.len == 4 and number >= 1900 and number < 2100;
    const is_short = bytes.len == 1 or (bytes.len == 2 and bytes[0] != '0');
    if (is_year) numbers.pairs(spoken, number) else if (is_short) numbers.cardinal(spoken, number) else numbers.digits(spoken, bytes);
}

fn piece(spoken: *Spoken, letters: []const u8, is_after_stop: bool) void {
    var buffer: [4]u8 = undefined;
    if (letters.len <= buffer.len) {
        for (letters, 0..) |byte, i| buffer[i] = byte & 0xDF;
        if (words.specialReading(buffer[0..letters.len])) |reading| return spoken.word(reading);
    }
    var has_vowel = letters.len > 1 and scan.isListed("my by", letters);
    for (letters) |byte| {
        has_vowel = has_vowel or scan.isVowel(byte) or (letters.len > 2 and byte | 0x20 == 'y');
    }
    // Codes of countries and file types, but not "co" and "me".
    const is_ending = is_after_stop and letters.len == 2 and !scan.isListed("co me", letters);
    if (letters.len == 1 or !has_vowel or is_ending) return words.spell(spoken, letters);
    spoken.word(letters);
}

/// `#MeToo`, `#1`, `@jack`.
pub fn tag(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    if (at > 0 and (scan.isWordBefore(text, at) or text[at - 1] == text[at] or text[at - 1] == '&')) return null;
    const start = at + 1;
    const is_hash = text[at] == '#';
    const first = byteAt(text, start);
    if (scan.isDigit(first)) {
        spoken.word(if (is_hash) "number" else "at");
        return quantities.number(text, start, spoken);
    }
    if (!scan.isLetter(first) and !(first == '_' and scan.isLetter(byteAt(text, start + 1)))) return null;
    spoken.word(if (is_hash) "hashtag" else "at");
    var end = start;
    while (true) {
        const from = end;
        const byte = byteAt(text, from);
        if (scan.isLetter(byte)) {
            end = camelEnd(text, from);
            const letters = text[from..end];
            if (letters.len > 1 and scan.isUpper(letters[1])) {
                words.acronym(spoken, letters);
            } else if (is_hash) {
                spoken.word("");
                for (letters) |letter| spoken.glue(&.{letter | 0x20});
            } else spoken.word(letters);
        } else if (scan.isDigit(byte)) {
            end = scan.digitsEnd(text, from);
            digits(spoken, text[from..end]);
        } else if (byte == '_' and scan.isAlnum(byteAt(text, from + 1))) {
            end += 1;
            spoken.word("underscore");
        } else return end;
    }
}

/// The end of a word within `MeToo` or `BBCNews`.
fn camelEnd(text: []const u8, at: usize) usize {
    const capitals_end = scan.runEnd(text, at, scan.isUpper);
    if (!scan.isLower(byteAt(text, capitals_end))) return capitals_end;
    if (capitals_end > at + 1) return capitals_end - 1;
    return scan.runEnd(text, capitals_end, scan.isLower);
}
