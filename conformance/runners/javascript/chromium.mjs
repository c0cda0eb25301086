// The runner of the npm package in a browser: node chromium.mjs FOLDER, whose node_modules has
// kilophone and playwright-core. The browser is CHROMIUM, or the one that is found.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join, normalize, resolve, sep } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const LINES_AT_ONCE = 100;
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

const folder = resolve(process.argv[2] ?? ".");
const require = createRequire(join(folder, "index.js"));
const manifest = require.resolve("kilophone/package.json");
const browserEntry = JSON.parse(await readFile(manifest, "utf8")).exports["."].default;
const roots = {
  "/package/": dirname(manifest),
  "/runner/": dirname(fileURLToPath(import.meta.url)),
};
const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({
  imports: { kilophone: new URL(browserEntry, "http://localhost/package/").pathname },
})}</script>
<script type="module">
  import * as kilophone from "kilophone";
  import { createAnswers } from "/runner/answers.mjs";
  window.answers = createAnswers(kilophone);
  window.answers.catch(() => {});
</script>`;

async function serve(url, response) {
  const { pathname } = new URL(url, "http://localhost");
  if (pathname === "/") {
    response.writeHead(200, { "content-type": "text/html" }).end(page);
    return;
  }
  const prefix = Object.keys(roots).find((root) => pathname.startsWith(root));
  const path = prefix && normalize(join(roots[prefix], pathname.slice(prefix.length)));
  if (!path?.startsWith(roots[prefix] + sep) || !existsSync(path)) {
    response.writeHead(404).end();
    return;
  }
  const type = TYPES[extname(path)] ?? "application/octet-stream";
  response.writeHead(200, { "content-type": type }).end(await readFile(path));
}

const server = createServer((request, response) => {
  serve(request.url, response).catch(() => response.writeHead(500).end());
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));

const { default: playwright } = await import(pathToFileURL(require.resolve("playwright-core")).href);
const browser = await playwright.chromium.launch({
  executablePath: process.env.CHROMIUM ?? BROWSERS.find(existsSync),
  args: ["--no-sandbox"],
});
try {
  const tab = await browser.newPage();
  tab.on("pageerror", (error) => process.stderr.write(`${error}\n`));
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  await tab.waitForFunction(() => window.answers !== undefined);
  const version = await tab.evaluate(async () => (await window.answers).version);
  process.stdout.write(`kilophone-runner\tchromium\t${version}\n`);
  const ask = async (lines) => {
    const answers = await tab.evaluate(async (asked) => {
      const { answer } = await window.answers;
      const given = [];
      for (const line of asked) given.push(await answer(line));
      return given;
    }, lines);
    process.stdout.write(answers.map((line) => `${line}\n`).join(""));
  };
  let waiting = [];
  for await (const line of createInterface({ input: process.stdin })) {
    waiting.push(line);
    if (waiting.length === LINES_AT_ONCE) await ask(waiting.splice(0));
  }
  if (waiting.length > 0) await ask(waiting);
} finally {
  await browser.close();
  server.close();
}
