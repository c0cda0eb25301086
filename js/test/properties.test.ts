import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { createTranscriber, KilophoneError, type Options } from "kilophone";

const transcriber = await createTranscriber();
const utf8 = new TextEncoder();

/** Strings with everything, lone surrogates included. */
const anyString = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: "binary" }),
  // What is more like text.
  fc
    .array(fc.constantFrom("cat", "don't", "한국", "어", " ", ", ", "7", "é", "é", "😀", "\ud83d"))
    .map((pieces) => pieces.join("")),
);
const wellFormed = anyString.filter((text) => !/\p{Surrogate}/u.test(text));

const anyOptions: fc.Arbitrary<Options> = fc.record(
  {
    format: fc.constantFrom("ipa", "arpabet"),
    stress: fc.constantFrom("syllable", "vowel", "none"),
    separator: fc.option(fc.string({ maxLength: 40 })),
    punctuation: fc.constantFrom("keep", "drop"),
    unknown: fc.constantFrom("keep", "drop", "error"),
    language: fc.constantFrom(null, "en-us", "ko", "xx"),
  },
  { requiredKeys: [] },
);

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

  test("spans cover the text, and their outputs are the answer", () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        const { spans } = transcriber.analyze(text);
        let end = 0;
        let endByte = 0;
        for (const span of spans) {
          assert.deepEqual([span.start, span.startByte], [end, endByte]);
          assert.equal(span.text, text.slice(span.start, span.end));
          assert.equal(utf8.encode(span.text).length, span.endByte - span.startByte);
          ({ end, endByte } = span);
        }
        assert.deepEqual([end, endByte], [text.length, utf8.encode(text).length]);
        assert.equal(spans.map((span) => span.output).join(""), transcriber.transcribe(text));
      }),
      { numRuns: 300 },
    );
  });
});
