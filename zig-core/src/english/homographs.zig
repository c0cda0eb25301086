//! Which of its two pronunciations a homograph has among its neighbours (docs/CONTEXT-EN.md): sums
//! the weights of the features that its context has. Integers only.

const std = @import("std");

/// What stands between the word before and a word.
pub const Before = enum(u8) { none, comma, stop, open, hyphen, other };

/// A word of a text block. Words with hyphens are given in parts.
pub const Neighbour = struct {
    /// a–z, apostrophes and full stops; `0` for a number, or for what has no such letters.
    letters: []const u8,
    /// Its first letter is a capital.
    capital: bool = false,
    /// It has two letters or more, and all are capitals.
    capitals: bool = false,
    before: Before = .none,
};

const version = 1;
const key_bits = 18;
const level_count = 8;
const header_bytes = 14;

pub const Homographs = struct {
    pub const Index = u16;

    count: Index,
    /// A run of 32 bits for each homograph, ascending.
    fingerprints: []const u8,
    /// The bias of the second pronunciation in half steps; bit 0: the common weights count too.
    biases: []const u8,
    /// How many phonemes the first pronunciation has, and the second (high nibble).
    lengths: []const u8,
    phonemes: []const u8,
    /// Ascending by key.
    weights: []const Weight,

    /// Reads a section whose bytes stay where they are; phonemes are tokens from 1 below `outputs`.
    pub fn read(arena: std.mem.Allocator, section: []const u8, outputs: u32) error{ PackCorrupt, OutOfMemory }!Homographs {
        if (section.len < header_bytes or section[0] != version) return error.PackCorrupt;
        const count = std.mem.readInt(u16, section[10..12], .little);
        const tables = header_bytes + 6 * @as(usize, count);
        if (section[9] > 15 or section.len < tables) return error.PackCorrupt;
        var self: Homographs = .{
            .count = count,
            .fingerprints = section[header_bytes..][0 .. 4 * @as(usize, count)],
            .biases = section[header_bytes + 4 * @as(usize, count) ..][0..count],
            .lengths = section[header_bytes + 5 * @as(usize, count) ..][0..count],
            .phonemes = undefined,
            .weights = undefined,
        };
        var total: usize = 0;
        for (self.lengths) |length| total += (length & 15) + (length >> 4);
        if (section.len - tables < total) return error.PackCorrupt;
        self.phonemes = section[tables..][0..total];
        for (self.phonemes) |token| if (token == 0 or token >= outputs) return error.PackCorrupt;
        for (1..@max(count, 1)) |i| {
            if (self.fingerprint(i - 1) >= self.fingerprint(i)) return error.PackCorrupt;
        }
        const weights = try arena.alloc(Weight, std.mem.readInt(u16, section[12..14], .little));
        var stream: Stream = .{ .bytes = section[tables + total ..], .levels = section[1..9], .rice = @intCast(section[9]) };
        for (weights) |*weight| weight.* = try stream.next();
        if ((stream.bit + 7) / 8 != stream.bytes.len) return error.PackCorrupt;
        self.weights = weights;
        return self;
    }

    /// The homograph that these letters of a word are.
    pub fn find(self: *const Homographs, letters: []const u8) ?Index {
        const wanted = fnv(letters);
        var low: usize = 0;
        var high: usize = self.count;
        while (low < high) {
            const middle = (low + high) / 2;
            const found = self.fingerprint(middle);
            if (found == wanted) return @intCast(middle);
            if (found < wanted) low = middle + 1 else high = middle;
        }
        return null;
    }

    /// The pronunciation, 0 or 1, of the homograph `words[at]`.
    pub fn choose(self: *const Homographs, index: Index, words: []const Neighbour, at: usize) u1 {
        const bias = self.biases[index];
        var buffer: [own_templates + templates.len]u32 = undefined;
        const keys = featureKeys(&buffer, &slotValues(words, at), self.fingerprint(index), bias & 1 != 0);
        var score: i32 = @as(i8, @bitCast(bias & 0xFE));
        for (keys) |key| {
            const place = std.sort.lowerBound(Weight, self.weights, key, Weight.order);
            if (place < self.weights.len and self.weights[place].key == key) score += 2 * @as(i32, self.weights[place].steps);
        }
        return @intFromBool(score > 0);
    }

    /// Phoneme tokens of a pronunciation; none: the word's own, as it has it alone.
    pub fn pronunciation(self: *const Homographs, index: Index, choice: u1) []const u8 {
        var start: usize = 0;
        for (self.lengths[0..index]) |length| start += (length & 15) + (length >> 4);
        const length = self.lengths[index];
        if (choice == 0) return self.phonemes[start..][0 .. length & 15];
        return self.phonemes[start + (length & 15) ..][0 .. length >> 4];
    }

    fn fingerprint(self: *const Homographs, index: usize) u32 {
        return std.mem.readInt(u32, self.fingerprints[4 * index ..][0..4], .little);
    }
};

