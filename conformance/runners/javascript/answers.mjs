// Answers requests (see conformance/README.md) with the npm package, in Node and in browsers alike.

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const toUtf8 = new TextEncoder();

function fromHex(hex) {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function toHex(bytes) {
  let hex = "";
  for (const byte of bytes) hex += HEX[byte];
  return hex;
}

function textToHex(text) {
  return toHex(toUtf8.encode(text));
}

/** A text as users have it: a string, or bytes when it is none. */
function textOf(hex) {
  const bytes = fromHex(hex);
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes;
  }
}

const TEXTS = ["separator", "syllable_separator", "word_separator", "language"];
const SWITCH = ["on", "off"];

function camelCase(name) {
  return name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
}

function parse(line) {
  const [operation, ...fields] = line.split("\t");
  const request = { operation, texts: [], packs: [], options: {}, limits: {} };
  for (const field of fields) {
    const equals = field.indexOf("=");
    const key = field.slice(0, equals);
    const value = field.slice(equals + 1);
    if (key === "text") request.texts.push(textOf(value));
    else if (key === "pack") request.packs.push(fromHex(value));
    else if (key === "cache_words") request.limits.cacheWords = Number(value);
    else if (key === "lexicon_bytes") request.limits.lexiconBytes = Number(value);
    else if (key === "spelling") request.spelling = textOf(value);
    else if (key === "count") request.count = Number(value);
    else if (key === "cuts") request.cuts = value === "" ? [] : value.split(",").map(Number);
    else if (TEXTS.includes(key)) request.options[camelCase(key)] = textOf(value);
    else request.options[camelCase(key)] = SWITCH.includes(value) ? value === "on" : value;
  }
  return request;
}

function spanField(span) {
  const phonemes = span.phonemes.map(({ spelling, stress, startByte, endByte }) =>
    [textToHex(spelling), stress, startByte, endByte].join(":"),
  );
  return [
    span.kind,
    span.source ?? "none",
    span.startByte,
    span.endByte,
    textToHex(span.language ?? ""),
    textToHex(span.output),
    textToHex(span.spoken),
    phonemes.join(";"),
  ].join(",");
}

function floatsToHex(floats) {
  const view = new DataView(new ArrayBuffer(4 * floats.length));
  for (let i = 0; i < floats.length; i++) view.setFloat32(4 * i, floats[i], true);
  return toHex(new Uint8Array(view.buffer));
}

function alternativeField({ output, source, logProbability }) {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, logProbability);
  return [textToHex(output), source, toHex(new Uint8Array(view.buffer))].join(",");
}

/** A text in parts that end at these bytes. */
function* parts(text, cuts) {
  const bytes = typeof text === "string" ? toUtf8.encode(text) : text;
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    yield bytes.subarray(start, end);
    start = end;
  }
}

/** The options that say how a spelling is read. */
function ofSpelling({ format, language }) {
  return { format, language };
}

const CALLS = {
  transcribe: (transcriber, { texts, options }) => [
    textToHex(transcriber.transcribe(texts[0], options)),
  ],
  transcribe_many: (transcriber, { texts, options }) =>
    transcriber.transcribeMany(texts, options).map(textToHex),
  analyze: (transcriber, { texts, options }) =>
    transcriber.analyze(texts[0], options).spans.map(spanField),
  normalize: (transcriber, { texts, options }) => [
    textToHex(transcriber.normalize(texts[0], options)),
  ],
  stream: (transcriber, { texts, cuts, options }) => [
    textToHex([...transcriber.stream(parts(texts[0], cuts), options)].join("")),
  ],
  alternatives: (transcriber, { texts, count, options }) =>
    transcriber.alternatives(texts[0], count, options).map(alternativeField),
  lexicon_add: (transcriber, { texts, spelling, options }) => {
    transcriber.add(texts[0], spelling, ofSpelling(options));
    return [];
  },
  lexicon_load: (transcriber, { texts, options }) => [
    transcriber.loadLexicon(texts[0], ofSpelling(options)),
  ],
  lexicon_clear: (transcriber) => {
    transcriber.clearLexicon();
    return [];
  },
  word_logits: (transcriber, { texts, options }) => [
    floatsToHex(transcriber.wordLogits(texts[0], options)),
  ],
};

/** Gives a function from a request's line to the promise of the answer's. */
export async function createAnswers({ createTranscriber, KilophoneError }) {
  let transcriber = await createTranscriber();

  async function perform(request) {
    if (request.operation !== "open") return CALLS[request.operation](transcriber, request);
    transcriber.close();
    const packs = request.packs.length > 0 ? request.packs : undefined;
    transcriber = await createTranscriber({ packs, limits: request.limits });
    return [];
  }

  const answer = async (line) => {
    try {
      return ["ok", ...(await perform(parse(line)))].join("\t");
    } catch (error) {
      if (!(error instanceof KilophoneError)) throw error;
      const status = error.status.toLowerCase();
      return `fault\t${status}\t${error.textIndex ?? 0}\t${error.byteOffset ?? 0}`;
    }
  };
  return { answer, version: transcriber.version };
}
