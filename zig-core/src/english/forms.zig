//! English written forms to spoken ones: numbers, dates, money, units, addresses, abbreviations and
//! acronyms to words as a dictionary has them. docs/WRITTEN-EN.md says which reading is chosen where
//! there are several; conformance/written/en.tsv has the examples.

const std = @import("std");
const scan = @import("scan.zig");
const dates = @import("dates.zig");
const quantities = @import("quantities.zig");
const web = @import("web.zig");
const words = @import("words.zig");
const Reader = scan.Reader;
const Spoken = @import("../spoken.zig").Spoken;

/// Reads the written form that begins at `at`, the start of a word or number or any unit of
/// punctuation or symbols: puts its words into `spoken` and gives the offset where it ends. Null,
/// with `spoken` as it was, when what is there is read as it stands. Context is looked for in
/// `block` alone, which is UTF-8.
pub fn read(block: []const u8, at: usize, spoken: *Spoken) ?usize {
    const mark = spoken.length;
    const r: Reader = .{ .text = block, .spoken = spoken };
    const end = r.attempt(at, form);
    if (end > 0 and spoken.length > mark) {
        // A form's 's is the same for all; that of a plural (`5kg's`) is not heard.
        const possessive_end = r.possessiveEnd(end);
        if (possessive_end > 0 and r.last() != 's') r.glue("'s");
        if (!spoken.overflowed) return @max(end, possessive_end);
    }
    spoken.length = mark;
    return null;
}

fn form(r: *const Reader, at: usize) usize {
    const lead = r.byte(at);
    if (scan.isLetterByte(lead)) return words.word(r, at);
    if (scan.isDigitByte(lead)) return quantities.number(r, at);
    return switch (lead) {
        0, ' ', ',', '"', '!', '?', ';' => 0,
        '.' => point(r, at),
        '/' => path(r, at),
        '#', '@' => r.first(at, &.{ web.tag, sign }),
        '(' => dates.phone(r, at),
        '+' => r.first(at, &.{ dates.phone, sign }),
        else => r.first(at, &.{ quantities.shortYear, quantities.money, vulgar, sign }),
    };
}

/// `½`.
fn vulgar(r: *const Reader, at: usize) usize {
    return if (r.byte(at) < 0x80) 0 else quantities.number(r, at);
}

/// `.5`, and `.NET` or `.com` when nothing stands before.
fn point(r: *const Reader, at: usize) usize {
    const start = at + 1;
    if (r.isWordBefore(at) or r.byte(at -% 1) == '.') return 0;
    if (r.isDigit(start)) return quantities.number(r, at);
    if (!r.isLower(start) and !r.isCapitals(start, start + 2)) return 0;
    r.say("dot");
    // The word behind is read with it, rewritten or not.
    const end = r.attempt(start, words.word);
    if (end > 0) return end;
    const word_end = r.lettersEnd(start);
    r.copy(start, word_end);
    return word_end;
}

/// `/usr/bin/python3`.
fn path(r: *const Reader, at: usize) usize {
    const previous = r.byte(at -% 1);
    if (previous > ' ' and previous != '(') return 0;
    var end = at;
    var count: usize = 0;
    while (r.byte(end) == '/' and r.isAlnum(end + 1)) : (count += 1) {
        r.say("slash");
        const start = end + 1;
        end = r.attempt(start, words.code);
        if (end > 0) continue;
        end = r.lettersEnd(start);
        if (end == start) return 0;
        r.copy(start, end);
    }
    return if (count > 1) end else 0;
}

fn sign(r: *const Reader, at: usize) usize {
    return r.first(at, &.{ prefix, alone, between });
}

/// A sign that nothing directly before it could own, with the number or money directly behind it.
fn prefix(r: *const Reader, at: usize) usize {
    const previous = r.byte(at -% 1);
    const is_at_start = if (previous < 0x80) scan.anyOf(" \n\t([\"'", previous) else !r.isWordBefore(at);
    if (at > 0 and !is_at_start) return 0;
    const start = quantities.sign(r, at, 'p');
    if (start == 0) return 0;
    const is_number = r.isDigit(start) or (r.byte(start) == '.' and r.isDigit(start + 1));
    return if (is_number) quantities.number(r, start) else quantities.money(r, start);
}

