//! What the neighbours of a word do to it, block by block: names of letters, homographs and weak
//! forms in English, sandhi in Korean.

const std = @import("std");
const decode = @import("decode.zig");
const homographs = @import("english/homographs.zig");
const letter_names = @import("english/letters.zig");
const limits = @import("limits.zig");
const packs = @import("pack.zig");
const sandhi = @import("korean/sandhi.zig");
const text = @import("text.zig");
const weak_forms = @import("english/weak_forms.zig");
const windows = @import("window.zig");

const Entry = windows.Entry;
const Pack = packs.Pack;

pub const Rules = struct { homographs: bool, weak_forms: bool, sandhi: bool };

/// Applies the rules to the words of one block, all of which have been read.
pub fn apply(all: []const Pack, entries: []Entry, rules: Rules) void {
    for (entries, 0..) |*entry, i| {
        if (entry.kind != .word or entry.source == .user) continue;
        const pack = &all[entry.pack];
        if (pack.language.script != .latin) continue;
        if (nameOfLetter(pack, entries, i)) continue;
        if (rules.homographs and chooseHomograph(all, entries, i)) continue;
        chooseForm(all, entries, i, rules.weak_forms);
    }
    if (rules.sandhi) joinWords(all, entries);
}

// Phrases: words with nothing but white space between them.

/// The word of the same phrase after that of an index; null when it is the last. A line break ends
/// a phrase.
pub fn nextInPhrase(entries: []const Entry, index: usize) ?usize {
    var at = index + 1;
    while (at < entries.len) : (at += 1) switch (entries[at].kind) {
        .word => return at,
        .space => if (text.hasLineBreak(entries[at].bytes)) return null,
        else => return null,
    };
    return null;
}

/// The word of the same phrase before that of an index; null when it is the first.
pub fn previousInPhrase(entries: []const Entry, index: usize) ?usize {
    var at = index;
    while (at > 0) {
        at -= 1;
        switch (entries[at].kind) {
            .word => return at,
            .space => if (text.hasLineBreak(entries[at].bytes)) return null,
            else => return null,
        }
    }
    return null;
}

// English.

fn isCapital(entry: *const Entry) bool {
    return entry.bytes.len > 0 and std.ascii.isUpper(entry.bytes[0]);
}

/// Letters of a word as the model reads them; none of one that is too long for a rule.
const LetterBuffer = [32]u8;

fn lettersOf(pack: *const Pack, entry: *const Entry, buffer: *LetterBuffer) []const u8 {
    const tokens = entry.letters();
    if (tokens.len > buffer.len) return "";
    for (tokens, buffer[0..tokens.len]) |token, *letter| {
        letter.* = std.math.cast(u8, pack.grapheme(token)) orelse return "";
    }
    return buffer[0..tokens.len];
}

/// Makes a word of one letter its name.
fn nameOfLetter(pack: *const Pack, entries: []Entry, index: usize) bool {
    const entry = &entries[index];
    const letter = singleLetter(entry) orelse return false;
    const is_name = entry.is_spoken or letter_names.isName(letter.letter, isCapital(entry), isBesideLetter(entries, index));
    if (!is_name or letter.is_possessive and !isCapital(entry)) return false;
    const end = if (letter.is_possessive) letter_names.ending(letter.letter) else "";
    return sayArpabet(pack, entry, &.{ letter_names.letterName(letter.letter), end });
}

const Letter = struct { letter: u8, is_possessive: bool };

/// The letter of a word like `F` or `F's`; only capitals and words of one letter are such.
fn singleLetter(entry: *const Entry) ?Letter {
    const bytes = entry.bytes;
    if (bytes.len == 0 or !std.ascii.isAlphabetic(bytes[0])) return null;
    const is_possessive = bytes.len > 1;
    if (is_possessive and !std.mem.eql(u8, bytes[1..], "'s") and !std.mem.eql(u8, bytes[1..], "’s")) return null;
    return .{ .letter = std.ascii.toLower(bytes[0]), .is_possessive = is_possessive };
}

fn isBesideLetter(entries: []const Entry, index: usize) bool {
    for ([_]?usize{ previousInPhrase(entries, index), nextInPhrase(entries, index) }) |neighbour| {
        const other = &entries[neighbour orelse continue];
        if (isCapital(other) and singleLetter(other) != null) return true;
    }
    return false;
}

