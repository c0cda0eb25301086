//! Decoding of many pieces of words side by side (continuous batching): as soon as one is done its
//! KV cache goes to the next. How pieces are batched does not change a bit of the result.
//!
//! A step takes the token with the largest logit, unless a correction of the piece says which other
//! one, or its phonemes are given.

const std = @import("std");
const abi = @import("abi.zig");
const corrections = @import("corrections.zig");
const dispatch = @import("dispatch.zig");
const limits = @import("limits.zig");
const Pack = @import("pack.zig").Pack;
const relatives = @import("english/relatives.zig");
const transformer = @import("transformer.zig");

pub const end_token = 0;

pub const Letters = transformer.Letters;

/// Where the phonemes of a piece come from.
pub const Source = packed struct(u8) {
    /// A correction guided the model, of the piece or of what was read in its place.
    is_corrected: bool = false,
    /// They follow from what was read in its place; then no letters are found.
    follows: bool = false,
    _: u6 = 0,

    pub const model: Source = .{};

    pub fn isModels(self: Source) bool {
        return self == model;
    }
};

/// A piece of a word: at most `pack.graphemes_max` graphemes.
pub const Piece = struct {
    /// Grapheme tokens and the separator.
    prefix: []const u8,
    /// Room for `pack.phonemes_max` phoneme tokens.
    phonemes: [*]u8,
    /// As much room for the letters that each of them comes from.
    spans: [*]Letters,
    /// How many there are.
    count: u32 = 0,
    source: Source = .{},
    /// Phonemes to take whatever the model says, at most `pack.phonemes_max`; may be `phonemes`.
    wanted: ?[]const u8 = null,
};

/// Takes the logits of every step, in order.
pub const Observer = struct {
    context: *anyopaque,
    step: *const fn (context: *anyopaque, logits: []const f32) void,
};

/// A piece that is being decoded in the KV cache of this index. A possessive is said as its stem and
/// the ending; a word of which a relative is corrected as follows from that. Only if nothing follows
/// is the piece itself read.
const Slot = struct {
    piece: *Piece,
    edits: corrections.Edits = .none,
    /// What is read in the place of the piece, the separator behind it; nothing: the piece is.
    tokens: [limits.graphemes_max + 1]u8 = undefined,
    token_count: usize = 0,
    /// The relative that is read; null: the stem itself.
    relative: ?relatives.Kind = null,
    /// Graphemes before the possessive endings, and how many of these there are.
    stem: usize,
    possessives: usize = 0,

    fn begin(pack: *const Pack, piece: *Piece) Slot {
        const graphemes = piece.prefix[0 .. piece.prefix.len - 1];
        var self: Slot = .{ .piece = piece, .stem = graphemes.len };
        piece.source = .model;
        if (piece.wanted != null) return self;
        if (pack.corrections.find(graphemes)) |edits| {
            self.edits = edits;
        } else if (pack.endings != null) {
            self.findStem(pack, graphemes);
        }
        piece.source = .{ .is_corrected = self.edits.next != null, .follows = self.token_count > 0 };
        return self;
    }

    /// The first stem that has a correction, or the last, or its first relative that is corrected.
    fn findStem(self: *Slot, pack: *const Pack, graphemes: []const u8) void {
        var buffer: [limits.graphemes_max]u8 = undefined;
        const letters = buffer[0..graphemes.len];
        for (graphemes, letters) |token, *letter| letter.* = std.math.cast(u8, pack.grapheme(token)) orelse 0;
        while (relatives.stemOf(letters[0..self.stem])) |stem| {
            self.stem = stem;
            self.possessives += 1;
            self.edits = pack.corrections.find(graphemes[0..stem]) orelse continue;
            return self.readStem(pack);
        }
        if (!self.findRelative(pack, letters[0..self.stem]) and self.possessives > 0) self.readStem(pack);
    }

    /// The first relative of the stem that is corrected; whether there is one.
    fn findRelative(self: *Slot, pack: *const Pack, letters: []const u8) bool {
        const found: relatives.Relatives = .of(letters);
        for (found.items[0..found.count]) |relative| {
            const count = relative.keep + relative.rest.len;
            if (count > pack.graphemes_max) continue;
            @memcpy(self.tokens[0..relative.keep], self.piece.prefix[0..relative.keep]);
            for (relative.rest, self.tokens[relative.keep..count]) |letter, *token| {
                token.* = pack.grapheme_tokens.get(letter) orelse break;
            } else if (pack.corrections.find(self.tokens[0..count])) |edits| if (edits.next != null and !edits.is_alone) {
                self.edits = edits;
                self.relative = relative.kind;
                self.endTokens(pack, count);
                return true;
            };
        }
        return false;
    }

    fn readStem(self: *Slot, pack: *const Pack) void {
        @memcpy(self.tokens[0..self.stem], self.piece.prefix[0..self.stem]);
        self.endTokens(pack, self.stem);
    }

    fn endTokens(self: *Slot, pack: *const Pack, count: usize) void {
        self.tokens[count] = pack.separator;
        self.token_count = count + 1;
    }

    fn prefix(self: *const Slot) []const u8 {
        return if (self.token_count > 0) self.tokens[0..self.token_count] else self.piece.prefix;
    }

    fn segment(self: *const Slot, index: usize) transformer.Segment {
        return .of(self.prefix(), self.piece.phonemes[0..self.piece.count], index);
    }

    /// Takes the token that comes after these logits; whether there is a step more.
    fn step(self: *Slot, pack: *const Pack, logits: []const f32, letters: Letters) bool {
        const piece = self.piece;
        const token = if (piece.wanted) |wanted|
            (if (piece.count < wanted.len) wanted[piece.count] else end_token)
        else
            self.edits.choose(logits);
        if (token != end_token) {
            piece.phonemes[piece.count] = token;
            piece.spans[piece.count] = letters;
            piece.count += 1;
            if (piece.count < pack.phonemes_max) return true;
        }
        return self.token_count > 0 and !self.follow(pack);
    }

    /// Gives the piece what follows from what was read; if nothing does, lets the model read it.
    fn follow(self: *Slot, pack: *const Pack) bool {
        const piece = self.piece;
        const endings = &pack.endings.?;
        const phonemes = piece.phonemes[0..pack.phonemes_max];
        var count: ?usize = piece.count;
        if (self.relative) |kind| {
            count = switch (kind) {
                .stem => endings.add(phonemes, piece.count),
                .form => endings.stemOf(phonemes[0..piece.count]),
            };
            if (count == null and self.possessives > 0) {
                self.relative = null;
                self.edits = .none;
                piece.source.is_corrected = false;
                piece.count = 0;
                self.readStem(pack);
                return false;
            }
        }
        for (0..self.possessives) |_| count = endings.add(phonemes, count orelse break);
        if (count == null) {
            self.* = .{ .piece = piece, .stem = piece.prefix.len - 1 };
            piece.source = .model;
        }
        piece.count = @intCast(count orelse 0);
        return count != null;
    }
};

