//! Feeds texts and packs that nobody would write to the core: random bytes, random characters,
//! mutations of real sentences, mutations of the embedded packs with and without a right checksum.
//! Built in a safe mode, a read outside of a slice, an overflow or a forgotten error stops it.
//!
//!     zig build fuzz -Doptimize=safe [-- TEXTS PACKS SEED]
//!
//! Beside not crashing, every text must be answered or refused with a fault inside of it; the answer
//! must not depend on the room for it, the cache, the kernels, or the parts that the text comes in;
//! and the spans of its analysis must cover it and hold what the other calls write. Meanwhile words
//! and lines go into a lexicon that is often full.

const std = @import("std");
const kilophone = @import("kilophone");

const Transcriber = kilophone.Transcriber;
const Span = kilophone.records.Span;
const Phoneme = kilophone.records.Phoneme;
const Alternative = kilophone.records.Alternative;

const long_word = "Pneumonoultramicroscopicsilicovolcanoconiosis-";
const seeds = [_][]const u8{
    "Hello, world! “It’s 5 o’clock,” she said — isn't it?\r\n",
    "안녕하세요, 독립문에서 같이 값이 싼 옷을 샀다.",
    "naïve café U.S.-based e.g. rock 'n' roll 3.14 €5 MP3",
    "On 3/14/2024 at 9:05 p.m. Dr. Lee (FBI) paid $1,234.56 for ½ kg; see www.example.org/a?b=1 x^2 3^².",
    "2024년 3월 14일 오후 9시 5분에 사과 3개를 1,500원에 샀다. 010-1234-5678 KBS 5km²\n\n20살",
    "I read the [lead](/ˈlɛd/) [a b](/ˈeɪ ˈbi/) you gave [김](/kim/) [x](/?/) of the project.",
    "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af} ＦＵＬＬ　ｗｉｄｔｈ \u{200d}\u{feff}\u{ad}a\u{301}\u{327}",
    "👩‍👩‍👧 שלום مرحبا 日本語 ㅋㅋㅋ \x00 \u{2028}",
    long_word ++ long_word ++ long_word,
};

/// Words for the lexicon and for alternatives, and what is none; some of the seeds'.
const words = [_][]const u8{
    "hello",     "Read", "the",
    "o’clock",
    "안녕하세요",
    "값이",
    "옷을",
    "x",         "FBI",  "2024",
    "two words", "",     "\xff",
    long_word,
    "naïve",
};
const spellings = [_][]const u8{ "ˈlɛd", "wɪn", "kim", "t͡ɕa", "K AE1 T", "\"r\\Ek@`d", "", "ˈ", "?", "kˈOkəɹO", "\xff" };

pub fn main(init: std.process.Init) !void {
    const gpa = init.gpa;
    var arguments = try init.minimal.args.iterateAllocator(gpa);
    defer arguments.deinit();
    _ = arguments.skip();
    const texts = try numberOr(arguments.next(), 20_000);
    const mutated_packs = try numberOr(arguments.next(), 5_000);
    const seed = try numberOr(arguments.next(), 1);
    var random = std.Random.DefaultPrng.init(seed);
    var fuzzer: Fuzzer = .{ .gpa = gpa, .rng = random.random() };
    try fuzzer.feedTexts(texts);
    try fuzzer.feedPacks(mutated_packs);
    std.debug.print("{d} texts ({d} answered), {d} packs ({d} opened): no fault\n", .{
        texts, fuzzer.answered, mutated_packs, fuzzer.opened,
    });
    // A run in which everything is refused, or nothing, would prove little.
    if (fuzzer.answered == 0 or fuzzer.answered == texts) return error.OneSided;
    if (fuzzer.opened == 0 or fuzzer.opened == mutated_packs) return error.OneSided;
}

fn numberOr(argument: ?[]const u8, default: u64) !u64 {
    return if (argument) |digits| std.fmt.parseInt(u64, digits, 10) else default;
}