/// What a feature adds to the score, in whole steps.
const Weight = packed struct(u32) {
    key: @Int(.unsigned, key_bits),
    steps: @Int(.signed, 32 - key_bits),

    fn order(key: u32, weight: Weight) std.math.Order {
        return std.math.order(key, weight.key);
    }
};

/// The weights as they are stored, in the order of their keys: each the Rice-coded gap after the key
/// before, three bits of size and the sign.
const Stream = struct {
    bytes: []const u8,
    levels: *const [level_count]u8,
    rice: u4,
    bit: usize = 0,
    /// The lowest key that can come.
    low: u32 = 0,

    noinline fn next(self: *Stream) error{PackCorrupt}!Weight {
        var key = self.low;
        while (try self.take(1) != 0) {
            key += @as(u32, 1) << self.rice;
            if (key >= 1 << key_bits) return error.PackCorrupt;
        }
        key += try self.take(self.rice);
        if (key >= 1 << key_bits) return error.PackCorrupt;
        self.low = key + 1;
        const size: @FieldType(Weight, "steps") = self.levels[try self.take(3)];
        return .{ .key = @intCast(key), .steps = if (try self.take(1) != 0) -size else size };
    }

    noinline fn take(self: *Stream, bits: u32) error{PackCorrupt}!u32 {
        var value: u32 = 0;
        for (0..bits) |i| {
            if (self.bit / 8 >= self.bytes.len) return error.PackCorrupt;
            const byte = self.bytes[self.bit / 8];
            value |= @as(u32, byte >> @intCast(self.bit % 8) & 1) << @intCast(i);
            self.bit += 1;
        }
        return value;
    }
};

// Values of a context: six kinds of them for the words at −3, −2, −1, +1, +2 and +3, then what
// stands before the word and before the next, and how the word itself is written.
const reach = 3;
const places = 2 * reach;
const kinds = "wctuvk"; // word, class, tag, three last letters, two last letters, capitals
const before_slot = kinds.len * places;
const after_slot = before_slot + 1;
const self_slot = before_slot + 2;
const slot_count = before_slot + 3;

/// `Before` where there is no word.
const no_word = @typeInfo(Before).@"enum".field_names.len;

fn slotValues(words: []const Neighbour, at: usize) [slot_count]u32 {
    var values: [slot_count]u32 = undefined;
    var found: [places]?*const Neighbour = @splat(null);
    var i = at;
    for (0..reach) |distance| {
        if (i == 0 or beginsSentence(&words[i])) break;
        i -= 1;
        found[reach - 1 - distance] = &words[i];
    }
    i = at;
    for (0..reach) |distance| {
        i += 1;
        if (i >= words.len or beginsSentence(&words[i])) break;
        found[reach + distance] = &words[i];
    }
    for (found, 0..) |neighbour, place| {
        const letters = if (neighbour) |word| word.letters else "";
        const is_capital = if (neighbour) |word| word.capital else false;
        const closed = closedTag(letters);
        const tag: u32 = closed orelse openTag(letters, is_capital);
        const word = fnv(letters);
        values[place] = word;
        values[places + place] = if (closed == null) tag else word;
        values[2 * places + place] = tag;
        values[3 * places + place] = fnv(letters[letters.len -| 3..]);
        values[4 * places + place] = fnv(letters[letters.len -| 2..]);
        values[5 * places + place] = if (neighbour) |other| capitals(other) else 0;
    }
    const is_first = found[reach - 1] == null;
    values[before_slot] = if (is_first) no_word else @backingInt(words[at].before);
    values[after_slot] = if (found[reach]) |word| @backingInt(word.before) else no_word;
    values[self_slot] = capitals(&words[at]) + 4 * @as(u32, @intFromBool(is_first));
    return values;
}

fn beginsSentence(word: *const Neighbour) bool {
    return word.before == .stop and word.capital;
}

fn capitals(word: *const Neighbour) u32 {
    return @as(u32, @intFromBool(word.capital)) + 2 * @as(u32, @intFromBool(word.capitals));
}

