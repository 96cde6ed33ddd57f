import type { Problem } from '../errors.ts'

type NextAttempt = { readonly until?: number; readonly problem?: Problem }

/** Whether a call waits because the queue of its pool was full. It is in no queue, and comes again soon. */
export const isTurnedAway = ({ until, problem }: NextAttempt): boolean =>
  until !== undefined && problem !== undefined && NO_PLACE.has(problem.code)

const NO_PLACE: ReadonlySet<string> = new Set(['busy', 'queue_full'])
