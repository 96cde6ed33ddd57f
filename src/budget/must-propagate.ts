import { needOf } from '../errors.ts'
import { isInterruption } from '../kernel/interrupt.ts'

/** Whether a turn that calls models ends with this error, whatever else could be made of it: it was interrupted, or has to wait for money. */
export function endsTurn(error: unknown): boolean {
  return isInterruption(error) || needOf(error) !== undefined
}
