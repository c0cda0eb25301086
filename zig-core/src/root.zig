//! Kilophone: text to IPA (grapheme-to-phoneme) in kilobytes.
//!
//! ```zig
//! const transcriber = try kilophone.Transcriber.open(gpa, &.{}, .{});
//! defer transcriber.close();
//! var buffer: [256]u8 = undefined;
//! const ipa = buffer[0..try transcriber.transcribe("Hello, 세계", .{}, &buffer)];
//! ```
//!
//! `transcribePart` takes a text in parts, `normalize` writes what is read of it, `analyze` and
//! `alternatives` write the records of `records`, `addWord` and `addLexicon` give words
//! pronunciations of the caller's own. Options have their defaults in `Options`.
//!
//! A transcriber is used by one thread at a time; any number of them can be open. All memory is
//! allocated by `open`. `error.OutOfSpace` leaves the size needed in `transcriber.needed`, and an
//! error of a text, a spelling or the lines of a lexicon its place in `transcriber.fault`.

const transcriber = @import("transcriber.zig");

pub const Transcriber = transcriber.Transcriber;
pub const Options = transcriber.Options;
pub const Limits = transcriber.Limits;
pub const Format = transcriber.Format;
pub const Punctuation = transcriber.Punctuation;
pub const Unknown = transcriber.Unknown;
pub const Fault = transcriber.Fault;
pub const Error = transcriber.Error;
pub const OpenError = transcriber.OpenError;
/// What `Transcriber.wordRanks` tells those who build packs.
pub const Rank = @import("decode.zig").Rank;
pub const Kernels = @import("dispatch.zig").Kernels;
pub const StressPlacement = @import("render.zig").Placement;
/// What `Transcriber.analyze` and `Transcriber.alternatives` write.
pub const records = @import("records.zig");
/// What the C ABI is made of; of use to those who write a binding.
pub const abi = @import("abi.zig");
pub const limits = @import("limits.zig");

/// The packs that are used when none are given: `en-us` and `ko`.
pub const embedded_packs: []const []const u8 = &transcriber.embedded;

/// "MAJOR.MINOR.PATCH"
pub const version: [:0]const u8 = @import("build_options").version;

test {
    _ = @import("cache.zig");
    _ = @import("context.zig");
    _ = @import("corrections.zig");
    _ = @import("decode.zig");
    _ = @import("english/forms.zig");
    _ = @import("entropy.zig");
    _ = @import("hangul.zig");
    _ = @import("english/homographs.zig");
    _ = @import("kernels.zig");
    _ = @import("korean/forms.zig");
    _ = @import("latin.zig");
    _ = @import("english/letters.zig");
    _ = @import("english/relatives.zig");
    _ = @import("lexicon.zig");
    _ = @import("math.zig");
    _ = @import("korean/narrow.zig");
    _ = @import("nbest.zig");
    _ = @import("overrides.zig");
    _ = @import("pack.zig");
    _ = @import("korean/pronounced.zig");
    _ = @import("render.zig");
    _ = @import("run.zig");
    _ = @import("korean/sandhi.zig");
    _ = @import("spelling.zig");
    _ = @import("spoken.zig");
    _ = @import("styles.zig");
    _ = @import("text.zig");
    _ = @import("transcriber.zig");
    _ = @import("transformer.zig");
    _ = @import("english/weak_forms.zig");
    _ = @import("window.zig");
    _ = @import("written.zig");
}
