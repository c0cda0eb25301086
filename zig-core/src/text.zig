//! Text before the model: UTF-8 validation, segmentation into spans, and the letters of a word.
//! Nothing here allocates or fails; every function is safe on any bytes, and bytes that are not
//! UTF-8 are spans of `other`.

const std = @import("std");
const hangul = @import("hangul.zig");
const latin = @import("latin.zig");
const limits = @import("limits.zig");

// UTF-8.

/// Offset of the first byte of the first ill-formed sequence (overlong forms, surrogates, beyond
/// U+10FFFF, cut off at the end); null when the text is UTF-8.
pub fn firstInvalidUtf8(text: []const u8) ?usize {
    var at: usize = 0;
    while (at < text.len) {
        if (text.len - at >= 8) {
            const eight = std.mem.readInt(u64, text[at..][0..8], .little);
            if (eight & 0x8080808080808080 == 0) {
                at += 8;
                continue;
            }
        }
        const bytes = sequenceBytes(text[at..]);
        if (bytes == 0) return at;
        at += bytes;
    }
    return null;
}

/// Bytes of the well-formed sequence that the text begins with, 0 when it begins with none. The
/// ranges are table 3-7 of the Unicode Standard.
fn sequenceBytes(text: []const u8) usize {
    if (text.len == 0) return 0;
    const lead = text[0];
    const bytes: usize = switch (lead) {
        0x00...0x7F => return 1,
        0xC2...0xDF => 2,
        0xE0...0xEF => 3,
        0xF0...0xF4 => 4,
        else => return 0,
    };
    if (text.len < bytes) return 0;
    const second_min: u8 = switch (lead) {
        0xE0 => 0xA0,
        0xF0 => 0x90,
        else => 0x80,
    };
    const second_max: u8 = switch (lead) {
        0xED => 0x9F,
        0xF4 => 0x8F,
        else => 0xBF,
    };
    if (text[1] < second_min or text[1] > second_max) return 0;
    for (text[2..bytes]) |byte| if (byte & 0xC0 != 0x80) return 0;
    return bytes;
}

pub const Decoded = struct { code_point: u21, end: usize };

/// The code point at an offset before the end; an ill-formed byte is one U+FFFD.
pub fn decode(text: []const u8, at: usize) Decoded {
    const s = text[at..];
    const bytes = sequenceBytes(s);
    const code_point: u21 = switch (bytes) {
        1 => s[0],
        2 => @as(u21, s[0] & 0x1F) << 6 | low6(s[1]),
        3 => @as(u21, s[0] & 0x0F) << 12 | low6(s[1]) << 6 | low6(s[2]),
        4 => @as(u21, s[0] & 0x07) << 18 | low6(s[1]) << 12 | low6(s[2]) << 6 | low6(s[3]),
        else => 0xFFFD,
    };
    return .{ .code_point = code_point, .end = at + @max(bytes, 1) };
}

fn low6(byte: u8) u21 {
    return byte & 0x3F;
}

// Characters.

const Class = enum {
    /// The end of the text.
    end,
    latin,
    /// A syllable, in one code point or several.
    hangul,
    digit,
    space,
    punctuation,
    /// Invisible: inside a word it does not end it, alone it counts as punctuation.
    ignorable,
    /// Combining marks of the general blocks.
    mark,
    other,
};

const Range = struct { u16, u16 };

/// White_Space of the Unicode Character Database.
const spaces = [_]Range{
    .{ 0x09, 0x0D },     .{ ' ', ' ' },       .{ 0x85, 0x85 },     .{ 0xA0, 0xA0 },
    .{ 0x1680, 0x1680 }, .{ 0x2000, 0x200A }, .{ 0x2028, 0x2029 }, .{ 0x202F, 0x202F },
    .{ 0x205F, 0x205F }, .{ 0x3000, 0x3000 },
};

const punctuation_marks = [_]Range{
    // ! " ' ( ) , - . / : ; ? [ \ ] ` { }
    .{ '!', '"' },       .{ '\'', ')' },      .{ ',', '/' },       .{ ':', ';' },
    .{ '?', '?' },       .{ '[', ']' },       .{ '`', '`' },       .{ '{', '{' },
    .{ '}', '}' },
    // ¡ « ´ (typed as an apostrophe) · » ¿, and the letters that are apostrophes.
          .{ 0xA1, 0xA1 },     .{ 0xAB, 0xAB },     .{ 0xB4, 0xB4 },
    .{ 0xB7, 0xB7 },     .{ 0xBB, 0xBB },     .{ 0xBF, 0xBF },     .{ 0x02BB, 0x02BC },
    // Zero-width space: invisible, but it parts words.
    .{ 0x200B, 0x200B },
    // General Punctuation without what is read like a symbol: ‰ ‱ ⁊ ⁎ ⁑ ⁒.
    .{ 0x2010, 0x2027 }, .{ 0x2032, 0x2049 }, .{ 0x204B, 0x204D },
    .{ 0x204F, 0x2050 }, .{ 0x2053, 0x205E },
    // Ideographic; Korean text uses the letter araea, U+318D, as a middle dot (국ㆍ내외).
    .{ 0x3001, 0x3003 }, .{ 0x3008, 0x3011 },
    .{ 0x3014, 0x301F }, .{ 0x30FB, 0x30FB }, .{ 0x318D, 0x318D },
    // Full-width and half-width forms.
    .{ 0xFF01, 0xFF02 },
    .{ 0xFF07, 0xFF09 }, .{ 0xFF0C, 0xFF0F }, .{ 0xFF1A, 0xFF1B }, .{ 0xFF1F, 0xFF1F },
    .{ 0xFF3B, 0xFF3D }, .{ 0xFF5B, 0xFF5B }, .{ 0xFF5D, 0xFF5D }, .{ 0xFF61, 0xFF65 },
};

/// Soft hyphen, joiners, direction marks, word joiner, variation selectors, BOM.
const ignorables = [_]Range{
    .{ 0xAD, 0xAD },     .{ 0x034F, 0x034F }, .{ 0x061C, 0x061C }, .{ 0x200C, 0x200F },
    .{ 0x202A, 0x202E }, .{ 0x2060, 0x2064 }, .{ 0x2066, 0x206F }, .{ 0xFE00, 0xFE0F },
    .{ 0xFEFF, 0xFEFF },
};

