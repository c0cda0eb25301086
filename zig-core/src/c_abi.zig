//! The C ABI of kilophone.h: the only exporter, native and wasm. It converts types, calls once and
//! maps the errors.

const std = @import("std");
const builtin = @import("builtin");
const kilophone = @import("kilophone");

const abi = kilophone.abi;
const Transcriber = kilophone.Transcriber;
const AnyError = kilophone.Error || kilophone.OpenError;

const Status = abi.Status;

/// Every error of the core has a status: no `else`.
fn statusOf(err: AnyError) Status {
    return switch (err) {
        error.OutOfSpace => .out_of_space,
        error.InvalidUtf8 => .invalid_utf8,
        error.UnknownCharacter => .unknown_character,
        error.UnknownLanguage => .unknown_language,
        error.UnsupportedFormat => .unsupported_format,
        error.InvalidArgument => .invalid_argument,
        error.OutOfMemory => .out_of_memory,
        error.LimitExceeded => .limit_exceeded,
        error.PackTruncated => .pack_truncated,
        error.PackCorrupt => .pack_corrupt,
        error.PackNewer => .pack_newer,
        error.PackLanguage => .pack_language,
        error.UnsupportedKernels => .unsupported_kernels,
        error.InvalidSpelling => .invalid_spelling,
        error.InvalidLexicon => .invalid_lexicon,
    };
}

const allocator = if (builtin.cpu.arch.isWasm()) std.heap.wasm_allocator else std.heap.page_allocator;

fn open(
    packs: ?[*]const ?[*]const u8,
    lens: ?[*]const usize,
    count: usize,
    limits: ?*const abi.Limits,
    out: ?*?*Transcriber,
) callconv(.c) Status {
    const to = out orelse return .invalid_argument;
    to.* = null;
    if (count > kilophone.limits.packs_max) return .limit_exceeded;
    var given: [kilophone.limits.packs_max][]const u8 = undefined;
    for (given[0..count], 0..) |*pack, i| {
        const from = (packs orelse return .invalid_argument)[i] orelse return .invalid_argument;
        pack.* = from[0..(lens orelse return .invalid_argument)[i]];
    }
    const with = limitsOf(limits) orelse return .invalid_argument;
    to.* = Transcriber.open(allocator, given[0..count], with) catch |err| return statusOf(err);
    return .ok;
}

fn close(transcriber: ?*Transcriber) callconv(.c) void {
    if (transcriber) |t| t.close();
}

/// What the calls on one text have in common: checks the pointers, runs `method`, maps the result.
fn call(
    comptime T: type,
    comptime method: anytype,
    transcriber: ?*Transcriber,
    text: ?[*]const u8,
    text_bytes: usize,
    options: ?*const abi.Options,
    out: ?[*]T,
    out_capacity: usize,
    out_count: ?*usize,
) Status {
    const self = transcriber orelse return .invalid_argument;
    const written = out_count orelse return .invalid_argument;
    written.* = 0;
    const input = slice(text, text_bytes) orelse return .invalid_argument;
    const buffer = mutable(T, out, out_capacity) orelse return .invalid_argument;
    const chosen = optionsOf(options) orelse return .invalid_argument;
    return finish(self, method(self, input, chosen, buffer), written);
}

fn transcribe(
    transcriber: ?*Transcriber,
    text: ?[*]const u8,
    text_bytes: usize,
    options: ?*const abi.Options,
    out: ?[*]u8,
    out_capacity: usize,
    out_bytes: ?*usize,
) callconv(.c) Status {
    return call(u8, Transcriber.transcribe, transcriber, text, text_bytes, options, out, out_capacity, out_bytes);
}

const CTexts = struct {
    texts: [*]const ?[*]const u8,
    text_bytes: [*]const usize,

    pub fn at(self: CTexts, index: usize) []const u8 {
        return slice(self.texts[index], self.text_bytes[index]).?;
    }
};

