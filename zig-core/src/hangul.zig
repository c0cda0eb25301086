//! Hangul syllables to conjoining jamo and back: the arithmetic of the Unicode Standard, chapter
//! 3.12, for the jamo of modern Korean.

const std = @import("std");

pub const leading_first: u21 = 0x1100;
pub const leading_count = 19;
pub const vowel_first: u21 = 0x1161;
pub const vowel_count = 21;
/// One before the first trailing consonant, so that index 0 is "none".
pub const trailing_base: u21 = 0x11A7;
pub const trailing_count = 28;
pub const syllable_first: u21 = 0xAC00;
pub const syllable_count = leading_count * vowel_count * trailing_count;

/// The jamo of a syllable, by position.
pub const Jamo = struct { leading: u21, vowel: u21, trailing: ?u21 };

/// Unicode's Hangul_Syllable_Type, archaic jamo and fillers included.
pub const Type = enum { none, leading, vowel, trailing, lv, lvt };

pub fn typeOf(code_point: u21) Type {
    return switch (code_point) {
        0x1100...0x115F, 0xA960...0xA97C => .leading,
        0x1160...0x11A7, 0xD7B0...0xD7C6 => .vowel,
        0x11A8...0x11FF, 0xD7CB...0xD7FB => .trailing,
        else => {
            const syllable = decompose(code_point) orelse return .none;
            return if (syllable.trailing == null) .lv else .lvt;
        },
    };
}

/// A jamo that modern syllables are made of.
pub fn isModernJamo(code_point: u21) bool {
    return switch (code_point) {
        leading_first...leading_first + leading_count - 1,
        vowel_first...vowel_first + vowel_count - 1,
        trailing_base + 1...trailing_base + trailing_count - 1,
        => true,
        else => false,
    };
}

/// Null for what is no precomposed syllable.
pub fn decompose(syllable: u21) ?Jamo {
    if (syllable < syllable_first or syllable >= syllable_first + syllable_count) return null;
    const index = syllable - syllable_first;
    const trailing = index % trailing_count;
    return .{
        .leading = leading_first + index / (vowel_count * trailing_count),
        .vowel = vowel_first + index / trailing_count % vowel_count,
        .trailing = if (trailing == 0) null else trailing_base + trailing,
    };
}

/// Null when the jamo are not modern or not in their positions.
pub fn compose(jamo: Jamo) ?u21 {
    const leading = indexIn(jamo.leading, leading_first, leading_count) orelse return null;
    const vowel = indexIn(jamo.vowel, vowel_first, vowel_count) orelse return null;
    const trailing = if (jamo.trailing) |c|
        1 + (indexIn(c, trailing_base + 1, trailing_count - 1) orelse return null)
    else
        0;
    return syllable_first + (leading * vowel_count + vowel) * trailing_count + trailing;
}

fn indexIn(code_point: u21, first: u21, count: u21) ?u21 {
    return if (code_point >= first and code_point < first + count) code_point - first else null;
}

const testing = std.testing;

// Goal: the two directions are inverse. Method: count through the jamo in the order of the
// standard, independent of the divisions, and expect the syllables one after the other.
test "all syllables, there and back" {
    var syllable = syllable_first;
    for (0..leading_count) |l| for (0..vowel_count) |v| for (0..trailing_count) |t| {
        const jamo: Jamo = .{
            .leading = leading_first + @as(u21, @intCast(l)),
            .vowel = vowel_first + @as(u21, @intCast(v)),
            .trailing = if (t == 0) null else trailing_base + @as(u21, @intCast(t)),
        };
        try testing.expectEqual(syllable, compose(jamo));
        try testing.expectEqual(jamo, decompose(syllable));
        try testing.expectEqual(if (t == 0) Type.lv else Type.lvt, typeOf(syllable));
        syllable += 1;
    };
    try testing.expectEqual(0xD7A4, syllable);
}

// Goal: known values and edges. The first is the example of chapter 3.12 of the standard.
test "examples and edges" {
    const example: Jamo = .{ .leading = 0x1111, .vowel = 0x1171, .trailing = 0x11B6 };
    try testing.expectEqual(example, decompose(0xD4DB));
    try testing.expectEqual('한', compose(.{ .leading = 'ᄒ', .vowel = 'ᅡ', .trailing = 'ᆫ' }));
    try testing.expectEqual(null, decompose(0xABFF));
    try testing.expectEqual(null, decompose(0xD7A4));
    const not_modern = [_]Jamo{
        .{ .leading = 0x1113, .vowel = 0x1161, .trailing = null },
        .{ .leading = 0x1100, .vowel = 0x1160, .trailing = null },
        .{ .leading = 0x1100, .vowel = 0x1161, .trailing = 0x11C3 },
        .{ .leading = 0x1100, .vowel = 0x1161, .trailing = 0x11A7 },
    };
    for (not_modern) |jamo| try testing.expectEqual(null, compose(jamo));
}

// Goal: the modern jamo are those that syllables are made of. Method: collect them from every
// syllable and compare with the predicate over all code points of the jamo blocks and around.
test "modern jamo" {
    var is_used: [0x1300]bool = @splat(false);
    for (syllable_first..syllable_first + syllable_count) |syllable| {
        const jamo = decompose(@intCast(syllable)).?;
        is_used[jamo.leading] = true;
        is_used[jamo.vowel] = true;
        if (jamo.trailing) |c| is_used[c] = true;
    }
    for (is_used, 0..) |expected, code_point| {
        try testing.expectEqual(expected, isModernJamo(@intCast(code_point)));
        if (expected) try testing.expect(typeOf(@intCast(code_point)) != .none);
    }
}
