//! One call: texts are added block by block, their spans pass through the window into the sink.

const std = @import("std");
const abi = @import("abi.zig");
const cache = @import("cache.zig");
const context = @import("context.zig");
const decode = @import("decode.zig");
const hangul = @import("hangul.zig");
const limits = @import("limits.zig");
const overrides = @import("overrides.zig");
const packs = @import("pack.zig");
const records = @import("records.zig");
const relatives = @import("english/relatives.zig");
const render = @import("render.zig");
const spelling = @import("spelling.zig");
const text = @import("text.zig");
const transcriber = @import("transcriber.zig");
const windows = @import("window.zig");
const written = @import("written.zig");

const Entry = windows.Entry;
const Error = transcriber.Error;
const Options = transcriber.Options;
const Pack = packs.Pack;
const Transcriber = transcriber.Transcriber;

pub const Sink = union(enum) {
    text: *TextSink,
    /// The text as it is spoken.
    normalized: *TextSink,
    records: *render.Output,
};

pub const Before = enum { nothing, word, word_and_space };

pub const Run = struct {
    owner: *Transcriber,
    options: Options,
    style: render.Style,
    only: ?u8,
    readers: ?written.Readers,
    /// What stands between words beside white space when the caller does not say: the separator
    /// again when it is blank itself, so that words are further apart than phonemes.
    beside_space: []const u8,
    sink: Sink,
    texts: usize = 0,
    /// What was written last, as far as it matters to a word that follows.
    before: Before = .nothing,

    pub fn start(owner: *Transcriber, options: Options, sink: Sink) Error!Run {
        owner.fault = .{};
        owner.needed = 0;
        owner.window.clear();
        try checkSeparator(options.separator);
        try checkSeparator(options.syllable_separator);
        try checkSeparator(options.word_separator);
        const separator = options.separator orelse render.Style.ownSeparator(options.format);
        const is_blank = std.mem.findNone(u8, separator, " \t\r\n") == null;
        const only = if (options.language) |tag| try owner.packOf(tag) else null;
        return .{
            .owner = owner,
            .options = options,
            .style = .{
                .format = options.format,
                .stress = options.stress,
                .separator = separator,
                .syllable_separator = options.syllable_separator,
                .is_narrow = options.narrow,
            },
            .only = only,
            .readers = if (options.written) .{
                .english = owner.hasScript(.latin, only),
                .korean = owner.hasScript(.hangul, only),
            } else null,
            .beside_space = if (is_blank and options.word_separator == null) separator else "",
            .sink = sink,
        };
    }

    fn checkSeparator(given: ?[]const u8) Error!void {
        const separator = given orelse return;
        if (separator.len > limits.separator_bytes_max) return error.LimitExceeded;
        if (!std.unicode.utf8ValidateSlice(separator)) return error.InvalidArgument;
    }

    pub fn checkUtf8(self: *Run, input: []const u8) Error!void {
        if (text.firstInvalidUtf8(input)) |position| return self.fail(error.InvalidUtf8, position);
    }

    fn fail(self: *Run, err: Error, position: usize) Error {
        self.owner.fault = .{ .text = self.texts, .position = position };
        return err;
    }

    /// Adds a whole text.
    pub fn add(self: *Run, input: []const u8) Error!void {
        try self.checkUtf8(input);
        var blocks: text.Blocks = .{ .text = input };
        while (blocks.next()) |block| try self.addBlock(block, blocks.position - block.len);
        self.endText(input.len);
    }

    pub fn endText(self: *Run, end: usize) void {
        if (!self.owner.window.hasRoom()) self.flush();
        self.owner.window.beginBlock();
        self.owner.window.add(.{ .kind = .end_of_text, .bytes = &.{}, .start = end, .end = end });
        self.texts += 1;
    }

    /// Adds a block that begins at this place of its text.
    pub fn addBlock(self: *Run, block: []const u8, base: usize) Error!void {
        if (!self.owner.window.hasRoom()) self.flush();
        self.owner.window.beginBlock();
        var reader: written.Reader = .{ .block = block, .readers = self.readers orelse undefined };
        var walker: BlockWalker = .{ .run = self, .block = block, .base = base };
        try written.walk(block, if (self.readers == null) null else &reader, &self.owner.spoken, &walker);
    }

    /// The index of the pack that reads words of a script.
    pub fn packOfScript(self: *const Run, script: text.Script) ?u8 {
        return self.only orelse for (self.owner.packs, 0..) |pack, i| {
            if (pack.language.script == script) break @as(u8, @intCast(i));
        } else null;
    }

    fn drops(self: *const Run, entry: *const Entry) bool {
        return switch (entry.kind) {
            .number, .other => self.options.unknown == .drop,
            .punctuation, .space => self.options.punctuation == .drop,
            .word, .end_of_text => false,
        };
    }

    /// Writes what stands between words that the text does not part, or not as it is written out.
    fn partWords(self: *const Run, output: *render.Output) void {
        output.write(self.options.word_separator orelse " ");
        output.write(self.beside_space);
    }

    /// Writes what becomes of a span. Two words that nothing parts are parted by the separator like
    /// their phonemes, pieces of one like their syllables, the words of a written form by a space.
    pub fn write(self: *const Run, output: *render.Output, entry: *const Entry) void {
        if (entry.kind != .word) {
            if (!self.drops(entry)) output.write(if (self.isBetweenWords(entry)) self.options.word_separator.? else entry.bytes);
            return;
        }
        const parting = if (entry.is_continued) self.style.syllable_separator else self.options.word_separator;
        if (entry.is_joined) self.partWords(output) else output.write(switch (self.before) {
            .nothing => "",
            .word => parting orelse self.style.separator,
            .word_and_space => self.beside_space,
        });
        self.wordOf(entry).write(output, self.style);
    }

    /// Whether the word separator stands for a span: for white space without a line break directly
    /// between two words.
    fn isBetweenWords(self: *const Run, entry: *const Entry) bool {
        if (self.options.word_separator == null or entry.kind != .space or self.before != .word) return false;
        // There is an entry behind it: `flush` holds it back otherwise.
        const next = @as([*]const Entry, @ptrCast(entry)) + 1;
        return next[0].kind == .word and !text.hasLineBreak(entry.bytes);
    }

    /// A word with its neighbours, as far as its transcription depends on them.
    pub fn wordOf(self: *const Run, entry: *const Entry) render.Word {
        var word: render.Word = .{ .pack = &self.owner.packs[entry.pack], .phonemes = entry.said() };
        if (!self.style.is_narrow or !self.options.sandhi) return word;
        const entries = self.blockOf(entry);
        const index = (@intFromPtr(entry) - @intFromPtr(entries.ptr)) / @sizeOf(Entry);
        if (context.previousInPhrase(entries, index)) |i| {
            const said = entries[i].said();
            if (entries[i].pack == entry.pack) word.before = said[said.len -| 1..];
        }
        if (context.nextInPhrase(entries, index)) |i| {
            const said = entries[i].said();
            if (entries[i].pack == entry.pack) word.after = said[0..@min(2, said.len)];
        }
        return word;
    }

    /// The block of an entry of the window.
    fn blockOf(self: *const Run, entry: *const Entry) []Entry {
        const entries = self.owner.window.filled();
        var first = (@intFromPtr(entry) - @intFromPtr(entries.ptr)) / @sizeOf(Entry);
        var end = first + 1;
        while (first > 0 and !entries[first].begins_block) first -= 1;
        while (end < entries.len and !entries[end].begins_block) end += 1;
        return entries[first..end];
    }

    /// Goes on behind an entry that has been written.
    fn pass(self: *Run, entry: *const Entry) void {
        const is_dropped = self.drops(entry);
        self.before = switch (entry.kind) {
            .word => .word,
            .space => if (!is_dropped and self.before == .word and !text.hasLineBreak(entry.bytes)) .word_and_space else .nothing,
            // In a text that is kept, a character that is dropped is as if it had not been there.
            .number, .other => if (is_dropped and self.options.punctuation == .keep) self.before else .nothing,
            .punctuation, .end_of_text => .nothing,
        };
    }

    /// Reads the words of the window that are not known and writes everything out, but for white
    /// space that a word may follow, for which the word separator would stand.
    pub fn flush(self: *Run) void {
        const window = &self.owner.window;
        const is_held = self.options.word_separator != null and window.count > 0 and
            window.entries[window.count - 1].kind == .space;
        window.count -= @intFromBool(is_held);
        const entries = window.filled();
        if (self.sink != .normalized) {
            self.readWords(entries);
            var first: usize = 0;
            while (first < entries.len) {
                var end = first + 1;
                while (end < entries.len and !entries[end].begins_block) end += 1;
                context.apply(self.owner.packs, entries[first..end], .{
                    .homographs = self.options.homographs,
                    .weak_forms = self.options.weak_forms,
                    .sandhi = self.options.sandhi,
                });
                first = end;
            }
            if (self.sink == .records) self.alignWords(entries);
        }
        for (entries) |*entry| {
            switch (self.sink) {
                .text => |sink| sink.put(self, entry),
                .normalized => |sink| sink.putSpoken(self, entry),
                .records => |output| if (entry.kind != .end_of_text) records.write(output, self, entry),
            }
            self.pass(entry);
        }
        window.clear();
        if (is_held) window.add(window.entries[entries.len]);
    }

    /// Decodes the words whose phonemes are not known.
    fn readWords(self: *Run, entries: []Entry) void {
        for (0..self.owner.packs.len) |index| {
            var queue: Queue = .{ .owner = self.owner, .pack = @intCast(index), .entries = entries };
            for (entries, 0..) |*entry, i| {
                if (entry.kind != .word or entry.pack != index or entry.source != .pending) continue;
                if (self.owner.cache.get(entry.pack, entry.prefix)) |known| {
                    entry.say(known.phonemes, sourceOf(known.source));
                    @memcpy(entry.spans[0..entry.count], known.spans);
                    entry.is_aligned = !known.source.follows;
                    continue;
                }
                queue.add(i, null);
            }
            queue.decodeAll();
        }
    }

    /// Finds the letters of phonemes that are not the model's own.
    fn alignWords(self: *Run, entries: []Entry) void {
        for (self.owner.packs, 0..) |*pack, index| {
            var queue: Queue = .{ .owner = self.owner, .pack = @intCast(index), .entries = entries };
            for (entries, 0..) |*entry, i| {
                if (entry.kind != .word or entry.pack != index or entry.is_aligned or entry.prefix.len == 0) continue;
                queue.add(i, entry.said()[0..@min(entry.count, pack.phonemes_max)]);
            }
            queue.decodeAll();
        }
    }
};

