//! Decodes the int4 values of a pack's weights (docs/PACK.md): asymmetric numeral systems, 12 bits of
//! precision, a state that is filled byte by byte.

const std = @import("std");

const symbol_count = 16;
const precision = 12;
const low = 1 << 23;

pub const Decoder = struct {
    frequencies: [symbol_count]u16,
    starts: [symbol_count]u16,
    symbols: [1 << precision]u8,
    state: u32,
    rest: []const u8,

    pub fn init(coded: []const u8) error{PackCorrupt}!Decoder {
        const head = 2 * symbol_count + 4;
        if (coded.len < head) return error.PackCorrupt;
        var self: Decoder = undefined;
        var total: usize = 0;
        for (&self.frequencies, &self.starts, 0..) |*frequency, *start, symbol| {
            frequency.* = std.mem.readInt(u16, coded[2 * symbol ..][0..2], .little);
            if (frequency.* > self.symbols.len - total) return error.PackCorrupt;
            start.* = @intCast(total);
            @memset(self.symbols[total..][0..frequency.*], @intCast(symbol));
            total += frequency.*;
        }
        if (total != self.symbols.len) return error.PackCorrupt;
        self.state = std.mem.readInt(u32, coded[2 * symbol_count ..][0..4], .little);
        if (self.state < low or self.state >= low << 8) return error.PackCorrupt;
        self.rest = coded[head..];
        return self;
    }

    pub fn next(self: *Decoder) error{PackCorrupt}!u8 {
        const slot = self.state & ((1 << precision) - 1);
        const symbol = self.symbols[slot];
        self.state = self.frequencies[symbol] * (self.state >> precision) + slot - self.starts[symbol];
        while (self.state < low) {
            if (self.rest.len == 0) return error.PackCorrupt;
            self.state = self.state << 8 | self.rest[0];
            self.rest = self.rest[1..];
        }
        return symbol;
    }

    pub fn end(self: *const Decoder) error{PackCorrupt}!void {
        if (self.state != low or self.rest.len != 0) return error.PackCorrupt;
    }
};

test "one symbol with all of the probability takes no bytes" {
    // Goal: the arithmetic at its edge. Method: by hand: the state does not change.
    var coded: [36]u8 = @splat(0);
    std.mem.writeInt(u16, coded[2 * 5 ..][0..2], 4096, .little);
    std.mem.writeInt(u32, coded[32..36], low, .little);
    var decoder: Decoder = try .init(&coded);
    for (0..1000) |_| try std.testing.expectEqual(5, try decoder.next());
    try decoder.end();
}

test "two symbols by hand" {
    // Goal: the formulas of docs/PACK.md. Method: frequencies 1024 and 3072; the encoder's steps for
    // the sequence 1 0, last first, on paper: 0 from 2^23 gives x = (2^23 / 1024 << 12) = 2^25, then
    // 1 gives x = (2^25 / 3072 << 12) + 2^25 % 3072 + 1024.
    var coded: [36]u8 = @splat(0);
    std.mem.writeInt(u16, coded[0..2], 1024, .little);
    std.mem.writeInt(u16, coded[2..4], 3072, .little);
    std.mem.writeInt(u32, coded[32..36], (10922 << 12) + 2048 + 1024, .little);
    var decoder: Decoder = try .init(&coded);
    try std.testing.expectEqual(1, try decoder.next());
    try std.testing.expectEqual(0, try decoder.next());
    try decoder.end();
}

test "what is no code is refused or ends" {
    // Goal: no fault on any bytes. Method: random ones behind a sound table.
    var random = std.Random.DefaultPrng.init(11);
    for (0..500) |_| {
        var coded: [64]u8 = undefined;
        random.random().bytes(&coded);
        @memset(coded[0..32], 0);
        std.mem.writeInt(u16, coded[6..8], 96, .little);
        std.mem.writeInt(u16, coded[8..10], 4000, .little);
        var decoder = Decoder.init(&coded) catch continue;
        for (0..4096) |_| _ = decoder.next() catch break;
        decoder.end() catch continue;
    }
    try std.testing.expectError(error.PackCorrupt, Decoder.init(&.{}));
    const zeros: [64]u8 = @splat(0);
    try std.testing.expectError(error.PackCorrupt, Decoder.init(&zeros));
}
