//! The record buffer of `analyze`: spans, each followed by its phonemes and strings. The layout is
//! that of kp_span and kp_phoneme in kilophone.h.

const std = @import("std");
const abi = @import("abi.zig");
const render = @import("render.zig");
const transcriber = @import("transcriber.zig");

pub const Span = abi.Span;
pub const Phoneme = abi.Phoneme;
pub const SpanKind = abi.SpanKind;
pub const Source = abi.Source;

/// Writes the record of an entry, which is not the end of a text.
pub fn write(output: *render.Output, run: *const transcriber.Run, entry: *const transcriber.Entry) void {
    const is_word = entry.kind == .word;
    const pack = &run.owner.packs[entry.pack];
    const language = if (is_word) pack.language.tag else "";
    const phonemes = if (is_word) entry.phonemes[0..entry.count] else &.{};
    const start = output.length;
    const phonemes_at = start + @sizeOf(Span);
    const language_at = phonemes_at + phonemes.len * @sizeOf(Phoneme);

    var spelling_at = language_at + language.len;
    var counting: render.Output = .{ .buffer = &.{} };
    run.write(&counting, entry);
    const output_at = spelling_at;
    spelling_at += counting.length;
    var end = spelling_at;
    for (phonemes) |token| end += render.spelling(&pack.phonemes[token], run.style.alphabet).len;
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
        .source = @backingInt(@as(Source, if (is_word) .model else .none)),
        .text_start = number(entry.start),
        .text_end = number(entry.start + entry.bytes.len),
        .language_at = number(language_at),
        .language_bytes = number(language.len),
        .output_at = number(output_at),
        .output_bytes = number(counting.length),
        .phonemes_at = number(phonemes_at),
        .phoneme_count = number(phonemes.len),
    });
    for (phonemes) |token| {
        const phoneme = &pack.phonemes[token];
        const spelling = render.spelling(phoneme, run.style.alphabet);
        put(output, Phoneme{
            .stress = @backingInt(phoneme.stress),
            .spelling_at = number(spelling_at),
            .spelling_bytes = number(spelling.len),
        });
        spelling_at += spelling.len;
    }
    output.write(language);
    run.write(output, entry);
    for (phonemes) |token| output.write(render.spelling(&pack.phonemes[token], run.style.alphabet));
    output.write("\x00\x00\x00"[0 .. next_at - end]);
}

/// An offset; one beyond 32 bits makes the whole call fail, whatever stands here.
fn number(value: usize) u32 {
    return @truncate(value);
}

fn put(output: *render.Output, record: anytype) void {
    output.write(std.mem.asBytes(&record));
}