/// Where the phonemes of a piece come from, as far as is known before it is read.
pub fn sourceOf(pack: *const Pack, piece: *Piece) Source {
    return Slot.begin(pack, piece).piece.source;
}

/// Decodes `pieces`, all of the language of `pack`. An observer sees the steps of one piece alone,
/// whose phonemes are given.
pub fn greedy(
    pack: *const Pack,
    forward: dispatch.Forward,
    scratch: *const transformer.Scratch,
    pieces: []Piece,
    observer: ?Observer,
) void {
    std.debug.assert(observer == null or (pieces.len == 1 and pieces[0].wanted != null));
    var slots: [limits.batch_words]?Slot = @splat(null);
    var waiting = pieces;
    while (true) {
        var segments: [limits.batch_words]transformer.Segment = undefined;
        var owners: [limits.batch_words]*?Slot = undefined;
        var count: usize = 0;
        // Steps behind phonemes come first, prefixes share the columns that are left.
        var columns: usize = 0;
        for (&slots) |*slot| if (slot.*) |held| {
            if (held.piece.count > 0) columns += 1;
        };
        for (&slots, 0..) |*slot, index| {
            if (slot.* == null and waiting.len > 0) {
                slot.* = .begin(pack, &waiting[0]);
                waiting = waiting[1..];
            }
            const held = if (slot.*) |*held| held else continue;
            const segment = held.segment(index);
            if (held.piece.count == 0) {
                if (columns + segment.count > limits.batch_columns) continue;
                columns += segment.count;
            }
            segments[count] = segment;
            owners[count] = slot;
            count += 1;
        }
        if (count == 0) return;
        forward(&pack.model, scratch, &segments, count);
        for (owners[0..count], segments[0..count], 0..) |slot, segment, i| {
            const logits = scratch.logits[i * pack.model.outputs ..][0..pack.model.outputs];
            const held = &slot.*.?;
            if (observer) |seen| seen.step(seen.context, logits);
            if (!held.step(pack, logits, segment.letters)) slot.* = null;
        }
    }
}

/// What the model would say of a step at which it is told what to say. Tokens come before others by
/// logit, then by number.
pub const Rank = abi.Rank;

/// The ranks of a piece's wanted phonemes and, when there are fewer than the pack allows, of the
/// end token behind them; how many there are. `out` has room for one more than wanted.
pub fn ranks(
    pack: *const Pack,
    forward: dispatch.Forward,
    scratch: *const transformer.Scratch,
    piece: *Piece,
    out: [*]Rank,
) usize {
    const Taker = struct {
        wanted: []const u8,
        out: [*]Rank,
        count: usize = 0,

        fn step(context: *anyopaque, logits: []const f32) void {
            const self: *@This() = @ptrCast(@alignCast(context));
            const token = if (self.count < self.wanted.len) self.wanted[self.count] else end_token;
            var rank: u32 = 0;
            for (0..logits.len) |other| rank += @intFromBool(corrections.comesBefore(logits, @intCast(other), token));
            self.out[self.count] = .{ .rank = rank, .lead = corrections.leadOf(logits) };
            self.count += 1;
        }
    };
    var taker: Taker = .{ .wanted = piece.wanted.?, .out = out };
    greedy(pack, forward, scratch, piece[0..1], .{ .context = &taker, .step = Taker.step });
    return taker.count;
}
