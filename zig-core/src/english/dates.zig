//! English dates, times of day, and telephone numbers and other digits in groups.

const scan = @import("scan.zig");
const numbers = @import("numbers.zig");
const Reader = scan.Reader;

// Dates.

/// `1/5/2026`, `2026-01-05`, `25.12.2025`: month first as in America, unless it can only be the day
/// or full stops part them.
pub fn numeric(r: *const Reader, at: usize) usize {
    const first_end = r.digitsEnd(at);
    const second_end = r.digitsEnd(first_end + 1);
    const end = r.digitsEnd(second_end + 1);
    const separator = r.byte(first_end);
    if (!scan.anyOf("-./", separator) or r.byte(second_end) != separator or r.isWord(end)) return 0;
    if (r.byte(end) == separator and r.isDigit(end + 1)) return 0;
    const first = r.value(at, first_end);
    const second = r.value(first_end + 1, second_end);
    const third = r.value(second_end + 1, end);
    const first_bytes = first_end - at;
    const third_bytes = end - second_end - 1;
    if (second_end > first_end + 3) return 0;
    if (first_bytes == 4 and third_bytes <= 2) {
        return if (monthAndDay(r, second, third)) year(r, first, end) else 0;
    }
    if (first_bytes > 2 or third_bytes != 4 and (third_bytes != 2 or separator != '/')) return 0;
    const is_day_first = separator == '.' or first > 12;
    const is_date = if (is_day_first) monthAndDay(r, second, first) else monthAndDay(r, first, second);
    return if (is_date) year(r, third, end) else 0;
}

fn year(r: *const Reader, number: u64, end: usize) usize {
    if (number < 10) numbers.lastPair(r, number) else numbers.pairs(r, number);
    return end;
}

/// `5/1` where the word before asks for a date.
pub fn numericWithoutYear(r: *const Reader, at: usize) usize {
    if (!r.isBefore(at, "on|by|due|since|until|before|after|dated|from")) return 0;
    const slash = r.digitsEnd(at);
    const end = r.digitsEnd(slash + 1);
    if (end - at > 5) return 0;
    return if (monthAndDay(r, r.value(at, slash), r.value(slash + 1, end))) end else 0;
}

fn monthAndDay(r: *const Reader, month: u64, day: u64) bool {
    if (month -% 1 >= 12 or day -% 1 >= 31) return false;
    r.say(scan.nth(scan.months, @intCast(month - 1)));
    numbers.ordinal(r, day);
    return true;
}

/// The end of a day of the month, `5` or `5th`, else 0.
noinline fn dayEnd(r: *const Reader, at: usize) usize {
    const end = r.digitsEnd(at);
    if (end == at or end - at > 2 or r.value(at, end) -% 1 >= 31) return 0;
    const suffix_end = ordinalSuffixEnd(r, end);
    return if (suffix_end > 0) suffix_end else end;
}

/// The end of `st`, `nd`, `rd` or `th` in small letters or capitals, else 0.
pub noinline fn ordinalSuffixEnd(r: *const Reader, at: usize) usize {
    const end = at + 2;
    if (end > r.text.len or r.isAlnum(end)) return 0;
    return if (r.findFolded("st|nd|rd|th", at, end) != null) end else 0;
}

/// `, 2026` or ` 2026` after the rest of a date; its end, which is `at` when there is none.
noinline fn yearAfter(r: *const Reader, at: usize) usize {
    const space = at + @intFromBool(r.byte(at) == ',');
    const start = r.spacesEnd(space);
    const end = r.digitsEnd(start);
    if (start == space or end != start + 4 or r.isWord(end)) return at;
    if (r.isDigit(end + 1) and r.byte(end) != ' ') return at;
    const number = r.value(start, end);
    if (number < 1000 or number > 2100) return at;
    numbers.pairs(r, number);
    return end;
}

