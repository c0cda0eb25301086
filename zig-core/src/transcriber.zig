//! A transcriber owns all memory that its calls need: packs, scratch, cache, lexicon and the window
//! that the spans of a text pass through (run.zig).

const std = @import("std");
const abi = @import("abi.zig");
const Cache = @import("cache.zig").Cache;
const decode = @import("decode.zig");
const dispatch = @import("dispatch.zig");
const Lexicon = @import("lexicon.zig").Lexicon;
const Lines = @import("lexicon.zig").Lines;
const limits = @import("limits.zig");
const nbest = @import("nbest.zig");
const packs = @import("pack.zig");
const records = @import("records.zig");
const render = @import("render.zig");
const runs = @import("run.zig");
const spelling = @import("spelling.zig");
const Spoken = @import("spoken.zig").Spoken;
const styles = @import("styles.zig");
const text = @import("text.zig");
const transformer = @import("transformer.zig");
const Window = @import("window.zig").Window;

const Pack = packs.Pack;
const Run = runs.Run;

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
    InvalidSpelling,
    InvalidLexicon,
};

pub const Limits = struct {
    kernels: dispatch.Kernels = .best,
    /// Words whose phonemes are remembered.
    cache_words: usize = limits.cache_words_default,
    /// Memory of the caller's lexicon.
    lexicon_bytes: usize = limits.lexicon_bytes_default,
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
    /// Between the syllables of a word, in place of the separator; null: nothing tells them apart.
    syllable_separator: ?[]const u8 = null,
    /// Between words, in place of white space without a line break; null: what stands in the text.
    word_separator: ?[]const u8 = null,
    /// Tag of an open pack; null: each word by its script.
    language: ?[]const u8 = null,
    /// Numbers, dates, acronyms and other written forms are read.
    written: bool = true,
    /// Homographs have the pronunciation that their neighbours want.
    homographs: bool = true,
    /// English function words have their weak forms; otherwise all have their strong ones.
    weak_forms: bool = true,
    /// The rules of Korean go across the words of a phrase.
    sandhi: bool = true,
    /// Korean IPA in narrow transcription.
    narrow: bool = false,
    /// `[word](/spelling/)` says how the word is pronounced.
    overrides: bool = false,
};

/// Where a call found its fault.
pub const Fault = struct { text: usize = 0, position: usize = 0 };

/// What a part of a text leaves to the next.
const Stream = struct {
    /// Bytes of the text before.
    position: usize = 0,
    /// Bytes from there that have been read, but not written: white space.
    held: usize = 0,
    state: runs.TextSink.State = .{},
    before: runs.Before = .nothing,
};

