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
    if (out.len == 0) return self.analyze(input, options, &.{});
    if (!std.mem.isAligned(@intFromPtr(out.ptr), 4)) return error.InvalidArgument;
    return self.analyze(input, options, @alignCast(out));
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

fn optionsOf(given: ?*const abi.Options) ?kilophone.Options {
    const c = given orelse return .{};
    if (c.struct_bytes != @sizeOf(abi.Options) or c.reserved != 0) return null;
    return .{
        .format = std.enums.fromInt(kilophone.Format, c.format) orelse return null,
        .stress = std.enums.fromInt(kilophone.StressPlacement, c.stress) orelse return null,
        .punctuation = std.enums.fromInt(kilophone.Punctuation, c.punctuation) orelse return null,
        .unknown = std.enums.fromInt(kilophone.Unknown, c.unknown) orelse return null,
        .separator = if (c.separator) |p| p[0..c.separator_bytes] else null,
        .language = if (c.language) |p| p[0..c.language_bytes] else null,
    };
}

fn limitsOf(given: ?*const abi.Limits) ?kilophone.Limits {
    const c = given orelse return .{};
    if (c.struct_bytes != @sizeOf(abi.Limits)) return null;
    const defaults: kilophone.Limits = .{};
    return .{
        .kernels = std.enums.fromInt(kilophone.Kernels, c.kernels) orelse return null,
        .cache_words = switch (c.cache_words) {
            0 => defaults.cache_words,
            abi.cache_off => 0,
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
