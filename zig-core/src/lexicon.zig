//! The caller's own words: graphemes to phonemes in memory of a fixed size, and the lines of a
//! lexicon file.

const std = @import("std");
const styles = @import("styles.zig");

/// Entries stand one after the other; a table of their positions, sixteen bytes of memory a place,
/// is searched by hash. What is removed or replaced stays where it is until its room is needed.
pub const Lexicon = struct {
    /// Where each entry begins, plus one; 0: no entry. A power of two of them.
    places: []u32,
    entries: []u8,
    /// Bytes of `entries` in use, removed entries included.
    used: usize = 0,
    /// Of them, bytes of removed entries.
    removed: usize = 0,
    /// Places in use, removed entries included.
    taken: usize = 0,
    /// Entries that are not removed.
    count: usize = 0,

    /// An entry: pack, number of graphemes, number of phonemes, graphemes, phonemes.
    const header_bytes = 3;
    /// In the place of the pack's index.
    const removed_mark = 0xFF;

    /// Too little memory is a lexicon that takes no words.
    pub fn init(memory: []align(@alignOf(u32)) u8) Lexicon {
        const place_count = if (memory.len < 64) 0 else std.math.floorPowerOfTwo(usize, memory.len / 16);
        const places_bytes = place_count * @sizeOf(u32);
        var made: Lexicon = .{
            .places = @ptrCast(memory[0..places_bytes]),
            .entries = memory[places_bytes..],
        };
        made.clear();
        return made;
    }

    pub fn clear(self: *Lexicon) void {
        @memset(self.places, 0);
        self.used = 0;
        self.removed = 0;
        self.taken = 0;
        self.count = 0;
    }

    /// The phonemes of a word of the pack with this index, until the next change.
    pub fn get(self: *const Lexicon, pack: u8, graphemes: []const u8) ?[]const u8 {
        return phonemesAt(self.entries[self.find(pack, graphemes) orelse return null ..]);
    }

    /// Adds a word, in place of what was there of the same graphemes. When it does not fit, nothing
    /// has changed.
    pub fn add(self: *Lexicon, pack: u8, graphemes: []const u8, phonemes: []const u8) error{LimitExceeded}!void {
        std.debug.assert(pack != removed_mark);
        if (graphemes.len > 0xFF or phonemes.len > 0xFF) return error.LimitExceeded;
        const old = self.find(pack, graphemes);
        if (old) |at| {
            const place = phonemesAt(self.entries[at..]);
            if (place.len == phonemes.len) return @memcpy(place, phonemes);
        }
        const bytes = header_bytes + graphemes.len + phonemes.len;
        const old_bytes = if (old) |at| entryBytes(self.entries[at..]) else 0;
        const old_count = @intFromBool(old != null);
        if (self.used - self.removed - old_bytes + bytes > self.entries.len or
            self.count - old_count >= self.places.len / 8 * 7) return error.LimitExceeded;
        if (old) |at| self.removeAt(at);
        if (self.used + bytes > self.entries.len or self.taken >= self.places.len / 8 * 7) self.compact();
        const entry = self.entries[self.used..][0..bytes];
        entry[0] = pack;
        entry[1] = @intCast(graphemes.len);
        entry[2] = @intCast(phonemes.len);
        @memcpy(entry[header_bytes..][0..graphemes.len], graphemes);
        @memcpy(entry[header_bytes + graphemes.len ..], phonemes);
        self.take(self.used);
        self.used += bytes;
        self.count += 1;
    }

    /// Whether the word was there.
    pub fn remove(self: *Lexicon, pack: u8, graphemes: []const u8) bool {
        self.removeAt(self.find(pack, graphemes) orelse return false);
        return true;
    }

    fn removeAt(self: *Lexicon, at: usize) void {
        self.entries[at] = removed_mark;
        self.removed += entryBytes(self.entries[at..]);
        self.count -= 1;
    }

    fn find(self: *const Lexicon, pack: u8, graphemes: []const u8) ?usize {
        if (self.places.len == 0) return null;
        var place = self.home(pack, graphemes);
        while (self.places[place] != 0) : (place = self.next(place)) {
            const at = self.places[place] - 1;
            const entry = self.entries[at..];
            if (entry[0] == pack and std.mem.eql(u8, graphemesAt(entry), graphemes)) return at;
        }
        return null;
    }

    /// Moves the entries together and makes the table anew.
    fn compact(self: *Lexicon) void {
        @memset(self.places, 0);
        self.taken = 0;
        const end = self.used;
        self.used = 0;
        self.removed = 0;
        var at: usize = 0;
        while (at < end) {
            const bytes = entryBytes(self.entries[at..]);
            if (self.entries[at] != removed_mark) {
                @memmove(self.entries[self.used..][0..bytes], self.entries[at..][0..bytes]);
                self.take(self.used);
                self.used += bytes;
            }
            at += bytes;
        }
    }

    /// Gives the entry at `at` the first free place.
    fn take(self: *Lexicon, at: usize) void {
        const entry = self.entries[at..];
        var place = self.home(entry[0], graphemesAt(entry));
        while (self.places[place] != 0) place = self.next(place);
        self.places[place] = @intCast(at + 1);
        self.taken += 1;
    }

    fn home(self: *const Lexicon, pack: u8, graphemes: []const u8) usize {
        var hash: std.hash.Fnv1a_32 = .init();
        hash.update(&.{pack});
        hash.update(graphemes);
        const value = hash.final();
        return (value ^ value >> 15) & (self.places.len - 1);
    }

    fn next(self: *const Lexicon, place: usize) usize {
        return (place + 1) & (self.places.len - 1);
    }

    fn entryBytes(entry: []const u8) usize {
        return header_bytes + @as(usize, entry[1]) + entry[2];
    }

    fn graphemesAt(entry: []const u8) []const u8 {
        return entry[header_bytes..][0..entry[1]];
    }

    fn phonemesAt(entry: []u8) []u8 {
        return entry[header_bytes + @as(usize, entry[1]) ..][0..entry[2]];
    }
};

