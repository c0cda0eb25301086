//! What the model gets wrong about known words (docs/CORRECTIONS.md): a set of fingerprints, each
//! with the steps of decoding that take another token than the best. A correction guides the
//! decoding of its word and costs no step of its own.

const std = @import("std");

pub const Error = error{PackCorrupt};

const header_bytes = 20;
/// Symbols of the code: two words of command, an escape, then ranks 1 … 3 by skips 0 … 7, and one
/// more word of command.
const symbol_count = 28;
const none_symbol = 0;
const more_symbol = 1;
const escape_symbol = 2;
const first_pair = 3;
const alone_symbol = 27;
const skip_count = 8;
const rice_max = 24;

/// A step that takes another token than the best.
const Divergence = struct {
    place: union(enum) {
        step: u32,
        /// So many hesitations are passed over; the next one is the place.
        hesitation: u32,
    },
    /// How many tokens come before the one to take.
    rank: u8,
    is_last: bool,
};

/// What guides the decoding of one word.
pub const Edits = struct {
    table: *const Corrections = undefined,
    bits: Bits = undefined,
    step: u32 = 0,
    next: ?Divergence = null,
    /// No plural or singular follows from the entry.
    is_alone: bool = false,

    pub const none: Edits = .{};

    /// The token to take after these logits, step by step.
    pub fn choose(self: *Edits, logits: []const f32) u8 {
        const best = ranked(logits, 0);
        const divergence = if (self.next) |*next| next else return best;
        const is_due = switch (divergence.place) {
            .step => |step| step == self.step,
            .hesitation => |*left| leadOf(logits) < self.table.lead and reached(left),
        };
        self.step += 1;
        if (!is_due) return best;
        const rank = divergence.rank;
        self.next = if (divergence.is_last) null else self.table.readDivergence(&self.bits) catch null;
        return ranked(logits, rank);
    }

    fn reached(left: *u32) bool {
        if (left.* == 0) return true;
        left.* -= 1;
        return false;
    }
};

pub const Corrections = struct {
    seed: u32,
    buckets: u32,
    /// Fingerprints in a bucket are below this.
    width: u32,
    /// The model hesitates where its best token leads by less.
    lead: f32,
    /// Bits of a remainder in Rice's code.
    rice: u5,
    /// Tokens that can be answers.
    outputs: u32,
    code: Code,
    /// Of each bucket 12 bits of how many bits it has, and 4 of the salt of its fingerprints.
    heads: []align(1) const u16,
    entries: []const u8,

    /// Checks a whole section; without one there are no corrections.
    pub fn read(given: ?[]const u8, outputs: u32) Error!Corrections {
        var self: Corrections = undefined;
        self.buckets = 0;
        const section = given orelse return self;
        if (section.len < header_bytes + code_bytes) return error.PackCorrupt;
        self.seed = std.mem.readInt(u32, section[0..4], .little);
        self.buckets = std.mem.readInt(u32, section[4..8], .little);
        self.width = std.mem.readInt(u32, section[8..12], .little);
        self.lead = @bitCast(std.mem.readInt(u32, section[12..16], .little));
        const rice = std.mem.readInt(u32, section[16..20], .little);
        self.code = try .read(section[header_bytes..][0..code_bytes]);
        self.outputs = outputs;
        const rest = section[header_bytes + code_bytes ..];
        if (self.buckets > rest.len / 2 or rice > rice_max) return error.PackCorrupt;
        self.rice = @intCast(rice);
        self.heads = @ptrCast(rest[0 .. 2 * self.buckets]);
        self.entries = rest[2 * self.buckets ..];
        var end: usize = 0;
        for (0..self.buckets) |bucket| {
            const begin = end;
            end += self.head(bucket).size;
            if (try self.search(begin, end, null) != null) unreachable;
        }
        if (self.entries.len != (end + 7) / 8) return error.PackCorrupt;
        return self;
    }

    /// What guides the decoding of a word with these grapheme tokens; null when it has no entry.
    pub fn find(self: *const Corrections, graphemes: []const u8) ?Edits {
        if (self.buckets == 0) return null;
        const h = hash(self.seed, graphemes);
        const bucket: usize = @intCast(scaled(h, self.buckets));
        var begin: usize = 0;
        for (0..bucket) |before| begin += self.head(before).size;
        const here = self.head(bucket);
        const fingerprint = scaled(mix(h +% here.salt *% @as(u32, 0x9E3779B9)), self.width);
        return self.search(begin, begin + here.size, fingerprint) catch null;
    }

    fn head(self: *const Corrections, bucket: usize) Head {
        return @bitCast(std.mem.littleToNative(u16, self.heads[bucket]));
    }

    /// The entry of a fingerprint in the bucket of these bits; null: of none, but checks them all.
    fn search(self: *const Corrections, begin: usize, end: usize, wanted: ?u64) Error!?Edits {
        if (end > 8 * self.entries.len) return error.PackCorrupt;
        var bits: Bits = .{ .bytes = self.entries, .at = begin, .end = end };
        var fingerprint: u64 = 0;
        while (bits.at < end) : (fingerprint += 1) {
            while (bits.take(1) == 1) fingerprint += @as(u64, 1) << self.rice;
            fingerprint += bits.take(self.rice);
            if (fingerprint >= self.width) return error.PackCorrupt;
            var symbol = try self.code.next(&bits);
            const is_alone = symbol == alone_symbol;
            if (is_alone) symbol = try self.code.next(&bits);
            const first = try self.divergenceFrom(symbol, &bits);
            if (fingerprint == wanted) return .{ .table = self, .bits = bits, .next = first, .is_alone = is_alone };
            var next = first;
            while (next) |divergence| {
                if (divergence.is_last) break;
                next = try self.readDivergence(&bits);
            }
        }
        return if (bits.at == end) null else error.PackCorrupt;
    }

    fn readDivergence(self: *const Corrections, bits: *Bits) Error!?Divergence {
        return self.divergenceFrom(try self.code.next(bits), bits);
    }

    /// The divergence that begins with a symbol that has been read.
    fn divergenceFrom(self: *const Corrections, first: u8, bits: *Bits) Error!?Divergence {
        var symbol = first;
        const is_last = symbol != more_symbol;
        if (!is_last) symbol = try self.code.next(bits);
        const divergence: Divergence = switch (symbol) {
            none_symbol => return null,
            more_symbol, alone_symbol => return error.PackCorrupt,
            escape_symbol => .{
                .place = .{ .step = try bits.takeGamma() - 1 },
                .rank = @intCast(try bits.takeGamma()),
                .is_last = is_last,
            },
            else => .{
                .place = .{ .hesitation = (symbol - first_pair) % skip_count },
                .rank = 1 + (symbol - first_pair) / skip_count,
                .is_last = is_last,
            },
        };
        return if (divergence.rank < self.outputs) divergence else error.PackCorrupt;
    }
};

