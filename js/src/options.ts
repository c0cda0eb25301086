import {
  ALTERNATIVES_MAX,
  CACHE_OFF,
  CHOICE,
  FORMAT,
  KERNELS,
  PUNCTUATION,
  STRESS,
  UNKNOWN,
} from "./facts.js";
import type { Text } from "./utf8.js";

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
  /**
   * `"ipa"` (the default) or `"xsampa"`; English only: `"arpabet"` (words are two spaces apart),
   * `"espeak"`, `"kokoro"`; Korean only: `"hangul"` (as pronounced), `"jamo"` (its letters).
   */
  readonly format?: Format | undefined;
  /** `"syllable"` (the default: həˈloʊ), `"vowel"` (həlˈoʊ) or `"none"`. */
  readonly stress?: Stress | undefined;
  /**
   * What stands between the phonemes of a word, at most 64 bytes; null for the format's own:
   * nothing in IPA, a space in ARPAbet.
   */
  readonly separator?: string | null | undefined;
  /** What stands between the syllables of a word instead of that; null for nothing else. */
  readonly syllableSeparator?: string | null | undefined;
  /**
   * What stands between words instead of white space without a line break; null for what the text
   * has, or a space.
   */
  readonly wordSeparator?: string | null | undefined;
  /**
   * `"keep"` (the default) leaves punctuation and white space as they are; `"drop"` puts one space
   * (or the `wordSeparator`) between words.
   */
  readonly punctuation?: Punctuation | undefined;
  /** Characters without a reading: `"keep"` (the default), `"drop"` or `"error"`. */
  readonly unknown?: Unknown | undefined;
  /** Tag of a pack, such as `"en-us"`; null takes each word by its script. */
  readonly language?: string | null | undefined;
  /** Whether numbers, dates, acronyms and other written forms are read; by default true. */
  readonly written?: boolean | undefined;
  /** Whether homographs have the pronunciation that their neighbours want; by default true. */
  readonly homographs?: boolean | undefined;
  /** Whether English function words have their weak forms in phrases; by default true. */
  readonly weakForms?: boolean | undefined;
  /** Whether the rules of Korean go across the words of a phrase; by default true. */
  readonly sandhi?: boolean | undefined;
  /** Whether Korean IPA is in narrow transcription; by default false. */
  readonly narrow?: boolean | undefined;
  /** Whether `[word](/spelling/)` in a text says, in IPA, how the word is pronounced; by default false. */
  readonly overrides?: boolean | undefined;
}

/** How the spelling of a pronunciation is to be read. */
export type SpellingOptions = Pick<Options, "format" | "language">;

/** Limits of a transcriber. */
export interface Limits {
  /** How many words are remembered; by default 32,768. 0: none. */
  readonly cacheWords?: number | undefined;
  /** Memory of the lexicon, in bytes; by default 65,536. */
  readonly lexiconBytes?: number | undefined;
  /** The vector kernels; choosing is for tests. */
  readonly kernels?: Kernels | undefined;
}

/**
 * The options of a call with the numbers of the C ABI.
 *
 * @internal
 */
export interface EncodedOptions {
  /** Those that are numbers, by the names of their fields. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Those that are strings, by the names of their fields. */
  readonly strings: Readonly<Record<string, string>>;
}

/**
 * Limits with the numbers of the C ABI.
 *
 * @internal
 */
export interface EncodedLimits {
  readonly kernels: number;
  readonly cacheWords: number;
  readonly lexiconBytes: number;
}

/** The options that are true or false, with their fields of kp_options. */
const SWITCHES = {
  written: "written",
  homographs: "homographs",
  weakForms: "weak_forms",
  sandhi: "sandhi",
  narrow: "narrow",
  overrides: "overrides",
} as const;
/** The options that are strings, with their fields. */
const STRINGS = {
  separator: "separator",
  syllableSeparator: "syllable_separator",
  wordSeparator: "word_separator",
  language: "language",
} as const;
const OPTION_NAMES = [
  "format",
  "stress",
  "punctuation",
  "unknown",
  ...Object.keys(STRINGS),
  ...Object.keys(SWITCHES),
];
const LIMIT_NAMES = ["cacheWords", "lexiconBytes", "kernels"];
const U32_MAX = 0xffffffff;

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
  const numbers: Record<string, number> = {
    format: choice("format", options.format, FORMAT, FORMAT.ipa),
    stress: choice("stress", options.stress, STRESS, STRESS.syllable),
    punctuation: choice("punctuation", options.punctuation, PUNCTUATION, PUNCTUATION.keep),
    unknown: choice("unknown", options.unknown, UNKNOWN, UNKNOWN.keep),
  };
  for (const [name, field] of Object.entries(SWITCHES)) {
    numbers[field] = onOrOff(name, options[name as keyof typeof SWITCHES]);
  }
  const strings: Record<string, string> = {};
  for (const [name, field] of Object.entries(STRINGS)) {
    const value = stringOrNull(name, options[name as keyof typeof STRINGS]);
    if (value !== null) strings[field] = value;
  }
  return { numbers, strings };
}

/**
 * The same for the limits of a transcriber.
 *
 * @internal
 */
export function encodeLimits(limits: Limits | undefined): EncodedLimits {
  if (limits === undefined) return { kernels: KERNELS.best, cacheWords: 0, lexiconBytes: 0 };
  checkNames("limits", limits, LIMIT_NAMES);
  return {
    kernels: choice("limits.kernels", limits.kernels, KERNELS, KERNELS.best),
    cacheWords: cacheWords(limits.cacheWords),
    lexiconBytes: lexiconBytes(limits.lexiconBytes),
  };
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
export function checkManyTexts(name: string, texts: unknown): void {
  if (typeof texts === "string" || texts instanceof Uint8Array) {
    throw new TypeError(`${name} is an iterable of texts, not one text; use transcribe`);
  }
}

/**
 * Checks how many alternatives are wanted.
 *
 * @internal
 */
export function checkCount(count: unknown): number {
  return wholeNumber("count", count, 1, ALTERNATIVES_MAX);
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

/** 0 is the default: a lexicon has a byte at least, in which no word has room. */
function lexiconBytes(bytes: number | undefined): number {
  return bytes === undefined ? 0 : wholeNumber("limits.lexiconBytes", bytes, 0, U32_MAX) || 1;
}

function onOrOff(name: string, value: unknown): number {
  if (value === undefined) return CHOICE.default;
  if (typeof value === "boolean") return value ? CHOICE.on : CHOICE.off;
  throw new TypeError(`${name} must be true or false, not ${show(value)}`);
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
