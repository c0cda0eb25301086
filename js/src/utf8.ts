/** A text: a string, or its bytes in UTF-8. */
export type Text = string | Uint8Array;

const encoder = new TextEncoder();
// A byte order mark is a character of the text like any other.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const TWO_BYTES = 0x80;
const THREE_BYTES = 0x800;
const SURROGATES = 0xd800;
const SURROGATES_END = 0xe000;
const LOW_SURROGATES = 0xdc00;

/**
 * How long a text is in UTF-8.
 *
 * @internal
 */
export interface Measure {
  readonly bytes: number;
  /** Where the first lone surrogate stands, in bytes; -1 when there is none. */
  readonly loneAt: number;
  /** That surrogate. */
  readonly lone: number;
}

/**
 * Measures a string, with three bytes for a lone surrogate, as for the rest of its block.
 *
 * @internal
 */
export function measure(text: string): Measure {
  let bytes = 0;
  let loneAt = -1;
  let lone = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < TWO_BYTES) {
      bytes += 1;
    } else if (unit < THREE_BYTES) {
      bytes += 2;
    } else if (unit < SURROGATES || unit >= SURROGATES_END) {
      bytes += 3;
    } else if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(i + 1))) {
      bytes += 4;
      i += 1;
    } else {
      if (loneAt < 0) {
        loneAt = bytes;
        lone = unit;
      }
      bytes += 3;
    }
  }
  return { bytes, loneAt, lone };
}

/**
 * Writes a string in UTF-8.
 *
 * TextEncoder puts U+FFFD in the place of a lone surrogate. The first is written over with what the
 * surrogate's own code would be, which is as long and no UTF-8: the core refuses it there, by the
 * same rule and in the same order as any other bad byte.
 *
 * @internal
 */
export function write(text: string, { loneAt, lone }: Measure, to: Uint8Array): void {
  encoder.encodeInto(text, to);
  if (loneAt < 0) return;
  to[loneAt] = 0xe0 | (lone >> 12);
  to[loneAt + 1] = 0x80 | ((lone >> 6) & 0x3f);
  to[loneAt + 2] = 0x80 | (lone & 0x3f);
}

/**
 * Gives the bytes of a text, which are its own when it has them.
 *
 * @internal
 */
export function bytesOf(text: Text): Uint8Array {
  if (typeof text !== "string") return text;
  const measured = measure(text);
  const bytes = new Uint8Array(measured.bytes);
  write(text, measured, bytes);
  return bytes;
}

/**
 * How long valid UTF-8 is as a string.
 *
 * @internal
 */
export function unitsOf(bytes: Uint8Array): number {
  let units = 0;
  for (const byte of bytes) {
    // A character has one lead byte, and two units when it has four bytes.
    if ((byte & 0xc0) !== 0x80) units += byte < 0xf0 ? 1 : 2;
  }
  return units;
}

/**
 * Reads UTF-8.
 *
 * @internal
 */
export function read(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/**
 * Gives the string of a text, with U+FFFD for what is no UTF-8.
 *
 * @internal
 */
export function stringOf(text: Text): string {
  return typeof text === "string" ? text : read(text);
}

/**
 * Gives the index in a text's string of an offset in its bytes, before which they are valid UTF-8.
 *
 * @internal
 */
export function indexOfByte(text: Text, byteOffset: number): number {
  return unitsOf(bytesOf(text).subarray(0, byteOffset));
}

/**
 * Whether a unit is the first of a character's two.
 *
 * @internal
 */
export function isHighSurrogate(unit: number): boolean {
  return unit >= SURROGATES && unit < LOW_SURROGATES;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= LOW_SURROGATES && unit < SURROGATES_END;
}
