//! Float arithmetic that gives the same bits on every target: add, multiply, divide and square
//! root of IEEE-754 binary32 in a written order, and an exponential made of them. No libm, no fused
//! multiply-add. docs/PACK.md and docs/CORRECTIONS.md state the formulas.

const std = @import("std");

/// Logical lanes of a float vector; the register width does not matter.
pub const lanes = 8;
pub const F = @Vector(lanes, f32);
const I = @Vector(lanes, i32);

/// 1.5 · 2^23: adding it leaves a float in [-2^22, 2^22] rounded to an integer, half to even, in
/// the low bits of the sum.
pub const round_magic: f32 = 12582912.0;
pub const round_magic_bits: i32 = 0x4B400000;

pub inline fn splat(x: f32) F {
    return @splat(x);
}

/// Eight floats at an address of any alignment of four.
pub inline fn load(from: [*]const f32) F {
    return @as(*align(4) const F, @ptrCast(from)).*;
}

pub inline fn store(to: [*]f32, x: F) void {
    @as(*align(4) F, @ptrCast(to)).* = x;
}

/// The sum of eight lanes by the tree ((0+4)+(2+6))+((1+5)+(3+7)).
pub inline fn laneSum(x: F) f32 {
    const half = @shuffle(f32, x, undefined, @Vector(4, i32){ 0, 1, 2, 3 }) +
        @shuffle(f32, x, undefined, @Vector(4, i32){ 4, 5, 6, 7 });
    const quarter = @shuffle(f32, half, undefined, @Vector(2, i32){ 0, 1 }) +
        @shuffle(f32, half, undefined, @Vector(2, i32){ 2, 3 });
    return quarter[0] + quarter[1];
}

/// The `laneSum` of each of eight vectors.
pub inline fn laneSums(x: [lanes]F) F {
    const Mask = @Vector(lanes, i32);
    var halves: [4]F = undefined;
    inline for (&halves, 0..) |*half, i| {
        half.* = @shuffle(f32, x[i], x[i + 4], Mask{ 0, 1, 2, 3, -1, -2, -3, -4 }) +
            @shuffle(f32, x[i], x[i + 4], Mask{ 4, 5, 6, 7, -5, -6, -7, -8 });
    }
    var quarters: [2]F = undefined;
    inline for (&quarters, 0..) |*quarter, i| {
        quarter.* = @shuffle(f32, halves[2 * i], halves[2 * i + 1], Mask{ 0, 1, -1, -2, 4, 5, -5, -6 }) +
            @shuffle(f32, halves[2 * i], halves[2 * i + 1], Mask{ 2, 3, -3, -4, 6, 7, -7, -8 });
    }
    return @shuffle(f32, quarters[0], quarters[1], Mask{ 0, 2, -1, -3, 4, 6, -5, -7 }) +
        @shuffle(f32, quarters[0], quarters[1], Mask{ 1, 3, -2, -4, 5, 7, -6, -8 });
}

/// The larger of two vectors, lane by lane (`@max` is slow in wasm: it honours NaN).
pub inline fn larger(a: F, b: F) F {
    return @select(f32, a > b, a, b);
}

pub inline fn laneLargest(x: F) f32 {
    const Mask = @Vector(lanes, i32);
    const halves = larger(x, @shuffle(f32, x, undefined, Mask{ 4, 5, 6, 7, 0, 1, 2, 3 }));
    const quarters = larger(halves, @shuffle(f32, halves, undefined, Mask{ 2, 3, 0, 1, 6, 7, 4, 5 }));
    return larger(quarters, @shuffle(f32, quarters, undefined, Mask{ 1, 0, 3, 2, 5, 4, 7, 6 }))[0];
}

/// e^x, relative error below 2e-7, of x clamped to [-87, 88]. The range reduction and the
/// polynomial are those of Cephes' expf (Moshier, 1989).
pub inline fn exp(x_any: F) F {
    const above = @select(f32, x_any > splat(-87), x_any, splat(-87));
    const x = @select(f32, above < splat(88), above, splat(88));
    const shifted = x * splat(0x1.715476p+0) + splat(round_magic);
    const n = shifted - splat(round_magic);
    const r = (x - n * splat(0.693359375)) - n * splat(-2.12194440e-4);
    var p = splat(1.9875691500e-4);
    inline for (.{ 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1 }) |c| {
        p = p * r + splat(c);
    }
    const y = (p * (r * r) + r) + splat(1);
    const exponent = (@as(I, @bitCast(shifted)) -% @as(I, @splat(round_magic_bits))) << @splat(23);
    return @bitCast(@as(I, @bitCast(y)) +% exponent);
}

