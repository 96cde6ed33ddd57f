import type { Problem } from '../errors.ts'

type NextAttempt = { readonly attempt: number; readonly until?: number; readonly problem?: Problem }

/**
 * Whether a call waits because its pool had no place for its first attempt. It is in no queue: an at-most-once call is
 * turned away, and comes again soon. Later attempts look like those that a busy service refused.
 */
export const isTurnedAway = ({ attempt, until, problem }: NextAttempt): boolean =>
  attempt === 1 && until !== undefined && problem?.name === 'BusyError'
