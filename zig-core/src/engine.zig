//! The forward pass as an object of its own, one a processor level: `root.zig` of the objects that
//! build.zig compiles with the features of x86-64 v1, v2 and v3 and links into one library.

const options = @import("engine_options");
const transformer = @import("transformer.zig");

fn forward(
    model: *const transformer.Model,
    scratch: *const transformer.Scratch,
    segments: [*]const transformer.Segment,
    count: usize,
) callconv(.c) void {
    transformer.forward(model, scratch, segments[0..count]);
}

comptime {
    @export(&forward, .{ .name = options.symbol, .visibility = .hidden });
}
