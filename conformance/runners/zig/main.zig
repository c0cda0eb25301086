//! The runner of the Zig package: answers requests (see conformance/README.md).
//!
//! Every call is made twice: without a buffer, which must give the size needed, and with a buffer
//! of just that size.

const std = @import("std");
const kilophone = @import("kilophone");

const Writer = std.Io.Writer;
const AnyError = kilophone.Error || kilophone.OpenError;

pub fn main(init: std.process.Init) !void {
    var input_buffer: [1 << 16]u8 = undefined;
    var output_buffer: [1 << 16]u8 = undefined;
    var input = std.Io.File.stdin().readerStreaming(init.io, &input_buffer);
    var output = std.Io.File.stdout().writerStreaming(init.io, &output_buffer);
    const out = &output.interface;
    var runner: Runner = try .init(init.gpa);
    defer runner.deinit();
    try out.print("kilophone-runner\tzig\t{s}\n", .{kilophone.version});
    var line: Writer.Allocating = .init(init.gpa);
    defer line.deinit();
    while (true) {
        line.clearRetainingCapacity();
        const bytes = try input.interface.streamDelimiterEnding(&line.writer, '\n');
        if (bytes == 0) break;
        input.interface.toss(1);
        try runner.answer(line.written(), out);
        try out.writeByte('\n');
    }
    try out.flush();
}

const Runner = struct {
    gpa: std.mem.Allocator,
    /// null after an `open` that was refused.
    transcriber: ?*kilophone.Transcriber,
    /// The packs' bytes, which the transcriber reads until it is closed.
    packs: std.heap.ArenaAllocator,

    fn init(gpa: std.mem.Allocator) !Runner {
        return .{
            .gpa = gpa,
            .transcriber = try kilophone.Transcriber.open(gpa, &.{}, .{}),
            .packs = .init(gpa),
        };
    }

    fn deinit(self: *Runner) void {
        if (self.transcriber) |transcriber| transcriber.close();
        self.packs.deinit();
    }

    fn answer(self: *Runner, line: []const u8, out: *Writer) !void {
        var scratch: std.heap.ArenaAllocator = .init(self.gpa);
        defer scratch.deinit();
        const arena = scratch.allocator();
        const operation = line[0 .. std.mem.findScalar(u8, line, '\t') orelse line.len];
        if (std.mem.eql(u8, operation, "open")) return self.open(line, out);
        const request: Request = try .parse(arena, line);
        const transcriber = self.transcriber.?;
        const call = std.meta.stringToEnum(Call, operation).?;
        const reply = perform(arena, transcriber, call, request) catch |err| {
            return writeFault(out, err, transcriber.fault);
        };
        try out.writeAll("ok");
        switch (call) {
            .transcribe, .normalize, .stream, .word_logits => try out.print("\t{x}", .{reply.bytes}),
            .transcribe_many => {
                var start: usize = 0;
                for (reply.ends) |end| {
                    try out.print("\t{x}", .{reply.bytes[start..end]});
                    start = end;
                }
            },
            .analyze => try writeSpans(out, reply.bytes),
            .alternatives => try writeAlternatives(out, reply.bytes),
            .lexicon_load => try out.print("\t{d}", .{reply.count}),
            .lexicon_add, .lexicon_clear => {},
        }
    }

    fn open(self: *Runner, line: []const u8, out: *Writer) !void {
        if (self.transcriber) |transcriber| transcriber.close();
        self.transcriber = null;
        _ = self.packs.reset(.free_all);
        const request: Request = try .parse(self.packs.allocator(), line);
        self.transcriber = kilophone.Transcriber.open(self.gpa, request.packs, request.limits) catch |err| {
            return writeFault(out, err, .{});
        };
        try out.writeAll("ok");
    }
};

const Call = enum {
    transcribe,
    transcribe_many,
    normalize,
    stream,
    analyze,
    alternatives,
    word_logits,
    lexicon_add,
    lexicon_load,
    lexicon_clear,
};

