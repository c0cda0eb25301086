//! Korean across words: what the end of one word and the beginning of the next become when they
//! are said in one breath (docs/KOREAN.md, section 2). The model has applied the rules within each
//! word. Words of a phrase are joined from left to right, each pair once; joining a pair again
//! changes nothing.

const std = @import("std");
const hangul = @import("../hangul.zig");

/// The broad inventory. A plain consonant is followed by its tense and its aspirated one.
pub const Phoneme = enum(u8) {
    p,
    pp,
    ph,
    t,
    tt,
    th,
    k,
    kk,
    kh,
    /// The affricates.
    c,
    cc,
    ch,
    s,
    ss,
    h,
    m,
    n,
    ng,
    l,
    w,
    j,
    /// The glide of ㅢ.
    y,
    a,
    /// ㅐ, the open one.
    ae,
    /// ㅔ.
    e,
    /// ㅓ.
    eo,
    o,
    u,
    /// ㅡ.
    eu,
    i,

    const spellings = [_][]const u8{
        "p",
        "p͈",
        "pʰ",
        "t",
        "t͈",
        "tʰ",
        "k",
        "k͈",
        "kʰ",
        "t͡ɕ",
        "t͡ɕ͈",
        "t͡ɕʰ",
        "s",
        "s͈",
        "h",
        "m",
        "n",
        "ŋ",
        "l",
        "w",
        "j",
        "ɰ",
        "a",
        "ɛ",
        "e",
        "ʌ",
        "o",
        "u",
        "ɯ",
        "i",
    };

    pub fn ipa(self: Phoneme) []const u8 {
        return spellings[@backingInt(self)];
    }

    pub fn fromIpa(spelling: []const u8) ?Phoneme {
        for (spellings, 0..) |known, i| if (std.mem.eql(u8, known, spelling)) return @fromBackingInt(@as(u8, @intCast(i)));
        return null;
    }

    pub fn isVowel(self: Phoneme) bool {
        return @backingInt(self) >= @backingInt(Phoneme.a);
    }

    pub fn isGlide(self: Phoneme) bool {
        return self == .w or self == .j or self == .y;
    }

    pub fn isConsonant(self: Phoneme) bool {
        return @backingInt(self) <= @backingInt(Phoneme.l);
    }

    fn isPlosive(self: Phoneme) bool {
        return self == .p or self == .t or self == .k;
    }

    fn isPlain(self: Phoneme) bool {
        return self.isPlosive() or self == .c or self == .s;
    }

    fn tense(self: Phoneme) Phoneme {
        return @fromBackingInt(@backingInt(self) + 1);
    }

    fn aspirated(self: Phoneme) Phoneme {
        return @fromBackingInt(@backingInt(self) + 2);
    }

    fn nasal(self: Phoneme) Phoneme {
        return switch (self) {
            .p => .m,
            .t => .n,
            .k => .ng,
            else => self,
        };
    }
};

/// A word of a phrase.
pub const Word = struct {
    /// Room for the phonemes; the word may become one longer or shorter.
    phonemes: []Phoneme,
    /// Beside each phoneme, the letters that it comes from; as much room.
    spans: [][2]u8,
    count: usize,
    /// The word's conjoining jamo.
    letters: []const u21,

    fn first(self: *Word) *Phoneme {
        return &self.phonemes[0];
    }

    fn last(self: *Word) *Phoneme {
        return &self.phonemes[self.count - 1];
    }

    /// Puts a phoneme that comes from the first one's letters before it, if there is room.
    fn prepend(self: *Word, phoneme: Phoneme) void {
        if (self.count == @min(self.phonemes.len, self.spans.len)) return;
        @memmove(self.phonemes[1..][0..self.count], self.phonemes[0..self.count]);
        @memmove(self.spans[1..][0..self.count], self.spans[0..self.count]);
        self.first().* = phoneme;
        self.count += 1;
    }
};

