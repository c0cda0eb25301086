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
pub const separator_bytes_max = abi.limits.separator_bytes_max;

/// Spans of the text that are held before their words are read and written out.
pub const window_spans = 256;
/// Graphemes and phonemes of the words held at once, per kind.
pub const window_tokens = 16384;

comptime {
    const assert = @import("std").debug.assert;
    assert(batch_columns >= graphemes_max + 1);
    assert(batch_columns >= batch_words);
    assert(window_tokens >= 4 * graphemes_max);
    assert(vocabulary_max <= 255);
    assert(group % 16 == 0);
}
