import Libsql from 'libsql'
import type { Clock, Engine } from '../../../src/engine/engine.ts'
import { copyDisk, inlineDisk } from '../../../src/engine/inline/disk.ts'
import { inlineEngine } from '../../../src/engine/inline/engine.ts'
import { libsqlEngine } from '../../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../../src/engine/libsql/tables/schema.ts'
import type { Actor, Cell } from '../../../src/kernel/types.ts'
import type { Database, Value } from '../../../src/store/database/database.ts'
import { openWriter } from '../../../src/store/database/writer.ts'
import type { TrialPlan } from '../plan/plan.ts'
import { type SimulatedDisk, simulatedDatabase } from './database.ts'
import type { EngineLife } from './life.ts'

/** The storage that survives restarts, and how to open an engine on it. */
export interface SimulatedStore {
  open(life: EngineLife, lent: StoreContext): Engine
  /** The process has ended: unflushed data is lost. */
  crash(): void
  /** Removes everything. */
  close(): void
}
type StoreContext = {
  readonly actors: readonly Actor[]
  readonly clock: Clock
  readonly createId: () => string
  readonly onFailed: (error: Error) => void
}

/** Inline engines over one disk. Only the present life writes to it; later writes of a dead life are lost. */
export function inlineStore(seed: number): SimulatedStore {
  let disk = inlineDisk()
  return {
    open: (_life, { actors, clock, createId }) => inlineEngine({ actors, clock, createId, seed, disk }),
    crash: () => void (disk = copyDisk(disk)),
    close() {},
  }
}

let stores = 0

/** libSQL engines over one in-memory database, which outlives them like a file: it holds the flushed data. */
export function libsqlStore(
  disk: SimulatedDisk,
  { checkpoint, batch, over }: Pick<TrialPlan, 'checkpoint' | 'batch' | 'over'>,
): SimulatedStore {
  const path = `file:simulation-${stores++}?mode=memory&cache=shared`
  const reader = new Libsql(path)
  const read = prepared(reader)
  let database: Database | undefined
  return {
    open(life, { actors, clock, createId, onFailed }) {
      const writer = openWriter({ path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL' })
      database = simulatedDatabase({ writer, read, life, disk })
      const isOver = ({ seq }: Cell) => over > 0 && seq % over === 0
      return libsqlEngine({ actors, database, clock, createId, checkpoint, batch, isOver, onFailed })
    },
    crash: () => void database?.close(),
    close() {
      void database?.close()
      reader.close()
    },
  }
}

function prepared(database: Libsql.Database) {
  const statements = new Map<string, Libsql.Statement>()
  return (sql: string, parameters: readonly Value[]) => {
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement.all([...parameters])
  }
}
