/// <reference lib="esnext.disposable" preserve="true" />
import { type Alternative, type Analysis, decode, decodeAlternatives } from "./analysis.js";
import { type Blocks, Core, type Slice, WORD } from "./core.js";
import { BusyError, ClosedError, type Fault, isAboutText, KilophoneError } from "./errors.js";
import { FAULT_LAYOUT, LIMITS_LAYOUT, OPTIONS_LAYOUT, STATUS } from "./facts.js";
import {
  checkCount,
  checkManyTexts,
  checkNames,
  checkText,
  type EncodedOptions,
  encodeLimits,
  encodeOptions,
  type Limits,
  type Options,
  type SpellingOptions,
  show,
} from "./options.js";
import {
  type Chunks,
  isAsync,
  iterable,
  type Origin,
  type Part,
  Stream,
  type Transcribed,
} from "./stream.js";
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
const ALTERNATIVE_GUESS = 256;
const ALTERNATIVES_DEFAULT = 5;
const WHOLE: Origin = { bytes: 0, units: 0 };

/** Turns text into phonemes; made by `createTranscriber`. */
export class Transcriber {
  /** Version of the core: "MAJOR.MINOR.PATCH". */
  readonly version: string;
  #core: Core | undefined;
  readonly #handle: number;
  /** The core has the state of one stream. */
  #isStreaming = false;

  /**
   * Whether a stream is under way.
   *
   * @internal
   */
  get isStreaming(): boolean {
    return this.#isStreaming;
  }

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
        struct(LIMITS_LAYOUT, {
          kernels: limits.kernels,
          cache_words: limits.cacheWords,
          lexicon_bytes: limits.lexiconBytes,
        }),
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
   * `UNKNOWN_CHARACTER`, `UNSUPPORTED_FORMAT`, `INVALID_SPELLING` (of an override),
   * `UNKNOWN_LANGUAGE`, `LIMIT_EXCEEDED`, `OUT_OF_MEMORY`; TypeError or RangeError for options that
   * are not among the choices.
   */
  transcribe(text: Text, options?: Options): string {
    return this.#run([text], options, (call) => read(call.rewrite("kp_transcribe")));
  }

  /**
   * Gives a text with its written forms (numbers, dates, acronyms …) as words, and everything else as
   * it stands.
   *
   * @throws As `transcribe`.
   */
  normalize(text: Text, options?: Options): string {
    return this.#run([text], options, (call) => read(call.rewrite("kp_normalize")));
  }

  /**
   * Gives the phonemes of a text that comes in chunks, cut anywhere, as soon as they cannot change:
   * paragraph by paragraph, and after a kilobyte at the latest. Joined, the outputs are what
   * `transcribe` gives for the whole. Only a chunk and the paragraph that waits are in memory.
   *
   * Chunks are read only as outputs are taken; ending the loop early ends their iterable, or cancels
   * their ReadableStream. A fault's `index` and `byteOffset` are those in the whole text.
   *
   * A transcriber has one stream at a time, from the first output that is asked for until its end (or
   * the loop's); other methods may be called meanwhile.
   *
   * @throws As `transcribe`; BusyError when another stream is under way; what the chunks throw.
   */
  stream(chunks: Iterable<Text>, options?: Options): Generator<string, void, undefined>;
  stream(
    chunks: AsyncIterable<Text> | ReadableStream<Text>,
    options?: Options,
  ): AsyncGenerator<string, void, undefined>;
  stream(
    chunks: Chunks,
    options?: Options,
  ): Generator<string, void, undefined> | AsyncGenerator<string, void, undefined>;
  stream(
    chunks: Chunks,
    options?: Options,
  ): Generator<string, void, undefined> | AsyncGenerator<string, void, undefined> {
    const isWaiting = isAsync(chunks);
    this.#open();
    encodeOptions(options);
    // A copy, which nobody changes.
    const copy = options && { ...options };
    const stream = new Stream((part) => this.#part(part, copy));
    return isWaiting ? this.#wait(iterable(chunks), stream) : this.#pull(chunks, stream);
  }

  /**
   * Gives the phonemes of each text, faster than one by one where texts are short. A fault in any of
   * the texts fails the call; the error's `textIndex` says which.
   *
   * @throws As `transcribe`.
   */
  transcribeMany(texts: Iterable<Text>, options?: Options): string[] {
    return this.#run(checkTexts(texts), options, (call) => {
      const { core, blocks, slices } = call;
      const { kp_transcribe_many } = core.exports;
      const addresses = blocks.words(slices.map((slice) => slice.at));
      const lengths = blocks.words(slices.map((slice) => slice.bytes));
      const ends = blocks.alloc(slices.length * WORD);
      const total = slices.reduce((sum, slice) => sum + slice.bytes, 0);
      const guess = total * OUTPUT_RATIO + OUTPUT_GUESS_LEAST;
      const output = call.output(guess, 1, (out, capacity, outBytes) =>
        kp_transcribe_many(
          this.#handle,
          addresses,
          lengths,
          slices.length,
          call.options,
          out,
          capacity,
          ends,
          outBytes,
        ),
      );
      let start = 0;
      return slices.map((_, i) => {
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
      const { at, bytes } = call.first;
      const guess = Math.min(bytes * ANALYSIS_RATIO, ANALYSIS_GUESS_MAX) + ANALYSIS_GUESS_LEAST;
      const records = call.rewrite("kp_analyze", guess);
      return decode(text, call.core.slice(at, bytes), records);
    });
  }

  /**
   * Gives the pronunciations of a word that the model finds most probable, at most `count` (1 to 16)
   * of them; the lexicon and the words around have no part in it.
   *
   * @throws KilophoneError `INVALID_ARGUMENT` when the text is not one word; else as `transcribe`.
   */
  alternatives(word: Text, count = ALTERNATIVES_DEFAULT, options?: Options): Alternative[] {
    checkCount(count);
    return this.#run([word], options, (call) => {
      const { at, bytes } = call.first;
      const { kp_alternatives } = call.core.exports;
      const records = call.output(count * ALTERNATIVE_GUESS, 1, (out, capacity, outBytes) =>
        kp_alternatives(this.#handle, at, bytes, count, call.options, out, capacity, outBytes),
      );
      return decodeAlternatives(records);
    });
  }

