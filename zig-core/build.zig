const std = @import("std");
const manifest = @import("build.zig.zon");

/// Processor levels beside the target's own that the x86-64 libraries hold engines for.
const engine_levels = [_][:0]const u8{ "x86_64_v2", "x86_64_v3" };

pub fn build(b: *std.Build) void {
    const target = b.standardTargetOptions(.{ .default_target = .{ .cpu_model = .baseline } });
    const optimize = b.standardOptimizeOption(.{});
    const sanitize_thread = b.option(bool, "sanitize-thread", "Instrument the core for ThreadSanitizer; needs libc") orelse false;
    const wasm_target = b.resolveTargetQuery(.{
        .cpu_arch = .wasm32,
        .os_tag = .freestanding,
        .cpu_model = .{ .explicit = &std.Target.wasm.cpu.mvp },
        .cpu_features_add = std.Target.wasm.featureSet(&.{ .simd128, .bulk_memory, .sign_ext, .nontrapping_fptoint }),
    });

    const core = addCore(b, b.addModule("kilophone", .{
        .root_source_file = b.path("src/root.zig"),
        .target = target,
        .optimize = optimize,
        .sanitize_thread = sanitize_thread,
        // The sanitizer must see memory being mapped: libc's mmap, not the system call.
        .link_libc = if (sanitize_thread) true else null,
    }));
    const static = addLibrary(b, core, .static);
    const shared = addLibrary(b, core, .dynamic);
    const wasm = addWasm(b, wasm_target);
    const tests = b.addTest(.{ .root_module = core, .use_llvm = true });
    const fuzz = b.addExecutable(.{
        .name = "kilophone-fuzz",
        .use_llvm = true,
        .root_module = b.createModule(.{
            .root_source_file = b.path("tools/fuzz.zig"),
            .target = target,
            .optimize = optimize,
            .imports = &.{.{ .name = "kilophone", .module = core }},
        }),
    });

    // For packages that put the module on a page; nothing else is built for it.
    b.addNamedLazyPath("kilophone.wasm", wasm.getEmittedBin());

    const lib_step = b.step("lib", "Build the static and the shared library");
    lib_step.dependOn(&b.addInstallArtifact(static, .{}).step);
    // A shared library would bring a sanitizer of its own.
    if (!sanitize_thread) lib_step.dependOn(addInstallShared(b, shared));
    const wasm_step = b.step("wasm", "Build kilophone.wasm");
    wasm_step.dependOn(&b.addInstallArtifact(wasm, .{}).step);
    b.getInstallStep().dependOn(lib_step);
    b.getInstallStep().dependOn(wasm_step);
    const documented = b.addObject(.{ .name = "kilophone", .root_module = core });
    b.step("docs", "Write the API documentation to zig-out/docs").dependOn(&b.addInstallDirectory(.{
        .source_dir = documented.getEmittedDocs(),
        .install_dir = .prefix,
        .install_subdir = "docs",
    }).step);
    b.step("test", "Run the unit tests").dependOn(&b.addRunArtifact(tests).step);
    const run_fuzz = b.addRunArtifact(fuzz);
    run_fuzz.addPassthruArgs();
    // Not with the terminal, for which it and the tests would wait for each other.
    run_fuzz.expectExitCode(0);
    b.step("fuzz", "Feed random and mutated texts and packs to this build").dependOn(&run_fuzz.step);
    b.step("fmt", "Check the formatting").dependOn(&b.addFmt(.{
        .paths = b.pathList(&.{ "build.zig", "build.zig.zon", "src", "tools" }),
        .check = true,
    }).step);
}

/// Gives the core its packs, its version and the engines for other processor levels.
fn addCore(b: *std.Build, core: *std.Build.Module) *std.Build.Module {
    const options = b.addOptions();
    options.addOption([:0]const u8, "version", manifest.version);
    const target = core.resolved_target.?;
    const levels = target.result.cpu.arch == .x86_64;
    options.addOption(bool, "levels", levels);
    core.addOptions("build_options", options);
    inline for (.{ "en-us.kph", "ko.kph" }) |pack| {
        core.addAnonymousImport(pack, .{ .root_source_file = b.path("packs/" ++ pack) });
    }
    if (levels) inline for (engine_levels) |level| {
        var query = target.query;
        query.cpu_model = .{ .explicit = target.result.cpu.arch.parseCpuModel(level).? };
        core.addObject(addEngine(b, level, b.resolveTargetQuery(query), core));
    };
    return core;
}

fn addEngine(b: *std.Build, comptime level: [:0]const u8, target: std.Build.ResolvedTarget, core: *std.Build.Module) *std.Build.Step.Compile {
    const options = b.addOptions();
    options.addOption([:0]const u8, "symbol", "kp_engine_" ++ level);
    const module = b.createModule(.{
        .root_source_file = b.path("src/engine.zig"),
        .target = target,
        // Debug code of the kernels would take most of the time of the tests.
        .optimize = if (core.optimize == .debug) .safe else core.optimize,
        .sanitize_thread = core.sanitize_thread,
        .pic = true,
        .strip = core.optimize != .debug,
    });
    module.addOptions("engine_options", options);
    return b.addObject(.{ .name = "engine_" ++ level, .root_module = module, .use_llvm = true });
}

fn addLibrary(b: *std.Build, core: *std.Build.Module, linkage: std.builtin.LinkMode) *std.Build.Step.Compile {
    const library = b.addLibrary(.{
        .name = "kilophone",
        .linkage = linkage,
        .version = if (linkage == .dynamic) std.SemanticVersion.parse(manifest.version) catch unreachable else null,
        .use_llvm = true,
        .root_module = b.createModule(.{
            .root_source_file = b.path("src/c_abi.zig"),
            .target = core.resolved_target,
            .optimize = core.optimize,
            .sanitize_thread = core.sanitize_thread,
            .pic = true,
            .strip = core.optimize != .debug,
            .imports = &.{.{ .name = "kilophone", .module = core }},
        }),
    });
    library.bundle_compiler_rt = true;
    return library;
}

fn addInstallShared(b: *std.Build, shared: *std.Build.Step.Compile) *std.Build.Step {
    if (!shared.producesImplib()) return &b.addInstallArtifact(shared, .{}).step;
    // On Windows both libraries would be kilophone.lib: the DLL's gets a name of its own.
    const install = b.addInstallArtifact(shared, .{ .implib_dir = .disabled });
    install.step.dependOn(&b.addInstallLibFile(shared.getEmittedImplib(), "kilophone.dll.lib").step);
    return &install.step;
}

fn addWasm(b: *std.Build, target: std.Build.ResolvedTarget) *std.Build.Step.Compile {
    const core = addCore(b, b.createModule(.{
        .root_source_file = b.path("src/root.zig"),
        .target = target,
        .optimize = .small,
    }));
    const wasm = b.addExecutable(.{
        .name = "kilophone",
        .root_module = b.createModule(.{
            .root_source_file = b.path("src/c_abi.zig"),
            .target = target,
            .optimize = .small,
            .strip = true,
            .imports = &.{.{ .name = "kilophone", .module = core }},
        }),
    });
    wasm.entry = .disabled;
    wasm.rdynamic = true;
    wasm.stack_size = 128 * 1024;
    return wasm;
}
