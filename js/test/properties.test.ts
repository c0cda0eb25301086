import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import {
  createTranscriber,
  KilophoneError,
  type Options,
  type Phoneme,
  type Span,
} from "kilophone";

// The same examples every time, unless asked for others.
const { SEED = "1" } = process.env;
fc.configureGlobal({ seed: Number(SEED) });

const transcriber = await createTranscriber();
const utf8 = new TextEncoder();

const PIECES = [
  ...["cat", "the", "don't", "한국", "어", " ", ", ", ". ", "\n", "7", "$5", "FBI"],
  ...["é", "e\u0301", "😀", "\ud83d"],
];

/** Strings with everything, lone surrogates included. */
const anyString = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: "binary" }),
  // What is more like text.
  fc.array(fc.constantFrom(...PIECES)).map((pieces) => pieces.join("")),
);
const wellFormed = anyString.filter((text) => !/\p{Surrogate}/u.test(text));

const anyOptions: fc.Arbitrary<Options> = fc.record(
  {
    format: fc.constantFrom("ipa", "arpabet", "hangul"),
    stress: fc.constantFrom("syllable", "vowel", "none"),
    separator: fc.option(fc.string({ maxLength: 40 })),
    syllableSeparator: fc.option(fc.string({ maxLength: 4 })),
    wordSeparator: fc.option(fc.string({ maxLength: 4 })),
    punctuation: fc.constantFrom("keep", "drop"),
    unknown: fc.constantFrom("keep", "drop", "error"),
    language: fc.constantFrom(null, "en-us", "ko", "xx"),
    written: fc.boolean(),
    homographs: fc.boolean(),
    weakForms: fc.boolean(),
    sandhi: fc.boolean(),
    narrow: fc.boolean(),
    overrides: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** Texts of several blocks, of which pieces are repeated. */
const longString = fc
  .array(fc.tuple(anyString, fc.constantFrom(1, 2, 30, 300)), { maxLength: 8 })
  .map((pieces) => pieces.map(([piece, times]) => piece.repeat(times)).join("\n\n"))
  .map((text) => text.slice(0, 10_000));

/** Sizes of chunks, the last of which goes on. */
const anySizes = fc
  .tuple(fc.array(fc.nat(20)), fc.array(fc.nat(9000)), fc.integer({ min: 1, max: 3000 }))
  .map(([small, large, last]) => [...small, ...large, last]);

/** Cuts a string or bytes anywhere, also into empty chunks. */
function cut<Text extends string | Uint8Array>(text: Text, sizes: readonly number[]): Text[] {
  const chunks: Text[] = [];
  for (let at = 0, i = 0; at < text.length; i++) {
    const end = at + (sizes[Math.min(i, sizes.length - 1)] as number);
    chunks.push(text.slice(at, end) as Text);
    at = end;
  }
  return chunks;
}

/** Checks that a phoneme is within its word, and that its offsets agree. */
function checkPlace(text: string, phoneme: Phoneme, word: Span): void {
  assert(word.start <= phoneme.start && phoneme.start < phoneme.end && phoneme.end <= word.end);
  const bytes = (from: number, to: number) => utf8.encode(text.slice(from, to)).length;
  assert.equal(phoneme.startByte - word.startByte, bytes(word.start, phoneme.start));
  assert.equal(phoneme.endByte - phoneme.startByte, bytes(phoneme.start, phoneme.end));
}

/** What a call gives or throws, which may only be a KilophoneError. */
function outcome<Result>(run: () => Result): Result | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof KilophoneError) return `${error.status} at ${error.index}`;
    throw error;
  }
}

