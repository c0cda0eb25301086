import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  analyze,
  ClosedError,
  createTranscriber,
  KilophoneError,
  type Options,
  transcribe,
  transcribeMany,
} from "kilophone";

const wasmFile = new URL(import.meta.resolve("kilophone/kilophone.wasm"));
const wasmBytes = await readFile(wasmFile);

/** Gives what a call throws, which has to be a KilophoneError. */
function failure(run: () => unknown): KilophoneError {
  try {
    run();
  } catch (error) {
    assert(error instanceof KilophoneError, `${error}`);
    return error;
  }
  return assert.fail("nothing was thrown");
}

suite("functions of the module", () => {
  test("share a transcriber", async () => {
    assert.equal(await transcribe("cat"), "ˈkæt");
    assert.deepEqual(await transcribeMany(["cat", "", "cat!"]), ["ˈkæt", "", "ˈkæt!"]);
    assert.equal((await analyze("a cat")).words.length, 2);
    await assert.rejects(transcribe("\ud800"), { name: "KilophoneError", status: "INVALID_UTF8" });
  });
});

suite("transcriber", async () => {
  const transcriber = await createTranscriber();

  test("has the core's version", async () => {
    const manifest = new URL(import.meta.resolve("kilophone/package.json"));
    assert.equal(transcriber.version, JSON.parse(await readFile(manifest, "utf8")).version);
  });

  test("takes strings and bytes", () => {
    const bytes = new TextEncoder().encode("a cat, 고양이");
    assert.equal(transcriber.transcribe(bytes), transcriber.transcribe("a cat, 고양이"));
    assert.equal(transcriber.transcribe(""), "");
    assert.deepEqual(transcriber.transcribeMany(new Set(["cat"])), ["ˈkæt"]);
    assert.deepEqual(transcriber.transcribeMany([]), []);
  });

  test("keeps NULs and byte order marks", () => {
    assert.equal(transcriber.transcribe("cat\0cat"), "ˈkæt\0ˈkæt");
    assert.equal(transcriber.transcribe("\ufeff, cat").at(0), "\ufeff");
    assert.equal(transcriber.analyze("\ufeff, cat").text.at(0), "\ufeff");
  });

  test("knows the options", () => {
    const cases: [Options, string][] = [
      [{}, "ˈkæt, ˈkæt."],
      [{ format: "ipa", separator: null, language: null }, "ˈkæt, ˈkæt."],
      [{ stress: "none" }, "kæt, kæt."],
      [{ stress: "vowel" }, "kˈæt, kˈæt."],
      [{ separator: "-" }, "ˈk-æ-t, ˈk-æ-t."],
      [{ separator: "·", punctuation: "drop" }, "ˈk·æ·t ˈk·æ·t"],
      [{ format: "arpabet", punctuation: "drop" }, "K AE1 T  K AE1 T"],
      [{ format: "arpabet", separator: "", stress: "none", punctuation: "drop" }, "KAET KAET"],
      [{ language: "en-us" }, "ˈkæt, ˈkæt."],
    ];
    for (const [options, answer] of cases) {
      assert.equal(transcriber.transcribe("cat, cat.", options), answer, JSON.stringify(options));
    }
    assert.equal(transcriber.transcribe("cat ☃", { unknown: "keep" }), "ˈkæt ☃");
    assert.equal(transcriber.transcribe("cat ☃", { unknown: "drop" }).trim(), "ˈkæt");
  });

  test("refuses options that are none", () => {
    const wrong: [unknown, typeof TypeError, RegExp][] = [
      [{ format: "sampa" }, RangeError, /format must be one of "ipa", "arpabet", not "sampa"/],
      [{ format: "toString" }, RangeError, /"ipa"/],
      [{ stress: 1 }, TypeError, /stress must be one of "syllable", "vowel", "none", not 1/],
      [{ unknown: null }, TypeError, /"keep", "drop", "error"/],
      [{ separator: 1 }, TypeError, /separator must be a string or null/],
      [{ punctation: "drop" }, TypeError, /punctation is none of the options: format, /],
      ["ipa", TypeError, /options must be an object/],
      [null, TypeError, /options must be an object/],
    ];
    for (const [options, type, message] of wrong) {
      assert.throws(
        () => transcriber.transcribe("cat", options as Options),
        (error) => error instanceof type && message.test(error.message),
      );
    }
  });

  test("refuses texts that are none", () => {
    for (const text of [undefined, null, 1, {}, ["cat"], new Uint16Array(1)]) {
      assert.throws(() => transcriber.transcribe(text as string), TypeError);
      assert.throws(() => transcriber.transcribeMany([text as string]), TypeError);
    }
    assert.throws(() => transcriber.transcribeMany("cat"), /use transcribe/);
    assert.throws(() => transcriber.transcribeMany(1 as never), TypeError);
  });

  test("says where a text is no UTF-8", () => {
    for (const [text, index, byteOffset] of [
      ["\ud800", 0, 0],
      ["é😀 cat\udc00 ", 7, 10],
      ["한\udbff\udbff\udfff", 1, 3],
      [Uint8Array.of(0xc3, 0xa9, 0xff), 1, 2],
    ] as const) {
      const error = failure(() => transcriber.transcribe(text));
      const { status, statusNumber, textIndex } = error;
      assert.deepEqual(
        { status, statusNumber, textIndex },
        {
          status: "INVALID_UTF8",
          statusNumber: 2,
          textIndex: 0,
        },
      );
      assert.deepEqual([error.index, error.byteOffset], [index, byteOffset]);
      assert.match(error.message, /^the text is not valid UTF-8: index \d+ \(byte \d+\)$/);
      assert.equal(failure(() => transcriber.analyze(text)).index, index);
    }
    const error = failure(() => transcriber.transcribeMany(["cat", "", "a\ud800"]));
    assert.deepEqual([error.textIndex, error.index], [2, 1]);
    assert.match(error.message, /of text 2$/);
  });

  test("says which character has no reading", () => {
    const error = failure(() => transcriber.transcribe("é 😀", { unknown: "error" }));
    assert.equal(error.status, "UNKNOWN_CHARACTER");
    assert.deepEqual([error.character, error.index, error.byteOffset], ["😀", 2, 3]);
    assert.match(error.message, /"😀" \(U\+1F600\) at index 2/);
    const ofBytes = new TextEncoder().encode("é 😀");
    assert.equal(failure(() => transcriber.transcribe(ofBytes, { unknown: "error" })).index, 2);
  });

  test("has a status for every other failure", () => {
    const cases: [() => unknown, string][] = [
      [() => transcriber.transcribe("cat", { language: "xx" }), "UNKNOWN_LANGUAGE"],
      [() => transcriber.transcribe("cat 한", { format: "arpabet" }), "UNSUPPORTED_FORMAT"],
      [() => transcriber.transcribe("cat", { separator: "-".repeat(65) }), "LIMIT_EXCEEDED"],
      [() => transcriber.transcribe("cat", { separator: "\ud800" }), "INVALID_ARGUMENT"],
      [() => transcriber.wordLogits("two words"), "INVALID_ARGUMENT"],
    ];
    for (const [run, status] of cases) {
      const error = failure(run);
      assert.equal(error.status, status);
      assert.equal(error.name, "KilophoneError");
    }
    assert.equal(transcriber.transcribe("cat"), "ˈkæt");
  });

  test("takes texts apart", () => {
    const text = "😀 The cat, 한국!";
    const { spans, words } = transcriber.analyze(text);
    assert.equal(spans.map((span) => span.output).join(""), transcriber.transcribe(text));
    assert.deepEqual(
      words.map(({ text, start, startByte, language, source }) => [
        text,
        start,
        startByte,
        language,
        source,
      ]),
      [
        ["The", 3, 5, "en-us", "model"],
        ["cat", 7, 9, "en-us", "model"],
        ["한국", 12, 14, "ko", "model"],
      ],
    );
    assert.deepEqual(words[1]?.phonemes, [
      { spelling: "k", stress: 0 },
      { spelling: "æ", stress: 1 },
      { spelling: "t", stress: 0 },
    ]);
    const [first] = spans;
    assert.deepEqual([first?.kind, first?.source, first?.language], ["other", null, null]);
    assert.deepEqual(transcriber.analyze(""), { text: "", spans: [], words: [] });
  });

  test("gives the logits of a word", () => {
    const logits = transcriber.wordLogits("cat");
    assert(logits instanceof Float32Array);
    assert(logits.length > 0 && logits.every(Number.isFinite));
    assert.deepEqual(transcriber.wordLogits("cat", { language: "en-us" }), logits);
  });

  test("goes on when the memory grows", async () => {
    const before = transcriber.transcribe("a cat sat");
    const instance = await instrumented(() => createTranscriber());
    const size = instance.memory.buffer.byteLength;
    // Larger than all the memory that the transcriber has when it opens.
    const count = Math.ceil(size / "cat sat ".length);
    const large = "cat sat ".repeat(count);
    const answer = instance.transcriber.transcribe(large);
    assert(instance.memory.buffer.byteLength > size);
    assert.equal(answer, "ˈkæt ˈsæt ".repeat(count));
    assert.equal(instance.transcriber.transcribe("a cat sat"), before);
    const texts = new Array(1000).fill("x ".repeat(1000));
    const many = instance.transcriber.transcribeMany(texts, { separator: "+".repeat(64) });
    assert.equal(new Set(many).size, 1);
    assert.equal(instance.transcriber.analyze("x ".repeat(100_000)).spans.length, 200_000);
  });

  test("frees what it allocates, also when it fails", async () => {
    const instance = await instrumented(() => createTranscriber({ limits: { cacheWords: 0 } }));
    assert.equal(instance.blocks.size, 0);
    const { transcriber } = instance;
    const calls = [
      () => transcriber.transcribe("cat", { language: "en-us", separator: "-" }),
      // More output than is allowed for at first.
      () => transcriber.transcribe("x x x x", { separator: "-".repeat(64) }),
      () => transcriber.transcribeMany(["cat", "dog"]),
      () => transcriber.analyze("cat, dog"),
      () => transcriber.wordLogits("cat"),
      () => transcriber.transcribe("cat\ud800"),
      () => transcriber.transcribeMany(["cat", "☃"], { unknown: "error" }),
      () => transcriber.analyze("cat", { language: "xx" }),
      () => transcriber.wordLogits("two words"),
      () => transcriber.transcribe("cat", { format: "?" as "ipa" }),
      () => transcriber.transcribe(1 as never),
    ];
    for (const call of calls) {
      try {
        call();
      } catch {
        // Half of them do.
      }
      assert.equal(instance.blocks.size, 0, `${call}`);
    }
    assert(instance.allocations > calls.length);

    instance.outOfMemory = true;
    assert.equal(failure(() => transcriber.transcribe("cat")).status, "OUT_OF_MEMORY");
    instance.outOfMemory = false;
    assert.equal(transcriber.transcribe("cat"), "ˈkæt");
    assert.equal(instance.blocks.size, 0);
  });

  test("is closed once", async () => {
    const closing = await createTranscriber();
    assert.equal(closing.closed, false);
    closing.close();
    closing.close();
    assert.equal(closing.closed, true);
    for (const run of [
      () => closing.transcribe("cat"),
      () => closing.transcribeMany([]),
      () => closing.analyze("cat"),
      () => closing.wordLogits("cat"),
    ]) {
      const error = failure(run);
      assert(error instanceof ClosedError);
      assert.deepEqual([error.name, error.status], ["ClosedError", "INVALID_ARGUMENT"]);
      assert.equal(error.message, "the transcriber is closed");
    }
    const other = await createTranscriber();
    other[Symbol.dispose]();
    assert.equal(other.closed, true);
  });

  test("keeps its memory over many calls", async () => {
    const instance = await instrumented(() => createTranscriber({ limits: { cacheWords: 16 } }));
    const run = (from: number) => {
      for (let i = from; i < from + 500; i++) {
        const word = `w${i.toString(36)}`;
        instance.transcriber.transcribe(word, { separator: " " });
        instance.transcriber.transcribeMany([word, word]);
        instance.transcriber.analyze(word);
        assert.throws(() => instance.transcriber.transcribe("\ud800"));
      }
    };
    run(0);
    const size = instance.memory.buffer.byteLength;
    run(500);
    assert.equal(instance.memory.buffer.byteLength, size);
  });
});

