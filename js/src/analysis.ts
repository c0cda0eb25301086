import { PHONEME_LAYOUT, SOURCE, SPAN_KIND, SPAN_LAYOUT } from "./facts.js";
import { read, stringOf, type Text } from "./utf8.js";

/** What a span of a text is. */
export type SpanKind = keyof typeof SPAN_KIND;
/** Where the phonemes of a word come from. */
export type Source = Exclude<keyof typeof SOURCE, "none">;

/** One phoneme of a word. */
export interface Phoneme {
  /** In the format asked for, without stress. */
  readonly spelling: string;
  /** 0 none, 1 primary, 2 secondary. */
  readonly stress: number;
}

/**
 * A piece of a text; the spans of a text cover it in order, without gaps.
 *
 * A word that is longer than the model reads at once is several spans.
 */
export interface Span {
  readonly kind: SpanKind;
  /** The piece itself: `text.slice(start, end)`. */
  readonly text: string;
  /** Where it begins, as an index of the string. */
  readonly start: number;
  /** Where it ends, as an index of the string. */
  readonly end: number;
  /** Where it begins, in bytes of the text in UTF-8. */
  readonly startByte: number;
  /** Where it ends, in bytes of the text in UTF-8. */
  readonly endByte: number;
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

const KINDS = names(SPAN_KIND);
const SOURCES = names(SOURCE);
const NO_SOURCE = "none";

/**
 * Reads the record buffer that kp_analyze wrote.
 *
 * @param text The text, which is valid UTF-8.
 * @param textBytes The same in UTF-8.
 * @param records The record buffer.
 *
 * @internal
 */
export function decode(text: Text, textBytes: Uint8Array, records: Uint8Array): Analysis {
  const string = stringOf(text);
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const number = (at: number) => view.getUint32(at, true);
  const stringAt = (field: number, lengthField: number) => {
    const at = number(field);
    return read(records.subarray(at, at + number(lengthField)));
  };

  const spans: Span[] = [];
  let start = 0;
  for (let at = 0; at < records.length; at = number(at + SPAN_LAYOUT.next_at)) {
    const startByte = number(at + SPAN_LAYOUT.text_start);
    const endByte = number(at + SPAN_LAYOUT.text_end);
    const end = start + read(textBytes.subarray(startByte, endByte)).length;
    const phonemesAt = number(at + SPAN_LAYOUT.phonemes_at);
    const phonemes: Phoneme[] = [];
    for (let i = 0; i < number(at + SPAN_LAYOUT.phoneme_count); i++) {
      const from = phonemesAt + i * PHONEME_LAYOUT.size;
      phonemes.push({
        spelling: stringAt(from + PHONEME_LAYOUT.spelling_at, from + PHONEME_LAYOUT.spelling_bytes),
        stress: number(from + PHONEME_LAYOUT.stress),
      });
    }
    const source = nameOf(SOURCES, number(at + SPAN_LAYOUT.source));
    spans.push({
      kind: nameOf(KINDS, number(at + SPAN_LAYOUT.kind)) as SpanKind,
      text: string.slice(start, end),
      start,
      end,
      startByte,
      endByte,
      language: stringAt(at + SPAN_LAYOUT.language_at, at + SPAN_LAYOUT.language_bytes) || null,
      source: source === NO_SOURCE ? null : (source as Source),
      output: stringAt(at + SPAN_LAYOUT.output_at, at + SPAN_LAYOUT.output_bytes),
      phonemes,
    });
    start = end;
  }
  return { text: string, spans, words: spans.filter((span) => span.source !== null) };
}

function names(numbers: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
}

/** A kind or source that is newer than this package is still shown. */
function nameOf(known: ReadonlyMap<number, string>, number: number): string {
  return known.get(number) ?? String(number);
}
