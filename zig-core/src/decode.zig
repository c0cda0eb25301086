//! Greedy decoding of many pieces of words side by side (continuous batching): as soon as one is
//! done its KV cache goes to the next. How pieces are batched does not change a bit of the result.

const std = @import("std");
const dispatch = @import("dispatch.zig");
const limits = @import("limits.zig");
const Pack = @import("pack.zig").Pack;
const transformer = @import("transformer.zig");

const end_token = 0;

/// A piece of a word: at most `pack.graphemes_max` graphemes.
pub const Piece = struct {
    /// Grapheme tokens and the separator.
    prefix: []const u8,
    /// Room for `pack.phonemes_max` phoneme tokens.
    phonemes: [*]u8,
    /// How many there are.
    count: u32 = 0,
};

/// Takes the logits of every step, in order.
pub const Observer = struct {
    context: *anyopaque,
    step: *const fn (context: *anyopaque, logits: []const f32) void,
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
    var slots: [limits.batch_words]?*Piece = @splat(null);
    var waiting = pieces;
    while (true) {
        var segments: [limits.batch_words]transformer.Segment = undefined;
        var owners: [limits.batch_words]*?*Piece = undefined;
        var count: usize = 0;
        var columns: usize = 0;
        for (&slots) |*slot| if (slot.* != null) {
            columns += 1;
        };
        for (&slots, 0..) |*slot, index| {
            if (slot.*) |piece| {
                segments[count] = .{
                    .tokens = piece.phonemes + piece.count - 1,
                    .count = 1,
                    .slot = @intCast(index),
                    .cached = @intCast(piece.prefix.len + piece.count - 1),
                    .position = piece.count,
                };
            } else {
                if (waiting.len == 0 or columns + waiting[0].prefix.len > limits.batch_columns) continue;
                columns += waiting[0].prefix.len;
                slot.* = &waiting[0];
                segments[count] = .{
                    .tokens = waiting[0].prefix.ptr,
                    .count = @intCast(waiting[0].prefix.len),
                    .slot = @intCast(index),
                    .cached = 0,
                    .position = 0,
                };
                waiting = waiting[1..];
            }
            owners[count] = slot;
            count += 1;
        }
        if (count == 0) return;
        forward(&pack.model, scratch, &segments, count);
        for (owners[0..count], 0..) |slot, i| {
            const logits = scratch.logits[i * pack.model.outputs ..][0..pack.model.outputs];
            if (observer) |seen| seen.step(seen.context, logits);
            const piece = slot.*.?;
            const token = largest(logits);
            if (token != end_token) {
                piece.phonemes[piece.count] = token;
                piece.count += 1;
            }
            if (token == end_token or piece.count == pack.phonemes_max) slot.* = null;
        }
    }
}

/// The first of the largest.
fn largest(logits: []const f32) u8 {
    var best: u8 = 0;
    for (logits[1..], 1..) |logit, token| {
        if (logit > logits[best]) best = @intCast(token);
    }
    return best;
}
