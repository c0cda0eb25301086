import { checkManyTexts, checkText, show } from "./options.js";
import { bytesOf, isHighSurrogate, type Text, unitsOf } from "./utf8.js";

/** A text in chunks, which may be cut anywhere, also within a character. */
export type Chunks = Iterable<Text> | AsyncIterable<Text> | ReadableStream<Text>;

/**
 * Where a part of a text stands in the whole.
 *
 * @internal
 */
export interface Origin {
  /** Bytes of the text before. */
  readonly bytes: number;
  /** The same text's length as a string. */
  readonly units: number;
}

/**
 * A part of a text.
 *
 * @internal
 */
export interface Part {
  readonly bytes: Uint8Array;
  readonly origin: Origin;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/**
 * What a part gives: the output of its first `consumed` bytes.
 *
 * @internal
 */
export interface Transcribed {
  readonly output: string;
  readonly consumed: number;
}

/** Units of a string, or bytes, that are given to the core at once: they bound its memory. */
const PIECE = 8192;

/**
 * A text of which chunk after chunk is transcribed; holds what has to wait for what follows.
 *
 * @internal
 */
export class Stream {
  readonly #transcribe: (part: Part) => Transcribed;
  #isFirst = true;
  #origin: Origin = { bytes: 0, units: 0 };
  /** The bytes that wait. */
  #rest = new Uint8Array(0);
  /** The high surrogate that ended the last string: the low one may begin the next. */
  #high = "";

  constructor(transcribe: (part: Part) => Transcribed) {
    this.#transcribe = transcribe;
  }

  /** Gives the outputs of a chunk, without empty ones. */
  *add(chunk: Text): Generator<string, void, undefined> {
    checkText(chunk);
    if (typeof chunk !== "string") {
      if (this.#high !== "") yield* this.#give(this.#takeHigh());
      for (let at = 0; at < chunk.length; at += PIECE) {
        yield* this.#give(chunk.subarray(at, at + PIECE));
      }
      return;
    }
    const text = this.#high === "" ? chunk : this.#takeHigh() + chunk;
    for (let at = 0; at < text.length; ) {
      let end = Math.min(at + PIECE, text.length);
      if (isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
      if (end === at) {
        this.#high = text.slice(at);
        return;
      }
      yield* this.#give(text.slice(at, end));
      at = end;
    }
  }

  /** Gives the output of what is left at the end of the text. */
  end(): Generator<string, void, undefined> {
    return this.#give(this.#takeHigh(), true);
  }

  *#give(piece: Text, isLast = false): Generator<string, void, undefined> {
    const bytes = joined(this.#rest, bytesOf(piece));
    const origin = this.#origin;
    const { output, consumed } = this.#transcribe({
      bytes,
      origin,
      isFirst: this.#isFirst,
      isLast,
    });
    this.#isFirst = false;
    this.#origin = {
      bytes: origin.bytes + consumed,
      units: origin.units + unitsOf(bytes.subarray(0, consumed)),
    };
    // Copied, so that the whole is not kept.
    this.#rest = bytes.slice(consumed);
    if (output !== "") yield output;
  }

  #takeHigh(): string {
    const high = this.#high;
    this.#high = "";
    return high;
  }
}

/**
 * Whether chunks have to be waited for; checks them.
 *
 * @internal
 */
export function isAsync(chunks: Chunks): chunks is AsyncIterable<Text> | ReadableStream<Text> {
  checkManyTexts("chunks", chunks);
  if (typeof chunks !== "object" || chunks === null) {
    throw new TypeError(`chunks is an iterable or a ReadableStream of texts, not ${show(chunks)}`);
  }
  return Symbol.asyncIterator in chunks || "getReader" in chunks;
}

/**
 * Gives the iterable of chunks that have to be waited for.
 *
 * @internal
 */
export function iterable(chunks: AsyncIterable<Text> | ReadableStream<Text>): AsyncIterable<Text> {
  // Not every browser's ReadableStream is one.
  return Symbol.asyncIterator in chunks ? chunks : readAll(chunks);
}

async function* readAll(stream: ReadableStream<Text>): AsyncGenerator<Text, void, undefined> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!isDone) await reader.cancel();
    reader.releaseLock();
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