const combining_marks = [_]Range{
    .{ 0x0300, 0x036F }, .{ 0x1AB0, 0x1AFF }, .{ 0x1DC0, 0x1DFF }, .{ 0x20D0, 0x20FF },
    .{ 0xFE20, 0xFE2F },
};

fn classOf(code_point: u21) Class {
    switch (code_point) {
        '0'...'9', 0xFF10...0xFF19 => return .digit,
        // Supplementary variation selectors.
        0xE0100...0xE01EF => return .ignorable,
        else => {},
    }
    if (latin.fold(code_point).len > 0) return .latin;
    if (isIn(&spaces, code_point)) return .space;
    if (isIn(&punctuation_marks, code_point)) return .punctuation;
    if (isIn(&ignorables, code_point)) return .ignorable;
    return if (isIn(&combining_marks, code_point)) .mark else .other;
}

/// Tables and a loop, because a `switch` over as many ranges is much larger in wasm.
fn isIn(ranges: []const Range, code_point: u21) bool {
    for (ranges) |range| if (code_point >= range[0] and code_point <= range[1]) return true;
    return false;
}

/// ' ´ ʻ ʼ ‘ ’ ＇. The opening quote and the ʻokina are there for Hawai‘i and misdirected quotes.
fn isApostrophe(code_point: u21) bool {
    return switch (code_point) {
        '\'', 0xB4, 0x02BB, 0x02BC, 0x2018, 0x2019, 0xFF07 => true,
        else => false,
    };
}

fn isHyphen(code_point: u21) bool {
    return switch (code_point) {
        '-', 0x2010, 0x2011, 0xFF0D => true,
        else => false,
    };
}

fn isFullStop(code_point: u21) bool {
    return code_point == '.' or code_point == 0xFF0E;
}

fn isDigitSeparator(code_point: u21) bool {
    return isFullStop(code_point) or code_point == ',' or code_point == 0xFF0C;
}

/// What segmentation never cuts: a code point, a Hangul syllable of several, or a keycap emoji.
const Unit = struct { class: Class, code_point: u21, end: usize };

fn unitAt(text: []const u8, at: usize) Unit {
    if (at >= text.len) return .{ .class = .end, .code_point = 0, .end = text.len };
    const first = decode(text, at);
    if (hangul.typeOf(first.code_point) != .none) return syllableAt(text, at);
    var unit: Unit = .{
        .class = classOf(first.code_point),
        .code_point = first.code_point,
        .end = first.end,
    };
    if (unit.class == .digit) {
        if (keycapEnd(text, first.end)) |end| {
            unit.class = .other;
            unit.end = end;
        }
    }
    return unit;
}

/// The end of the enclosing keycap that follows a digit (1️⃣), null when none does.
fn keycapEnd(text: []const u8, digit_end: usize) ?usize {
    var end = digit_end;
    for ([_]u21{ 0xFE0F, 0x20E3 }) |expected| {
        if (end >= text.len) return null;
        const next = decode(text, end);
        if (next.code_point == expected) {
            end = next.end;
        } else if (expected == 0x20E3) return null;
    }
    return end;
}

/// A Hangul syllable block as Unicode's grapheme clusters have it (leading*, vowel+ or a
/// precomposed syllable, trailing*), so that archaic syllables are not cut. It is a word's when it
/// composes to one modern syllable.
fn syllableAt(text: []const u8, at: usize) Unit {
    var code_points: [3]u21 = undefined;
    var count: usize = 0;
    var end = at;
    var previous: hangul.Type = .none;
    const first = decode(text, at).code_point;
    while (end < text.len) : (count += 1) {
        const next = decode(text, end);
        const kind = hangul.typeOf(next.code_point);
        if (!isSameBlock(previous, kind)) break;
        if (count < code_points.len) code_points[count] = next.code_point;
        previous = kind;
        end = next.end;
    }
    const is_modern = count <= code_points.len and isModernSyllable(code_points[0..count]);
    return .{ .class = if (is_modern) .hangul else .other, .code_point = first, .end = end };
}

/// Rules GB6, GB7 and GB8 of Unicode's annex 29; `none` is the beginning of a block.
fn isSameBlock(before: hangul.Type, after: hangul.Type) bool {
    return switch (before) {
        .none => true,
        .leading => after != .none and after != .trailing,
        .lv, .vowel => after == .vowel or after == .trailing,
        .lvt, .trailing => after == .trailing,
    };
}

fn isModernSyllable(code_points: []const u21) bool {
    if (code_points.len == 0) return false;
    const trailing: ?u21 = switch (hangul.typeOf(code_points[0])) {
        .lvt => return code_points.len == 1,
        .lv => {
            if (code_points.len == 1) return true;
            return code_points.len == 2 and isModernTrailing(code_points[1]);
        },
        else => if (code_points.len == 3) code_points[2] else null,
    };
    if (code_points.len < 2) return false;
    return hangul.compose(.{
        .leading = code_points[0],
        .vowel = code_points[1],
        .trailing = trailing,
    }) != null;
}

fn isModernTrailing(code_point: u21) bool {
    return hangul.typeOf(code_point) == .trailing and hangul.isModernJamo(code_point);
}

fn skipIgnorables(text: []const u8, from: usize) Unit {
    var unit = unitAt(text, from);
    while (unit.class == .ignorable) unit = unitAt(text, unit.end);
    return unit;
}

// Spans.

/// Numbers as `kp_span_kind` in the C ABI.
pub const Kind = enum(u8) { word = 0, number = 1, punctuation = 2, space = 3, other = 4 };

pub const Script = enum(u8) { latin = 0, hangul = 1 };

/// A range of bytes of the text; `script` is that of a word, null for the other kinds.
pub const Span = struct { kind: Kind, script: ?Script, start: usize, end: usize };