/// A month's name: as the text has it, unless it is abbreviated.
noinline fn monthName(r: *const Reader, start: usize, end: usize, month: usize) callconv(.c) bool {
    const name = scan.nth(scan.months, month - 1);
    const is_whole = scan.isEnd(name[end - start]);
    if (is_whole) r.copy(start, end) else r.say(name);
    return !is_whole;
}

/// `5 January 2026`, `15 Mar`.
pub fn dayFirst(r: *const Reader, at: usize) usize {
    const day_end = dayEnd(r, at);
    if (day_end == 0) return 0;
    const month = r.monthAfter(day_end);
    if (month == 0) return 0;
    if (!r.isBefore(at, "the")) r.say("the");
    numbers.ordinal(r, r.value(at, day_end));
    r.say("of");
    const end = r.afterEnd(day_end);
    const is_abbreviation = monthName(r, r.spacesEnd(day_end), end, month);
    return yearAfter(r, if (is_abbreviation) r.stopEnd(end, false) else end);
}

/// `January 5, 2026`, `Jan. 5`, `Aug. 12-14`, and abbreviated months alone.
pub fn monthFirst(r: *const Reader, at: usize) usize {
    const word_end = r.lettersEnd(at);
    const month = r.monthOf(at, word_end);
    if (month == 0) return 0;
    const is_abbreviation = monthName(r, at, word_end, month);
    const has_stop = is_abbreviation and r.byte(word_end) == '.';
    const name_end = word_end + @intFromBool(has_stop);
    const start = r.spacesEnd(name_end);
    if (start > name_end) {
        const end = wholeDay(r, start);
        if (end > 0) return yearAfter(r, lastDay(r, end));
    }
    if (has_stop) return r.stopEnd(word_end, false);
    const year_end = r.digitsEnd(start);
    const is_before_year = start > name_end and year_end == start + 4 and isWhole(r, year_end);
    return if (is_abbreviation and is_before_year) word_end else 0;
}

noinline fn wholeDay(r: *const Reader, at: usize) usize {
    const end = dayEnd(r, at);
    if (end == 0 or !isWhole(r, end)) return 0;
    numbers.ordinal(r, r.value(at, end));
    return end;
}

/// Whether a number ends here that is neither a part of a greater one nor has a unit.
noinline fn isWhole(r: *const Reader, at: usize) callconv(.c) bool {
    const next = r.byte(at);
    if (scan.anyOf(":%/", next) or r.isAlnum(at)) return false;
    return !scan.anyOf(".,", next) or !r.isDigit(at + 1);
}

/// The second day of a range; `at` when there is none.
fn lastDay(r: *const Reader, at: usize) usize {
    const end = r.attempt(at, toDay);
    return if (end > 0) end else at;
}

fn toDay(r: *const Reader, at: usize) usize {
    const start = r.dashEnd(at);
    if (start == 0) return 0;
    r.say("to");
    return wholeDay(r, start);
}

// Times.

/// The end of `am`, `PM`, `a.m.` behind an hour, else 0.
noinline fn meridiemEnd(r: *const Reader, at: usize) usize {
    const start = r.spacesEnd(at);
    if (!scan.anyOf("ap", r.byte(start) | 0x20)) return 0;
    const has_stop = r.byte(start + 1) == '.';
    const end = start + 2 + @intFromBool(has_stop);
    if (r.byte(end - 1) | 0x20 != 'm' or r.isWord(end)) return 0;
    return if (has_stop) r.stopEnd(end, false) else end;
}

/// Says `A M` or `P M`, if it is there.
noinline fn meridiem(r: *const Reader, at: usize) usize {
    const end = meridiemEnd(r, at);
    if (end > 0) {
        const start = r.spacesEnd(at);
        r.spell(start, start + 1);
        r.say("M");
    }
    return end;
}

