import { CACHE_OFF, FORMAT, KERNELS, PUNCTUATION, STRESS, UNKNOWN } from "./facts.js";

/** How phonemes are written. */
export type Format = keyof typeof FORMAT;
/** Where stress marks stand. */
export type Stress = keyof typeof STRESS;
/** What becomes of what stands between words. */
export type Punctuation = keyof typeof PUNCTUATION;
/** What becomes of characters without a reading. */
export type Unknown = keyof typeof UNKNOWN;
/** The vector kernels; results are the same with all of them. */
export type Kernels = keyof typeof KERNELS;

/** The options of a call. */
export interface Options {
  /** `"ipa"` (the default), or `"arpabet"` (English only; words are two spaces apart). */
  readonly format?: Format | undefined;
  /** `"syllable"` (the default: həˈloʊ), `"vowel"` (həlˈoʊ) or `"none"`. */
  readonly stress?: Stress | undefined;
  /**
   * What stands between the phonemes of a word, at most 64 bytes; null for the format's own:
   * nothing in IPA, a space in ARPAbet.
   */
  readonly separator?: string | null | undefined;
  /**
   * `"keep"` (the default) leaves punctuation and white space as they are; `"drop"` puts one space
   * between words.
   */
  readonly punctuation?: Punctuation | undefined;
  /** Characters without a reading: `"keep"` (the default), `"drop"` or `"error"`. */
  readonly unknown?: Unknown | undefined;
  /** Tag of a pack, such as `"en-us"`; null takes each word by its script. */
  readonly language?: string | null | undefined;
}

/** Limits of a transcriber. */
export interface Limits {
  /** How many words are remembered; by default 4096. 0: none. */
  readonly cacheWords?: number | undefined;
  /** The vector kernels; choosing is for tests. */
  readonly kernels?: Kernels | undefined;
}

/**
 * The options of a call with the numbers of the C ABI.
 *
 * @internal
 */
export interface EncodedOptions {
  readonly format: number;
  readonly stress: number;
  readonly punctuation: number;
  readonly unknown: number;
  readonly separator: string | null;
  readonly language: string | null;
}

/**
 * Limits with the numbers of the C ABI.
 *
 * @internal
 */
export interface EncodedLimits {
  readonly kernels: number;
  readonly cacheWords: number;
}

const OPTION_NAMES = ["format", "stress", "separator", "punctuation", "unknown", "language"];
const LIMIT_NAMES = ["cacheWords", "kernels"];

/**
 * Checks options and gives their numbers; undefined when all are the defaults.
 *
 * @throws TypeError for a name that is no option or a value of another type, RangeError for a value
 * that is none of its choices.
 *
 * @internal
 */
export function encodeOptions(options: Options | undefined): EncodedOptions | undefined {
  if (options === undefined) return undefined;
  checkNames("options", options, OPTION_NAMES);
  return {
    format: choice("format", options.format, FORMAT, FORMAT.ipa),
    stress: choice("stress", options.stress, STRESS, STRESS.syllable),
    punctuation: choice("punctuation", options.punctuation, PUNCTUATION, PUNCTUATION.keep),
    unknown: choice("unknown", options.unknown, UNKNOWN, UNKNOWN.keep),
    separator: stringOrNull("separator", options.separator),
    language: stringOrNull("language", options.language),
  };
}

/**
 * The same for the limits of a transcriber.
 *
 * @internal
 */
export function encodeLimits(limits: Limits | undefined): EncodedLimits {
  if (limits === undefined) return { kernels: KERNELS.best, cacheWords: 0 };
  checkNames("limits", limits, LIMIT_NAMES);
  return {
    kernels: choice("limits.kernels", limits.kernels, KERNELS, KERNELS.best),
    cacheWords: cacheWords(limits.cacheWords),
  };
}

/**
 * Checks a whole number.
 *
 * @internal
 */
export function wholeNumber(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== "number")
    throw new TypeError(`${name} must be a number, not ${show(value)}`);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}`);
  }
  return value;
}

/**
 * Checks that an object has no other properties than these.
 *
 * @internal
 */
export function checkNames(what: string, object: unknown, names: readonly string[]): void {
  if (typeof object !== "object" || object === null) {
    throw new TypeError(`${what} must be an object, not ${show(object)}`);
  }
  for (const name of Object.keys(object)) {
    if (!names.includes(name)) {
      throw new TypeError(`${name} is none of the ${what}: ${names.join(", ")}`);
    }
  }
}

/**
 * A value for a message.
 *
 * @internal
 */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) return Object.prototype.toString.call(value);
  return typeof value === "function" ? "a function" : String(value);
}

/** Gives the ABI's number for how many words to remember, where 0 is the default and not "none". */
function cacheWords(words: number | undefined): number {
  if (words === undefined) return 0;
  return wholeNumber("limits.cacheWords", words, 0, CACHE_OFF - 1) || CACHE_OFF;
}

function choice(
  name: string,
  value: unknown,
  choices: Readonly<Record<string, number>>,
  otherwise: number,
): number {
  if (value === undefined) return otherwise;
  const number = typeof value === "string" && Object.hasOwn(choices, value) && choices[value];
  if (typeof number === "number") return number;
  const listed = Object.keys(choices).map(show).join(", ");
  const message = `${name} must be one of ${listed}, not ${show(value)}`;
  throw typeof value === "string" ? new RangeError(message) : new TypeError(message);
}

function stringOrNull(name: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  throw new TypeError(`${name} must be a string or null, not ${show(value)}`);
}
