//! English dates, times of day, and telephone numbers and other digits in groups.

const scan = @import("english_scan.zig");
const numbers = @import("english_numbers.zig");
const Spoken = @import("spoken.zig").Spoken;

const byteAt = scan.byteAt;

// Dates.

/// `1/5/2026`, `2026-01-05`, `25.12.2025`: month first as in America, unless it can only be the day
/// or full stops part them.
pub fn numeric(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    var parts: [3][]const u8 = undefined;
    const separator = byteAt(text, scan.digitsEnd(text, at));
    if (separator != '-' and separator != '/' and separator != '.') return null;
    var end = at;
    for (&parts, 0..) |*part, i| {
        if (i > 0) {
            if (byteAt(text, end) != separator) return null;
            end += 1;
        }
        const start = end;
        end = scan.digitsEnd(text, start);
        part.* = text[start..end];
    }
    if (scan.isWordAt(text, end)) return null;
    if (byteAt(text, end) == separator and scan.isDigit(byteAt(text, end + 1))) return null;
    const is_year_first = parts[0].len == 4;
    const year = parts[if (is_year_first) 0 else 2];
    if (year.len != 4 and (year.len != 2 or separator != '/')) return null;
    const first = parts[if (is_year_first) 1 else 0];
    const second = parts[if (is_year_first) 2 else 1];
    if (first.len > 2 or second.len > 2) return null;
    const is_day_first = !is_year_first and (separator == '.' or scan.value(first) > 12);
    const month = scan.value(if (is_day_first) second else first);
    const day = scan.value(if (is_day_first) first else second);
    if (!isDay(month, day)) return null;
    monthAndDay(spoken, month, day);
    if (year[0] == '0' and year.len == 2) spoken.word("oh");
    numbers.pairs(spoken, scan.value(year));
    return end;
}

/// `5/1` where the word before asks for a date.
pub fn numericWithoutYear(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    if (!scan.before(text, at).isIn("on by due since until before after dated from")) return null;
    const slash = scan.digitsEnd(text, at);
    const end = scan.digitsEnd(text, slash + 1);
    const month = scan.value(text[at..slash]);
    const day = scan.value(text[slash + 1 .. end]);
    if (!isDay(month, day) or end - at > 5) return null;
    monthAndDay(spoken, month, day);
    return end;
}

fn isDay(month: u64, day: u64) bool {
    return month -% 1 < 12 and day -% 1 < 31;
}

fn monthAndDay(spoken: *Spoken, month: u64, day: u64) void {
    spoken.word(scan.nth(scan.months, @intCast(month - 1)));
    numbers.ordinal(spoken, day);
}

const Day = struct { number: u64, end: usize };

/// A day of the month, `5` or `5th`.
fn dayAt(text: []const u8, at: usize) ?Day {
    var end = scan.digitsEnd(text, at);
    const number = scan.value(text[at..end]);
    if (end == at or end - at > 2 or number < 1 or number > 31) return null;
    if (ordinalSuffixEnd(text, end)) |suffix_end| end = suffix_end;
    return .{ .number = number, .end = end };
}

/// The end of `st`, `nd`, `rd` or `th` in small letters or capitals.
pub fn ordinalSuffixEnd(text: []const u8, at: usize) ?usize {
    if (at + 2 > text.len or scan.isAlnum(byteAt(text, at + 2))) return null;
    const suffix = [2]u8{ text[at] | 0x20, text[at + 1] | 0x20 };
    return if (scan.isListed("st nd rd th", &suffix)) at + 2 else null;
}

/// `, 2026` or ` 2026` after the rest of a date; its end, which is `at` when there is none.
fn yearAfter(text: []const u8, at: usize, spoken: *Spoken) usize {
    const comma = @intFromBool(byteAt(text, at) == ',');
    const start = scan.spacesEnd(text, at + comma);
    const end = scan.digitsEnd(text, start);
    if (start == at + comma or end != start + 4 or scan.isWordAt(text, end)) return at;
    if (scan.isDigit(byteAt(text, end + 1)) and byteAt(text, end) != ' ') return at;
    const year = scan.value(text[start..end]);
    if (year < 1000 or year > 2100) return at;
    numbers.pairs(spoken, year);
    return end;
}

/// A month's name: as the text has it, unless it is abbreviated.
fn monthName(spoken: *Spoken, word: []const u8, month: u8) bool {
    const name = scan.nth(scan.months, month - 1);
    spoken.word(if (word.len == name.len) word else name);
    return word.len < name.len;
}