/// Cuts a text into spans that cover every byte, in order and without overlap.
pub const Segmenter = struct {
    text: []const u8,
    position: usize,
    /// A single quote has been opened and not closed in this line; an apostrophe after a word is
    /// then its closing.
    is_quote_open: bool,
    /// End of the latest Latin word that ends in a letter.
    letters_end: ?usize,

    pub fn init(text: []const u8) Segmenter {
        return .{ .text = text, .position = 0, .is_quote_open = false, .letters_end = null };
    }

    pub fn next(self: *Segmenter) ?Span {
        const start = self.position;
        const first = unitAt(self.text, start);
        const span: Span = switch (first.class) {
            .end => return null,
            .latin => self.word(.latin, self.latinEnd(start)),
            .hangul => self.word(.hangul, hangulEnd(self.text, first.end)),
            .digit => self.plain(.number, numberEnd(self.text, first.end)),
            .space => self.plain(.space, self.passSpace()),
            .punctuation, .ignorable => if (elisionEnd(self.text, start)) |end| elision: {
                self.letters_end = end;
                break :elision self.word(.latin, end);
            } else self.plain(.punctuation, self.passPunctuation()),
            .mark, .other => self.plain(.other, otherEnd(self.text, first.end)),
        };
        self.position = span.end;
        return span;
    }

    /// Goes on at a later place, where a span ends that was cut by other rules.
    pub fn seek(self: *Segmenter, position: usize) void {
        self.position = position;
        self.letters_end = null;
    }

    fn word(self: *const Segmenter, script: Script, end: usize) Span {
        return .{ .kind = .word, .script = script, .start = self.position, .end = end };
    }

    fn plain(self: *const Segmenter, kind: Kind, end: usize) Span {
        return .{ .kind = kind, .script = null, .start = self.position, .end = end };
    }

    /// The end of the Latin word that begins with the letter at `start`.
    fn latinEnd(self: *Segmenter, start: usize) usize {
        const text = self.text;
        if (!self.isAfterDottedWord(start)) {
            if (dottedEnd(text, start)) |end| {
                // "U.S." ends with its stop, "the U.N's" goes on.
                return if (endsInFullStop(text[start..end])) end else self.passLetters(end);
            }
        }
        const end = self.passLetters(unitAt(text, start).end);
        return if (self.is_quote_open) end else trailingApostropheEnd(text, start, end);
    }

    fn passLetters(self: *Segmenter, after_letter: usize) usize {
        const end = lettersEnd(self.text, after_letter);
        self.letters_end = end;
        return end;
    }

    /// Whether the letter at `start` follows a word and a full stop directly ("gmail.c.o"), so
    /// that a letter-dot pattern does not begin here. It also keeps the search for patterns from
    /// looking at the same letters again and again.
    fn isAfterDottedWord(self: *const Segmenter, start: usize) bool {
        const end = self.letters_end orelse return false;
        const stop = unitAt(self.text, end);
        return stop.end == start and isFullStop(stop.code_point);
    }

    fn passSpace(self: *Segmenter) usize {
        var end = self.position;
        while (true) {
            const unit = unitAt(self.text, end);
            if (unit.class != .space) return end;
            // A quote left open (a dialect word with an apostrophe) has its effect on one line.
            if (isLineBreak(unit.code_point)) self.is_quote_open = false;
            end = unit.end;
        }
    }

    /// A run of punctuation ends where a word with a leading apostrophe begins.
    fn passPunctuation(self: *Segmenter) usize {
        const text = self.text;
        var end = self.position;
        while (true) {
            const unit = unitAt(text, end);
            if (unit.class != .punctuation and unit.class != .ignorable) return end;
            if (end > self.position and elisionEnd(text, end) != null) return end;
            if (isApostrophe(unit.code_point)) self.trackQuote(unit);
            end = unit.end;
        }
    }

    /// A quote mark directly before a letter opens, any other closes. ’ never opens.
    fn trackQuote(self: *Segmenter, mark: Unit) void {
        const following = unitAt(self.text, mark.end).class;
        const is_before_letter = following == .latin or following == .hangul;
        if (!is_before_letter) {
            self.is_quote_open = false;
        } else if (mark.code_point != 0x2019) {
            self.is_quote_open = true;
        }
    }
};

// Blocks.

/// Cuts a text into blocks, which are what words, written forms and phrases look at: nothing depends
/// on another block, so that a text can be read block by block.
///
/// A block ends behind white space with two line breaks (CR LF is one), or behind the first white
/// space that ends `block_bytes_full` or more bytes after its beginning. One that would be longer
/// than `block_bytes_max` ends before the unit that does not fit (a unit that is longer than that
/// alone: before its first code point that does not fit).
pub const Blocks = struct {
    text: []const u8,
    position: usize = 0,
    /// Whether nothing follows the text. Otherwise blocks that what follows might change are kept
    /// back.
    is_last: bool = true,

    /// Bytes behind a block's end that are looked at to find it: a code point.
    const lookahead = 4;

    pub fn next(self: *Blocks) ?[]const u8 {
        const end = self.find() orelse return null;
        defer self.position = end;
        return self.text[self.position..end];
    }

    fn find(self: *const Blocks) ?usize {
        const start = self.position;
        const text = self.text;
        const seen = if (self.is_last) text.len else text.len -| lookahead;
        var at = start;
        while (at < seen) {
            const unit = unitAt(text, at);
            if (unit.end - start > limits.block_bytes_max) return if (at > start) at else cut(text, start);
            if (unit.class != .space) {
                at = unit.end;
                continue;
            }
            var breaks: usize = 0;
            var space = unit;
            var previous: u21 = 0;
            while (space.class == .space and space.end - start <= limits.block_bytes_max) {
                if (isLineBreak(space.code_point) and !(previous == '\r' and space.code_point == '\n')) breaks += 1;
                previous = space.code_point;
                at = space.end;
                space = unitAt(text, at);
            }
            if (breaks >= 2 or at - start >= limits.block_bytes_full) return if (at < seen or self.is_last) at else null;
        }
        return if (self.is_last and text.len > start) text.len else null;
    }

    fn cut(text: []const u8, start: usize) usize {
        var end = start + limits.block_bytes_max;
        while (text[end] & 0xC0 == 0x80) end -= 1;
        return end;
    }
};

