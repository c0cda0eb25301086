//! The alphabets that phonemes are written in: their stress marks, and the spellings that depend on
//! the phonemes around (docs/ALPHABETS.md). Every other spelling is the pack's.

const std = @import("std");

/// Output alphabets; a pack may lack the spellings of one.
pub const Alphabet = enum { ipa, arpabet, xsampa, espeak, kokoro };
const alphabet_count = @typeInfo(Alphabet).@"enum".field_names.len;

pub const Kind = enum(u8) { consonant = 0, vowel = 1, glide = 2 };
pub const Stress = enum(u8) { none = 0, primary = 1, secondary = 2 };

pub const Phoneme = struct {
    kind: Kind,
    stress: Stress,
    /// By alphabet; empty where the pack has none.
    spellings: [alphabet_count][]const u8,

    pub fn spelling(self: *const Phoneme, alphabet: Alphabet) []const u8 {
        return self.spellings[@backingInt(alphabet)];
    }

    pub fn is(self: *const Phoneme, ipa: []const u8) bool {
        return std.mem.eql(u8, self.spelling(.ipa), ipa);
    }

    pub fn isOneOf(self: *const Phoneme, ipa: []const []const u8) bool {
        for (ipa) |one| if (self.is(one)) return true;
        return false;
    }

    fn isUnstressedVowel(self: *const Phoneme) bool {
        return self.kind == .vowel and self.stress == .none;
    }
};

/// In IPA; behind them the ending of *houses* has a vowel.
pub const sibilants = [_][]const u8{ "s", "z", "ʃ", "ʒ", "t͡ʃ", "d͡ʒ" };

/// Where an alphabet has its stress marks.
pub const Placement = enum {
    /// Before the syllable or the vowel, as the caller likes.
    free,
    /// Directly before the vowel, always.
    before_vowel,
    /// Directly after the vowel, always, and one for no stress too.
    after_vowel,
};

pub fn placement(alphabet: Alphabet) Placement {
    return switch (alphabet) {
        .ipa, .xsampa => .free,
        .espeak, .kokoro => .before_vowel,
        .arpabet => .after_vowel,
    };
}

pub fn stressMark(alphabet: Alphabet, stress: Stress) []const u8 {
    return switch (stress) {
        .none => if (alphabet == .arpabet) "0" else "",
        .primary => switch (alphabet) {
            .arpabet => "1",
            .xsampa => "\"",
            .ipa, .espeak, .kokoro => "ˈ",
        },
        .secondary => switch (alphabet) {
            .arpabet => "2",
            .xsampa => "%",
            .ipa, .espeak, .kokoro => "ˌ",
        },
    };
}

/// A spelling that a phoneme has in an alphabet under a condition.
pub const Variant = struct {
    alphabet: Alphabet,
    /// The phoneme, by its IPA.
    of: []const u8,
    when: Condition,
    spelling: []const u8,
};

const Condition = enum {
    /// Between a vowel or ɹ and an unstressed vowel, but not in the -tən of *button*.
    flapped,
    /// At the beginning of the word.
    initial,
    /// Unstressed in a last syllable like those of *boxes* and *wanted*.
    in_ending,
    before_vowel,
    /// Before l after a consonant that is no liquid or glide, before n after a stop, an affricate,
    /// s or z; in both cases when no vowel follows.
    syllabic,
};

/// Where two are spelled alike, the first is the one that the spelling is read as.
pub const variants = [_]Variant{
    .{ .alphabet = .espeak, .of = "t", .when = .flapped, .spelling = "ɾ" },
    .{ .alphabet = .espeak, .of = "ə", .when = .initial, .spelling = "ɐ" },
    .{ .alphabet = .espeak, .of = "ɪ", .when = .in_ending, .spelling = "ᵻ" },
    .{ .alphabet = .espeak, .of = "ə", .when = .in_ending, .spelling = "ᵻ" },
    .{ .alphabet = .espeak, .of = "ɚ", .when = .before_vowel, .spelling = "ɚɹ" },
    .{ .alphabet = .espeak, .of = "ɝ", .when = .before_vowel, .spelling = "ɜːɹ" },
    .{ .alphabet = .kokoro, .of = "t", .when = .flapped, .spelling = "T" },
    .{ .alphabet = .kokoro, .of = "ɪ", .when = .in_ending, .spelling = "ᵻ" },
    .{ .alphabet = .kokoro, .of = "ə", .when = .in_ending, .spelling = "ᵻ" },
    .{ .alphabet = .kokoro, .of = "ə", .when = .syllabic, .spelling = "ᵊ" },
};