/// `5 January 2026`, `15 Mar`.
pub fn dayFirst(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    const day = dayAt(text, at) orelse return null;
    const word = scan.after(text, day.end);
    const month = scan.monthOf(word.bytes) orelse return null;
    if (!scan.before(text, at).isIn("the The")) spoken.word("the");
    numbers.ordinal(spoken, day.number);
    spoken.word("of");
    const word_end = word.start + word.bytes.len;
    const is_abbreviation = monthName(spoken, word.bytes, month);
    const end = if (is_abbreviation) scan.stopEnd(text, word_end, false) else word_end;
    return yearAfter(text, end, spoken);
}

/// `January 5, 2026`, `Jan. 5`, `Aug. 12-14`, and abbreviated months alone.
pub fn monthFirst(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    const word_end = scan.lettersEnd(text, at);
    const word = text[at..word_end];
    const month = scan.monthOf(word) orelse return null;
    const is_abbreviation = monthName(spoken, word, month);
    const has_stop = is_abbreviation and byteAt(text, word_end) == '.';
    const name_end = word_end + @intFromBool(has_stop);
    const start = scan.spacesEnd(text, name_end);
    const day: ?Day = if (start == name_end) null else dayAt(text, start);
    if (day != null and isWhole(text, day.?.end)) {
        numbers.ordinal(spoken, day.?.number);
        return yearAfter(text, lastDay(text, day.?.end, spoken), spoken);
    }
    if (has_stop) return scan.stopEnd(text, word_end, false);
    const year_end = scan.digitsEnd(text, start);
    if (!is_abbreviation or start == name_end or year_end != start + 4) return null;
    return if (isWhole(text, year_end)) word_end else null;
}

/// Whether a number ends here that is neither a part of a greater one nor has a unit.
fn isWhole(text: []const u8, at: usize) bool {
    return switch (byteAt(text, at)) {
        '.', ',' => !scan.isDigit(byteAt(text, at + 1)),
        ':', '%', '/' => false,
        else => |byte| !scan.isAlnum(byte),
    };
}

/// The second day of a range; `at` when there is none.
fn lastDay(text: []const u8, at: usize, spoken: *Spoken) usize {
    const dash = scan.dashBytes(text, at);
    if (dash == 0) return at;
    const day = dayAt(text, at + dash) orelse return at;
    if (!isWhole(text, day.end)) return at;
    spoken.word("to");
    numbers.ordinal(spoken, day.number);
    return day.end;
}

// Times.

const Meridiem = struct { letter: []const u8, end: usize };

/// `am`, `PM`, `a.m.` behind an hour.
fn meridiemAt(text: []const u8, at: usize) ?Meridiem {
    const start = scan.spacesEnd(text, at);
    const letter: []const u8 = switch (byteAt(text, start) | 0x20) {
        'a' => "A",
        'p' => "P",
        else => return null,
    };
    const has_stop = byteAt(text, start + 1) == '.';
    const end = start + 2 + @intFromBool(has_stop);
    if (byteAt(text, end - 1) | 0x20 != 'm' or scan.isWordAt(text, end)) return null;
    return .{ .letter = letter, .end = if (has_stop) scan.stopEnd(text, end, false) else end };
}

/// `3:45`, `15:30`, `3 p.m.`, `10:15:30`; and ratios (`16:9`).
pub fn time(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    const hour_end = scan.digitsEnd(text, at);
    if (hour_end - at > 2) return null;
    const hour = scan.value(text[at..hour_end]);
    if (byteAt(text, hour_end) != ':') {
        if (hour < 1 or hour > 12) return null;
        const meridiem = meridiemAt(text, hour_end) orelse return null;
        numbers.cardinal(spoken, hour);
        return meridiemEnd(meridiem, spoken);
    }
    const minute_end = scan.digitsEnd(text, hour_end + 1);
    const digits = minute_end - hour_end - 1;
    const minute = scan.value(text[hour_end + 1 .. minute_end]);
    var end = minute_end;
    if (digits == 0 or digits > 2 or scan.isLetter(byteAt(text, end)) and meridiemAt(text, end) == null) return null;
    numbers.cardinal(spoken, hour);
    if (digits == 1 or minute > 59 or hour > 24) {
        spoken.word("to");
        numbers.cardinal(spoken, minute);
        return end;
    }
    const second_end = scan.digitsEnd(text, end + 1);
    const has_seconds = byteAt(text, end) == ':' and second_end == end + 3;
    const meridiem = meridiemAt(text, if (has_seconds) second_end else end);
    if (minute > 0) {
        if (minute < 10) spoken.word("oh");
        numbers.cardinal(spoken, minute);
    } else if (meridiem == null and !has_seconds) {
        spoken.word(if (hour > 0 and hour <= 12) "o'clock" else "hundred");
    }
    if (has_seconds) {
        spoken.word("and");
        const second = scan.value(text[end + 1 .. second_end]);
        numbers.cardinal(spoken, second);
        spoken.word(if (second == 1) "second" else "seconds");
        end = second_end;
    }
    return if (meridiem) |m| meridiemEnd(m, spoken) else end;
}

