import { type Port, serve } from "./worker.js";

/** The part of DedicatedWorkerGlobalScope that is used; its types exclude those of a page. */
interface Scope {
  postMessage(message: unknown): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
}

const scope = globalThis as unknown as Scope;

serve({
  post: (message) => scope.postMessage(message),
  listen(onMessage) {
    scope.onmessage = (event) => onMessage(event.data as Parameters<typeof onMessage>[0]);
  },
} satisfies Port);
