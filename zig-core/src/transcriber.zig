//! The pipeline: text → spans → words and their graphemes → phonemes → output. A transcriber owns
//! all memory that this needs; a text of any length passes through a window of spans.

const std = @import("std");
const abi = @import("abi.zig");
const Cache = @import("cache.zig").Cache;
const decode = @import("decode.zig");
const dispatch = @import("dispatch.zig");
const hangul = @import("hangul.zig");
const limits = @import("limits.zig");
const packs = @import("pack.zig");
const records = @import("records.zig");
const render = @import("render.zig");
const text = @import("text.zig");
const transformer = @import("transformer.zig");

const Pack = packs.Pack;

/// The packs in the library: used when none are given.
pub const embedded = [_][]const u8{ &embedded_english, &embedded_korean };
const embedded_english align(64) = @embedFile("en-us.kph").*;
const embedded_korean align(64) = @embedFile("ko.kph").*;

pub const OpenError = packs.Error || error{ OutOfMemory, LimitExceeded, UnsupportedKernels };
pub const Error = error{
    OutOfSpace,
    InvalidUtf8,
    UnknownCharacter,
    UnknownLanguage,
    UnsupportedFormat,
    InvalidArgument,
    LimitExceeded,
};

pub const Limits = struct {
    kernels: dispatch.Kernels = .best,
    /// Words whose phonemes are remembered.
    cache_words: usize = limits.cache_words_default,
};

pub const Format = abi.Format;
pub const Punctuation = abi.Punctuation;
pub const Unknown = abi.Unknown;

pub const Options = struct {
    format: Format = .ipa,
    stress: render.Placement = .syllable,
    punctuation: Punctuation = .keep,
    unknown: Unknown = .keep,
    /// Between the phonemes of a word; null: the format's own.
    separator: ?[]const u8 = null,
    /// Tag of an open pack; null: each word by its script.
    language: ?[]const u8 = null,
};

/// Where a call found its fault.
pub const Fault = struct { text: usize = 0, position: usize = 0 };

