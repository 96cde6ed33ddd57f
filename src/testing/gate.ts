/** A point at which a test holds callers. */
export interface Gate {
  /** Resolves when the first caller arrives. */
  readonly started: Promise<void>
  /** The number of callers so far. */
  readonly arrivals: number
  /** Resolves when the gate is open. Rejects with the reason of `signal` if that aborts first. */
  pass(signal?: AbortSignal): Promise<void>
  /** Opens the gate for good. */
  release(): void
}

/** A closed gate: `await gate.started` in the test, `await gate.pass(signal)` in the tested code, `gate.release()`. */
export function gate(): Gate {
  const started = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  let arrivals = 0
  return {
    started: started.promise,
    get arrivals() {
      return arrivals
    },
    async pass(signal) {
      arrivals++
      started.resolve()
      await (signal ? Promise.race([released.promise, aborted(signal)]) : released.promise)
    },
    release: released.resolve,
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
