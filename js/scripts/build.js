// Builds dist/: the modules by tsc, minified, with source maps that hold the sources; their types;
// and kilophone.wasm.
//
// KILOPHONE_PREFIX names a folder with a finished build of the core (bin/kilophone.wasm) to use;
// KILOPHONE_ZIG a command to run Zig with, its words separated by spaces.

import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { minify } from "rolldown/utils";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const core = join(root, "..", "zig-core");

// Bundlers look for `new URL("...", import.meta.url)` in just this form, which minifying changes.
const LEFT_ALONE = /^platform-/;
// Declarations that the public ones do not lead to.
const INTERNAL = /^(core|node|web|platform|platform-\w+|worker|worker-\w+)\.d\.ts$/;

rmSync(dist, { recursive: true, force: true });
const tsc = [process.execPath, join(root, "node_modules", "typescript", "bin", "tsc")];
run([...tsc, "--removeComments"], root);
run([...tsc, "--declaration", "--emitDeclarationOnly"], root);
for (const name of readdirSync(dist)) {
  if (INTERNAL.test(name)) rmSync(join(dist, name));
  else if (name.endsWith(".d.ts")) indentByTabs(join(dist, name));
  else if (name.endsWith(".js") && !LEFT_ALONE.test(name)) await minifyFile(join(dist, name));
}
cpSync(join(corePrefix(), "bin", "kilophone.wasm"), join(dist, "kilophone.wasm"));

/** Tabs for tsc's four spaces: a kilobyte less. */
function indentByTabs(file) {
  const tabs = (spaces) => "\t".repeat(spaces.length / 4);
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(/^(?: {4})+/gm, tabs));
}

async function minifyFile(file) {
  const map = `${file}.map`;
  const result = await minify(file, readFileSync(file, "utf8"), {
    module: true,
    mangle: { toplevel: true },
    sourcemap: true,
    inputMap: JSON.parse(readFileSync(map, "utf8")),
  });
  if (result.errors.length > 0) throw new Error(`${file}: ${JSON.stringify(result.errors)}`);
  writeFileSync(file, `${result.code}\n//# sourceMappingURL=${basename(map)}\n`);
  writeFileSync(map, JSON.stringify(result.map));
}

function corePrefix() {
  const finished = process.env.KILOPHONE_PREFIX;
  if (finished) return finished;
  const zig = (process.env.KILOPHONE_ZIG ?? "python3 -m ziglang").split(" ");
  const prefix = join(core, "zig-out");
  run([...zig, "build", "wasm", "--prefix", prefix], core);
  return prefix;
}

function run([command, ...options], cwd) {
  execFileSync(command, options, { cwd, stdio: "inherit" });
}