/// Joins two words that only white space parts.
pub fn join(left: *Word, right: *Word) void {
    if (left.count == 0 or right.count == 0) return;
    if (addsNieun(left, right)) right.prepend(.n);
    const coda = left.last();
    const onset = right.first();
    if (coda.isPlosive()) switch (onset.*) {
        .h => if (left.count > 1) {
            onset.* = coda.aspirated();
            left.count -= 1;
        },
        .m, .n => coda.* = coda.nasal(),
        .l => {
            coda.* = coda.nasal();
            onset.* = .n;
        },
        else => if (onset.isPlain()) {
            onset.* = onset.tense();
        },
    } else switch (coda.*) {
        .m, .ng => if (onset.* == .l) {
            onset.* = .n;
        },
        .n => if (onset.* == .l) {
            coda.* = .l;
        },
        .l => if (onset.* == .n) {
            onset.* = .l;
        } else if (onset.isPlain() and isProspective(left.letters, right.letters)) {
            onset.* = onset.tense();
        },
        else => {},
    }
}

/// Rule 29: an ㄴ comes before a word in 이, 야, 여, 요, 유 … behind a consonant. It comes before
/// few words without fail: those below.
fn addsNieun(left: *Word, right: *Word) bool {
    if (!left.last().isConsonant()) return false;
    if (right.first().* != .i and right.first().* != .j) return false;
    const l = left.letters;
    const r = right.letters;
    if (isIn(l, "못")) return !isIn(r, "있-");
    if (isIn(l, numerals) and isIn(r, after_numerals)) return true;
    return isIn(r, takes_nieun) and !isIn(l, topics);
}

/// Rule 27: whether the final ㄹ of `left` is the adnominal ending -(으)ㄹ, after which a plain
/// consonant is tense. Either the word says it or the bound noun that follows.
fn isProspective(left: []const u21, right: []const u21) bool {
    if (left.len == 0 or left[left.len - 1] != 'ᆯ' or isIn(left, nouns_in_rieul)) return false;
    return endsInVerb(left) or (isIn(right, bound_nouns) and !isIn(left, "-를"));
}

/// Whether a word in ㄹ is a verb by its ending.
fn endsInVerb(word: []const u21) bool {
    if (isIn(word, verbs_in_rieul)) return true;
    // Codas that only stems have: 했을, 좋을, 많을, 잃을, 앉을, 핥을, 읊을.
    const before = std.mem.cutSuffix(u21, word, &.{ 'ᄋ', 'ᅳ', 'ᆯ' }) orelse return false;
    if (before.len == 0) return false;
    return switch (before[before.len - 1]) {
        'ᆻ', 'ᇂ', 'ᆭ', 'ᆶ', 'ᆬ', 'ᆴ', 'ᆵ' => true,
        else => false,
    };
}

// Lists of words: `할` is that word, `-할` words that end in it, `것-` words that begin with it, and
// `수+` it alone or with a particle.
const particles = "이 가 을 를 은 는 도 와 에- 까지- 만은";
const numerals = "-일 -삼 -육 -칠 -팔 -십 -백 -천 -만 -억";
const after_numerals = "육 육십- 육백- 육천- 육만- 연대+ 연대의 연대장-";
const takes_nieun =
    "일+ 일로 일이- 일들- 일인 일인데 일인지 일입- 일하- 일한- 일할- 일했- 일해- 일합- " ++
    "입다 입고 입은 입을 입어- 입었- 입는- 입지 입으- 입히- 잎- 읽- 잊- 익다 익고 익은 익을 익어- 익었- 익는- " ++
    "여섯- 여덟- 엿+ 약이 약을 약은 약도 이불- 요일-";