const Head = packed struct(u16) { size: u12, salt: u4 };

/// FNV-1a of the tokens from a seed, mixed.
fn hash(seed: u32, tokens: []const u8) u32 {
    var h = seed;
    for (tokens) |token| h = (h ^ token) *% 0x01000193;
    return mix(h);
}

/// The last step of MurmurHash3 (Appleby), which maps 32 bits to 32 bits one to one.
fn mix(x: u32) u32 {
    var h = (x ^ x >> 16) *% 0x85EBCA6B;
    h = (h ^ h >> 13) *% 0xC2B2AE35;
    return h ^ h >> 16;
}

/// A hash as a number below `bound`.
fn scaled(h: u32, bound: u32) u64 {
    return @as(u64, h) * bound >> 32;
}

/// The token with so many before it, by logit from the largest, then by number.
pub fn ranked(logits: []const f32, rank: u8) u8 {
    var found: u8 = 0;
    for (0..@as(usize, rank) + 1) |i| {
        var next: ?u8 = null;
        for (logits, 0..) |logit, token| {
            if (i > 0 and !comesBefore(logits, found, @intCast(token))) continue;
            if (next == null or logit > logits[next.?]) next = @intCast(token);
        }
        found = next orelse break;
    }
    return found;
}

/// How much larger the largest logit is than the second.
pub fn leadOf(logits: []const f32) f32 {
    return logits[ranked(logits, 0)] - logits[ranked(logits, 1)];
}

/// Whether token a comes before token b.
pub fn comesBefore(logits: []const f32, a: u8, b: u8) bool {
    return logits[a] > logits[b] or (logits[a] == logits[b] and a < b);
}

const code_bytes = symbol_count / 2;