pub const Transcriber = struct {
    gpa: std.mem.Allocator,
    arena: std.heap.ArenaAllocator,
    packs: []const Pack,
    forward: dispatch.Forward,
    scratch: transformer.Scratch,
    cache: Cache,
    window: Window,
    fault: Fault = .{},
    /// Bytes (floats, for `wordLogits`) that the last call needed, when it had no space.
    needed: usize = 0,

    /// Opens a transcriber over `given` packs (none: the embedded ones), whose bytes stay as they
    /// are until `close`. Nothing is allocated after this.
    pub fn open(gpa: std.mem.Allocator, given: []const []const u8, with: Limits) OpenError!*Transcriber {
        if (given.len > limits.packs_max or with.cache_words > limits.cache_words_max) return error.LimitExceeded;
        const self = try gpa.create(Transcriber);
        errdefer gpa.destroy(self);
        self.* = undefined;
        self.gpa = gpa;
        self.fault = .{};
        self.needed = 0;
        self.arena = .init(gpa);
        errdefer self.arena.deinit();
        const arena = self.arena.allocator();
        self.forward = dispatch.choose(with.kernels) orelse return error.UnsupportedKernels;
        const sources = if (given.len == 0) &embedded else given;
        const opened = try arena.alloc(Pack, sources.len);
        for (sources, opened, 0..) |bytes, *pack, index| {
            pack.* = try Pack.read(arena, bytes);
            for (opened[0..index]) |other| {
                if (other.language == pack.language) return error.PackLanguage;
            }
        }
        self.packs = opened;
        self.scratch = try allocateScratch(arena, opened);
        self.cache = try .init(arena, with.cache_words);
        self.window = try .init(arena);
        return self;
    }

    pub fn close(self: *Transcriber) void {
        const gpa = self.gpa;
        self.arena.deinit();
        gpa.destroy(self);
    }

    /// Writes the phonemes of `input`; returns how many bytes.
    pub fn transcribe(self: *Transcriber, input: []const u8, options: Options, out: []u8) Error!usize {
        var output: render.Output = .{ .buffer = out };
        var sink: TextSink = .{ .output = &output, .ends = &.{} };
        var run: Run = try .start(self, options, .{ .text = &sink });
        try run.add(input);
        run.flush();
        return self.fitted(&output, 1);
    }

    /// Writes the phonemes of texts, one after the other; `ends[i]` is where the i-th ends.
    pub fn transcribeMany(self: *Transcriber, inputs: anytype, options: Options, out: []u8, ends: []usize) Error!usize {
        var output: render.Output = .{ .buffer = out };
        var sink: TextSink = .{ .output = &output, .ends = ends };
        var run: Run = try .start(self, options, .{ .text = &sink });
        for (0..ends.len) |i| try run.add(inputs.at(i));
        run.flush();
        return self.fitted(&output, 1);
    }

    /// Writes the records of `records.zig`; returns how many bytes.
    pub fn analyze(self: *Transcriber, input: []const u8, options: Options, out: []align(4) u8) Error!usize {
        if (input.len > std.math.maxInt(u32)) return error.LimitExceeded;
        var output: render.Output = .{ .buffer = out };
        var run: Run = try .start(self, options, .{ .records = &output });
        try run.add(input);
        run.flush();
        if (output.length > std.math.maxInt(u32)) return error.LimitExceeded;
        return self.fitted(&output, 1);
    }

    /// The logits of every greedy step of `input`, one piece of a word; returns how many floats.
    pub fn wordLogits(self: *Transcriber, input: []const u8, options: Options, out: []f32) Error!usize {
        var output: render.Output = .{ .buffer = std.mem.sliceAsBytes(out) };
        var run: Run = try .start(self, options, .{ .text = undefined });
        try run.checkUtf8(input);
        var segmenter: text.Segmenter = .init(input);
        const span = segmenter.next() orelse return error.InvalidArgument;
        if (span.kind != .word or segmenter.next() != null) return error.InvalidArgument;
        self.window.clear();
        if (!try run.addWord(span, input) or self.window.count != 1) return error.InvalidArgument;
        const entry = &self.window.entries[0];
        var pieces = [_]decode.Piece{.{ .prefix = entry.prefix, .phonemes = entry.phonemes }};
        decode.greedy(&self.packs[entry.pack], self.forward, &self.scratch, &pieces, .{
            .context = &output,
            .step = struct {
                fn step(context: *anyopaque, logits: []const f32) void {
                    const to: *render.Output = @ptrCast(@alignCast(context));
                    to.write(std.mem.sliceAsBytes(logits));
                }
            }.step,
        });
        return self.fitted(&output, @sizeOf(f32));
    }

    fn fitted(self: *Transcriber, output: *const render.Output, unit: usize) Error!usize {
        self.needed = output.length / unit;
        return if (output.fits()) self.needed else error.OutOfSpace;
    }
};

/// Memory for the forward passes of all packs, as large as the largest needs.
fn allocateScratch(arena: std.mem.Allocator, opened: []const Pack) !transformer.Scratch {
    var largest: transformer.Sizes = std.mem.zeroes(transformer.Sizes);
    for (opened) |*pack| {
        const sizes: transformer.Sizes = .of(&pack.model);
        inline for (@typeInfo(transformer.Sizes).@"struct".field_names) |name| {
            @field(largest, name) = @max(@field(largest, name), @field(sizes, name));
        }
    }
    const floats = struct {
        fn alloc(from: std.mem.Allocator, count: usize) ![*]f32 {
            return (try from.alignedAlloc(f32, .@"64", count)).ptr;
        }
    };
    // The caches, by far the largest, come first: an arena's next block is larger than its last.
    const caches = try floats.alloc(arena, 2 * largest.cache);
    // The engines of other processor levels may take 16-bit activations: room for the wider.
    const activations = try arena.alignedAlloc(i16, .@"64", largest.narrow);
    const answers = try arena.alignedAlloc(i16, .@"64", largest.narrow);
    const scales = try floats.alloc(arena, largest.groups);
    const sums = (try arena.alloc(i32, largest.groups)).ptr;
    return .{
        .stream = try floats.alloc(arena, largest.stream),
        .wide = try floats.alloc(arena, largest.wide),
        .narrow = try floats.alloc(arena, largest.narrow),
        .activations = .{ .values = @ptrCast(activations.ptr), .scales = scales, .sums = sums },
        .answers = .{ .values = answers.ptr, .scales = scales, .sums = sums },
        .scores = try floats.alloc(arena, largest.scores),
        .keys = caches,
        .values = caches + largest.cache,
        .logits = try floats.alloc(arena, largest.logits),
    };
}

