//! The C ABI of kilophone.h: the only exporter, native and wasm. It converts types, calls once and
//! maps the errors.

const std = @import("std");
const builtin = @import("builtin");
const kilophone = @import("kilophone");

const Transcriber = kilophone.Transcriber;
const AnyError = kilophone.Error || kilophone.OpenError;

const Status = enum(c_int) {
    ok = 0,
    out_of_space = 1,
    invalid_utf8 = 2,
    unknown_character = 3,
    unknown_language = 4,
    unsupported_format = 5,
    invalid_argument = 6,
    out_of_memory = 7,
    limit_exceeded = 8,
    pack_truncated = 9,
    pack_corrupt = 10,
    pack_newer = 11,
    pack_language = 12,
    unsupported_kernels = 13,

    fn of(err: AnyError) Status {
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
        };
    }

    fn message(self: Status) [*:0]const u8 {
        return switch (self) {
            .ok => "no error",
            .out_of_space => "the output buffer is too small",
            .invalid_utf8 => "the text is not valid UTF-8",
            .unknown_character => "a character has no reading",
            .unknown_language => "no open pack has the language asked for",
            .unsupported_format => "a word's language has no spelling in the format asked for",
            .invalid_argument => "an argument is missing or out of range",
            .out_of_memory => "out of memory",
            .limit_exceeded => "the text or a limit is larger than the library's own limits",
            .pack_truncated => "the pack is shorter than its header says",
            .pack_corrupt => "the pack is corrupt, or is no pack",
            .pack_newer => "the pack's format is newer than this library",
            .pack_language => "the pack's language has no text rules here, or is open already",
            .unsupported_kernels => "the processor or library does not have the kernels asked for",
        };
    }
};

const COptions = extern struct {
    struct_bytes: u32,
    format: u32,
    stress: u32,
    punctuation: u32,
    unknown: u32,
    reserved: u32,
    separator: ?[*]const u8,
    separator_bytes: usize,
    language: ?[*]const u8,
    language_bytes: usize,
};

const CLimits = extern struct {
    struct_bytes: u32,
    kernels: u32,
    cache_words: u32,
};

const cache_off = std.math.maxInt(u32);

const CFault = extern struct { text: usize, position: usize };

const allocator = if (builtin.cpu.arch.isWasm()) std.heap.wasm_allocator else std.heap.page_allocator;

fn open(
    packs: ?[*]const ?[*]const u8,
    lens: ?[*]const usize,
    count: usize,
    limits: ?*const CLimits,
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
    to.* = Transcriber.open(allocator, given[0..count], with) catch |err| return .of(err);
    return .ok;
}

fn close(transcriber: ?*Transcriber) callconv(.c) void {
    if (transcriber) |t| t.close();
}

fn transcribe(
    transcriber: ?*Transcriber,
    text: ?[*]const u8,
    text_bytes: usize,
    options: ?*const COptions,
    out: ?[*]u8,
    out_capacity: usize,
    out_bytes: ?*usize,
) callconv(.c) Status {
    const self = transcriber orelse return .invalid_argument;
    const written = out_bytes orelse return .invalid_argument;
    written.* = 0;
    const input = slice(text, text_bytes) orelse return .invalid_argument;
    const buffer = mutable(u8, out, out_capacity) orelse return .invalid_argument;
    const chosen = optionsOf(options) orelse return .invalid_argument;
    return finish(self, self.transcribe(input, chosen, buffer), written);
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
    options: ?*const COptions,
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
    if (count == 0) return .ok;
    const inputs: CTexts = .{
        .texts = texts orelse return .invalid_argument,
        .text_bytes = text_bytes orelse return .invalid_argument,
    };
    for (0..count) |i| {
        if (slice(inputs.texts[i], inputs.text_bytes[i]) == null) return .invalid_argument;
    }
    const ends = (out_ends orelse return .invalid_argument)[0..count];
    return finish(self, self.transcribeMany(inputs, chosen, buffer, ends), written);
}

