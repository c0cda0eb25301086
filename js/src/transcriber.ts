/// <reference lib="esnext.disposable" preserve="true" />
import { type Analysis, decode } from "./analysis.js";
import { type Blocks, Core, type Slice, WORD } from "./core.js";
import { ClosedError, type Fault, isAboutText, KilophoneError } from "./errors.js";
import { FAULT_LAYOUT, LIMITS_LAYOUT, OPTIONS_LAYOUT, STATUS } from "./facts.js";
import {
  checkNames,
  type EncodedOptions,
  encodeLimits,
  encodeOptions,
  type Limits,
  type Options,
  show,
} from "./options.js";
import { dispose } from "./symbols.js";
import { indexOfByte, read, stringOf, type Text } from "./utf8.js";
import { compile, type WasmSource } from "./wasm.js";

/** How a transcriber is made. */
export interface TranscriberOptions {
  /** Packs (`.kph`), one a language; by default those in the wasm file, `en-us` and `ko`. */
  readonly packs?: readonly (Uint8Array | ArrayBuffer)[] | undefined;
  /** Limits, each with a default. */
  readonly limits?: Limits | undefined;
  /** Where `kilophone.wasm` comes from; by default the file beside this module. */
  readonly wasm?: WasmSource | Promise<WasmSource> | undefined;
}

/** @internal */
export const TRANSCRIBER_OPTION_NAMES = ["packs", "limits", "wasm"];

// How much room to allow for at first: bytes of output for a byte of text. What is not used costs
// no memory; a second call, when it is too little, costs as much time as the first.
const OUTPUT_RATIO = 4;
const ANALYSIS_RATIO = 32;
const ANALYSIS_GUESS_MAX = 64 << 20;
const OUTPUT_GUESS_LEAST = 64;
const ANALYSIS_GUESS_LEAST = 1024;
const LOGITS_GUESS = 1024;

/** Turns text into phonemes; made by `createTranscriber`. */
export class Transcriber {
  /** Version of the core: "MAJOR.MINOR.PATCH". */
  readonly version: string;
  #core: Core | undefined;
  readonly #handle: number;

  private constructor(core: Core, handle: number) {
    this.#core = core;
    this.#handle = handle;
    this.version = core.readStatic(core.exports.kp_version());
  }

  /** @internal */
  static async open(options: TranscriberOptions = {}): Promise<Transcriber> {
    checkNames("transcriber options", options, TRANSCRIBER_OPTION_NAMES);
    const packs = checkPacks(options.packs);
    const limits = encodeLimits(options.limits);
    // On failure the instance goes, and its memory with it.
    const core = await Core.open(await compile(options.wasm));
    const handle = core.withBlocks((blocks) => {
      const out = blocks.alloc(WORD);
      const limitsAt = blocks.words(
        struct(LIMITS_LAYOUT, { kernels: limits.kernels, cache_words: limits.cacheWords }),
      );
      // Packs are read for as long as the transcriber is open: they go with the instance.
      const addresses = packs.map((pack) => copyForGood(core, pack));
      const status = core.exports.kp_open(
        blocks.words(addresses),
        blocks.words(packs.map((pack) => pack.length)),
        packs.length,
        limitsAt,
        out,
      );
      if (status !== STATUS.OK) throw new KilophoneError(status, core.message(status));
      return core.readWord(out);
    });
    return new Transcriber(core, handle);
  }

