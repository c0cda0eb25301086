//! Decoding of many pieces of words side by side (continuous batching): as soon as one is done its
//! KV cache goes to the next. How pieces are batched does not change a bit of the result.
//!
//! A step takes the token with the largest logit, unless a correction of the piece says which other
//! one, or its phonemes are given.

const std = @import("std");
const abi = @import("abi.zig");
const corrections = @import("corrections.zig");
const dispatch = @import("dispatch.zig");
const limits = @import("limits.zig");
const Pack = @import("pack.zig").Pack;
const transformer = @import("transformer.zig");

pub const end_token = 0;

pub const Letters = transformer.Letters;

/// Where the phonemes of a piece come from.
pub const Source = enum(u8) { model, correction };

/// A piece of a word: at most `pack.graphemes_max` graphemes.
pub const Piece = struct {
    /// Grapheme tokens and the separator.
    prefix: []const u8,
    /// Room for `pack.phonemes_max` phoneme tokens.
    phonemes: [*]u8,
    /// As much room for the letters that each of them comes from.
    spans: [*]Letters,
    /// How many there are.
    count: u32 = 0,
    source: Source = .model,
    /// Phonemes to take whatever the model says, at most `pack.phonemes_max`; may be `phonemes`.
    wanted: ?[]const u8 = null,
};

/// Takes the logits of every step, in order.
pub const Observer = struct {
    context: *anyopaque,
    step: *const fn (context: *anyopaque, logits: []const f32) void,
};

/// A piece that is being decoded in the KV cache of this index.
const Slot = struct {
    piece: *Piece,
    edits: corrections.Edits,

    fn begin(pack: *const Pack, piece: *Piece) Slot {
        if (piece.wanted != null) return .{ .piece = piece, .edits = .none };
        const edits = pack.corrections.find(piece.prefix[0 .. piece.prefix.len - 1]);
        piece.source = if (edits.next != null) .correction else .model;
        return .{ .piece = piece, .edits = edits };
    }

    fn choose(self: *Slot, logits: []const f32) u8 {
        const piece = self.piece;
        if (piece.wanted) |wanted| return if (piece.count < wanted.len) wanted[piece.count] else end_token;
        return self.edits.choose(logits);
    }
};

/// Decodes `pieces`, all of the language of `pack`. An observer sees the steps of one piece alone.
pub fn greedy(
    pack: *const Pack,
    forward: dispatch.Forward,
    scratch: *const transformer.Scratch,
    pieces: []Piece,
    observer: ?Observer,
) void {
    std.debug.assert(observer == null or pieces.len == 1);
    var slots: [limits.batch_words]?Slot = @splat(null);
    var waiting = pieces;
    while (true) {
        var segments: [limits.batch_words]transformer.Segment = undefined;
        var owners: [limits.batch_words]*?Slot = undefined;
        var count: usize = 0;
        var columns: usize = 0;
        for (&slots) |*slot| if (slot.* != null) {
            columns += 1;
        };
        for (&slots, 0..) |*slot, index| {
            if (slot.*) |held| {
                segments[count] = .of(held.piece.prefix, held.piece.phonemes[0..held.piece.count], index);
            } else {
                if (waiting.len == 0 or columns + waiting[0].prefix.len > limits.batch_columns) continue;
                columns += waiting[0].prefix.len;
                slot.* = .begin(pack, &waiting[0]);
                segments[count] = .of(waiting[0].prefix, &.{}, index);
                waiting = waiting[1..];
            }
            owners[count] = slot;
            count += 1;
        }
        if (count == 0) return;
        forward(&pack.model, scratch, &segments, count);
        for (owners[0..count], segments[0..count], 0..) |slot, segment, i| {
            const logits = scratch.logits[i * pack.model.outputs ..][0..pack.model.outputs];
            if (observer) |seen| seen.step(seen.context, logits);
            const piece = slot.*.?.piece;
            const token = slot.*.?.choose(logits);
            if (token != end_token) {
                piece.phonemes[piece.count] = token;
                piece.spans[piece.count] = segment.letters;
                piece.count += 1;
            }
            if (token == end_token or piece.count == pack.phonemes_max) slot.* = null;
        }
    }
}

/// What the model would say of a step at which it is told what to say. Tokens come before others by
/// logit, then by number.
pub const Rank = abi.Rank;

/// The ranks of a piece's wanted phonemes and, when there are fewer than the pack allows, of the
/// end token behind them; how many there are. `out` has room for one more than wanted.
pub fn ranks(
    pack: *const Pack,
    forward: dispatch.Forward,
    scratch: *const transformer.Scratch,
    piece: *Piece,
    out: [*]Rank,
) usize {
    const Taker = struct {
        wanted: []const u8,
        out: [*]Rank,
        count: usize = 0,

        fn step(context: *anyopaque, logits: []const f32) void {
            const self: *@This() = @ptrCast(@alignCast(context));
            const token = if (self.count < self.wanted.len) self.wanted[self.count] else end_token;
            var rank: u32 = 0;
            for (0..logits.len) |other| rank += @intFromBool(corrections.comesBefore(logits, @intCast(other), token));
            self.out[self.count] = .{ .rank = rank, .lead = corrections.leadOf(logits) };
            self.count += 1;
        }
    };
    var taker: Taker = .{ .wanted = piece.wanted.?, .out = out };
    greedy(pack, forward, scratch, piece[0..1], .{ .context = &taker, .step = Taker.step });
    return taker.count;
}
