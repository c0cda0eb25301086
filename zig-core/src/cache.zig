//! Phonemes of words that were read lately: a fixed table, two entries a set, the newer first.

const std = @import("std");
const decode = @import("decode.zig");

/// What decoding says of a word.
pub const Answer = struct {
    phonemes: []const u8,
    /// The letters that each of them comes from.
    spans: []const decode.Letters,
    source: decode.Source,
};

pub const Cache = struct {
    /// Bytes of an entry: graphemes, phonemes and two for the letters of each phoneme; longer words
    /// are read again each time.
    const room = 60;

    const Entry = extern struct {
        pack: u8,
        prefix_count: u8,
        phoneme_count: u8,
        source: decode.Source,
        tokens: [room]u8,

        const empty: Entry = .{ .pack = 0, .prefix_count = 0, .phoneme_count = 0, .source = .{}, .tokens = undefined };

        fn holds(self: *const Entry, pack: u8, prefix: []const u8) bool {
            return self.pack == pack and std.mem.eql(u8, self.tokens[0..self.prefix_count], prefix);
        }
    };

    /// A power of two of sets; empty: no cache.
    sets: [][2]Entry,

    /// A cache of at least `words` words; 0: none.
    pub fn init(arena: std.mem.Allocator, words: usize) !Cache {
        if (words == 0) return .{ .sets = &.{} };
        const sets = try arena.alloc([2]Entry, std.math.ceilPowerOfTwoAssert(usize, @max(1, words / 2)));
        @memset(sets, @splat(.empty));
        return .{ .sets = sets };
    }

    /// What was put for a word of the pack with this index; `prefix` is not empty.
    pub fn get(self: *Cache, pack: u8, prefix: []const u8) ?Answer {
        const set = self.setOf(pack, prefix) orelse return null;
        if (set[1].holds(pack, prefix)) std.mem.swap(Entry, &set[0], &set[1]);
        const entry = &set[0];
        if (!entry.holds(pack, prefix)) return null;
        const rest = entry.tokens[prefix.len..];
        const count: usize = entry.phoneme_count;
        return .{ .phonemes = rest[0..count], .spans = @ptrCast(rest[count..][0 .. 2 * count]), .source = entry.source };
    }

    pub fn put(self: *Cache, pack: u8, prefix: []const u8, answer: Answer) void {
        const count = answer.phonemes.len;
        if (prefix.len + 3 * count > room) return;
        const set = self.setOf(pack, prefix) orelse return;
        if (set[0].holds(pack, prefix)) return;
        set[1] = set[0];
        const entry = &set[0];
        entry.pack = pack;
        entry.prefix_count = @intCast(prefix.len);
        entry.phoneme_count = @intCast(count);
        entry.source = answer.source;
        @memcpy(entry.tokens[0..prefix.len], prefix);
        @memcpy(entry.tokens[prefix.len..][0..count], answer.phonemes);
        @memcpy(entry.tokens[prefix.len + count ..][0 .. 2 * count], std.mem.sliceAsBytes(answer.spans));
    }

    fn setOf(self: *Cache, pack: u8, prefix: []const u8) ?*[2]Entry {
        if (self.sets.len == 0) return null;
        // FNV-1a: short, and the keys are too.
        var hash: u32 = 2166136261;
        hash = (hash ^ pack) *% 16777619;
        for (prefix) |token| hash = (hash ^ token) *% 16777619;
        return &self.sets[(hash ^ hash >> 15) & (self.sets.len - 1)];
    }
};

test "the cache gives back what was put, and nothing else" {
    // Goal: exactness under evictions. Method: far more random words than room, against a map.
    const gpa = std.testing.allocator;
    var arena: std.heap.ArenaAllocator = .init(gpa);
    defer arena.deinit();
    var cache: Cache = try .init(arena.allocator(), 64);
    var random = std.Random.DefaultPrng.init(7);
    var hits: usize = 0;
    for (0..20_000) |_| {
        const number = random.random().uintLessThan(u16, 200);
        const word = [_]u8{ @truncate(number), @truncate(number >> 8), 9 };
        const pack: u8 = @intCast(number % 2);
        const letter: u8 = @intCast(number % 3);
        const answer: Answer = .{
            .phonemes = &.{ @truncate(number +% 3), 4 },
            .spans = &.{ .{ .first = 0, .last = letter }, .{ .first = letter, .last = 2 } },
            .source = .{ .is_corrected = number % 5 == 0, .follows = number % 7 == 0 },
        };
        if (cache.get(pack, &word)) |found| {
            try std.testing.expectEqualDeep(answer, found);
            hits += 1;
        }
        try std.testing.expectEqual(null, cache.get(1 - pack, &word));
        cache.put(pack, &word, answer);
    }
    try std.testing.expect(hits > 1000);
}
