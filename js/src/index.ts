import type { Alternative, Analysis } from "./analysis.js";
import type { Options } from "./options.js";
import { Pool, type PoolOptions } from "./pool.js";
import type { Chunks } from "./stream.js";
import { Transcriber, type TranscriberOptions } from "./transcriber.js";
import type { Text } from "./utf8.js";

export type {
  Alternative,
  Analysis,
  Phoneme,
  Place,
  Source,
  Span,
  SpanKind,
} from "./analysis.js";
export { BusyError, ClosedError, KilophoneError, type StatusName } from "./errors.js";
export type {
  Format,
  Kernels,
  Limits,
  Options,
  Punctuation,
  SpellingOptions,
  Stress,
  Unknown,
} from "./options.js";
export type { Pool, PoolOptions } from "./pool.js";
export type { Chunks } from "./stream.js";
export type { Transcriber, TranscriberOptions } from "./transcriber.js";
export type { Text } from "./utf8.js";
export type { WasmSource } from "./wasm.js";

let shared: Promise<Transcriber> | undefined;

/**
 * Opens a transcriber, whose methods are synchronous. It holds its packs, its scratch memory and a
 * cache of words in a wasm memory of its own; close it to free them.
 *
 * @throws KilophoneError `PACK_TRUNCATED`, `PACK_CORRUPT`, `PACK_NEWER`, `PACK_LANGUAGE`,
 * `LIMIT_EXCEEDED`, `UNSUPPORTED_KERNELS`, `OUT_OF_MEMORY`; TypeError or RangeError for options
 * that are not among the choices; and what loading or compiling the wasm file throws.
 */
export function createTranscriber(options?: TranscriberOptions): Promise<Transcriber> {
  return Transcriber.open(options);
}

/**
 * Starts workers that transcribe side by side, for long jobs.
 *
 * @throws As `createTranscriber`.
 */
export function createPool(options?: PoolOptions): Promise<Pool> {
  return Pool.open(options);
}

/**
 * Gives the phonemes of a text, with a transcriber that this module's functions share and that is
 * opened by the first call.
 */
export async function transcribe(text: Text, options?: Options): Promise<string> {
  return (await sharedTranscriber()).transcribe(text, options);
}

/** Gives the phonemes of each text, faster than one by one where texts are short. */
export async function transcribeMany(texts: Iterable<Text>, options?: Options): Promise<string[]> {
  return (await sharedTranscriber()).transcribeMany(texts, options);
}

/** Takes a text apart: its words and what is between, with offsets, language and phonemes. */
export async function analyze(text: Text, options?: Options): Promise<Analysis> {
  return (await sharedTranscriber()).analyze(text, options);
}

/** Gives a text with its written forms (numbers, dates, acronyms …) as the words that are read. */
export async function normalize(text: Text, options?: Options): Promise<string> {
  return (await sharedTranscriber()).normalize(text, options);
}

/** Gives the pronunciations of a word that the model finds most probable: 5, or `count` up to 16. */
export async function alternatives(
  word: Text,
  count?: number,
  options?: Options,
): Promise<Alternative[]> {
  return (await sharedTranscriber()).alternatives(word, count, options);
}

/**
 * Gives the phonemes of a text that comes in chunks; see `Transcriber.stream`. Any number of these
 * streams can be under way: those beside the first have transcribers of their own.
 */
export async function* stream(
  chunks: Chunks,
  options?: Options,
): AsyncGenerator<string, void, undefined> {
  const common = await sharedTranscriber();
  if (!common.isStreaming) {
    yield* common.stream(chunks, options);
    return;
  }
  const own = await Transcriber.open();
  try {
    yield* own.stream(chunks, options);
  } finally {
    own.close();
  }
}

function sharedTranscriber(): Promise<Transcriber> {
  shared ??= Transcriber.open().catch((error: unknown) => {
    shared = undefined;
    throw error;
  });
  return shared;
}