fn transcribeMany(
    transcriber: ?*Transcriber,
    texts: ?[*]const ?[*]const u8,
    text_bytes: ?[*]const usize,
    count: usize,
    options: ?*const abi.Options,
    out: ?[*]u8,
    out_capacity: usize,
    out_ends: ?[*]usize,
    out_bytes: ?*usize,
) callconv(.c) Status {
    const self = transcriber orelse return .invalid_argument;
    const written = out_bytes orelse return .invalid_argument;
    written.* = 0;
    const buffer = mutable(u8, out, out_capacity) orelse return .invalid_argument;
    const chosen = optionsOf(options) orelse return .invalid_argument;
    const no_texts: CTexts = .{ .texts = &.{}, .text_bytes = &.{} };
    const inputs: CTexts = if (count == 0) no_texts else .{
        .texts = texts orelse return .invalid_argument,
        .text_bytes = text_bytes orelse return .invalid_argument,
    };
    for (0..count) |i| {
        if (slice(inputs.texts[i], inputs.text_bytes[i]) == null) return .invalid_argument;
    }
    const ends = mutable(usize, out_ends, count) orelse return .invalid_argument;
    return finish(self, self.transcribeMany(inputs, chosen, buffer, ends), written);
}

fn analyze(
    transcriber: ?*Transcriber,
    text: ?[*]const u8,
    text_bytes: usize,
    options: ?*const abi.Options,
    out: ?[*]u8,
    out_capacity: usize,
    out_bytes: ?*usize,
) callconv(.c) Status {
    return call(u8, analyzeAligned, transcriber, text, text_bytes, options, out, out_capacity, out_bytes);
}

fn analyzeAligned(self: *Transcriber, input: []const u8, options: kilophone.Options, out: []u8) kilophone.Error!usize {
    return self.analyze(input, options, try aligned(out));
}

/// A record buffer, which must begin at a multiple of 4.
fn aligned(out: []u8) error{InvalidArgument}![]align(4) u8 {
    if (out.len == 0) return &.{};
    if (!std.mem.isAligned(@intFromPtr(out.ptr), 4)) return error.InvalidArgument;
    return @alignCast(out);
}

fn normalize(
    transcriber: ?*Transcriber,
    text: ?[*]const u8,
    text_bytes: usize,
    options: ?*const abi.Options,
    out: ?[*]u8,
    out_capacity: usize,
    out_bytes: ?*usize,
) callconv(.c) Status {
    return call(u8, Transcriber.normalize, transcriber, text, text_bytes, options, out, out_capacity, out_bytes);
}

fn transcribePart(
    transcriber: ?*Transcriber,
    text: ?[*]const u8,
    text_bytes: usize,
    is_first: u32,
    is_last: u32,
    options: ?*const abi.Options,
    out: ?[*]u8,
    out_capacity: usize,
    out_bytes: ?*usize,
    out_consumed: ?*usize,
) callconv(.c) Status {
    const self = transcriber orelse return .invalid_argument;
    const written = out_bytes orelse return .invalid_argument;
    const consumed = out_consumed orelse return .invalid_argument;
    written.* = 0;
    consumed.* = 0;
    const input = slice(text, text_bytes) orelse return .invalid_argument;
    const buffer = mutable(u8, out, out_capacity) orelse return .invalid_argument;
    const chosen = optionsOf(options) orelse return .invalid_argument;
    const part: Transcriber.Part = .{ .is_first = is_first != 0, .is_last = is_last != 0 };
    return finish(self, self.transcribePart(input, part, chosen, buffer, consumed), written);
}

fn alternatives(
    transcriber: ?*Transcriber,
    word: ?[*]const u8,
    word_bytes: usize,
    count: usize,
    options: ?*const abi.Options,
    out: ?[*]u8,
    out_capacity: usize,
    out_bytes: ?*usize,
) callconv(.c) Status {
    const self = transcriber orelse return .invalid_argument;
    const written = out_bytes orelse return .invalid_argument;
    written.* = 0;
    const input = slice(word, word_bytes) orelse return .invalid_argument;
    const buffer = aligned(mutable(u8, out, out_capacity) orelse return .invalid_argument) catch return .invalid_argument;
    const chosen = optionsOf(options) orelse return .invalid_argument;
    return finish(self, self.alternatives(input, count, chosen, buffer), written);
}

