//! Every limit of the core, named, and the relations between them. Those that callers may rely on
//! come from the C ABI's list.

const abi = @import("abi.zig");

/// Inputs that share a scale in quantised weights and activations.
pub const group = 128;

/// Most layers of a model.
pub const layers_max = 16;
/// Most inputs or outputs of one of a model's matrices.
pub const dim_max = 4096;
/// Most tokens in a model's vocabulary; a token is one byte.
pub const vocabulary_max = 255;
/// Most graphemes of a word that a model reads at once; a longer word is read in pieces.
pub const graphemes_max = 120;
/// Most phonemes that a model writes for a piece of a word.
pub const phonemes_max = 120;
/// Most positions in a word's KV cache: graphemes, separator, phonemes.
pub const positions_max = graphemes_max + 1 + phonemes_max;

/// Words that go through the model side by side.
pub const batch_words = 16;
/// Tokens that go through the model side by side.
pub const batch_columns = 128;

pub const packs_max = abi.limits.packs_max;
pub const cache_words_default = abi.limits.cache_words_default;
pub const cache_words_max = abi.limits.cache_words_max;
pub const lexicon_bytes_default = abi.limits.lexicon_bytes_default;
pub const lexicon_bytes_max = abi.limits.lexicon_bytes_max;
pub const alternatives_max = abi.limits.alternatives_max;
pub const separator_bytes_max = abi.limits.separator_bytes_max;

/// Longest reading of a written form (a number, an address …), in bytes.
pub const spoken_bytes_max = 1024;

/// Words that are given to the decoder at once.
pub const pieces_max = 256;

/// A block of the text that is at least this long ends behind the next white space.
pub const block_bytes_full = 768;
/// Longest block of the text, in bytes.
pub const block_bytes_max = 1024;
/// Most spans and spoken words of a block: a written form is left as it is when there would be more.
pub const block_entries_max = 1536;
/// Spans and spoken words that are held before their words are read and written out, the last block
/// of any length among them.
pub const window_entries = block_entries_max + 512;
/// Bytes of the readings of a block's written forms; one that does not fit is left as it is.
pub const block_spoken_max = 16384;

comptime {
    const assert = @import("std").debug.assert;
    assert(batch_columns >= graphemes_max + 1);
    assert(batch_columns >= batch_words);
    assert(block_entries_max > block_bytes_max);
    assert(block_spoken_max > spoken_bytes_max);
    assert(vocabulary_max <= 255);
    assert(group % 16 == 0);
}
