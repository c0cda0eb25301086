//! Where the readings of written forms are put: words with one space between them.

const std = @import("std");
const limits = @import("limits.zig");

pub const Spoken = struct {
    buffer: [limits.spoken_bytes_max]u8 = undefined,
    length: usize = 0,
    /// Something did not fit: the form is not read.
    overflowed: bool = false,

    pub fn clear(self: *Spoken) void {
        self.length = 0;
        self.overflowed = false;
    }

    /// Adds a word, or several with one space between them.
    pub noinline fn word(self: *Spoken, bytes: []const u8) void {
        if (self.length > 0) self.glue(" ");
        self.glue(bytes);
    }

    /// Adds to the last word.
    pub noinline fn glue(self: *Spoken, bytes: []const u8) void {
        if (bytes.len > self.buffer.len - self.length) {
            self.overflowed = true;
            return;
        }
        @memcpy(self.buffer[self.length..][0..bytes.len], bytes);
        self.length += bytes.len;
    }

    pub fn words(self: *const Spoken) []const u8 {
        return self.buffer[0..self.length];
    }
};

test "words are parted by one space, and what does not fit is told" {
    var spoken: Spoken = .{};
    spoken.word("twenty");
    spoken.word("one");
    spoken.glue("s");
    try std.testing.expectEqualStrings("twenty ones", spoken.words());
    const long: [limits.spoken_bytes_max]u8 = @splat('x');
    spoken.word(&long);
    try std.testing.expect(spoken.overflowed);
    spoken.clear();
    try std.testing.expectEqualStrings("", spoken.words());
    try std.testing.expect(!spoken.overflowed);
}