fn meridiemEnd(meridiem: Meridiem, spoken: *Spoken) usize {
    spoken.word(meridiem.letter);
    spoken.word("M");
    return meridiem.end;
}

// Digits in groups.

/// Lengths of groups, as the digits of a number, that are telephone, card, social security and
/// long ZIP numbers.
const digit_groups = [_]u64{ 334, 1334, 344, 234, 244, 324, 4444, 54 };

/// Telephone numbers and their like: digit by digit. At a digit, `+` or `(`.
pub fn phone(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    const end = switch (text[at]) {
        '(' => bracketed(text, at),
        '+' => international(text, at),
        else => grouped(text, at),
    } orelse return null;
    const is_vanity = text[end - 1] == '-'; // 1-800-FLOWERS
    if (!is_vanity and scan.isWordAt(text, end)) return null;
    if (text[at] == '+') spoken.word("plus");
    numbers.digits(spoken, text[at..end]);
    if (!is_vanity) return end;
    const word_end = scan.lettersEnd(text, end);
    spoken.word(text[end..word_end]);
    return word_end;
}

/// `(555) 123-4567`.
fn bracketed(text: []const u8, at: usize) ?usize {
    const close = scan.digitsEnd(text, at + 1);
    if (close != at + 4 or byteAt(text, close) != ')') return null;
    const start = scan.spacesEnd(text, close + 1 + @intFromBool(byteAt(text, close + 1) == '-'));
    const middle = scan.digitsEnd(text, start);
    const end = scan.digitsEnd(text, middle + 1);
    return if (middle == start + 3 and isSeparator(byteAt(text, middle)) and end == middle + 5) end else null;
}

/// `+1 (555) 123-4567`: any groups of seven to fifteen digits.
fn international(text: []const u8, at: usize) ?usize {
    var end = at + 1;
    var digits: usize = 0;
    while (true) {
        var start = end;
        if (digits > 0 and isSeparator(byteAt(text, start))) start += 1;
        const has_bracket = byteAt(text, start) == '(';
        if (has_bracket) start += 1;
        const run = scan.digitsEnd(text, start);
        digits += run - start;
        if (run == start or digits > 15 or (has_bracket and byteAt(text, run) != ')')) break;
        end = run + @intFromBool(has_bracket);
    }
    return if (digits >= 7) end else null;
}

/// Groups of the right lengths with one separator between all of them.
fn grouped(text: []const u8, at: usize) ?usize {
    var end = scan.digitsEnd(text, at);
    var lengths: u64 = end - at;
    const separator = byteAt(text, end);
    if (!isSeparator(separator)) return null;
    while (byteAt(text, end) == separator) {
        const start = end + 1;
        const run = scan.digitsEnd(text, start);
        if (run == start) break;
        lengths = lengths *| 10 +| run - start;
        end = run;
    }
    if (separator != '-') return if (lengths == 334) end else null;
    if (lengths == 13 and byteAt(text, end) == '-' and scan.isUpper(byteAt(text, end + 1))) return end + 1;
    for (digit_groups) |known| if (lengths == known) return end;
    // A range has round ends: 500-1000.
    return if (lengths == 34 and !(text[at + 2] == '0' and text[end - 1] == '0')) end else null;
}

fn isSeparator(byte: u8) bool {
    return byte == '-' or byte == '.' or byte == ' ';
}

/// Three groups or more with hyphens that are nothing else: `4-4-2` by numbers, longer ones by digits.
pub fn groups(text: []const u8, at: usize, spoken: *Spoken) ?usize {
    var end = scan.digitsEnd(text, at);
    var count: usize = 1;
    var is_short = end - at <= 2;
    while (byteAt(text, end) == '-' and scan.isDigit(byteAt(text, end + 1))) : (count += 1) {
        const start = end + 1;
        end = scan.digitsEnd(text, start);
        if (end - start > 2) is_short = false;
    }
    if (count < 3 or scan.isWordAt(text, end)) return null;
    if (is_short) numbers.parts(spoken, text[at..end], "", false) else numbers.digits(spoken, text[at..end]);
    return end;
}
