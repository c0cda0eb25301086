/** What differs between Node and the web. */
export interface Platform {
  /** Loads the wasm file that comes with the package. */
  loadWasm(): Promise<Uint8Array | Response>;
  /** Loads a wasm file by its address. */
  fetchWasm(address: string | URL): Promise<Uint8Array | Response>;
  /** Starts a worker that runs `serve`. */
  startWorker(): WorkerHandle;
  /** How many workers make sense. */
  parallelism(): number;
}

/** A worker, seen from outside. */
export interface WorkerHandle {
  post(message: unknown): void;
  /** Sets what is called with each message, and when the worker cannot go on. */
  listen(onMessage: (message: unknown) => void, onFailure: (error: Error) => void): void;
  /** Says whether the process has to wait for the worker. */
  keepAlive(busy: boolean): void;
  terminate(): Promise<void>;
}

let chosen: Platform | undefined;

/** Called once, by the entry that the package's export conditions choose. */
export function choosePlatform(platform: Platform): void {
  chosen = platform;
}

export function platform(): Platform {
  if (chosen === undefined) throw new Error("kilophone: import the package by its name");
  return chosen;
}