/// A part of the text that lines are read from.
pub const Field = struct {
    bytes: []const u8,
    /// Where it begins in the text.
    at: usize,
};

/// `word<TAB>spelling[<TAB>language tag[<TAB>alphabet]]`
pub const Line = struct {
    word: Field,
    spelling: Field,
    /// Null when not given or empty.
    language: ?Field,
    alphabet: styles.Alphabet,
};

pub const Reason = enum { missing_tab, empty_word, empty_spelling, unknown_alphabet, too_many_fields };

pub const Item = union(enum) {
    line: Line,
    fault: struct { reason: Reason, at: usize },
};

/// Goes through the lines of a lexicon. Empty ones and those that begin with `#` are left out; a
/// byte order mark, CRLF and spaces around fields do not matter.
pub const Lines = struct {
    text: []const u8,
    at: usize = 0,
    /// Of the line that was given last, from 1.
    number: usize = 0,
    /// For lines that name no alphabet.
    alphabet: styles.Alphabet = .ipa,

    pub fn next(self: *Lines) ?Item {
        const mark = "\u{FEFF}";
        if (self.at == 0 and std.mem.startsWith(u8, self.text, mark)) self.at = mark.len;
        while (self.at < self.text.len) {
            const start = self.at;
            const end = std.mem.findScalarPos(u8, self.text, start, '\n') orelse self.text.len;
            self.at = end + 1;
            self.number += 1;
            const line = self.field(start, end);
            if (line.bytes.len > 0 and line.bytes[0] != '#') return self.take(start, end);
        }
        return null;
    }

    fn take(self: *const Lines, start: usize, end: usize) Item {
        var fields: [4]Field = undefined;
        var count: usize = 0;
        var from = start;
        while (from <= end) : (count += 1) {
            if (count == fields.len) return fault(.too_many_fields, from);
            const tab = std.mem.findScalarPos(u8, self.text[0..end], from, '\t') orelse end;
            fields[count] = self.field(from, tab);
            from = tab + 1;
        }
        const word = fields[0];
        if (word.bytes.len == 0) return fault(.empty_word, start);
        if (count == 1) return fault(.missing_tab, word.at + word.bytes.len);
        const spelling = fields[1];
        if (spelling.bytes.len == 0) return fault(.empty_spelling, spelling.at);
        var made: Line = .{ .word = word, .spelling = spelling, .language = null, .alphabet = self.alphabet };
        if (count > 2 and fields[2].bytes.len > 0) made.language = fields[2];
        if (count > 3 and fields[3].bytes.len > 0) {
            made.alphabet = std.meta.stringToEnum(styles.Alphabet, fields[3].bytes) orelse
                return fault(.unknown_alphabet, fields[3].at);
        }
        return .{ .line = made };
    }

    /// Without the spaces around; of an empty one the position is the end.
    fn field(self: *const Lines, from: usize, to: usize) Field {
        const around = " \r";
        const bytes = self.text[from..to];
        const start = from + (bytes.len - std.mem.trimStart(u8, bytes, around).len);
        return .{ .bytes = std.mem.trimEnd(u8, self.text[start..to], around), .at = start };
    }

    fn fault(reason: Reason, at: usize) Item {
        return .{ .fault = .{ .reason = reason, .at = at } };
    }
};