/// A request taken apart.
const Request = struct {
    options: kilophone.Options = .{},
    limits: kilophone.Limits = .{},
    texts: []const []const u8 = &.{},
    packs: []const []const u8 = &.{},
    spelling: []const u8 = "",
    count: usize = 0,
    cuts: []const usize = &.{},

    fn parse(arena: std.mem.Allocator, line: []const u8) !Request {
        var request: Request = .{};
        var texts: std.ArrayList([]const u8) = .empty;
        var packs: std.ArrayList([]const u8) = .empty;
        const Key = enum {
            format,
            stress,
            punctuation,
            unknown,
            separator,
            syllable_separator,
            word_separator,
            language,
            written,
            homographs,
            weak_forms,
            sandhi,
            narrow,
            overrides,
            cache_words,
            lexicon_bytes,
            text,
            pack,
            spelling,
            count,
            cuts,
        };
        var fields = std.mem.splitScalar(u8, line, '\t');
        _ = fields.next();
        while (fields.next()) |field| {
            const equals = std.mem.findScalar(u8, field, '=') orelse return error.NoValue;
            const value = field[equals + 1 ..];
            const options = &request.options;
            switch (std.meta.stringToEnum(Key, field[0..equals]) orelse return error.UnknownField) {
                .format => options.format = std.meta.stringToEnum(kilophone.Format, value).?,
                .stress => options.stress = std.meta.stringToEnum(kilophone.StressPlacement, value).?,
                .punctuation => options.punctuation = std.meta.stringToEnum(kilophone.Punctuation, value).?,
                .unknown => options.unknown = std.meta.stringToEnum(kilophone.Unknown, value).?,
                inline .separator, .syllable_separator, .word_separator, .language => |key| {
                    @field(options, @tagName(key)) = try fromHex(arena, value);
                },
                inline .written, .homographs, .weak_forms, .sandhi, .narrow, .overrides => |key| {
                    @field(options, @tagName(key)) = std.mem.eql(u8, value, "on");
                },
                .lexicon_bytes => request.limits.lexicon_bytes = try std.fmt.parseInt(usize, value, 10),
                .spelling => request.spelling = try fromHex(arena, value),
                .count => request.count = try std.fmt.parseInt(usize, value, 10),
                .cuts => request.cuts = try numbers(arena, value),
                .cache_words => request.limits.cache_words = try std.fmt.parseInt(usize, value, 10),
                .text => try texts.append(arena, try fromHex(arena, value)),
                .pack => try packs.append(arena, try fromHex(arena, value)),
            }
        }
        request.texts = texts.items;
        request.packs = packs.items;
        return request;
    }
};

fn fromHex(arena: std.mem.Allocator, hex: []const u8) ![]const u8 {
    return std.fmt.hexToBytes(try arena.alloc(u8, hex.len / 2), hex);
}

/// Numbers with commas between.
fn numbers(arena: std.mem.Allocator, list: []const u8) ![]const usize {
    var found: std.ArrayList(usize) = .empty;
    var items = std.mem.tokenizeScalar(u8, list, ',');
    while (items.next()) |item| try found.append(arena, try std.fmt.parseInt(usize, item, 10));
    return found.items;
}

const Texts = struct {
    texts: []const []const u8,

    pub fn at(self: Texts, index: usize) []const u8 {
        return self.texts[index];
    }
};

const Reply = struct { bytes: []const u8 = &.{}, ends: []const usize = &.{}, count: usize = 0 };

fn perform(
    arena: std.mem.Allocator,
    transcriber: *kilophone.Transcriber,
    call: Call,
    request: Request,
) kilophone.Error!Reply {
    switch (call) {
        .stream => return stream(arena, transcriber, request),
        .lexicon_add => {
            try transcriber.addWord(request.texts[0], request.spelling, request.options);
            return .{};
        },
        .lexicon_load => return .{ .count = try transcriber.addLexicon(request.texts[0], request.options) },
        .lexicon_clear => {
            transcriber.clearLexicon();
            return .{};
        },
        else => {},
    }
    const ends = arena.alloc(usize, request.texts.len) catch @panic("out of memory");
    _ = callOnce(transcriber, call, request, &.{}, ends) catch |err| switch (err) {
        error.OutOfSpace => {},
        else => return err,
    };
    const item_bytes: usize = if (call == .word_logits) @sizeOf(f32) else 1;
    const buffer = arena.alignedAlloc(u8, .@"4", transcriber.needed * item_bytes) catch @panic("out of memory");
    const written = try callOnce(transcriber, call, request, buffer, ends);
    if (written != transcriber.needed) @panic("the size needed was wrong");
    return .{ .bytes = buffer, .ends = ends };
}

fn callOnce(
    transcriber: *kilophone.Transcriber,
    call: Call,
    request: Request,
    buffer: []align(4) u8,
    ends: []usize,
) kilophone.Error!usize {
    const options = request.options;
    return switch (call) {
        .transcribe => transcriber.transcribe(request.texts[0], options, buffer),
        .transcribe_many => transcriber.transcribeMany(Texts{ .texts = request.texts }, options, buffer, ends),
        .normalize => transcriber.normalize(request.texts[0], options, buffer),
        .analyze => transcriber.analyze(request.texts[0], options, buffer),
        .alternatives => transcriber.alternatives(request.texts[0], request.count, options, buffer),
        .word_logits => transcriber.wordLogits(request.texts[0], options, std.mem.bytesAsSlice(f32, buffer)),
        .stream, .lexicon_add, .lexicon_load, .lexicon_clear => unreachable,
    };
}

