import type { Platform } from "./platform.js";

export const webPlatform: Platform = {
  // The address is spelled in this form because bundlers look for it.
  loadWasm: () => fetch(new URL("./kilophone.wasm", import.meta.url)),
  fetchWasm: (address) => fetch(address),
  startWorker() {
    const worker = new Worker(new URL("./worker-web.js", import.meta.url), { type: "module" });
    return {
      post: (message) => worker.postMessage(message),
      listen(onMessage, onFailure) {
        worker.onmessage = (event) => onMessage(event.data);
        worker.onmessageerror = () => onFailure(new Error("a message cannot be read"));
        worker.onerror = (event) => {
          // The error is reported here and to the caller; not on the console, too.
          event.preventDefault();
          onFailure(new Error(event.message || "the worker's script cannot be loaded"));
        };
      },
      keepAlive: () => undefined,
      terminate: async () => worker.terminate(),
    };
  },
  parallelism: () => navigator.hardwareConcurrency || 1,
};