const closed_words = [_][]const u8{
    "Da an the this that these those every each another no any some both all either neither",
    "Pmy your his her its our their whose 's",
    "Iof in on at by for with from into onto upon about as after before between through during " ++
        "against under over within without toward towards among across along near than via until " ++
        "since like off per",
    "Tto",
    "Si he she it we they you who which there",
    "Ome him us them himself themselves itself",
    "Cand or but nor",
    "Bis was are were be been being am",
    "Hhas have had having",
    "Fdo does did",
    "Mwill would can could may might shall should must cannot won't don't didn't doesn't " ++
        "wouldn't couldn't can't",
    "Nnot also then often never always only even",
    "Wif because while when where although though so what how",
    "Amore most very too less such other same own",
};

/// The tag of a word of the closed classes.
fn closedTag(letters: []const u8) ?u8 {
    if (letters.len == 0) return null;
    for (closed_words) |list| {
        var words = std.mem.splitScalar(u8, list[1..], ' ');
        while (words.next()) |word| if (std.mem.eql(u8, word, letters)) return list[0];
    }
    return null;
}

/// Endings of other words, each with its tag; the first that fits counts.
const endings = "lyl edd ingg 'sP ousj nessn ssx usx isx ss alj icj ivej fulj blej aryj anj ishj " ++
    "ionn mentn ityn istn ern orn ismn ncen";

fn openTag(letters: []const u8, is_capital: bool) u8 {
    if (letters.len == 0) return '$';
    if (std.mem.eql(u8, letters, "0")) return '0';
    var tag: u8 = 'x';
    if (letters.len > 3) {
        var pairs = std.mem.splitScalar(u8, endings, ' ');
        while (pairs.next()) |pair| if (std.mem.endsWith(u8, letters, pair[0 .. pair.len - 1])) {
            tag = pair[pair.len - 1];
            break;
        };
    }
    return if (is_capital) tag | 0x80 else tag;
}

const own = "w-3 w-2 w-1 w+1 w+2 w+3 t-3 t-2 t-1 t+1 t+2 t+3 u-2 u-1 u+1 u+2 v-2 v-1 v+1 v+2 k-2 k-1 " ++
    "k+1 k+2 b a ba s";
const common = "w-2w-1 w-1w+1 w+1w+2 c-2c-1 c-1c+1 c+1c+2 c-2c-1c+1 c-1c+1c+2 c-3c-2c-1 c-1a bc+1 t-2t-1 " ++
    "t-1t+1 t+1t+2 t-3t-2t-1 t-2t-1t+1 t-1t+1t+2 t-2t-1t+1t+2";
const own_templates = std.mem.countScalar(u8, own, ' ') + 1;

/// The slots of a feature, up to four; `slot_count` fills up.
const Template = [4]u8;

/// The features: `w-2w-1` is the two words before, `b`, `a` and `s` the last three slots. The first
/// `own_templates` have weights of the homograph's own, too.
const templates = table: {
    @setEvalBranchQuota(10_000);
    var found: [own_templates + std.mem.countScalar(u8, common, ' ') + 1]Template = @splat(@splat(slot_count));
    var at: usize = 0;
    var used: usize = 0;
    var text: []const u8 = own ++ " " ++ common;
    while (text.len > 0) {
        if (text[0] == ' ') {
            at += 1;
            used = 0;
            text = text[1..];
            continue;
        }
        if (std.mem.indexOfScalar(u8, kinds, text[0])) |kind| {
            const distance = text[2] - '0';
            const place = if (text[1] == '-') reach - distance else reach - 1 + distance;
            found[at][used] = kind * places + place;
            text = text[3..];
        } else {
            found[at][used] = before_slot + std.mem.indexOfScalar(u8, "bas", text[0]).?;
            text = text[1..];
        }
        used += 1;
    }
    break :table found;
};

/// The keys of the features: those of the homograph with this seed, and the common ones.
fn featureKeys(
    buffer: *[own_templates + templates.len]u32,
    values: *const [slot_count]u32,
    seed: u32,
    with_common: bool,
) []u32 {
    var count: usize = 0;
    for (&templates, 1..) |*template, number| {
        var feature: u32 = @intCast(number);
        for (template) |slot| {
            if (slot < slot_count) feature = mix(feature, values[slot]);
        }
        if (number <= own_templates) {
            buffer[count] = mix(feature, seed) >> 32 - key_bits;
            count += 1;
        }
        if (with_common) {
            buffer[count] = mix(feature, 1) >> 32 - key_bits;
            count += 1;
        }
    }
    return buffer[0..count];
}

