// Calls the library many times, and fails when its memory is not flat after the first tenth.
//
// npm run soak -- [calls]

import { createTranscriber } from "kilophone";

const CALLS = 1_000_000;
const SAMPLES = 20;
const GROWTH_MAX_BYTES = 8 << 20;

const calls = Number(process.argv[2] ?? CALLS);

// The memory of the wasm module is not in what the engine reports.
let memory;
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...given) => {
  const instance = await instantiate(...given);
  ({ memory } = instance.exports);
  return instance;
};
const transcriber = await createTranscriber();
WebAssembly.instantiate = instantiate;

const words = ["the", "cat", "sat", "on", "a", "mat", "나무", "7", "don't", "☃", "\ud800"];
const kinds = [
  (text) => transcriber.transcribe(text),
  (text) => transcriber.transcribe(text, { unknown: "error", separator: "-", language: "en-us" }),
  (text) => transcriber.transcribeMany([text, "cat", text]),
  (text) => transcriber.analyze(text),
  (text) => transcriber.normalize(text),
  (text) => [...transcriber.stream([text, "\n\n", text])],
  (text) => transcriber.add(text.split(" ", 1)[0], "kæt"),
  (text) => transcriber.alternatives(text.split(" ", 1)[0], 1),
];

const every = Math.ceil(calls / SAMPLES);
let failures = 0;
let base;
for (let i = 0; i < calls; i++) {
  // Some words are new, so that the model runs and the cache of words is full.
  const text = i % 500 === 0 ? `word${i.toString(36)}` : words[i % words.length];
  try {
    kinds[i % kinds.length](`${text} ${words[(i * 3) % words.length]}`);
  } catch {
    failures += 1;
  }
  if ((i + 1) % every !== 0) continue;
  globalThis.gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  const used = heapUsed + arrayBuffers;
  const wasm = memory.buffer.byteLength;
  console.log(
    `${i + 1} calls: heap and buffers ${mebibytes(used)}, wasm memory ${mebibytes(wasm)}, ` +
      `resident ${mebibytes(rss)} MiB`,
  );
  if (base === undefined && i + 1 >= calls / 10) base = { used, wasm };
  if (base !== undefined && used - base.used > GROWTH_MAX_BYTES) {
    throw new Error(`the heap grew by ${used - base.used} bytes`);
  }
  if (base !== undefined && wasm > base.wasm) {
    throw new Error(`the wasm memory grew by ${wasm - base.wasm} bytes`);
  }
}
console.log(`flat over ${calls} calls, ${failures} of which had a text with a fault`);

function mebibytes(bytes) {
  return (bytes / 2 ** 20).toFixed(1);
}