/// Where the unit that begins at a place ends.
pub fn unitEnd(text: []const u8, at: usize) usize {
    return unitAt(text, at).end;
}

/// Mandatory breaks of Unicode's annex 14: BK, CR, LF and NL.
fn isLineBreak(code_point: u21) bool {
    return switch (code_point) {
        '\n', 0x0B, 0x0C, '\r', 0x85, 0x2028, 0x2029 => true,
        else => false,
    };
}

/// Whether a span of white space has a line break in it.
pub fn hasLineBreak(space: []const u8) bool {
    var at: usize = 0;
    while (at < space.len) {
        const next = decode(space, at);
        if (isLineBreak(next.code_point)) return true;
        at = next.end;
    }
    return false;
}

fn endsInFullStop(text: []const u8) bool {
    return std.mem.endsWith(u8, text, ".") or std.mem.endsWith(u8, text, "\u{FF0E}");
}

/// Continues a word after one of its letters: over letters and marks, and over an apostrophe, a
/// hyphen or ignorable characters where a letter follows.
fn lettersEnd(text: []const u8, after_letter: usize) usize {
    var end = after_letter;
    while (true) {
        const first = skipIgnorables(text, end);
        if (first.class == .latin or first.class == .mark) {
            end = first.end;
            continue;
        }
        if (!isApostrophe(first.code_point) and !isHyphen(first.code_point)) return end;
        const second = skipIgnorables(text, first.end);
        if (second.class != .latin) return end;
        end = second.end;
    }
}

fn marksEnd(text: []const u8, from: usize) usize {
    var end = from;
    while (true) {
        const unit = unitAt(text, end);
        if (unit.class != .mark) return end;
        end = unit.end;
    }
}

/// The end of a letter-dot pattern (U.S. e.g. a.m): single letters with full stops between, and
/// the last stop when there is one. Null when there is no stop between letters or a piece has more
/// than one letter.
fn dottedEnd(text: []const u8, start: usize) ?usize {
    var at = start;
    var has_inner_stop = false;
    while (true) {
        const letter_end = marksEnd(text, unitAt(text, at).end);
        const stop = unitAt(text, letter_end);
        if (stop.class == .latin) return null;
        if (!isFullStop(stop.code_point)) return if (has_inner_stop) letter_end else null;
        if (unitAt(text, stop.end).class != .latin) return if (has_inner_stop) stop.end else null;
        has_inner_stop = true;
        at = stop.end;
    }
}

/// Words that begin with an apostrophe, from CMUdict, and contractions that tokenised text sets
/// apart (it 's, they 'll).
const elisions = [_][]const u8{
    "allo", "bout", "cause", "course", "cuse", "d",   "em",  "frisco", "gain",  "kay", "ll",
    "m",    "n",    "re",    "round",  "s",    "til", "tis", "twas",   "twere", "ve",
};

/// Of these, words without the apostrophe too: after ‘ they are taken for quoted.
const quotable_elisions = [_][]const u8{ "bout", "cause", "course", "gain", "kay", "round" };

/// The end of the word when an apostrophe and one of `elisions` begin at `start`; with its closing
/// apostrophe for 'n', which else tells a quoted word ('em').
fn elisionEnd(text: []const u8, start: usize) ?usize {
    const mark = unitAt(text, start);
    if (!isApostrophe(mark.code_point)) return null;
    // The second half of '' is a quote.
    if (start > 0 and text[start] == '\'' and text[start - 1] == '\'') return null;
    const letter = unitAt(text, mark.end);
    if (letter.class != .latin) return null;
    const end = lettersEnd(text, letter.end);
    var buffer: [6]u8 = undefined;
    const letters = shortWord(text[mark.end..end], &buffer) orelse return null;
    if (!isOneOf(letters, &elisions)) return null;
    if (mark.code_point == 0x2018 and isOneOf(letters, &quotable_elisions)) return null;
    const closing = unitAt(text, end);
    if (!isApostrophe(closing.code_point)) return end;
    return if (std.mem.eql(u8, letters, "n")) closing.end else null;
}

/// Words that end in an apostrophe, beside those in -in' (goin', nothin').
const clipped_words = [_][]const u8{ "n", "o", "ol" };

/// The end of a word with the apostrophe that follows it when that stands for letters: n' (rock n'
/// roll), o', ol', and words of four or more letters in -in'. Not in dogs', where it is silent.
fn trailingApostropheEnd(text: []const u8, start: usize, end: usize) usize {
    const mark = unitAt(text, end);
    switch (mark.code_point) {
        '\'', 0x02BC, 0x2019, 0xFF07 => {},
        else => return end,
    }
    var buffer: [2]u8 = undefined;
    if (shortWord(text[start..end], &buffer)) |letters| {
        return if (isOneOf(letters, &clipped_words)) mark.end else end;
    }
    var last: [2]u21 = .{ 0, 0 };
    var count: usize = 0;
    var graphemes = Graphemes.init(text[start..end], .latin);
    while (graphemes.next()) |grapheme| {
        last = .{ last[1], grapheme.code_point };
        count += 1;
    }
    return if (count >= 4 and last[0] == 'i' and last[1] == 'n') mark.end else end;
}

/// The letters of a Latin word; null when they do not fit.
fn shortWord(bytes: []const u8, buffer: []u8) ?[]const u8 {
    var count: usize = 0;
    var graphemes = Graphemes.init(bytes, .latin);
    while (graphemes.next()) |grapheme| {
        if (count == buffer.len) return null;
        buffer[count] = @intCast(grapheme.code_point);
        count += 1;
    }
    return buffer[0..count];
}

fn isOneOf(letters: []const u8, list: []const []const u8) bool {
    for (list) |item| if (std.mem.eql(u8, item, letters)) return true;
    return false;
}

fn hangulEnd(text: []const u8, after_syllable: usize) usize {
    var end = after_syllable;
    while (true) {
        const unit = skipIgnorables(text, end);
        if (unit.class != .hangul) return end;
        end = unit.end;
    }
}