/// `3:45`, `15:30`, `3 p.m.`, `10:15:30`; and ratios (`16:9`).
pub fn time(r: *const Reader, at: usize) usize {
    const hour_end = r.digitsEnd(at);
    if (hour_end - at > 2) return 0;
    const hour = r.value(at, hour_end);
    if (r.byte(hour_end) != ':') {
        if (hour -% 1 >= 12) return 0;
        numbers.cardinal(r, hour);
        return meridiem(r, hour_end);
    }
    var end = r.digitsEnd(hour_end + 1);
    const minute = r.value(hour_end + 1, end);
    const minute_digits = end - hour_end - 1;
    const is_before_meridiem = meridiemEnd(r, end) > 0;
    if (minute_digits -% 1 > 1 or r.isLetter(end) and !is_before_meridiem) return 0;
    numbers.cardinal(r, hour);
    if (minute_digits == 1 or minute > 59 or hour > 24) {
        r.say("to");
        numbers.cardinal(r, minute);
        return end;
    }
    const second_end = r.digitsEnd(end + 1);
    const has_seconds = r.byte(end) == ':' and second_end == end + 3;
    if (minute > 0) {
        numbers.lastPair(r, minute);
    } else if (!is_before_meridiem and !has_seconds) {
        r.say(if (hour -% 1 < 12) "o'clock" else "hundred");
    }
    if (has_seconds) {
        r.say("and");
        const second = r.value(end, second_end);
        numbers.cardinal(r, second);
        r.say("second");
        if (second != 1) r.glue("s");
        end = second_end;
    }
    const form_end = meridiem(r, end);
    return if (form_end > 0) form_end else end;
}

// Digits in groups.

/// Telephone numbers and their like, at a digit, `+` or `(`: digit by digit, but by numbers when no
/// group has more than two (`4-4-2`).
pub fn phone(r: *const Reader, at: usize) usize {
    var is_short = !r.isAny(at, "+(");
    const end = phoneEnd(r, at, &is_short);
    if (end == 0) return 0;
    const is_vanity = r.byte(end - 1) == '-'; // 1-800-FLOWERS
    if (!is_vanity and r.isWord(end)) return 0;
    if (r.byte(at) == '+') r.say("plus");
    if (is_short) numbers.sequence(r, at, end, null, false) else numbers.digits(r, at, end);
    if (!is_vanity) return end;
    const word_end = r.lettersEnd(end);
    r.copy(end, word_end);
    return word_end;
}

/// Groups with one separator between all of them; with a `+` in front any seven to fifteen digits,
/// and with a bracket (`(555) 123-4567`) ten.
fn phoneEnd(r: *const Reader, at: usize, is_short: *bool) usize {
    const lead = r.byte(at);
    const is_plain = r.isDigit(at);
    var end = at + @intFromBool(lead == '+');
    var separator: u8 = 0;
    var digits: usize = 0;
    // The lengths of the groups, as the digits of a number.
    var lengths: u64 = 0;
    while (lead != '(' or lengths != 334) {
        var start = end;
        const next = r.byte(start);
        if (digits > 0) {
            if (scan.anyOf("-. ", next) and (!is_plain or separator == 0 or next == separator)) {
                separator = next;
                start += 1;
            } else if (is_plain) break;
        }
        const has_bracket = !is_plain and r.byte(start) == '(';
        start += @intFromBool(has_bracket);
        const run = r.digitsEnd(start);
        digits += run - start;
        if (run == start or (has_bracket and r.byte(run) != ')')) break;
        if (digits > 15 and !is_plain) break;
        if (run > start + 2) is_short.* = false;
        lengths = lengths *% 10 +% run - start;
        end = run + @intFromBool(has_bracket);
    }
    if (lead == '+') return if (digits >= 7) end else 0;
    if (!is_plain or separator != '-') return if (lengths == 334 and separator > 0) end else 0;
    switch (lengths) {
        13 => return if (r.byte(end) == '-' and r.isUpper(end + 1)) end + 1 else 0,
        // A range has round ends: 500-1000.
        34 => return if (r.byte(at + 2) == '0' and r.byte(end - 1) == '0') 0 else end,
        // A long ZIP code.
        54 => return end,
        // Three groups or more are nothing else.
        else => return if (lengths > 99) end else 0,
    }
}
