//! Names of letters, in ARPAbet, and when a word of one letter is read as its name.

const std = @import("std");

const names = [26][]const u8{
    "EY1",    "B IY1",               "S IY1",   "D IY1", "IY1",   "EH1 F", "JH IY1",
    "EY1 CH", "AY1",                 "JH EY1",  "K EY1", "EH1 L", "EH1 M", "EH1 N",
    "OW1",    "P IY1",               "K Y UW1", "AA1 R", "EH1 S", "T IY1", "Y UW1",
    "V IY1",  "D AH1 B AH0 L Y UW0", "EH1 K S", "W AY1", "Z IY1",
};

/// The name of a small letter a–z.
pub fn letterName(letter: u8) []const u8 {
    return names[letter - 'a'];
}

/// What `'s` adds to the name, in the plural as in the possessive (*two A's*, *the X's place*).
pub fn ending(letter: u8) []const u8 {
    return switch (letter) {
        'h', 's', 'x' => "IH0 Z",
        'f' => "S",
        else => "Z",
    };
}

/// Whether a word of this one letter is its name: every capital, but *A* and *I* only beside another
/// capital by itself (*N B A*), because alone they are words.
pub fn isName(letter: u8, is_capital: bool, is_beside_letter: bool) bool {
    if (!is_capital) return false;
    return is_beside_letter or (letter != 'a' and letter != 'i');
}

// Goal: every name ends and sounds as CMUdict's entry for the letter. Method: its entries that are
// irregular, and the rule of the plural -s (voiceless, sibilant, else) on all names.
test "names and their endings" {
    try std.testing.expectEqualStrings("D AH1 B AH0 L Y UW0", letterName('w'));
    try std.testing.expectEqualStrings("EY1 CH", letterName('h'));
    for ('a'..'z' + 1) |code| {
        const letter: u8 = @intCast(code);
        const name = letterName(letter);
        const is_sibilant = std.mem.endsWith(u8, name, " S") or std.mem.endsWith(u8, name, "CH");
        const expected = if (is_sibilant) "IH0 Z" else if (std.mem.endsWith(u8, name, " F")) "S" else "Z";
        try std.testing.expectEqualStrings(expected, ending(letter));
    }
}

test "a and i are words when alone" {
    try std.testing.expect(isName('b', true, false));
    try std.testing.expect(!isName('b', false, true));
    try std.testing.expect(!isName('a', true, false));
    try std.testing.expect(isName('a', true, true));
    try std.testing.expect(isName('i', true, true));
}