/// Continues a number: digits, and a separator where a digit follows (1,000.5).
fn numberEnd(text: []const u8, after_digit: usize) usize {
    var end = after_digit;
    while (true) {
        const first = unitAt(text, end);
        const digit = if (isDigitSeparator(first.code_point)) unitAt(text, first.end) else first;
        if (digit.class != .digit) return end;
        end = digit.end;
    }
}

/// Joiners, variation selectors and marks belong to the emoji or letter before them.
fn otherEnd(text: []const u8, after_first: usize) usize {
    var end = after_first;
    while (true) {
        const unit = unitAt(text, end);
        switch (unit.class) {
            .other, .mark, .ignorable => end = unit.end,
            else => return end,
        }
    }
}

// Graphemes.

/// A normalised letter and the bytes of the word that it came from. Letters that come from one
/// character (ß, a syllable's jamo) have the same bytes.
pub const Grapheme = struct { code_point: u21, start: usize, end: usize };

/// The letters of a word as a model reads them, the same for composed and decomposed spellings.
/// Latin: a–z without diacritics, ' - and full stop. Hangul: conjoining jamo by position.
/// Everything else is passed over.
pub const Graphemes = struct {
    word: []const u8,
    script: Script,
    position: usize,
    /// What remains of the latest character: `pending[pending_at..pending_count]`.
    pending: [3]u21,
    pending_at: usize,
    pending_count: usize,
    start: usize,

    pub fn init(word: []const u8, script: Script) Graphemes {
        return .{
            .word = word,
            .script = script,
            .position = 0,
            .pending = undefined,
            .pending_at = 0,
            .pending_count = 0,
            .start = 0,
        };
    }

    pub fn next(self: *Graphemes) ?Grapheme {
        while (self.pending_at == self.pending_count) {
            if (self.position >= self.word.len) return null;
            const decoded = decode(self.word, self.position);
            self.start = self.position;
            self.position = decoded.end;
            self.pending_at = 0;
            self.pending_count = switch (self.script) {
                .latin => latinLetters(decoded.code_point, &self.pending),
                .hangul => hangulLetters(decoded.code_point, &self.pending),
            };
        }
        const code_point = self.pending[self.pending_at];
        self.pending_at += 1;
        return .{ .code_point = code_point, .start = self.start, .end = self.position };
    }
};

fn latinLetters(code_point: u21, out: *[3]u21) usize {
    const folded = latin.fold(code_point);
    if (folded.len > 0) {
        for (folded, 0..) |c, i| out[i] = c;
        return folded.len;
    }
    out[0] = if (isApostrophe(code_point))
        '\''
    else if (isHyphen(code_point))
        '-'
    else if (isFullStop(code_point))
        '.'
    else
        return 0;
    return 1;
}

fn hangulLetters(code_point: u21, out: *[3]u21) usize {
    if (hangul.decompose(code_point)) |jamo| {
        out[0] = jamo.leading;
        out[1] = jamo.vowel;
        out[2] = jamo.trailing orelse return 2;
        return 3;
    }
    if (!hangul.isModernJamo(code_point)) return 0;
    out[0] = code_point;
    return 1;
}

const testing = std.testing;

// Goal: exactly the ill-formed texts are found, at the right byte. Method: an oracle from the
// standard library over short texts of random bytes: the longest prefix that it finds valid ends at
// the fault.
test "validation agrees with the standard library" {
    var random_state = std.Random.DefaultPrng.init(1);
    const random = random_state.random();
    // Bytes around every limit of the ranges, so that random texts are often nearly valid.
    const likely = "az\x00\x7f\x80\x8f\x90\x9f\xa0\xbf\xc1\xc2\xdf\xe0\xe1\xec" ++
        "\xed\xee\xef\xf0\xf1\xf3\xf4\xf5\xff";
    for (0..200_000) |_| {
        var buffer: [24]u8 = undefined;
        const text = buffer[0..random.uintAtMost(usize, buffer.len)];
        const ascii_bytes = random.uintAtMost(usize, text.len);
        for (text, 0..) |*byte, i| {
            byte.* = if (i < ascii_bytes) 'a' else likely[random.uintLessThan(usize, likely.len)];
        }
        try testing.expectEqual(longestValidPrefix(text), firstInvalidUtf8(text));
    }
}

fn longestValidPrefix(text: []const u8) ?usize {
    if (std.unicode.utf8ValidateSlice(text)) return null;
    var bytes = text.len;
    while (!std.unicode.utf8ValidateSlice(text[0..bytes])) bytes -= 1;
    return bytes;
}

// Goal: the same for each kind of fault alone. Method: written out by hand, behind texts that end
// on either side of the fast path's eight bytes.
test "kinds of ill-formed sequences" {
    const faults = [_][]const u8{
        "\x80",             "\xbf",             "\xc0\x80",         "\xc1\xbf",
        "\xe0\x80\x80",     "\xe0\x9f\xbf",     "\xed\xa0\x80",     "\xed\xbf\xbf",
        "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xff",             "\xc3",             "\xe2\x82",         "\xf0\x9f\x98",
        "\xe2\x28\xa1",     "\xf0\x28\x8c\xbc", "\xc3\x28",
    };
    for (faults) |fault| for (0..18) |prefix_bytes| for ([_][]const u8{ "", "xxxxxxxx" }) |after| {
        var buffer: [64]u8 = undefined;
        const prefix = "aaaaaaaaaaaaaaaaaa"[0..prefix_bytes];
        const text = try std.fmt.bufPrint(&buffer, "{s}{s}{s}", .{ prefix, fault, after });
        try testing.expectEqual(prefix_bytes, firstInvalidUtf8(text));
    };
    try testing.expectEqual(null, firstInvalidUtf8(""));
    try testing.expectEqual(null, firstInvalidUtf8("é한😀\u{10FFFF}\x00\u{FFFE}\u{D7FF}\u{E000}"));
}