/// Spans that wait to be written out, and the tokens of their words.
const Window = struct {
    entries: []Entry,
    count: usize,
    tokens: []u8,
    tokens_used: usize,
    pieces: []decode.Piece,

    fn init(arena: std.mem.Allocator) !Window {
        return .{
            .entries = try arena.alloc(Entry, limits.window_spans),
            .count = 0,
            .tokens = try arena.alloc(u8, limits.window_tokens),
            .tokens_used = 0,
            .pieces = try arena.alloc(decode.Piece, limits.window_spans),
        };
    }

    fn clear(self: *Window) void {
        self.count = 0;
        self.tokens_used = 0;
    }

    fn hasRoom(self: *const Window, tokens: usize) bool {
        return self.count < self.entries.len and self.tokens_used + tokens <= self.tokens.len;
    }

    fn add(self: *Window, entry: Entry) void {
        self.entries[self.count] = entry;
        self.count += 1;
    }

    fn take(self: *Window, count: usize) []u8 {
        defer self.tokens_used += count;
        return self.tokens[self.tokens_used..][0..count];
    }
};

/// A span of the text, or one piece of a word that is longer than the model reads at once.
pub const Entry = struct {
    kind: enum { word, number, punctuation, space, other, end_of_text },
    /// What the span covers, and where in its text.
    bytes: []const u8,
    start: usize,
    pack: u8 = 0,
    /// Grapheme tokens and the separator; then the phonemes.
    prefix: []const u8 = &.{},
    phonemes: [*]u8 = undefined,
    count: u8 = 0,
};

