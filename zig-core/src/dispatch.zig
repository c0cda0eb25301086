//! Picks the engine for the processor: on x86-64 the library holds several builds of engine.zig.

const std = @import("std");
const builtin = @import("builtin");
const options = @import("build_options");
const transformer = @import("transformer.zig");

/// A build of `transformer.forward`.
pub const Forward = *const @TypeOf(transformer.forward);

/// The engines that can be asked for.
pub const Kernels = @import("abi.zig").Kernels;

const levels = options.levels and builtin.cpu.arch == .x86_64;

const engines = struct {
    const v2 = @extern(Forward, .{ .name = "kp_engine_x86_64_v2" });
    const v3 = @extern(Forward, .{ .name = "kp_engine_x86_64_v3" });
};

/// The engine asked for; null when this library or processor does not have it.
pub fn choose(kernels: Kernels) ?Forward {
    return switch (kernels) {
        .portable => &transformer.forward,
        .x86_64_v2 => if (levels and hasV2()) engines.v2 else null,
        .x86_64_v3 => if (levels and hasV3()) engines.v3 else null,
        .best => choose(.x86_64_v3) orelse choose(.x86_64_v2) orelse &transformer.forward,
    };
}

const Cpuid = struct { eax: u32, ebx: u32, ecx: u32, edx: u32 };

fn cpuid(leaf: u32) Cpuid {
    var eax: u32 = undefined;
    var ebx: u32 = undefined;
    var ecx: u32 = undefined;
    var edx: u32 = undefined;
    asm volatile ("cpuid"
        : [eax] "={eax}" (eax),
          [ebx] "={ebx}" (ebx),
          [ecx] "={ecx}" (ecx),
          [edx] "={edx}" (edx),
        : [leaf] "{eax}" (leaf),
          [sub] "{ecx}" (@as(u32, 0)),
    );
    return .{ .eax = eax, .ebx = ebx, .ecx = ecx, .edx = edx };
}

/// Feature bits: Intel SDM volume 2A, CPUID. v2: SSE3, SSSE3, CX16, SSE4.1, SSE4.2, POPCNT.
fn hasV2() bool {
    const wanted: u32 = 1 << 0 | 1 << 9 | 1 << 13 | 1 << 19 | 1 << 20 | 1 << 23;
    return cpuid(1).ecx & wanted == wanted;
}

/// v3: v2 and FMA, MOVBE, F16C, AVX with its registers saved by the system, AVX2, BMI1, BMI2, LZCNT.
fn hasV3() bool {
    if (!hasV2() or cpuid(0).eax < 7) return false;
    const wanted: u32 = 1 << 12 | 1 << 22 | 1 << 27 | 1 << 28 | 1 << 29;
    if (cpuid(1).ecx & wanted != wanted) return false;
    var low: u32 = undefined;
    asm volatile ("xgetbv"
        : [low] "={eax}" (low),
        : [register] "{ecx}" (@as(u32, 0)),
        : .{ .edx = true });
    const avx2_and_bmi: u32 = 1 << 3 | 1 << 5 | 1 << 8;
    return low & 6 == 6 and cpuid(7).ebx & avx2_and_bmi == avx2_and_bmi and cpuid(0x80000001).ecx & (1 << 5) != 0;
}