suite("for any text", () => {
  test("there is an answer or a status", () => {
    fc.assert(
      fc.property(anyString, anyOptions, (text, options) => {
        const answer = outcome(() => transcriber.transcribe(text, options));
        assert.equal(
          outcome(() => transcriber.transcribe(text, options)),
          answer,
        );
      }),
      { numRuns: 500 },
    );
  });

  test("what parts syllables does nothing else", () => {
    const mark = "\ue000";
    fc.assert(
      fc.property(wellFormed, anyOptions, (text, options) => {
        const plain = { ...options, format: "ipa", separator: "" } as const;
        const bare = text.replaceAll(mark, "");
        assert.equal(
          outcome(() => transcriber.transcribe(bare, { ...plain, syllableSeparator: mark }))
            ?.toString()
            .replaceAll(mark, ""),
          outcome(() => transcriber.transcribe(bare, { ...plain, syllableSeparator: null })),
        );
      }),
      { numRuns: 300 },
    );
  });

  test("a lone surrogate is found where it stands", () => {
    fc.assert(
      fc.property(anyString, (text) => {
        const index = text.search(/\p{Surrogate}/u);
        try {
          transcriber.transcribe(text);
          assert.equal(index, -1);
        } catch (error) {
          assert(error instanceof KilophoneError);
          assert.deepEqual([error.status, error.index], ["INVALID_UTF8", index]);
          assert.equal(error.byteOffset, utf8.encode(text.slice(0, index)).length);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("a string and its bytes are the same", () => {
    fc.assert(
      fc.property(wellFormed, anyOptions, (text, options) => {
        const bytes = utf8.encode(text);
        assert.deepEqual(
          outcome(() => transcriber.analyze(bytes, options)),
          outcome(() => transcriber.analyze(text, options)),
        );
      }),
      { numRuns: 200 },
    );
  });

  test("any bytes have an answer or a status", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const valid = Buffer.from(Buffer.from(bytes).toString()).equals(bytes);
        const answer = outcome(() => transcriber.transcribe(bytes));
        assert.equal(answer.startsWith("INVALID_UTF8"), !valid);
      }),
      { numRuns: 300 },
    );
  });

  test("transcribeMany is transcribe of each", () => {
    fc.assert(
      fc.property(fc.array(wellFormed), anyOptions, (texts, options) => {
        const known: Options = { ...options, unknown: "keep", format: "ipa", language: null };
        assert.deepEqual(
          transcriber.transcribeMany(texts, known),
          texts.map((text) => transcriber.transcribe(text, known)),
        );
      }),
      { numRuns: 200 },
    );
  });

  test("a stream is transcribe of the whole, however it is cut", () => {
    fc.assert(
      fc.property(longString, anyOptions, anySizes, (text, options, sizes) => {
        const joined = (chunks: Iterable<string | Uint8Array>) =>
          [...transcriber.stream(chunks, options)].join("");
        if (/\p{Surrogate}/u.test(text)) {
          // At it, or at another fault before, which a stream meets first.
          assert.throws(() => joined(cut(text, sizes)), KilophoneError);
          return;
        }
        const whole = outcome(() => transcriber.transcribe(text, options));
        assert.equal(
          outcome(() => joined(cut(text, sizes))),
          whole,
        );
        const bytes = utf8.encode(text);
        assert.equal(
          outcome(() => joined(cut(bytes, sizes))),
          whole,
        );
      }),
      { numRuns: 150 },
    );
  });

  test("spans have what is normalized", () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        assert.equal(transcriber.normalize(text, { written: false }), text);
        const { spans } = transcriber.analyze(text);
        const spoken = spans.map((span, i) =>
          i > 0 && span.start === spans[i - 1]?.start ? ` ${span.spoken}` : span.spoken,
        );
        assert.equal(spoken.join(""), transcriber.normalize(text));
      }),
      { numRuns: 200 },
    );
  });

  test("spans cover the text, and their outputs are the answer", () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        const { spans } = transcriber.analyze(text);
        let [start, end, startByte, endByte] = [-1, 0, 0, 0];
        for (const span of spans) {
          // The words of a written form share its place.
          if (span.start === start) {
            assert.deepEqual([span.end, span.startByte, span.endByte], [end, startByte, endByte]);
          } else {
            assert.deepEqual([span.start, span.startByte], [end, endByte]);
          }
          for (const phoneme of span.phonemes) checkPlace(text, phoneme, span);
          assert.equal(span.text, text.slice(span.start, span.end));
          assert.equal(utf8.encode(span.text).length, span.endByte - span.startByte);
          ({ start, end, startByte, endByte } = span);
        }
        assert.deepEqual([end, endByte], [text.length, utf8.encode(text).length]);
        assert.equal(spans.map((span) => span.output).join(""), transcriber.transcribe(text));
      }),
      { numRuns: 300 },
    );
  });
});
