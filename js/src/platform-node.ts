import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Platform } from "./platform.js";

const WEB_ADDRESS = /^(https?|data|blob):/;
const FILE_ADDRESS = /^file:/;

export const nodePlatform: Platform = {
  loadWasm: () => readFile(new URL("./kilophone.wasm", import.meta.url)),
  fetchWasm(address) {
    const string = String(address);
    if (WEB_ADDRESS.test(string)) return fetch(string);
    return readFile(FILE_ADDRESS.test(string) ? new URL(string) : string);
  },
  startWorker() {
    // Without the options of this process, some of which, such as --input-type, no file can have.
    const worker = new Worker(new URL("./worker-node.js", import.meta.url), { execArgv: [] });
    return {
      post: (message) => worker.postMessage(message),
      listen(onMessage, onFailure) {
        const ended = (code: unknown) => onFailure(new Error(`it ended with code ${code}`));
        worker.removeAllListeners("message").on("message", onMessage);
        worker.removeAllListeners("messageerror").on("messageerror", onFailure);
        worker.removeAllListeners("error").on("error", onFailure);
        worker.removeAllListeners("exit").on("exit", ended);
      },
      keepAlive(busy) {
        if (busy) worker.ref();
        else worker.unref();
      },
      async terminate() {
        await worker.terminate();
      },
    };
  },
  parallelism: availableParallelism,
};
