//! The most probable phonemes of a piece of a word, by beam search. The beam is as wide as there are
//! KV caches, whatever is asked for, so that fewer alternatives are the first of more.

const std = @import("std");
const decode = @import("decode.zig");
const dispatch = @import("dispatch.zig");
const limits = @import("limits.zig");
const math = @import("math.zig");
const Pack = @import("pack.zig").Pack;
const corrections = @import("corrections.zig");
const transformer = @import("transformer.zig");

/// Most alternatives of a piece, and the width of the beam.
pub const alternatives_max = limits.batch_words;

pub const Hypothesis = struct {
    tokens: [limits.phonemes_max]u8 = undefined,
    count: u8 = 0,
    /// Of the phonemes and the end token behind them.
    log_probability: f32 = 0,
    source: decode.Source = .{},

    pub fn phonemes(self: *const Hypothesis) []const u8 {
        return self.tokens[0..self.count];
    }

    fn comesBefore(a: *const Hypothesis, b: *const Hypothesis) bool {
        if (a.log_probability != b.log_probability) return a.log_probability > b.log_probability;
        return std.mem.lessThan(u8, a.phonemes(), b.phonemes());
    }

    fn with(self: *const Hypothesis, token: u8, log_probability: f32) Hypothesis {
        var longer = self.*;
        longer.log_probability += log_probability;
        if (token == decode.end_token) return longer;
        longer.tokens[longer.count] = token;
        longer.count += 1;
        return longer;
    }
};

/// A hypothesis of the beam and its KV cache.
const Live = struct { hypothesis: Hypothesis, slot: u8 };

/// The best of a kind, in order.
fn Best(comptime T: type) type {
    return struct {
        items: []T,
        count: usize = 0,

        fn add(self: *@This(), item: T) void {
            if (self.count == self.items.len) {
                if (self.count == 0 or !orderOf(&item).comesBefore(orderOf(&self.items[self.count - 1]))) return;
                self.count -= 1;
            }
            var at = self.count;
            while (at > 0 and orderOf(&item).comesBefore(orderOf(&self.items[at - 1]))) : (at -= 1) {
                self.items[at] = self.items[at - 1];
            }
            self.items[at] = item;
            self.count += 1;
        }

        fn orderOf(item: *const T) *const Hypothesis {
            return if (T == Live) &item.hypothesis else item;
        }
    };
}

/// Fills `out`, at most `alternatives_max`, with the best phonemes of a piece (grapheme tokens and
/// the separator), the best first, but before all those that are said instead; how many there are.
pub fn nbest(
    pack: *const Pack,
    forward: dispatch.Forward,
    scratch: *const transformer.Scratch,
    prefix: []const u8,
    out: []Hypothesis,
) usize {
    std.debug.assert(out.len <= alternatives_max);
    if (out.len == 0) return 0;
    var finished: Best(Hypothesis) = .{ .items = out };
    search(pack, forward, scratch, prefix, &finished);
    const said = saidInstead(pack, forward, scratch, prefix) orelse return finished.count;
    // It takes its own place, else that of the last.
    const place = for (out[0..finished.count], 0..) |*other, i| {
        if (std.mem.eql(u8, other.phonemes(), said.phonemes())) break i;
    } else @min(finished.count, out.len - 1);
    @memmove(out[1..][0..place], out[0..place]);
    out[0] = said;
    return @max(finished.count, place + 1);
}

fn search(
    pack: *const Pack,
    forward: dispatch.Forward,
    scratch: *const transformer.Scratch,
    prefix: []const u8,
    finished: *Best(Hypothesis),
) void {
    const model = &pack.model;
    var beams: [2][alternatives_max]Live = undefined;
    var beam: []Live = beams[0][0..1];
    beam[0] = .{ .hypothesis = .{}, .slot = 0 };
    var step: usize = 0;
    while (beam.len > 0) : (step += 1) {
        var segments: [alternatives_max]transformer.Segment = undefined;
        for (beam, segments[0..beam.len]) |*live, *segment| segment.* = .of(prefix, live.hypothesis.phonemes(), live.slot);
        forward(model, scratch, &segments, beam.len);
        var next: Best(Live) = .{ .items = &beams[(step + 1) % 2] };
        for (beam, 0..) |*live, i| {
            const logits = scratch.logits[i * model.outputs ..][0..model.outputs];
            const norm = logSumExp(logits);
            for (logits, 0..) |logit, token| {
                const longer = live.hypothesis.with(@intCast(token), logit - norm);
                if (token == decode.end_token or longer.count == pack.phonemes_max) {
                    finished.add(longer);
                } else {
                    next.add(.{ .hypothesis = longer, .slot = live.slot });
                }
            }
        }
        beam = next.items[0..next.count];
        // More phonemes never make one more probable.
        if (finished.count == finished.items.len) {
            const last = finished.items[finished.count - 1].log_probability;
            while (beam.len > 0 and beam[beam.len - 1].hypothesis.log_probability < last) beam.len -= 1;
        }
        shareCaches(model, scratch, beam, prefix.len + step);
    }
}

