//! Reads a pack (docs/PACK.md): checks every length and number, then gives views of its bytes.

const std = @import("std");
const Corrections = @import("corrections.zig").Corrections;
const entropy = @import("entropy.zig");
const Endings = @import("english/relatives.zig").Endings;
const Homographs = @import("english/homographs.zig").Homographs;
const kernels = @import("kernels.zig");
const language = @import("language.zig");
const limits = @import("limits.zig");
const sandhi = @import("korean/sandhi.zig");
const styles = @import("styles.zig");
const transformer = @import("transformer.zig");

pub const Error = error{ PackTruncated, PackCorrupt, PackNewer, PackLanguage };

pub const format_version = 2;
const magic = "KPH\x00";
const header_bytes = 32;
const section_bytes = 16;
const checksum_from = 16;
/// Added to a scale's byte: the sign and exponent of 2^-24 in bfloat16 with three bits of mantissa.
const scale_base = (127 - 24) << 3;

pub const Alphabet = styles.Alphabet;
pub const Kind = styles.Kind;
pub const Stress = styles.Stress;
pub const Phoneme = styles.Phoneme;

/// The phonemes of a Korean pack as the rules know them.
pub const Korean = struct {
    /// By token.
    phonemes: [256]sandhi.Phoneme,
    /// By phoneme.
    tokens: std.EnumArray(sandhi.Phoneme, u8),

    /// Null when the pack's phonemes are not the rules', one by one.
    fn of(phonemes: []const Phoneme) ?Korean {
        var self: Korean = .{ .phonemes = undefined, .tokens = .initFill(0) };
        for (phonemes[1..], 1..) |*phoneme, token| {
            const known = sandhi.Phoneme.fromIpa(phoneme.spelling(.ipa)) orelse return null;
            self.phonemes[token] = known;
            self.tokens.set(known, @intCast(token));
        }
        for (self.tokens.values) |token| if (token == 0) return null;
        return self;
    }
};

