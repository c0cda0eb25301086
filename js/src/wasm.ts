import { show } from "./options.js";
import { platform } from "./platform.js";

/** A compiled module; spelled so that it needs no types of a browser. */
type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } }
  ? Module
  : object;

/**
 * Where the wasm module comes from: its bytes, a response to a request for it, its address, or the
 * compiled module.
 */
export type WasmSource = Uint8Array | ArrayBuffer | Response | URL | string | WasmModule;

let packaged: Promise<WebAssembly.Module> | undefined;

/**
 * Compiles the module; the one that comes with the package is compiled once.
 *
 * @internal
 */
export async function compile(
  source: WasmSource | Promise<WasmSource> | undefined,
): Promise<WebAssembly.Module> {
  if (source !== undefined) return compileSource(await source);
  packaged ??= platform()
    .loadWasm()
    .then(compileSource)
    .catch((error: unknown) => {
      // The network may be back the next time.
      packaged = undefined;
      throw error;
    });
  return packaged;
}

async function compileSource(source: WasmSource): Promise<WebAssembly.Module> {
  if (typeof source === "string" || source instanceof URL) {
    return compileSource(await platform().fetchWasm(source));
  }
  // By name: these may come from another realm, where `instanceof` says no.
  switch (Object.prototype.toString.call(source)) {
    case "[object WebAssembly.Module]":
      return source as WebAssembly.Module;
    case "[object Response]":
      return compileResponse(source as Response);
    case "[object ArrayBuffer]":
    case "[object Uint8Array]":
      return WebAssembly.compile(source as BufferSource);
    default:
      throw new TypeError(
        "wasm must be a Uint8Array, ArrayBuffer, Response, URL, string or WebAssembly.Module, " +
          `not ${show(source)}`,
      );
  }
}

async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) {
    throw new Error(`cannot load ${response.url || "kilophone.wasm"}: status ${response.status}`);
  }
  // Engines refuse to compile a stream of another type, which some servers give.
  const type = response.headers.get("content-type")?.split(";", 1)[0]?.trim();
  if (type === "application/wasm" && WebAssembly.compileStreaming !== undefined) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}