/// Gives each of the beam a KV cache of its own: the first child of a hypothesis keeps its parent's.
fn shareCaches(model: *const transformer.Model, scratch: *const transformer.Scratch, beam: []Live, positions: usize) void {
    var keepers: [alternatives_max]?usize = @splat(null);
    for (beam, 0..) |live, i| {
        if (keepers[live.slot] == null) keepers[live.slot] = i;
    }
    for (beam, 0..) |*live, i| {
        if (keepers[live.slot] == i) continue;
        const free = std.mem.indexOfScalar(?usize, &keepers, null).?;
        transformer.copyCache(model, scratch, live.slot, free, positions);
        keepers[free] = i;
        live.slot = @intCast(free);
    }
}

/// The phonemes of a piece that are not the model's own, and what the model thinks of them.
fn saidInstead(
    pack: *const Pack,
    forward: dispatch.Forward,
    scratch: *const transformer.Scratch,
    prefix: []const u8,
) ?Hypothesis {
    var found: Hypothesis = .{};
    var spans: [limits.phonemes_max]decode.Letters = undefined;
    var piece: [1]decode.Piece = .{.{ .prefix = prefix, .phonemes = &found.tokens, .spans = &spans }};
    if (decode.sourceOf(pack, &piece[0]).isModels()) return null;
    decode.greedy(pack, forward, scratch, &piece, null);
    found.source = piece[0].source;
    if (found.source.isModels()) return null;
    found.count = @intCast(piece[0].count);
    // A second time, for the probability of what is known now.
    piece[0].wanted = found.phonemes();
    piece[0].count = 0;
    var sum: Sum = .{ .wanted = found.phonemes() };
    decode.greedy(pack, forward, scratch, &piece, .{ .context = &sum, .step = Sum.step });
    found.log_probability = sum.log_probability;
    return found;
}

/// Adds up the log-probabilities of wanted phonemes and the end token.
const Sum = struct {
    wanted: []const u8,
    count: usize = 0,
    log_probability: f32 = 0,

    fn step(context: *anyopaque, logits: []const f32) void {
        const self: *Sum = @ptrCast(@alignCast(context));
        const token = if (self.count < self.wanted.len) self.wanted[self.count] else decode.end_token;
        self.log_probability += logits[token] - logSumExp(logits);
        self.count += 1;
    }
};

/// ln Σ e^logit, not less than the largest.
fn logSumExp(logits: []const f32) f32 {
    var e: [std.mem.alignForward(usize, limits.vocabulary_max, math.lanes)]f32 = undefined;
    @memcpy(e[0..logits.len], logits);
    const largest = logits[corrections.ranked(logits, 0)];
    return largest + math.log(math.exponentials(&e, logits.len, largest));
}

const testing = std.testing;
const transcriber = @import("transcriber.zig");

test "alternatives are distinct, ordered, as probable as they say, and few are the first of many" {
    // Goal: the promises of nbest, and that hypotheses do not mix up their caches. Method: each
    // alternative is decoded again by itself, as wanted phonemes; its logits give its probability.
    const t = try transcriber.Transcriber.open(testing.allocator, &.{}, .{ .cache_words = 0 });
    defer t.close();
    const pack = &t.packs[0];
    for ([_][]const u8{ "read", "a", "colonel" }) |word| {
        var room: [16]u8 = undefined;
        for (word, room[0..word.len]) |letter, *token| token.* = pack.grapheme_tokens.get(letter).?;
        room[word.len] = pack.separator;
        const prefix = room[0 .. word.len + 1];
        var many: [alternatives_max]Hypothesis = undefined;
        try testing.expectEqual(many.len, nbest(pack, t.forward, &t.scratch, prefix, &many));
        var few: [3]Hypothesis = undefined;
        try testing.expectEqual(few.len, nbest(pack, t.forward, &t.scratch, prefix, &few));
        for (few, many[0..few.len]) |a, b| {
            try testing.expectEqualSlices(u8, b.phonemes(), a.phonemes());
            try testing.expectEqual(b.log_probability, a.log_probability);
        }
        for (&many, 0..) |*hypothesis, i| {
            if (i > 1) try testing.expect(many[i - 1].comesBefore(hypothesis));
            var tokens: [limits.phonemes_max]u8 = undefined;
            var spans: [limits.phonemes_max]decode.Letters = undefined;
            var piece: [1]decode.Piece = .{.{ .prefix = prefix, .phonemes = &tokens, .spans = &spans, .wanted = hypothesis.phonemes() }};
            var sum: Sum = .{ .wanted = hypothesis.phonemes() };
            decode.greedy(pack, t.forward, &t.scratch, &piece, .{ .context = &sum, .step = Sum.step });
            try testing.expectEqual(sum.log_probability, hypothesis.log_probability);
        }
    }
}
