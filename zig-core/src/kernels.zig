//! The vector kernels: quantise activations, multiply by int4 and int8 matrices.
//!
//! Lanes are output rows, sums within a group are exact integers, and the float part of a product
//! is written out once, so that every kernel gives the same bits (docs/PACK.md). A kernel is chosen
//! at compile time by the target's processor features; the scalar twin is what tests compare with.

const std = @import("std");
const builtin = @import("builtin");
const limits = @import("limits.zig");
const math = @import("math.zig");

const F = math.F;

/// How products of activations and weights are formed.
pub const Kernel = enum {
    /// 32-byte `vpmaddubsw`, eight rows a register.
    avx2,
    /// 16-byte `pmaddubsw`, four rows a register.
    ssse3,
    /// 16-bit products summed in pairs: `pmaddwd`, `i32x4.dot_i16x8_s`, or plain vector code.
    pairs,
};

pub const kernel: Kernel = if (builtin.cpu.arch != .x86_64)
    .pairs
else if (builtin.cpu.has(.x86, .avx2))
    .avx2
else if (builtin.cpu.has(.x86, .ssse3))
    .ssse3
else
    .pairs;

/// Quantised activations: the `pairs` kernel wants them widened, and in the order in which the
/// nibbles of a tile fall out of 16-bit lanes.
pub const Activation = if (kernel == .pairs) i16 else i8;
const pair_order = [8]u8{ 0, 2, 4, 6, 1, 3, 5, 7 };

/// Rows and inputs of a tile of packed weights, and its bytes.
const tile = 8;
const tile_bytes = tile * tile / 2;
const zero_point = 8;

/// An int4 matrix as it stands in a pack: tiles, then scales.
pub const Matrix = extern struct {
    tiles: [*]const u8,
    scales: [*]align(1) const u16,
    rows: u32,
    inputs: u32,

    fn groups(self: Matrix) usize {
        return groupCount(self.inputs);
    }
};

/// An int8 matrix as it stands in a pack: rows one after the other, then scales row by row.
pub const Table = extern struct {
    values: [*]const i8,
    scales: [*]align(1) const u16,
    inputs: u32,
};

pub fn groupCount(inputs: usize) usize {
    return (inputs + limits.group - 1) / limits.group;
}

/// Quantised columns: activations, a scale and a sum of the values for every group.
pub fn Columns(comptime T: type) type {
    return extern struct {
        values: [*]T,
        scales: [*]f32,
        sums: [*]i32,
    };
}

/// Quantises one column of `inputs` floats (a multiple of eight) into `columns` at `index`.
/// Integers wrap: a malformed pack can make floats NaN, which then give any integer.
pub fn quantize(
    comptime T: type,
    comptime order: enum { natural, paired },
    columns: Columns(T),
    index: usize,
    x: [*]const f32,
    inputs: usize,
) void {
    const groups = groupCount(inputs);
    const values = columns.values + index * inputs;
    for (0..groups) |group| {
        const start = group * limits.group;
        const end = @min(inputs, start + limits.group);
        var largest = math.splat(0);
        var at = start;
        while (at < end) : (at += math.lanes) largest = math.larger(@abs(math.load(x + at)), largest);
        const magnitude = math.laneLargest(largest);
        const inverse: f32 = if (magnitude > 0) 127 / magnitude else 0;
        var sum: @Vector(8, i32) = @splat(0);
        at = start;
        while (at < end) : (at += math.lanes) {
            const shifted = math.load(x + at) * math.splat(inverse) + math.splat(math.round_magic);
            const q = @as(@Vector(8, i32), @bitCast(shifted)) -% @as(@Vector(8, i32), @splat(math.round_magic_bits));
            sum +%= q;
            const placed = if (order == .paired) @shuffle(i32, q, undefined, pair_order) else q;
            @as(*align(@alignOf(T)) @Vector(8, T), @ptrCast(values + at)).* = @truncate(placed);
        }
        columns.scales[index * groups + group] = magnitude / 127;
        columns.sums[index * groups + group] = @reduce(.Add, sum);
    }
}

