//! The forward pass of a Llama-2 over a batch of words: RMSNorm, RoPE, SwiGLU, a KV cache a word.
//!
//! Prefill and decoding are one function: every word of the call adds some tokens to its cache and
//! asks for the logits after the last of them. Tokens added together see each other in both
//! directions (the grapheme prefix of a prefix-LM); a single token sees what came before it.
//!
//! The structs here are `extern`, for the same code is compiled for several processor levels into
//! objects of their own (engine.zig), which see one layout.

const std = @import("std");
const kernels = @import("kernels.zig");
const limits = @import("limits.zig");
const math = @import("math.zig");

const lanes = math.lanes;

pub const Layer = extern struct {
    attention_norm: [*]align(1) const u16,
    /// Query, key and value rows, `3 dim × dim`.
    qkv: kernels.Matrix,
    out: kernels.Matrix,
    ffn_norm: [*]align(1) const u16,
    /// Gate rows, then up rows, `2 ffn × dim`.
    gate_up: kernels.Matrix,
    down: kernels.Matrix,
};

/// A model's dimensions and views of its weights, which stay where the pack is.
pub const Model = extern struct {
    dim: u32,
    heads: u32,
    ffn: u32,
    layer_count: u32,
    vocabulary: u32,
    /// Rows of the embedding table that can be answers.
    outputs: u32,
    /// Positions of a word's KV cache: graphemes, separator, phonemes.
    positions: u32,
    norm_epsilon: f32,
    embedding: kernels.Table,
    final_norm: [*]align(1) const u16,
    layers: [limits.layers_max]Layer,
    /// RoPE tables, `position × head_dim / 2`.
    cos: [*]const f32,
    sin: [*]const f32,

    pub fn headDim(self: *const Model) usize {
        return self.dim / self.heads;
    }
};

/// The letters that a phoneme comes from: the first and the last of a range of the graphemes.
pub const Letters = extern struct { first: u8, last: u8 };

/// What one word adds in a call, and one of its answers.
pub const Segment = extern struct {
    tokens: [*]const u8,
    count: u32,
    /// Which KV cache.
    slot: u32,
    /// Tokens that the cache holds already.
    cached: u32,
    /// RoPE position of the first token.
    position: u32,
    /// How many graphemes the word begins with, at least one.
    graphemes: u32,
    /// Answer: the letters that the last layer's first head looks at from the last token.
    letters: Letters = undefined,

    /// The step of a word behind these phonemes; behind none it reads the prefix.
    pub fn of(prefix: []const u8, phonemes: []const u8, slot: usize) Segment {
        const reads_prefix = phonemes.len == 0;
        return .{
            .tokens = if (reads_prefix) prefix.ptr else phonemes.ptr + phonemes.len - 1,
            .count = if (reads_prefix) @intCast(prefix.len) else 1,
            .slot = @intCast(slot),
            .cached = if (reads_prefix) 0 else @intCast(prefix.len + phonemes.len - 1),
            .position = @intCast(phonemes.len),
            .graphemes = @intCast(prefix.len - 1),
        };
    }
};

/// Memory of the forward pass; `Sizes` says how much of each.
pub const Scratch = extern struct {
    /// `columns × dim`: the residual stream.
    stream: [*]f32,
    /// `columns × max(3 dim, 2 ffn)`: what a matrix gives.
    wide: [*]f32,
    /// `columns × max(dim, ffn)`: what the next matrix takes.
    narrow: [*]f32,
    activations: kernels.Columns(kernels.Activation),
    answers: kernels.Columns(i16),
    scores: [*]f32,
    /// `layer × slot × position × dim`.
    keys: [*]f32,
    values: [*]f32,
    /// `segment × outputs`.
    logits: [*]f32,
};

