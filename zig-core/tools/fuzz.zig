//! Feeds texts and packs that nobody would write to the core: random bytes, random characters,
//! mutations of real sentences, mutations of the embedded packs with and without a right checksum.
//! Built in a safe mode, a read outside of a slice, an overflow or a forgotten error stops it.
//!
//!     zig build fuzz -Doptimize=safe [-- TEXTS PACKS SEED]
//!
//! Beside not crashing, every text must be answered or refused with a fault inside of it, the
//! answer must not depend on the room for it, and the spans must cover the text.

const std = @import("std");
const kilophone = @import("kilophone");

const Transcriber = kilophone.Transcriber;

const long_word = "Pneumonoultramicroscopicsilicovolcanoconiosis-";
const seeds = [_][]const u8{
    "Hello, world! “It’s 5 o’clock,” she said — isn't it?\r\n",
    "안녕하세요, 독립문에서 같이 값이 싼 옷을 샀다.",
    "naïve café U.S.-based e.g. rock 'n' roll 3.14 €5 MP3",
    "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af} ＦＵＬＬ　ｗｉｄｔｈ \u{200d}\u{feff}\u{ad}a\u{301}\u{327}",
    "👩‍👩‍👧 שלום مرحبا 日本語 ㅋㅋㅋ \x00 \u{2028}",
    long_word ++ long_word ++ long_word,
};

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
        const cached = try Transcriber.open(self.gpa, &.{}, .{});
        defer cached.close();
        const plain = try Transcriber.open(self.gpa, &.{}, .{ .kernels = .portable, .cache_words = 0 });
        defer plain.close();
        var buffer: [512]u8 = undefined;
        for (0..count) |_| {
            const input = self.text(&buffer);
            const options = self.anyOptions();
            const answer = try self.feed(cached, input, options);
            defer if (answer) |bytes| self.gpa.free(bytes);
            const same = try self.feed(plain, input, options);
            defer if (same) |bytes| self.gpa.free(bytes);
            if ((answer == null) != (same == null)) return error.CacheChangesAnswer;
            if (answer) |bytes| {
                self.answered += 1;
                if (!std.mem.eql(u8, bytes, same.?)) return error.CacheChangesAnswer;
                try self.cover(cached, input, options);
            }
        }
    }

    /// The answer, of just the size that an empty buffer is told; null when the text is refused.
    fn feed(self: *Fuzzer, transcriber: *Transcriber, input: []const u8, options: kilophone.Options) !?[]u8 {
        const needed = transcriber.transcribe(input, options, &.{}) catch |err| switch (err) {
            error.OutOfSpace => transcriber.needed,
            error.InvalidUtf8, error.UnknownCharacter, error.UnsupportedFormat => {
                if (transcriber.fault.position >= input.len) return error.FaultOutside;
                return null;
            },
            else => return err,
        };
        const answer = try self.gpa.alloc(u8, needed);
        errdefer self.gpa.free(answer);
        if (try transcriber.transcribe(input, options, answer) != needed) return error.SizeChanges;
        if (!std.unicode.utf8ValidateSlice(answer)) return error.AnswerNotUtf8;
        return answer;
    }

    fn cover(self: *Fuzzer, transcriber: *Transcriber, input: []const u8, options: kilophone.Options) !void {
        const needed = transcriber.analyze(input, options, &.{}) catch transcriber.needed;
        const buffer = try self.gpa.alignedAlloc(u8, .@"4", needed);
        defer self.gpa.free(buffer);
        if (try transcriber.analyze(input, options, buffer) != needed) return error.SizeChanges;
        var at: usize = 0;
        var end: usize = 0;
        while (at < needed) {
            const span: *const kilophone.records.Span = @ptrCast(@alignCast(buffer[at..][0..@sizeOf(kilophone.records.Span)]));
            if (span.text_start != end or span.text_end <= span.text_start) return error.SpansDoNotCover;
            end = span.text_end;
            at = span.next_at;
        }
        if (end != input.len) return error.SpansDoNotCover;
    }

    fn anyOptions(self: *Fuzzer) kilophone.Options {
        return .{
            .format = if (self.rng.uintLessThan(u8, 8) == 0) .arpabet else .ipa,
            .stress = self.rng.enumValue(kilophone.StressPlacement),
            .punctuation = self.rng.enumValue(kilophone.Punctuation),
            .unknown = self.rng.enumValue(kilophone.Unknown),
            .separator = if (self.rng.boolean()) null else "·",
            .language = switch (self.rng.uintLessThan(u8, 6)) {
                0 => "ko",
                1 => "en-us",
                else => null,
            },
        };
    }

    fn text(self: *Fuzzer, buffer: []u8) []const u8 {
        return switch (self.rng.uintLessThan(u8, 4)) {
            0 => self.randomBytes(buffer),
            1 => self.randomCharacters(buffer),
            else => self.mutated(buffer),
        };
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
            var out: [4096]u8 = undefined;
            for ([_][]const u8{ "through", "독립문", "zzz-xyz" }) |word| {
                _ = transcriber.transcribe(word, .{ .separator = " " }, &out) catch {};
            }
        }
    }

    /// Changes a pack in a few places, mostly where its structure is; returns its length.
    fn mutatePack(self: *Fuzzer, bytes: []u8) usize {
        for (0..1 + self.rng.uintLessThan(usize, 4)) |_| {
            const reach = if (self.rng.uintLessThan(u8, 4) == 0) bytes.len else 2048;
            const at = self.rng.uintLessThan(usize, reach);
            bytes[at] = switch (self.rng.uintLessThan(u8, 3)) {
                0 => self.rng.int(u8),
                1 => 0xFF,
                else => bytes[at] ^ (@as(u8, 1) << self.rng.int(u3)),
            };
        }
        const end = if (self.rng.uintLessThan(u8, 8) == 0) self.rng.uintAtMost(usize, bytes.len) else bytes.len;
        // A right checksum lets the mutation through to the checks behind it.
        if (end == bytes.len and self.rng.uintLessThan(u8, 8) != 0) {
            std.mem.writeInt(u32, bytes[12..16], std.hash.Crc32.hash(bytes[16..end]), .little);
        }
        return end;
    }
};
