//! A word with its pronunciation written behind it: `[Nguyen](/wɪn/)`.

const std = @import("std");

/// Positions in the block.
pub const Match = struct {
    text_start: usize,
    text_end: usize,
    spelling_start: usize,
    spelling_end: usize,
    /// Behind the closing parenthesis.
    end: usize,
};

/// What begins at the `[` at `at`; null when it is no override. Neither the text nor the spelling
/// is empty or has a line break in it. A link, `[text](address)`, is one only when its address
/// begins with the one and ends with the other of its only two slashes.
pub fn match(block: []const u8, at: usize) ?Match {
    const text_start = at + 1;
    const text_end = find(block, text_start, "[]") orelse return null;
    const opening = "](/";
    if (!std.mem.startsWith(u8, block[text_end..], opening)) return null;
    const spelling_start = text_end + opening.len;
    const spelling_end = find(block, spelling_start, "()/") orelse return null;
    const closing = "/)";
    if (!std.mem.startsWith(u8, block[spelling_end..], closing)) return null;
    return .{
        .text_start = text_start,
        .text_end = text_end,
        .spelling_start = spelling_start,
        .spelling_end = spelling_end,
        .end = spelling_end + closing.len,
    };
}

/// The first of these characters, with something before it and no line break between.
fn find(block: []const u8, from: usize, characters: []const u8) ?usize {
    for (block[from..], from..) |character, i| {
        if (std.mem.findScalar(u8, characters, character) != null) return if (i > from) i else null;
        if (character >= '\n' and character <= '\r') return null;
    }
    return null;
}

const testing = std.testing;

test "overrides and what only looks like one" {
    const cases = [_]struct { []const u8, ?[2][]const u8 }{
        .{ "[Nguyen](/wɪn/)", .{ "Nguyen", "wɪn" } },
        .{ "[a b, c](/ˈeɪ ˈbi/) d", .{ "a b, c", "ˈeɪ ˈbi" } },
        .{ "[김](/kim/)", .{ "김", "kim" } },
        .{ "[W](/\"dVb@lju/)", .{ "W", "\"dVb@lju" } },
        .{ "[](/wɪn/)", null },
        .{ "[a](//)", null },
        .{ "[a](/b)", null },
        .{ "[a](/b/", null },
        .{ "[a](b/)", null },
        .{ "[a] (/b/)", null },
        .{ "[a]", null },
        .{ "[", null },
        .{ "[a[b](/c/)", null },
        .{ "[a\nb](/c/)", null },
        .{ "[a](/b\r\nc/)", null },
        .{ "[site](http://example.org/)", null },
        .{ "[page](/path/to)", null },
        .{ "[page](/path/to/)", null },
        .{ "[page](/path) and (that/)", null },
    };
    for (cases) |case| {
        const block, const expected = case;
        const found = match(block, 0);
        try testing.expectEqual(expected == null, found == null);
        if (found) |override| {
            try testing.expectEqualStrings(expected.?[0], block[override.text_start..override.text_end]);
            try testing.expectEqualStrings(expected.?[1], block[override.spelling_start..override.spelling_end]);
        }
    }
}

// Goal: the answer is that of the definition, on any bytes. Method: soups of the characters that
// matter; whatever is found is taken apart anew, and nothing may be found where a slow search over
// all ends finds nothing.
test "soups" {
    var prng = std.Random.DefaultPrng.init(9);
    const random = prng.random();
    var found_count: usize = 0;
    for (0..100_000) |_| {
        var buffer: [14]u8 = undefined;
        const block = buffer[0 .. 1 + random.uintLessThan(usize, buffer.len)];
        for (block) |*character| character.* = "[]()//ab\n"[random.uintLessThan(usize, 9)];
        block[0] = '[';
        if (block.len > 8) {
            @memcpy(block[2..5], "](/");
            @memcpy(block[6 + random.uintLessThan(usize, block.len - 8) ..][0..2], "/)");
        }
        const expected = for (0..block.len + 1) |end| {
            if (isOverride(block[0..end])) break end;
        } else null;
        const found = match(block, 0);
        try testing.expectEqual(expected, if (found) |override| override.end else null);
        if (found != null) found_count += 1;
    }
    try testing.expect(found_count > 2000);
}

fn isOverride(text: []const u8) bool {
    if (!std.mem.startsWith(u8, text, "[") or !std.mem.endsWith(u8, text, "/)")) return false;
    const middle = std.mem.find(u8, text, "](/") orelse return false;
    if (middle + 3 > text.len - 2) return false;
    const label = text[1..middle];
    const spelling = text[middle + 3 .. text.len - 2];
    return label.len > 0 and std.mem.findAny(u8, label, "[]\n") == null and
        spelling.len > 0 and std.mem.findAny(u8, spelling, "()/\n") == null;
}
