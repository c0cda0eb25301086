/// <reference lib="esnext.disposable" preserve="true" />

// Older engines do not have the symbols; what stands in for them there is what polyfills use.
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");