/// One call: texts are added, their spans pass through the window into the sink.
pub const Run = struct {
    owner: *Transcriber,
    options: Options,
    style: render.Style,
    only: ?u8,
    sink: Sink,
    texts: usize = 0,
    /// What was written last, as far as it matters to a word that follows.
    before: enum { nothing, word, word_and_space } = .nothing,

    const Sink = union(enum) {
        text: *TextSink,
        records: *render.Output,
    };

    fn start(owner: *Transcriber, options: Options, sink: Sink) Error!Run {
        owner.fault = .{};
        owner.needed = 0;
        owner.window.clear();
        const alphabet: packs.Alphabet = switch (options.format) {
            .ipa => .ipa,
            .arpabet => .arpabet,
        };
        const separator = options.separator orelse switch (alphabet) {
            .ipa => "",
            .arpabet => " ",
        };
        if (separator.len > limits.separator_bytes_max) return error.LimitExceeded;
        if (!std.unicode.utf8ValidateSlice(separator)) return error.InvalidArgument;
        return .{
            .owner = owner,
            .options = options,
            .style = .{ .alphabet = alphabet, .stress = options.stress, .separator = separator },
            .only = if (options.language) |tag| try packByTag(owner, tag) else null,
            .sink = sink,
        };
    }

    fn packByTag(owner: *const Transcriber, tag: []const u8) Error!u8 {
        for (owner.packs, 0..) |pack, index| {
            if (std.mem.eql(u8, pack.language.tag, tag)) return @intCast(index);
        }
        return error.UnknownLanguage;
    }

    fn checkUtf8(self: *Run, input: []const u8) Error!void {
        if (text.firstInvalidUtf8(input)) |position| return self.fail(error.InvalidUtf8, position);
    }

    fn fail(self: *Run, err: Error, position: usize) Error {
        self.owner.fault = .{ .text = self.texts, .position = position };
        return err;
    }

    fn add(self: *Run, input: []const u8) Error!void {
        try self.checkUtf8(input);
        var segmenter: text.Segmenter = .init(input);
        while (segmenter.next()) |span| {
            if (span.kind == .word and try self.addWord(span, input)) continue;
            const unread = span.kind == .word or span.kind == .other or span.kind == .number;
            if (unread and self.options.unknown == .@"error") return self.fail(error.UnknownCharacter, span.start);
            self.makeRoom(0);
            self.owner.window.add(.{
                .kind = switch (span.kind) {
                    .word, .other => .other,
                    .number => .number,
                    .punctuation => .punctuation,
                    .space => .space,
                },
                .bytes = input[span.start..span.end],
                .start = span.start,
            });
        }
        self.makeRoom(0);
        self.owner.window.add(.{ .kind = .end_of_text, .bytes = &.{}, .start = input.len });
        self.texts += 1;
    }

    fn makeRoom(self: *Run, tokens: usize) void {
        if (!self.owner.window.hasRoom(tokens)) self.flush();
    }

    /// Adds a word's pieces; false when no open pack reads it.
    fn addWord(self: *Run, span: text.Span, input: []const u8) Error!bool {
        const script = span.script.?;
        const index = self.only orelse for (self.owner.packs, 0..) |pack, i| {
            if (pack.language.script == script) break @as(u8, @intCast(i));
        } else return false;
        const pack = &self.owner.packs[index];
        const word = input[span.start..span.end];
        if (!reads(pack, word, script)) return false;
        if (!pack.hasAlphabet(self.style.alphabet)) return self.fail(error.UnsupportedFormat, span.start);
        var rest: text.Graphemes = .init(word, script);
        var begin: usize = 0;
        while (begin < word.len) {
            self.makeRoom(pack.model.positions);
            const room = self.owner.window.take(pack.model.positions);
            const piece = takePiece(pack, &rest, room[0..pack.graphemes_max]);
            const end = piece.end orelse word.len;
            room[piece.count] = pack.separator;
            self.owner.window.add(.{
                .kind = .word,
                .bytes = word[begin..end],
                .start = span.start + begin,
                .pack = index,
                .prefix = room[0 .. piece.count + 1],
                .phonemes = room.ptr + piece.count + 1,
            });
            begin = end;
        }
        return true;
    }

    fn drops(self: *const Run, entry: *const Entry) bool {
        return switch (entry.kind) {
            .number, .other => self.options.unknown == .drop,
            .punctuation, .space => self.options.punctuation == .drop,
            .word, .end_of_text => false,
        };
    }

    /// What stands between words beside white space: the separator again when it is blank itself,
    /// so that words are further apart than phonemes.
    fn wordSeparator(self: *const Run) []const u8 {
        const separator = self.style.separator;
        return if (std.mem.trim(u8, separator, " \t\r\n").len == 0) separator else "";
    }

    /// Writes what becomes of a span. Two words, or pieces of one, that nothing parts are parted by
    /// the separator like their phonemes.
    pub fn write(self: *const Run, output: *render.Output, entry: *const Entry) void {
        switch (entry.kind) {
            .word => {
                output.write(switch (self.before) {
                    .nothing => "",
                    .word => self.style.separator,
                    .word_and_space => self.wordSeparator(),
                });
                const pack = &self.owner.packs[entry.pack];
                render.word(output, pack, entry.phonemes[0..entry.count], self.style);
            },
            else => if (!self.drops(entry)) output.write(entry.bytes),
        }
    }

    /// Goes on behind an entry that has been written.
    fn pass(self: *Run, entry: *const Entry) void {
        const is_dropped = self.drops(entry);
        self.before = switch (entry.kind) {
            .word => .word,
            .space => if (!is_dropped and self.before == .word and !text.hasLineBreak(entry.bytes)) .word_and_space else .nothing,
            // In a text that is kept, a character that is dropped is as if it had not been there.
            .number, .other => if (is_dropped and self.options.punctuation == .keep) self.before else .nothing,
            .punctuation, .end_of_text => .nothing,
        };
    }

    /// Reads the words of the window that are not known and writes everything out.
    fn flush(self: *Run) void {
        const owner = self.owner;
        const window = &owner.window;
        for (owner.packs, 0..) |*pack, index| {
            var count: usize = 0;
            var read_by: [limits.window_spans]u16 = undefined;
            for (window.entries[0..window.count], 0..) |*entry, i| {
                if (entry.kind != .word or entry.pack != index) continue;
                if (owner.cache.get(entry.pack, entry.prefix)) |phonemes| {
                    @memcpy(entry.phonemes[0..phonemes.len], phonemes);
                    entry.count = @intCast(phonemes.len);
                    continue;
                }
                window.pieces[count] = .{ .prefix = entry.prefix, .phonemes = entry.phonemes };
                read_by[count] = @intCast(i);
                count += 1;
            }
            decode.greedy(pack, owner.forward, &owner.scratch, window.pieces[0..count], null);
            for (window.pieces[0..count], read_by[0..count]) |piece, i| {
                const entry = &window.entries[i];
                entry.count = @intCast(piece.count);
                owner.cache.put(entry.pack, entry.prefix, piece.phonemes[0..piece.count]);
            }
        }
        for (window.entries[0..window.count]) |*entry| {
            switch (self.sink) {
                .text => |sink| sink.put(self, entry),
                .records => |output| if (entry.kind != .end_of_text) records.write(output, self, entry),
            }
            self.pass(entry);
        }
        window.clear();
    }
};