const testing = std.testing;

// Goal: a map, exact under replacements, removals and a full memory, which changes nothing.
// Method: random operations on few words beside a map of the standard library, whose sum of bytes
// says when the lexicon may be full.
test "a lexicon is a map" {
    const gpa = testing.allocator;
    var prng = std.Random.DefaultPrng.init(1);
    const random = prng.random();
    var memory: [1024]u8 align(4) = undefined;
    for ([_]usize{ 0, 63, 64, 200, 1024 }) |size| {
        var lexicon: Lexicon = .init(memory[0..size]);
        var map: std.StringHashMapUnmanaged([]u8) = .empty;
        defer map.deinit(gpa);
        defer forget(gpa, &map);
        var refusals: usize = 0;
        for (0..30_000) |step| {
            // The pack and up to three graphemes; the phonemes.
            var key_buffer: [4]u8 = undefined;
            const key = key_buffer[0 .. 1 + random.uintAtMost(usize, 3)];
            for (key) |*token| token.* = random.uintLessThan(u8, 4);
            var value_buffer: [12]u8 = undefined;
            const value = value_buffer[0..random.uintAtMost(usize, value_buffer.len)];
            random.bytes(value);
            switch (random.uintLessThan(u8, 8)) {
                0...4 => {
                    const before = lexicon.count;
                    if (lexicon.add(key[0], key[1..], value)) {
                        const entry = try map.getOrPut(gpa, key);
                        if (entry.found_existing) gpa.free(entry.value_ptr.*) else entry.key_ptr.* = try gpa.dupe(u8, key);
                        entry.value_ptr.* = try gpa.dupe(u8, value);
                    } else |err| {
                        try testing.expectEqual(error.LimitExceeded, err);
                        try testing.expectEqual(before, lexicon.count);
                        refusals += 1;
                        var sum: usize = Lexicon.header_bytes + key.len - 1 + value.len;
                        var entries = map.iterator();
                        while (entries.next()) |entry| {
                            if (!std.mem.eql(u8, entry.key_ptr.*, key))
                                sum += Lexicon.header_bytes + entry.key_ptr.len - 1 + entry.value_ptr.len;
                        }
                        try testing.expect(sum > lexicon.entries.len or map.count() >= lexicon.places.len / 8 * 7);
                    }
                },
                5, 6 => {
                    const removed = map.fetchRemove(key);
                    try testing.expectEqual(removed != null, lexicon.remove(key[0], key[1..]));
                    if (removed) |pair| {
                        gpa.free(pair.key);
                        gpa.free(pair.value);
                    }
                },
                else => if (step % 1000 == 999) {
                    lexicon.clear();
                    forget(gpa, &map);
                },
            }
            try testing.expectEqual(map.count(), lexicon.count);
            if (step % 64 == 0) {
                var entries = map.iterator();
                while (entries.next()) |entry| {
                    const found = lexicon.get(entry.key_ptr.*[0], entry.key_ptr.*[1..]);
                    try testing.expectEqualSlices(u8, entry.value_ptr.*, found.?);
                }
            }
            const expected: ?[]const u8 = if (map.get(key)) |phonemes| phonemes else null;
            const found = lexicon.get(key[0], key[1..]);
            try testing.expectEqual(expected == null, found == null);
            if (found) |phonemes| try testing.expectEqualSlices(u8, expected.?, phonemes);
        }
        try testing.expect(refusals > 0);
    }
}

