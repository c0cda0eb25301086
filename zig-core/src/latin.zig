//! Latin letters to the letters a–z: case, diacritics, ligatures and full-width forms folded.

const std = @import("std");
const latin_table = @import("latin_table.zig");

const alphabet = "abcdefghijklmnopqrstuvwxyz";

/// The lower-case letters a–z that a Latin letter stands for (ŉ: and an apostrophe); empty for
/// everything else.
pub fn fold(code_point: u21) []const u8 {
    return switch (code_point) {
        'a'...'z' => |c| one(c - 'a'),
        'A'...'Z' => |c| one(c - 'A'),
        // Kelvin and ångström sign: canonically equivalent to the letters.
        0x212A => "k",
        0x212B => "a",
        0xFF21...0xFF3A => |c| one(c - 0xFF21),
        0xFF41...0xFF5A => |c| one(c - 0xFF41),
        0x00C0...0x02AF => |c| entry(latin_table.from_00c0, c - 0x00C0, c),
        0x1E00...0x1EFF => |c| entry(latin_table.from_1e00, c - 0x1E00, c),
        0xFB00...0xFB06 => |c| several(c),
        else => "",
    };
}

fn one(index: usize) []const u8 {
    return alphabet[index..][0..1];
}

fn entry(comptime table: []const u8, index: usize, code_point: u21) []const u8 {
    return switch (table[index]) {
        '.' => "",
        '*' => several(code_point),
        else => table[index..][0..1],
    };
}

/// Letters that stand for several.
fn several(code_point: u21) []const u8 {
    return switch (code_point) {
        0x00C6, 0x00E6, 0x01E2, 0x01E3, 0x01FC, 0x01FD => "ae",
        0x00DE, 0x00FE => "th", // thorn
        0x00DF, 0x1E9E => "ss", // sharp s
        0x0132, 0x0133 => "ij",
        0x0149 => "'n", // ŉ
        0x0152, 0x0153 => "oe",
        0x0195, 0x01F6 => "hv",
        0x01A9, 0x0283 => "sh", // esh
        0x01B7...0x01BA, 0x01EE, 0x01EF, 0x0292 => "zh", // ezh
        0x01C4...0x01C6, 0x01F1...0x01F3 => "dz",
        0x01C7...0x01C9 => "lj",
        0x01CA...0x01CC => "nj",
        0x0222, 0x0223 => "ou",
        0x1EFA, 0x1EFB => "ll", // Middle Welsh
        0xFB00 => "ff",
        0xFB01 => "fi",
        0xFB02 => "fl",
        0xFB03 => "ffi",
        0xFB04 => "ffl",
        0xFB05, 0xFB06 => "st",
        else => "",
    };
}

const testing = std.testing;

// Goal: the table and the switch agree. Method: over all code points, exactly those marked as
// several letters have two or more, and every folded character is in a model's alphabet.
test "every letter folds to letters, and the marked ones to several" {
    for (0..0x110000) |number| {
        const code_point: u21 = @intCast(number);
        const folded = fold(code_point);
        const is_marked = switch (code_point) {
            0x00C0...0x02AF => latin_table.from_00c0[number - 0x00C0] == '*',
            0x1E00...0x1EFF => latin_table.from_1e00[number - 0x1E00] == '*',
            0xFB00...0xFB06 => true,
            else => false,
        };
        try testing.expectEqual(is_marked, folded.len > 1);
        try testing.expect(folded.len <= 3);
        for (folded, 0..) |c, i| {
            const is_apostrophe = code_point == 0x0149 and i == 0 and c == '\'';
            try testing.expect(is_apostrophe or std.ascii.isLower(c));
        }
    }
}

// Goal: the tables cover their blocks and stay small.
test "size of the tables" {
    try testing.expectEqual(0x02B0 - 0x00C0, latin_table.from_00c0.len);
    try testing.expectEqual(0x1F00 - 0x1E00, latin_table.from_1e00.len);
    try testing.expect(latin_table.from_00c0.len + latin_table.from_1e00.len < 1500);
}

// Goal: letters fold as readers of English expect. Method: a table written by hand, with letters
// of all blocks and both cases.
test "letters of many languages" {
    const Case = struct { []const u8, []const u8 };
    const cases = [_]Case{
        .{ "AZaz", "azaz" },
        .{ "éÉèêëēęě", "eeeeeeee" },
        .{ "ÅåÄäĀąǎ", "aaaaaaa" },
        .{ "ØøÖőǿ", "ooooo" },
        .{ "ŁłĽŀ", "llll" },
        .{ "ĐđÐðď", "ddddd" },
        .{ "ıİĭį", "iiii" },
        .{ "ŋŊñň", "nnnn" },
        .{ "çćĉčċ", "ccccc" },
        .{ "şșšſß", "ssssss" },
        .{ "þÞ", "thth" },
        .{ "æÆœŒ", "aeaeoeoe" },
        .{ "ĳǅǉǋ", "ijdzljnj" },
        .{ "ﬁﬂﬃﬀﬄﬆ", "fiflffifffflst" },
        .{ "ẞắộữỳḥṭẑ", "ssaouyhtz" },
        .{ "ＡＺａｚ", "azaz" },
        .{ "Əəɓ", "aab" },
        .{ "K\u{212B}", "ka" },
        .{ "×÷ǃƻʔªº²", "" },
        .{ "žŽźżƶ", "zzzzz" },
        .{ "αбא가あ漢", "" },
        .{ "ğĠģ", "ggg" },
    };
    for (cases) |case| {
        var folded: [64]u8 = undefined;
        var folded_bytes: usize = 0;
        var iterator = (try std.unicode.Utf8View.init(case[0])).iterator();
        while (iterator.nextCodepoint()) |code_point| {
            for (fold(code_point)) |c| {
                folded[folded_bytes] = c;
                folded_bytes += 1;
            }
        }
        try testing.expectEqualStrings(case[1], folded[0..folded_bytes]);
    }
}