/// Whether every letter of a word is in the pack's alphabet, and there is one.
fn reads(pack: *const Pack, word: []const u8, script: text.Script) bool {
    var graphemes: text.Graphemes = .init(word, script);
    var any = false;
    while (graphemes.next()) |grapheme| {
        if (pack.grapheme_tokens.get(grapheme.code_point) == null) return false;
        any = true;
    }
    return any;
}

const Piece = struct {
    count: usize,
    /// Where the piece ends in the word; null: with the word.
    end: ?usize,
};

/// The tokens of the next piece of a word. A word that is too long is cut before its last hyphen
/// or Hangul syllable that still fits, and anywhere when there is none.
fn takePiece(pack: *const Pack, rest: *text.Graphemes, tokens: []u8) Piece {
    var count: usize = 0;
    var cut: ?struct { rest: text.Graphemes, piece: Piece } = null;
    while (true) {
        const before = rest.*;
        const grapheme = rest.next() orelse return .{ .count = count, .end = null };
        if (count > 0 and (count == tokens.len and cut == null or beginsPiece(grapheme.code_point))) {
            cut = .{ .rest = before, .piece = .{ .count = count, .end = grapheme.start } };
        }
        if (count == tokens.len) {
            rest.* = cut.?.rest;
            return cut.?.piece;
        }
        tokens[count] = pack.grapheme_tokens.get(grapheme.code_point).?;
        count += 1;
    }
}

fn beginsPiece(code_point: u21) bool {
    return code_point == '-' or hangul.typeOf(code_point) == .leading;
}

/// Writes a call's output: words in the style asked for, the rest as the options say.
const TextSink = struct {
    output: *render.Output,
    ends: []usize,
    texts: usize = 0,
    /// Something was dropped since the last thing written.
    gap: bool = false,
    text_start: usize = 0,

    fn put(self: *TextSink, run: *const Run, entry: *const Entry) void {
        if (entry.kind == .end_of_text) {
            if (self.ends.len > 0) self.ends[self.texts] = self.output.length;
            self.texts += 1;
            self.text_start = self.output.length;
            self.gap = false;
            return;
        }
        if (run.options.punctuation == .drop) {
            if (run.drops(entry)) {
                self.gap = true;
                return;
            }
            if (self.gap and self.output.length > self.text_start) {
                self.output.write(run.wordSeparator());
                self.output.write(" ");
            }
            self.gap = false;
        }
        run.write(self.output, entry);
    }
};

const testing = std.testing;

