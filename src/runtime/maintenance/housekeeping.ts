import { type Engine, systemClock } from '../../engine/engine.ts'
import { createPool, type Pool } from '../../worker/pool/pool.ts'
import type { EngineParts } from '../open/parts.ts'
import { createRetention, type Retention } from './retention/retention.ts'
import type { FindReferences } from './retention/sweep.ts'

/** What a runtime does with what is over: one thing at a time, until it is closed. */
export interface Housekeeping {
  readonly pool: Pool
  /** aborts when it is being closed */
  readonly ending: AbortSignal
  readonly retention: Retention
  close(): Promise<void>
}

export function openHousekeeping(
  { config, parts, values, writtenAt }: EngineParts,
  engine: Engine,
  findReferences: FindReferences,
): Housekeeping {
  const pool = createPool({ id: 'housekeeping_pool', workers: 1, queue: 10 })
  const ending = new AbortController()
  const retention = createRetention({
    data: config.data,
    engine,
    clock: parts.retentionClock ?? systemClock,
    ...(writtenAt !== undefined && { writtenAt }),
    values,
    findReferences,
    limits: config.retention,
    housekeeping: pool,
    ending: ending.signal,
  })
  return {
    pool,
    ending: ending.signal,
    retention,
    async close() {
      ending.abort()
      await pool.close()
    },
  }
}