noinline fn mix(value: u32, other: u32) u32 {
    const mixed = (value ^ other) *% 0x9E3779B1;
    return mixed ^ mixed >> 15;
}

noinline fn fnv(letters: []const u8) u32 {
    var value: u32 = 0x811C9DC5;
    for (letters) |letter| value = (value ^ letter) *% 0x01000193;
    return value;
}

/// Words with marks in front: `,` `.` `(` `=` (a hyphen) `*` what stands before, `>` the word that is
/// asked for, `^` a capital, `^^` capitals. Then FNV-1a over all of its keys, as
/// `training/kilophone_training/homographs.py` computes it (its tests read these lines).
const contexts = [_]struct { []const u8, u32 }{
    .{ "^i >live here", 0x37e74b0d },
    .{ ">^live", 0x5c4089d5 },
    .{ "^they >live in ^new ^york ^city .^then we read", 0x60ce6860 },
    .{ "^he said (>live *to us", 0x28d45c30 },
    .{ "a re =>lead time ,e.g. ^^u.s. lead *0 tons", 0x4d8c86a2 },
    .{ "^^don't >^^read ^^this ^^now", 0x14828830 },
    .{ "^what's >read isn't use *use it", 0x9c41d383 },
    .{ "^united 0 >live *bow", 0x4b7cf8d7 },
    .{ "^roman numerals thus >abstract chord progressions ,making", 0xb4b3cde4 },
    .{ "a constitutional amendment to >permit the use of", 0xe242a39b },
    .{ "=educated ^peruvians meet and >converse in ^english", 0x77bb08aa },
    .{ "of beauty ,and certainly >perfume smells better than", 0xc4790310 },
    .{ "secretary and a ^guise >associate", 0x34aefed5 },
    .{ "rule provides a qualitative >estimate as to how", 0xf5694716 },
    .{ "seen a home video >rerelease since 0", 0x8bc0e51e },
    .{ "groups eventually managed to >overthrow the ^barre government", 0xb45293f0 },
    .{ "^it combines a >reading of ^hegel's philosophical", 0xbe9ee1bb },
    .{ "bell =tower covered in >lead constructed 0 feet", 0x0ba9370c },
    .{ ",0 *^ukrainian and 0 *>^polish ethnicity", 0x23bea59f },
    .{ "^concerto for ^free >^bass ^accordion was written", 0x19068d73 },
    .{ "independent contractor for the >syndicate ,unheard of in", 0x2344d224 },
    .{ "and signed a professional >contract in 0", 0xd8e0c53e },
    .{ "and vibration is not >present", 0x66afb473 },
    .{ "to the area of >insult", 0x657adb75 },
    .{ "government to disarm and >conscript ^kosovo ^albanians were", 0xfa39c166 },
    .{ "^the ^baba ^yaga downloadable >content sees ^lara investigating", 0x5e44b7a1 },
    .{ "for the 0 ^boost >^mobile ^^nba ^d =^league", 0x37f822ac },
    .{ "oil workers including the >expatriate workers", 0x6f4330f8 },
    .{ "^english government by the >overthrow of ^james in", 0xb96cc505 },
    .{ "modified to full =length >buffet but with 0", 0x3a9e75bf },
    .{ "has the option to >export their remix to", 0xf8480e55 },
    .{ "0 ,a version for >mobile phones was developed", 0xe3adc4a5 },
};

const Parsed = struct {
    words: [16]Neighbour = undefined,
    count: usize = 0,
    at: usize = 0,

    fn init(line: []const u8) Parsed {
        var self: Parsed = .{};
        var spelled = std.mem.splitScalar(u8, line, ' ');
        while (spelled.next()) |spelling| {
            var word: Neighbour = .{ .letters = spelling };
            if (std.mem.indexOfScalar(u8, ",.(=*", spelling[0])) |mark| {
                word.before = @fromBackingInt(@intCast(mark + 1));
                word.letters = word.letters[1..];
            }
            if (word.letters[0] == '>') {
                self.at = self.count;
                word.letters = word.letters[1..];
            }
            while (word.letters[0] == '^') : (word.letters = word.letters[1..]) {
                word.capitals = word.capital;
                word.capital = true;
            }
            self.words[self.count] = word;
            self.count += 1;
        }
        return self;
    }

    fn all(self: *const Parsed) []const Neighbour {
        return self.words[0..self.count];
    }
};