/// Words of the window, all of one pack, that are decoded together.
const Queue = struct {
    owner: *Transcriber,
    pack: u8,
    entries: []Entry,
    count: usize = 0,

    /// Adds the entry with this index; `wanted`: the phonemes whose letters are looked for.
    fn add(self: *Queue, index: usize, wanted: ?[]const u8) void {
        const owner = self.owner;
        const entry = &self.entries[index];
        owner.pieces[self.count] = .{
            .prefix = entry.prefix,
            .phonemes = entry.phonemes.ptr,
            .spans = entry.spans.ptr,
            .wanted = wanted,
        };
        owner.piece_entries[self.count] = @intCast(index);
        self.count += 1;
        if (self.count == owner.pieces.len) self.decodeAll();
    }

    fn decodeAll(self: *Queue) void {
        const owner = self.owner;
        const pieces = owner.pieces[0..self.count];
        decode.greedy(&owner.packs[self.pack], owner.forward, &owner.scratch, pieces, null);
        for (pieces, owner.piece_entries[0..self.count]) |piece, i| {
            const entry = &self.entries[i];
            const is_forced = piece.wanted != null;
            entry.count = @intCast(piece.count);
            entry.is_aligned = is_forced or !piece.source.follows;
            if (is_forced) continue;
            entry.source = sourceOf(piece.source);
            owner.cache.put(self.pack, entry.prefix, .{
                .phonemes = piece.phonemes[0..piece.count],
                .spans = piece.spans[0..piece.count],
                .source = piece.source,
            });
        }
        self.count = 0;
    }
};