fn expectOutput(transcriber: *Transcriber, want: []const u8, input: []const u8, options: Options) !void {
    var buffer: [512]u8 = undefined;
    const length = try transcriber.transcribe(input, options, &buffer);
    try testing.expectEqualStrings(want, buffer[0..length]);
}

test "what is no word follows the options" {
    // Goal: spaces, punctuation, numbers and other characters, whatever the model says of words.
    // Method: texts without words, and words whose stand-in is found by asking for them alone.
    const t = try Transcriber.open(testing.allocator, &.{}, .{});
    defer t.close();
    var buffer: [64]u8 = undefined;
    const word = buffer[0..try t.transcribe("cat", .{}, &buffer)];
    var joined: [256]u8 = undefined;

    try expectOutput(t, "", "", .{});
    try expectOutput(t, " 5,\t☃\r\n", " 5,\t☃\r\n", .{});
    try expectOutput(t, " ,\t\r\n", " 5,\t☃\r\n", .{ .unknown = .drop });
    try expectOutput(t, "5 ☃", " 5,\t☃\r\n", .{ .punctuation = .drop });
    try expectOutput(t, "", " 5,\t☃\r\n", .{ .punctuation = .drop, .unknown = .drop });
    const dropped = try std.fmt.bufPrint(&joined, "{s} {s}", .{ word, word });
    try expectOutput(t, dropped, "  cat, ☃ -- cat!", .{ .punctuation = .drop, .unknown = .drop });
    const kept = try std.fmt.bufPrint(&joined, "“{s}…”\x00", .{word});
    try expectOutput(t, kept, "“Cat…”\x00", .{});
}

test "errors name their place and leave the transcriber usable" {
    const t = try Transcriber.open(testing.allocator, &.{}, .{});
    defer t.close();
    var buffer: [256]u8 = undefined;
    try testing.expectError(error.InvalidUtf8, t.transcribe("ab \xff", .{}, &buffer));
    try testing.expectEqual(Fault{ .text = 0, .position = 3 }, t.fault);
    try testing.expectError(error.UnknownCharacter, t.transcribe("ab 7", .{ .unknown = .@"error" }, &buffer));
    try testing.expectEqual(3, t.fault.position);
    try testing.expectError(error.UnknownCharacter, t.transcribe("cat 안", .{ .unknown = .@"error", .language = "en-us" }, &buffer));
    try testing.expectEqual(4, t.fault.position);
    try testing.expectError(error.UnsupportedFormat, t.transcribe("a 안", .{ .format = .arpabet }, &buffer));
    try testing.expectEqual(2, t.fault.position);
    try testing.expectError(error.UnknownLanguage, t.transcribe("a", .{ .language = "fr" }, &buffer));
    try testing.expectError(error.OutOfSpace, t.transcribe("cat", .{}, buffer[0..1]));
    const needed = t.needed;
    try testing.expectEqual(needed, try t.transcribe("cat", .{}, &buffer));
    try testing.expectEqual(Fault{}, t.fault);
}

test "batches, the cache and the kernels do not change the answer" {
    // Goal: a word's phonemes do not depend on its company. Method: a text longer than the window,
    // with repetitions, against each of its words alone, for every engine of this processor.
    const words = [_][]const u8{ "through", "값이", "colonel", "a", "독립문", "Hawai‘i", "antidisestablishmentarianism", "strengths" };
    var input: std.ArrayList(u8) = .empty;
    defer input.deinit(testing.allocator);
    var want: std.ArrayList(u8) = .empty;
    defer want.deinit(testing.allocator);
    const alone = try Transcriber.open(testing.allocator, &.{}, .{ .kernels = .portable, .cache_words = 0 });
    defer alone.close();
    var random = std.Random.DefaultPrng.init(3);
    for (0..400) |_| {
        const word = words[random.random().uintLessThan(usize, words.len)];
        var buffer: [256]u8 = undefined;
        const length = try alone.transcribe(word, .{}, &buffer);
        try input.print(testing.allocator, "{s}\n", .{word});
        try want.print(testing.allocator, "{s}\n", .{buffer[0..length]});
    }
    for ([_]dispatch.Kernels{ .best, .portable, .x86_64_v2, .x86_64_v3 }) |level| {
        for ([_]usize{ 0, 2, 4096 }) |cache_words| {
            const t = Transcriber.open(testing.allocator, &.{}, .{ .kernels = level, .cache_words = cache_words }) catch |err| switch (err) {
                error.UnsupportedKernels => continue,
                else => return err,
            };
            defer t.close();
            const out = try testing.allocator.alloc(u8, want.items.len);
            defer testing.allocator.free(out);
            try testing.expectEqual(out.len, try t.transcribe(input.items, .{}, out));
            try testing.expectEqualStrings(want.items, out);
        }
    }
}