pub const Pack = struct {
    language: *const language.Language,
    name: []const u8,
    /// Most graphemes of a piece of a word, and most phonemes that it can become.
    graphemes_max: u32,
    phonemes_max: u32,
    model: transformer.Model,
    /// Token of the separator; the graphemes' tokens follow it.
    separator: u8,
    graphemes: []align(1) const u32,
    grapheme_tokens: GraphemeTokens,
    /// Indexed by token; the first, the end token, has no spelling.
    phonemes: []const Phoneme,
    /// Clusters of phoneme tokens that begin syllables: a length byte, then the tokens, repeated.
    onsets: []const u8,
    /// What the model gets wrong about known words (docs/CORRECTIONS.md).
    corrections: Corrections,
    /// By which a word is corrected as its relative is; null for another language than English.
    endings: ?Endings,
    /// Which of their pronunciations words have among their neighbours (docs/CONTEXT-EN.md).
    homographs: ?Homographs,
    /// For the rules of Korean; null for another language.
    korean: ?*const Korean,

    /// Reads a pack whose bytes stay where they are as long as it is used; what must be computed is
    /// allocated from `arena`.
    pub fn read(arena: std.mem.Allocator, bytes: []const u8) (Error || std.mem.Allocator.Error)!Pack {
        const sections = try Sections.find(bytes);
        var pack: Pack = undefined;
        try pack.readLanguage(sections.of(.LANG));
        try pack.readDimensions(sections.of(.DIMS));
        try pack.readGraphemes(sections.of(.GRPH));
        try pack.readPhonemes(arena, sections.of(.PHON));
        try pack.readOnsets(sections.of(.ONST));
        pack.corrections = try .read(sections.found.get(.CORR), pack.model.outputs);
        pack.endings = if (pack.language.script == .latin) .of(pack.phonemes) else null;
        pack.homographs = if (sections.found.get(.HOMO)) |section| try .read(arena, section, pack.model.outputs) else null;
        pack.korean = null;
        if (pack.language.script == .hangul) if (Korean.of(pack.phonemes)) |korean| {
            const kept = try arena.create(Korean);
            kept.* = korean;
            pack.korean = kept;
        };
        try pack.readWeights(arena, sections.of(.WGHT));
        try pack.readRope(arena, sections.of(.ROPE));
        return pack;
    }

    pub fn hasAlphabet(self: *const Pack, alphabet: Alphabet) bool {
        return self.phonemes[1].spelling(alphabet).len > 0;
    }

    /// The letter of a grapheme's token.
    pub fn grapheme(self: *const Pack, token: u8) u21 {
        return @intCast(std.mem.littleToNative(u32, self.graphemes[token - self.separator - 1]));
    }

    /// The token of a phoneme in ARPAbet, with the digit of a vowel's stress.
    pub fn arpabetToken(self: *const Pack, name: []const u8) ?u8 {
        const stress: Stress = switch (name[name.len - 1]) {
            '1' => .primary,
            '2' => .secondary,
            else => .none,
        };
        const letters = std.mem.trimEnd(u8, name, "012");
        for (self.phonemes[1..], 1..) |*phoneme, token| {
            if (phoneme.stress == stress and std.mem.eql(u8, phoneme.spelling(.arpabet), letters)) return @intCast(token);
        }
        return null;
    }

    /// Whether these phonemes can begin a syllable.
    pub fn isOnset(self: *const Pack, phonemes: []const u8) bool {
        var rest = self.onsets;
        while (rest.len > 0) {
            const cluster = rest[1..][0..rest[0]];
            if (std.mem.eql(u8, cluster, phonemes)) return true;
            rest = rest[1 + rest[0] ..];
        }
        return false;
    }

    fn readLanguage(self: *Pack, section: []const u8) Error!void {
        var reader: Reader = .{ .rest = section };
        const tag = try reader.string();
        self.name = try reader.string();
        try reader.end();
        self.language = language.byTag(tag) orelse return error.PackLanguage;
    }

    fn readDimensions(self: *Pack, section: []const u8) Error!void {
        var reader: Reader = .{ .rest = section };
        const dim = try reader.numberUpTo(limits.dim_max);
        const layers = try reader.numberUpTo(limits.layers_max);
        const heads = try reader.numberUpTo(limits.dim_max);
        const ffn = try reader.numberUpTo(limits.dim_max);
        const vocabulary = try reader.numberUpTo(limits.vocabulary_max);
        const outputs = try reader.numberUpTo(limits.vocabulary_max);
        self.graphemes_max = try reader.numberUpTo(limits.graphemes_max);
        self.phonemes_max = try reader.numberUpTo(limits.phonemes_max);
        const epsilon: f32 = @bitCast(try reader.number());
        try reader.end();
        const shape_holds = dim % 16 == 0 and ffn % 16 == 0 and dim % heads == 0 and
            (dim / heads) % 16 == 0 and 2 * ffn <= limits.dim_max and 3 * dim <= limits.dim_max and
            outputs >= 2 and outputs + 1 < vocabulary;
        if (!shape_holds or !(epsilon >= 0 and epsilon < 1)) return error.PackCorrupt;
        self.separator = @intCast(outputs);
        self.model.dim = dim;
        self.model.layer_count = layers;
        self.model.heads = heads;
        self.model.ffn = ffn;
        self.model.vocabulary = vocabulary;
        self.model.outputs = outputs;
        self.model.positions = self.graphemes_max + 1 + self.phonemes_max;
        self.model.norm_epsilon = epsilon;
    }

    fn readGraphemes(self: *Pack, section: []const u8) Error!void {
        if (section.len != 4 * (self.model.vocabulary - self.model.outputs - 1)) return error.PackCorrupt;
        self.graphemes = @ptrCast(section);
        self.grapheme_tokens = .empty;
        for (self.graphemes, self.separator + 1..) |code_point, token| {
            const value = std.mem.littleToNative(u32, code_point);
            if (value == 0 or value > 0x10FFFF or self.grapheme_tokens.get(@intCast(value)) != null) return error.PackCorrupt;
            self.grapheme_tokens.put(@intCast(value), @intCast(token));
        }
    }

    fn readPhonemes(self: *Pack, arena: std.mem.Allocator, section: []const u8) !void {
        var reader: Reader = .{ .rest = section };
        const given = try reader.byte();
        // The place of each alphabet given among those that the core knows.
        var places: [255]?Alphabet = undefined;
        for (places[0..given]) |*place| place.* = std.meta.stringToEnum(Alphabet, try reader.string());
        const phonemes = try arena.alloc(Phoneme, self.model.outputs);
        phonemes[0] = .{ .kind = .consonant, .stress = .none, .spellings = @splat("") };
        for (phonemes[1..]) |*phoneme| {
            phoneme.kind = std.enums.fromInt(Kind, try reader.byte()) orelse return error.PackCorrupt;
            phoneme.stress = std.enums.fromInt(Stress, try reader.byte()) orelse return error.PackCorrupt;
            phoneme.spellings = @splat("");
            for (places[0..given]) |place| {
                const spelling = try reader.string();
                if (spelling.len == 0 or !std.unicode.utf8ValidateSlice(spelling)) return error.PackCorrupt;
                if (place) |alphabet| phoneme.spellings[@backingInt(alphabet)] = spelling;
            }
        }
        try reader.end();
        self.phonemes = phonemes;
        if (!self.hasAlphabet(.ipa)) return error.PackCorrupt;
    }

    fn readOnsets(self: *Pack, section: []const u8) Error!void {
        var reader: Reader = .{ .rest = section };
        const count = try reader.number();
        self.onsets = reader.rest;
        for (0..count) |_| {
            const cluster = try reader.string();
            if (cluster.len == 0) return error.PackCorrupt;
            for (cluster) |token| if (token == 0 or token >= self.model.outputs) return error.PackCorrupt;
        }
        try reader.end();
    }

    fn readWeights(self: *Pack, arena: std.mem.Allocator, section: []const u8) !void {
        var reader: Reader = .{ .rest = section };
        const model = &self.model;
        const dim = model.dim;
        const table = try reader.tensor(@as(usize, model.vocabulary) * dim);
        model.embedding = .{
            .values = @ptrCast(table.ptr),
            .scales = try reader.scales(arena, model.vocabulary * kernels.groupCount(dim)),
            .inputs = dim,
        };
        const layers = model.layers[0..model.layer_count];
        for (layers) |*layer| {
            layer.attention_norm = try reader.halves(dim);
            layer.qkv = try reader.matrix(arena, 3 * dim, dim);
            layer.out = try reader.matrix(arena, dim, dim);
            layer.ffn_norm = try reader.halves(dim);
            layer.gate_up = try reader.matrix(arena, 2 * model.ffn, dim);
            layer.down = try reader.matrix(arena, dim, model.ffn);
        }
        model.final_norm = try reader.halves(dim);
        var symbols: entropy.Decoder = try .init(reader.rest);
        for (layers) |*layer| {
            inline for (.{ "qkv", "out", "gate_up", "down" }) |name| {
                const matrix = &@field(layer, name);
                const tiles = try arena.alignedAlloc(u8, .@"64", @as(usize, matrix.rows) * matrix.inputs / 2);
                for (tiles) |*byte| {
                    const low = try symbols.next();
                    byte.* = low | try symbols.next() << 4;
                }
                matrix.tiles = tiles.ptr;
            }
        }
        try symbols.end();
    }

    /// RoPE's tables by repeated rotation in binary64.
    fn readRope(self: *Pack, arena: std.mem.Allocator, section: []const u8) !void {
        const half = self.model.headDim() / 2;
        if (section.len != half * 16) return error.PackCorrupt;
        const table_positions = @max(self.graphemes_max, self.phonemes_max) + 1;
        const cos = try arena.alloc(f32, table_positions * half);
        const sin = try arena.alloc(f32, table_positions * half);
        for (0..half) |i| {
            const c: f64 = @bitCast(std.mem.readInt(u64, section[16 * i ..][0..8], .little));
            const s: f64 = @bitCast(std.mem.readInt(u64, section[16 * i + 8 ..][0..8], .little));
            var x: f64 = 1;
            var y: f64 = 0;
            for (0..table_positions) |position| {
                cos[position * half + i] = @floatCast(x);
                sin[position * half + i] = @floatCast(y);
                const next = x * c - y * s;
                y = y * c + x * s;
                x = next;
            }
        }
        self.model.cos = cos.ptr;
        self.model.sin = sin.ptr;
    }
};

