const INTERRUPTED_KEY = Symbol.for('antiphon.interrupted')

/** The error with which the engine rejects effects to end a turn. Nothing of such a turn is committed. */
export function interruptionError(reason: string): Error {
  return Object.assign(new Error(reason), { [INTERRUPTED_KEY]: true })
}

/** Whether an error is an interruption: the turn was ended from outside. */
export function isInterruption(error: unknown): boolean {
  try {
    return error instanceof Error && INTERRUPTED_KEY in error
  } catch {
    // a thrown proxy may throw at whoever looks at it
    return false
  }
}