/// A sign with space on both sides, or the end of the text.
fn alone(r: *const Reader, at: usize) usize {
    const end = r.charEnd(at);
    if (at > 0 and !r.isAny(at - 1, "\n ")) return 0;
    if (end < r.text.len and !r.isAny(end, " \n,.")) return 0;
    return quantities.sign(r, at, 'a');
}

/// What may also be a bullet, a quote mark or a dash, with space on both sides between operands.
fn between(r: *const Reader, at: usize) usize {
    const end = r.charEnd(at);
    if (r.byte(at -% 1) != ' ' or r.byte(end) != ' ') return 0;
    // Bullets stand before words, and hyphens between them.
    const of_numbers = r.isAny(at, "*-");
    if (!isOperand(r, at, of_numbers) or !isOperand(r, end, of_numbers)) return 0;
    if (r.byte(at) == '-' and r.runEnd(end, isNotEqualsSign) == r.text.len) return 0;
    return quantities.sign(r, at, 'b');
}

fn isNotEqualsSign(byte: u8) callconv(.c) bool {
    return byte != '=';
}

/// Whether a number, or any word, stands beside the space at a sign's start or end.
noinline fn isOperand(r: *const Reader, at: usize, is_number: bool) callconv(.c) bool {
    var place = r.spacesEnd(at);
    if (place == at) {
        while (place > 0 and r.text[place - 1] == ' ') place -= 1;
        place -|= 1;
    }
    if (is_number) return r.isDigit(place);
    return r.isWord(place) or r.isAny(place, ").(") or r.byte(place) >= 0x80;
}

const testing = std.testing;
const limits = @import("../limits.zig");
const Segmenter = @import("../text.zig").Segmenter;

/// The text with its forms replaced, walked as the transcriber walks it: forms are tried at the
/// starts of words and numbers and at every unit of the rest.
pub fn rewrite(text: []const u8, buffer: []u8) ![]const u8 {
    var used: usize = 0;
    var segmenter = Segmenter.init(text);
    while (segmenter.next()) |span| {
        var at = span.start;
        while (at < span.end) {
            var spoken: Spoken = .{};
            const is_whole = span.kind == .word or span.kind == .number or span.kind == .space;
            const unit_end = if (is_whole) span.end else at + try std.unicode.utf8ByteSequenceLength(text[at]);
            const end = if (span.kind == .space) null else read(text, at, &spoken);
            const bytes = if (end == null) text[at..unit_end] else spoken.words();
            if (end) |e| {
                try testing.expect(e > at and e <= text.len);
                try testing.expect(e == text.len or text[e] & 0xC0 != 0x80);
                try testing.expect(spoken.length > 0);
            } else try testing.expectEqual(0, spoken.length);
            if (bytes.len > buffer.len - used) return error.NoSpaceLeft;
            @memcpy(buffer[used..][0..bytes.len], bytes);
            used += bytes.len;
            at = end orelse unit_end;
        }
        segmenter.position = at;
    }
    return buffer[0..used];
}

