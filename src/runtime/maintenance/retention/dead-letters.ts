import type { Clock, Engine } from '../../../engine/engine.ts'
import { is } from '../../../errors.ts'
import { DAY, type Gone, type RetentionLimits } from './limits.ts'
import { portionsOf, rest } from './scan.ts'

type Parts = {
  readonly engine: Engine
  readonly clock: Clock
  readonly limits: RetentionLimits
  readonly dryRun: boolean
}

/** Lets go of dead letters that nobody looked after for long. */
export async function dropLetters({ engine, clock, limits, dryRun }: Parts): Promise<readonly Gone[]> {
  const { deadLetterDays } = limits
  const oldest = clock.now() - deadLetterDays * DAY
  const old = (await engine.deadLetters.list()).filter(({ at }) => at <= oldest)
  for (const portion of dryRun ? [] : portionsOf(old)) {
    await Promise.all(portion.map(({ id }) => engine.deadLetters.drop(id).catch(ignoreMissing)))
    await rest(clock)
  }
  const why = `older than ${deadLetterDays} days`
  return old.map((letter) => ({ what: 'dead letter', why, id: letter.id, bytes: JSON.stringify(letter).length }))
}

// it was retried or dropped meanwhile
function ignoreMissing(error: unknown): void {
  if (!is(error, 'NotFoundError')) throw error
}
