// Jobs for processes with bounded memory.
export const where = () => process.pid

/** Array buffers, which no limit of V8's heap counts: reserved only, or written. */
export function buffers({ written }: { readonly written: boolean }): never {
  const all: Uint8Array[] = []
  for (;;) all.push(written ? new Uint8Array(4_000_000).fill(1) : new Uint8Array(64_000_000))
}

export function forever(): never {
  for (;;);
}

/** Waits without computing, as on a busy machine. */
export const stand = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

export const exit = (code: number) => process.exit(code)