fn forget(gpa: std.mem.Allocator, map: *std.StringHashMapUnmanaged([]u8)) void {
    var entries = map.iterator();
    while (entries.next()) |entry| {
        gpa.free(entry.key_ptr.*);
        gpa.free(entry.value_ptr.*);
    }
    map.clearRetainingCapacity();
}

test "longest words" {
    var memory: [4096]u8 align(4) = undefined;
    var lexicon: Lexicon = .init(&memory);
    const long: [256]u8 = @splat(7);
    try testing.expectError(error.LimitExceeded, lexicon.add(0, &long, "a"));
    try testing.expectError(error.LimitExceeded, lexicon.add(0, "a", &long));
    try lexicon.add(0, long[1..], long[1..]);
    try testing.expectEqualSlices(u8, long[1..], lexicon.get(0, long[1..]).?);
}

test "lines of a lexicon" {
    const text = "\u{FEFF}# names\r\n" ++
        "Nguyen\twɪn\r\n" ++
        "\n" ++
        "  \r\n" ++
        " 김 \t kim \tko\n" ++
        "GIF\tJH IH1 F\ten-us\tarpabet\n" ++
        "GIF\t\"dZIf\t\txsampa\n" ++
        "tab\tt æ b\t \t\n" ++
        "last\tlæst";
    var lines: Lines = .{ .text = text };
    const expected = [_]struct { usize, []const u8, []const u8, ?[]const u8, styles.Alphabet }{
        .{ 2, "Nguyen", "wɪn", null, .ipa },
        .{ 5, "김", "kim", "ko", .ipa },
        .{ 6, "GIF", "JH IH1 F", "en-us", .arpabet },
        .{ 7, "GIF", "\"dZIf", null, .xsampa },
        .{ 8, "tab", "t æ b", null, .ipa },
        .{ 9, "last", "læst", null, .ipa },
    };
    for (expected) |want| {
        const line = lines.next().?.line;
        try testing.expectEqual(want[0], lines.number);
        try testing.expectEqualStrings(want[1], line.word.bytes);
        try testing.expectEqualStrings(want[2], line.spelling.bytes);
        try testing.expectEqual(want[3] == null, line.language == null);
        if (want[3]) |tag| try testing.expectEqualStrings(tag, line.language.?.bytes);
        try testing.expectEqual(want[4], line.alphabet);
        try testing.expectEqualStrings(line.spelling.bytes, text[line.spelling.at..][0..line.spelling.bytes.len]);
    }
    try testing.expectEqual(null, lines.next());
    try testing.expectEqual(null, lines.next());
}

test "faults of lines" {
    const cases = [_]struct { []const u8, Reason, usize }{
        .{ "word", .missing_tab, 4 },
        .{ "word \r", .missing_tab, 4 },
        .{ "\twɪn", .empty_word, 0 },
        .{ "word\t", .empty_spelling, 5 },
        .{ "word\t\ten-us", .empty_spelling, 5 },
        .{ "word\tw\ten-us\tmorse", .unknown_alphabet, 13 },
        .{ "word\tw\ten-us\tipa\t", .too_many_fields, 17 },
    };
    for (cases) |case| {
        var buffer: [64]u8 = undefined;
        const text = try std.fmt.bufPrint(&buffer, "a\tə\n{s}\nb\tbi", .{case[0]});
        var lines: Lines = .{ .text = text };
        _ = lines.next().?.line;
        const found = lines.next().?.fault;
        try testing.expectEqual(2, lines.number);
        try testing.expectEqual(case[1], found.reason);
        try testing.expectEqual("a\tə\n".len + case[2], found.at);
        // The lines after it are read on.
        try testing.expectEqualStrings("b", lines.next().?.line.word.bytes);
        try testing.expectEqual(null, lines.next());
    }
}