/// Puts e^(x - largest) in the place of each of `count` floats, and zeros behind them up to a
/// multiple of eight, whatever was there; gives their sum.
pub fn exponentials(x: [*]f32, count: usize, largest: f32) f32 {
    var total = splat(0);
    var at: usize = 0;
    while (at < count) : (at += lanes) {
        const index = @as(@Vector(lanes, u32), @splat(@intCast(at))) + std.simd.iota(u32, lanes);
        const e = exp(load(x + at) - splat(largest));
        const kept = @select(f32, index < @as(@Vector(lanes, u32), @splat(@intCast(count))), e, splat(0));
        store(x + at, kept);
        total += kept;
    }
    return laneSum(total);
}

/// ln x of a normal x above 0, absolute error below 1e-7 · max(1, |ln x|); 0 of 1 exactly, never
/// below 0 of x above 1. The range reduction and the polynomial are those of Cephes' logf
/// (Moshier, 1989).
pub fn log(x: f32) f32 {
    // The exponent for which the mantissa is in [√½, √2).
    const root_half_bits: i32 = 0x3F3504F3;
    const bits: i32 = @bitCast(x);
    const exponent = (bits - root_half_bits) >> 23;
    const n: f32 = @floatFromInt(exponent);
    const r = @as(f32, @bitCast(bits - (exponent << 23))) - 1;
    const z = r * r;
    var p: f32 = 7.0376836292e-2;
    inline for (.{
        -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
        -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    }) |c| p = p * r + c;
    const y = (p * r) * z + n * -2.12194440e-4 - 0.5 * z;
    return (r + y) + n * 0.693359375;
}

pub inline fn silu(x: F) F {
    return x / (splat(1) + exp(-x));
}

/// The float whose upper half is a bfloat16.
pub inline fn fromBfloat16(x: u16) f32 {
    return @bitCast(@as(u32, x) << 16);
}

/// Eight bfloat16 values at any address, as floats.
pub inline fn loadBfloat16(from: [*]align(1) const u16) F {
    const x = @as(*align(1) const @Vector(lanes, u16), @ptrCast(from)).*;
    return @bitCast(@as(@Vector(lanes, u32), x) << @splat(16));
}

test "exp is within 2e-7 of the double-precision exponential" {
    // Goal: accuracy over the clamped range. Method: std.math.exp in f64 as the oracle.
    var worst: f64 = 0;
    var x: f32 = -87;
    while (x < 88) : (x += 0.00731) {
        const got: f64 = exp(splat(x))[3];
        const want = std.math.exp(@as(f64, x));
        worst = @max(worst, @abs(got - want) / want);
    }
    try std.testing.expect(worst < 2e-7);
    try std.testing.expectEqual(exp(splat(-87))[0], exp(splat(-1000))[0]);
}

test "log is as exact as it says" {
    // Goal: accuracy, and what decoding relies on: log 1 is 0 and log x is not negative from there.
    // Method: std.math.log in f64 as the oracle, over the sums of softmaxes and all exponents.
    try std.testing.expectEqual(0, log(1));
    var worst: f64 = 0;
    for (0..1 << 16) |i| {
        for ([_]f32{
            1 + @as(f32, @floatFromInt(i)) * 0x1p-23,
            1 + @as(f32, @floatFromInt(i)) * 0x1p-8,
            @bitCast(@as(u32, @intCast(0x00800000 + i * 0x7EFF))),
        }) |x| {
            const want = @log(@as(f64, x));
            worst = @max(worst, @abs(log(x) - want) / @max(1, @abs(want)));
            if (x >= 1) try std.testing.expect(log(x) >= 0);
        }
    }
    try std.testing.expect(worst < 1e-7);
}

test "laneSum adds in the written order" {
    // Goal: the order, which decides the rounding. Method: values whose sum depends on it.
    const x: F = .{ 1e8, 1, -1e8, 1, 3, 5, 7, 11 };
    const want = ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
    try std.testing.expectEqual(want, laneSum(x));
}

test "laneSums are the sums of their lanes" {
    // Goal: the same order and places. Method: `laneSum` of random vectors whose sums depend on it.
    var random = std.Random.DefaultPrng.init(1);
    for (0..100) |_| {
        var x: [lanes][lanes]f32 = undefined;
        for (&x) |*row| for (row) |*value| {
            value.* = (random.random().float(f32) - 0.5) * @as(f32, if (random.random().boolean()) 1e6 else 1);
        };
        const sums: [lanes]f32 = laneSums(@bitCast(x));
        for (x, sums) |row, sum| try std.testing.expectEqual(laneSum(row), sum);
    }
}

test "laneLargest finds the largest wherever it is" {
    // Goal: no lane is left out. Method: the largest in each lane in turn, below zero.
    for (0..lanes) |place| {
        var x: [lanes]f32 = @splat(-3);
        x[place] = -2;
        try std.testing.expectEqual(-2, laneLargest(x));
    }
}
