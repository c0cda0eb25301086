// What the tests share.

import assert from "node:assert/strict";
import { type createTranscriber, KilophoneError } from "kilophone";

/** Gives what a call throws, which has to be a KilophoneError. */
export function failure(run: () => unknown): KilophoneError {
  try {
    run();
  } catch (error) {
    assert(error instanceof KilophoneError, `${error}`);
    return error;
  }
  return assert.fail("nothing was thrown");
}

/** Makes a transcriber while watching its instance of the wasm module. */
export async function instrumented(create: () => ReturnType<typeof createTranscriber>) {
  const { instantiate } = WebAssembly;
  const watch = {
    /** Blocks that are not yet freed. */
    blocks: new Map<number, number>(),
    allocations: 0,
    outOfMemory: false,
    memory: undefined as unknown as WebAssembly.Memory,
  };
  const replacement = async (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
    const { exports } = await instantiate(module, imports);
    const { kp_alloc, kp_free } = exports as Record<string, (...numbers: number[]) => number>;
    assert(kp_alloc !== undefined && kp_free !== undefined);
    const { memory } = exports;
    watch.memory = memory as WebAssembly.Memory;
    return {
      exports: {
        ...exports,
        kp_alloc(bytes: number) {
          watch.allocations += 1;
          // The second of a call, so that there is a block to free.
          if (watch.outOfMemory && watch.blocks.size > 0) return 0;
          const at = kp_alloc(bytes);
          watch.blocks.set(at, bytes);
          return at;
        },
        kp_free(at: number, bytes: number) {
          assert.equal(watch.blocks.get(at), bytes);
          watch.blocks.delete(at);
          kp_free(at, bytes);
        },
      },
    };
  };
  WebAssembly.instantiate = replacement as unknown as typeof instantiate;
  try {
    return Object.assign(watch, { transcriber: await create() });
  } finally {
    WebAssembly.instantiate = instantiate;
  }
}
