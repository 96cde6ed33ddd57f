import type { Config } from '../../../config/config.ts'
import type { Clock, Engine } from '../../../engine/engine.ts'
import type { Items } from '../../ports/maintenance.ts'

/** How long ended work is kept: a run for `runDays` and among the last `runs`, a dead letter for `deadLetterDays`. */
export type RetentionLimits = Config['retention']

export type CollectionTerms = {
  readonly engine: Engine
  readonly clock: Clock
  readonly limits: RetentionLimits
  /** days after which an unused file goes */
  readonly unusedDays: number
  readonly dryRun: boolean
}

/** A finished run; ms since the epoch. */
export type Finished = { readonly id: string; readonly finishedAt: number; readonly what: 'run' | 'goal' }
/** A run to remove, and the reason: it is too old, or too many runs finished after it. */
export type Expired = Finished & { readonly why: 'age' | 'number' }

/** One item to remove. */
export type Gone = Pick<Items, 'what' | 'why'> & { readonly id: string; readonly bytes: number }

export const DAY = 24 * 3_600_000

/** The finished runs to remove, the oldest first. */
export function expiredRuns(
  finished: readonly Finished[],
  { runs, runDays }: RetentionLimits,
  now: number,
): readonly Expired[] {
  const oldest = now - runDays * DAY
  const newestFirst = finished.toSorted((a, b) => b.finishedAt - a.finishedAt)
  return newestFirst
    .flatMap((run, place): Expired[] => {
      if (run.finishedAt < oldest) return [{ ...run, why: 'age' }]
      return place < runs ? [] : [{ ...run, why: 'number' }]
    })
    .reverse()
}