/// Floats and integers that a `Scratch` needs for a model.
pub const Sizes = struct {
    stream: usize,
    wide: usize,
    narrow: usize,
    groups: usize,
    scores: usize,
    cache: usize,
    logits: usize,

    pub fn of(model: *const Model) Sizes {
        const broad = @max(model.dim, model.ffn);
        return .{
            .stream = limits.batch_columns * model.dim,
            .wide = limits.batch_columns * @as(usize, @max(3 * model.dim, 2 * model.ffn)),
            .narrow = limits.batch_columns * broad,
            .groups = limits.batch_columns * kernels.groupCount(broad),
            .scores = std.mem.alignForward(usize, model.positions, lanes),
            .cache = @as(usize, model.layer_count) * limits.batch_words * model.positions * model.dim,
            .logits = limits.batch_words * @as(usize, model.outputs),
        };
    }
};

/// Runs `count` segments, together at most `batch_columns` tokens and `batch_words` segments, and
/// leaves the logits after each segment's last token in `scratch.logits`, its letters in the segment.
pub fn forward(model: *const Model, scratch: *const Scratch, first: [*]Segment, count: usize) callconv(.c) void {
    const segments = first[0..count];
    const dim = model.dim;
    var columns: usize = 0;
    for (segments) |segment| for (segment.tokens[0..segment.count]) |token| {
        embed(model, token, scratch.stream + columns * dim);
        columns += 1;
    };
    for (model.layers[0..model.layer_count], 0..) |*layer, index| {
        normalise(model, layer.attention_norm, scratch, columns);
        kernels.multiply(layer.qkv, scratch.activations, columns, scratch.wide);
        attend(model, scratch, segments, index);
        // After the last layer's keys and values only the last token of a segment matters.
        if (index + 1 == model.layer_count) columns = keepLast(model, scratch, segments);
        for (0..columns) |c| kernels.quantizeForMatrix(scratch.activations, c, scratch.narrow + c * dim, dim);
        kernels.multiply(layer.out, scratch.activations, columns, scratch.wide);
        addTo(scratch.stream, scratch.wide, columns * dim);

        normalise(model, layer.ffn_norm, scratch, columns);
        kernels.multiply(layer.gate_up, scratch.activations, columns, scratch.wide);
        for (0..columns) |c| gate(model, scratch, c);
        kernels.multiply(layer.down, scratch.activations, columns, scratch.wide);
        addTo(scratch.stream, scratch.wide, columns * dim);
    }
    for (0..columns) |c| {
        normaliseColumn(model, model.final_norm, scratch.stream + c * dim, scratch.narrow);
        kernels.quantize(i16, .natural, scratch.answers, c, scratch.narrow, dim);
    }
    kernels.multiplyTable(model.embedding, model.outputs, scratch.answers, columns, scratch.logits, model.outputs);
}

/// Copies the first `positions` positions of a KV cache to another.
pub fn copyCache(model: *const Model, scratch: *const Scratch, from: usize, to: usize, positions: usize) void {
    const cache = @as(usize, model.positions) * model.dim;
    for (0..model.layer_count) |layer| for ([_][*]f32{ scratch.keys, scratch.values }) |x| {
        const slots = x + layer * limits.batch_words * cache;
        @memcpy(slots[to * cache ..][0 .. positions * model.dim], slots[from * cache ..]);
    };
}

fn embed(model: *const Model, token: u8, to: [*]f32) void {
    const dim: usize = model.dim;
    const groups = kernels.groupCount(dim);
    const row = model.embedding.values + token * dim;
    var at: usize = 0;
    while (at < dim) : (at += lanes) {
        const scale = math.fromBfloat16(model.embedding.scales[token * groups + at / limits.group]);
        const values = @as(*align(1) const @Vector(lanes, i8), @ptrCast(row + at)).*;
        math.store(to + at, @as(math.F, @floatFromInt(@as(@Vector(lanes, i32), values))) * math.splat(scale));
    }
}

/// RMSNorm of every column of the stream, quantised.
fn normalise(model: *const Model, gains: [*]align(1) const u16, scratch: *const Scratch, columns: usize) void {
    for (0..columns) |c| {
        normaliseColumn(model, gains, scratch.stream + c * model.dim, scratch.narrow);
        kernels.quantizeForMatrix(scratch.activations, c, scratch.narrow, model.dim);
    }
}