// Goal: decoding is exact. Method: every code point through the standard library's encoder.
test "decode every code point" {
    for (0..0x110000) |number| {
        const code_point: u21 = @intCast(number);
        if (!std.unicode.utf8ValidCodepoint(code_point)) continue;
        var buffer: [4]u8 = undefined;
        const bytes = try std.unicode.utf8Encode(code_point, &buffer);
        const decoded = decode(buffer[0..bytes], 0);
        try testing.expectEqual(code_point, decoded.code_point);
        try testing.expectEqual(bytes, decoded.end);
    }
}

/// The spans of a text as one string: L Latin word, H Hangul word, n number, p punctuation,
/// s space, o other, each with its text.
fn describe(text: []const u8, buffer: []u8) ![]const u8 {
    var used: usize = 0;
    var segmenter = Segmenter.init(text);
    while (segmenter.next()) |span| {
        const kind: []const u8 = switch (span.kind) {
            .word => if (span.script == .latin) "L" else "H",
            .number => "n",
            .punctuation => "p",
            .space => "s",
            .other => "o",
        };
        const bytes = text[span.start..span.end];
        used += (try std.fmt.bufPrint(buffer[used..], "{s}<{s}>", .{ kind, bytes })).len;
    }
    return buffer[0..used];
}

fn expectSpans(expected: []const u8, text: []const u8) !void {
    var buffer: [1024]u8 = undefined;
    try testing.expectEqualStrings(expected, try describe(text, &buffer));
}

// Goal: what people write is cut as a reader would. Method: examples by hand.
test "Latin words" {
    try expectSpans("", "");
    try expectSpans("L<Hello>p<,>s< >L<world>p<!>", "Hello, world!");
    try expectSpans("L<don't>s< >L<don’t>s< >L<don‘t>s< >L<don´t>", "don't don’t don‘t don´t");
    try expectSpans("L<well-known>p<-->L<if>s< >L<only>p<—>L<so>", "well-known--if only—so");
    try expectSpans("L<mother-in-law's>p<->", "mother-in-law's-");
    try expectSpans("L<café>s< >L<cafe\u{301}>s< >L<Łódź>", "café cafe\u{301} Łódź");
    try expectSpans("L<ｆｕｌｌ－ｗｉｄｔｈ>p<！>", "ｆｕｌｌ－ｗｉｄｔｈ！");
    try expectSpans(
        "L<co\u{AD}op>p<\u{AD}>s< >p<\u{FEFF}>L<a\u{200D}b>",
        "co\u{AD}op\u{AD} \u{FEFF}a\u{200D}b",
    );
    try expectSpans("L<O’Neill>s< >L<Hawaiʻi>s< >L<rock'n'roll>", "O’Neill Hawaiʻi rock'n'roll");
    try expectSpans("L<MP>n<3>s< >n<1>L<st>s< >L<COVID>p<->n<19>", "MP3 1st COVID-19");
    try expectSpans("L<a>o<_>L<b>o<@>L<c>p<.>L<com>", "a_b@c.com");
    try expectSpans("L<end>p<.>s<\n>L<Next>", "end.\nNext");
    try expectSpans("o<ǃ>L<Kung>s< >L<Straße>", "ǃKung Straße");
}

test "full stops" {
    try expectSpans("L<the>s< >L<U.S.>s< >L<is>", "the U.S. is");
    try expectSpans("L<e.g.>p<,>s< >n<5>s< >L<a.m.>", "e.g., 5 a.m.");
    try expectSpans("L<U.S.A>p<!>", "U.S.A!");
    try expectSpans("L<J>p<.>s< >L<Smith>p<.>", "J. Smith.");
    try expectSpans("L<J.R.R.>s< >L<Tolkien>", "J.R.R. Tolkien");
    try expectSpans("L<U.S.>p<..>", "U.S...");
    try expectSpans("L<U.N's>s< >L<U.S-led>s< >L<U.S.>L<'s>", "U.N's U.S-led U.S.'s");
    try expectSpans("L<U.S.>p<->L<based>", "U.S.-based");
    try expectSpans("L<Ph>p<.>L<D>p<.>", "Ph.D.");
    try expectSpans("L<www>p<.>L<x>p<.>L<y>p<.>L<com>", "www.x.y.com");
    try expectSpans("L<e>p<.>L<g>p<.>L<this>", "e.g.this");
    try expectSpans("L<e\u{301}.g.>H<한국>", "e\u{301}.g.한국");
    try expectSpans("L<Ｕ．Ｓ．>s< >L<x>p<．>", "Ｕ．Ｓ． x．");
}

test "apostrophes at the ends of words" {
    try expectSpans("L<rock>s< >L<'n'>s< >L<roll>", "rock 'n' roll");
    try expectSpans("L<rock>s< >L<n'>s< >L<‘n’>s< >L<’n>s< >L<roll>", "rock n' ‘n’ ’n roll");
    try expectSpans("L<'Tis>s< >L<’twas>s< >L<‘til>", "'Tis ’twas ‘til");
    try expectSpans("L<tell>s< >L<'em>s< >L<'bout>s< >L<it>p<.>", "tell 'em 'bout it.");
    try expectSpans(
        "p<'>L<Cause>p<'>s< >p<'>L<em>p<'>s< >p<‘>L<round>s< >L<it>p<’>",
        "'Cause' 'em' ‘round it’",
    );
    try expectSpans("p<'>L<Hello>p<,'>s< >L<she>", "'Hello,' she");
    try expectSpans("L<she>s< >L<'s>s< >L<do>s< >L<n't>", "she 's do n't");
    try expectSpans(
        "L<dogs>p<'>s< >L<goin'>s< >L<nothin’>s< >L<cup>s< >L<o'>s< >L<tea>",
        "dogs' goin' nothin’ cup o' tea",
    );
    try expectSpans("p<'>L<Let>s< >L<us>s< >L<begin>p<'>s< >L<singin'>", "'Let us begin' singin'");
    try expectSpans("p<'>L<tude>s<\n>L<goin'>", "'tude\ngoin'");
    try expectSpans("p<\">L<'Em>p<\">s< >p<''>L<round>p<''>", "\"'Em\" ''round''");
    try expectSpans("n<90>L<'s>s< >p<'>n<90>L<s>", "90's '90s");
    try expectSpans("p<'>", "'");
}

