/**
 * Resolves when all code that can go on without I/O has gone on. A round is a microtask and a `nextTick`, after which
 * Node has run all microtasks; nested combinators and streams need up to three. `setImmediate` would let I/O in.
 */
export async function drain(): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    await null
    await new Promise<void>((resolve) => process.nextTick(resolve))
  }
}

const ROUNDS = 3
