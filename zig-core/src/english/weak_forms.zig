//! Strong and weak forms of English function words, and which of them a word has in its phrase.
//!
//! The forms are those of the lists in Cruttenden, *Gimson's Pronunciation of English* (8th ed.,
//! section 11.3), Roach, *English Phonetics and Phonology* (4th ed., chapter 12) and Wells, *Longman
//! Pronunciation Dictionary*, in General American. A weak form in the wrong place is worse than a
//! strong one in the wrong place: where the neighbours do not tell, the answer is strong or none.
//! Left out for that reason are *or, nor, so, just, some* and contractions.

const std = @import("std");

pub const Form = enum(u8) { strong, weak, before_vowel };

pub const Entry = struct {
    /// The word, its strong and its weak form; then the weak one before vowels where it is another.
    text: []const u8,
    rule: Rule,

    /// Phonemes in ARPAbet, with one space between them; none when the word has no such form.
    pub fn spelling(self: *const Entry, form: Form) []const u8 {
        var parts = std.mem.splitScalar(u8, self.text, '|');
        for (0..@as(usize, @backingInt(form)) + 1) |_| _ = parts.next();
        return parts.next() orelse "";
    }

    fn isWord(self: *const Entry, letters: []const u8) bool {
        return std.mem.startsWith(u8, self.text, letters) and self.text[letters.len] == '|';
    }
};

/// When a word that is not the last of its phrase is weak.
const Rule = enum {
    /// Always.
    always,
    /// *a*: unless it is the name of the letter.
    a,
    /// Unless it is stranded: a conjunction or a finite verb follows (*the one I came for is here*).
    preposition,
    /// Not as the first word, nor before a conjunction (*between you and me*).
    pronoun,
    /// Nor before another finite form (*what they are is*).
    be,
    /// After a subject pronoun, unless something follows that is no verb (*we can go*, not *the can*,
    /// *we can and will*).
    modal,
    /// Before a participle that can hardly be anything else (*have been*, not *have money*).
    have,
    /// Between a question word and a pronoun (*what do you*).
    do,
    /// As the conjunction: inside of the phrase, before a pronoun or a determiner, and not after a
    /// form of *be* (*is that your dog*).
    that,
    /// Before a finite verb, at the beginning of its clause: existential.
    there,
};

pub const entries = [_]Entry{
    .{ .text = "a|EY1|AH0", .rule = .a },
    .{ .text = "an|AE1 N|AH0 N", .rule = .always },
    .{ .text = "the|DH IY1|DH AH0|DH IY0", .rule = .always },
    .{ .text = "and|AE1 N D|AH0 N D", .rule = .always },
    .{ .text = "but|B AH1 T|B AH0 T", .rule = .always },
    .{ .text = "as|AE1 Z|AH0 Z", .rule = .always },
    .{ .text = "than|DH AE1 N|DH AH0 N", .rule = .always },
    .{ .text = "to|T UW1|T AH0|T UW0", .rule = .preposition },
    .{ .text = "of|AH1 V|AH0 V", .rule = .preposition },
    .{ .text = "at|AE1 T|AH0 T", .rule = .preposition },
    .{ .text = "for|F AO1 R|F ER0", .rule = .preposition },
    .{ .text = "from|F R AH1 M|F R AH0 M", .rule = .preposition },
    .{ .text = "he|HH IY1|HH IY0", .rule = .pronoun },
    .{ .text = "she|SH IY1|SH IY0", .rule = .pronoun },
    .{ .text = "we|W IY1|W IY0", .rule = .pronoun },
    .{ .text = "you|Y UW1|Y UW0", .rule = .pronoun },
    .{ .text = "me|M IY1|M IY0", .rule = .pronoun },
    .{ .text = "her|HH ER1|HH ER0", .rule = .pronoun },
    .{ .text = "him|HH IH1 M|HH IH0 M", .rule = .pronoun },
    .{ .text = "his|HH IH1 Z|HH IH0 Z", .rule = .pronoun },
    .{ .text = "them|DH EH1 M|DH AH0 M", .rule = .pronoun },
    .{ .text = "us|AH1 S|AH0 S", .rule = .pronoun },
    .{ .text = "your|Y AO1 R|Y ER0", .rule = .pronoun },
    .{ .text = "am|AE1 M|AH0 M", .rule = .be },
    .{ .text = "are|AA1 R|ER0", .rule = .be },
    .{ .text = "was|W AA1 Z|W AH0 Z", .rule = .be },
    .{ .text = "were|W ER1|W ER0", .rule = .be },
    .{ .text = "be|B IY1|B IY0", .rule = .be },
    .{ .text = "been|B IH1 N|B IH0 N", .rule = .be },
    .{ .text = "can|K AE1 N|K AH0 N", .rule = .modal },
    .{ .text = "could|K UH1 D|K AH0 D", .rule = .modal },
    .{ .text = "should|SH UH1 D|SH AH0 D", .rule = .modal },
    .{ .text = "would|W UH1 D|W AH0 D", .rule = .modal },
    .{ .text = "must|M AH1 S T|M AH0 S T", .rule = .modal },
    .{ .text = "shall|SH AE1 L|SH AH0 L", .rule = .modal },
    .{ .text = "will|W IH1 L|W AH0 L", .rule = .modal },
    .{ .text = "have|HH AE1 V|HH AH0 V", .rule = .have },
    .{ .text = "has|HH AE1 Z|HH AH0 Z", .rule = .have },
    .{ .text = "had|HH AE1 D|HH AH0 D", .rule = .have },
    .{ .text = "do|D UW1|D AH0|D UW0", .rule = .do },
    .{ .text = "does|D AH1 Z|D AH0 Z", .rule = .do },
    .{ .text = "that|DH AE1 T|DH AH0 T", .rule = .that },
    .{ .text = "there|DH EH1 R|DH ER0", .rule = .there },
};