/// Quantises for `multiply`.
pub fn quantizeForMatrix(columns: Columns(Activation), index: usize, x: [*]const f32, inputs: usize) void {
    quantize(Activation, if (kernel == .pairs) .paired else .natural, columns, index, x, inputs);
}

/// What a vector of weights holds: unsigned bytes, or 16-bit integers in the order of `pair_order`.
const Weights = switch (kernel) {
    .avx2 => @Vector(32, u8),
    .ssse3 => @Vector(16, u8),
    .pairs => @Vector(8, i16),
};
/// A tile takes up so many vectors of weights, its rows so many vectors of sums.
const tile_vectors = tile * tile * @sizeOf(Activation) / @sizeOf(Weights);
const tile_parts = if (kernel == .avx2) 1 else 2;
const part_vectors = tile_vectors / tile_parts;
const Sums = @Vector(tile / tile_parts, i32);

/// Two tiles of rows, which are multiplied together, and one group of their inputs, unpacked.
const Strip = struct {
    /// Of every part and step, what the next four bytes of activations are multiplied by.
    weights: [tile_parts][limits.group / tile][part_vectors][2]Weights,
    steps: usize,

    fn unpack(self: *Strip, matrix: Matrix, row: usize, start: usize) void {
        const row_bytes = matrix.inputs / tile * tile_bytes;
        self.steps = (@min(matrix.inputs, start + limits.group) - start) / tile;
        for (0..2) |r| {
            const tiles = matrix.tiles + (row / tile + r) * row_bytes + start / tile * tile_bytes;
            for (0..self.steps) |step| for (0..tile_parts) |part| {
                const bytes = tiles + step * tile_bytes + part * (tile_bytes / tile_parts);
                inline for (0..part_vectors) |v| self.weights[part][step][v][r] = nibbles(bytes, v);
            };
        }
    }

    /// Nibble 0 of each of some bytes, or of 16-bit integers, or another.
    inline fn nibbles(bytes: [*]const u8, comptime which: usize) Weights {
        const Unit = @Vector(@typeInfo(Weights).vector.len, if (kernel == .pairs) u16 else u8);
        const units = @as(*align(1) const Unit, @ptrCast(bytes)).*;
        return @bitCast((units >> @splat(4 * which)) & @as(Unit, @splat(15)));
    }
};

/// `out[column][row] = Σ weight · x` for all columns; `out` has `matrix.rows` floats a column.
/// Rows are a multiple of 16 and inputs of 8.
pub fn multiply(matrix: Matrix, x: Columns(Activation), count: usize, out: [*]f32) void {
    var strip: Strip = undefined;
    var row: usize = 0;
    while (row < matrix.rows) : (row += 2 * tile) {
        for (0..matrix.groups()) |group| {
            strip.unpack(matrix, row, group * limits.group);
            var column: usize = 0;
            while (column + 4 <= count) : (column += 4) block(4, &strip, matrix, row, group, x, column, out);
            if (column + 2 <= count) {
                block(2, &strip, matrix, row, group, x, column, out);
                column += 2;
            }
            if (column < count) block(1, &strip, matrix, row, group, x, column, out);
        }
    }
}

/// Adds what one group of inputs gives 16 rows of `width` columns.
inline fn block(
    comptime width: usize,
    strip: *const Strip,
    matrix: Matrix,
    row: usize,
    group: usize,
    x: Columns(Activation),
    column: usize,
    out: [*]f32,
) void {
    const groups = matrix.groups();
    var values: [width][*]const Activation = undefined;
    inline for (0..width) |c| values[c] = x.values + (column + c) * matrix.inputs + group * limits.group;
    var dots: [2][width]@Vector(tile, i32) = undefined;
    inline for (0..tile_parts) |part| {
        const sums = dotPart(width, &strip.weights[part], strip.steps, values);
        inline for (0..2) |r| inline for (0..width) |c| inline for (0..tile / tile_parts) |i| {
            dots[r][c][part * (tile / tile_parts) + i] = sums[r][c][i];
        };
    }
    inline for (0..2) |r| {
        const weight_scale = math.loadBfloat16(matrix.scales + ((row / tile + r) * groups + group) * tile);
        inline for (0..width) |c| {
            const at = (column + c) * groups + group;
            const product = dots[r][c] -% @as(@Vector(tile, i32), @splat(zero_point *% x.sums[at]));
            const scaled = @as(F, @floatFromInt(product)) * (weight_scale * math.splat(x.scales[at]));
            const to = out + (column + c) * matrix.rows + row + r * tile;
            math.store(to, (if (group == 0) math.splat(0) else math.load(to)) + scaled);
        }
    }
}

