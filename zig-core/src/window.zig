//! Spans of the text that wait to be read and written out, block after block, with room for the
//! tokens of their words.

const std = @import("std");
const decode = @import("decode.zig");
const limits = @import("limits.zig");

const Letters = decode.Letters;

/// Where a word's phonemes come from; `pending`: not read yet.
pub const Source = enum { pending, model, correction, user, rule };

/// A span of the text, a word of a written form's reading, or one piece of a word that is longer
/// than the model reads at once.
pub const Entry = struct {
    kind: enum { word, number, punctuation, space, other, end_of_text },
    /// What is written of a span that is no word; of a word its letters, as read.
    bytes: []const u8,
    /// Where it stands in its text. Words of one written form all have its place.
    start: usize,
    end: usize,
    /// The first of a block.
    begins_block: bool = false,
    /// Not the first word of a written form: a space stands before it.
    is_joined: bool = false,
    /// A word of a written form; its letters are not those of the text.
    is_spoken: bool = false,
    /// Not the first piece of a word.
    is_continued: bool = false,
    pack: u8 = 0,
    /// Grapheme tokens and the separator.
    prefix: []const u8 = &.{},
    source: Source = .pending,
    /// Room for the phonemes, and beside each the letters that it comes from.
    phonemes: []u8 = &.{},
    spans: []Letters = &.{},
    count: u8 = 0,
    /// Whether `spans` are the model's.
    is_aligned: bool = false,

    /// The grapheme tokens; none of an override that is no word.
    pub fn letters(self: *const Entry) []const u8 {
        return self.prefix[0..self.prefix.len -| 1];
    }

    pub fn said(self: *const Entry) []u8 {
        return self.phonemes[0..self.count];
    }

    /// Takes the place of what the model says.
    pub fn say(self: *Entry, phonemes: []const u8, source: Source) void {
        self.count = @intCast(@min(phonemes.len, self.phonemes.len));
        @memcpy(self.phonemes[0..self.count], phonemes[0..self.count]);
        self.source = source;
        self.is_aligned = false;
    }
};

pub const Window = struct {
    entries: []Entry,
    count: usize = 0,
    tokens: []u8,
    tokens_used: usize = 0,
    spoken: []u8,
    spoken_used: usize = 0,
    phonemes: []u8,
    spans: []Letters,
    /// Phonemes that a word has room for.
    room: usize,
    /// Where the block that is being added begins.
    block_start: usize = 0,
    block_spoken: usize = 0,

    /// Bytes of a block's letters: its own, and those of its readings.
    const block_tokens_max = limits.block_bytes_max + limits.block_spoken_max + limits.block_entries_max;

    /// A window for words of at most `phonemes_max` phonemes.
    pub fn init(arena: std.mem.Allocator, phonemes_max: usize) !Window {
        // One more than the model says: rules may add one.
        const room = phonemes_max + 1;
        return .{
            .entries = try arena.alloc(Entry, limits.window_entries),
            .tokens = try arena.alloc(u8, 2 * block_tokens_max),
            .spoken = try arena.alloc(u8, 2 * limits.block_spoken_max),
            .phonemes = try arena.alloc(u8, limits.window_entries * room),
            .spans = try arena.alloc(Letters, limits.window_entries * room),
            .room = room,
        };
    }

    pub fn clear(self: *Window) void {
        self.count = 0;
        self.tokens_used = 0;
        self.spoken_used = 0;
        self.block_start = 0;
        self.block_spoken = 0;
    }

    pub fn filled(self: *const Window) []Entry {
        return self.entries[0..self.count];
    }

    /// Whether any block fits, and the end of the text behind it.
    pub fn hasRoom(self: *const Window) bool {
        return self.entries.len - self.count > limits.block_entries_max and
            self.tokens.len - self.tokens_used >= block_tokens_max and
            self.spoken.len - self.spoken_used >= limits.block_spoken_max;
    }

    pub fn beginBlock(self: *Window) void {
        self.block_start = self.count;
        self.block_spoken = self.spoken_used;
    }

    /// Whether the block may become `entries` longer, with readings of `spoken` bytes, when `rest`
    /// bytes of it are still to come, each of which can be an entry.
    pub fn mayAdd(self: *const Window, entries: usize, spoken: usize, rest: usize) bool {
        return self.count - self.block_start + entries + rest <= limits.block_entries_max and
            self.spoken_used - self.block_spoken + spoken <= limits.block_spoken_max;
    }

    /// Adds an entry, with room for its phonemes.
    pub fn add(self: *Window, entry: Entry) void {
        const to = &self.entries[self.count];
        to.* = entry;
        to.begins_block = self.count == self.block_start;
        to.phonemes = self.phonemes[self.count * self.room ..][0..self.room];
        to.spans = self.spans[self.count * self.room ..][0..self.room];
        self.count += 1;
    }

    /// Room for at most `count` tokens, of which `keep` takes as many as there are.
    pub fn tokenRoom(self: *const Window, count: usize) []u8 {
        return self.tokens[self.tokens_used..][0..@min(count, self.tokens.len - self.tokens_used)];
    }

    pub fn keepTokens(self: *Window, count: usize) void {
        self.tokens_used += count;
    }

    /// A copy of a reading.
    pub fn keepSpoken(self: *Window, words: []const u8) []const u8 {
        const to = self.spoken[self.spoken_used..][0..words.len];
        @memcpy(to, words);
        self.spoken_used += words.len;
        return to;
    }
};