/// The spelling that stands for the pack's because of the phonemes around; null: the pack's.
/// `phonemes` are the pack's, `tokens` those of the word.
pub fn variant(alphabet: Alphabet, phonemes: []const Phoneme, tokens: []const u8, at: usize) ?[]const u8 {
    const word: Word = .{ .phonemes = phonemes, .tokens = tokens };
    for (&variants) |*candidate| {
        if (candidate.alphabet == alphabet and phonemes[tokens[at]].is(candidate.of) and
            word.meets(candidate.when, at)) return candidate.spelling;
    }
    return null;
}

const Word = struct {
    phonemes: []const Phoneme,
    tokens: []const u8,

    /// The end token, which is no phoneme of a word, stands before the first and after the last.
    fn get(self: Word, at: usize) *const Phoneme {
        return &self.phonemes[if (at < self.tokens.len) self.tokens[at] else 0];
    }

    fn meets(self: Word, condition: Condition, at: usize) bool {
        const before = at -% 1;
        const after = at + 1;
        return switch (condition) {
            .initial => at == 0,
            .before_vowel => self.get(after).kind == .vowel,
            .flapped => (self.get(before).kind == .vowel or self.get(before).is("ɹ")) and
                self.get(after).isUnstressedVowel() and
                !(self.get(after).is("ə") and self.get(after + 1).is("n")),
            .in_ending => self.get(at).stress == .none and after + 1 == self.tokens.len and
                (self.get(after).is("z") and self.get(before).isOneOf(&sibilants) or
                    self.get(after).is("d") and self.get(before).isOneOf(&.{ "t", "d" })),
            .syllabic => self.get(after + 1).kind != .vowel and
                (self.get(after).is("l") and self.get(before).kind == .consonant and
                    before < at and !self.get(before).isOneOf(&.{ "l", "ɹ", "w", "j" }) or
                    self.get(after).is("n") and self.get(before).isOneOf(&syllabic_n_after)),
        };
    }

    const syllabic_n_after = [_][]const u8{ "p", "b", "t", "d", "k", "ɡ", "s", "z", "t͡ʃ", "d͡ʒ" };
};

const testing = std.testing;