/// A canonical Huffman code, as in Deflate (RFC 1951, 3.2.2).
const Code = struct {
    /// How many symbols have a code of so many bits.
    counts: [16]u8,
    /// The symbols by length, then by number.
    order: [symbol_count]u8,

    /// The lengths are nibbles, the lower first.
    fn read(bytes: *const [code_bytes]u8) Error!Code {
        var self: Code = .{ .counts = @splat(0), .order = undefined };
        var filled: usize = 0;
        var room: i32 = 1;
        for (1..16) |length| {
            for (0..symbol_count) |symbol| {
                if (bytes[symbol / 2] >> @intCast(4 * (symbol % 2)) & 15 != length) continue;
                self.order[filled] = @intCast(symbol);
                filled += 1;
                self.counts[length] += 1;
            }
            room = 2 * room - self.counts[length];
            if (room < 0) return error.PackCorrupt;
        }
        return self;
    }

    fn next(self: *const Code, bits: *Bits) Error!u8 {
        var code: u32 = 0;
        var first: u32 = 0;
        var passed: u32 = 0;
        for (self.counts[1..]) |count| {
            code = code << 1 | bits.take(1);
            first <<= 1;
            if (code - first < count) return self.order[passed + code - first];
            first += count;
            passed += count;
        }
        return error.PackCorrupt;
    }
};

/// Reads bits from the highest of each byte on; zeros behind the end, which moving past shows.
const Bits = struct {
    bytes: []const u8,
    at: usize,
    end: usize,

    fn take(self: *Bits, count: u5) u32 {
        var value: u32 = 0;
        for (0..count) |_| {
            const bit = if (self.at < self.end) self.bytes[self.at / 8] >> @intCast(7 - self.at % 8) & 1 else 0;
            value = value << 1 | bit;
            self.at += 1;
        }
        return value;
    }

    /// A number from 1 to 255 in Elias' gamma code.
    fn takeGamma(self: *Bits) Error!u32 {
        for (0..8) |n| {
            if (self.take(1) == 1) return @as(u32, 1) << @intCast(n) | self.take(@intCast(n));
        }
        return error.PackCorrupt;
    }
};

const testing = std.testing;

/// Writes the bits of sections, with a code of five bits a symbol.
const Writer = struct {
    bytes: std.ArrayList(u8) = .empty,
    count: usize = 0,

    fn put(self: *Writer, value: u32, count: u5) !void {
        var left = count;
        while (left > 0) : (self.count += 1) {
            left -= 1;
            if (self.count % 8 == 0) try self.bytes.append(testing.allocator, 0);
            const bit: u8 = @intCast(value >> left & 1);
            self.bytes.items[self.bytes.items.len - 1] |= bit << @intCast(7 - self.count % 8);
        }
    }

    fn gamma(self: *Writer, value: u32) !void {
        try self.put(value, 2 * @as(u5, std.math.log2_int(u32, value)) + 1);
    }

    fn symbol(self: *Writer, value: u8) !void {
        try self.put(value, 5);
    }
};

/// A section of sorted fingerprints; the i-th takes rank 1 at step i % 100 and, when i is odd, rank 2
/// after i % 7 hesitations more. Every third is alone.
fn writeSection(gpa: std.mem.Allocator, buckets: u32, width: u32, fingerprints: []const u32) ![]u8 {
    const rice = 9;
    var writer: Writer = .{};
    defer writer.bytes.deinit(gpa);
    var section: std.ArrayList(u8) = .empty;
    errdefer section.deinit(gpa);
    for ([_]u32{ 17, buckets, width, @bitCast(@as(f32, 1)), rice }) |number| {
        try section.appendSlice(gpa, &std.mem.toBytes(std.mem.nativeToLittle(u32, number)));
    }
    try section.appendNTimes(gpa, 0x55, code_bytes);
    var i: usize = 0;
    for (0..buckets) |bucket| {
        const begin = writer.count;
        var next = bucket * width;
        while (i < fingerprints.len and fingerprints[i] < (bucket + 1) * width) : (i += 1) {
            const gap = fingerprints[i] - next;
            for (0..gap >> rice) |_| try writer.put(1, 1);
            try writer.put(0, 1);
            try writer.put(@intCast(gap % (1 << rice)), rice);
            if (i % 3 == 0) try writer.symbol(alone_symbol);
            if (i % 2 == 1) try writer.symbol(more_symbol);
            try writer.symbol(escape_symbol);
            try writer.gamma(@intCast(i % 100 + 1));
            try writer.gamma(1);
            if (i % 2 == 1) try writer.symbol(@intCast(first_pair + skip_count + i % 7));
            next = fingerprints[i] + 1;
        }
        const head: u16 = @bitCast(Head{ .size = @intCast(writer.count - begin), .salt = @intCast(bucket % 16) });
        try section.appendSlice(gpa, &std.mem.toBytes(std.mem.nativeToLittle(u16, head)));
    }
    try section.appendSlice(gpa, writer.bytes.items);
    return section.toOwnedSlice(gpa);
}

fn placeOf(buckets: u32, width: u32, tokens: []const u8) u32 {
    const h = hash(17, tokens);
    const bucket: u32 = @intCast(scaled(h, buckets));
    return @intCast(bucket * width + scaled(mix(h +% bucket % 16 *% 0x9E3779B9), width));
}

