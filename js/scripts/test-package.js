// Tests the packed tarball, installed into an empty project: what is in it, the tests in Node, its
// types for several kinds of projects, and Chromium by plain `import` and through Vite.
//
// KILOPHONE_CHROMIUM is the browser's path, by default /usr/bin/chromium.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { after, before, suite, test } from "node:test";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import * as vite from "vite";
import { install, pack, root } from "./package.js";

const TARBALL_MAX_BYTES = 520 * 1024;

const packed = pack();
const project = install(packed);
after(() => rmSync(project, { recursive: true }));

test("the tarball holds what users need", () => {
  const paths = packed.files.map((file) => file.path);
  const expected =
    /^(LICENSE|README\.md|package\.json|dist\/(kilophone\.wasm|[\w-]+\.(d\.ts|js|js\.map)))$/;
  assert.deepEqual(
    paths.filter((path) => !expected.test(path)),
    [],
  );
  const bytes = packed.files
    .filter((file) => !file.path.endsWith(".map"))
    .reduce((sum, file) => sum + file.size, 0);
  const packedBytes = statSync(packed.tarball).size;
  console.log(`tarball: ${packedBytes} bytes; unpacked, apart from source maps: ${bytes} bytes`);
  assert(packedBytes <= TARBALL_MAX_BYTES, `${packedBytes} bytes`);
});

test("the addresses are in the form that bundlers look for", () => {
  for (const [file, address] of [
    ["platform-web.js", 'new URL("./kilophone.wasm", import.meta.url)'],
    ["platform-web.js", 'new Worker(new URL("./worker-web.js", import.meta.url)'],
    ["platform-node.js", 'new URL("./kilophone.wasm", import.meta.url)'],
  ]) {
    const code = readFileSync(join(project, "node_modules", "kilophone", "dist", file), "utf8");
    assert(code.includes(address), `${file}: ${address}`);
  }
});