/// A sentence or form, and how it is spoken: the centre of conformance/written/en.tsv.
const cases = [_][2][]const u8{
    .{ "I have 3 cats, 1,234 fish and 105 ants.", "I have three cats, one thousand two hundred thirty four fish and one hundred five ants." },
    .{ "Agent 007", "Agent zero zero seven" },
    .{ "It was -5 outside.", "It was minus five outside." },
    .{ "the 21st, 1,000th and 30TH", "the twenty first, one thousandth and thirtieth" },
    .{ "3.14 or .5", "three point one four or point five" },
    .{ "2 1/2 cups, 3/4 tsp and ½ lb", "two and a half cups, three quarters teaspoon and one half pound" },
    .{ "9/11, 24/7 and 50/50", "nine eleven, twenty four seven and fifty fifty" },
    .{ "in 1984, 1905 and 2005", "in nineteen eighty four, nineteen oh five and two thousand five" },
    .{ "1500 people in 1066", "one thousand five hundred people in ten sixty six" },
    .{ "the 1990s, '90s and 2010s", "the nineteen nineties, nineties and twenty tens" },
    .{ "1990–1995", "nineteen ninety to nineteen ninety five" },
    .{ "January 5, 2026, at 3:05 PM", "January fifth twenty twenty six, at three oh five P M" },
    .{ "5 Jan. 2026", "the fifth of january twenty twenty six" },
    .{ "1/5/2026 or 2026-01-05", "january fifth twenty twenty six or january fifth twenty twenty six" },
    .{ "at 5 p.m. The room", "at five P M. The room" },
    .{ "9am-5pm, 15:30, 12:00", "nine A M to five P M, fifteen thirty, twelve o'clock" },
    .{ "$4.50, $1, $4.5 billion", "four dollars and fifty cents, one dollar, four point five billion dollars" },
    .{ "£2.99, €10k, 5¢, US$20", "two pounds and ninety nine pence, ten thousand euros, five cents, twenty U S dollars" },
    .{ "a $5 bill for $15/hr", "a five dollar bill for fifteen dollars per hour" },
    .{ "1 kg, 5kg, 100 km/h, 6 ft", "one kilogram, five kilograms, one hundred kilometers per hour, six feet" },
    .{ "-5°C, 50%, 20 m², 10 µg", "minus five degrees celsius, fifty percent, twenty square meters, ten micrograms" },
    .{ "a 6-ft wall, 5'10\" tall", "a six foot wall, five feet ten inches tall" },
    .{ "1920x1080 at 60 fps", "nineteen twenty by ten eighty at sixty frames per second" },
    .{ "+1 (555) 123-4567", "plus one five five five one two three four five six seven" },
    .{ "555-1234 and 500-1000", "five five five one two three four and five hundred to one thousand" },
    .{ "Henry VIII, Chapter IV, Rocky II", "Henry the eighth, Chapter four, Rocky two" },
    .{ "World War I, XXI century, Malcolm X", "World War one, twenty first century, Malcolm X" },
    .{ "john.doe@example.com", "john dot doe at example dot com" },
    .{ "https://www.example.org/path?x=1.", "H T T P S colon slash slash W W W dot example dot org slash path question mark X equals one." },
    .{ "#MeToo #1 @jack", "hashtag me too number one at jack" },
    .{ "3.11.2, v2.0, Python 3.11", "three point eleven point two, version two point zero, Python three point eleven" },
    .{ "192.168.1.1", "one nine two dot one six eight dot one dot one" },
    .{ "Dr. Smith on Elm Dr. today", "doctor Smith on Elm drive today" },
    .{ "St. John at 5 Main St.", "saint John at five Main street." },
    .{ "No. 5. No. I said no.", "number five. No. I said no." },
    .{ "Apple Inc. said, etc.", "Apple incorporated said, et cetera." },
    .{ "Austin, TX, and Portland, OR 97201", "Austin, texas, and Portland, oregon nine seven two zero one" },
    .{ "FBI's CEOs, USB-C, non-EU", "F B I's C E O's, U S B C, non E U" },
    .{ "NASA, NATO, JPEG, OpenAI", "NASA, NATO, jay peg, Open A I" },
    .{ "BREAKING NEWS: TELL US WHO IT IS", "BREAKING NEWS: TELL US WHO IT IS" },
    .{ "The WHO and the US", "The W H O and the U S" },
    .{ "FBI RAIDS HOUSE", "F B I RAIDS HOUSE" },
    .{ "This is NOT good.", "This is NOT good." },
    .{ "MP3s, COVID-19, H2O, R2-D2", "M P threes, COVID nineteen, H two O, R two D two" },
    .{ "4K, 1080p, x86, 747s, F-150", "four K, ten eighty P, X eighty six, seven forty sevens, F one fifty" },
    .{ "Dial 911. 911 people came.", "Dial nine one one. nine hundred eleven people came." },
    .{ "R&D, AT&T, C++, C#, mc^2", "R and D, A T and T, C plus plus, C sharp, M C squared" },
    .{ "x^², 2^³, mc², 10³", "X squared, two cubed, M C squared, ten cubed" },
    .{ "H₂O, CO₂ and C₆H₁₂O₆ or x₁", "H two O, C O two and C six H twelve O six or X one" },
    .{ "100/day, 30k/year, b/c 5 m/s or km/h", "one hundred per day, thirty thousand per year, because five meters per second or kilometers per hour" },
    .{ "Smith² in 1999²", "Smith² in nineteen ninety nine²" },
    .{ "2 + 2 = 4, 2+2=4, 5 > 3", "two plus two equals four, two plus two equals four, five greater than three" },
    .{ "3-2, pp. 5–7, 4-4-2", "three to two, pages five to seven, four four two" },
    .{ "config.json in /usr/bin/", "config dot jason in slash usr slash bin/" },
    .{ "Hello, world -- don't 'stop'...", "Hello, world -- don't 'stop'..." },
    .{ "U.S. troops, the a.m. shift", "U S troops, the A M shift" },
    .{ "in the U.S. The U.S.", "in the U S. The U S." },
    .{ "George W. Bush, J. Smith, C. S. Lewis", "George W Bush, J Smith, C S Lewis" },
    .{ "Plan B. Nobody knew. A. Parts", "Plan B. Nobody knew. A. Parts" },
    .{ "J.R.R. Tolkien, U.N.'s M.D.s", "J R R Tolkien, U N's M D's" },
    .{ "* item **bold** <b> ==== :-)", "* item **bold** <b> ==== :-)" },
    .{ "well-known and/or café 😀 漢字", "well-known and/or café 😀 漢字" },
};

