//! What the readers of Korean written forms look at and say: characters, runs of Hangul, lists of
//! words, and the words around a place.

const std = @import("std");
const Spoken = @import("../spoken.zig").Spoken;

/// A list of words, or one of its entries: a space between entries, `_` for the space that is said,
/// a value behind `|`, zero at the end. The syllables that the tables have most take one byte, other
/// syllables and signs take two, which makes the tables half as large as in UTF-8.
pub const Words = [*]const u8;

/// 0x80 and the bytes behind it.
const common = blk: {
    @setEvalBranchQuota(5000);
    break :blk std.unicode.utf8ToUtf16LeStringLiteral("이스기시트사에서지로리나인다마자라일하도터가코고세아제토오피파카전비드포버러타그어" ++
        "곱유메플음은수번분는와구바미속네니대센쌍노정장부의과보답선주승르디티브");
};
/// What the first of the two bytes of other syllables and of signs begins at.
const syllable_lead: u32 = 0x80 + common.len;
const sign_lead: u32 = 1;
/// Signs are below U+0400 or from here on.
const sign_gap = 0x1C00;

pub inline fn pack(comptime text: []const u8) Words {
    return comptime encode(text);
}

fn encode(comptime text: []const u8) Words {
    @setEvalBranchQuota(500 * text.len + 1000);
    var bytes: []const u8 = "";
    var view = std.unicode.Utf8View.initComptime(text).iterator();
    while (view.nextCodepoint()) |c| {
        if (c < 0x80) {
            bytes = bytes ++ [_]u8{c};
        } else if (std.mem.indexOfScalar(u16, common, c)) |index| {
            bytes = bytes ++ [_]u8{0x80 + index};
        } else {
            const lead = if (c >= 0xAC00) syllable_lead else sign_lead;
            const value = if (c >= 0xAC00) c - 0xAC00 else if (c >= 0x2000) c - sign_gap else c;
            bytes = bytes ++ [_]u8{ lead + (value >> 8), value & 0xFF };
        }
    }
    return bytes ++ "\x00";
}

noinline fn unpack(words: *Words) u32 {
    const lead: u32 = words.*[0];
    if (lead == 0) return 0;
    words.* += 1;
    if (lead >= ' ' and lead < 0x80) return lead;
    const index = lead -% 0x80;
    if (index < common.len) return common[index];
    const low = words.*[0];
    words.* += 1;
    if (lead >= 0x80) return 0xAC00 + ((lead - syllable_lead) << 8 | low);
    const sign = (lead - sign_lead) << 8 | low;
    return if (sign >= 0x400) sign + sign_gap else sign;
}

pub fn isDigit(c: u32) bool {
    return c -% '0' < 10;
}

pub fn isCapital(c: u32) bool {
    return c -% 'A' < 26;
}

pub fn isSmall(c: u32) bool {
    return c -% 'a' < 26;
}

pub fn isLatin(c: u32) bool {
    return isSmall(c | 0x20);
}

pub fn isHangul(c: u32) bool {
    return c -% 0xAC00 <= 0xD7A3 - 0xAC00;
}

pub fn isJamo(c: u32) bool {
    return c -% 'ㄱ' <= 'ㅣ' - 'ㄱ';
}