/// Inventories for the tests of this folder: the tables of the training code, less the sources.
pub const fixture = struct {
    pub const english = table(english_rows);
    pub const korean = table(korean_rows);

    /// Consonants: ARPAbet, IPA, X-SAMPA, espeak, Kokoro. Vowels: the same; then IPA, X-SAMPA,
    /// espeak and Kokoro without stress where they differ.
    const english_rows =
        \\B b b b b
        \\CH t͡ʃ tS tʃ ʧ
        \\D d d d d
        \\DH ð D ð ð
        \\F f f f f
        \\G ɡ g ɡ ɡ
        \\HH h h h h
        \\JH d͡ʒ dZ dʒ ʤ
        \\K k k k k
        \\L l l l l
        \\M m m m m
        \\N n n n n
        \\NG ŋ N ŋ ŋ
        \\P p p p p
        \\R ɹ r\ ɹ ɹ
        \\S s s s s
        \\SH ʃ S ʃ ʃ
        \\T t t t t
        \\TH θ T θ θ
        \\V v v v v
        \\W w w w w
        \\Y j j j j
        \\Z z z z z
        \\ZH ʒ Z ʒ ʒ
        \\AA ɑ A ɑː ɑ - ɑ A ɑː ɑ
        \\AE æ { æ æ - æ { æ æ
        \\AH ʌ V ʌ ʌ - ə @ ə ə
        \\AO ɔ O ɔː ɔ - ɔ O ɔː ɔ
        \\AW aʊ aU aʊ W - aʊ aU aʊ W
        \\AY aɪ aI aɪ I - aɪ aI aɪ I
        \\EH ɛ E ɛ ɛ - ɛ E ɛ ɛ
        \\ER ɝ 3` ɜː ɜɹ - ɚ @` ɚ əɹ
        \\EY eɪ eI eɪ A - eɪ eI eɪ A
        \\IH ɪ I ɪ ɪ - ɪ I ɪ ɪ
        \\IY i i iː i - i i i i
        \\OW oʊ oU oʊ O - oʊ oU oʊ O
        \\OY ɔɪ OI ɔɪ Y - ɔɪ OI ɔɪ Y
        \\UH ʊ U ʊ ʊ - ʊ U ʊ ʊ
        \\UW u u uː u - u u uː u
    ;

    /// `:` for a consonant, `~` for a glide, `-` for a vowel; IPA, X-SAMPA.
    const korean_rows =
        \\: p p
        \\: p͈ p_>
        \\: pʰ p_h
        \\: t t
        \\: t͈ t_>
        \\: tʰ t_h
        \\: k k
        \\: k͈ k_>
        \\: kʰ k_h
        \\: t͡ɕ ts\
        \\: t͡ɕ͈ ts\_>
        \\: t͡ɕʰ ts\_h
        \\: s s
        \\: s͈ s_>
        \\: h h
        \\: m m
        \\: n n
        \\: ŋ N
        \\: l l
        \\~ w w
        \\~ j j
        \\~ ɰ M\
        \\- a a
        \\- ɛ E
        \\- e e
        \\- ʌ V
        \\- o o
        \\- u u
        \\- ɯ M
        \\- i i
    ;

    fn table(comptime rows: []const u8) []const Phoneme {
        @setEvalBranchQuota(200_000);
        comptime var phonemes: []const Phoneme = &.{.{ .kind = .consonant, .stress = .none, .spellings = @splat("") }};
        comptime var lines = std.mem.splitScalar(u8, rows, '\n');
        inline while (comptime lines.next()) |line| {
            comptime var fields: [10][]const u8 = @splat("");
            comptime var columns = 0;
            comptime var parts = std.mem.splitScalar(u8, line, ' ');
            inline while (comptime parts.next()) |part| {
                fields[columns] = part;
                columns += 1;
            }
            switch (columns) {
                3 => phonemes = phonemes ++ [_]Phoneme{.{
                    .kind = switch (fields[0][0]) {
                        '~' => .glide,
                        '-' => .vowel,
                        else => .consonant,
                    },
                    .stress = .none,
                    .spellings = .{ fields[1], "", fields[2], "", "" },
                }},
                5 => phonemes = phonemes ++ [_]Phoneme{.{
                    .kind = .consonant,
                    .stress = .none,
                    .spellings = .{ fields[1], fields[0], fields[2], fields[3], fields[4] },
                }},
                else => inline for (.{ Stress.none, Stress.primary, Stress.secondary }) |stress| {
                    const from = if (stress == .none) 6 else 1;
                    phonemes = phonemes ++ [_]Phoneme{.{
                        .kind = .vowel,
                        .stress = stress,
                        .spellings = .{ fields[from], fields[0], fields[from + 1], fields[from + 2], fields[from + 3] },
                    }};
                },
            }
        }
        return phonemes;
    }

    /// Tokens of English phonemes, given as in a dictionary: `B AH1 T ER0`.
    pub fn tokens(buffer: []u8, arpabet: []const u8) []const u8 {
        var count: usize = 0;
        var names = std.mem.splitScalar(u8, arpabet, ' ');
        while (names.next()) |name| {
            for (english[1..], 1..) |phoneme, token| {
                const base = phoneme.spelling(.arpabet);
                const digit = if (phoneme.kind == .vowel) stressMark(.arpabet, phoneme.stress) else "";
                if (!std.mem.startsWith(u8, name, base)) continue;
                if (!std.mem.eql(u8, name[base.len..], digit)) continue;
                buffer[count] = @intCast(token);
                count += 1;
                break;
            } else unreachable;
        }
        return buffer[0..count];
    }
};

/// A word as these alphabets write it, with the marks before the vowels.
fn spell(alphabet: Alphabet, buffer: []u8, tokens: []const u8) []const u8 {
    var length: usize = 0;
    for (tokens, 0..) |token, i| {
        const phoneme = &fixture.english[token];
        const spelled = variant(alphabet, fixture.english, tokens, i) orelse phoneme.spelling(alphabet);
        for ([_][]const u8{ stressMark(alphabet, phoneme.stress), spelled }) |part| {
            @memcpy(buffer[length..][0..part.len], part);
            length += part.len;
        }
    }
    return buffer[0..length];
}

// Goal: words come out as their sources write them. The expected forms were read off espeak-ng
// 1.52 (`--ipa -v en-us`) and off misaki's dictionary, but for its ɾ, which it hands over as T.
test "words as espeak and Kokoro write them" {
    const cases = [_][3][]const u8{
        .{ "B AA1 T AH0 L", "bˈɑːɾəl", "bˈɑTᵊl" },
        .{ "P AA1 R T IY0", "pˈɑːɹɾi", "pˈɑɹTi" },
        .{ "TH ER1 T IY0", "θˈɜːɾi", "θˈɜɹTi" },
        .{ "W AO1 T ER0", "wˈɔːɾɚ", "wˈɔTəɹ" },
        .{ "L AE1 D ER0", "lˈædɚ", "lˈædəɹ" },
        .{ "W IH1 N T ER0", "wˈɪntɚ", "wˈɪntəɹ" },
        .{ "AE1 F T ER0", "ˈæftɚ", "ˈæftəɹ" },
        .{ "G IH0 T AA1 R", "ɡɪtˈɑːɹ", "ɡɪtˈɑɹ" },
        .{ "K ER1 T AH0 N", "kˈɜːtən", "kˈɜɹtᵊn" },
        .{ "IH2 M P AO1 R T AH0 N T", "ˌɪmpˈɔːɹtənt", "ˌɪmpˈɔɹtᵊnt" },
        .{ "AH0 B AW1 T", "ɐbˈaʊt", "əbˈWt" },
        .{ "S OW1 F AH0", "sˈoʊfə", "sˈOfə" },
        .{ "B AA1 K S AH0 Z", "bˈɑːksᵻz", "bˈɑksᵻz" },
        .{ "R OW1 Z IH0 Z", "ɹˈoʊzᵻz", "ɹˈOzᵻz" },
        .{ "Y UW0 N AY1 T IH0 D", "juːnˈaɪɾᵻd", "junˈITᵻd" },
        .{ "B AA1 D IY0 D", "bˈɑːdid", "bˈɑdid" },
        .{ "B AO1 R D AH0 D", "bˈɔːɹdᵻd", "bˈɔɹdᵻd" },
        .{ "HH ER1 IY0", "hˈɜːɹi", "hˈɜɹi" },
        .{ "B L AH1 N D ER0 ER0", "blˈʌndɚɹɚ", "blˈʌndəɹəɹ" },
        .{ "IH2 M P AA1 S AH0 B AH0 L", "ˌɪmpˈɑːsəbəl", "ˌɪmpˈɑsəbᵊl" },
        .{ "IH2 M P AH0 L AY1 T", "ˌɪmpəlˈaɪt", "ˌɪmpəlˈIt" },
        .{ "JH AY1 R AH0 L", "dʒˈaɪɹəl", "ʤˈIɹəl" },
        .{ "AE1 K SH AH0 N", "ˈækʃən", "ˈækʃən" },
        .{ "B L AE1 K AH0 N D", "blˈækənd", "blˈækᵊnd" },
        .{ "CH ER1 CH", "tʃˈɜːtʃ", "ʧˈɜɹʧ" },
        .{ "AH0", "ɐ", "ə" },
        .{ "AH0 L", "ɐl", "əl" },
    };
    for (cases) |case| {
        var token_buffer: [32]u8 = undefined;
        var buffer: [64]u8 = undefined;
        const tokens = fixture.tokens(&token_buffer, case[0]);
        try testing.expectEqualStrings(case[1], spell(.espeak, &buffer, tokens));
        try testing.expectEqualStrings(case[2], spell(.kokoro, &buffer, tokens));
        for (0..tokens.len) |i| for ([_]Alphabet{ .ipa, .arpabet, .xsampa }) |alphabet| {
            try testing.expectEqual(null, variant(alphabet, fixture.english, tokens, i));
        };
    }
}

// Goal: no sequence of tokens makes a rule look outside of the word. Method: random ones, in a
// safe build; a Korean word never has a variant.
test "any sequence of tokens" {
    var prng = std.Random.DefaultPrng.init(11);
    const random = prng.random();
    for (0..2000) |_| {
        for ([_][]const Phoneme{ fixture.english, fixture.korean }) |phonemes| {
            var buffer: [6]u8 = undefined;
            const tokens = buffer[0 .. 1 + random.uintLessThan(usize, buffer.len)];
            for (tokens) |*token| token.* = 1 + random.uintLessThan(u8, @intCast(phonemes.len - 1));
            for (0..tokens.len) |i| _ = variant(random.enumValue(Alphabet), phonemes, tokens, i);
        }
    }
}