/// Products of a part's weights and of activations, summed over the steps.
inline fn dotPart(
    comptime width: usize,
    weights: [*]const [part_vectors][2]Weights,
    steps: usize,
    values: [width][*]const Activation,
) [2][width]Sums {
    @setEvalBranchQuota(4000);
    var totals: [2][width]Sums = @splat(@splat(@splat(0)));
    if (kernel == .pairs) {
        for (0..steps) |step| {
            inline for (0..part_vectors) |v| inline for (0..width) |c| {
                const four = fourBytes(values[c] + step * tile, v);
                inline for (0..2) |r| totals[r][c] +%= multiplyAddWords(weights[step][v][r], four);
            };
        }
        return totals;
    }
    // Unsigned nibbles by signed bytes: a sum of two products is at most 2 · 15 · 127 = 3,810, so
    // eight of them fit 16 bits before they are widened: four steps of two.
    var step: usize = 0;
    while (step + 4 <= steps) : (step += 4) addSteps(width, 4, weights + step, values, step, &totals);
    while (step < steps) : (step += 1) addSteps(width, 1, weights + step, values, step, &totals);
    return totals;
}

inline fn addSteps(
    comptime width: usize,
    comptime steps: usize,
    weights: [*]const [part_vectors][2]Weights,
    values: [width][*]const Activation,
    step: usize,
    totals: *[2][width]Sums,
) void {
    var partial: [2][width]@Vector(@sizeOf(Weights) / 2, i16) = @splat(@splat(@splat(0)));
    inline for (0..steps) |s| inline for (0..part_vectors) |v| inline for (0..width) |c| {
        const four = fourBytes(values[c] + (step + s) * tile, v);
        inline for (0..2) |r| partial[r][c] = addProducts(partial[r][c], weights[s][v][r], four);
    };
    inline for (0..2) |r| inline for (0..width) |c| {
        totals[r][c] +%= addPairs(partial[r][c]);
    };
}

/// Four bytes of activations, again and again: the first of a step or those behind.
inline fn fourBytes(step: [*]const Activation, comptime which: usize) @Vector(@sizeOf(Weights) / @sizeOf(Activation), Activation) {
    const four = @as(*align(@alignOf(Activation)) const i32, @ptrCast(step + which * 4 / @sizeOf(Activation))).*;
    return @bitCast(@as(@Vector(@sizeOf(Weights) / 4, i32), @splat(four)));
}

/// Adds products of unsigned by signed bytes, neighbours summed in 16 bits (no overflow here). One
/// block: a compiler that may order the sums anew keeps more of them than there are registers.
inline fn addProducts(sums: anytype, a: Weights, b: @Vector(@sizeOf(Weights), i8)) @TypeOf(sums) {
    var products: @TypeOf(sums) = undefined;
    return if (kernel == .avx2)
        asm (
            \\vpmaddubsw %[b], %[a], %[products]
            \\vpaddw %[products], %[sums], %[sums]
            : [sums] "=x" (-> @TypeOf(sums)),
              [products] "=x" (products),
            : [a] "x" (a),
              [b] "x" (b),
              [before] "0" (sums),
        )
    else
        asm (
            \\movdqa %[a], %[products]
            \\pmaddubsw %[b], %[products]
            \\paddw %[products], %[sums]
            : [sums] "=x" (-> @TypeOf(sums)),
              [products] "=&x" (products),
            : [a] "x" (a),
              [b] "x" (b),
              [before] "0" (sums),
        );
}