fn normaliseColumn(model: *const Model, gains: [*]align(1) const u16, x: [*]const f32, to: [*]f32) void {
    const dim: usize = model.dim;
    var squares = math.splat(0);
    var at: usize = 0;
    while (at < dim) : (at += lanes) {
        const v = math.load(x + at);
        squares += v * v;
    }
    const mean = math.laneSum(squares) / @as(f32, @floatFromInt(dim));
    const inverse = 1 / @sqrt(mean + model.norm_epsilon);
    at = 0;
    while (at < dim) : (at += lanes) {
        math.store(to + at, (math.load(x + at) * math.splat(inverse)) * math.loadBfloat16(gains + at));
    }
}

/// SwiGLU of a column of gates and ups, quantised.
fn gate(model: *const Model, scratch: *const Scratch, column: usize) void {
    const ffn: usize = model.ffn;
    const gates = scratch.wide + column * 2 * ffn;
    const ups = gates + ffn;
    var at: usize = 0;
    while (at < ffn) : (at += lanes) {
        math.store(scratch.narrow + at, math.silu(math.load(gates + at)) * math.load(ups + at));
    }
    kernels.quantizeForMatrix(scratch.activations, column, scratch.narrow, ffn);
}

fn addTo(x: [*]f32, y: [*]const f32, count: usize) void {
    var at: usize = 0;
    while (at < count) : (at += lanes) math.store(x + at, math.load(x + at) + math.load(y + at));
}

/// Moves each segment's last column of the stream and of the attention's result to the front.
fn keepLast(model: *const Model, scratch: *const Scratch, segments: []const Segment) usize {
    const dim: usize = model.dim;
    var end: usize = 0;
    for (segments, 0..) |segment, to| {
        end += segment.count;
        if (end - 1 == to) continue;
        for ([_][*]f32{ scratch.stream, scratch.narrow }) |x| {
            @memmove(x[to * dim ..][0..dim], x[(end - 1) * dim ..][0..dim]);
        }
    }
    return segments.len;
}

/// Rotates queries and keys, adds keys and values to the caches, and leaves every column's
/// attention in `scratch.narrow`; in the last layer that of each segment's last column.
fn attend(model: *const Model, scratch: *const Scratch, segments: []Segment, layer: usize) void {
    const dim: usize = model.dim;
    const head_dim = model.headDim();
    const is_last = layer + 1 == model.layer_count;
    var column: usize = 0;
    for (segments) |*segment| {
        const cache = (layer * limits.batch_words + segment.slot) * model.positions * dim;
        const keys = scratch.keys + cache;
        const values = scratch.values + cache;
        for (0..segment.count) |i| {
            const qkv = scratch.wide + (column + i) * 3 * dim;
            const at = (segment.cached + i) * dim;
            rotate(model, segment.position + i, qkv, qkv);
            rotate(model, segment.position + i, qkv + dim, keys + at);
            @memcpy(values[at..][0..dim], qkv[2 * dim ..][0..dim]);
        }
        const visible = segment.cached + segment.count;
        for (if (is_last) segment.count - 1 else 0..segment.count) |i| {
            const query = scratch.wide + (column + i) * 3 * dim;
            const to = scratch.narrow + (column + i) * dim;
            var head: usize = 0;
            while (head < dim) : (head += head_dim) {
                attendHead(model, scratch.scores, query + head, keys + head, values + head, visible, to + head);
                if (is_last and head == 0) segment.letters = lettersOf(scratch.scores[0..segment.graphemes]);
            }
        }
        column += segment.count;
    }
}

/// RoPE of all heads of a column.
fn rotate(model: *const Model, position: usize, from: [*]const f32, to: [*]f32) void {
    const half = model.headDim() / 2;
    var head: usize = 0;
    while (head < model.dim) : (head += 2 * half) {
        var at: usize = 0;
        while (at < half) : (at += lanes) {
            const cos = math.load(model.cos + position * half + at);
            const sin = math.load(model.sin + position * half + at);
            const a = math.load(from + head + at);
            const b = math.load(from + head + half + at);
            math.store(to + head + at, a * cos - b * sin);
            math.store(to + head + half + at, b * cos + a * sin);
        }
    }
}