/// Words after which a speaker pauses; and numerals and months, after which 일 is one (칠월 일일).
const topics = "나는 너는 저는 그는 우리는 그녀는 난 넌 이것은 그것은 오늘은 -월 -십 -백 -천";
const nouns_in_rieul = "-역할 -분할 정말 오늘 내일 매일 서울";
const bound_nouns =
    "것- 거+ 거야 거예- 거라- 거냐- 거니- 거다 거고 거지 거죠 거든- 거면 거란 거였- 거잖- 거겠- 건 건가- 건데- 걸 걸요 게 게요 겁니- " ++
    "데+ 데다- 바+ 수+ 수만 수야 수밖- 적 적에 적에는 적엔 적이 적마다 줄+ 줄로 줄만 " ++
    "듯 듯이 듯하- 듯한 듯합- 듯했- 듯해- 듯싶- 성싶- 법하- 법한 곳+ 곳으- 도리+ 정도- 작정- 지경-";
const verbs_in_rieul =
    "-할 -될 -갈 올 나올 -아올 -어올 -려올 -라올 볼 -아볼 -어볼 -해볼 -라볼 쓸 -시킬 지킬 -으킬 " ++
    "만날 떠날 -어날 -타날 끝날 -낼 나눌 배울 싸울 -드릴 -버릴 내릴 걸릴 다닐 보일 쓰일 생길 남길 옮길 즐길 느낄 " ++
    "이길 -만들 모를 다를 오를 이를 고를 부를 흐를 누를 기를 따를 들를 -해질 -어질 -아질 -려질 -여질 빠질 " ++
    "-해줄 -어줄 -아줄 -려줄 -없을 먹을 읽을 -받을 찾을 믿을 얻을 -같을 싶을 잡을 걸을 들을";

/// Whether a word is in a list.
fn isIn(word: []const u21, comptime list: []const u8) bool {
    @setEvalBranchQuota(20_000);
    return isInUnits(word, comptime std.unicode.utf8ToUtf16LeStringLiteral(list));
}

fn isInUnits(word: []const u21, list: []const u16) bool {
    var entries = std.mem.splitScalar(u16, list, ' ');
    while (entries.next()) |entry| if (matches(word, entry)) return true;
    return false;
}

fn matches(word: []const u21, entry: []const u16) bool {
    var letters: [12]u21 = undefined;
    var count: usize = 0;
    for (entry) |unit| {
        const jamo = hangul.decompose(unit) orelse continue;
        letters[count..][0..3].* = .{ jamo.leading, jamo.vowel, jamo.trailing orelse 0 };
        count += if (jamo.trailing == null) 2 else 3;
    }
    const wanted = letters[0..count];
    if (entry[0] == '-') return std.mem.endsWith(u21, word, wanted);
    const rest = std.mem.cutPrefix(u21, word, wanted) orelse return false;
    return rest.len == 0 or switch (entry[entry.len - 1]) {
        '-' => hangul.typeOf(rest[0]) == .leading,
        '+' => isIn(rest, particles),
        else => false,
    };
}

const testing = std.testing;

/// A phrase as a test writes it: the spelling, and each word's phonemes by itself.
const Phrase = struct {
    storage: [8]Word = undefined,
    phonemes: [8][24]Phoneme = undefined,
    spans: [8][24][2]u8 = undefined,
    letters: [8][24]u21 = undefined,
    count: usize = 0,

    fn init(self: *Phrase, spelling: []const u8, broad: []const u8) !void {
        var words = std.mem.splitScalar(u8, spelling, ' ');
        var forms = std.mem.splitSequence(u8, broad, " | ");
        while (words.next()) |word| : (self.count += 1) {
            var letter_count: usize = 0;
            var points = (try std.unicode.Utf8View.init(word)).iterator();
            const letters = &self.letters[self.count];
            while (points.nextCodepoint()) |point| {
                const jamo = hangul.decompose(point).?;
                for ([_]?u21{ jamo.leading, jamo.vowel, jamo.trailing }) |letter| {
                    letters[letter_count] = letter orelse continue;
                    letter_count += 1;
                }
            }
            var count: usize = 0;
            var spellings = std.mem.tokenizeScalar(u8, forms.next().?, ' ');
            while (spellings.next()) |s| : (count += 1) {
                self.phonemes[self.count][count] = Phoneme.fromIpa(s).?;
                self.spans[self.count][count] = .{ @intCast(count), @intCast(count) };
            }
            self.storage[self.count] = .{
                .phonemes = &self.phonemes[self.count],
                .spans = &self.spans[self.count],
                .count = count,
                .letters = letters[0..letter_count],
            };
        }
        try testing.expectEqual(null, forms.next());
    }

    fn joinAll(self: *Phrase) void {
        for (1..self.count) |i| join(&self.storage[i - 1], &self.storage[i]);
    }

    fn expect(self: *Phrase, expected: []const u8) !void {
        var buffer: [512]u8 = undefined;
        var length: usize = 0;
        for (self.storage[0..self.count], 0..) |word, i| {
            if (i > 0) length += (try std.fmt.bufPrint(buffer[length..], " |", .{})).len;
            for (word.phonemes[0..word.count], 0..) |phoneme, at| {
                const space = if (i + at > 0) " " else "";
                length += (try std.fmt.bufPrint(buffer[length..], "{s}{s}", .{ space, phoneme.ipa() })).len;
            }
        }
        try testing.expectEqualStrings(expected, buffer[0..length]);
    }
};