/// Neighbouring 16-bit lanes summed in 32 bits.
inline fn addPairs(x: anytype) @Vector(@typeInfo(@TypeOf(x)).vector.len / 2, i32) {
    const Out = @Vector(@typeInfo(@TypeOf(x)).vector.len / 2, i32);
    const ones: @TypeOf(x) = @splat(1);
    return if (kernel == .avx2)
        asm ("vpmaddwd %[b], %[a], %[out]"
            : [out] "=x" (-> Out),
            : [a] "x" (x),
              [b] "x" (ones),
        )
    else
        asm ("pmaddwd %[b], %[out]"
            : [out] "=x" (-> Out),
            : [a] "0" (x),
              [b] "x" (ones),
        );
}

/// Products of 16-bit lanes, neighbours summed in 32 bits.
inline fn multiplyAddWords(a: anytype, b: @Vector(@typeInfo(@TypeOf(a)).vector.len, i16)) @Vector(@typeInfo(@TypeOf(a)).vector.len / 2, i32) {
    if (comptime builtin.cpu.arch == .x86_64 and !builtin.cpu.has(.x86, .avx)) {
        return asm ("pmaddwd %[b], %[out]"
            : [out] "=x" (-> @Vector(4, i32)),
            : [a] "0" (a),
              [b] "x" (b),
        );
    }
    if (comptime builtin.cpu.arch == .wasm32 and builtin.cpu.has(.wasm, .simd128)) {
        return asm (
            \\ local.get %[a]
            \\ local.get %[b]
            \\ i32x4.dot_i16x8_s
            \\ local.set %[out]
            : [out] "=r" (-> @Vector(4, i32)),
            : [a] "r" (a),
              [b] "r" (b),
        );
    }
    const Wide = @Vector(@typeInfo(@TypeOf(a)).vector.len, i32);
    const neighbours = std.simd.deinterlace(2, @as(Wide, a) *% @as(Wide, b));
    return neighbours[0] +% neighbours[1];
}

/// `out[column][row] = Σ table · x` for the first `rows` rows; `out` has `stride` floats a column.
pub fn multiplyTable(table: Table, rows: usize, x: Columns(i16), count: usize, out: [*]f32, stride: usize) void {
    const width = if (kernel == .avx2) 16 else 8;
    const inputs: usize = table.inputs;
    const groups = groupCount(inputs);
    for (0..rows) |row| for (0..count) |column| {
        var sum: f32 = 0;
        for (0..groups) |group| {
            const start = group * limits.group;
            const end = @min(inputs, start + limits.group);
            var dots: @Vector(width / 2, i32) = @splat(0);
            var at = start;
            while (at < end) : (at += width) {
                const weights: @Vector(width, i16) = @as(*align(1) const @Vector(width, i8), @ptrCast(table.values + row * inputs + at)).*;
                const values = @as(*align(2) const @Vector(width, i16), @ptrCast(x.values + column * inputs + at)).*;
                dots +%= multiplyAddWords(weights, values);
            }
            const scale = math.fromBfloat16(table.scales[row * groups + group]);
            sum += @as(f32, @floatFromInt(@reduce(.Add, dots))) * (scale * x.scales[column * groups + group]);
        }
        out[column * stride + row] = sum;
    };
}

// The scalar twins, written from docs/PACK.md, and the comparison.

fn quantizeScalar(x: []const f32, q: []i32, scales: []f32) void {
    for (scales, 0..) |*scale, group| {
        const start = group * limits.group;
        const part = x[start..@min(x.len, start + limits.group)];
        var largest: f32 = 0;
        for (part) |v| largest = @max(largest, @abs(v));
        scale.* = largest / 127;
        for (part, q[start..][0..part.len]) |v, *to| {
            const scaled = if (largest > 0) v * (127 / largest) else 0;
            const down = @floor(scaled);
            const odd = @mod(down, 2) != 0;
            const up = scaled - down > 0.5 or (scaled - down == 0.5 and odd);
            to.* = @intFromFloat(if (up) down + 1 else down);
        }
    }
}

fn nibble(matrix: Matrix, row: usize, input: usize) i32 {
    const at = (row / tile * (matrix.inputs / tile) + input / tile) * tile_bytes + row % tile * 4 + input % 4;
    const byte = matrix.tiles[at];
    return @as(i32, if (input % tile < 4) byte & 15 else byte >> 4) - zero_point;
}