  /**
   * Gives the phonemes of a text of any length.
   *
   * @throws KilophoneError `INVALID_UTF8` (a lone surrogate, or bytes that are no UTF-8),
   * `UNKNOWN_CHARACTER`, `UNSUPPORTED_FORMAT`, `UNKNOWN_LANGUAGE`, `LIMIT_EXCEEDED`,
   * `OUT_OF_MEMORY`; TypeError or RangeError for options that are not among the choices.
   */
  transcribe(text: Text, options?: Options): string {
    return this.#run([text], options, (call) => {
      const [slice] = call.texts as [Slice];
      const { kp_transcribe } = call.core.exports;
      const guess = slice.bytes * OUTPUT_RATIO + OUTPUT_GUESS_LEAST;
      const output = call.output(guess, 1, (out, capacity, outBytes) =>
        kp_transcribe(this.#handle, slice.at, slice.bytes, call.options, out, capacity, outBytes),
      );
      return read(output);
    });
  }

  /**
   * Gives the phonemes of each text, faster than one by one where texts are short. A fault in any of
   * the texts fails the call; the error's `textIndex` says which.
   *
   * @throws As `transcribe`.
   */
  transcribeMany(texts: Iterable<Text>, options?: Options): string[] {
    return this.#run(checkTexts(texts), options, (call) => {
      const { core, blocks, texts } = call;
      const { kp_transcribe_many } = core.exports;
      const addresses = blocks.words(texts.map((slice) => slice.at));
      const lengths = blocks.words(texts.map((slice) => slice.bytes));
      const ends = blocks.alloc(texts.length * WORD);
      const total = texts.reduce((sum, slice) => sum + slice.bytes, 0);
      const guess = total * OUTPUT_RATIO + OUTPUT_GUESS_LEAST;
      const output = call.output(guess, 1, (out, capacity, outBytes) =>
        kp_transcribe_many(
          this.#handle,
          addresses,
          lengths,
          texts.length,
          call.options,
          out,
          capacity,
          ends,
          outBytes,
        ),
      );
      let start = 0;
      return texts.map((_, i) => {
        const end = core.readWord(ends + i * WORD);
        const answer = read(output.subarray(start, end));
        start = end;
        return answer;
      });
    });
  }

  /**
   * Takes a text apart: its words and what is between, with offsets, language and phonemes.
   *
   * @throws As `transcribe`.
   */
  analyze(text: Text, options?: Options): Analysis {
    return this.#run([text], options, (call) => {
      const [slice] = call.texts as [Slice];
      const { kp_analyze } = call.core.exports;
      const guess =
        Math.min(slice.bytes * ANALYSIS_RATIO, ANALYSIS_GUESS_MAX) + ANALYSIS_GUESS_LEAST;
      const records = call.output(guess, 1, (out, capacity, outBytes) =>
        kp_analyze(this.#handle, slice.at, slice.bytes, call.options, out, capacity, outBytes),
      );
      return decode(text, call.core.slice(slice.at, slice.bytes), records);
    });
  }

  /**
   * For conformance tests: the raw logits of the greedy decoding of one word, step after step.
   *
   * @throws KilophoneError `INVALID_ARGUMENT` when the text is not one word; else as `transcribe`.
   */
  wordLogits(word: Text, options?: Pick<Options, "language">): Float32Array {
    return this.#run([word], options, (call) => {
      const [slice] = call.texts as [Slice];
      const { kp_word_logits } = call.core.exports;
      const logits = call.output(LOGITS_GUESS, WORD, (out, capacity, outFloats) =>
        kp_word_logits(this.#handle, slice.at, slice.bytes, call.options, out, capacity, outFloats),
      );
      const view = new DataView(logits.buffer, logits.byteOffset, logits.byteLength);
      return Float32Array.from({ length: logits.length / WORD }, (_, i) =>
        view.getFloat32(i * WORD, true),
      );
    });
  }

  /** Whether the transcriber has been closed. */
  get closed(): boolean {
    return this.#core === undefined;
  }

  /** Frees the memory. Closing twice is allowed; every other call then throws a ClosedError. */
  close(): void {
    this.#core?.exports.kp_close(this.#handle);
    this.#core = undefined;
  }

  /** The same as `close`, for `using`. */
  [dispose](): void {
    this.close();
  }

  /** Checks and copies what is given, makes a call, and frees again. */
  #run<Result>(
    texts: readonly Text[],
    options: Options | undefined,
    run: (call: Call) => Result,
  ): Result {
    const core = this.#core;
    if (core === undefined) throw new ClosedError("transcriber");
    texts.forEach(checkText);
    const encoded = encodeOptions(options);
    return core.withBlocks((blocks) =>
      run(new Call(core, blocks, this.#handle, texts, writeOptions(blocks, encoded))),
    );
  }
}

/** One call into the core. */
class Call {
  readonly texts: readonly Slice[];
  readonly #given: readonly Text[];
  readonly #outSize: number;

  constructor(
    readonly core: Core,
    readonly blocks: Blocks,
    readonly handle: number,
    given: readonly Text[],
    /** Address of a kp_options; NULL for the defaults. */
    readonly options: number,
  ) {
    this.#given = given;
    this.texts = blocks.texts(given);
    this.#outSize = blocks.alloc(WORD);
  }

  /**
   * Makes the call with room for its output, and once more with the room that it asks for.
   *
   * @param guess How many items there is room for at first.
   * @param itemBytes Bytes of an item: what the core counts in.
   */
  output(
    guess: number,
    itemBytes: number,
    run: (out: number, capacity: number, outSize: number) => number,
  ): Uint8Array {
    let out = this.blocks.alloc(guess * itemBytes);
    let status = run(out, guess, this.#outSize);
    if (status === STATUS.OUT_OF_SPACE) {
      const capacity = this.core.readWord(this.#outSize);
      this.blocks.freeLast();
      out = this.blocks.alloc(capacity * itemBytes);
      status = run(out, capacity, this.#outSize);
    }
    if (status !== STATUS.OK) throw this.#error(status);
    return this.core.slice(out, this.core.readWord(this.#outSize) * itemBytes);
  }

  #error(status: number): KilophoneError {
    const reason = this.core.message(status);
    if (!isAboutText(status)) return new KilophoneError(status, reason);
    const at = this.blocks.alloc(FAULT_LAYOUT.size);
    this.core.exports.kp_last_fault(this.handle, at);
    const textIndex = this.core.readWord(at + FAULT_LAYOUT.text);
    const byteOffset = this.core.readWord(at + FAULT_LAYOUT.position);
    const text = this.#given[textIndex] ?? "";
    const index = indexOfByte(text, byteOffset);
    const fault: Fault = {
      textIndex,
      byteOffset,
      index,
      character: status === STATUS.UNKNOWN_CHARACTER ? characterAt(text, index) : undefined,
    };
    return new KilophoneError(status, reason, fault, this.#given.length > 1);
  }
}

/**
 * Checks a text.
 *
 * @internal
 */
export function checkText(text: unknown): asserts text is Text {
  if (typeof text !== "string" && !(text instanceof Uint8Array)) {
    throw new TypeError(`a text is a string or a Uint8Array, not ${show(text)}`);
  }
}

/**
 * Checks that texts are not one text, whose characters or bytes would be taken for texts.
 *
 * @internal
 */
export function checkManyTexts(texts: unknown): void {
  if (typeof texts === "string" || texts instanceof Uint8Array) {
    throw new TypeError("texts is an iterable of texts, not one text; use transcribe");
  }
}

function checkTexts(texts: Iterable<Text>): readonly Text[] {
  checkManyTexts(texts);
  return Array.isArray(texts) ? texts : [...texts];
}

function checkPacks(packs: TranscriberOptions["packs"]): Uint8Array[] {
  if (packs === undefined) return [];
  if (!Array.isArray(packs)) throw new TypeError("packs is an array of packs: write [pack]");
  if (packs.length === 0) {
    throw new RangeError("packs is empty; leave it out for the packs in the wasm file");
  }
  return packs.map((pack) => {
    if (pack instanceof Uint8Array) return pack;
    if (pack instanceof ArrayBuffer) return new Uint8Array(pack);
    throw new TypeError(`a pack is a Uint8Array or an ArrayBuffer, not ${show(pack)}`);
  });
}

function copyForGood(core: Core, pack: Uint8Array): number {
  const at = core.exports.kp_alloc(pack.length) >>> 0;
  if (at === 0) {
    throw new KilophoneError(STATUS.OUT_OF_MEMORY, core.message(STATUS.OUT_OF_MEMORY));
  }
  core.bytes().set(pack, at);
  return at;
}

function writeOptions(blocks: Blocks, options: EncodedOptions | undefined): number {
  if (options === undefined) return 0;
  const { format, stress, punctuation, unknown } = options;
  const fields: Record<string, number> = { format, stress, punctuation, unknown };
  for (const name of ["separator", "language"] as const) {
    const value = options[name];
    if (value === null) continue;
    const slice = blocks.text(value);
    fields[name] = slice.at;
    fields[`${name}_bytes`] = slice.bytes;
  }
  return blocks.words(struct(OPTIONS_LAYOUT, fields));
}

/** Gives the numbers of a struct of the ABI, all of 32 bits; fields that are not given are zero. */
function struct(
  layout: Readonly<Record<string, number>> & { size: number; struct_bytes: number },
  fields: Readonly<Record<string, number>>,
): number[] {
  const words = new Array<number>(layout.size / WORD).fill(0);
  words[layout.struct_bytes / WORD] = layout.size;
  for (const [name, value] of Object.entries(fields)) {
    words[(layout[name] as number) / WORD] = value;
  }
  return words;
}

function characterAt(text: Text, index: number): string | undefined {
  const code = stringOf(text).codePointAt(index);
  return code === undefined ? undefined : String.fromCodePoint(code);
}
