import { systemClock } from '../../engine/engine.ts'
import { libsqlEngine } from '../../engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../engine/libsql/schema.ts'
import { aside } from '../../store/aside.ts'
import { openDatabase } from '../../store/database.ts'
import { createPool } from '../../worker/pool.ts'
import { placesIn, runtimeBackup } from '../backup.ts'
import type { FindReferences } from '../retention/blobs.ts'
import { createRetention, failureOf } from '../retention.ts'
import { checkEngineOf } from './node.ts'
import type { EngineParts, OpenedEngine } from './opened.ts'

/** The engine whose disk is the data folder. */
export async function openOnLibsql(given: EngineParts): Promise<OpenedEngine> {
  const { config, parts, values } = given
  const { data } = config
  checkEngineOf(data, 'libsql')
  const engine = await openEngine(given)
  const housekeeping = createPool({ id: 'housekeeping_pool', workers: 1, queue: 10 })
  const ending = new AbortController()
  const clock = parts.retentionClock ?? systemClock
  const limits = config.retention
  // in a thread of its own and in one snapshot
  const findReferences: FindReferences = ({ signal }) => aside('findReferences', [placesIn(data).database], signal)
  const kept = { data, engine, clock, values, findReferences, limits }
  const retention = createRetention({ ...kept, housekeeping, ending: ending.signal })
  return {
    engine,
    ...runtimeBackup({ data, housekeeping, ending: ending.signal }),
    gc: retention.collect,
    status: () => ({ engine: engine.counts, ...failureOf(retention) }),
    rest: engine.rest,
    begin: async () => retention.begin(),
    async stop(grace) {
      ending.abort()
      await housekeeping.close()
      await engine.stop(grace === undefined ? {} : { grace })
    },
  }
}

async function openEngine({ config, parts, actors, activity }: EngineParts) {
  const path = placesIn(config.data).database
  const open = parts.openDatabase ?? openDatabase
  const synchronous = config.durability === 'process' ? 'NORMAL' : 'FULL'
  const database = await open({ path, schema: SCHEMA, statements: STATEMENTS, synchronous })
  const checkpoint = parts.checkpoint && { checkpoint: parts.checkpoint }
  return libsqlEngine({ database, actors, onFailed: activity.fail, ...checkpoint })
}