suite("createTranscriber", () => {
  test("takes the wasm file in every form", async () => {
    const server = createServer((request, response) => {
      const type = request.url === "/stream" ? "application/wasm" : "text/plain";
      response.writeHead(request.url === "/none" ? 404 : 200, { "content-type": type });
      response.end(wasmBytes);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      for (const wasm of [
        wasmBytes,
        wasmBytes.buffer.slice(
          wasmBytes.byteOffset,
          wasmBytes.byteOffset + wasmBytes.length,
        ) as ArrayBuffer,
        await WebAssembly.compile(wasmBytes),
        Promise.resolve(wasmBytes),
        wasmFile,
        wasmFile.href,
        fileURLToPath(wasmFile),
        new URL("/stream", origin),
        `${origin}/plain`,
        fetch(`${origin}/stream`),
        await fetch(`${origin}/plain`),
      ]) {
        const transcriber = await createTranscriber({ wasm });
        assert.equal(transcriber.transcribe("cat"), "ˈkæt");
        transcriber.close();
      }
      await assert.rejects(createTranscriber({ wasm: `${origin}/none` }), /status 404/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
    await assert.rejects(createTranscriber({ wasm: "no such file.wasm" }), { code: "ENOENT" });
    await assert.rejects(createTranscriber({ wasm: new Uint8Array(8) }), WebAssembly.CompileError);
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    await assert.rejects(createTranscriber({ wasm: empty }), /not kilophone's/);
    await assert.rejects(createTranscriber({ wasm: 1 as never }), /wasm must be a Uint8Array/);
  });

  test("checks packs and limits", async () => {
    const cases: [unknown, string | typeof TypeError][] = [
      [{ packs: [new Uint8Array(100)] }, "PACK_CORRUPT"],
      [{ packs: [new ArrayBuffer(0)] }, "PACK_TRUNCATED"],
      [{ limits: { cacheWords: 2 ** 31 } }, "LIMIT_EXCEEDED"],
      [{ limits: { kernels: "x86_64_v3" } }, "UNSUPPORTED_KERNELS"],
      [{ packs: new Uint8Array(4) }, TypeError],
      [{ packs: ["en-us.kph"] }, TypeError],
      [{ packs: [] }, RangeError],
      [{ limits: { cacheWords: -1 } }, RangeError],
      [{ limits: { cacheWords: 1.5 } }, RangeError],
      [{ limits: { cacheWords: "1" } }, TypeError],
      [{ limits: { kernels: "fast" } }, RangeError],
      [{ limits: { words: 1 } }, TypeError],
      [{ pack: [] }, TypeError],
    ];
    for (const [options, expected] of cases) {
      const what = JSON.stringify(options);
      await assert.rejects(createTranscriber(options as object), (error: Error) => {
        if (typeof expected !== "string") return error instanceof expected;
        assert.equal(error instanceof KilophoneError && error.status, expected, what);
        return true;
      });
    }
    const portable = await createTranscriber({ limits: { kernels: "portable", cacheWords: 0 } });
    assert.equal(portable.transcribe("cat cat"), "ˈkæt ˈkæt");
    portable.close();
  });
});

/** Makes a transcriber while watching its instance of the wasm module. */
async function instrumented(create: () => ReturnType<typeof createTranscriber>) {
  const { instantiate } = WebAssembly;
  const watch = {
    /** Blocks that are not yet freed. */
    blocks: new Map<number, number>(),
    allocations: 0,
    outOfMemory: false,
    memory: undefined as unknown as WebAssembly.Memory,
  };
  const replacement = async (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
    const { exports } = await instantiate(module, imports);
    const { kp_alloc, kp_free } = exports as Record<string, (...numbers: number[]) => number>;
    assert(kp_alloc !== undefined && kp_free !== undefined);
    const { memory } = exports;
    watch.memory = memory as WebAssembly.Memory;
    return {
      exports: {
        ...exports,
        kp_alloc(bytes: number) {
          watch.allocations += 1;
          // The second of a call, so that there is a block to free.
          if (watch.outOfMemory && watch.blocks.size > 0) return 0;
          const at = kp_alloc(bytes);
          watch.blocks.set(at, bytes);
          return at;
        },
        kp_free(at: number, bytes: number) {
          assert.equal(watch.blocks.get(at), bytes);
          watch.blocks.delete(at);
          kp_free(at, bytes);
        },
      },
    };
  };
  WebAssembly.instantiate = replacement as unknown as typeof instantiate;
  try {
    return Object.assign(watch, { transcriber: await create() });
  } finally {
    WebAssembly.instantiate = instantiate;
  }
}
