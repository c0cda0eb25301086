//! The record buffers of `analyze` and `alternatives`: spans, each followed by its phonemes and
//! strings, and pronunciations. The layouts are those of kp_span, kp_phoneme and kp_alternative in
//! kilophone.h.

const std = @import("std");
const abi = @import("abi.zig");
const limits = @import("limits.zig");
const nbest = @import("nbest.zig");
const packs = @import("pack.zig");
const render = @import("render.zig");
const runs = @import("run.zig");
const text = @import("text.zig");
const windows = @import("window.zig");

pub const Span = abi.Span;
pub const Phoneme = abi.Phoneme;
pub const Alternative = abi.Alternative;
pub const SpanKind = abi.SpanKind;
pub const Source = abi.Source;

/// Writes the record of an entry, which is not the end of a text.
pub fn write(output: *render.Output, run: *const runs.Run, entry: *const windows.Entry) void {
    const is_word = entry.kind == .word;
    const pack = &run.owner.packs[entry.pack];
    const language = if (is_word) pack.language.tag else "";
    const phonemes = if (is_word) entry.said() else &.{};
    const word = run.wordOf(entry);
    const start = output.length;
    const phonemes_at = start + @sizeOf(Span);
    const language_at = phonemes_at + phonemes.len * @sizeOf(Phoneme);
    const spoken_at = language_at + language.len;
    const output_at = spoken_at + entry.bytes.len;
    var counting: render.Output = .{ .buffer = &.{} };
    run.write(&counting, entry);
    var spelling_at = output_at + counting.length;
    var end = spelling_at;
    for (0..phonemes.len) |i| end += word.spelling(i, run.style).len;
    const next_at = std.mem.alignForward(usize, end, 4);

    put(output, Span{
        .next_at = number(next_at),
        .kind = @backingInt(@as(SpanKind, switch (entry.kind) {
            .word => .word,
            .number => .number,
            .punctuation => .punctuation,
            .space => .space,
            .other => .other,
            .end_of_text => unreachable,
        })),
        .source = @backingInt(sourceOf(if (is_word) entry.source else null)),
        .text_start = number(entry.start),
        .text_end = number(entry.end),
        .language_at = number(language_at),
        .language_bytes = number(language.len),
        .output_at = number(output_at),
        .output_bytes = number(counting.length),
        .phonemes_at = number(phonemes_at),
        .phoneme_count = number(phonemes.len),
        .spoken_at = number(spoken_at),
        .spoken_bytes = number(entry.bytes.len),
    });
    var places: LetterPlaces = undefined;
    if (is_word) places = .of(entry, pack);
    for (phonemes, 0..) |token, i| {
        const phoneme = &pack.phonemes[token];
        const spelling = word.spelling(i, run.style);
        const place = places.of_phoneme(entry, i);
        put(output, Phoneme{
            .stress = @backingInt(phoneme.stress),
            .spelling_at = number(spelling_at),
            .spelling_bytes = number(spelling.len),
            .text_start = number(place[0]),
            .text_end = number(place[1]),
        });
        spelling_at += spelling.len;
    }
    output.write(language);
    output.write(entry.bytes);
    run.write(output, entry);
    for (0..phonemes.len) |i| output.write(word.spelling(i, run.style));
    fill(output, next_at - end);
}

/// Writes the record of a pronunciation.
pub fn writeAlternative(output: *render.Output, pack: *const packs.Pack, style: render.Style, found: *const nbest.Hypothesis) void {
    const word: render.Word = .{ .pack = pack, .phonemes = found.phonemes() };
    const output_at = output.length + @sizeOf(Alternative);
    var counting: render.Output = .{ .buffer = &.{} };
    word.write(&counting, style);
    const end = output_at + counting.length;
    const next_at = std.mem.alignForward(usize, end, 4);
    put(output, Alternative{
        .next_at = number(next_at),
        .source = @backingInt(if (found.source.is_corrected) Source.correction else .model),
        .log_probability = found.log_probability,
        .output_at = number(output_at),
        .output_bytes = number(counting.length),
    });
    word.write(output, style);
    fill(output, next_at - end);
}

fn sourceOf(source: ?windows.Source) Source {
    return switch (source orelse return .none) {
        .pending => unreachable,
        .model => .model,
        .correction => .correction,
        .user => .user,
        .rule => .rule,
    };
}

/// Where the letters of a word stand in its text: those of a written form, and of an override, at
/// its place as a whole.
const LetterPlaces = struct {
    starts: [limits.graphemes_max + 1]usize,
    count: usize,

    fn of(entry: *const windows.Entry, pack: *const packs.Pack) LetterPlaces {
        var self: LetterPlaces = .{ .starts = undefined, .count = 0 };
        const is_own = !entry.is_spoken and entry.end - entry.start == entry.bytes.len;
        if (!is_own or !entry.is_aligned) return self;
        var letters: text.Graphemes = .init(entry.bytes, pack.language.script);
        while (letters.next()) |letter| : (self.count += 1) {
            if (self.count == limits.graphemes_max) break;
            self.starts[self.count] = entry.start + letter.start;
        }
        self.starts[self.count] = entry.end;
        return self;
    }

    /// First byte of a phoneme's letters, and the one after the last.
    fn of_phoneme(self: *const LetterPlaces, entry: *const windows.Entry, index: usize) [2]usize {
        const letters = entry.spans[index];
        if (letters.last >= self.count) return .{ entry.start, entry.end };
        // Letters of one character all begin where it does.
        var after = letters.last + 1;
        while (after < self.count and self.starts[after] == self.starts[letters.last]) after += 1;
        return .{ self.starts[letters.first], self.starts[after] };
    }
};

/// An offset; one beyond 32 bits makes the whole call fail, whatever stands here.
fn number(value: usize) u32 {
    return @truncate(value);
}

fn put(output: *render.Output, record: anytype) void {
    output.write(std.mem.asBytes(&record));
}

fn fill(output: *render.Output, bytes: usize) void {
    output.write("\x00\x00\x00"[0..bytes]);
}