fn sourceOf(source: decode.Source) windows.Source {
    return if (source.is_corrected) .correction else .model;
}

/// Takes the spans and forms of a block into the window.
const BlockWalker = struct {
    run: *Run,
    block: []const u8,
    /// Where the block begins in its text.
    base: usize,

    /// Whether an override begins at a place.
    pub fn begins(self: *BlockWalker, at: usize) bool {
        return self.run.options.overrides and self.block[at] == '[' and overrides.match(self.block, at) != null;
    }

    /// Takes an override; returns its end.
    pub fn take(self: *BlockWalker, at: usize) Error!?usize {
        if (!self.begins(at)) return null;
        const run = self.run;
        const found = overrides.match(self.block, at).?;
        const bytes = self.block[found.text_start..found.text_end];
        var graphemes: text.Segmenter = .init(bytes);
        const script = while (graphemes.next()) |span| {
            if (span.script) |script| break script;
        } else .latin;
        const index = run.packOfScript(script) orelse return null;
        const pack = &run.owner.packs[index];
        if (run.sink != .normalized and !run.style.fits(pack)) return run.fail(error.UnsupportedFormat, self.base + at);
        var tokens: [limits.phonemes_max]u8 = undefined;
        const spelled = self.block[found.spelling_start..found.spelling_end];
        switch (spelling.parse(pack.phonemes, .ipa, spelled, tokens[0..pack.phonemes_max])) {
            .fault => |fault| return run.fail(error.InvalidSpelling, self.base + found.spelling_start + fault.at),
            .tokens => |phonemes| {
                run.owner.window.add(.{
                    .kind = .word,
                    .bytes = bytes,
                    .start = self.base + at,
                    .end = self.base + found.end,
                    .pack = index,
                    .prefix = self.prefixOf(pack, bytes, script),
                });
                self.last().say(phonemes, .user);
                return found.end;
            },
        }
    }

    /// The grapheme tokens of a word that is not read, when it is a word that the model could read.
    fn prefixOf(self: *BlockWalker, pack: *const Pack, bytes: []const u8, script: text.Script) []const u8 {
        var segmenter: text.Segmenter = .init(bytes);
        const found = segmenter.next() orelse return &.{};
        if (found.kind != .word or segmenter.next() != null or !reads(pack, bytes, script)) return &.{};
        const window = &self.run.owner.window;
        const room = window.tokenRoom(pack.graphemes_max + 1);
        var rest: text.Graphemes = .init(bytes, script);
        const piece = takePiece(pack, &rest, room[0..pack.graphemes_max]);
        if (piece.end != null) return &.{};
        room[piece.count] = pack.separator;
        window.keepTokens(piece.count + 1);
        return room[0 .. piece.count + 1];
    }

    fn last(self: *BlockWalker) *Entry {
        const window = &self.run.owner.window;
        return &window.entries[window.count - 1];
    }

    /// Takes the reading of a written form; false when it cannot be taken.
    pub fn form(self: *BlockWalker, start: usize, end: usize, words: []const u8) Error!bool {
        const window = &self.run.owner.window;
        if (self.isCallersWord(start)) return false;
        var segmenter: text.Segmenter = .init(words);
        var count: usize = 0;
        while (segmenter.next()) |span| switch (span.kind) {
            .space => {},
            .word => {
                const index = self.run.packOfScript(span.script.?) orelse return false;
                const pack = &self.run.owner.packs[index];
                if (!reads(pack, words[span.start..span.end], span.script.?)) return false;
                // A word that is longer than the model reads at once is of several entries.
                count += 1 + (span.end - span.start) / pack.graphemes_max;
            },
            else => return false,
        };
        if (count == 0 or !window.mayAdd(count, words.len, self.block.len - end)) return false;
        const kept = window.keepSpoken(words);
        segmenter = .init(kept);
        var is_first = true;
        while (segmenter.next()) |span| {
            if (span.kind != .word) continue;
            try self.addWord(kept[span.start..span.end], span.script.?, start, .{
                .start = start,
                .end = end,
                .is_joined = !is_first,
            });
            is_first = false;
        }
        return true;
    }

    /// Whether the word that begins at a place is in the caller's lexicon, which comes first.
    fn isCallersWord(self: *BlockWalker, at: usize) bool {
        const owner = self.run.owner;
        if (owner.lexicon.count == 0) return false;
        var segmenter: text.Segmenter = .init(self.block);
        segmenter.seek(at);
        const found = segmenter.next().?;
        const script = found.script orelse return false;
        const index = self.run.packOfScript(script) orelse return false;
        const pack = &owner.packs[index];
        const word = self.block[found.start..found.end];
        if (!reads(pack, word, script)) return false;
        var tokens: [limits.graphemes_max]u8 = undefined;
        var rest: text.Graphemes = .init(word, script);
        const piece = takePiece(pack, &rest, tokens[0..pack.graphemes_max]);
        var phonemes: [limits.phonemes_max]u8 = undefined;
        return piece.end == null and callersPhonemes(owner, index, tokens[0..piece.count], &phonemes) != null;
    }

    pub fn plain(self: *BlockWalker, found: text.Span) Error!void {
        const run = self.run;
        const bytes = self.block[found.start..found.end];
        if (found.kind == .word) {
            if (run.packOfScript(found.script.?)) |index| if (reads(&run.owner.packs[index], bytes, found.script.?)) {
                return self.addWord(bytes, found.script.?, found.start, null);
            };
        }
        const is_unread = found.kind == .word or found.kind == .other or found.kind == .number;
        if (is_unread and run.options.unknown == .@"error") return run.fail(error.UnknownCharacter, self.base + found.start);
        run.owner.window.add(.{
            .kind = switch (found.kind) {
                .word, .other => .other,
                .number => .number,
                .punctuation => .punctuation,
                .space => .space,
            },
            .bytes = bytes,
            .start = self.base + found.start,
            .end = self.base + found.end,
        });
    }

    const Form = struct { start: usize, end: usize, is_joined: bool };

    /// Adds a word's pieces; all of a written form have its place.
    fn addWord(self: *BlockWalker, word: []const u8, script: text.Script, at: usize, written_form: ?Form) Error!void {
        const run = self.run;
        const window = &run.owner.window;
        const index = run.packOfScript(script).?;
        const pack = &run.owner.packs[index];
        if (run.sink != .normalized and !run.style.fits(pack)) return run.fail(error.UnsupportedFormat, self.base + at);
        var rest: text.Graphemes = .init(word, script);
        var begin: usize = 0;
        while (begin < word.len) {
            const room = window.tokenRoom(pack.graphemes_max + 1);
            const piece = takePiece(pack, &rest, room[0..pack.graphemes_max]);
            const end = piece.end orelse word.len;
            room[piece.count] = pack.separator;
            window.keepTokens(piece.count + 1);
            window.add(.{
                .kind = .word,
                .bytes = word[begin..end],
                .start = self.base + if (written_form) |f| f.start else at + begin,
                .end = self.base + if (written_form) |f| f.end else at + end,
                .is_joined = begin == 0 and written_form != null and written_form.?.is_joined,
                .is_spoken = written_form != null,
                .is_continued = begin > 0,
                .pack = index,
                .prefix = room[0 .. piece.count + 1],
            });
            const entry = self.last();
            if (begin == 0 and end == word.len) {
                var phonemes: [limits.phonemes_max]u8 = undefined;
                if (callersPhonemes(run.owner, index, entry.letters(), &phonemes)) |known| entry.say(known, .user);
            }
            begin = end;
        }
    }
};

