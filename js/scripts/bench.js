// Measures words a second on one thread, uncached, each word a text of its own and many at a time.
//
// npm run bench -- WORDS [runs]
//
// WORDS is a file with a word a line; what follows a tab is left out.

import { readFileSync } from "node:fs";
import { createTranscriber } from "kilophone";

const [path, runs = "3"] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: npm run bench -- WORDS [runs]");
  process.exit(2);
}
const words = readFileSync(path, "utf8")
  .split("\n")
  .map((line) => line.split("\t", 1)[0])
  .filter((word) => word !== "");
const transcriber = await createTranscriber({ limits: { cacheWords: 0 } });
// Until V8 has optimised the module.
transcriber.transcribeMany(words.slice(0, 500));

const ways = {
  transcribeMany: () => transcriber.transcribeMany(words),
  transcribe: () => words.map((word) => transcriber.transcribe(word)),
  "one text": () => transcriber.transcribe(words.join(" ")),
};
for (const [way, run] of Object.entries(ways)) {
  const rates = Array.from({ length: Number(runs) }, () => {
    const before = process.cpuUsage();
    const start = performance.now();
    run();
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(before);
    return { wall: words.length / seconds, cpu: (words.length * 1e6) / (user + system) };
  });
  const best = (kind) => Math.max(...rates.map((rate) => rate[kind])).toFixed(0);
  console.log(`${way}: ${best("wall")} words/s, ${best("cpu")} words per CPU second`);
}
console.log(`${words.length} words, core ${transcriber.version}, Node ${process.version}`);
