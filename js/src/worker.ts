import { type Fault, KilophoneError } from "./errors.js";
import type { Options } from "./options.js";
import { Transcriber, type TranscriberOptions } from "./transcriber.js";
import type { Text } from "./utf8.js";

/** The first message to a worker; its answer is an Opened. */
export type Open = TranscriberOptions;

export interface Opened {
  readonly failure?: Failure | undefined;
}

/** Texts to transcribe; the answer is a Done. */
export interface Batch {
  readonly texts: readonly Text[];
  readonly options: Options | undefined;
}

/** The answers to the texts before the first that failed, or to all. */
export interface Done {
  readonly outputs: readonly string[];
  readonly failure?: Failure | undefined;
}

/** A method to call; the answer is a Result. */
export interface Task<Name extends Method = Method> {
  readonly method: Name;
  readonly given: Parameters<Transcriber[Name]>;
}

export type Method = "normalize" | "alternatives" | "add" | "loadLexicon" | "clearLexicon";

export interface Result {
  readonly result?: unknown;
  readonly failure?: Failure | undefined;
}

/** A KilophoneError on its way between threads, which would make a plain Error of it. */
export interface Failure {
  readonly status: number;
  readonly reason: string;
  readonly fault: Fault | undefined;
}

/** The worker's end of its channel. */
export interface Port {
  post(message: Opened | Done | Result): void;
  listen(onMessage: (message: Open | Batch | Task) => void): void;
}

/**
 * The life of a worker: opens a transcriber, then answers batches and tasks. What is not a KilophoneError is
 * not caught, and ends the worker.
 */
export function serve(port: Port): void {
  let transcriber: Transcriber | undefined;
  port.listen((message) => {
    if (transcriber !== undefined) {
      const isTask = "method" in message;
      port.post(isTask ? perform(transcriber, message) : answer(transcriber, message as Batch));
      return;
    }
    Transcriber.open(message as Open).then(
      (opened) => {
        transcriber = opened;
        port.post({});
      },
      (error: unknown) => port.post({ failure: failureOf(error) }),
    );
  });
}

function answer(transcriber: Transcriber, { texts, options }: Batch): Done {
  try {
    return { outputs: transcriber.transcribeMany(texts, options) };
  } catch (error) {
    const failure = failureOf(error);
    const count = failure.fault?.textIndex ?? 0;
    const before = count > 0 ? transcriber.transcribeMany(texts.slice(0, count), options) : [];
    return { outputs: before, failure };
  }
}

function perform(transcriber: Transcriber, { method, given }: Task): Result {
  try {
    return { result: Reflect.apply(transcriber[method], transcriber, given) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof KilophoneError)) throw error;
  const { statusNumber, reason, textIndex, byteOffset, index, character } = error;
  const isPlaced = textIndex !== undefined && byteOffset !== undefined && index !== undefined;
  return {
    status: statusNumber,
    reason,
    fault: isPlaced ? { textIndex, byteOffset, index, character } : undefined,
  };
}