fn expectJoined(spelling: []const u8, apart: []const u8, joined: []const u8) !void {
    var phrase: Phrase = .{};
    try phrase.init(spelling, apart);
    for (0..2) |_| {
        phrase.joinAll();
        errdefer std.debug.print("{s}\n", .{spelling});
        try phrase.expect(joined);
    }
}

// Goal: the Standard Pronunciation (표준 발음법). Method: every example of its articles that has a
// space in it, by article; twice, since joining again changes nothing.
test "examples of the Standard Pronunciation" {
    const examples = [_][3][]const u8{
        // 12, 1, note 2: a stop and ㅎ.
        .{ "옷 한 벌", "o t | h a n | p ʌ l", "o | tʰ a n | p ʌ l" },
        .{ "낮 한때", "n a t | h a n t͈ ɛ", "n a | tʰ a n t͈ ɛ" },
        .{ "꽃 한 송이", "k͈ o t | h a n | s o ŋ i", "k͈ o | tʰ a n | s o ŋ i" },
        // 15: the stop stays one before a vowel.
        .{ "밭 아래", "p a t | a l ɛ", "p a t | a l ɛ" },
        .{ "늪 앞", "n ɯ p | a p", "n ɯ p | a p" },
        .{ "꽃 위", "k͈ o t | w i", "k͈ o t | w i" },
        .{ "넋 없다", "n ʌ k | ʌ p t͈ a", "n ʌ k | ʌ p t͈ a" },
        .{ "닭 앞에", "t a k | a pʰ e", "t a k | a pʰ e" },
        // 18, note.
        .{ "책 넣는다", "t͡ɕʰ ɛ k | n ʌ n n ɯ n t a", "t͡ɕʰ ɛ ŋ | n ʌ n n ɯ n t a" },
        .{ "흙 말리다", "h ɯ k | m a l l i t a", "h ɯ ŋ | m a l l i t a" },
        .{ "옷 맞추다", "o t | m a t t͡ɕʰ u t a", "o n | m a t t͡ɕʰ u t a" },
        .{ "밥 먹는다", "p a p | m ʌ ŋ n ɯ n t a", "p a m | m ʌ ŋ n ɯ n t a" },
        .{ "값 매기다", "k a p | m ɛ k i t a", "k a m | m ɛ k i t a" },
        // 27.
        .{ "할 것을", "h a l | k ʌ s ɯ l", "h a l | k͈ ʌ s ɯ l" },
        .{ "갈 데가", "k a l | t e k a", "k a l | t͈ e k a" },
        .{ "할 바를", "h a l | p a l ɯ l", "h a l | p͈ a l ɯ l" },
        .{ "할 수는", "h a l | s u n ɯ n", "h a l | s͈ u n ɯ n" },
        .{ "할 적에", "h a l | t͡ɕ ʌ k e", "h a l | t͡ɕ͈ ʌ k e" },
        .{ "갈 곳", "k a l | k o t", "k a l | k͈ o t" },
        .{ "할 도리", "h a l | t o l i", "h a l | t͈ o l i" },
        .{ "만날 사람", "m a n n a l | s a l a m", "m a n n a l | s͈ a l a m" },
        // 29, note 2; 3 and 1 as they are read.
        .{ "한 일", "h a n | i l", "h a n | n i l" },
        .{ "옷 입다", "o t | i p t͈ a", "o n | n i p t͈ a" },
        .{ "삼 연대", "s a m | j ʌ n t ɛ", "s a m | n j ʌ n t ɛ" },
        .{ "먹은 엿", "m ʌ k ɯ n | j ʌ t", "m ʌ k ɯ n | n j ʌ t" },
        .{ "할 일", "h a l | i l", "h a l | l i l" },
        .{ "잘 입다", "t͡ɕ a l | i p t͈ a", "t͡ɕ a l | l i p t͈ a" },
        .{ "일 연대", "i l | j ʌ n t ɛ", "i l | l j ʌ n t ɛ" },
        .{ "먹을 엿", "m ʌ k ɯ l | j ʌ t", "m ʌ k ɯ l | l j ʌ t" },
    };
    for (examples) |e| try expectJoined(e[0], e[1], e[2]);
}

