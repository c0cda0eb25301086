//! Written forms of a block (numbers, dates, money, addresses, acronyms, symbols …) and the language
//! that reads them.

const std = @import("std");
const english = @import("english/forms.zig");
const korean = @import("korean/forms.zig");
const Spoken = @import("spoken.zig").Spoken;
const text = @import("text.zig");

/// The languages that may read.
pub const Readers = struct { english: bool, korean: bool };

/// Reads the written forms of one block, from the first to the last.
pub const Reader = struct {
    block: []const u8,
    readers: Readers,
    /// The sentence that was looked at last, and whether it is mostly Korean.
    sentence_end: usize = 0,
    is_sentence_korean: bool = false,

    /// The end of the form that begins at a place, with its words in `spoken`; null when none does.
    /// What Korean does not read in a Korean context (words in Latin letters) is left to English.
    pub fn read(self: *Reader, at: usize, spoken: *Spoken) ?usize {
        spoken.clear();
        if (self.readers.korean and (!self.readers.english or self.isKorean(at))) {
            if (korean.read(self.block, at, spoken)) |end| return end;
            spoken.clear();
        }
        if (!self.readers.english) return null;
        return english.read(self.block, at, spoken);
    }

    /// Whether a place is in Korean: by the Hangul between the white space around it, else by most
    /// words of its sentence.
    fn isKorean(self: *Reader, at: usize) bool {
        var start = at;
        while (start > 0 and !isBlank(self.block[start - 1])) start -= 1;
        var end = at;
        while (end < self.block.len and !isBlank(self.block[end])) end += 1;
        if (hasHangul(self.block[start..end])) return true;
        if (at >= self.sentence_end) self.lookAtSentence(start);
        return self.is_sentence_korean;
    }

    fn lookAtSentence(self: *Reader, at: usize) void {
        var end = @min(at, self.sentence_end);
        var words: usize = 0;
        var korean_words: usize = 0;
        while (end < self.block.len) {
            var word_end = end;
            while (word_end < self.block.len and !isBlank(self.block[word_end])) word_end += 1;
            const word = self.block[end..word_end];
            if (hasHangul(word)) {
                korean_words += 1;
            } else if (isEnglish(word)) {
                words += 1;
            }
            end = word_end;
            while (end < self.block.len and isBlank(self.block[end])) end += 1;
            const is_stopped = word.len > 1 and std.mem.findScalar(u8, ".!?", word[word.len - 1]) != null and
                !std.ascii.isDigit(word[word.len - 2]);
            const is_last = is_stopped or end == self.block.len or
                std.mem.findScalar(u8, self.block[word_end..end], '\n') != null;
            if (!is_last) continue;
            // One without words is of the language of the one before.
            if (korean_words + words > 0) self.is_sentence_korean = korean_words >= words;
            if (end > at) break;
            words = 0;
            korean_words = 0;
        }
        self.sentence_end = end;
    }
};

fn isBlank(byte: u8) bool {
    return byte == ' ' or (byte >= '\t' and byte <= '\r');
}

/// Small Latin letters and no digit: not a unit (16GB) or an acronym (SBS), which any language has.
fn isEnglish(word: []const u8) bool {
    var has_small = false;
    for (word) |byte| {
        if (std.ascii.isDigit(byte)) return false;
        has_small = has_small or std.ascii.isLower(byte);
    }
    return has_small;
}

/// Hangul in UTF-8: syllables U+AC00–D7A3, jamo U+1100–11FF, compatibility jamo U+3131–318E.
fn hasHangul(word: []const u8) bool {
    for (word, 0..) |byte, i| {
        const second = if (i + 1 < word.len) word[i + 1] else 0;
        switch (byte) {
            0xEA => if (second >= 0xB0) return true,
            0xEB, 0xEC => return true,
            0xED => if (second < 0x9F) return true,
            0xE1 => if (second >= 0x84 and second <= 0x87) return true,
            0xE3 => if (second >= 0x84 and second <= 0x86) return true,
            else => {},
        }
    }
    return false;
}

/// Writes a block with its forms in words. `sink` has `form(start, end, words) bool`, which may refuse
/// the words, `plain(text.Span)` for the rest; `take(at) ?usize` may take what begins at a place itself, which
/// `begins(at)` tells.
pub fn walk(block: []const u8, reader: ?*Reader, spoken: *Spoken, sink: anytype) !void {
    var segmenter: text.Segmenter = .init(block);
    while (segmenter.position < block.len) {
        const start = segmenter.position;
        if (try sink.take(start)) |end| {
            segmenter.seek(end);
            continue;
        }
        if (reader) |r| if (r.read(start, spoken)) |end| if (try sink.form(start, end, spoken.words())) {
            segmenter.seek(end);
            continue;
        };
        const was_quote_open = segmenter.is_quote_open;
        var span = segmenter.next().?;
        if (span.kind == .punctuation or span.kind == .other) {
            // A form may begin in a run of signs.
            var at = text.unitEnd(block, start);
            while (at < span.end) : (at = text.unitEnd(block, at)) {
                const begins = sink.begins(at) or (reader != null and reader.?.read(at, spoken) != null);
                if (!begins) continue;
                // Once more without the rest, whose quote marks are not the span's.
                segmenter.seek(start);
                segmenter.is_quote_open = was_quote_open;
                segmenter.text = block[0..at];
                span = segmenter.next().?;
                segmenter.text = block;
                break;
            }
        }
        try sink.plain(span);
    }
}