/// The neighbours of a word. Only a space may be between words of a phrase.
pub const Context = struct {
    /// Letters of the word before in the same phrase; none when this is the first.
    previous: []const u8 = "",
    /// Letters of the next word in the same phrase; none before punctuation and at the end.
    next: []const u8 = "",
    /// The next word's first phoneme is a vowel.
    next_is_vowel: bool = false,
    next_is_capital: bool = false,
    /// The word itself begins with a capital.
    is_capital: bool = false,
};

/// The entry, an index into `entries`, and the form of it that a word has.
pub const Choice = struct { entry: u8, form: Form };

/// Null when the word has no weak form. `letters` are small.
pub fn choose(letters: []const u8, context: Context) ?Choice {
    for (&entries, 0..) |*entry, index| {
        if (!entry.isWord(letters)) continue;
        const is_weak = context.next.len > 0 and holds(entry.rule, context);
        const form: Form = if (!is_weak) .strong else if (context.next_is_vowel and entry.spelling(.before_vowel).len > 0) .before_vowel else .weak;
        return .{ .entry = @intCast(index), .form = form };
    }
    return null;
}

const conjunctions = " and or but nor if when because while although though than as so too either ";
const subjects = " i you he she it we they ";
const determiners = " the a an this these those my your his her its our their no all some any every each there ";
const finite_be = " is are was were am isn't aren't wasn't weren't ";
const finite = finite_be ++ "can could will would shall should may might must has had does did ";
const participles = " been become done gone seen made taken given got had ";
const questions = " what where when why how who which ";

fn holds(rule: Rule, context: Context) bool {
    const next = context.next;
    const previous = context.previous;
    return switch (rule) {
        .always => true,
        // "vitamin A is", but "A dog" and "The Story of A Man"
        .a => !context.is_capital or previous.len == 0 or context.next_is_capital,
        .preposition => !isOf(next, conjunctions) and !isOf(next, finite),
        .pronoun => previous.len > 0 and !isOf(next, conjunctions),
        .be => previous.len > 0 and !isOf(next, conjunctions) and !isOf(next, finite_be),
        .modal => isOf(previous, subjects) and !isOf(next, conjunctions) and !isOf(next, subjects) and
            !isOf(next, finite) and !std.mem.eql(u8, next, "not"),
        .have => isOf(next, participles),
        .do => isOf(previous, questions) and isOf(next, subjects),
        .that => previous.len > 0 and !isOf(previous, finite_be) and
            (isOf(next, subjects) or isOf(next, determiners)),
        .there => isOf(next, finite) and (previous.len == 0 or isOf(previous, conjunctions ++ "that ")),
    };
}

