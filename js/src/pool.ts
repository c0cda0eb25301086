/// <reference lib="esnext.disposable" preserve="true" />
import type { Alternative } from "./analysis.js";
import { ClosedError, KilophoneError } from "./errors.js";
import {
  checkCount,
  checkManyTexts,
  checkNames,
  checkText,
  encodeLimits,
  encodeOptions,
  type Options,
  type SpellingOptions,
  wholeNumber,
} from "./options.js";
import { platform, type WorkerHandle } from "./platform.js";
import { asyncDispose } from "./symbols.js";
import {
  TRANSCRIBER_OPTION_NAMES,
  type Transcriber,
  type TranscriberOptions,
} from "./transcriber.js";
import type { Text } from "./utf8.js";
import { compile } from "./wasm.js";
import type { Batch, Done, Failure, Method, Open, Opened, Result, Task } from "./worker.js";

/** How a pool is made. */
export interface PoolOptions extends TranscriberOptions {
  /** How many workers; by default as many as the machine has processors. */
  readonly size?: number | undefined;
  /**
   * How many texts of a `transcribeMany` are at most on their way: read from the input and not yet
   * given out. By default 64 a worker.
   */
  readonly inFlight?: number | undefined;
}

const POOL_OPTION_NAMES = ["size", "inFlight", ...TRANSCRIBER_OPTION_NAMES];
const SIZE_MAX = 1024;
const IN_FLIGHT_MAX = 1 << 24;
const IN_FLIGHT_EACH = 64;

/** Workers that transcribe side by side; made by `createPool`. */
export class Pool {
  /** How many workers there are. */
  readonly size: number;
  readonly #workers: readonly WorkerHandle[];
  readonly #inFlight: number;
  readonly #batchTexts: number;
  readonly #jobs = new Set<Job>();
  /** What is done with the answers to come from each worker, in order. */
  readonly #expected = new Map<WorkerHandle, Receive[]>();
  /** What waits for a worker that has nothing to do. */
  readonly #tasks: ((worker: WorkerHandle) => void)[] = [];
  /** How to give up what is not answered. */
  readonly #rejects = new Set<(error: Error) => void>();
  /** Why no worker takes texts any more. */
  #ended: Error | undefined;

  private constructor(workers: readonly WorkerHandle[], inFlight: number) {
    this.size = workers.length;
    this.#workers = workers;
    this.#inFlight = inFlight;
    // While the workers have one half, the other is being read and given out.
    this.#batchTexts = Math.max(1, Math.floor(inFlight / workers.length / 2));
    for (const worker of workers) {
      this.#expected.set(worker, []);
      worker.listen(
        (message) => this.#receive(worker, message),
        (error) => this.#fail(error),
      );
      worker.keepAlive(false);
    }
  }

  /** @internal */
  static async open(options: PoolOptions = {}): Promise<Pool> {
    checkNames("pool options", options, POOL_OPTION_NAMES);
    const { size = platform().parallelism(), packs, limits } = options;
    wholeNumber("size", size, 1, SIZE_MAX);
    const { inFlight = size * IN_FLIGHT_EACH } = options;
    wholeNumber("inFlight", inFlight, 1, IN_FLIGHT_MAX);
    encodeLimits(limits);
    // Compiled here once, and shared.
    const wasm = await compile(options.wasm);
    const workers: WorkerHandle[] = [];
    try {
      while (workers.length < size) workers.push(platform().startWorker());
      await Promise.all(workers.map((worker) => openWorker(worker, { packs, limits, wasm })));
    } catch (error) {
      await terminateAll(workers);
      throw error;
    }
    return new Pool(workers, inFlight);
  }

  /** Gives the phonemes of a text. Rejects as `Transcriber.transcribe` throws. */
  async transcribe(text: Text, options?: Options): Promise<string> {
    checkText(text);
    const answers = this.#start([text], options, false);
    for await (const answer of answers) return answer;
    throw new Error("a text without an answer");
  }

  /**
   * Gives the phonemes of each text, in order, as they are ready. Texts are read from the input only
   * as answers are taken. After the answers to all texts before it, a text with a fault rejects; the
   * error's `textIndex` says which, and nothing follows.
   *
   * @throws TypeError or RangeError for options that are not among the choices, ClosedError.
   */
  transcribeMany(
    texts: Iterable<Text> | AsyncIterable<Text>,
    options?: Options,
  ): AsyncGenerator<string, void, undefined> {
    checkManyTexts("texts", texts);
    return this.#start(texts, options, true);
  }

  /** Gives a text with its written forms as words. Rejects as `Transcriber.normalize` throws. */
  async normalize(text: Text, options?: Options): Promise<string> {
    checkText(text);
    encodeOptions(options);
    return this.#call("normalize", copyText(text), options && { ...options });
  }

  /**
   * Gives the most probable pronunciations of a word. Rejects as `Transcriber.alternatives` throws.
   */
  async alternatives(word: Text, count?: number, options?: Options): Promise<Alternative[]> {
    checkText(word);
    if (count !== undefined) checkCount(count);
    encodeOptions(options);
    return this.#call("alternatives", copyText(word), count, options && { ...options });
  }