test "Hangul words" {
    try expectSpans("H<안녕하세요>p<,>s< >H<세계>p<.>", "안녕하세요, 세계.");
    try expectSpans(
        "H<\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}>",
        "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}",
    );
    try expectSpans("H<가\u{11A8}나>p<\u{200B}>", "가\u{11A8}나\u{200B}");
    try expectSpans("H<한\u{AD}국>L<TV>H<를>n<3>H<대>", "한\u{AD}국TV를3대");
    try expectSpans("o<ㅋㅋㅋ>s< >H<네>o<~~ㅠㅠ>", "ㅋㅋㅋ 네~~ㅠㅠ");
    try expectSpans("o<\u{1100}>s< >o<\u{11A8}>s< >o<ﾡ>", "\u{1100} \u{11A8} ﾡ");
    // Archaic and overlong blocks are other as a whole.
    try expectSpans("o<\u{1112}\u{119E}\u{11AB}>H<글>", "\u{1112}\u{119E}\u{11AB}글");
    try expectSpans(
        "o<각\u{11A8}>s< >o<\u{1100}\u{1100}\u{1161}>",
        "각\u{11A8} \u{1100}\u{1100}\u{1161}",
    );
    try expectSpans("H<국>p<ㆍ>H<내외>p<·>H<가>p<「>H<나>p<」>", "국ㆍ내외·가「나」");
}

test "numbers, space, punctuation, other" {
    try expectSpans("n<1,234.5>p<.>s< >n<3.14.15>p<,>", "1,234.5. 3.14.15,");
    try expectSpans("p<->n<5>o<%>s< >o<$>n<3>s< >n<１２，０００>H<원>", "-5% $3 １２，０００원");
    try expectSpans("s< \t\r\n\u{A0}\u{3000}\u{2028}>L<x>", " \t\r\n\u{A0}\u{3000}\u{2028}x");
    try expectSpans("p<¡>L<Hola>p<!>s< >p<«>L<oui>p<»…>", "¡Hola! «oui»…");
    try expectSpans("o<👨\u{200D}👩\u{200D}👧❤\u{FE0F}🇰🇷👍🏽>L<a>", "👨\u{200D}👩\u{200D}👧❤\u{FE0F}🇰🇷👍🏽a");
    try expectSpans(
        "n<1>o<2\u{FE0F}\u{20E3}#\u{FE0F}\u{20E3}>n<3>p<\u{FE0F}>",
        "12\u{FE0F}\u{20E3}#\u{FE0F}\u{20E3}3\u{FE0F}",
    );
    try expectSpans("o<\x00>L<a>o<\x00\x1b>s< >o<\u{301}>", "\x00a\x00\x1b \u{301}");
    try expectSpans("o<漢字かな>p<・>o<Привет>p<，>L<ə>o<ɪ>", "漢字かな・Привет，əɪ");
    try expectSpans("L<a>o<\xff\xe2\x82>", "a\xff\xe2\x82");
    try expectSpans("L<R>o<&>L<B>s< >L<C>o<++>s< >L<and>p</>L<or>", "R&B C++ and/or");
}

/// Pieces whose neighbourhoods exercise every rule.
const pieces = [_][]const u8{
    "a",        "B",        "n",        "in",       "em",
    "é",
    "ß",
    "ﬃ",
    "'",
    "’",
    "‘",
    "-",        ".",        ",",
    "．",
    "1",        "\u{301}",  "\u{AD}",   "\u{200D}", "\u{FE0F}",
    "\u{20E3}", " ",        "\n",       "\u{2028}",
    "한",
    "가",
    "\u{1100}", "\u{1161}", "\u{11A8}", "\u{119E}", "\u{D7CB}",
    "ㅋ",
    "😀",
    "$",        "\x00",
    "漢",
    "…",
    "ｚ",
    "９",
    "ǃ",
    "\xff",     "\xe2\x82", "\xed\xa0", "U.S.",     "\"",
    "\u{200B}",
    "ŉ",
    "ʼ",
};

// Goal: on any text spans cover every byte in order, do not part a sequence, are as long as they
// can be, and words have letters. Method: random strings of pieces, some with a byte overwritten.
test "properties of spans of random texts" {
    var random_state = std.Random.DefaultPrng.init(2);
    const random = random_state.random();
    for (0..60_000) |_| {
        var buffer: [128]u8 = undefined;
        var used: usize = 0;
        for (0..random.uintLessThan(usize, 20)) |_| {
            const piece = pieces[random.uintLessThan(usize, pieces.len)];
            @memcpy(buffer[used..][0..piece.len], piece);
            used += piece.len;
        }
        if (used > 0 and random.uintLessThan(u8, 4) == 0) {
            buffer[random.uintLessThan(usize, used)] = random.int(u8);
        }
        try expectProperties(buffer[0..used]);
    }
}

fn expectProperties(text: []const u8) !void {
    errdefer std.debug.print("text: {x}\n", .{text});
    const is_valid = firstInvalidUtf8(text) == null;
    var covered: usize = 0;
    var previous: ?Kind = null;
    var segmenter = Segmenter.init(text);
    while (segmenter.next()) |span| {
        try testing.expectEqual(covered, span.start);
        try testing.expect(span.end > span.start and span.end <= text.len);
        covered = span.end;
        const bytes = text[span.start..span.end];
        if (is_valid) try testing.expectEqual(null, firstInvalidUtf8(bytes));
        try testing.expectEqual(span.kind == .word, span.script != null);
        if (span.kind != .word) try testing.expect(span.kind != previous);
        previous = span.kind;
        if (span.script) |script| try expectWord(bytes, script);
    }
    try testing.expectEqual(text.len, covered);
    try testing.expectEqual(null, segmenter.next());
}

