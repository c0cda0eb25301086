import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { BusyError, ClosedError, createTranscriber, stream } from "kilophone";
import { failure, instrumented } from "./tools.js";

const transcriber = await createTranscriber();
const paragraph = "My cat, 한국 😀 sat.\n\n";
const output = transcriber.transcribe(paragraph);
const text = paragraph.repeat(3);
const chunks = [paragraph, paragraph, paragraph];
const outputs = [output, output, output];

async function collect(outputs: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const output of outputs) all.push(output);
  return all;
}

async function* slowly<Chunk>(chunks: Iterable<Chunk>) {
  for (const chunk of chunks) {
    await new Promise((resolve) => setImmediate(resolve));
    yield chunk;
  }
}

function readable(chunks: Iterable<string | Uint8Array>, cancelled?: () => void) {
  const iterator = chunks[Symbol.iterator]();
  return new ReadableStream<string | Uint8Array>({
    pull(controller) {
      const next = iterator.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: () => cancelled?.(),
  });
}

/** As in browsers whose streams are not iterable. */
function withoutIterator(stream: ReadableStream<string | Uint8Array>) {
  return { getReader: () => stream.getReader() } as typeof stream;
}

suite("stream", () => {
  test("gives a paragraph when it is whole", () => {
    let read = 0;
    function* units() {
      for (; read < text.length; read++) yield text[read] as string;
    }
    const answers = transcriber.stream(units());
    assert.equal(read, 0);
    assert.equal(answers.next().value, output);
    assert(read < 2 * paragraph.length, `${read} units read`);
    assert.deepEqual([...answers], [output, output]);
    assert.deepEqual([...transcriber.stream([])], []);
    assert.deepEqual([...transcriber.stream(["", new Uint8Array(0)])], []);
  });

  test("takes chunks of every kind", async () => {
    const bytes = new TextEncoder().encode(text);
    const units = text.split("");
    const mixed = [paragraph, bytes.subarray(0, bytes.length / 3), paragraph];
    const unlocked = readable(units);
    for (const chunks of [
      slowly(units),
      slowly(mixed),
      readable(units),
      readable([bytes]),
      new Blob([bytes]).stream(),
      withoutIterator(unlocked),
    ]) {
      assert.equal((await collect(transcriber.stream(chunks))).join(""), outputs.join(""));
    }
    assert.equal(unlocked.locked, false);
    assert.equal([...transcriber.stream(mixed)].join(""), outputs.join(""));
    assert.equal([...transcriber.stream(new Set([bytes]))].join(""), outputs.join(""));
  });

  test("keeps no more than a piece of a chunk and a paragraph", async () => {
    const instance = await instrumented(() => createTranscriber({ limits: { cacheWords: 16 } }));
    const size = instance.memory.buffer.byteLength;
    const count = Math.ceil(size / 8);
    let length = 0;
    for (const answer of instance.transcriber.stream(["cat sat ".repeat(count)])) {
      length += answer.length;
    }
    assert.equal(length, "ˈkæt ˈsæt ".length * count);
    assert(instance.memory.buffer.byteLength < size + (1 << 20));
  });

  test("says where in the whole text a fault is", () => {
    const before = paragraph.replaceAll("😀", "é").repeat(600);
    for (const [tail, options, status, character] of [
      ["é\ud800", {}, "INVALID_UTF8", undefined],
      ["é😀", { unknown: "error" }, "UNKNOWN_CHARACTER", "😀"],
    ] as const) {
      const text = before + tail;
      const chunks = [text.slice(0, 9), text.slice(9)];
      const error = failure(() => [...transcriber.stream(chunks, options)]);
      const whole = failure(() => transcriber.transcribe(text, options));
      assert.deepEqual(
        [error.status, error.index, error.byteOffset, error.textIndex, error.character],
        [status, whole.index, whole.byteOffset, 0, character],
      );
      assert.equal(error.index, before.length + 1);
    }
    // Bytes do not go on with a character that a string has begun.
    assert.equal(failure(() => [...transcriber.stream(["\ud83d", Uint8Array.of(0x41)])]).index, 0);
    const cut = new TextEncoder().encode("cat 😀").subarray(0, 6);
    assert.equal(failure(() => [...transcriber.stream([cut])]).index, 4);
    assert.deepEqual([...transcriber.stream([paragraph])], [output]);
  });

  test("refuses what is no stream", async () => {
    assert.throws(() => transcriber.stream("cat"), /not one text; use transcribe/);
    assert.throws(() => transcriber.stream(1 as never), TypeError);
    assert.throws(() => transcriber.stream(null as never), TypeError);
    assert.throws(() => transcriber.stream([], { format: "?" as "ipa" }), RangeError);
    assert.throws(() => [...transcriber.stream({} as never)], TypeError);
    assert.throws(() => [...transcriber.stream([1 as never])], TypeError);
    const unknown = failure(() => [...transcriber.stream([], { language: "xx" })]);
    assert.equal(unknown.status, "UNKNOWN_LANGUAGE");
    await assert.rejects(collect(stream("cat")), TypeError);
  });

  test("is one at a time in a transcriber", async () => {
    const first = transcriber.stream(chunks);
    const second = transcriber.stream(chunks);
    assert.equal(first.next().value, output);
    const error = failure(() => second.next());
    assert(error instanceof BusyError);
    assert.deepEqual([error.name, error.status], ["BusyError", "INVALID_ARGUMENT"]);
    // Other calls do not disturb it.
    transcriber.transcribe("dog", { separator: "-" });
    assert.equal([...first].join(""), output.repeat(2));
    for (const answer of transcriber.stream(chunks)) {
      assert.equal(answer, output);
      break;
    }
    async function* failing() {
      yield "cat";
      throw new Error("the input's own");
    }
    await assert.rejects(collect(transcriber.stream(failing())), /the input's own/);
    assert.deepEqual([...transcriber.stream(chunks)], outputs);
  });

  test("of the module are side by side", async () => {
    const streams = [stream(chunks), stream(chunks), stream(slowly(chunks))];
    const firsts = await Promise.all(streams.map((one) => one.next()));
    assert.deepEqual(
      firsts.map(({ value }) => value),
      outputs,
    );
    const rests = await Promise.all(streams.map(collect));
    assert.deepEqual(
      rests.map((rest) => rest.join("")),
      new Array(3).fill(output.repeat(2)),
    );
  });

  test("closes its input when it ends early", async () => {
    let closed = 0;
    function* endless() {
      try {
        for (;;) yield paragraph;
      } finally {
        closed += 1;
      }
    }
    for (const _ of transcriber.stream(endless())) break;
    assert.equal(closed, 1);
    let cancelled = 0;
    const source = () => readable(endless(), () => (cancelled += 1));
    for await (const _ of transcriber.stream(source())) break;
    for await (const _ of transcriber.stream(withoutIterator(source()))) break;
    assert.equal(cancelled, 2);
  });

  test("ends with its transcriber", async () => {
    const closing = await createTranscriber();
    const late = closing.stream(chunks);
    assert.equal(late.next().value, output);
    closing.close();
    assert(failure(() => [...late]) instanceof ClosedError);
  });
});