// Goal: every feature of a context is the one that the weights were learned for. Method: a hash of
// all keys, ascending, against the independent implementation that learns.
test "features are those of the training" {
    for (contexts) |context| {
        const parsed: Parsed = .init(context[0]);
        var buffer: [own_templates + templates.len]u32 = undefined;
        const values = slotValues(parsed.all(), parsed.at);
        const keys = featureKeys(&buffer, &values, fnv(parsed.words[parsed.at].letters), true);
        std.sort.pdq(u32, keys, {}, std.sort.asc(u32));
        var digest: u32 = 0x811C9DC5;
        for (keys) |key| digest = (digest ^ key) *% 0x01000193;
        try std.testing.expectEqual(context[1], digest);
    }
}

/// Two homographs and six weights, written by the training: *lead* (common weights; L IY1 D, own)
/// and *read* (own weights alone; own, R EH1 D).
const small = "\x01\x01\x02\x03\x04\x05\x07\x09\x0b\x0f\x02\x00\x06\x00\x2f\xca\x48\x24\xc5\xa3\xdf\xce\xfb\x04" ++
    "\x03\x30\x0a\x38\x03\x0f\x2c\x03\x28\x17\x3f\x2f\xa4\x6e\x45\x4b\xb4\x64\x91\xfa\xf8\x29\x37\x06";
const small_outputs = 70;

// Goal: sums, biases and the border at 0 are those of the training. Method: a section with weights
// for *to*, *the* and *of* beside *lead*, and for *will* and *had* before *read*; scores −28 … 12.
test "context decides" {
    var memory: [256]u8 = undefined;
    var fixed: std.heap.FixedBufferAllocator = .init(&memory);
    const homographs: Homographs = try .read(fixed.allocator(), small, small_outputs);
    const cases = [_]struct { []const u8, u1 }{
        .{ "to >lead", 1 },    .{ "the >lead", 0 },  .{ "the >lead of", 0 },
        .{ "to >lead of", 1 }, .{ "will >read", 0 }, .{ "had >read", 1 },
        .{ "of >read", 1 },    .{ ">lead of", 1 },   .{ ">lead", 0 },
    };
    for (cases) |case| {
        const parsed: Parsed = .init(case[0]);
        const index = homographs.find(parsed.words[parsed.at].letters).?;
        try std.testing.expectEqual(case[1], homographs.choose(index, parsed.all(), parsed.at));
    }
    try std.testing.expectEqual(null, homographs.find("leads"));
    try std.testing.expectEqual(null, homographs.find(""));
    const lead = homographs.find("lead").?;
    try std.testing.expectEqual(3, homographs.pronunciation(lead, 0).len);
    try std.testing.expectEqual(0, homographs.pronunciation(lead, 1).len);
    const read = homographs.find("read").?;
    try std.testing.expectEqual(0, homographs.pronunciation(read, 0).len);
    try std.testing.expectEqualSlices(u8, homographs.pronunciation(lead, 0)[2..], homographs.pronunciation(read, 1)[2..]);
}

// Goal: bad bytes are refused or harmless. Method: every shorter section, and sections with random
// bytes changed; whatever is accepted must answer.
test "corrupt sections are refused" {
    var arena: std.heap.ArenaAllocator = .init(std.testing.allocator);
    defer arena.deinit();
    const memory = arena.allocator();
    for (0..small.len) |length| {
        try std.testing.expectError(error.PackCorrupt, Homographs.read(memory, small[0..length], small_outputs));
    }
    try std.testing.expectError(error.PackCorrupt, Homographs.read(memory, small ++ "\x00", small_outputs));
    try std.testing.expectError(error.PackCorrupt, Homographs.read(memory, small, 3)); // tokens from 3 on
    var random: std.Random.DefaultPrng = .init(1);
    const parsed: Parsed = .init("to >lead of");
    var accepted: usize = 0;
    for (0..20_000) |_| {
        _ = arena.reset(.retain_capacity);
        var bytes = small[0..small.len].*;
        for (0..random.random().intRangeAtMost(usize, 1, 4)) |_| {
            bytes[random.random().uintLessThan(usize, bytes.len)] = random.random().int(u8);
        }
        const homographs = Homographs.read(memory, &bytes, small_outputs) catch continue;
        accepted += 1;
        for (0..homographs.count) |index| {
            const choice = homographs.choose(@intCast(index), parsed.all(), parsed.at);
            try std.testing.expect(homographs.pronunciation(@intCast(index), choice).len <= 15);
        }
    }
    try std.testing.expect(accepted > 100);
}