fn analyze(
    transcriber: ?*Transcriber,
    text: ?[*]const u8,
    text_bytes: usize,
    options: ?*const COptions,
    out: ?[*]u8,
    out_capacity: usize,
    out_bytes: ?*usize,
) callconv(.c) Status {
    const self = transcriber orelse return .invalid_argument;
    const written = out_bytes orelse return .invalid_argument;
    written.* = 0;
    const input = slice(text, text_bytes) orelse return .invalid_argument;
    const buffer = mutable(u8, out, out_capacity) orelse return .invalid_argument;
    if (!std.mem.isAligned(@intFromPtr(buffer.ptr), 4) and buffer.len > 0) return .invalid_argument;
    const chosen = optionsOf(options) orelse return .invalid_argument;
    const aligned: []align(4) u8 = if (buffer.len == 0) &.{} else @alignCast(buffer);
    return finish(self, self.analyze(input, chosen, aligned), written);
}

fn wordLogits(
    transcriber: ?*Transcriber,
    text: ?[*]const u8,
    text_bytes: usize,
    options: ?*const COptions,
    out: ?[*]f32,
    out_capacity_floats: usize,
    out_floats: ?*usize,
) callconv(.c) Status {
    const self = transcriber orelse return .invalid_argument;
    const written = out_floats orelse return .invalid_argument;
    written.* = 0;
    const input = slice(text, text_bytes) orelse return .invalid_argument;
    const buffer = mutable(f32, out, out_capacity_floats) orelse return .invalid_argument;
    const chosen = optionsOf(options) orelse return .invalid_argument;
    return finish(self, self.wordLogits(input, chosen, buffer), written);
}

fn lastFault(transcriber: ?*const Transcriber, out: ?*CFault) callconv(.c) void {
    const to = out orelse return;
    const fault: kilophone.Fault = if (transcriber) |t| t.fault else .{};
    to.* = .{ .text = fault.text, .position = fault.position };
}

fn version() callconv(.c) [*:0]const u8 {
    return kilophone.version;
}

fn statusMessage(status: c_int) callconv(.c) [*:0]const u8 {
    const known = std.enums.fromInt(Status, status) orelse return "not a status of this library";
    return known.message();
}

fn finish(self: *Transcriber, result: kilophone.Error!usize, written: *usize) Status {
    if (result) |count| {
        written.* = count;
        return .ok;
    } else |err| {
        if (err == error.OutOfSpace) written.* = self.needed;
        return .of(err);
    }
}

/// Bytes at a pointer; NULL is allowed for none of them.
fn slice(pointer: ?[*]const u8, count: usize) ?[]const u8 {
    return if (pointer) |p| p[0..count] else if (count == 0) &.{} else null;
}

fn mutable(comptime T: type, pointer: ?[*]T, count: usize) ?[]T {
    return if (pointer) |p| p[0..count] else if (count == 0) &.{} else null;
}

fn optionsOf(given: ?*const COptions) ?kilophone.Options {
    const c = given orelse return .{};
    if (c.struct_bytes != @sizeOf(COptions) or c.reserved != 0) return null;
    return .{
        .format = std.enums.fromInt(kilophone.Format, c.format) orelse return null,
        .stress = std.enums.fromInt(kilophone.StressPlacement, c.stress) orelse return null,
        .punctuation = std.enums.fromInt(kilophone.Punctuation, c.punctuation) orelse return null,
        .unknown = std.enums.fromInt(kilophone.Unknown, c.unknown) orelse return null,
        .separator = if (c.separator) |p| p[0..c.separator_bytes] else null,
        .language = if (c.language) |p| p[0..c.language_bytes] else null,
    };
}

fn limitsOf(given: ?*const CLimits) ?kilophone.Limits {
    const c = given orelse return .{};
    if (c.struct_bytes != @sizeOf(CLimits)) return null;
    const defaults: kilophone.Limits = .{};
    return .{
        .kernels = std.enums.fromInt(kilophone.Kernels, c.kernels) orelse return null,
        .cache_words = switch (c.cache_words) {
            0 => defaults.cache_words,
            cache_off => 0,
            else => |words| words,
        },
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
    @export(&wordLogits, .{ .name = "kp_word_logits" });
    @export(&lastFault, .{ .name = "kp_last_fault" });
    @export(&version, .{ .name = "kp_version" });
    @export(&statusMessage, .{ .name = "kp_status_message" });
    if (builtin.cpu.arch.isWasm()) {
        @export(&alloc, .{ .name = "kp_alloc" });
        @export(&free, .{ .name = "kp_free" });
    }
}