/// One head of one query over `visible` cached positions.
fn attendHead(
    model: *const Model,
    scores: [*]f32,
    query: [*]const f32,
    keys: [*]const f32,
    values: [*]const f32,
    visible: usize,
    to: [*]f32,
) void {
    const dim: usize = model.dim;
    const head_dim = model.headDim();
    const scale = 1 / @sqrt(@as(f32, @floatFromInt(head_dim)));
    var largest = math.splat(-std.math.inf(f32));
    var first: usize = 0;
    while (first < visible) : (first += lanes) {
        var products: [lanes]math.F = undefined;
        for (&products, 0..) |*product, j| {
            // There are eight: the last position again and again.
            const key = keys + @min(first + j, visible - 1) * dim;
            product.* = math.load(query) * math.load(key);
            var at: usize = lanes;
            while (at < head_dim) : (at += lanes) product.* += math.load(query + at) * math.load(key + at);
        }
        const eight = math.laneSums(products) * math.splat(scale);
        math.store(scores + first, eight);
        largest = math.larger(eight, largest);
    }
    const inverse = math.splat(1 / math.exponentials(scores, visible, math.laneLargest(largest)));
    var at: usize = 0;
    while (at + 4 * lanes <= head_dim) : (at += 4 * lanes) {
        addValues(4, scores[0..visible], values + at, dim, inverse, to + at);
    }
    while (at < head_dim) : (at += lanes) addValues(1, scores[0..visible], values + at, dim, inverse, to + at);
}

/// Some vectors of the values, weighed by scores.
inline fn addValues(
    comptime width: usize,
    scores: []const f32,
    values: [*]const f32,
    dim: usize,
    inverse: math.F,
    to: [*]f32,
) void {
    var sums: [width]math.F = @splat(math.splat(0));
    for (scores, 0..) |score, i| {
        inline for (&sums, 0..) |*sum, v| sum.* += math.splat(score) * math.load(values + i * dim + v * lanes);
    }
    for (sums, 0..) |sum, v| math.store(to + v * lanes, sum * inverse);
}

/// The letter with the largest weight, the first of equals, with its neighbours on both sides as
/// far as their weights are at least half of it.
fn lettersOf(weights: []const f32) Letters {
    var first: usize = 0;
    for (weights, 0..) |weight, i| {
        if (weight > weights[first]) first = i;
    }
    const largest = weights[first];
    var last = first;
    while (first > 0 and 2 * weights[first - 1] >= largest) first -= 1;
    while (last + 1 < weights.len and 2 * weights[last + 1] >= largest) last += 1;
    return .{ .first = @intCast(first), .last = @intCast(last) };
}

test "the letters of a phoneme are those around the largest weight" {
    // Goal: the rule of docs/CORRECTIONS.md at its edges. Method: weights worked out by hand: equals, just
    // half and just less, both ends, and numbers that are none.
    const nan = std.math.nan(f32);
    const just_less: f32 = 0.5 - 0x1p-25;
    const cases = .{
        .{ &[_]f32{1}, 0, 0 },
        .{ &[_]f32{ 0.1, 1, 0.1, 1 }, 1, 1 },
        .{ &[_]f32{ 0.5, 1, 0.5, 0.4 }, 0, 2 },
        .{ &[_]f32{ just_less, 1, just_less }, 1, 1 },
        .{ &[_]f32{ 0.1, 0.2, 0.3, 0.5, 0.4 }, 2, 4 },
        .{ &[_]f32{ 0x1p-126, 0x1p-126 }, 0, 1 },
        .{ &[_]f32{ nan, nan, 1 }, 0, 0 },
    };
    inline for (cases) |case| {
        try std.testing.expectEqual(Letters{ .first = case[1], .last = case[2] }, lettersOf(case[0]));
    }
}
