import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ClosedError, createPool, createTranscriber, KilophoneError } from "kilophone";

const words = "the cat sat on a mat and the dog did not like that at all 한국 7 ☃".split(" ");
const texts = Array.from(
  { length: 1000 },
  (_, i) => `${words[i % words.length]} ${words[(i * 7) % words.length]}, ${i}`,
);

async function collect(answers: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const answer of answers) all.push(answer);
  return all;
}

suite("pool", async () => {
  const serial = await createTranscriber();
  const pool = await createPool({ size: 2, inFlight: 50 });

  test("gives what a transcriber gives, in order", async () => {
    const options = { stress: "none", separator: "." } as const;
    assert.deepEqual(
      await collect(pool.transcribeMany(texts, options)),
      serial.transcribeMany(texts, options),
    );
    assert.equal(await pool.transcribe("cat"), "ˈkæt");
    assert.equal(await pool.transcribe(new TextEncoder().encode("cat")), "ˈkæt");
    assert.deepEqual(await collect(pool.transcribeMany([])), []);
  });

  test("serves several jobs at a time", async () => {
    const jobs = [texts, texts.toReversed(), texts.slice(0, 10), []];
    const answers = await Promise.all(jobs.map((job) => collect(pool.transcribeMany(job))));
    assert.deepEqual(
      answers,
      jobs.map((job) => serial.transcribeMany(job)),
    );
  });

  test("reads no more than is taken", async () => {
    let read = 0;
    let ended = false;
    async function* endless() {
      try {
        for (;;) yield texts[read++ % texts.length] as string;
      } finally {
        ended = true;
      }
    }
    const answers = pool.transcribeMany(endless());
    assert.equal(read, 0);
    for (let taken = 1; taken <= 200; taken++) {
      const { value } = await answers.next();
      assert.equal(value, serial.transcribe(texts[(taken - 1) % texts.length] as string));
      assert(read <= taken + 50, `${read} read, ${taken} taken`);
    }
    const before = read;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert(read - before <= 50);
    await answers.return();
    assert(ended);
  });

  test("gives answers while the input waits", async () => {
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    async function* slow() {
      yield "cat";
      await gate;
      yield "sat";
    }
    const answers = pool.transcribeMany(slow());
    assert.equal((await answers.next()).value, "ˈkæt");
    go();
    assert.equal((await answers.next()).value, "ˈsæt");
    assert.equal((await answers.next()).done, true);
  });

  test("rejects at the text with the fault", async () => {
    for (const at of [0, 1, 37, 999]) {
      const faulty = texts.with(at, "cat \ud800");
      const answers: string[] = [];
      await assert.rejects(
        async () => {
          for await (const answer of pool.transcribeMany(faulty)) answers.push(answer);
        },
        (error) => {
          assert(error instanceof KilophoneError);
          assert.deepEqual([error.status, error.textIndex, error.index], ["INVALID_UTF8", at, 4]);
          assert.match(error.message, new RegExp(`of text ${at}$`));
          return true;
        },
      );
      assert.deepEqual(answers, serial.transcribeMany(texts.slice(0, at)));
    }
    await assert.rejects(pool.transcribe("cat \ud800"), { textIndex: 0, index: 4 });
    await assert.rejects(pool.transcribe("☃", { unknown: "error" }), { character: "☃" });
    await assert.rejects(collect(pool.transcribeMany(texts, { language: "xx" })), {
      status: "UNKNOWN_LANGUAGE",
    });
  });

  test("rejects when the input does", async () => {
    async function* failing() {
      yield "cat";
      throw new Error("the input's own");
    }
    const answers = pool.transcribeMany(failing());
    assert.equal((await answers.next()).value, "ˈkæt");
    await assert.rejects(answers.next(), /the input's own/);
    await assert.rejects(collect(pool.transcribeMany([1 as never])), TypeError);
    assert.throws(() => pool.transcribeMany("cat"), TypeError);
    assert.throws(() => pool.transcribeMany([], { format: "?" as "ipa" }), RangeError);
    assert.equal(await pool.transcribe("cat"), "ˈkæt");
  });

  test("checks its own options", async () => {
    await assert.rejects(createPool({ size: 0 }), RangeError);
    await assert.rejects(createPool({ inFlight: 0.5 }), RangeError);
    await assert.rejects(createPool({ limits: { cacheWords: -1 } }), RangeError);
    await assert.rejects(createPool({ sizes: 1 } as object), TypeError);
    await assert.rejects(createPool({ size: 1, packs: [new Uint8Array(50)] }), {
      name: "KilophoneError",
      status: "PACK_CORRUPT",
    });
  });

  test("calls the other methods in its workers", async () => {
    assert.equal(await pool.normalize("5 cats"), "five cats");
    assert.deepEqual(await pool.alternatives("cat", 3), serial.alternatives("cat", 3));
    assert.deepEqual(await pool.alternatives("cat"), serial.alternatives("cat"));
    const numbers = Array.from({ length: 50 }, (_, i) => `${i}`);
    const running = collect(pool.transcribeMany(texts));
    assert.deepEqual(
      await Promise.all(numbers.map((number) => pool.normalize(number))),
      numbers.map((number) => serial.normalize(number)),
    );
    assert.deepEqual(await running, serial.transcribeMany(texts));
    await assert.rejects(pool.normalize("cat \ud800"), { status: "INVALID_UTF8", index: 4 });
    await assert.rejects(pool.alternatives("two words"), { status: "INVALID_ARGUMENT" });
    await assert.rejects(pool.alternatives("cat", 17), RangeError);
    await assert.rejects(pool.normalize(1 as never), TypeError);
    await assert.rejects(pool.normalize("cat", { format: "?" as "ipa" }), RangeError);
  });

  test("has one lexicon", async () => {
    const running = collect(pool.transcribeMany(texts));
    await pool.add("kilophone", "ˈkæt");
    assert.equal(await pool.loadLexicon("cat\tK AA1 T\ten-us\tarpabet"), 1);
    const said = await collect(pool.transcribeMany(new Array(200).fill("kilophone, cat")));
    assert.deepEqual(new Set(said), new Set(["ˈkæt, ˈkɑt"]));
    await assert.rejects(pool.add("cat", "?"), { status: "INVALID_SPELLING", index: 0 });
    const fault = { status: "INVALID_LEXICON", index: 12 };
    await assert.rejects(pool.loadLexicon("dog\tˈkæt\ncat"), fault);
    await assert.rejects(pool.add("cat", 1 as never), TypeError);
    await pool.clearLexicon();
    await running;
    assert.deepEqual(await collect(pool.transcribeMany(texts)), serial.transcribeMany(texts));
  });

  test("ends its workers", async () => {
    const closing = await createPool({ size: 1 });
    const answers = closing.transcribeMany(texts);
    await answers.next();
    const late = collect(answers);
    const rejected = [late, closing.normalize("5"), closing.add("cat", "k")].map((promise) =>
      assert.rejects(promise, ClosedError),
    );
    await closing.close();
    await Promise.all(rejected);
    assert.equal(closing.closed, true);
    await assert.rejects(closing.transcribe("cat"), { message: "the pool is closed" });
    assert.throws(() => closing.transcribeMany([]), ClosedError);
    await assert.rejects(closing.normalize("5"), ClosedError);
    await assert.rejects(closing.clearLexicon(), ClosedError);
    await closing[Symbol.asyncDispose]();
  });

  test("lets the process end when it is not closed", () => {
    assert.equal(pool.closed, false);
  });
});
