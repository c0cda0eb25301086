// The runner of the npm package in Node: node node.mjs FOLDER, whose node_modules has kilophone.

import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { createAnswers } from "./answers.mjs";

/** The module that `import "kilophone"` in the folder would give. */
function entry(folder) {
  const require = createRequire(join(resolve(folder), "index.js"));
  return pathToFileURL(require.resolve("kilophone")).href;
}

const { answer, version } = await createAnswers(await import(entry(process.argv[2] ?? ".")));
process.stdout.write(`kilophone-runner\tnode\t${version}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${await answer(line)}\n`);
}
