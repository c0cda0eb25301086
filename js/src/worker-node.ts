import { parentPort } from "node:worker_threads";
import { serve } from "./worker.js";

if (parentPort === null) throw new Error("this module is the script of a worker");
const port = parentPort;

serve({
  post: (message) => port.postMessage(message),
  listen: (onMessage) => port.on("message", onMessage),
});
