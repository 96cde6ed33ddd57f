import { type Problem, TerminalError } from '../errors.ts'

const DAMAGED_KEY = Symbol.for('antiphon.damaged')

/** The error of an actor whose stored data is damaged. If its own turn throws it, the actor is quarantined. */
export function damagedActorError(actor: string): TerminalError {
  const hint = 'Stop the actor to start it afresh, or restore a backup.'
  const error = new TerminalError(`The stored data of ${actor} is damaged.`, { code: 'unreadable', hint })
  return Object.assign(error, { [DAMAGED_KEY]: true })
}

/** Runs `read`; returns `otherwise` for damaged stored data, so that one damaged actor does not hide the others. */
export async function unlessDamaged<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (isDamageError(error)) return otherwise
    throw error
  }
}

/** Whether an error reports damage of the actor's own stored data, not only of another actor's. */
export const isDamageError = (error: unknown): boolean => hasKey(error, DAMAGED_KEY)

function hasKey(error: unknown, key: symbol): boolean {
  try {
    return error instanceof Error && key in error
  } catch {
    // a thrown proxy may throw at whoever looks at it
    return false
  }
}

const INTERRUPTED_KEY = Symbol.for('antiphon.interrupted')

/** The error with which the engine rejects effects to end a turn. Nothing of such a turn is committed. */
export function interruptionError(reason: string): Error {
  return Object.assign(new Error(reason), { [INTERRUPTED_KEY]: true })
}

/** Whether an error is an interruption: the turn was ended from outside. */
export const isInterruption = (error: unknown): boolean => hasKey(error, INTERRUPTED_KEY)

/** A failed attempt of an effect. `began`: ms since the epoch; `delay`: the pause after it, if another one followed. */
export type FailedAttempt = {
  readonly attempt: number
  readonly problem: Problem
  /** absent: not known, as for one that the end of a process cut off */
  readonly began?: number
  readonly ms?: number
  readonly delay?: number
}

/** `at`: when the last attempt began, in ms since the epoch; absent: not known. */
export type SentMark = { at?: number }

/** An attempt that counts even if a kill cuts it off: it has then failed with `cut_off`, and supervision decides. */
export type CountedAttempt = {
  /** the number of earlier attempts that a kill cut off */
  readonly cutOff: number
}
