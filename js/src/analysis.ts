import { WORD } from "./core.js";
import { ALTERNATIVE_LAYOUT, PHONEME_LAYOUT, SOURCE, SPAN_KIND, SPAN_LAYOUT } from "./facts.js";
import { read, stringOf, type Text, unitsOf } from "./utf8.js";

/** What a span of a text is. */
export type SpanKind = keyof typeof SPAN_KIND;
/** Where the phonemes of a word come from. */
export type Source = Exclude<keyof typeof SOURCE, "none">;

/** A place in a text. */
export interface Place {
  /** Where it begins, as an index of the string. */
  readonly start: number;
  /** Where it ends, as an index of the string. */
  readonly end: number;
  /** Where it begins, in bytes of the text in UTF-8. */
  readonly startByte: number;
  /** Where it ends, in bytes of the text in UTF-8. */
  readonly endByte: number;
}

/** One phoneme of a word; its place is that of the letters that it is read from. */
export interface Phoneme extends Place {
  /** In the format asked for, without stress. */
  readonly spelling: string;
  /** 0 none, 1 primary, 2 secondary. */
  readonly stress: number;
}

/**
 * A piece of a text; the spans of a text cover it in order, without gaps.
 *
 * The words that a written form is read as are spans that all have the place of the whole form. A
 * word that is longer than the model reads at once is several spans.
 */
export interface Span extends Place {
  readonly kind: SpanKind;
  /** The piece itself: `text.slice(start, end)`. */
  readonly text: string;
  /** What is read: the piece itself, or the word of a written form; what `normalize` writes. */
  readonly spoken: string;
  /** Tag of the language of a word; null for what is no word. */
  readonly language: string | null;
  /** Where the phonemes of a word come from; null for what is no word. */
  readonly source: Source | null;
  /**
   * What `transcribe` writes for the span. Joined, the outputs of all spans are the answer of
   * `transcribe`, unless punctuation is dropped: then the spaces that stand between words instead
   * belong to no span.
   */
  readonly output: string;
  /** The phonemes of a word, in order. */
  readonly phonemes: readonly Phoneme[];
}

/** A text taken apart. */
export interface Analysis {
  readonly text: string;
  /** The pieces of the text, in order. */
  readonly spans: readonly Span[];
  /** Those that have a reading. */
  readonly words: readonly Span[];
}

/** One of the pronunciations that a word may have. */
export interface Alternative {
  /** What `transcribe` would write. */
  readonly output: string;
  /** The natural logarithm of how probable the model finds it. */
  readonly logProbability: number;
  readonly source: Source;
}

const KINDS = names(SPAN_KIND);
const SOURCES = names(SOURCE);
const NO_SOURCE = "none";

/**
 * Reads the record buffer that kp_analyze wrote.
 *
 * @param text The text, which is valid UTF-8.
 * @param textBytes The same in UTF-8.
 * @param bytes The record buffer.
 *
 * @internal
 */
export function decode(text: Text, textBytes: Uint8Array, bytes: Uint8Array): Analysis {
  const string = stringOf(text);
  const records = new Records(bytes);
  const spans: Span[] = [];
  let place: Place = { start: 0, end: 0, startByte: 0, endByte: 0 };
  for (let at = 0; at < bytes.length; at = records.number(at + SPAN_LAYOUT.next_at)) {
    place = placeAt(textBytes, records, at, SPAN_LAYOUT, place);
    const phonemesAt = records.number(at + SPAN_LAYOUT.phonemes_at);
    const count = records.number(at + SPAN_LAYOUT.phoneme_count);
    const source = records.name(SOURCES, at + SPAN_LAYOUT.source);
    spans.push({
      kind: records.name(KINDS, at + SPAN_LAYOUT.kind) as SpanKind,
      text: string.slice(place.start, place.end),
      spoken: records.string(at + SPAN_LAYOUT.spoken_at),
      ...place,
      language: records.string(at + SPAN_LAYOUT.language_at) || null,
      source: source === NO_SOURCE ? null : (source as Source),
      output: records.string(at + SPAN_LAYOUT.output_at),
      phonemes: Array.from({ length: count }, (_, i) => {
        const from = phonemesAt + i * PHONEME_LAYOUT.size;
        return {
          spelling: records.string(from + PHONEME_LAYOUT.spelling_at),
          stress: records.number(from + PHONEME_LAYOUT.stress),
          ...placeAt(textBytes, records, from, PHONEME_LAYOUT, place),
        };
      }),
    });
  }
  return { text: string, spans, words: spans.filter((span) => span.source !== null) };
}

/**
 * Reads the record buffer that kp_alternatives wrote.
 *
 * @internal
 */
export function decodeAlternatives(bytes: Uint8Array): Alternative[] {
  const records = new Records(bytes);
  const alternatives: Alternative[] = [];
  for (let at = 0; at < bytes.length; at = records.number(at + ALTERNATIVE_LAYOUT.next_at)) {
    alternatives.push({
      output: records.string(at + ALTERNATIVE_LAYOUT.output_at),
      logProbability: records.float(at + ALTERNATIVE_LAYOUT.log_probability),
      source: records.name(SOURCES, at + ALTERNATIVE_LAYOUT.source) as Source,
    });
  }
  return alternatives;
}

/** The fields of a record buffer. */
class Records {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  number(at: number): number {
    return this.#view.getUint32(at, true);
  }

  float(at: number): number {
    return this.#view.getFloat32(at, true);
  }

  /** A string, whose length stands behind its offset. */
  string(at: number): string {
    const from = this.number(at);
    return read(this.#bytes.subarray(from, from + this.number(at + WORD)));
  }

  /** A kind or source; one that is newer than this package is still shown. */
  name(known: ReadonlyMap<number, string>, at: number): string {
    const number = this.number(at);
    return known.get(number) ?? String(number);
  }
}

/** The place of a record that does not begin before the place `from`, from where it is counted. */
function placeAt(
  text: Uint8Array,
  records: Records,
  at: number,
  layout: { readonly text_start: number; readonly text_end: number },
  from: Place,
): Place {
  const startByte = records.number(at + layout.text_start);
  const endByte = records.number(at + layout.text_end);
  // The same again for each word of a written form, and for each of its phonemes.
  if (startByte === from.startByte && endByte === from.endByte) return from;
  // Behind `from`, or within.
  const isBehind = startByte >= from.endByte;
  const [byte, index] = isBehind ? [from.endByte, from.end] : [from.startByte, from.start];
  const start = index + unitsOf(text.subarray(byte, startByte));
  const end = start + unitsOf(text.subarray(startByte, endByte));
  return { start, end, startByte, endByte };
}

function names(numbers: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
}