test "a word of any length is read in pieces that cover it" {
    // Goal: nothing of a long word is lost. Method: the spans of its analysis.
    const t = try Transcriber.open(testing.allocator, &.{}, .{});
    defer t.close();
    const long = try testing.allocator.alloc(u8, 100_003);
    defer testing.allocator.free(long);
    for (long, 0..) |*letter, i| letter.* = "abcdefgh-ijklmnop"[i % 17];
    long[long.len - 1] = 'z';
    try testing.expectError(error.OutOfSpace, t.analyze(long, .{}, &.{}));
    const buffer = try testing.allocator.alignedAlloc(u8, .@"4", t.needed);
    defer testing.allocator.free(buffer);
    try testing.expectEqual(buffer.len, try t.analyze(long, .{}, buffer));
    var at: usize = 0;
    var end: usize = 0;
    var spans: usize = 0;
    while (at < buffer.len) : (spans += 1) {
        const span: *const records.Span = @ptrCast(@alignCast(buffer[at..][0..@sizeOf(records.Span)]));
        try testing.expectEqual(end, span.text_start);
        try testing.expect(end == 0 or long[end] == '-');
        end = span.text_end;
        at = span.next_at;
    }
    try testing.expectEqual(long.len, end);
    try testing.expect(spans > 100_003 / t.packs[0].graphemes_max);
}

test "a pack that is not as it should be is refused, and nothing leaks" {
    // Goal: each fault has its status. Method: the embedded pack with one thing wrong each time;
    // the testing allocator finds leaks.
    const gpa = testing.allocator;
    const good = embedded[0];
    const bad = try gpa.dupe(u8, good);
    defer gpa.free(bad);
    for (0..good.len) |end| {
        if (end > 64 and end % 9973 != 0 and end + 64 < good.len) continue;
        try testing.expectError(error.PackTruncated, Transcriber.open(gpa, &.{good[0..end]}, .{}));
    }
    try testing.expectError(error.PackLanguage, Transcriber.open(gpa, &.{ good, good }, .{}));
    try testing.expectError(error.PackCorrupt, Transcriber.open(gpa, &.{"no pack at all, but long enough for one"}, .{}));
    const faults = .{
        .{ "the magic", 0, error.PackCorrupt },
        .{ "a newer format", 4, error.PackNewer },
        .{ "the checksum", 12, error.PackCorrupt },
        .{ "the weights", good.len / 2, error.PackCorrupt },
    };
    inline for (faults) |fault| {
        @memcpy(bad, good);
        bad[fault[1]] +%= 1;
        try testing.expectError(fault[2], Transcriber.open(gpa, &.{bad}, .{}));
    }
    @memcpy(bad, good);
    const tag = std.mem.indexOf(u8, bad, "en-us").?;
    @memcpy(bad[tag..][0..5], "xx-yy");
    std.mem.writeInt(u32, bad[12..16], std.hash.Crc32.hash(bad[16..]), .little);
    try testing.expectError(error.PackLanguage, Transcriber.open(gpa, &.{bad}, .{}));
}

test "open gives back its memory when there is not enough" {
    try testing.checkAllAllocationFailures(testing.allocator, struct {
        fn open(gpa: std.mem.Allocator) !void {
            const t = try Transcriber.open(gpa, &.{}, .{ .cache_words = 64 });
            t.close();
        }
    }.open, .{});
}
