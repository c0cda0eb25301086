import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  alternatives,
  analyze,
  ClosedError,
  createTranscriber,
  KilophoneError,
  normalize,
  type Options,
  transcribe,
  transcribeMany,
} from "kilophone";
import { failure, instrumented } from "./tools.js";

const wasmFile = new URL(import.meta.resolve("kilophone/kilophone.wasm"));
const wasmBytes = await readFile(wasmFile);

suite("functions of the module", () => {
  test("share a transcriber", async () => {
    assert.equal(await transcribe("cat"), "ˈkæt");
    assert.deepEqual(await transcribeMany(["cat", "", "cat!"]), ["ˈkæt", "", "ˈkæt!"]);
    assert.equal((await analyze("a cat")).words.length, 2);
    assert.equal(await normalize("5 cats"), "five cats");
    assert.equal((await alternatives("cat")).length, 5);
    assert.equal((await alternatives("cat", 1, { stress: "none" }))[0]?.output, "kæt");
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
      [{ wordSeparator: "|" }, "ˈkæt, ˈkæt."],
      [{ wordSeparator: "|", punctuation: "drop" }, "ˈkæt|ˈkæt"],
      [{ written: undefined, weakForms: true, homographs: false }, "ˈkæt, ˈkæt."],
    ];
    for (const [options, answer] of cases) {
      assert.equal(transcriber.transcribe("cat, cat.", options), answer, JSON.stringify(options));
    }
    const separators = { separator: " ", syllableSeparator: " . ", wordSeparator: " # " };
    assert.equal(transcriber.transcribe("hello world", separators), "h ə . ˈl oʊ # ˈw ɝ l d");
    assert.equal(transcriber.transcribe("cat ☃", { unknown: "keep" }), "ˈkæt ☃");
    assert.equal(transcriber.transcribe("cat ☃", { unknown: "drop" }).trim(), "ˈkæt");
  });

  test("knows the options that are true or false", () => {
    const cases: [keyof Options, boolean, string][] = [
      ["written", true, "5 cats"],
      ["weakForms", true, "the cat"],
      ["sandhi", true, "먹을 것"],
      ["narrow", false, "국물 나무"],
      ["overrides", false, "[cat](/dɔɡ/)"],
    ];
    for (const [name, byDefault, text] of cases) {
      const answer = transcriber.transcribe(text);
      assert.equal(transcriber.transcribe(text, { [name]: undefined }), answer, name);
      assert.equal(transcriber.transcribe(text, { [name]: byDefault }), answer, name);
      assert.notEqual(transcriber.transcribe(text, { [name]: !byDefault }), answer, name);
    }
    assert.equal(transcriber.transcribe("5", { written: false }), "5");
    assert.equal(transcriber.transcribe("[cat](/dɔɡ/)", { overrides: true }), "dɔɡ");
  });

  test("gives Korean as Hangul", () => {
    assert.match(transcriber.transcribe("국물", { format: "hangul" }), /^[가-힣]{2}$/);
    assert.match(transcriber.transcribe("국물", { format: "jamo" }), /^[ㄱ-ㅣ]{6}$/);
  });

  test("writes written forms as words", () => {
    assert.equal(transcriber.normalize("In 1984, 5 ☃."), "In nineteen eighty four, five ☃.");
    assert.equal(transcriber.normalize("5 cats", { written: false }), "5 cats");
    assert.equal(transcriber.normalize(new TextEncoder().encode("é 5")), "é five");
    assert.equal(transcriber.normalize(""), "");
  });

  test("refuses options that are none", () => {
    const wrong: [unknown, typeof TypeError, RegExp][] = [
      [
        { format: "sampa" },
        RangeError,
        /format must be one of "ipa", "arpabet", .*"jamo", not "sampa"/,
      ],
      [{ format: "toString" }, RangeError, /"ipa"/],
      [{ stress: 1 }, TypeError, /stress must be one of "syllable", "vowel", "none", not 1/],
      [{ unknown: null }, TypeError, /"keep", "drop", "error"/],
      [{ separator: 1 }, TypeError, /separator must be a string or null/],
      [{ wordSeparator: 1 }, TypeError, /wordSeparator must be a string or null/],
      [{ weakForms: "no" }, TypeError, /weakForms must be true or false, not "no"/],
      [{ written: null }, TypeError, /written must be true or false, not null/],
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
      [() => transcriber.transcribe("cat", { wordSeparator: "-".repeat(65) }), "LIMIT_EXCEEDED"],
      [() => transcriber.wordLogits("two words"), "INVALID_ARGUMENT"],
      [() => transcriber.alternatives("two words"), "INVALID_ARGUMENT"],
      [() => transcriber.add("two words", "k"), "INVALID_ARGUMENT"],
      [() => transcriber.add("cat", "k", { language: "xx" }), "UNKNOWN_LANGUAGE"],
      [() => transcriber.add("국물", "한", { format: "hangul" }), "UNSUPPORTED_FORMAT"],
    ];
    for (const [run, status] of cases) {
      const error = failure(run);
      assert.equal(error.status, status);
      assert.equal(error.name, "KilophoneError");
    }
    assert.equal(transcriber.transcribe("cat"), "ˈkæt");
  });

  test("takes texts apart", () => {
    const text = "😀 My cat, 한국!";
    const { spans, words } = transcriber.analyze(text);
    assert.equal(spans.map((span) => span.output).join(""), transcriber.transcribe(text));
    assert.deepEqual(
      words.map(({ text, start, startByte, language }) => [text, start, startByte, language]),
      [
        ["My", 3, 5, "en-us"],
        ["cat", 6, 8, "en-us"],
        ["한국", 11, 13, "ko"],
      ],
    );
    assert.deepEqual(words[1]?.phonemes, [
      { spelling: "k", stress: 0, start: 6, end: 7, startByte: 8, endByte: 9 },
      { spelling: "æ", stress: 1, start: 7, end: 8, startByte: 9, endByte: 10 },
      { spelling: "t", stress: 0, start: 8, end: 9, startByte: 10, endByte: 11 },
    ]);
    assert.equal(words[2]?.phonemes.at(-1)?.end, 13);
    const [first] = spans;
    assert.deepEqual([first?.kind, first?.source, first?.language], ["other", null, null]);
    assert.deepEqual(transcriber.analyze(""), { text: "", spans: [], words: [] });
  });

  test("gives the words of a written form its place", () => {
    const text = "😀 é 25 cats";
    const { spans, words } = transcriber.analyze(text);
    assert.deepEqual(
      words.slice(1).map(({ text, spoken, start, end }) => [text, spoken, start, end]),
      [
        ["25", "twenty", 5, 7],
        ["25", "five", 5, 7],
        ["cats", "cats", 8, 12],
      ],
    );
    for (const phoneme of words.slice(1, 3).flatMap((word) => word.phonemes)) {
      const { start, end, startByte, endByte } = phoneme;
      assert.deepEqual([start, end, startByte, endByte], [5, 7, 8, 10]);
    }
    assert.equal(spans.map((span) => span.output).join(""), transcriber.transcribe(text));
  });

  test("gives alternatives of a word", () => {
    const found = transcriber.alternatives("lead");
    assert.equal(found.length, 5);
    assert.equal(new Set(found.map(({ output }) => output)).size, 5);
    const probabilities = found.map(({ logProbability }) => logProbability);
    assert(probabilities.every((one) => one <= 0));
    assert.equal(transcriber.alternatives("cat", 16).length, 16);
    assert.deepEqual(
      transcriber.alternatives("cat", 1, { format: "arpabet" }).map(({ output }) => output),
      ["K AE1 T"],
    );
    for (const count of [0, 17, 1.5, Number.NaN]) {
      assert.throws(() => transcriber.alternatives("cat", count), RangeError);
    }
    assert.throws(() => transcriber.alternatives("cat", "5" as never), TypeError);
  });

  test("reads words as its lexicon says", () => {
    const before = transcriber.transcribe("kilophone cat");
    transcriber.add("kilophone", "ˈkæt");
    assert.equal(transcriber.transcribe("Kilophone"), "ˈkæt");
    assert.equal(transcriber.analyze("kilophone").words[0]?.source, "user");
    transcriber.add("kilophone", "K AA1 T", { format: "arpabet", language: "en-us" });
    assert.equal(transcriber.transcribe("kilophone"), "ˈkɑt");
    const lines = "# names\nkilophone\tˈkæt\r\n\ncat\tK AA1 T\ten-us\tarpabet\n";
    assert.equal(transcriber.loadLexicon(lines), 2);
    assert.equal(transcriber.loadLexicon("cat\tK AA1 T", { format: "arpabet" }), 1);
    assert.equal(transcriber.transcribe("kilophone cat"), "ˈkæt ˈkɑt");
    transcriber.clearLexicon();
    assert.equal(transcriber.transcribe("kilophone cat"), before);
  });

  test("says where a spelling or a lexicon has a fault", () => {
    const override = () => transcriber.transcribe("é [cat](/æ?/)", { overrides: true });
    const cases: [() => unknown, string, number, number][] = [
      [() => transcriber.add("cat", "æ?"), "INVALID_SPELLING", 1, 2],
      [() => transcriber.add("cat", "æ\ud800"), "INVALID_SPELLING", 1, 2],
      [() => transcriber.add("é\ud800", "æ"), "INVALID_UTF8", 1, 2],
      [() => transcriber.loadLexicon("é\tæ\ncat"), "INVALID_LEXICON", 7, 9],
      [() => transcriber.loadLexicon("é\tæ\ncat\tæ?"), "INVALID_SPELLING", 9, 12],
      [() => transcriber.loadLexicon("é\tæ\na cat\tæ"), "INVALID_ARGUMENT", 4, 6],
      [() => transcriber.loadLexicon("é\tæ\ncat\tæ\txx"), "UNKNOWN_LANGUAGE", 10, 13],
      [override, "INVALID_SPELLING", 10, 12],
    ];
    for (const [run, status, index, byteOffset] of cases) {
      const error = failure(run);
      assert.deepEqual([error.status, error.index, error.byteOffset], [status, index, byteOffset]);
      assert.equal(error.textIndex, 0);
    }
    transcriber.clearLexicon();
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
    const separator = "-".repeat(64);
    const calls = [
      () => transcriber.normalize("5"),
      () => transcriber.alternatives("cat", 16, { separator }),
      () => transcriber.alternatives("two words"),
      () => transcriber.add("cat", "?"),
      () => transcriber.loadLexicon("cat\tˈkæt"),
      () => transcriber.loadLexicon("?"),
      () => transcriber.clearLexicon(),
      () => [...transcriber.stream(["x x ".repeat(5000), "cat"], { separator })],
      () => [...transcriber.stream(["cat", "\ud800"])],
      () => transcriber.transcribe("cat", { language: "en-us", separator: "-" }),
      // More output than is allowed for at first.
      () => transcriber.transcribe("x x x x", { separator }),
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
      () => closing.normalize("cat"),
      () => closing.alternatives("cat"),
      () => closing.stream([]),
      () => closing.add("cat", "k"),
      () => closing.loadLexicon(""),
      () => closing.clearLexicon(),
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
        instance.transcriber.add("cat", i % 2 ? "kæt" : "k");
        assert.equal([...instance.transcriber.stream([word, " ", word])].length, 1);
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
      [{ limits: { lexiconBytes: 2 ** 31 } }, "LIMIT_EXCEEDED"],
      [{ limits: { lexiconBytes: -1 } }, RangeError],
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
    const without = await createTranscriber({ limits: { lexiconBytes: 0 } });
    assert.equal(failure(() => without.add("cat", "k")).status, "LIMIT_EXCEEDED");
    without.close();
  });
});
