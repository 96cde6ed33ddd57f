import { isBusy, type Problem } from '../../errors.ts'
import { childId } from '../../kernel/commit.ts'
import type { Backoff } from '../plan/compiled.ts'

/** Whether another attempt is due: a full pool always is worth one, what is terminal never. */
export function mayRetry(problem: Problem, attempt: number, attempts: number): boolean {
  return isBusy(problem) || (problem.terminal !== true && attempt < attempts)
}

/** ms that the pauses between attempts may take while a step holds its place; what takes longer waits by a timer. */
export const PATIENCE = 120_000

const DEFAULT: Backoff = { first: 200, factor: 2, most: 30_000, jitter: true }

/** ms from a failed attempt to the next: what the problem asks for, else as the author said, spread by the key of the call. */
export function pauseAfter(
  attempt: number,
  { delay }: Pick<Problem, 'delay'>,
  key: string,
  { first, factor, most, jitter }: Backoff = DEFAULT,
): number {
  if (delay !== undefined) return delay
  const whole = Math.min(most, first * factor ** (attempt - 1))
  return Math.round(Math.min(most, jitter ? whole * spreadOf(key, attempt) : whole))
}

/** From 0.75 to 1.25, the same for the same attempt at the same call. */
function spreadOf(key: string, attempt: number): number {
  return (
    0.75 + Number.parseInt(Buffer.from(childId(key, attempt), 'base64url').toString('hex').slice(0, 4), 16) / 0xffff / 2
  )
}

/** Whether a pause is too long to hold the place, after those since attempt `from`. */
export function isLong(pause: number, attempt: number, from: number, key: string, backoff?: Backoff): boolean {
  let total = pause
  for (let before = from; before < attempt; before++) total += pauseAfter(before, {}, key, backoff)
  return total > PATIENCE
}