noinline fn isOf(word: []const u8, list: []const u8) bool {
    var words = std.mem.tokenizeScalar(u8, list, ' ');
    while (words.next()) |listed| if (std.mem.eql(u8, listed, word)) return true;
    return false;
}

/// The word after `>` in its phrase; a capital stays one. The next word's first letter stands for its
/// first phoneme.
fn spoken(phrase: []const u8) []const u8 {
    var previous: []const u8 = "";
    var words = std.mem.tokenizeScalar(u8, phrase, ' ');
    while (words.next()) |word| : (previous = word) {
        if (word[0] != '>') continue;
        const next = words.next() orelse "";
        var buffer: [16]u8 = undefined;
        const choice = choose(std.ascii.lowerString(&buffer, word[1..]), .{
            .previous = previous,
            .next = next,
            .next_is_vowel = next.len > 0 and std.mem.indexOfScalar(u8, "aeiou", next[0]) != null,
            .next_is_capital = next.len > 0 and std.ascii.isUpper(next[0]),
            .is_capital = std.ascii.isUpper(word[1]),
        }) orelse return "none";
        return entries[choice.entry].spelling(choice.form);
    }
    unreachable;
}

// Goal: weak and strong where the textbooks have them. Method: the situations that they describe
// (Roach, chapter 12; Cruttenden, 11.3: final, stranded, coordinated, contrasted, before a vowel),
// with phrases of our own.
test "forms in phrases" {
    const cases = [_][2][]const u8{
        .{ ">the dog", "DH AH0" },                .{ ">the end", "DH IY0" },
        .{ "I said >the", "DH IY1" },             .{ ">a dog", "AH0" },
        .{ ">A dog", "AH0" },                     .{ "vitamin >A", "EY1" },
        .{ "plan >A is", "EY1" },                 .{ "Story of >A Man", "AH0" },
        .{ "bread >and butter", "AH0 N D" },      .{ "go >to bed", "T AH0" },
        .{ "go >to each", "T UW0" },              .{ "want >to", "T UW1" },
        .{ "want >to be", "T AH0" },              .{ "cup >of tea", "AH0 V" },
        .{ "what are you looking >at", "AE1 T" }, .{ "the one I came >for is", "F AO1 R" },
        .{ "travel to >and from", "AH0 N D" },    .{ "travel >to and", "T UW1" },
        .{ "better >than ever", "DH AH0 N" },     .{ "she said >that he", "DH AH0 T" },
        .{ "take >that one", "DH AE1 T" },        .{ "is >that your", "DH AE1 T" },
        .{ "yes i >can", "K AE1 N" },             .{ "i >can see", "K AH0 N" },
        .{ "the >can leaks", "K AE1 N" },         .{ "his >will was", "W IH1 L" },
        .{ "what >do you", "D AH0" },             .{ "i >do", "D UW1" },
        .{ "they >do work", "D UW1" },            .{ "we >have been", "HH AH0 V" },
        .{ "we >have money", "HH AE1 V" },        .{ "it >was late", "W AH0 Z" },
        .{ "who they >are is", "AA1 R" },         .{ ">there is", "DH ER0" },
        .{ "over >there is", "DH EH1 R" },        .{ "put it >there", "DH EH1 R" },
        .{ "give >them money", "DH AH0 M" },      .{ "between >you and", "Y UW1" },
        .{ ">dog and", "none" },                  .{ ">or else", "none" },
    };
    for (cases) |case| try std.testing.expectEqualStrings(case[1], spoken(case[0]));
}

// Goal: a caller can turn every form into tokens. Method: every name is one of CMUdict's set.
test "all spellings are ARPAbet" {
    const consonants = " B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH ";
    const vowels = " AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW ";
    for (&entries) |*entry| for (std.enums.values(Form)) |form| {
        var names = std.mem.tokenizeScalar(u8, entry.spelling(form), ' ');
        while (names.next()) |name| {
            const is_vowel = name[name.len - 1] <= '2';
            try std.testing.expect(if (is_vowel) isOf(name[0 .. name.len - 1], vowels) else isOf(name, consonants));
        }
    };
}