// Goal: the rules in phrases of the language at large, and where they must not work. Method:
// phrases in pairs, the second of which looks like the first.
test "more phrases" {
    const examples = [_][3][]const u8{
        .{ "못 하다", "m o t | h a t a", "m o | tʰ a t a" },
        .{ "닭 한 마리", "t a k | h a n | m a l i", "t a | kʰ a n | m a l i" },
        .{ "밥 한 그릇", "p a p | h a n | k ɯ l ɯ t", "p a | pʰ a n | k ɯ l ɯ t" },
        .{ "값 있는", "k a p | i n n ɯ n", "k a p | i n n ɯ n" },
        .{ "국 더", "k u k | t ʌ", "k u k | t͈ ʌ" },
        .{ "옷 고르다", "o t | k o l ɯ t a", "o t | k͈ o l ɯ t a" },
        .{ "책 쓰다", "t͡ɕʰ ɛ k | s͈ ɯ t a", "t͡ɕʰ ɛ k | s͈ ɯ t a" },
        .{ "할 날", "h a l | n a l", "h a l | l a l" },
        .{ "신 라면", "s i n | l a m j ʌ n", "s i l | l a m j ʌ n" },
        .{ "봄 라면", "p o m | l a m j ʌ n", "p o m | n a m j ʌ n" },
        .{ "책 라벨", "t͡ɕʰ ɛ k | l a p e l", "t͡ɕʰ ɛ ŋ | n a p e l" },
        .{ "좋을 집", "t͡ɕ o ɯ l | t͡ɕ i p", "t͡ɕ o ɯ l | t͡ɕ͈ i p" },
        .{ "밥을 조금", "p a p ɯ l | t͡ɕ o k ɯ m", "p a p ɯ l | t͡ɕ o k ɯ m" },
        .{ "물 조금", "m u l | t͡ɕ o k ɯ m", "m u l | t͡ɕ o k ɯ m" },
        .{ "역할 분담", "j ʌ k h a l | p u n t a m", "j ʌ k h a l | p u n t a m" },
        .{ "모를 수", "m o l ɯ l | s u", "m o l ɯ l | s͈ u" },
        .{ "노래를 수도", "n o l ɛ l ɯ l | s u t o", "n o l ɛ l ɯ l | s u t o" },
        .{ "말 거리", "m a l | k ʌ l i", "m a l | k ʌ l i" },
        .{ "볼 거야", "p o l | k ʌ j a", "p o l | k͈ ʌ j a" },
        .{ "못 잊을", "m o t | i t͡ɕ ɯ l", "m o n | n i t͡ɕ ɯ l" },
        .{ "못 있다", "m o t | i t t͈ a", "m o t | i t t͈ a" },
        .{ "책을 읽다", "t͡ɕʰ ɛ k ɯ l | i k t͈ a", "t͡ɕʰ ɛ k ɯ l | l i k t͈ a" },
        .{ "한 이 사람", "h a n | i | s a l a m", "h a n | i | s a l a m" },
        .{ "마을 곳곳", "m a ɯ l | k o t k͈ o t", "m a ɯ l | k o t k͈ o t" },
        .{ "정말 건강", "t͡ɕ ʌ ŋ m a l | k ʌ n k a ŋ", "t͡ɕ ʌ ŋ m a l | k ʌ n k a ŋ" },
        .{ "매일 입는", "m ɛ i l | i m n ɯ n", "m ɛ i l | l i m n ɯ n" },
        .{ "칠월 일일", "t͡ɕʰ i l w ʌ l | i l i l", "t͡ɕʰ i l w ʌ l | i l i l" },
        .{ "그는 일을", "k ɯ n ɯ n | i l ɯ l", "k ɯ n ɯ n | i l ɯ l" },
        .{ "한 일본", "h a n | i l p o n", "h a n | i l p o n" },
        .{ "백 육십", "p ɛ k | j u k s͈ i p", "p ɛ ŋ | n j u k s͈ i p" },
        .{ "책 못 읽는 날", "t͡ɕʰ ɛ k | m o t | i ŋ n ɯ n | n a l", "t͡ɕʰ ɛ ŋ | m o n | n i ŋ n ɯ n | n a l" },
    };
    for (examples) |e| try expectJoined(e[0], e[1], e[2]);
}