fn sayArpabet(pack: *const Pack, entry: *Entry, spellings: []const []const u8) bool {
    var tokens: [limits.phonemes_max]u8 = undefined;
    var count: usize = 0;
    for (spellings) |spelling| {
        var names = std.mem.tokenizeScalar(u8, spelling, ' ');
        while (names.next()) |name| : (count += 1) {
            tokens[count] = pack.arpabetToken(name) orelse return false;
        }
    }
    entry.say(tokens[0..count], .rule);
    return true;
}

/// Says a homograph as its neighbours want it.
fn chooseHomograph(all: []const Pack, entries: []Entry, index: usize) bool {
    const pack = &all[entries[index].pack];
    const known = &(pack.homographs orelse return false);
    const entry = &entries[index];
    var buffer: LetterBuffer = undefined;
    const found = known.find(lettersOf(pack, entry, &buffer)) orelse return false;
    var neighbourhood: Neighbourhood = .{};
    const at = neighbourhood.around(all, entries, index);
    if (neighbourhood.count == 1) return false; // alone: as the dictionary has it
    const phonemes = known.pronunciation(found, known.choose(found, neighbourhood.words[0..neighbourhood.count], at));
    if (phonemes.len == 0) return false;
    entry.say(phonemes, .rule);
    return true;
}

/// The words around a word as the classifier sees them.
const Neighbourhood = struct {
    words: [capacity]homographs.Neighbour = undefined,
    letters: [capacity]LetterBuffer = undefined,
    count: usize = 0,

    /// Words on each side; a word has as many parts as fit in its letters.
    const reach = 4;
    const capacity = reach * (1 + @sizeOf(LetterBuffer) / 2) + 1 + reach;

    /// Gathers the neighbours of a word; returns which of `words` it is.
    fn around(self: *Neighbourhood, all: []const Pack, entries: []const Entry, index: usize) usize {
        var first = index;
        var found: usize = 0;
        while (first > 0 and found < reach) {
            first -= 1;
            found += @intFromBool(isWord(&entries[first]));
        }
        var at: usize = 0;
        var before: Separation = .{};
        for (entries[0..first]) |*entry| before.pass(entry);
        for (entries[first..], first..) |*entry, i| {
            if (self.count == self.words.len) break;
            if (i == index) at = self.count;
            if (isWord(entry)) {
                self.addParts(all, entry, before.kind());
                before = .{};
            } else before.pass(entry);
        }
        return at;
    }

    /// Of a written form the first word stands for all.
    fn isWord(entry: *const Entry) bool {
        return switch (entry.kind) {
            .word => !entry.is_joined and !entry.is_continued,
            .number => true,
            else => false,
        };
    }

    /// Adds a word, or what stands between its hyphens.
    fn addParts(self: *Neighbourhood, all: []const Pack, entry: *const Entry, before: homographs.Before) void {
        var buffer: LetterBuffer = undefined;
        const is_latin = entry.kind == .word and !entry.is_spoken and all[entry.pack].language.script == .latin;
        const letters = if (is_latin) lettersOf(&all[entry.pack], entry, &buffer) else "";
        var parts = std.mem.tokenizeScalar(u8, letters, '-');
        var part = parts.next() orelse "0";
        var separation = before;
        while (self.count < self.words.len) {
            const kept = self.letters[self.count][0..part.len];
            @memcpy(kept, part);
            self.words[self.count] = .{
                .letters = kept,
                .capital = isCapital(entry) and separation != .hyphen,
                .capitals = entry.bytes.len > 1 and isAllCapitals(entry.bytes),
                .before = separation,
            };
            self.count += 1;
            part = parts.next() orelse return;
            separation = .hyphen;
        }
    }

    fn isAllCapitals(word: []const u8) bool {
        for (word) |byte| if (std.ascii.isLower(byte)) return false;
        return true;
    }
};