fn multiplyScalar(matrix: Matrix, q: []const i32, x_scales: []const f32, row: usize) f32 {
    var sum: f32 = 0;
    for (x_scales, 0..) |x_scale, group| {
        const start = group * limits.group;
        var dot: i32 = 0;
        for (start..@min(matrix.inputs, start + limits.group)) |input| dot += nibble(matrix, row, input) * q[input];
        const scale = math.fromBfloat16(matrix.scales[(row / tile * matrix.groups() + group) * tile + row % tile]);
        sum += @as(f32, @floatFromInt(dot)) * (scale * x_scale);
    }
    return sum;
}

test "the kernels of this target give the bits of their scalar twins" {
    // Goal: equality of quantise, int4 and int8 products, over shapes with full, partial and several
    // groups, and every remainder of columns. Method: random values, extremes among them.
    const gpa = std.testing.allocator;
    var random = std.Random.DefaultPrng.init(1);
    const rng = random.random();
    for ([_][2]u32{ .{ 16, 8 }, .{ 32, 64 }, .{ 48, 128 }, .{ 16, 136 }, .{ 128, 256 } }) |shape| {
        const rows, const inputs = shape;
        const groups = groupCount(inputs);
        const count = 7;
        const weights = try gpa.alloc(u8, rows * inputs);
        defer gpa.free(weights);
        rng.bytes(weights);
        if (inputs == 128) @memset(weights, 0xff);
        const scales = try gpa.alloc(u16, rows * groups);
        defer gpa.free(scales);
        for (scales) |*s| s.* = 0x3c00 + rng.uintLessThan(u16, 0x180);
        const x = try gpa.alloc(f32, count * inputs);
        defer gpa.free(x);
        for (x) |*v| v.* = rng.floatNorm(f32);
        for (x[0..inputs]) |*v| v.* = 3;
        @memset(x[inputs..][0..inputs], 0);
        const values = try gpa.alloc(i16, count * inputs);
        defer gpa.free(values);
        const x_scales = try gpa.alloc(f32, count * groups);
        defer gpa.free(x_scales);
        const sums = try gpa.alloc(i32, count * groups);
        defer gpa.free(sums);
        const out = try gpa.alloc(f32, count * rows);
        defer gpa.free(out);
        const q = try gpa.alloc(i32, inputs);
        defer gpa.free(q);
        const q_scales = try gpa.alloc(f32, groups);
        defer gpa.free(q_scales);

        const matrix: Matrix = .{ .tiles = weights.ptr, .scales = scales.ptr, .rows = rows, .inputs = inputs };
        const columns: Columns(Activation) = .{ .values = @ptrCast(values.ptr), .scales = x_scales.ptr, .sums = sums.ptr };
        for (0..count) |c| quantizeForMatrix(columns, c, x.ptr + c * inputs, inputs);
        multiply(matrix, columns, count, out.ptr);
        for (0..count) |c| {
            quantizeScalar(x[c * inputs ..][0..inputs], q, q_scales);
            for (0..rows) |row| {
                try std.testing.expectEqual(multiplyScalar(matrix, q, q_scales, row), out[c * rows + row]);
            }
        }

        const table: Table = .{ .values = @ptrCast(weights.ptr), .scales = scales.ptr, .inputs = inputs };
        const natural: Columns(i16) = .{ .values = values.ptr, .scales = x_scales.ptr, .sums = sums.ptr };
        for (0..count) |c| quantize(i16, .natural, natural, c, x.ptr + c * inputs, inputs);
        multiplyTable(table, rows, natural, count, out.ptr, rows);
        for (0..count) |c| {
            quantizeScalar(x[c * inputs ..][0..inputs], q, q_scales);
            for (0..rows) |row| {
                var sum: f32 = 0;
                for (0..groups) |group| {
                    var dot: i32 = 0;
                    for (group * limits.group..@min(inputs, (group + 1) * limits.group)) |i| {
                        dot += @as(i32, table.values[row * inputs + i]) * q[i];
                    }
                    sum += @as(f32, @floatFromInt(dot)) * (math.fromBfloat16(scales[row * groups + group]) * q_scales[group]);
                }
                try std.testing.expectEqual(sum, out[c * rows + row]);
            }
        }
    }
}