fn lexiconAdd(
    transcriber: ?*Transcriber,
    word: ?[*]const u8,
    word_bytes: usize,
    spelling: ?[*]const u8,
    spelling_bytes: usize,
    options: ?*const abi.Options,
) callconv(.c) Status {
    const self = transcriber orelse return .invalid_argument;
    const input = slice(word, word_bytes) orelse return .invalid_argument;
    const spelled = slice(spelling, spelling_bytes) orelse return .invalid_argument;
    const chosen = optionsOf(options) orelse return .invalid_argument;
    self.addWord(input, spelled, chosen) catch |err| return statusOf(err);
    return .ok;
}

fn lexiconLoad(
    transcriber: ?*Transcriber,
    lines: ?[*]const u8,
    lines_bytes: usize,
    options: ?*const abi.Options,
    out_count: ?*usize,
) callconv(.c) Status {
    const self = transcriber orelse return .invalid_argument;
    const added = out_count orelse return .invalid_argument;
    added.* = 0;
    const input = slice(lines, lines_bytes) orelse return .invalid_argument;
    const chosen = optionsOf(options) orelse return .invalid_argument;
    return finish(self, self.addLexicon(input, chosen), added);
}

fn lexiconClear(transcriber: ?*Transcriber) callconv(.c) void {
    if (transcriber) |t| t.clearLexicon();
}

fn wordRanks(
    transcriber: ?*Transcriber,
    word: ?[*]const u8,
    word_bytes: usize,
    spelling: ?[*]const u8,
    spelling_bytes: usize,
    options: ?*const abi.Options,
    out: ?[*]kilophone.Rank,
    out_capacity: usize,
    out_count: ?*usize,
) callconv(.c) Status {
    const self = transcriber orelse return .invalid_argument;
    const written = out_count orelse return .invalid_argument;
    written.* = 0;
    const input = slice(word, word_bytes) orelse return .invalid_argument;
    const spelled = slice(spelling, spelling_bytes) orelse return .invalid_argument;
    const buffer = mutable(kilophone.Rank, out, out_capacity) orelse return .invalid_argument;
    const chosen = optionsOf(options) orelse return .invalid_argument;
    return finish(self, self.wordRanks(input, spelled, chosen, buffer), written);
}

fn wordLogits(
    transcriber: ?*Transcriber,
    text: ?[*]const u8,
    text_bytes: usize,
    options: ?*const abi.Options,
    out: ?[*]f32,
    out_capacity_floats: usize,
    out_floats: ?*usize,
) callconv(.c) Status {
    return call(f32, Transcriber.wordLogits, transcriber, text, text_bytes, options, out, out_capacity_floats, out_floats);
}

fn lastFault(transcriber: ?*const Transcriber, out: ?*abi.Fault) callconv(.c) void {
    const to = out orelse return;
    const fault: kilophone.Fault = if (transcriber) |t| t.fault else .{};
    to.* = .{ .text = fault.text, .position = fault.position };
}

fn version() callconv(.c) [*:0]const u8 {
    return kilophone.version;
}

fn statusMessage(status: c_int) callconv(.c) [*:0]const u8 {
    const known = std.enums.fromInt(Status, status) orelse return "not a status of this library";
    return known.message().ptr;
}

fn finish(self: *Transcriber, result: kilophone.Error!usize, written: *usize) Status {
    if (result) |count| {
        written.* = count;
        return .ok;
    } else |err| {
        if (err == error.OutOfSpace) written.* = self.needed;
        return statusOf(err);
    }
}

/// Bytes at a pointer; NULL is allowed for none of them.
fn slice(pointer: ?[*]const u8, count: usize) ?[]const u8 {
    return if (pointer) |p| p[0..count] else if (count == 0) &.{} else null;
}

fn mutable(comptime T: type, pointer: ?[*]T, count: usize) ?[]T {
    return if (pointer) |p| p[0..count] else if (count == 0) &.{} else null;
}

/// A struct of options or limits, of this size or of an earlier, smaller one, whose missing fields are
/// zero.
fn grown(comptime T: type, given: *const T, comptime least: usize) ?T {
    const bytes = given.struct_bytes;
    if (bytes < least or bytes > @sizeOf(T) or bytes % @sizeOf(u32) != 0) return null;
    var whole = std.mem.zeroes(T);
    @memcpy(std.mem.asBytes(&whole)[0..bytes], @as([*]const u8, @ptrCast(given)));
    return whole;
}