test("the tests pass in Node", async () => {
  // A folder of the project, so that the package's name means the installed one.
  const tests = join(project, "tests");
  cpSync(join(root, "test", "dist"), tests, { recursive: true });
  linkDependency("fast-check");
  const { stdout } = await run(process.execPath, ["--test", tests]);
  assert.match(stdout, /# fail 0/);
});

suite("types", () => {
  const consumer = `
    import {
      createPool,
      createTranscriber,
      KilophoneError,
      normalize,
      type Span,
      stream,
      transcribe,
    } from "kilophone";
    export async function example(bytes: Uint8Array): Promise<readonly Span[]> {
      using transcriber = await createTranscriber({ limits: { cacheWords: 0 }, wasm: bytes });
      await using pool = await createPool({ size: 1, wasm: new URL("https://example.org/") });
      for await (const answer of pool.transcribeMany(["cat"], { format: "ipa" })) answer.length;
      // @ts-expect-error is no format
      await transcribe("cat", { format: "sampa" });
      // @ts-expect-error is true or false
      await normalize("cat", { weakForms: "no" });
      const { body } = await fetch("https://example.org/");
      if (body !== null) for await (const output of stream(body)) output.length;
      for (const output of transcriber.stream(["cat"], { written: false })) output.length;
      for await (const output of transcriber.stream(new ReadableStream<string>())) output.length;
      transcriber.add("cat", "kæt", { format: "ipa" });
      try {
        return transcriber.analyze("cat", { separator: null }).spans;
      } catch (error) {
        if (error instanceof KilophoneError && error.status === "INVALID_UTF8") return [];
        throw error;
      }
    }`;
  const kinds = {
    "a page": { lib: ["ES2022", "DOM"], module: "ESNext", moduleResolution: "Bundler", types: [] },
    Node: { lib: ["ES2022"], module: "NodeNext", types: ["node"] },
    "Node, with the types of a page": {
      lib: ["ES2022", "DOM"],
      module: "NodeNext",
      types: ["node"],
    },
  };
  for (const [kind, options] of Object.entries(kinds)) {
    test(`are right for ${kind}`, async () => {
      const folder = join(project, `types-${kind.replaceAll(/\W+/g, "-")}`);
      mkdirSync(folder);
      writeFileSync(join(folder, "consumer.ts"), consumer);
      const compilerOptions = {
        ...options,
        target: "ES2022",
        strict: true,
        skipLibCheck: false,
        noEmit: true,
        exactOptionalPropertyTypes: true,
      };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
      linkDependency("@types/node");
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
      await run(process.execPath, [tsc, "-p", folder]).catch((error) => {
        throw new Error(error.stdout);
      });
    });
  }
});

suite("Chromium", () => {
  let browser;
  before(async () => {
    browser = await chromium.launch({
      executablePath: process.env.KILOPHONE_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  });
  after(() => browser.close());

  test("plain import", async () => {
    const page = `<!doctype html><link rel="icon" href="data:,"><script type="importmap">
      { "imports": { "kilophone": "/node_modules/kilophone/dist/web.js" } }
      </script><script type="module" src="main.js"></script>`;
    writePage(project, page);
    await withServer(project, (origin) => examine(browser, origin));
  });

  // A project of its own beside the installed package, as after `npm create vite`.
  const source = join(project, "vite");
  const page =
    '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>';

  test("Vite's build", async () => {
    writePage(source, page);
    await vite.build({ root: source, logLevel: "warn", configFile: false });
    const assets = readdirSync(join(source, "dist", "assets"));
    const wasm = assets.filter((name) => name.endsWith(".wasm"));
    assert.equal(wasm.length, 1, `one wasm file in ${assets}`);
    await withServer(join(source, "dist"), (origin) => examine(browser, origin));
  });

  test("Vite's development server", async () => {
    writePage(source, page);
    const server = await vite.createServer({
      root: source,
      logLevel: "warn",
      configFile: false,
      server: { port: 0, host: "127.0.0.1", fs: { allow: [project] } },
      // Vite's pre-bundling moves modules away from the files beside them.
      optimizeDeps: { exclude: ["kilophone"] },
    });
    await server.listen();
    try {
      await examine(browser, `http://127.0.0.1:${server.httpServer.address().port}`);
    } finally {
      await server.close();
    }
  });
});

/** Opens a page that makes the package a global, and compares its answers with those of Node. */
async function examine(browser, origin) {
  const page = await browser.newPage();
  const problems = [];
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  try {
    await page.goto(origin);
    await page.waitForFunction(() => globalThis.kilophone !== undefined);
    assert.deepEqual(JSON.parse(await page.evaluate(exercise)), await inNode());
    assert.deepEqual(problems, []);
  } catch (error) {
    throw new Error(`${error.message}\n${problems.join("\n")}`, { cause: error });
  } finally {
    await page.close();
  }
}

let nodeAnswers;

/** What the installed package answers in Node. */
async function inNode() {
  if (nodeAnswers === undefined) {
    const script = `import * as kilophone from "kilophone"; globalThis.kilophone = kilophone;
      console.log(await (${exercise})());`;
    const options = ["--input-type=module", "--eval", script];
    nodeAnswers = run(process.execPath, options).then(({ stdout }) => JSON.parse(stdout));
    const { isSerial, failures, closed } = await nodeAnswers;
    assert(isSerial);
    assert(!JSON.stringify([failures, closed]).includes("nothing was thrown"));
  }
  return nodeAnswers;
}

/** Runs in Node and in the page; uses nothing from around it. */
async function exercise() {
  const { transcribe, transcribeMany, analyze, normalize, alternatives, stream } =
    globalThis.kilophone;
  const { createTranscriber, createPool, KilophoneError } = globalThis.kilophone;
  const failure = async (run) => {
    try {
      await run();
      return "nothing was thrown";
    } catch (error) {
      const { name, message, status, textIndex, index, byteOffset } = error;
      const isOurs = error instanceof KilophoneError;
      return { isOurs, name, message, status, textIndex, index, byteOffset };
    }
  };
  const text = "The cat sat on a mat, 나무 아래에. 😀 Don't 7!";
  const transcriber = await createTranscriber({ limits: { cacheWords: 0 } });
  const pool = await createPool({ size: 2, inFlight: 8 });
  const texts = Array.from({ length: 100 }, (_, i) => `text ${i}, word${i}`);
  const bytes = new TextEncoder().encode(`${text}\n\n${text}`);
  const streamed = [];
  for await (const output of stream(new Blob([bytes]).stream())) streamed.push(output);
  await pool.loadLexicon("kilophone\tˈkæt");
  transcriber.add("kilophone", "ˈkæt");
  const pooled = [];
  for await (const answer of pool.transcribeMany(texts)) pooled.push(answer);
  const answers = {
    one: await transcribe(text),
    arpabet: await transcribe("The cat", { format: "arpabet" }),
    many: await transcribeMany(["cat", "", "고양이"]),
    analysis: await analyze(text),
    normalized: await normalize(text),
    alternatives: await alternatives("kilophone"),
    streamed: streamed.join(""),
    user: [transcriber.transcribe("kilophone"), await pool.transcribe("kilophone")],
    large: transcriber.transcribe("cat ".repeat(20_000)).length,
    logits: [...transcriber.wordLogits("kilophone")],
    version: transcriber.version,
    pooled,
    isSerial: JSON.stringify(pooled) === JSON.stringify(transcriber.transcribeMany(texts)),
    failures: [
      await failure(() => transcribe("é\ud800")),
      await failure(() => pool.transcribe("☃", { unknown: "error" })),
      await failure(() => transcribe("cat", { format: "sampa" })),
      await failure(() => transcriber.add("cat", "?")),
      await failure(() => pool.loadLexicon("cat")),
      await failure(() => createPool({ size: 1, packs: [new Uint8Array(40)] })),
    ],
  };
  await pool.close();
  transcriber.close();
  answers.closed = [
    await failure(() => pool.transcribe("cat")),
    await failure(() => transcriber.transcribe("cat")),
  ];
  return JSON.stringify(answers);
}

function writePage(folder, html) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.html"), html);
  const script = 'import * as kilophone from "kilophone";\nglobalThis.kilophone = kilophone;\n';
  writeFileSync(join(folder, "main.js"), script);
}

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/** Serves a folder on localhost while something runs. */
async function withServer(folder, run) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    const file = join(folder, path === "/" ? "index.html" : path);
    try {
      const content = readFileSync(file);
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "text/plain" });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await run(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Gives the project a package that this one has. */
function linkDependency(name) {
  const to = join(project, "node_modules", name);
  mkdirSync(join(to, ".."), { recursive: true });
  rmSync(to, { force: true });
  symlinkSync(join(root, "node_modules", name), to);
}

function run(command, options) {
  // Without what says that this is a test, which Node would take for its own.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return promisify(execFile)(command, options, { cwd: project, env, maxBuffer: 1 << 26 });
}