/// Readers take a place of the block and give the end of what they have read and said, 0 when that
/// is nothing.
pub const Reader = struct {
    block: []const u8,
    spoken: *Spoken,
    /// No space is said here: at the begin, and behind what the next word is glued to.
    joint: usize = 0,
    /// The value of the entry that was matched last.
    value: ?Words = null,

    /// The character at a place, 0 at the end of the block; full-width forms as their ASCII ones and
    /// enclosed jamo as the plain ones.
    pub noinline fn charAt(self: *const Reader, at: usize) u32 {
        if (at >= self.block.len) return 0;
        const lead: u32 = self.block[at];
        if (lead < 0x80) return lead;
        var c = if (lead < 0xE0) lead & 0x1F else lead & 0x0F;
        for (self.block[at + 1 .. self.next(at)]) |byte| c = c << 6 | (byte & 0x3F);
        if (c -% 0xFF01 < 0x5E) return c - 0xFEE0;
        if (c -% 0x3260 < plain_consonants.len) return 'ㄱ' + @as(u32, plain_consonants[c - 0x3260]);
        return if (c == '￦') '₩' else c;
    }

    const plain_consonants = [14]u8{ 0, 3, 6, 8, 16, 17, 20, 22, 23, 25, 26, 27, 28, 29 };

    /// The end of the character at a place.
    pub noinline fn next(self: *const Reader, at: usize) usize {
        var end = at;
        while (end < self.block.len) {
            end += 1;
            if (end == self.block.len or self.block[end] & 0xC0 != 0x80) break;
        }
        return end;
    }

    pub noinline fn digitAt(self: *const Reader, at: usize) bool {
        return isDigit(self.charAt(at));
    }

    pub noinline fn hangulAt(self: *const Reader, at: usize) bool {
        return isHangul(self.charAt(at));
    }

    /// The end of the syllables at a place.
    pub noinline fn hangulEnd(self: *const Reader, at: usize) usize {
        var end = at;
        while (self.hangulAt(end)) end = self.next(end);
        return end;
    }

    pub noinline fn skipSpace(self: *const Reader, at: usize) usize {
        return at + @intFromBool(self.charAt(at) == ' ');
    }

    /// The end of the longest entry that stands at a place, 0 when none does.
    pub inline fn match(self: *Reader, at: usize, comptime list: []const u8) usize {
        return self.matchWords(at, pack(list));
    }

    noinline fn matchWords(self: *Reader, at: usize, list: Words) usize {
        var found: usize = 0;
        var entry = list;
        while (true) {
            var end = at;
            var is_same = true;
            var c = unpack(&entry);
            while (c != 0 and c != ' ' and c != '|') : (c = unpack(&entry)) {
                is_same = is_same and self.charAt(end) == c;
                end = self.next(end);
            }
            if (is_same and end > found) {
                found = end;
                self.value = if (c == '|') entry else null;
            }
            while (c != ' ') : (c = unpack(&entry)) if (c == 0) return found;
        }
    }

    /// Whether an entry stands directly before a place, or before the spaces there.
    pub inline fn before(self: *Reader, at: usize, comptime list: []const u8) bool {
        return self.beforeWords(at, pack(list));
    }

    noinline fn beforeWords(self: *Reader, at: usize, list: Words) bool {
        var end = at;
        while (end > 0 and self.block[end - 1] == ' ') end -= 1;
        var start = end;
        // No entry has more than five syllables.
        while (start > 0 and end - start < 15) {
            start -= 1;
            if (self.matchWords(start, list) == end) return true;
        }
        return false;
    }

    pub inline fn say(self: *Reader, comptime words: []const u8) void {
        self.sayWords(pack(words));
    }

    pub noinline fn sayWords(self: *Reader, words: ?Words) void {
        var rest = words orelse return;
        while (true) {
            const c = unpack(&rest);
            if (c <= ' ') return;
            if (c == '_') self.space() else self.put(c);
        }
    }

    /// Says the entry at an index, nothing behind the last.
    pub inline fn sayEntry(self: *Reader, comptime list: []const u8, index: usize) void {
        self.sayNth(pack(list), index);
    }

    noinline fn sayNth(self: *Reader, list: Words, index: usize) void {
        var entry = list;
        for (0..index) |_| while (true) {
            const c = unpack(&entry);
            if (c == 0) return;
            if (c == ' ') break;
        };
        self.sayWords(entry);
    }

    pub noinline fn put(self: *Reader, c: u32) void {
        if (c < 0x80) return self.spoken.glue(&.{@intCast(c)});
        self.spoken.glue(&.{
            @intCast(0xE0 | c >> 12),
            @intCast(0x80 | (c >> 6 & 0x3F)),
            @intCast(0x80 | (c & 0x3F)),
        });
    }

    noinline fn space(self: *Reader) void {
        const length = self.spoken.length;
        if (length != self.joint and self.spoken.buffer[length - 1] != ' ') self.put(' ');
    }

    /// What is said next belongs to the last word.
    pub fn join(self: *Reader) void {
        self.joint = self.spoken.length;
    }

    pub noinline fn copy(self: *Reader, start: usize, end: usize) void {
        self.spoken.glue(self.block[start..end]);
    }

    /// The Hangul at a place glued to the last word.
    pub noinline fn glueHangul(self: *Reader, at: usize) usize {
        const end = self.hangulEnd(at);
        self.copy(at, end);
        return end;
    }

    /// The Hangul at a place as a word of its own.
    pub noinline fn sayHangul(self: *Reader, at: usize) usize {
        if (self.hangulAt(at)) self.space();
        return self.glueHangul(at);
    }
};

// Goal: tables say what they are written as. Method: a common and a rare syllable, signs of both
// kinds, and ASCII, as an entry that is matched and said.
test "packed tables" {
    var spoken: Spoken = .{};
    var reader: Reader = .{ .block = "이뷁ㅋ㎏π% ", .spoken = &spoken };
    try std.testing.expectEqual(reader.block.len - 1, reader.match(0, "이뷁 이뷁ㅋ㎏π%|이뷁ㅋ㎏_나_a 이"));
    reader.sayWords(reader.value);
    try std.testing.expectEqualStrings("이뷁ㅋ㎏ 나 a", spoken.words());
    try std.testing.expectEqual(0, reader.match(0, "가 뷁"));
}