/// What the caller's lexicon says of a word, or what follows for a possessive from its stem.
fn callersPhonemes(owner: *const Transcriber, index: u8, graphemes: []const u8, buffer: *[limits.phonemes_max]u8) ?[]const u8 {
    if (owner.lexicon.count == 0) return null;
    if (owner.lexicon.get(index, graphemes)) |phonemes| return phonemes;
    const pack = &owner.packs[index];
    const endings = &(pack.endings orelse return null);
    if (graphemes.len < relatives.stem_min + relatives.possessive.len) return null;
    const stem_len = graphemes.len - relatives.possessive.len;
    for (relatives.possessive, graphemes[stem_len..]) |letter, token| {
        if (pack.grapheme_tokens.get(letter) != token) return null;
    }
    const stem = owner.lexicon.get(index, graphemes[0..stem_len]) orelse return null;
    @memcpy(buffer[0..stem.len], stem);
    const count = endings.add(buffer[0..pack.phonemes_max], stem.len) orelse return null;
    return buffer[0..count];
}

/// Whether every letter of a word is in the pack's alphabet, and there is one.
pub fn reads(pack: *const Pack, word: []const u8, script: text.Script) bool {
    var graphemes: text.Graphemes = .init(word, script);
    var any = false;
    while (graphemes.next()) |grapheme| {
        if (pack.grapheme_tokens.get(grapheme.code_point) == null) return false;
        any = true;
    }
    return any;
}

