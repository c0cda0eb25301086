//! Builds the Zig core with the `ziglang` package: the static library that the extension module
//! links, and `kilophone.wasm`, which maturin takes from `OUT_DIR` into the wheel.
//!
//! `KILOPHONE_PREFIX` names a folder with a finished build (`lib/`, `bin/kilophone.wasm`) to use
//! instead; `KILOPHONE_WASM` a finished module; `KILOPHONE_ZIG` a command to run Zig with, its words
//! separated by spaces.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn main() {
    for variable in ["KILOPHONE_PREFIX", "KILOPHONE_WASM", "KILOPHONE_ZIG", "PYO3_PYTHON"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let prefix = env::var_os("KILOPHONE_PREFIX")
        .map_or_else(|| build_core(&out_dir.join("zig")), PathBuf::from);

    let wasm = env::var_os("KILOPHONE_WASM")
        .map_or_else(|| prefix.join("bin").join("kilophone.wasm"), PathBuf::from);
    println!("cargo:rerun-if-changed={}", wasm.display());
    std::fs::copy(&wasm, out_dir.join("kilophone.wasm"))
        .unwrap_or_else(|error| panic!("{}: {error}", wasm.display()));

    let lib_dir = prefix.join("lib");
    println!("cargo:rerun-if-changed={}", lib_dir.display());
    println!("cargo:rustc-link-search=native={}", lib_dir.display());
    println!("cargo:rustc-link-lib=static=kilophone");
}

fn build_core(prefix: &Path) -> PathBuf {
    let core = core_dir();
    for name in ["build.zig", "build.zig.zon", "src", "packs", "../VERSION"] {
        // A path that does not exist would run this script in every build.
        let path = core.join(name);
        if path.exists() {
            println!("cargo:rerun-if-changed={}", path.display());
        }
    }
    let zig = zig_command();
    let target = format!("-Dtarget={}", zig_target());
    run_zig(&zig, &core, prefix, &[&target, "-Doptimize=fast", "lib"]);
    run_zig(&zig, &core, prefix, &["wasm"]);
    prefix.to_path_buf()
}

/// The core beside this package in the repository, or inside it in a source distribution.
fn core_dir() -> PathBuf {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let candidates = [package.join("../zig-core"), package.join("zig-core")];
    candidates.iter().find(|path| path.join("build.zig").is_file()).cloned().unwrap_or_else(|| {
        panic!("no Zig core in {} or {}", candidates[0].display(), candidates[1].display())
    })
}

fn run_zig(zig: &[String], core: &Path, prefix: &Path, arguments: &[&str]) {
    let mut command = Command::new(&zig[0]);
    command.args(&zig[1..]).arg("build").arg("--prefix").arg(prefix).args(arguments);
    if let Ok(jobs) = env::var("NUM_JOBS") {
        command.arg(format!("-j{jobs}"));
    }
    let status = command
        .current_dir(core)
        .status()
        .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(status.success(), "{command:?} failed: {status}");
}

/// The first command that runs: that of the interpreter maturin builds for, the script that comes
/// with the `ziglang` package, any Python that has the package.
fn zig_command() -> Vec<String> {
    if let Ok(words) = env::var("KILOPHONE_ZIG") {
        return words.split_whitespace().map(str::to_owned).collect();
    }
    let module = |python: &str| vec![python.to_owned(), "-m".to_owned(), "ziglang".to_owned()];
    let mut candidates: Vec<Vec<String>> = Vec::new();
    candidates.extend(env::var("PYO3_PYTHON").ok().map(|python| module(&python)));
    candidates.push(vec!["python-zig".to_owned()]);
    candidates.extend(["python3", "python"].map(module));
    candidates
        .iter()
        .find(|words| {
            Command::new(&words[0])
                .args(&words[1..])
                .arg("version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        })
        .cloned()
        .unwrap_or_else(|| {
            panic!("no Zig compiler: `pip install ziglang==0.17.1`, or set KILOPHONE_ZIG")
        })
}

/// Cargo's target in Zig's words. Always named, also when it is the host: without a target Zig
/// builds for the very processor it runs on, and the wheel would not run on others.
fn zig_target() -> String {
    let cfg = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    let (os, environment, abi) = (cfg("OS"), cfg("ENV"), cfg("ABI"));
    let arch = match (cfg("ARCH").as_str(), cfg("ENDIAN").as_str()) {
        ("powerpc64", "little") => "powerpc64le".to_owned(),
        (arch, _) => arch.to_owned(),
    };
    match os.as_str() {
        "macos" => format!("{arch}-macos"),
        "linux" | "windows" => format!("{arch}-{os}-{environment}{}", abi_suffix(&abi)),
        _ => format!("{arch}-{os}"),
    }
}

/// Hard and soft float of 32-bit ARM (`gnueabihf`); other ABIs add nothing to the environment.
fn abi_suffix(abi: &str) -> &str {
    if abi.starts_with("eabi") { abi } else { "" }
}