/// What stands between two words, without white space at its ends.
const Separation = struct {
    /// Characters that are not blank, and what they are.
    count: usize = 0,
    has_hyphen: bool = false,
    has_stop: bool = false,
    has_open: bool = false,
    has_comma: bool = false,

    fn pass(self: *Separation, entry: *const Entry) void {
        if (entry.kind != .punctuation and entry.kind != .other) return;
        var at: usize = 0;
        while (at < entry.bytes.len) {
            const next = text.decode(entry.bytes, at);
            at = next.end;
            self.count += 1;
            switch (next.code_point) {
                '-', 0x2010, 0x2011 => self.has_hyphen = true,
                '.', '!', '?', 0x2026 => self.has_stop = true,
                '(', '[', '{', '"', '\'', 0x201C, 0x2018 => self.has_open = true,
                ',' => self.has_comma = true,
                else => {},
            }
        }
    }

    fn kind(self: Separation) homographs.Before {
        if (self.count == 0) return .none;
        if (self.count == 1 and self.has_hyphen) return .hyphen;
        if (self.has_stop) return .stop;
        if (self.has_open) return .open;
        return if (self.has_comma) .comma else .other;
    }
};

/// Gives a function word its weak or its strong form. A word that is a phrase by itself stays as the
/// dictionary has it, when weak forms are wanted at all.
fn chooseForm(all: []const Pack, entries: []Entry, index: usize, is_weak_wanted: bool) void {
    const entry = &entries[index];
    const pack = &all[entry.pack];
    var buffer: LetterBuffer = undefined;
    const letters = lettersOf(pack, entry, &buffer);
    var context: weak_forms.Context = .{ .is_capital = isCapital(entry) };
    var previous_buffer: LetterBuffer = undefined;
    var next_buffer: LetterBuffer = undefined;
    if (is_weak_wanted) {
        const previous = previousInPhrase(entries, index);
        const next = nextInPhrase(entries, index);
        if (previous == null and next == null) return;
        if (previous) |i| context.previous = lettersOrMark(&all[entries[i].pack], &entries[i], &previous_buffer);
        if (next) |i| {
            const other = &entries[i];
            context.next = lettersOrMark(&all[other.pack], other, &next_buffer);
            context.next_is_capital = isCapital(other);
            context.next_is_vowel = other.count > 0 and all[other.pack].phonemes[other.phonemes[0]].kind == .vowel;
        }
    }
    const choice = weak_forms.choose(letters, context) orelse return;
    _ = sayArpabet(pack, entry, &.{weak_forms.entries[choice.entry].spelling(choice.form)});
}

/// Letters of a neighbour; of one that has none in Latin something that is no word.
fn lettersOrMark(pack: *const Pack, entry: *const Entry, buffer: *LetterBuffer) []const u8 {
    const letters = lettersOf(pack, entry, buffer);
    return if (letters.len > 0) letters else "0";
}

// Korean.

fn joinWords(all: []const Pack, entries: []Entry) void {
    for (entries, 0..) |*left, i| {
        if (left.kind != .word or left.source == .user) continue;
        const korean = all[left.pack].korean orelse continue;
        const right = &entries[nextInPhrase(entries, i) orelse continue];
        if (right.pack != left.pack or right.source == .user or right.is_continued) continue;
        var left_word: Spoken = .{};
        var right_word: Spoken = .{};
        var l = left_word.of(&all[left.pack], korean, left);
        var r = right_word.of(&all[right.pack], korean, right);
        sandhi.join(&l, &r);
        left_word.put(korean, &l, left);
        right_word.put(korean, &r, right);
    }
}

/// A word in the terms of `sandhi.zig`.
const Spoken = struct {
    phonemes: [limits.phonemes_max + 1]sandhi.Phoneme = undefined,
    letters: [limits.graphemes_max]u21 = undefined,

    fn of(self: *Spoken, pack: *const Pack, korean: *const packs.Korean, entry: *Entry) sandhi.Word {
        for (entry.said(), self.phonemes[0..entry.count]) |token, *phoneme| phoneme.* = korean.phonemes[token];
        const tokens = entry.letters();
        for (tokens, self.letters[0..tokens.len]) |token, *letter| letter.* = pack.grapheme(token);
        return .{
            .phonemes = self.phonemes[0..entry.phonemes.len],
            .spans = @ptrCast(entry.spans),
            .count = entry.count,
            .letters = self.letters[0..tokens.len],
        };
    }

    fn put(self: *const Spoken, korean: *const packs.Korean, word: *const sandhi.Word, entry: *Entry) void {
        entry.count = @intCast(word.count);
        for (self.phonemes[0..word.count], entry.said()) |phoneme, *token| token.* = korean.tokens.get(phoneme);
    }
};