const Fuzzer = struct {
    gpa: std.mem.Allocator,
    rng: std.Random,
    answered: usize = 0,
    opened: usize = 0,

    fn feedTexts(self: *Fuzzer, count: usize) !void {
        const cached = try Transcriber.open(self.gpa, &.{}, .{ .lexicon_bytes = 512 });
        defer cached.close();
        const plain = try Transcriber.open(self.gpa, &.{}, .{ .kernels = .portable, .cache_words = 0, .lexicon_bytes = 512 });
        defer plain.close();
        var buffer: [4096]u8 = undefined;
        for (0..count) |_| {
            const input = self.text(&buffer);
            const options = self.anyOptions();
            try self.changeLexicon(.{ cached, plain });
            var answer = try self.feed(Transcriber.transcribe, cached, input, options);
            defer answer.free(self.gpa);
            var same = try self.feed(Transcriber.transcribe, plain, input, options);
            defer same.free(self.gpa);
            try answer.expectEqual(&same);
            var parts = try self.feedParts(cached, input, options);
            defer parts.free(self.gpa);
            switch (answer) {
                .answered => |bytes| {
                    try answer.expectEqual(&parts);
                    try self.cover(cached, input, options, bytes);
                    self.answered += 1;
                },
                .refused => |fault| switch (parts) {
                    .answered => return error.PartsChangeAnswer,
                    // A text is looked through for bad UTF-8 before all; a part knows no more than it has.
                    .refused => |other| if (other.position > fault.position or
                        fault.err != error.InvalidUtf8 and other.position != fault.position) return error.PartsChangeAnswer,
                },
            }
            if (self.oneIn(32)) try self.feedWord(cached, options);
        }
    }

    /// What a call says of a text.
    const Answer = union(enum) {
        answered: []u8,
        refused: struct { err: anyerror, position: usize },

        fn free(self: *Answer, gpa: std.mem.Allocator) void {
            if (self.* == .answered) gpa.free(self.answered);
        }

        fn expectEqual(self: *const Answer, other: *const Answer) !void {
            switch (self.*) {
                .answered => |bytes| if (other.* == .answered and std.mem.eql(u8, bytes, other.answered)) return,
                .refused => |fault| if (other.* == .refused and std.meta.eql(fault, other.refused)) return,
            }
            return error.AnswerChanges;
        }
    };

    /// The fault of a text, which is in its first `length` bytes.
    fn refusal(transcriber: *Transcriber, err: anyerror, length: usize) !Answer {
        switch (err) {
            error.InvalidUtf8, error.UnknownCharacter, error.UnsupportedFormat, error.InvalidSpelling => {},
            else => return err,
        }
        if (transcriber.fault.position >= length) return error.FaultOutside;
        return .{ .refused = .{ .err = err, .position = transcriber.fault.position } };
    }

    /// The answer of a method, of just the size that an empty buffer is told.
    fn feed(self: *Fuzzer, comptime method: anytype, transcriber: *Transcriber, input: []const u8, options: kilophone.Options) !Answer {
        const needed = method(transcriber, input, options, &.{}) catch |err| switch (err) {
            error.OutOfSpace => transcriber.needed,
            else => return refusal(transcriber, err, input.len),
        };
        const answer = try self.gpa.alloc(u8, needed);
        errdefer self.gpa.free(answer);
        if (try method(transcriber, input, options, answer) != needed) return error.SizeChanges;
        if (!std.unicode.utf8ValidateSlice(answer)) return error.AnswerNotUtf8;
        return .{ .answered = answer };
    }

    /// The joined answers of a text in parts of any length, with calls that have no space and calls
    /// on other texts between them.
    fn feedParts(self: *Fuzzer, transcriber: *Transcriber, input: []const u8, options: kilophone.Options) !Answer {
        var joined: std.ArrayList(u8) = .empty;
        defer joined.deinit(self.gpa);
        const longest = 1 + self.rng.uintAtMost(usize, input.len);
        var start: usize = 0;
        var end: usize = 0;
        var part: Transcriber.Part = .{ .is_first = true, .is_last = false };
        while (!part.is_last) {
            end = @min(input.len, end + self.rng.uintAtMost(usize, longest));
            part.is_last = end == input.len and self.rng.boolean();
            const chunk = input[start..end];
            var consumed: usize = 1;
            if (transcriber.transcribePart(chunk, part, options, &.{}, &consumed)) |count| {
                if (count != 0) return error.SizeChanges;
            } else |err| {
                if (consumed != 0) return error.FailedCallConsumes;
                if (err != error.OutOfSpace) return refusal(transcriber, err, end);
                const to = try joined.addManyAsSlice(self.gpa, transcriber.needed);
                if (self.oneIn(4)) _ = transcriber.normalize(chunk, .{}, &.{}) catch {};
                if (try transcriber.transcribePart(chunk, part, options, to, &consumed) != to.len) return error.SizeChanges;
            }
            part.is_first = false;
            start += consumed;
            // A block, and the code point behind it that is looked at to find its end.
            if (start > end or end - start > kilophone.limits.block_bytes_max + 4) return error.PartsKeepTooMuch;
        }
        if (start != input.len) return error.PartsDoNotCover;
        return .{ .answered = try joined.toOwnedSlice(self.gpa) };
    }

    /// Goes through the analysis of a text, whose answer is known.
    fn cover(self: *Fuzzer, transcriber: *Transcriber, input: []const u8, options: kilophone.Options, answer: []const u8) !void {
        const needed = transcriber.analyze(input, options, &.{}) catch transcriber.needed;
        const buffer = try self.gpa.alignedAlloc(u8, .@"4", needed);
        defer self.gpa.free(buffer);
        if (try transcriber.analyze(input, options, buffer) != needed) return error.SizeChanges;
        var normalized = try self.feed(Transcriber.normalize, transcriber, input, options);
        defer normalized.free(self.gpa);
        var outputs: Comparison = .{ .rest = answer };
        var spoken: Comparison = .{ .rest = normalized.answered };
        var at: usize = 0;
        var last: struct { start: usize = 0, end: usize = 0, is_word: bool = false } = .{};
        while (at < needed) {
            const span = record(Span, buffer, at);
            const is_word = span.kind == @backingInt(kilophone.records.SpanKind.word);
            const repeats = last.is_word and is_word and span.text_start == last.start and span.text_end == last.end;
            if (!repeats and span.text_start != last.end or span.text_end <= span.text_start) return error.SpansDoNotCover;
            if (is_word != (span.source != 0) or is_word != (span.language_bytes > 0)) return error.WrongWord;
            for (0..span.phoneme_count) |i| {
                const phoneme = record(Phoneme, buffer, span.phonemes_at + i * @sizeOf(Phoneme));
                if (phoneme.text_start < span.text_start or phoneme.text_end > span.text_end or
                    phoneme.text_start >= phoneme.text_end) return error.PhonemeOutsideOfSpan;
                if (phoneme.spelling_at + phoneme.spelling_bytes > span.next_at) return error.RecordsDoNotHold;
            }
            // The words of a written form have a space between them, the pieces of a word none.
            if (repeats) spoken.skipSpace();
            if (options.punctuation == .keep) try outputs.take(buffer[span.output_at..][0..span.output_bytes]);
            try spoken.take(buffer[span.spoken_at..][0..span.spoken_bytes]);
            last = .{ .start = span.text_start, .end = span.text_end, .is_word = is_word };
            at = span.next_at;
        }
        if (at != needed or last.end != input.len) return error.SpansDoNotCover;
        if (options.punctuation == .keep) try outputs.end();
        try spoken.end();
    }

    fn record(comptime T: type, buffer: []align(4) const u8, at: usize) *const T {
        return @ptrCast(@alignCast(buffer[at..][0..@sizeOf(T)]));
    }

    /// What should be the pieces of a whole.
    const Comparison = struct {
        rest: []const u8,

        fn take(self: *Comparison, piece: []const u8) !void {
            if (!std.mem.startsWith(u8, self.rest, piece)) return error.RecordsDoNotHold;
            self.rest = self.rest[piece.len..];
        }

        fn skipSpace(self: *Comparison) void {
            if (std.mem.startsWith(u8, self.rest, " ")) self.rest = self.rest[1..];
        }

        fn end(self: *const Comparison) !void {
            if (self.rest.len > 0) return error.RecordsDoNotHold;
        }
    };

    /// Asks for the alternatives of a word: in order, and few are the first of many.
    fn feedWord(self: *Fuzzer, transcriber: *Transcriber, options: kilophone.Options) !void {
        const word = self.anyWord();
        var buffers: [2][16384]u8 align(4) = undefined;
        const most = kilophone.limits.alternatives_max;
        const all = transcriber.alternatives(word, most, options, &buffers[0]) catch |err| switch (err) {
            error.InvalidArgument, error.UnsupportedFormat, error.InvalidUtf8 => return,
            else => return err,
        };
        const count = 1 + self.rng.uintLessThan(usize, most);
        const some = try transcriber.alternatives(word, count, options, &buffers[1]);
        if (!std.mem.eql(u8, buffers[0][0..some], buffers[1][0..some])) return error.FewAreNotFirstOfMany;
        var at: usize = 0;
        var number: usize = 0;
        var before: f32 = undefined;
        while (at < all) : (number += 1) {
            if (number == count and at != some) return error.WrongCount;
            const found = record(Alternative, &buffers[0], at);
            // Neither the correction that comes first, nor what follows it, need be the most probable.
            if (!std.math.isFinite(found.log_probability) or number > 1 and found.log_probability > before)
                return error.AlternativesOutOfOrder;
            before = found.log_probability;
            if (found.output_at + found.output_bytes > found.next_at) return error.RecordsDoNotHold;
            at = found.next_at;
        }
        if (at != all or number > most) return error.WrongCount;
    }

    /// Adds to both lexica, or empties them; both say the same.
    fn changeLexicon(self: *Fuzzer, both: [2]*Transcriber) !void {
        const options = self.anyOptions();
        const spelling = spellings[self.rng.uintLessThan(usize, spellings.len)];
        switch (self.rng.uintLessThan(u8, 24)) {
            0 => for (both) |transcriber| transcriber.clearLexicon(),
            1, 2 => {
                const given = self.anyWord();
                var results: [2]anyerror!void = undefined;
                for (both, &results) |transcriber, *result| result.* = transcriber.addWord(given, spelling, options);
                try expectSame(void, results, both);
                if (both[0].fault.position > spelling.len) return error.FaultOutside;
            },
            3, 4 => {
                var buffer: [512]u8 = undefined;
                const lines = if (self.oneIn(4)) self.text(&buffer) else try std.fmt.bufPrint(&buffer, "{s}\t{s}\r\n# {s}\n{s}\t{s}\t{s}\t{s}", .{
                    self.anyWord(),
                    spelling,
                    spelling,
                    self.anyWord(),
                    spelling,
                    if (self.rng.boolean()) "" else "ko",
                    if (self.rng.boolean()) "ipa" else "xsampa",
                });
                var results: [2]anyerror!usize = undefined;
                for (both, &results) |transcriber, *result| result.* = transcriber.addLexicon(lines, options);
                try expectSame(usize, results, both);
                if (both[0].fault.position > lines.len) return error.FaultOutside;
            },
            else => {},
        }
    }

    fn expectSame(comptime T: type, results: [2]anyerror!T, both: [2]*Transcriber) !void {
        if (!std.meta.eql(results[0], results[1]) or !std.meta.eql(both[0].fault, both[1].fault)) return error.LexicaDiffer;
        _ = results[0] catch |err| switch (err) {
            error.InvalidUtf8, error.UnsupportedFormat, error.InvalidArgument, error.LimitExceeded, error.InvalidSpelling, error.InvalidLexicon, error.UnknownLanguage => {},
            else => return err,
        };
    }

    fn anyOptions(self: *Fuzzer) kilophone.Options {
        return .{
            .format = if (self.oneIn(4)) self.rng.enumValue(kilophone.Format) else .ipa,
            .stress = self.rng.enumValue(kilophone.StressPlacement),
            .punctuation = self.rng.enumValue(kilophone.Punctuation),
            .unknown = self.rng.enumValue(kilophone.Unknown),
            .separator = if (self.rng.boolean()) null else "·",
            .syllable_separator = if (self.rng.boolean()) null else ".",
            .word_separator = if (self.rng.boolean()) null else " # ",
            .language = switch (self.rng.uintLessThan(u8, 6)) {
                0 => "ko",
                1 => "en-us",
                else => null,
            },
            .written = !self.oneIn(4),
            .homographs = !self.oneIn(4),
            .weak_forms = !self.oneIn(4),
            .sandhi = !self.oneIn(4),
            .narrow = self.rng.boolean(),
            .overrides = self.rng.boolean(),
        };
    }

    fn oneIn(self: *Fuzzer, count: u8) bool {
        return self.rng.uintLessThan(u8, count) == 0;
    }

    fn anyWord(self: *Fuzzer) []const u8 {
        return words[self.rng.uintLessThan(usize, words.len)];
    }

    fn text(self: *Fuzzer, buffer: []u8) []const u8 {
        return switch (self.rng.uintLessThan(u8, 16)) {
            0...3 => self.randomBytes(buffer),
            4...7 => self.randomCharacters(buffer),
            8 => self.long(buffer),
            else => self.mutated(buffer),
        };
    }

    /// Whole sentences and random characters, so many that they are several blocks.
    fn long(self: *Fuzzer, buffer: []u8) []const u8 {
        var end: usize = 0;
        const least = self.rng.uintLessThan(usize, buffer.len);
        while (end < least) {
            if (self.oneIn(4)) {
                var characters: [256]u8 = undefined;
                end += copy(buffer[end..], self.randomCharacters(&characters)) orelse break;
            }
            end += copy(buffer[end..], seeds[self.rng.uintLessThan(usize, seeds.len)]) orelse break;
            end += copy(buffer[end..], ([_][]const u8{ "", " ", "\n\n" })[self.rng.uintLessThan(usize, 3)]) orelse break;
        }
        return buffer[0..end];
    }

    fn copy(to: []u8, from: []const u8) ?usize {
        if (from.len > to.len) return null;
        @memcpy(to[0..from.len], from);
        return from.len;
    }

    fn randomBytes(self: *Fuzzer, buffer: []u8) []const u8 {
        const out = buffer[0..self.rng.uintLessThan(usize, 64)];
        self.rng.bytes(out);
        return out;
    }

    fn randomCharacters(self: *Fuzzer, buffer: []u8) []const u8 {
        var end: usize = 0;
        for (0..self.rng.uintLessThan(usize, 40)) |_| end += self.character(buffer[end..]);
        return buffer[0..end];
    }

    /// One character of a block that has rules, or of any.
    fn character(self: *Fuzzer, to: []u8) usize {
        const blocks = [_][2]u21{
            .{ 0x20, 0x7E },     .{ 'a', 'z' },       .{ 0xA0, 0x24F },    .{ 0x300, 0x36F },
            .{ 0x1100, 0x11FF }, .{ 0xAC00, 0xD7A3 }, .{ 0x2000, 0x206F }, .{ 0x3000, 0x318F },
            .{ 0xFE00, 0xFFEF }, .{ 0, 0x10FFFF },    .{ 0x1E00, 0x1EFF }, .{ 0x1F300, 0x1FAFF },
        };
        const block = blocks[self.rng.uintLessThan(usize, blocks.len)];
        const code_point = self.rng.intRangeAtMost(u21, block[0], block[1]);
        return std.unicode.utf8Encode(code_point, to[0..4]) catch 0;
    }

    fn mutated(self: *Fuzzer, buffer: []u8) []const u8 {
        const from = seeds[self.rng.uintLessThan(usize, seeds.len)];
        const out = buffer[0..@min(from.len, buffer.len)];
        @memcpy(out, from[0..out.len]);
        for (0..self.rng.uintLessThan(usize, 5)) |_| {
            const at = self.rng.uintLessThan(usize, out.len);
            switch (self.rng.uintLessThan(u8, 3)) {
                0 => out[at] = self.rng.int(u8),
                1 => out[at] = 'a' + self.rng.uintLessThan(u8, 26),
                else => std.mem.reverse(u8, out[at..]),
            }
        }
        return out[0 .. out.len - self.rng.uintLessThan(usize, out.len)];
    }

    fn feedPacks(self: *Fuzzer, count: usize) !void {
        const packs = kilophone.embedded_packs;
        for (0..count) |_| {
            const from = packs[self.rng.uintLessThan(usize, packs.len)];
            const bytes = try self.gpa.dupe(u8, from);
            defer self.gpa.free(bytes);
            const end = self.mutatePack(bytes);
            const transcriber = Transcriber.open(self.gpa, &.{bytes[0..end]}, .{ .cache_words = 16 }) catch continue;
            defer transcriber.close();
            self.opened += 1;
            var out: [4096]u8 align(4) = undefined;
            const sample = [_][]const u8{ "through", "독립문", "zzz-xyz", "I read it; the lead is 5 kg.", "값이 2개 있다" };
            for (sample) |input| _ = transcriber.transcribe(input, .{ .separator = " " }, &out) catch {};
            _ = transcriber.analyze(sample[self.rng.uintLessThan(usize, sample.len)], .{ .narrow = true }, &out) catch {};
            _ = transcriber.addWord("through", "ˈθu", .{}) catch {};
            if (self.oneIn(8)) for ([_][]const u8{ "through", "독립문" }) |given| {
                _ = transcriber.alternatives(given, 1 + self.rng.uintLessThan(usize, 16), .{}, &out) catch {};
            };
        }
    }

    /// Changes a pack in a few places, mostly where its structure is; returns its length.
    fn mutatePack(self: *Fuzzer, bytes: []u8) usize {
        for (0..1 + self.rng.uintLessThan(usize, 4)) |_| {
            const at = switch (self.rng.uintLessThan(u8, 4)) {
                0 => self.rng.uintLessThan(usize, bytes.len),
                1 => self.sectionStart(bytes) + self.rng.uintLessThan(usize, 64),
                else => self.rng.uintLessThan(usize, 2048),
            };
            const byte = &bytes[@min(at, bytes.len - 1)];
            byte.* = switch (self.rng.uintLessThan(u8, 3)) {
                0 => self.rng.int(u8),
                1 => 0xFF,
                else => byte.* ^ (@as(u8, 1) << self.rng.int(u3)),
            };
        }
        const end = if (self.rng.uintLessThan(u8, 8) == 0) self.rng.uintAtMost(usize, bytes.len) else bytes.len;
        // A right checksum lets the mutation through to the checks behind it.
        if (end == bytes.len and self.rng.uintLessThan(u8, 8) != 0) {
            std.mem.writeInt(u32, bytes[12..16], std.hash.Crc32.hash(bytes[16..end]), .little);
        }
        return end;
    }

    /// Where one of the sections begins, the optional ones included, as the table says (docs/PACK.md).
    fn sectionStart(self: *Fuzzer, bytes: []const u8) usize {
        const table_at = 32;
        const entry_bytes = 16;
        const count = std.mem.readInt(u32, bytes[16..20], .little);
        const at = table_at + entry_bytes * self.rng.uintLessThan(usize, @max(1, @min(count, 16)));
        return std.mem.readInt(u32, bytes[at + 4 ..][0..4], .little);
    }
};
