//! The languages that the core has text rules for.

const std = @import("std");
const text = @import("text.zig");

pub const Language = struct {
    tag: []const u8,
    script: text.Script,
};

pub const all = [_]Language{
    .{ .tag = "en-us", .script = .latin },
    .{ .tag = "ko", .script = .hangul },
};

pub fn byTag(tag: []const u8) ?*const Language {
    for (&all) |*language| if (std.mem.eql(u8, language.tag, tag)) return language;
    return null;
}