test "a table has its words and no others" {
    // Goal: find is exact about fingerprints, at the ends of buckets too. Method: a table of the
    // fingerprints of half of the words, against a map of them.
    const gpa = testing.allocator;
    const buckets = 50;
    const width = 9973;
    var wanted: std.AutoArrayHashMapUnmanaged(u32, void) = .empty;
    defer wanted.deinit(gpa);
    for (0..2000) |word| try wanted.put(gpa, placeOf(buckets, width, &std.mem.toBytes(word)), {});
    for ([_]u32{ 0, width - 1, width, buckets * width - 1 }) |edge| try wanted.put(gpa, edge, {});
    const fingerprints = wanted.keys();
    std.mem.sort(u32, fingerprints, {}, std.sort.asc(u32));
    const section = try writeSection(gpa, buckets, width, fingerprints);
    defer gpa.free(section);
    const table: Corrections = try .read(section, 60);
    for (0..4000) |word| {
        const tokens = std.mem.toBytes(word);
        const found = table.find(&tokens);
        const index = std.sort.binarySearch(u32, fingerprints, placeOf(buckets, width, &tokens), struct {
            fn order(key: u32, item: u32) std.math.Order {
                return std.math.order(key, item);
            }
        }.order) orelse {
            try testing.expectEqual(null, found);
            continue;
        };
        const divergence = found.?.next.?;
        try testing.expectEqual(index % 100, divergence.place.step);
        try testing.expectEqual(index % 2 == 0, divergence.is_last);
        try testing.expectEqual(index % 3 == 0, found.?.is_alone);
    }
    const without: Corrections = try .read(null, 60);
    try testing.expectEqual(null, without.find("word"));
}

test "edits take the ranks they name at their steps, and the best elsewhere" {
    // Goal: both kinds of places, chains, ties. Method: logits made by hand for the word whose entry
    // is written by hand.
    const gpa = testing.allocator;
    var wanted = [_]u32{ 3, 700 };
    const section = try writeSection(gpa, 1, 1000, &wanted);
    defer gpa.free(section);
    const table: Corrections = try .read(section, 4);
    // Entry 1: rank 1 at step 1, then rank 2 at the second hesitation after it.
    var edits = (try table.search(0, table.head(0).size, 700)).?;
    const sure = [_]f32{ 0, 5, 1, 3 };
    const torn = [_]f32{ 0, 2, 2, 1.5 };
    try testing.expectEqual(1, edits.choose(&torn));
    try testing.expectEqual(3, edits.choose(&sure));
    try testing.expectEqual(1, edits.choose(&torn));
    try testing.expectEqual(1, edits.choose(&sure));
    try testing.expectEqual(3, edits.choose(&torn));
    try testing.expectEqual(1, edits.choose(&torn));
    try testing.expectEqual(2, ranked(&torn, 1));
    try testing.expectEqual(0, ranked(&torn, 3));
}

test "a damaged table is refused or read within its bounds" {
    // Goal: no byte of a section can make reading it fail in another way than by its status. Method:
    // mutated and cut sections in a safe build; those that open are asked for words.
    const gpa = testing.allocator;
    var fingerprints: [500]u32 = undefined;
    for (&fingerprints, 0..) |*fingerprint, i| fingerprint.* = @intCast(i * 997 + i % 13);
    const good = try writeSection(gpa, 8, 62_500, &fingerprints);
    defer gpa.free(good);
    const bad = try gpa.alloc(u8, good.len);
    defer gpa.free(bad);
    var random = std.Random.DefaultPrng.init(5);
    const rng = random.random();
    var opened: usize = 0;
    for (0..600) |round| {
        @memcpy(bad, good);
        const head = header_bytes + code_bytes + 16;
        for (0..rng.uintAtMost(usize, 3)) |_| {
            const at = rng.uintLessThan(usize, if (round % 2 == 0) head else good.len);
            bad[at] = if (rng.boolean()) rng.int(u8) else bad[at] ^ @as(u8, 1) << rng.int(u3);
        }
        const length = if (round % 5 == 0) rng.uintAtMost(usize, good.len) else good.len;
        const table = Corrections.read(bad[0..length], 60) catch continue;
        opened += 1;
        for (0..20) |word| {
            var edits = table.find(&std.mem.toBytes(word)) orelse continue;
            for (0..30) |_| _ = edits.choose(&.{ 1, 1, 2, 0.5, 1.75 });
        }
    }
    try testing.expect(opened > 60 and opened < 540);
    for (good.len - 300..good.len) |length| try testing.expectError(error.PackCorrupt, Corrections.read(good[0..length], 60));
}
