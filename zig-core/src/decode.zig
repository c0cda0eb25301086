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

/// Where the phonemes of a piece come from: the model, its correction, or that of a relative, from
/// which they follow; then no letters are found.
pub const Source = enum(u8) { model, correction, relative };

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
    source: Source = .model,
    /// Phonemes to take whatever the model says, at most `pack.phonemes_max`; may be `phonemes`.
    wanted: ?[]const u8 = null,
};

/// Takes the logits of every step, in order.
pub const Observer = struct {
    context: *anyopaque,
    step: *const fn (context: *anyopaque, logits: []const f32) void,
};

/// A piece that is being decoded in the KV cache of this index. When a relative of the word is
/// corrected, that is read in its place, and the word itself only if nothing follows.
const Slot = struct {
    piece: *Piece,
    edits: corrections.Edits = .none,
    relative: ?Relative = null,

    const Relative = struct {
        kind: @FieldType(relatives.Relative, "kind"),
        tokens: [limits.graphemes_max + 1]u8,
        count: usize,
    };

    fn begin(pack: *const Pack, piece: *Piece) Slot {
        var self: Slot = .{ .piece = piece };
        if (piece.wanted != null) return self;
        if (pack.corrections.find(piece.prefix[0 .. piece.prefix.len - 1])) |edits| {
            self.edits = edits;
        } else if (pack.endings != null) {
            self.findRelative(pack);
        }
        piece.source = if (self.relative != null) .relative else if (self.edits.next != null) .correction else .model;
        return self;
    }

    /// The first relative that is corrected.
    fn findRelative(self: *Slot, pack: *const Pack) void {
        const graphemes = self.piece.prefix[0 .. self.piece.prefix.len - 1];
        var letters: [limits.graphemes_max]u8 = undefined;
        for (graphemes, letters[0..graphemes.len]) |token, *letter| {
            letter.* = std.math.cast(u8, pack.grapheme(token)) orelse 0;
        }
        const found: relatives.Relatives = .of(letters[0..graphemes.len]);
        for (found.items[0..found.count]) |relative| {
            const count = relative.keep + relative.rest.len;
            if (count > pack.graphemes_max) continue;
            var made: Relative = .{ .kind = relative.kind, .tokens = undefined, .count = count + 1 };
            @memcpy(made.tokens[0..relative.keep], graphemes[0..relative.keep]);
            for (relative.rest, made.tokens[relative.keep..count]) |letter, *token| {
                token.* = pack.grapheme_tokens.get(letter) orelse break;
            } else if (pack.corrections.find(made.tokens[0..count])) |edits| if (edits.next != null) {
                made.tokens[count] = pack.separator;
                self.edits = edits;
                self.relative = made;
                return;
            };
        }
    }

    fn prefix(self: *const Slot) []const u8 {
        return if (self.relative) |*relative| relative.tokens[0..relative.count] else self.piece.prefix;
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
        return self.relative != null and !self.follow(pack);
    }

    /// Gives the piece what follows from its relative; if nothing does, lets the model read it.
    fn follow(self: *Slot, pack: *const Pack) bool {
        const piece = self.piece;
        const endings = &pack.endings.?;
        const phonemes = piece.phonemes[0..pack.phonemes_max];
        const count = switch (self.relative.?.kind) {
            .stem => endings.add(phonemes, piece.count),
            .form => endings.stemOf(phonemes[0..piece.count]),
        };
        if (count == null) piece.source = .model;
        self.edits = .none;
        self.relative = null;
        piece.count = @intCast(count orelse 0);
        return count != null;
    }
};

/// Whether a word or one of its relatives is corrected.
pub fn isCorrected(pack: *const Pack, piece: *Piece) bool {
    _ = Slot.begin(pack, piece);
    return piece.source != .model;
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
