import { dayOf } from '../../../access/audit.ts'
import type { Clock, Engine } from '../../../engine/engine.ts'
import { DAY, type Gone, type RetentionLimits } from './limits.ts'
import { listedOf, portionsOf, rest } from './scan.ts'

type Parts = {
  readonly engine: Engine
  readonly clock: Clock
  readonly limits: RetentionLimits
  readonly dryRun: boolean
}

/** Lets go of what was audited long ago, by whole days. */
export async function dropAudits({ engine, clock, limits, dryRun }: Parts): Promise<readonly Gone[]> {
  const { auditDays } = limits
  const oldest = dayOf(clock.now() - auditDays * DAY)
  const old: string[] = []
  for await (const { key, index } of listedOf(engine.view, 'audit', clock))
    if (String(index.day) < oldest) old.push(key)
  for (const portion of dryRun ? [] : portionsOf(old)) {
    await Promise.all(portion.map((key) => engine.ask({ kind: 'audit', key }, { type: 'expire' })))
    await rest(clock)
  }
  const why = `older than ${auditDays} days`
  // a day may hold very many events: their bytes are not counted
  return old.map((id) => ({ what: 'audit', why, id, bytes: 0 }))
}
