const std = @import("std");

pub fn build(b: *std.Build) void {
    const target = b.standardTargetOptions(.{});
    const optimize = b.standardOptimizeOption(.{ .preferred_optimize_mode = .safe });
    const kilophone = b.dependency("kilophone", .{ .target = target, .optimize = optimize });
    b.installArtifact(b.addExecutable(.{
        .name = "kilophone-runner",
        .root_module = b.createModule(.{
            .root_source_file = b.path("main.zig"),
            .target = target,
            .optimize = optimize,
            .imports = &.{.{ .name = "kilophone", .module = kilophone.module("kilophone") }},
        }),
    }));
}
