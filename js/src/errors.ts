import { STATUS } from "./facts.js";

/** The name of a status; a number when the core is newer than this package. */
export type StatusName = keyof typeof STATUS | `STATUS_${number}`;

/**
 * Where in the texts of a call a fault is.
 *
 * @internal
 */
export interface Fault {
  /** Which of the texts of `transcribeMany`; 0 for a single text. */
  readonly textIndex: number;
  /** Offset of the fault in the UTF-8 bytes of the text. */
  readonly byteOffset: number;
  /** The same as an index of the string (in UTF-16 code units). */
  readonly index: number;
  /** The character without a reading; for `UNKNOWN_CHARACTER` only. */
  readonly character?: string | undefined;
}

/** The statuses that are about a place in a text, whatever the call. */
const ABOUT_TEXT: ReadonlySet<number> = new Set([
  STATUS.INVALID_UTF8,
  STATUS.UNKNOWN_CHARACTER,
  STATUS.UNSUPPORTED_FORMAT,
  STATUS.INVALID_SPELLING,
  STATUS.INVALID_LEXICON,
]);

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(STATUS).map(([name, number]) => [number, name]),
);

/** Any failure that the library reports; `status` tells them apart. */
export class KilophoneError extends Error {
  /** The name of the status, such as `"INVALID_UTF8"`. */
  readonly status: StatusName;
  /** Its number in the C ABI, which never changes. */
  readonly statusNumber: number;
  /** The status in words, without the place. */
  readonly reason: string;
  /** Which of the texts has the fault: undefined when the failure is not about a text. */
  readonly textIndex: number | undefined;
  /** Offset of the fault in the UTF-8 bytes of that text. */
  readonly byteOffset: number | undefined;
  /** Index of the fault in that text as a string. */
  readonly index: number | undefined;
  /** The character without a reading, when the status is `"UNKNOWN_CHARACTER"`. */
  readonly character: string | undefined;

  /** @internal */
  constructor(status: number, reason: string, fault?: Fault, ofMany = false) {
    super(fault === undefined ? reason : `${reason}: ${describe(fault, ofMany)}`);
    this.status = (NAMES.get(status) ?? `STATUS_${status}`) as StatusName;
    this.statusNumber = status;
    this.reason = reason;
    this.textIndex = fault?.textIndex;
    this.byteOffset = fault?.byteOffset;
    this.index = fault?.index;
    this.character = fault?.character;
  }
}

/** A transcriber or pool is used after it was closed; the status is `"INVALID_ARGUMENT"`. */
export class ClosedError extends KilophoneError {
  /** @internal */
  constructor(what: string) {
    super(STATUS.INVALID_ARGUMENT, `the ${what} is closed`);
  }
}

/**
 * A stream begins while another stream of the same transcriber is under way; the status is
 * `"INVALID_ARGUMENT"`.
 */
export class BusyError extends KilophoneError {
  /** @internal */
  constructor() {
    super(STATUS.INVALID_ARGUMENT, "the transcriber is busy with another stream");
  }
}

// On the prototypes, as with the errors of the language: instances show no `name` of their own.
for (const [type, name] of [
  [KilophoneError, "KilophoneError"],
  [ClosedError, "ClosedError"],
  [BusyError, "BusyError"],
] as const) {
  Object.defineProperty(type.prototype, "name", {
    value: name,
    configurable: true,
    writable: true,
  });
}

/**
 * Whether the core says where in the text a status comes from.
 *
 * @internal
 */
export function isAboutText(status: number): boolean {
  return ABOUT_TEXT.has(status);
}

function describe(fault: Fault, ofMany: boolean): string {
  let where = `index ${fault.index} (byte ${fault.byteOffset})`;
  if (ofMany) where += ` of text ${fault.textIndex}`;
  if (fault.character === undefined) return where;
  const code = (fault.character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `${JSON.stringify(fault.character)} (U+${code}) at ${where}`;
}