/// A word is valid UTF-8, has a letter of its script, and its graphemes' ranges go forward.
fn expectWord(word: []const u8, script: Script) !void {
    try testing.expectEqual(null, firstInvalidUtf8(word));
    var letters: usize = 0;
    var last: Grapheme = .{ .code_point = 0, .start = 0, .end = 0 };
    var graphemes = Graphemes.init(word, script);
    while (graphemes.next()) |grapheme| : (last = grapheme) {
        try testing.expect(grapheme.start < grapheme.end and grapheme.end <= word.len);
        const is_same = grapheme.start == last.start and grapheme.end == last.end;
        try testing.expect(is_same or grapheme.start >= last.end);
        switch (script) {
            .latin => {
                const c = grapheme.code_point;
                const is_letter = c >= 'a' and c <= 'z';
                try testing.expect(is_letter or c == '\'' or c == '-' or c == '.');
                letters += @intFromBool(is_letter);
            },
            .hangul => {
                try testing.expect(hangul.isModernJamo(grapheme.code_point));
                letters += 1;
            },
        }
    }
    try testing.expect(letters >= if (script == .hangul) @as(usize, 2) else 1);
}

// Goal: no text makes segmentation slow. Method: patterns that invite looking ahead, long enough
// that a quadratic walk (10^11 steps) would not end.
test "long texts are linear" {
    const patterns = [_][]const u8{
        "a.",       "'a",       "a'", "''",  "\u{AD}",    "a\u{AD}", "a\u{AD}-", "a.b\u{AD}.",
        "\u{1100}", "\u{1161}", "1,", "'n'", "1\u{FE0F}", "a-",      "\u{301}",  "e\u{301}.",
    };
    for (patterns) |pattern| for ([_][]const u8{ "", "zz" }) |end| {
        const text = try testing.allocator.alloc(u8, 300_000 / pattern.len * pattern.len + end.len);
        defer testing.allocator.free(text);
        for (text, 0..) |*byte, i| byte.* = pattern[i % pattern.len];
        @memcpy(text[text.len - end.len ..], end);
        var segmenter = Segmenter.init(text);
        var covered: usize = 0;
        while (segmenter.next()) |span| covered = span.end;
        try testing.expectEqual(text.len, covered);
    };
}

fn expectGraphemes(expected: []const u21, word: []const u8, script: Script) !void {
    var graphemes = Graphemes.init(word, script);
    for (expected) |code_point| try testing.expectEqual(code_point, graphemes.next().?.code_point);
    try testing.expectEqual(null, graphemes.next());
}

// Goal: words reach the model in its alphabet. Method: examples by hand.
test "graphemes of Latin words" {
    const Case = struct { []const u8, []const u8 };
    const cases = [_]Case{
        .{ "Hello", "hello" },
        .{ "Don’t", "don't" },
        .{ "Zoe\u{308}", "zoe" },
        .{ "ZOË", "zoe" },
        .{ "Straße", "strasse" },
        .{ "well\u{2010}known", "well-known" },
        .{ "U.S.", "u.s." },
        .{ "co\u{AD}\u{200D}op", "coop" },
        .{ "oﬃce", "office" },
        .{ "ＡＢ．Ｃ＇ｄ", "ab.c'd" },
        .{ "Hawaiʻi", "hawai'i" },
        .{ "ŉ", "'n" },
        .{ "", "" },
        .{ "\xff\xe2한1😀", "" },
        .{ "Nguyễn", "nguyen" },
        .{ "Nguye\u{302}\u{303}n", "nguyen" },
    };
    for (cases) |case| {
        var expected: [16]u21 = undefined;
        for (case[1], 0..) |c, i| expected[i] = c;
        try expectGraphemes(expected[0..case[1].len], case[0], .latin);
    }
}

// Goal: graphemes say which bytes they come from. Method: ß and a syllable give several with the
// same bytes; offsets are counted by hand.
test "byte ranges of graphemes" {
    var latin_word = Graphemes.init("aße\u{301}b", .latin);
    const expected = [_]Grapheme{
        .{ .code_point = 'a', .start = 0, .end = 1 }, .{ .code_point = 's', .start = 1, .end = 3 },
        .{ .code_point = 's', .start = 1, .end = 3 }, .{ .code_point = 'e', .start = 3, .end = 4 },
        .{ .code_point = 'b', .start = 6, .end = 7 },
    };
    for (expected) |grapheme| try testing.expectEqual(grapheme, latin_word.next());
    try testing.expectEqual(null, latin_word.next());
    var hangul_word = Graphemes.init("가\u{1100}", .hangul);
    const expected_jamo = [_]Grapheme{
        .{ .code_point = 0x1100, .start = 0, .end = 3 },
        .{ .code_point = 0x1161, .start = 0, .end = 3 },
        .{ .code_point = 0x1100, .start = 3, .end = 6 },
    };
    for (expected_jamo) |grapheme| try testing.expectEqual(grapheme, hangul_word.next());
    try testing.expectEqual(null, hangul_word.next());
}

// Goal: the spelling's normalisation form does not matter. Method: all 11,172 syllables composed,
// decomposed, and as a syllable without coda with a trailing jamo; each is one word, and its
// graphemes are the jamo counted up in the order of the standard.
test "all syllables in all spellings" {
    var syllable: u21 = 0xAC00;
    for (0..19) |l| for (0..21) |v| for (0..28) |t| {
        const jamo = [3]u21{ @intCast(0x1100 + l), @intCast(0x1161 + v), @intCast(0x11A7 + t) };
        const expected = jamo[0..if (t == 0) 2 else 3];
        const open: u21 = @intCast(syllable - t);
        try expectSyllable(expected, &.{syllable});
        try expectSyllable(expected, expected);
        if (t > 0) try expectSyllable(expected, &.{ open, jamo[2] });
        syllable += 1;
    };
    try testing.expectEqual(0xD7A4, syllable);
}

fn expectSyllable(expected: []const u21, spelling: []const u21) !void {
    var buffer: [12]u8 = undefined;
    var used: usize = 0;
    for (spelling) |code_point| used += try std.unicode.utf8Encode(code_point, buffer[used..]);
    const text = buffer[0..used];
    var segmenter = Segmenter.init(text);
    const whole: Span = .{ .kind = .word, .script = .hangul, .start = 0, .end = used };
    try testing.expectEqual(whole, segmenter.next());
    try expectGraphemes(expected, text, .hangul);
}
