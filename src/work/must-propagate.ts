import { isInterruption } from '../kernel/interrupt.ts'
import { shortfallOf } from './budget/shortfall.ts'
import { nextTryOf } from './provider-wait.ts'

/** Whether an error is a wait: the work continues in a later turn, when its budget has money or its provider may answer. */
export const isWait = (error: unknown): boolean => shortfallOf(error) !== undefined || nextTryOf(error) !== undefined

/** Whether a turn that calls models must end with this error: it was interrupted, or it waits. */
export const mustPropagate = (error: unknown): boolean => isInterruption(error) || isWait(error)