/// Code point → token, by open addressing.
const GraphemeTokens = struct {
    const capacity = 512;
    keys: [capacity]u21,
    tokens: [capacity]u8,

    const empty: GraphemeTokens = .{ .keys = @splat(0), .tokens = @splat(0) };

    fn slot(self: *const GraphemeTokens, code_point: u21) usize {
        var at: usize = (@as(u32, code_point) *% 0x9E3779B1) >> 23;
        while (self.keys[at] != 0 and self.keys[at] != code_point) at = (at + 1) % capacity;
        return at;
    }

    fn put(self: *GraphemeTokens, code_point: u21, token: u8) void {
        const at = self.slot(code_point);
        self.keys[at] = code_point;
        self.tokens[at] = token;
    }

    /// Null for code point 0, which is no grapheme.
    pub fn get(self: *const GraphemeTokens, code_point: u21) ?u8 {
        const at = self.slot(code_point);
        return if (self.keys[at] == 0) null else self.tokens[at];
    }

    comptime {
        std.debug.assert(capacity > 2 * limits.vocabulary_max);
        std.debug.assert(capacity == 1 << (32 - 23));
    }
};

/// The sections that the core knows; it does not look into PROV.
const Sections = struct {
    const Tag = enum { LANG, DIMS, ROPE, GRPH, PHON, ONST, WGHT, PROV, CORR, HOMO };
    const optional: std.EnumSet(Tag) = .initMany(&.{ .CORR, .HOMO });
    found: std.EnumArray(Tag, ?[]const u8),

    fn find(bytes: []const u8) Error!Sections {
        if (bytes.len < header_bytes) {
            const start = bytes[0..@min(bytes.len, magic.len)];
            return if (std.mem.startsWith(u8, magic, start)) error.PackTruncated else error.PackCorrupt;
        }
        if (!std.mem.eql(u8, bytes[0..4], magic)) return error.PackCorrupt;
        const version = readU32(bytes, 4);
        if (version > format_version) return error.PackNewer;
        if (version != format_version) return error.PackCorrupt;
        const total = readU32(bytes, 8);
        if (bytes.len < total) return error.PackTruncated;
        if (bytes.len > total or total < header_bytes) return error.PackCorrupt;
        if (std.hash.Crc32.hash(bytes[checksum_from..]) != readU32(bytes, 12)) return error.PackCorrupt;
        const count = readU32(bytes, 16);
        if (count > (bytes.len - header_bytes) / section_bytes) return error.PackCorrupt;
        var sections: Sections = .{ .found = .initFill(null) };
        for (0..count) |i| {
            const entry = bytes[header_bytes + i * section_bytes ..][0..section_bytes];
            const offset = readU32(entry, 4);
            const length = readU32(entry, 8);
            if (offset % 16 != 0 or offset > bytes.len or length > bytes.len - offset) return error.PackCorrupt;
            const tag = std.meta.stringToEnum(Tag, entry[0..4]) orelse continue;
            if (sections.found.get(tag) != null) return error.PackCorrupt;
            sections.found.set(tag, bytes[offset..][0..length]);
        }
        for (std.enums.values(Tag)) |tag| {
            if (sections.found.get(tag) == null and !optional.contains(tag)) return error.PackCorrupt;
        }
        return sections;
    }

    fn of(self: *const Sections, tag: Tag) []const u8 {
        return self.found.get(tag).?;
    }
};