const Piece = struct {
    count: usize,
    /// Where the piece ends in the word; null: with the word.
    end: ?usize,
};

/// The tokens of the next piece of a word. A word that is too long is cut before its last hyphen
/// or Hangul syllable that still fits, and anywhere when there is none.
pub fn takePiece(pack: *const Pack, rest: *text.Graphemes, tokens: []u8) Piece {
    var count: usize = 0;
    var cut: ?struct { rest: text.Graphemes, piece: Piece } = null;
    while (true) {
        const before = rest.*;
        const grapheme = rest.next() orelse return .{ .count = count, .end = null };
        if (count > 0 and (count == tokens.len and cut == null or beginsPiece(grapheme.code_point))) {
            cut = .{ .rest = before, .piece = .{ .count = count, .end = grapheme.start } };
        }
        if (count == tokens.len) {
            rest.* = cut.?.rest;
            return cut.?.piece;
        }
        tokens[count] = pack.grapheme_tokens.get(grapheme.code_point).?;
        count += 1;
    }
}

fn beginsPiece(code_point: u21) bool {
    return code_point == '-' or hangul.typeOf(code_point) == .leading;
}

/// Writes a call's output: words in the style asked for, the rest as the options say.
pub const TextSink = struct {
    output: *render.Output,
    ends: []usize = &.{},
    texts: usize = 0,
    state: State = .{},

    /// What the text so far leaves behind.
    pub const State = struct {
        /// Something was dropped since the last thing written.
        has_gap: bool = false,
        has_output: bool = false,
    };

    fn put(self: *TextSink, run: *const Run, entry: *const Entry) void {
        if (entry.kind == .end_of_text) return self.endText();
        const before = self.output.length;
        if (run.options.punctuation == .drop) {
            if (run.drops(entry)) {
                self.state.has_gap = true;
                return;
            }
            if (self.state.has_gap and self.state.has_output) run.partWords(self.output);
            self.state.has_gap = false;
        }
        run.write(self.output, entry);
        if (self.output.length > before) self.state.has_output = true;
    }

    /// The text with its written forms in words.
    fn putSpoken(self: *TextSink, _: *const Run, entry: *const Entry) void {
        if (entry.kind == .end_of_text) return self.endText();
        if (entry.is_joined) self.output.write(" ");
        self.output.write(entry.bytes);
    }

    fn endText(self: *TextSink) void {
        if (self.ends.len > 0) self.ends[self.texts] = self.output.length;
        self.texts += 1;
        self.state = .{};
    }
};
