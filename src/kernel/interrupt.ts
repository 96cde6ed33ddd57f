const INTERRUPTED = Symbol.for('antiphon.interrupted')

/** What the engine rejects an effect with when it ends the turn; nothing of such a turn is committed. */
export function interruption(reason: string): Error {
  return Object.assign(new Error(reason), { [INTERRUPTED]: true })
}

/** Whether an error is an interruption: the turn was ended from outside. */
export function isInterruption(error: unknown): boolean {
  try {
    return error instanceof Error && INTERRUPTED in error
  } catch {
    // a thrown proxy may throw at whoever looks at it
    return false
  }
}