fn optionsOf(given: ?*const abi.Options) ?kilophone.Options {
    const c = grown(abi.Options, given orelse return .{}, @offsetOf(abi.Options, "written")) orelse return null;
    if (c.reserved != 0) return null;
    const defaults: kilophone.Options = .{};
    return .{
        .format = std.enums.fromInt(kilophone.Format, c.format) orelse return null,
        .stress = std.enums.fromInt(kilophone.StressPlacement, c.stress) orelse return null,
        .punctuation = std.enums.fromInt(kilophone.Punctuation, c.punctuation) orelse return null,
        .unknown = std.enums.fromInt(kilophone.Unknown, c.unknown) orelse return null,
        .separator = optional(c.separator, c.separator_bytes),
        .syllable_separator = optional(c.syllable_separator, c.syllable_separator_bytes),
        .word_separator = optional(c.word_separator, c.word_separator_bytes),
        .language = optional(c.language, c.language_bytes),
        .written = choiceOf(c.written, defaults.written) orelse return null,
        .homographs = choiceOf(c.homographs, defaults.homographs) orelse return null,
        .weak_forms = choiceOf(c.weak_forms, defaults.weak_forms) orelse return null,
        .sandhi = choiceOf(c.sandhi, defaults.sandhi) orelse return null,
        .narrow = choiceOf(c.narrow, defaults.narrow) orelse return null,
        .overrides = choiceOf(c.overrides, defaults.overrides) orelse return null,
    };
}

fn optional(pointer: ?[*]const u8, count: usize) ?[]const u8 {
    return if (pointer) |p| p[0..count] else null;
}

fn choiceOf(number: u32, default: bool) ?bool {
    return switch (std.enums.fromInt(abi.Choice, number) orelse return null) {
        .default => default,
        .off => false,
        .on => true,
    };
}

fn limitsOf(given: ?*const abi.Limits) ?kilophone.Limits {
    const c = grown(abi.Limits, given orelse return .{}, @offsetOf(abi.Limits, "lexicon_bytes")) orelse return null;
    const defaults: kilophone.Limits = .{};
    return .{
        .kernels = std.enums.fromInt(kilophone.Kernels, c.kernels) orelse return null,
        .cache_words = switch (c.cache_words) {
            0 => defaults.cache_words,
            abi.cache_off => 0,
            else => |words| words,
        },
        .lexicon_bytes = if (c.lexicon_bytes == 0) defaults.lexicon_bytes else c.lexicon_bytes,
    };
}

const wasm_alignment: std.mem.Alignment = .@"16";

fn alloc(bytes: usize) callconv(.c) ?[*]u8 {
    return allocator.rawAlloc(@max(bytes, 1), wasm_alignment, 0);
}

fn free(pointer: ?[*]u8, bytes: usize) callconv(.c) void {
    const from = pointer orelse return;
    allocator.rawFree(from[0..@max(bytes, 1)], wasm_alignment, 0);
}

comptime {
    @export(&open, .{ .name = "kp_open" });
    @export(&close, .{ .name = "kp_close" });
    @export(&transcribe, .{ .name = "kp_transcribe" });
    @export(&transcribeMany, .{ .name = "kp_transcribe_many" });
    @export(&analyze, .{ .name = "kp_analyze" });
    @export(&normalize, .{ .name = "kp_normalize" });
    @export(&transcribePart, .{ .name = "kp_transcribe_part" });
    @export(&alternatives, .{ .name = "kp_alternatives" });
    @export(&lexiconAdd, .{ .name = "kp_lexicon_add" });
    @export(&lexiconLoad, .{ .name = "kp_lexicon_load" });
    @export(&lexiconClear, .{ .name = "kp_lexicon_clear" });
    @export(&wordRanks, .{ .name = "kp_word_ranks" });
    @export(&wordLogits, .{ .name = "kp_word_logits" });
    @export(&lastFault, .{ .name = "kp_last_fault" });
    @export(&version, .{ .name = "kp_version" });
    @export(&statusMessage, .{ .name = "kp_status_message" });
    if (builtin.cpu.arch.isWasm()) {
        @export(&alloc, .{ .name = "kp_alloc" });
        @export(&free, .{ .name = "kp_free" });
    }
}
