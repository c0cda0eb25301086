// The packed tarball, as users get it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Packs what is in dist/ into a new temporary folder.
 *
 * @returns {{ folder: string, tarball: string, files: { path: string, size: number }[] }}
 */
export function pack() {
  const folder = mkdtempSync(join(tmpdir(), "kilophone-"));
  const options = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const listed = JSON.parse(npm(options, root));
  // npm 11 and before give an array; later versions an object by name.
  const [{ filename, files }] = Object.values(listed);
  return { folder, tarball: join(folder, filename), files };
}

/** Installs a tarball into an empty project, without a network; gives its folder. */
export function install({ folder, tarball }) {
  const manifest = { name: "project", private: true, type: "module" };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  npm(["install", "--offline", "--no-audit", "--no-fund", tarball], folder);
  return folder;
}

function npm(options, cwd) {
  return execFileSync("npm", options, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}
