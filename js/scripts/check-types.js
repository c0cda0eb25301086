// Checks the types and the manifest of the packed tarball with publint and attw.

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { pack, root } from "./package.js";

const { folder, tarball } = pack();
try {
  run("publint", ["run", tarball, "--strict"]);
  // The package has no CommonJS; the wasm file has no types.
  run("attw", [tarball, "--profile", "esm-only", "--exclude-entrypoints", "kilophone.wasm"]);
} finally {
  rmSync(folder, { recursive: true });
}

function run(tool, options) {
  execFileSync(join(root, "node_modules", ".bin", tool), options, { stdio: "inherit" });
}