  /**
   * Adds a word to the lexicon of every worker. Texts that are given later are read with it, those
   * under way perhaps. Rejects as `Transcriber.add` throws.
   */
  async add(word: Text, spelling: Text, options?: SpellingOptions): Promise<void> {
    checkText(word);
    checkText(spelling);
    encodeOptions(options);
    await this.#callAll("add", copyText(word), copyText(spelling), options);
  }

  /** The same for many words. Rejects as `Transcriber.loadLexicon` throws. */
  async loadLexicon(lines: Text, options?: SpellingOptions): Promise<number> {
    checkText(lines);
    encodeOptions(options);
    return this.#callAll("loadLexicon", copyText(lines), options);
  }

  /** Empties the lexicon of every worker. */
  async clearLexicon(): Promise<void> {
    await this.#callAll("clearLexicon");
  }

  /** Whether the pool takes no more texts: it has been closed, or a worker has failed. */
  get closed(): boolean {
    return this.#ended !== undefined;
  }

  /** Ends the workers. What is under way rejects with a ClosedError. */
  async close(): Promise<void> {
    this.#end(new ClosedError("pool"));
    await terminateAll(this.#workers);
  }

  /** The same as `close`, for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }

  #start(
    texts: Iterable<Text> | AsyncIterable<Text>,
    options: Options | undefined,
    ofMany: boolean,
  ): AsyncGenerator<string, void, undefined> {
    if (this.#ended !== undefined) throw this.#ended;
    // Checked where they are given; the worker is sent a copy, which nobody changes.
    encodeOptions(options);
    return this.#run(texts, new Job(options && { ...options }, ofMany));
  }

  async *#run(
    texts: Iterable<Text> | AsyncIterable<Text>,
    job: Job,
  ): AsyncGenerator<string, void, undefined> {
    this.#jobs.add(job);
    const input = new Input(texts);
    // Runs beside this function; how it ends is in `job`.
    void this.#read(input, job);
    try {
      for (;;) {
        const slot = job.slots[0];
        if (slot?.failure !== undefined) throw job.error(slot);
        if (slot?.output !== undefined) {
          job.slots.shift();
          job.changed.signal();
          yield slot.output;
        } else if (slot === undefined && job.inputEnded) {
          if (job.inputError !== undefined) throw job.inputError.reason;
          return;
        } else if (this.#ended !== undefined) {
          throw this.#ended;
        } else {
          await job.changed.wait();
        }
      }
    } finally {
      this.#jobs.delete(job);
      job.isOver = true;
      job.changed.signal();
      await input.close();
    }
  }

  /** Reads texts for a job while there is room. */
  async #read(input: Input, job: Job): Promise<void> {
    try {
      for (let index = 0; ; index++) {
        while (job.slots.length >= this.#inFlight && !job.isOver) await job.changed.wait();
        if (job.isOver) return;
        const next = await input.next();
        if (next.done === true || job.isOver) return;
        checkText(next.value);
        job.add(index, next.value);
        this.#feed();
      }
    } catch (reason) {
      job.inputError = { reason };
    } finally {
      job.inputEnded = true;
      job.changed.signal();
    }
  }

  /** Calls a method in a worker that has nothing else to do. */
  #call<Name extends Method>(method: Name, ...given: Given<Name>): Promise<Returned<Name>> {
    return new Promise((resolve, reject) => {
      this.#await(reject);
      this.#tasks.push((worker) => this.#perform(worker, { method, given }, resolve, reject));
      this.#feed();
    });
  }