// Goal: the readings that docs/WRITTEN-EN.md promises. Method: examples by hand.
test "written forms" {
    var buffer: [1024]u8 = undefined;
    for (cases) |case| try testing.expectEqualStrings(case[1], try rewrite(case[0], &buffer));
}

/// Pieces that forms begin with, go on with or end in.
const pieces = [_][]const u8{
    "1",      "05",      "1984",    "1,234", ".",   ",",    "-",
    "–",
    "/",      ":",       "'",
    "’",
    "\"",     "$",
    "€",
    "½",
    "°",
    "C",      "%",       "+",       "=",     "^",   "x",
    "×",
    "(",      ")",       " ",       " ",     "\n",  "a",    "am",
    "p.m.",   "St",      "Dr",      "Jan",   "May", "VIII", "I",
    "#",      "@",       "_",       "www",   "com", "FBI",  "s",
    "ed",     "k",       "kg",
    "m²",
    "²",
    "and",
    "é",
    "한",
    "😀",
    "\u{A0}", "&",       "http://", "v",     "No",  "TX",   "\x00",
    "µ",
    "™",
    "₂",
    "US",     "million", "th",      "5",     "~",   "<",
    "−",
    "′",
};

// Goal: no text breaks reading, and forms end where a character ends. Method: random strings of
// pieces and of any code points; `rewrite` checks every end.
test "any text is read" {
    var random_state = std.Random.DefaultPrng.init(5);
    const random = random_state.random();
    for (0..40_000) |round| {
        var buffer: [256]u8 = undefined;
        var used: usize = 0;
        for (0..random.uintLessThan(usize, 24)) |_| {
            if (round % 2 == 0) {
                const piece = pieces[random.uintLessThan(usize, pieces.len)];
                @memcpy(buffer[used..][0..piece.len], piece);
                used += piece.len;
            } else {
                const bits = random.uintLessThan(u5, 18);
                const code_point: u21 = @intCast(random.int(u32) & ((@as(u32, 8) << bits) - 1) & 0xFFFFF);
                if (!std.unicode.utf8ValidCodepoint(code_point)) continue;
                used += try std.unicode.utf8Encode(code_point, buffer[used..]);
            }
        }
        var output: [16384]u8 = undefined;
        errdefer std.debug.print("text: {s}\n", .{buffer[0..used]});
        _ = try rewrite(buffer[0..used], &output);
    }
}

// Goal: a reading that is too long is none, and leaves what was there. Method: digits that need more
// than the buffer, behind a word.
test "overflow" {
    const digits: [limits.spoken_bytes_max]u8 = @splat('7');
    var spoken: Spoken = .{};
    spoken.word("before");
    try testing.expectEqual(null, read(&digits, 0, &spoken));
    try testing.expectEqualStrings("before", spoken.words());
}