pub const Transcriber = struct {
    gpa: std.mem.Allocator,
    arena: std.heap.ArenaAllocator,
    packs: []const Pack,
    forward: dispatch.Forward,
    scratch: transformer.Scratch,
    cache: Cache,
    lexicon: Lexicon,
    window: Window,
    spoken: Spoken,
    /// Words that are decoded side by side, and their numbers in the window.
    pieces: []decode.Piece,
    piece_entries: []u16,
    alternatives_found: []nbest.Hypothesis,
    stream: Stream = .{},
    fault: Fault = .{},
    /// Bytes (floats, for `wordLogits`) that the last call needed, when it had no space.
    needed: usize = 0,

    /// Opens a transcriber over `given` packs (none: the embedded ones), whose bytes stay as they
    /// are until `close`. Nothing is allocated after this.
    pub fn open(gpa: std.mem.Allocator, given: []const []const u8, with: Limits) OpenError!*Transcriber {
        if (given.len > limits.packs_max or with.cache_words > limits.cache_words_max or
            with.lexicon_bytes > limits.lexicon_bytes_max) return error.LimitExceeded;
        const self = try gpa.create(Transcriber);
        errdefer gpa.destroy(self);
        self.* = undefined;
        self.gpa = gpa;
        self.fault = .{};
        self.needed = 0;
        self.stream = .{};
        self.arena = .init(gpa);
        errdefer self.arena.deinit();
        const arena = self.arena.allocator();
        self.forward = dispatch.choose(with.kernels) orelse return error.UnsupportedKernels;
        const sources = if (given.len == 0) &embedded else given;
        const opened = try arena.alloc(Pack, sources.len);
        var phonemes_max: usize = 0;
        for (sources, opened, 0..) |bytes, *pack, index| {
            pack.* = try Pack.read(arena, bytes);
            phonemes_max = @max(phonemes_max, pack.phonemes_max);
            for (opened[0..index]) |other| {
                if (other.language == pack.language) return error.PackLanguage;
            }
        }
        self.packs = opened;
        self.scratch = try allocateScratch(arena, opened);
        self.cache = try .init(arena, with.cache_words);
        self.lexicon = .init(try arena.alignedAlloc(u8, .@"4", with.lexicon_bytes));
        self.window = try .init(arena, phonemes_max);
        self.pieces = try arena.alloc(decode.Piece, limits.pieces_max);
        self.piece_entries = try arena.alloc(u16, limits.pieces_max);
        self.alternatives_found = try arena.alloc(nbest.Hypothesis, nbest.alternatives_max);
        return self;
    }

    pub fn close(self: *Transcriber) void {
        const gpa = self.gpa;
        self.arena.deinit();
        gpa.destroy(self);
    }

    /// Writes the phonemes of `input`; returns how many bytes.
    pub fn transcribe(self: *Transcriber, input: []const u8, options: Options, out: []u8) Error!usize {
        return self.write(input, options, .text, out);
    }

    fn write(self: *Transcriber, input: []const u8, options: Options, kind: std.meta.Tag(runs.Sink), out: []u8) Error!usize {
        var output: render.Output = .{ .buffer = out };
        var sink: runs.TextSink = .{ .output = &output };
        var run: Run = try .start(self, options, if (kind == .text) .{ .text = &sink } else .{ .normalized = &sink });
        try run.add(input);
        run.flush();
        return self.fitted(&output, 1);
    }

    /// Writes the phonemes of texts, one after the other; `ends[i]` is where the i-th ends.
    pub fn transcribeMany(self: *Transcriber, inputs: anytype, options: Options, out: []u8, ends: []usize) Error!usize {
        var output: render.Output = .{ .buffer = out };
        var sink: runs.TextSink = .{ .output = &output, .ends = ends };
        var run: Run = try .start(self, options, .{ .text = &sink });
        for (0..ends.len) |i| try run.add(inputs.at(i));
        run.flush();
        return self.fitted(&output, 1);
    }

    pub const Part = struct {
        /// The part is the first of its text.
        is_first: bool,
        /// Nothing of the text follows.
        is_last: bool,
    };

    /// Writes the phonemes of the next part of a text, as far as they do not depend on what follows:
    /// `consumed` is how much of `input` that was; the rest is to be given again, before what
    /// follows. The outputs of the parts together are that of the text. A call that fails, or has no
    /// space, has changed nothing.
    pub fn transcribePart(self: *Transcriber, input: []const u8, part: Part, options: Options, out: []u8, consumed: *usize) Error!usize {
        const stream: Stream = if (part.is_first) .{} else self.stream;
        consumed.* = 0;
        var output: render.Output = .{ .buffer = out };
        var sink: runs.TextSink = .{ .output = &output, .state = stream.state };
        var run: Run = try .start(self, options, .{ .text = &sink });
        run.before = stream.before;
        var blocks: text.Blocks = .{ .text = input, .position = @min(stream.held, input.len), .is_last = part.is_last };
        try run.addBlock(input[0..blocks.position], stream.position);
        while (blocks.next()) |block| {
            const base = stream.position + blocks.position - block.len;
            if (text.firstInvalidUtf8(block)) |at| {
                self.fault = .{ .position = base + at };
                return error.InvalidUtf8;
            }
            try run.addBlock(block, base);
        }
        if (part.is_last) run.endText(0);
        run.flush();
        const count = try self.fitted(&output, 1);
        const rest = self.window.filled();
        const to_hold = if (rest.len > 0) rest[0].bytes.len else 0;
        consumed.* = blocks.position - to_hold;
        self.stream = .{
            .position = stream.position + consumed.*,
            .held = to_hold,
            .state = sink.state,
            .before = run.before,
        };
        return count;
    }

    /// Writes the text with its written forms in words; returns how many bytes.
    pub fn normalize(self: *Transcriber, input: []const u8, options: Options, out: []u8) Error!usize {
        return self.write(input, options, .normalized, out);
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

    /// Writes the records of the `count` most probable pronunciations of `input`, one piece of a
    /// word; returns how many bytes.
    pub fn alternatives(self: *Transcriber, input: []const u8, count: usize, options: Options, out: []align(4) u8) Error!usize {
        self.fault = .{};
        if (count == 0) return error.InvalidArgument;
        if (count > nbest.alternatives_max) return error.LimitExceeded;
        var output: render.Output = .{ .buffer = out };
        const word = try self.wordOf(input, options);
        if (!word.style.fits(word.pack)) return self.faultAt(error.UnsupportedFormat, 0);
        const found = self.alternatives_found[0..count];
        const total = nbest.nbest(word.pack, self.forward, &self.scratch, word.prefix, found);
        for (found[0..total]) |*hypothesis| records.writeAlternative(&output, word.pack, word.style, hypothesis);
        return self.fitted(&output, 1);
    }

    /// The logits of every greedy step of `input`, one piece of a word; returns how many floats.
    pub fn wordLogits(self: *Transcriber, input: []const u8, options: Options, out: []f32) Error!usize {
        var output: render.Output = .{ .buffer = std.mem.sliceAsBytes(out) };
        const word = try self.wordOf(input, options);
        if (!word.style.fits(word.pack)) return self.faultAt(error.UnsupportedFormat, 0);
        var phonemes: [limits.phonemes_max]u8 = undefined;
        var spans: [limits.phonemes_max]decode.Letters = undefined;
        var pieces = [_]decode.Piece{.{ .prefix = word.prefix, .phonemes = &phonemes, .spans = &spans }};
        decode.greedy(word.pack, self.forward, &self.scratch, &pieces, null);
        pieces[0].wanted = phonemes[0..pieces[0].count];
        pieces[0].count = 0;
        decode.greedy(word.pack, self.forward, &self.scratch, &pieces, .{
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

    /// How `spelled`, in the format of the options, ranks at each step among the model's tokens, the
    /// end token's included; returns how many.
    pub fn wordRanks(self: *Transcriber, input: []const u8, spelled: []const u8, options: Options, out: []decode.Rank) Error!usize {
        const word = try self.wordOf(input, options);
        var tokens: [limits.phonemes_max]u8 = undefined;
        const wanted = try self.parse(word.pack, options.format, spelled, &tokens);
        var spans: [limits.phonemes_max]decode.Letters = undefined;
        var piece: decode.Piece = .{ .prefix = word.prefix, .phonemes = &tokens, .spans = &spans, .wanted = wanted };
        var ranked: [limits.phonemes_max + 1]decode.Rank = undefined;
        const count = decode.ranks(word.pack, self.forward, &self.scratch, &piece, &ranked);
        self.needed = count;
        if (count > out.len) return error.OutOfSpace;
        @memcpy(out[0..count], ranked[0..count]);
        return count;
    }

    /// Adds a word to the caller's lexicon, in place of an earlier one. Its spelling is in the format
    /// of the options. A fault is in the spelling.
    pub fn addWord(self: *Transcriber, input: []const u8, spelled: []const u8, options: Options) Error!void {
        self.fault = .{};
        const word = try self.wordOf(input, options);
        try self.keep(word, options.format, spelled, 0);
    }

    /// Adds the lines of a lexicon, `WORD TAB SPELLING`, and if wanted `TAB LANGUAGE TAB FORMAT`. A
    /// fault names a byte of `lines`; what stands before it has been added. Returns how many.
    pub fn addLexicon(self: *Transcriber, lines: []const u8, options: Options) Error!usize {
        self.fault = .{};
        if (text.firstInvalidUtf8(lines)) |at| return self.faultAt(error.InvalidUtf8, at);
        const alphabet = render.alphabetOf(options.format) orelse return error.UnsupportedFormat;
        var items: Lines = .{ .text = lines, .alphabet = alphabet };
        var count: usize = 0;
        while (items.next()) |item| switch (item) {
            .fault => |fault| return self.faultAt(error.InvalidLexicon, fault.at),
            .line => |line| {
                var changed = options;
                if (line.language) |language| {
                    _ = self.packOf(language.bytes) catch |err| return self.faultAt(err, language.at);
                    changed.language = language.bytes;
                }
                const word = self.wordOf(line.word.bytes, changed) catch |err| return self.faultAt(err, line.word.at);
                try self.keepParsed(word, line.alphabet, line.spelling.bytes, line.spelling.at);
                count += 1;
            },
        };
        return count;
    }

    /// Forgets the words of the caller's lexicon.
    pub fn clearLexicon(self: *Transcriber) void {
        self.lexicon.clear();
    }

    fn keep(self: *Transcriber, word: Word, format: Format, spelled: []const u8, at: usize) Error!void {
        const alphabet = render.alphabetOf(format) orelse return self.faultAt(error.UnsupportedFormat, at);
        return self.keepParsed(word, alphabet, spelled, at);
    }

    fn keepParsed(self: *Transcriber, word: Word, alphabet: styles.Alphabet, spelled: []const u8, at: usize) Error!void {
        var tokens: [limits.phonemes_max]u8 = undefined;
        if (!word.pack.hasAlphabet(alphabet)) return self.faultAt(error.UnsupportedFormat, at);
        switch (spelling.parse(word.pack.phonemes, alphabet, spelled, tokens[0..word.pack.phonemes_max])) {
            .fault => |fault| return self.faultAt(error.InvalidSpelling, at + fault.at),
            .tokens => |phonemes| {
                const letters = word.prefix[0 .. word.prefix.len - 1];
                self.lexicon.add(word.index, letters, phonemes) catch |err| return self.faultAt(err, at);
            },
        }
    }

    fn parse(self: *Transcriber, pack: *const Pack, format: Format, spelled: []const u8, tokens: []u8) Error![]const u8 {
        const alphabet = render.alphabetOf(format) orelse return error.UnsupportedFormat;
        if (!std.unicode.utf8ValidateSlice(spelled)) return error.InvalidUtf8;
        return switch (spelling.parse(pack.phonemes, alphabet, spelled, tokens[0..pack.phonemes_max])) {
            .fault => |fault| self.faultAt(error.InvalidSpelling, fault.at),
            .tokens => |found| found,
        };
    }

    fn faultAt(self: *Transcriber, err: Error, position: usize) Error {
        self.fault = .{ .position = position };
        return err;
    }

    const Word = struct { pack: *const Pack, index: u8, prefix: []const u8, style: render.Style };

    /// A text that is one word, which the model reads in one piece.
    fn wordOf(self: *Transcriber, input: []const u8, options: Options) Error!Word {
        var run: Run = try .start(self, options, .{ .text = undefined });
        try run.checkUtf8(input);
        var segmenter: text.Segmenter = .init(input);
        const span = segmenter.next() orelse return error.InvalidArgument;
        if (span.kind != .word or segmenter.next() != null) return error.InvalidArgument;
        const index = run.packOfScript(span.script.?) orelse return error.InvalidArgument;
        const pack = &self.packs[index];
        if (!runs.reads(pack, input, span.script.?)) return error.InvalidArgument;
        var rest: text.Graphemes = .init(input, span.script.?);
        const room = self.window.tokenRoom(pack.graphemes_max + 1);
        const piece = runs.takePiece(pack, &rest, room[0..pack.graphemes_max]);
        if (piece.end != null) return error.InvalidArgument;
        room[piece.count] = pack.separator;
        return .{ .pack = pack, .index = index, .prefix = room[0 .. piece.count + 1], .style = run.style };
    }

    pub fn packOf(self: *const Transcriber, tag: []const u8) Error!u8 {
        for (self.packs, 0..) |pack, index| {
            if (std.mem.eql(u8, pack.language.tag, tag)) return @intCast(index);
        }
        return error.UnknownLanguage;
    }

    /// Whether words of a script are read, by one pack alone when `only` is given.
    pub fn hasScript(self: *const Transcriber, script: text.Script, only: ?u8) bool {
        for (self.packs, 0..) |pack, index| {
            if ((only orelse index) == index and pack.language.script == script) return true;
        }
        return false;
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
    try expectOutput(t, " 5,\t☃\r\n", " 5,\t☃\r\n", .{ .written = false });
    try expectOutput(t, " ,\t\r\n", " 5,\t☃\r\n", .{ .written = false, .unknown = .drop });
    try expectOutput(t, "5 ☃", " 5,\t☃\r\n", .{ .written = false, .punctuation = .drop });
    try expectOutput(t, "", " 5,\t☃\r\n", .{ .written = false, .punctuation = .drop, .unknown = .drop });
    const dropped = try std.fmt.bufPrint(&joined, "{s} {s}", .{ word, word });
    try expectOutput(t, dropped, "  cat, ☃ -- cat!", .{ .punctuation = .drop, .unknown = .drop });
    const kept = try std.fmt.bufPrint(&joined, "“{s}…”\x00", .{word});
    try expectOutput(t, kept, "“Cat…”\x00", .{});
}

test "a quote mark within an override opens no quote" {
    // Goal: the apostrophe of goin' is the word's. Method: the mark in a run of punctuation that the
    // override ends.
    const t = try Transcriber.open(testing.allocator, &.{}, .{});
    defer t.close();
    const options: Options = .{ .overrides = true };
    try expectOutput(t, "(ə)", "(['so](/ə/))", options);
    var buffer: [64]u8 = undefined;
    const goin = buffer[0..try t.transcribe("so goin'", .{}, &buffer)];
    try testing.expect(!std.mem.endsWith(u8, goin, "'"));
    var again: [64]u8 = undefined;
    const after = again[0..try t.transcribe("(['so](/soʊ/) goin'", options, &again)];
    try testing.expect(!std.mem.endsWith(u8, after, "'"));
    const open = again[0..try t.transcribe("('so goin'", .{}, &again)];
    try testing.expect(std.mem.endsWith(u8, open, "'"));
}

test "separators of phonemes, syllables and words" {
    // Goal: each stands where it should. Method: by hand, overrides for what the model may not say.
    const t = try Transcriber.open(testing.allocator, &.{}, .{});
    defer t.close();
    const all: Options = .{ .separator = " ", .syllable_separator = " . ", .word_separator = " # ", .overrides = true };
    const english = "[a](/həˈloʊ/) [b](/ˈwɝld/), [c](/ˈɛkstɹə/)";
    try expectOutput(t, "h ə . ˈl oʊ # ˈw ɝ l d, ˈɛ k . s t ɹ ə", english, all);
    var options = all;
    options.format = .arpabet;
    options.punctuation = .drop;
    try expectOutput(t, "HH AH0 . L OW1 # W ER1 L D # EH1 K . S T R AH0", english, options);
    const korean = "[독립문](/toŋnimmun/)[의사](/ɰisa/) [가](/aŋwaja/)";
    try expectOutput(t, "t o ŋ . n i m . m u n # ɰ i . s a # a ŋ . w a . j a", korean, all);
    options = .{ .format = .hangul, .syllable_separator = "-", .overrides = true };
    try expectOutput(t, "동-님-문의-사 앙-와-야", korean, options);
    options = .{ .word_separator = "|", .overrides = true, .unknown = .drop };
    try expectOutput(t, " a|b\nb \"a\" a|a  b ", " [가](/a/)\t[b](/b/)\n[b](/b/) \"[가](/a/)\" [가](/a/)☃ [가](/a/) ☃ [b](/b/) ", options);
    options.word_separator = "";
    try expectOutput(t, "ab", "[가](/a/) [b](/b/)", options);
    options.syllable_separator = &@as([65]u8, @splat('-'));
    try testing.expectError(error.LimitExceeded, t.transcribe("a", options, &.{}));
}

test "errors name their place and leave the transcriber usable" {
    const t = try Transcriber.open(testing.allocator, &.{}, .{});
    defer t.close();
    var buffer: [256]u8 = undefined;
    try testing.expectError(error.InvalidUtf8, t.transcribe("ab \xff", .{}, &buffer));
    try testing.expectEqual(Fault{ .text = 0, .position = 3 }, t.fault);
    try testing.expectError(error.UnknownCharacter, t.transcribe("ab 7", .{ .unknown = .@"error", .written = false }, &buffer));
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
    try testing.expectError(error.OutOfSpace, t.analyze(long, .{ .written = false }, &.{}));
    const buffer = try testing.allocator.alignedAlloc(u8, .@"4", t.needed);
    defer testing.allocator.free(buffer);
    try testing.expectEqual(buffer.len, try t.analyze(long, .{ .written = false }, buffer));
    var at: usize = 0;
    var end: usize = 0;
    var spans: usize = 0;
    while (at < buffer.len) : (spans += 1) {
        const span: *const records.Span = @ptrCast(@alignCast(buffer[at..][0..@sizeOf(records.Span)]));
        try testing.expectEqual(end, span.text_start);
        // A hyphen at the beginning of a block is no letter's.
        const in_block = end % limits.block_bytes_max;
        try testing.expect(in_block == 0 or long[end] == '-' or in_block == 1 and long[end - 1] == '-');
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