fn readU32(bytes: []const u8, at: usize) u32 {
    return std.mem.readInt(u32, bytes[at..][0..4], .little);
}

/// Takes a section apart from front to back.
const Reader = struct {
    rest: []const u8,

    fn take(self: *Reader, count: usize) Error![]const u8 {
        if (count > self.rest.len) return error.PackCorrupt;
        defer self.rest = self.rest[count..];
        return self.rest[0..count];
    }

    fn byte(self: *Reader) Error!u8 {
        return (try self.take(1))[0];
    }

    fn number(self: *Reader) Error!u32 {
        return readU32(try self.take(4), 0);
    }

    /// A number from 1 to `largest`.
    fn numberUpTo(self: *Reader, largest: u32) Error!u32 {
        const value = try self.number();
        return if (value >= 1 and value <= largest) value else error.PackCorrupt;
    }

    fn string(self: *Reader) Error![]const u8 {
        return self.take(try self.byte());
    }

    fn tensor(self: *Reader, bytes: usize) Error![]const u8 {
        return (try self.take(std.mem.alignForward(usize, bytes, 16)))[0..bytes];
    }

    fn halves(self: *Reader, count: usize) Error![*]align(1) const u16 {
        return @ptrCast((try self.tensor(2 * count)).ptr);
    }

    /// Scales of one byte each, as bfloat16.
    fn scales(self: *Reader, arena: std.mem.Allocator, count: usize) ![*]const u16 {
        const halves_of = try arena.alloc(u16, count);
        for (halves_of, try self.tensor(count)) |*half, code| half.* = (@as(u16, scale_base) + code) << 4;
        return halves_of.ptr;
    }

    /// A matrix whose values are not read yet.
    fn matrix(self: *Reader, arena: std.mem.Allocator, rows: u32, inputs: u32) !kernels.Matrix {
        return .{
            .tiles = undefined,
            .scales = try self.scales(arena, rows * kernels.groupCount(inputs)),
            .rows = rows,
            .inputs = inputs,
        };
    }

    fn end(self: *Reader) Error!void {
        if (self.rest.len != 0) return error.PackCorrupt;
    }
};
