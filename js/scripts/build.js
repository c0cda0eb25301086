// Builds dist/: the modules, put together and minified by Rolldown, with source maps that hold the
// sources; their types, by tsc; and kilophone.wasm.
//
// KILOPHONE_PREFIX names a folder with a finished build of the core (bin/kilophone.wasm) to use;
// KILOPHONE_ZIG a command to run Zig with, its words separated by spaces.

import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const core = join(root, "..", "zig-core");

// What package.json and `new Worker` ask for by name; all that they share is in one more file.
const ENTRIES = ["node", "web", "worker-node", "worker-web"];
const SHARED = /\/src\/(?!(node|web|worker-\w+)\.ts$)/;
// Bundlers look for `new URL("...", import.meta.url)` in just this form, which minifying changes.
const LEFT_ALONE = /\bplatform-(node|web)\.js/;
// Declarations that the public ones do not lead to.
const INTERNAL = /^(core|node|web|platform|platform-\w+|worker|worker-\w+)\.d\.ts$/;
// Of the facts, what types are made of: lists of names.
const NAMES = /^export declare const (?!CHOICE|\w+_LAYOUT)\w+: {[^}]*};\n/gm;

rmSync(dist, { recursive: true, force: true });
const tsc = [process.execPath, join(root, "node_modules", "typescript", "bin", "tsc")];
run([...tsc, "--removeComments"], root);
run([...tsc, "--declaration", "--emitDeclarationOnly"], root);
for (const name of readdirSync(dist)) {
  const isDeclaration = name.endsWith(".d.ts");
  if (isDeclaration ? INTERNAL.test(name) : !LEFT_ALONE.test(name)) rmSync(join(dist, name));
  else if (isDeclaration) shorten(join(dist, name));
}
await bundle();
cpSync(join(corePrefix(), "bin", "kilophone.wasm"), join(dist, "kilophone.wasm"));

/** Leaves out facts that no types are made of, and has tabs for tsc's four spaces. */
function shorten(file) {
  const tabs = (spaces) => "\t".repeat(spaces.length / 4);
  let text = readFileSync(file, "utf8").replaceAll(/^(?: {4})+/gm, tabs);
  if (basename(file) === "facts.d.ts") text = text.match(NAMES).join("");
  writeFileSync(file, text);
}

async function bundle() {
  const bundled = await rolldown({
    input: Object.fromEntries(ENTRIES.map((name) => [name, join(root, "src", `${name}.ts`)])),
    external: [/^node:/, LEFT_ALONE],
    resolve: { extensionAlias: { ".js": [".ts"] } },
  });
  await bundled.write({
    dir: dist,
    minify: true,
    sourcemap: true,
    chunkFileNames: "[name].js",
    codeSplitting: { groups: [{ name: "kilophone", test: SHARED }] },
  });
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
