import { KilophoneError } from "./errors.js";
import { STATUS } from "./facts.js";
import { type Measure, measure, read, type Text, write } from "./utf8.js";

/** What the wasm module exports: kilophone.h with 32-bit pointers. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  kp_alloc(bytes: number): number;
  kp_free(pointer: number, bytes: number): void;
  kp_open(packs: number, lens: number, count: number, limits: number, out: number): number;
  kp_close(transcriber: number): void;
  kp_transcribe(
    transcriber: number,
    text: number,
    textBytes: number,
    options: number,
    out: number,
    capacity: number,
    outBytes: number,
  ): number;
  kp_transcribe_many(
    transcriber: number,
    texts: number,
    textBytes: number,
    count: number,
    options: number,
    out: number,
    capacity: number,
    outEnds: number,
    outBytes: number,
  ): number;
  kp_analyze: Exports["kp_transcribe"];
  kp_normalize: Exports["kp_transcribe"];
  kp_word_logits: Exports["kp_transcribe"];
  kp_transcribe_part(
    transcriber: number,
    text: number,
    textBytes: number,
    isFirst: number,
    isLast: number,
    options: number,
    out: number,
    capacity: number,
    outBytes: number,
    outConsumed: number,
  ): number;
  kp_alternatives(
    transcriber: number,
    word: number,
    wordBytes: number,
    count: number,
    options: number,
    out: number,
    capacity: number,
    outBytes: number,
  ): number;
  kp_lexicon_add(
    transcriber: number,
    word: number,
    wordBytes: number,
    spelling: number,
    spellingBytes: number,
    options: number,
  ): number;
  kp_lexicon_load(
    transcriber: number,
    lines: number,
    linesBytes: number,
    options: number,
    outCount: number,
  ): number;
  kp_lexicon_clear(transcriber: number): void;
  kp_last_fault(transcriber: number, out: number): void;
  kp_version(): number;
  kp_status_message(status: number): number;
}

/** A string of bytes in the module's memory. */
export interface Slice {
  readonly at: number;
  readonly bytes: number;
}

/** Bytes of a number of the ABI: u32, pointer or size. */
export const WORD = 4;

/**
 * An instance of the wasm module, with a memory of its own.
 *
 * The memory may grow in every call, which detaches its buffer; views are made from the present one
 * each time they are asked for and not kept over a call.
 */
export class Core {
  readonly exports: Exports;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  private constructor(exports: Exports) {
    this.exports = exports;
  }

  static async open(module: WebAssembly.Module): Promise<Core> {
    const instance = await WebAssembly.instantiate(module, {});
    const exports = instance.exports as unknown as Exports;
    if (typeof exports.kp_open !== "function" || typeof exports.memory !== "object") {
      throw new TypeError("wasm is a WebAssembly module, but not kilophone's");
    }
    return new Core(exports);
  }

  /** The memory, until the next call. */
  bytes(): Uint8Array {
    this.#refresh();
    return this.#bytes;
  }

  /** The bytes of a slice, until the next call. */
  slice(at: number, length: number): Uint8Array {
    return this.bytes().subarray(at, at + length);
  }

  readWord(at: number): number {
    this.#refresh();
    return this.#view.getUint32(at, true);
  }

  writeWord(at: number, value: number): void {
    this.#refresh();
    this.#view.setUint32(at, value, true);
  }

  /** Reads a static string, which ends in a NUL. */
  readStatic(pointer: number): string {
    const at = pointer >>> 0;
    const bytes = this.bytes();
    return read(bytes.subarray(at, bytes.indexOf(0, at)));
  }

  /** A sentence for a status. */
  message(status: number): string {
    return this.readStatic(this.exports.kp_status_message(status));
  }

  /** Runs a call with blocks of memory, which are freed when it returns or throws. */
  withBlocks<Result>(run: (blocks: Blocks) => Result): Result {
    const blocks = new Blocks(this);
    try {
      return run(blocks);
    } finally {
      blocks.freeAll();
    }
  }

  #refresh(): void {
    const { buffer } = this.exports.memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }
}

/** Blocks of the module's memory that live as long as a call. */
export class Blocks {
  readonly #core: Core;
  readonly #blocks: Slice[] = [];

  constructor(core: Core) {
    this.#core = core;
  }

  /** Allocates a block; its content is unspecified. */
  alloc(bytes: number): number {
    // A size beyond 32 bits would wrap around, and NULL is the answer to any that is too large.
    const at = bytes <= 0xffffffff ? this.#core.exports.kp_alloc(bytes) >>> 0 : 0;
    if (at === 0) {
      throw new KilophoneError(STATUS.OUT_OF_MEMORY, this.#core.message(STATUS.OUT_OF_MEMORY));
    }
    this.#blocks.push({ at, bytes });
    return at;
  }

  /** Allocates a struct or an array of numbers. */
  words(values: readonly number[]): number {
    const at = this.alloc(values.length * WORD);
    values.forEach((value, i) => {
      this.#core.writeWord(at + i * WORD, value);
    });
    return at;
  }

  /** Copies texts into one block, one after the other. */
  texts(texts: readonly Text[]): Slice[] {
    let total = 0;
    const measures = texts.map((text): Measure => {
      const measured = typeof text === "string" ? measure(text) : ofBytes(text);
      total += measured.bytes;
      return measured;
    });
    let at = this.alloc(total);
    const memory = this.#core.bytes();
    return measures.map((measured, i) => {
      const slice = { at, bytes: measured.bytes };
      const text = texts[i] as Text;
      at += measured.bytes;
      if (typeof text === "string") write(text, measured, memory.subarray(slice.at, at));
      else memory.set(text, slice.at);
      return slice;
    });
  }

  /** Copies one text. */
  text(text: Text): Slice {
    return this.texts([text])[0] as Slice;
  }

  /** Frees the block that was allocated last. */
  freeLast(): void {
    const block = this.#blocks.pop();
    if (block !== undefined) this.#core.exports.kp_free(block.at, block.bytes);
  }

  freeAll(): void {
    while (this.#blocks.length > 0) this.freeLast();
  }
}

function ofBytes(text: Uint8Array): Measure {
  return { bytes: text.length, loneAt: -1, lone: 0 };
}