// Goal: phonemes and their letters stay beside each other when one is added or lost.
test "spans follow" {
    var phrase: Phrase = .{};
    try phrase.init("한 옷 한 일", "h a n | o t | h a n | i l");
    phrase.joinAll();
    try phrase.expect("h a n | o | tʰ a n | n i l");
    try testing.expectEqual([_][2]u8{ .{ 0, 0 }, .{ 0, 0 }, .{ 1, 1 } }, phrase.spans[3][0..3].*);
    // Where there is no room, nothing is added.
    var full: Phrase = .{};
    try full.init("한 일", "h a n | i l");
    full.storage[1].phonemes.len = 2;
    full.joinAll();
    try full.expect("h a n | i l");
}

test "phonemes and their spellings" {
    for (Phoneme.spellings, 0..) |spelling, i| {
        try testing.expectEqual(i, @backingInt(Phoneme.fromIpa(spelling).?));
    }
    try testing.expectEqual(null, Phoneme.fromIpa("x"));
    try testing.expectEqual(30, Phoneme.spellings.len);
    try testing.expectEqual(.i, Phoneme.fromIpa("i"));
    try testing.expectEqual(.y, Phoneme.fromIpa("ɰ"));
}

// Goal: nothing that a model may write, and no word, breaks the rules. Method: random phonemes and
// jamo, modern or not; words stay within their room and one phoneme of their length.
test "random words" {
    var random: std.Random.DefaultPrng = .init(1);
    const r = random.random();
    for (0..50_000) |_| {
        var phonemes: [2][6]Phoneme = undefined;
        var spans: [2][6][2]u8 = @splat(@splat(.{ 0, 0 }));
        var letters: [2][6]u21 = undefined;
        var words: [2]Word = undefined;
        var counts: [2]usize = undefined;
        for (&words, 0..) |*word, i| {
            for (&phonemes[i]) |*p| p.* = r.enumValue(Phoneme);
            for (&letters[i]) |*letter| letter.* = r.intRangeAtMost(u21, 0x10F0, 0x1210);
            counts[i] = r.uintAtMost(usize, 6);
            word.* = .{ .phonemes = &phonemes[i], .spans = &spans[i], .count = counts[i], .letters = letters[i][0..r.uintAtMost(usize, 6)] };
        }
        join(&words[0], &words[1]);
        for (words, counts) |word, count| {
            try testing.expect(word.count <= 6 and word.count + 1 >= count and word.count <= count + 1);
        }
    }
}
