//! The forward pass as an object of its own, one a processor level: the root of the objects that
//! build.zig compiles with the features of x86-64 v2 and v3 and links into one library.

const options = @import("engine_options");
const transformer = @import("transformer.zig");

comptime {
    @export(&transformer.forward, .{ .name = options.symbol, .visibility = .hidden });
}