  /** Calls a method in every worker, after what is on its way; gives what the first gives. */
  async #callAll<Name extends Method>(
    method: Name,
    ...given: Given<Name>
  ): Promise<Returned<Name>> {
    const results = this.#workers.map(
      (worker) =>
        new Promise<Returned<Name>>((resolve, reject) => {
          this.#await(reject);
          this.#perform(worker, { method, given }, resolve, reject);
        }),
    );
    const [first] = await Promise.all(results);
    return first as Returned<Name>;
  }

  /** Has a promise rejected when the pool ends before it is settled. */
  #await(reject: (error: Error) => void): void {
    if (this.#ended !== undefined) throw this.#ended;
    this.#rejects.add(reject);
  }

  #perform<Name extends Method>(
    worker: WorkerHandle,
    task: Task<Name>,
    resolve: (result: Returned<Name>) => void,
    reject: (error: Error) => void,
  ): void {
    this.#send(worker, task, (message) => {
      this.#rejects.delete(reject);
      const { result, failure } = message as Result;
      if (failure === undefined) resolve(result as Returned<Name>);
      else reject(errorOf(failure));
    });
  }

  #send(worker: WorkerHandle, message: Batch | Task, receive: Receive): void {
    worker.keepAlive(true);
    this.#expected.get(worker)?.push(receive);
    worker.post(message);
  }

  #idle(): WorkerHandle | undefined {
    if (this.#ended !== undefined) return undefined;
    return this.#workers.find((worker) => this.#expected.get(worker)?.length === 0);
  }

  /** Gives idle workers something to do. */
  #feed(): void {
    while (this.#tasks.length > 0) {
      const worker = this.#idle();
      if (worker === undefined) return;
      this.#tasks.shift()?.(worker);
    }
    for (const job of [...this.#jobs]) {
      while (job.unsent.length > 0) {
        const worker = this.#idle();
        if (worker === undefined) return;
        const slots = job.unsent.splice(0, this.#batchTexts);
        const batch = { texts: slots.map((slot) => slot.text), options: job.options };
        this.#send(worker, batch, (message) => job.receive(slots, message as Done));
      }
      // To the end of the queue, so that jobs take turns.
      this.#jobs.delete(job);
      this.#jobs.add(job);
    }
  }

  #receive(worker: WorkerHandle, message: unknown): void {
    const expected = this.#expected.get(worker);
    expected?.shift()?.(message);
    if (expected?.length === 0) worker.keepAlive(false);
    this.#feed();
  }

  #fail(cause: Error): void {
    this.#end(new Error(`a worker of the pool failed: ${cause.message}`, { cause }));
    // What goes wrong in ending the others can add nothing.
    terminateAll(this.#workers).catch(() => undefined);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const job of this.#jobs) job.changed.signal();
    for (const reject of this.#rejects) reject(this.#ended);
    this.#rejects.clear();
  }
}

type Receive = (message: unknown) => void;
type Given<Name extends Method> = Parameters<Transcriber[Name]>;
type Returned<Name extends Method> = ReturnType<Transcriber[Name]>;

/** A text on its way. */
interface Slot {
  readonly index: number;
  readonly text: Text;
  output: string | undefined;
  failure: Failure | undefined;
}

/** One `transcribeMany`. */
class Job {
  /** Texts that are read and not yet given out, in order. */
  readonly slots: Slot[] = [];
  /** Those that no worker has yet. */
  readonly unsent: Slot[] = [];
  readonly changed = new Signal();
  inputEnded = false;
  inputError: { readonly reason: unknown } | undefined;
  isOver = false;

  constructor(
    readonly options: Options | undefined,
    readonly ofMany: boolean,
  ) {}

  add(index: number, text: Text): void {
    const slot: Slot = { index, text: copyText(text), output: undefined, failure: undefined };
    this.slots.push(slot);
    this.unsent.push(slot);
  }

  receive(slots: readonly Slot[], { outputs, failure }: Done): void {
    slots.forEach((slot, i) => {
      slot.output = outputs[i];
    });
    const failed = slots[outputs.length];
    if (failed !== undefined) failed.failure = failure;
    this.changed.signal();
  }

  error({ index, failure }: Slot): Error | undefined {
    if (failure === undefined) return undefined;
    const { fault } = failure;
    // The worker counts from the beginning of its batch.
    return errorOf({ ...failure, fault: fault && { ...fault, textIndex: index } }, this.ofMany);
  }
}

/** Bytes are copied: the caller may use their buffer again, of which a view would send the whole. */
function copyText(text: Text): Text {
  return typeof text === "string" ? text : new Uint8Array(text);
}

function errorOf({ status, reason, fault }: Failure, ofMany = false): KilophoneError {
  return new KilophoneError(status, reason, fault, ofMany);
}

/** Lets any number of waiting functions go on when something has changed. */
class Signal {
  #waiting: (() => void)[] = [];

  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  signal(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** An iterable of either kind. */
class Input {
  readonly #iterator: Iterator<Text> | AsyncIterator<Text>;
  #isReading = false;
  #isDone = false;

  constructor(texts: Iterable<Text> | AsyncIterable<Text>) {
    this.#iterator =
      Symbol.asyncIterator in texts ? texts[Symbol.asyncIterator]() : texts[Symbol.iterator]();
  }

  async next(): Promise<IteratorResult<Text, unknown>> {
    this.#isReading = true;
    // An iterator that throws is at its end.
    this.#isDone = true;
    try {
      const next = await this.#iterator.next();
      this.#isDone = next.done === true;
      return next;
    } finally {
      this.#isReading = false;
    }
  }

  /** Tells the iterator that no more is read. */
  async close(): Promise<void> {
    if (this.#isDone && !this.#isReading) return;
    const closed = Promise.resolve(this.#iterator.return?.());
    // An iterator that is still waiting for its next text may do so for ever.
    if (this.#isReading) closed.catch(() => undefined);
    else await closed;
  }
}

function openWorker(worker: WorkerHandle, options: Open): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.listen((message) => {
      const { failure } = message as Opened;
      if (failure === undefined) resolve();
      else reject(errorOf(failure));
    }, reject);
    worker.post(options);
  });
}

async function terminateAll(workers: readonly WorkerHandle[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.terminate()));
}