/// Transcribes a text in parts, each with what its predecessors left.
fn stream(arena: std.mem.Allocator, transcriber: *kilophone.Transcriber, request: Request) kilophone.Error!Reply {
    const text = request.texts[0];
    var written: std.ArrayList(u8) = .empty;
    var start: usize = 0;
    for (0..request.cuts.len + 1) |i| {
        const is_last = i == request.cuts.len;
        const input = text[start..if (is_last) text.len else request.cuts[i]];
        const part: kilophone.Transcriber.Part = .{ .is_first = i == 0, .is_last = is_last };
        var consumed: usize = undefined;
        _ = transcriber.transcribePart(input, part, request.options, &.{}, &consumed) catch |err| switch (err) {
            error.OutOfSpace => {},
            else => return err,
        };
        const needed = transcriber.needed;
        if (needed > 0 and consumed != 0) @panic("something was consumed without being written");
        // With nothing to write the first call has done it all.
        if (needed > 0) {
            const room = written.addManyAsSlice(arena, needed) catch @panic("out of memory");
            const count = try transcriber.transcribePart(input, part, request.options, room, &consumed);
            if (count != needed) @panic("the size needed was wrong");
        }
        start += consumed;
    }
    if (start != text.len) @panic("the last part was not consumed");
    return .{ .bytes = written.items };
}

fn writeSpans(out: *Writer, records: []const u8) !void {
    var at: usize = 0;
    while (at < records.len) {
        const span = recordAt(kilophone.records.Span, records, at);
        const kind = std.enums.fromInt(kilophone.records.SpanKind, span.kind).?;
        const source = std.enums.fromInt(kilophone.records.Source, span.source).?;
        try out.print("\t{t},{t},{d},{d},{x},{x},{x},", .{
            kind,
            source,
            span.text_start,
            span.text_end,
            records[span.language_at..][0..span.language_bytes],
            records[span.output_at..][0..span.output_bytes],
            records[span.spoken_at..][0..span.spoken_bytes],
        });
        for (0..span.phoneme_count) |i| {
            const phoneme = recordAt(
                kilophone.records.Phoneme,
                records,
                span.phonemes_at + i * @sizeOf(kilophone.records.Phoneme),
            );
            if (i > 0) try out.writeByte(';');
            const spelling = records[phoneme.spelling_at..][0..phoneme.spelling_bytes];
            try out.print("{x}:{d}:{d}:{d}", .{ spelling, phoneme.stress, phoneme.text_start, phoneme.text_end });
        }
        at = span.next_at;
    }
}

fn writeAlternatives(out: *Writer, records: []const u8) !void {
    var at: usize = 0;
    while (at < records.len) {
        const found = recordAt(kilophone.records.Alternative, records, at);
        const source = std.enums.fromInt(kilophone.records.Source, found.source).?;
        const output = records[found.output_at..][0..found.output_bytes];
        const bits: u32 = @bitCast(found.log_probability);
        try out.print("\t{x},{t},{x:0>8}", .{ output, source, bits });
        at = found.next_at;
    }
}

fn recordAt(comptime Record: type, records: []const u8, at: usize) Record {
    return std.mem.bytesToValue(Record, records[at..][0..@sizeOf(Record)]);
}

fn writeFault(out: *Writer, err: AnyError, fault: kilophone.Fault) !void {
    const status = switch (err) {
        error.OutOfSpace => "out_of_space",
        error.InvalidUtf8 => "invalid_utf8",
        error.UnknownCharacter => "unknown_character",
        error.UnknownLanguage => "unknown_language",
        error.UnsupportedFormat => "unsupported_format",
        error.InvalidArgument => "invalid_argument",
        error.OutOfMemory => "out_of_memory",
        error.LimitExceeded => "limit_exceeded",
        error.PackTruncated => "pack_truncated",
        error.PackCorrupt => "pack_corrupt",
        error.PackNewer => "pack_newer",
        error.PackLanguage => "pack_language",
        error.UnsupportedKernels => "unsupported_kernels",
        error.InvalidSpelling => "invalid_spelling",
        error.InvalidLexicon => "invalid_lexicon",
    };
    try out.print("fault\t{s}\t{d}\t{d}", .{ status, fault.text, fault.position });
}