  /**
   * Adds a word to the lexicon, which comes before the model, in place of an earlier one. Its
   * spelling is in the format of the options, or IPA. An English possessive follows from it.
   *
   * @throws KilophoneError `INVALID_SPELLING` (the error's `index` is that in the spelling),
   * `INVALID_ARGUMENT` when the text is not one word, `LIMIT_EXCEEDED` when the lexicon is full; else
   * as `transcribe`.
   */
  add(word: Text, spelling: Text, options?: SpellingOptions): void {
    this.#run([word, spelling], options, (call) => {
      const [first, second] = call.slices as [Slice, Slice];
      const status = call.core.exports.kp_lexicon_add(
        this.#handle,
        first.at,
        first.bytes,
        second.at,
        second.bytes,
        call.options,
      );
      call.check(status, { texts: [status === STATUS.INVALID_SPELLING ? spelling : word] });
    });
  }

  /**
   * Adds the words of lines `WORD TAB SPELLING [TAB LANGUAGE [TAB FORMAT]]`, which are otherwise those
   * of the options; empty lines and lines that begin with `#` are left out. Returns how many. When a
   * line has a fault, those before it have been added.
   *
   * @throws KilophoneError `INVALID_LEXICON` for another line; else as `add`. The error's `index` is
   * that in the lines.
   */
  loadLexicon(lines: Text, options?: SpellingOptions): number {
    return this.#run([lines], options, (call) => {
      const { at, bytes } = call.first;
      const { kp_lexicon_load } = call.core.exports;
      const status = kp_lexicon_load(this.#handle, at, bytes, call.options, call.outSize);
      call.check(status, { hasPlace: true });
      return call.core.readWord(call.outSize);
    });
  }

  /** Forgets the words that were added. */
  clearLexicon(): void {
    this.#open().exports.kp_lexicon_clear(this.#handle);
  }

  /**
   * For conformance tests: the raw logits of the greedy decoding of one word, step after step.
   *
   * @throws KilophoneError `INVALID_ARGUMENT` when the text is not one word; else as `transcribe`.
   */
  wordLogits(word: Text, options?: Pick<Options, "language">): Float32Array {
    return this.#run([word], options, (call) => {
      const logits = call.rewrite("kp_word_logits", LOGITS_GUESS, WORD);
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

  *#pull(chunks: Iterable<Text>, stream: Stream): Generator<string, void, undefined> {
    this.#beginStream();
    try {
      for (const chunk of chunks) yield* stream.add(chunk);
      yield* stream.end();
    } finally {
      this.#isStreaming = false;
    }
  }

  async *#wait(
    chunks: AsyncIterable<Text>,
    stream: Stream,
  ): AsyncGenerator<string, void, undefined> {
    this.#beginStream();
    try {
      for await (const chunk of chunks) yield* stream.add(chunk);
      yield* stream.end();
    } finally {
      this.#isStreaming = false;
    }
  }

  #beginStream(): void {
    if (this.#isStreaming) throw new BusyError();
    this.#isStreaming = true;
  }

  #part({ bytes, origin, isFirst, isLast }: Part, options: Options | undefined): Transcribed {
    const run = (call: Call) => {
      const { at, bytes } = call.first;
      const { kp_transcribe_part } = call.core.exports;
      const consumed = call.blocks.alloc(WORD);
      const guess = bytes * OUTPUT_RATIO + OUTPUT_GUESS_LEAST;
      const output = call.output(guess, 1, (out, capacity, outBytes) =>
        kp_transcribe_part(
          this.#handle,
          at,
          bytes,
          Number(isFirst),
          Number(isLast),
          call.options,
          out,
          capacity,
          outBytes,
          consumed,
        ),
      );
      return { output: read(output), consumed: call.core.readWord(consumed) };
    };
    return this.#run([bytes], options, run, origin);
  }

  #open(): Core {
    if (this.#core === undefined) throw new ClosedError("transcriber");
    return this.#core;
  }

  /** Checks and copies what is given, makes a call, and frees again. */
  #run<Result>(
    texts: readonly Text[],
    options: Options | undefined,
    run: (call: Call) => Result,
    origin = WHOLE,
  ): Result {
    const core = this.#open();
    texts.forEach(checkText);
    const encoded = encodeOptions(options);
    return core.withBlocks((blocks) =>
      run(new Call(core, blocks, this.#handle, texts, writeOptions(blocks, encoded), origin)),
    );
  }
}

/** One call into the core. */
class Call {
  /** The texts in the module's memory. */
  readonly slices: readonly Slice[];
  /** Address of the number that a call gives. */
  readonly outSize: number;

  constructor(
    readonly core: Core,
    readonly blocks: Blocks,
    readonly handle: number,
    readonly texts: readonly Text[],
    /** Address of a kp_options; NULL for the defaults. */
    readonly options: number,
    /** Where the texts begin in the text that positions are counted in. */
    readonly origin: Origin,
  ) {
    this.slices = blocks.texts(texts);
    this.outSize = blocks.alloc(WORD);
  }

  get first(): Slice {
    return this.slices[0] as Slice;
  }

  /** Makes a call with the first text alone; what is given is as in `output`. */
  rewrite(
    name: "kp_transcribe" | "kp_normalize" | "kp_analyze" | "kp_word_logits",
    guess = this.first.bytes * OUTPUT_RATIO + OUTPUT_GUESS_LEAST,
    itemBytes = 1,
  ): Uint8Array {
    const { at, bytes } = this.first;
    const run = this.core.exports[name];
    return this.output(guess, itemBytes, (out, capacity, outSize) =>
      run(this.handle, at, bytes, this.options, out, capacity, outSize),
    );
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
    let status = run(out, guess, this.outSize);
    if (status === STATUS.OUT_OF_SPACE) {
      const capacity = this.core.readWord(this.outSize);
      this.blocks.freeLast();
      out = this.blocks.alloc(capacity * itemBytes);
      status = run(out, capacity, this.outSize);
    }
    this.check(status);
    return this.core.slice(out, this.core.readWord(this.outSize) * itemBytes);
  }

  /**
   * Throws the error of a status.
   *
   * @param texts The texts that can have the fault.
   * @param hasPlace Whether it has a place in them.
   */
  check(status: number, { texts = this.texts, hasPlace = isAboutText(status) } = {}): void {
    if (status === STATUS.OK) return;
    const reason = this.core.message(status);
    if (!hasPlace) throw new KilophoneError(status, reason);
    const at = this.blocks.alloc(FAULT_LAYOUT.size);
    this.core.exports.kp_last_fault(this.handle, at);
    const textIndex = this.core.readWord(at + FAULT_LAYOUT.text);
    const byteOffset = this.core.readWord(at + FAULT_LAYOUT.position);
    const text = texts[textIndex] ?? "";
    const index = indexOfByte(text, byteOffset - this.origin.bytes);
    const fault: Fault = {
      textIndex,
      byteOffset,
      index: this.origin.units + index,
      character: status === STATUS.UNKNOWN_CHARACTER ? characterAt(text, index) : undefined,
    };
    throw new KilophoneError(status, reason, fault, texts.length > 1);
  }
}

function checkTexts(texts: Iterable<Text>): readonly Text[] {
  checkManyTexts("texts", texts);
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
  const fields: Record<string, number> = { ...options.numbers };
  for (const [name, value] of Object.entries(options.strings)) {
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
