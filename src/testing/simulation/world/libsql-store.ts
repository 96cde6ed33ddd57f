import Libsql from 'libsql'
import { libsqlEngine } from '../../../engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../../engine/libsql/tables/schema.ts'
import type { Cell } from '../../../kernel/types.ts'
import type { Database, Value } from '../../../store/database/database.ts'
import { openWriter } from '../../../store/database/writer.ts'
import type { TrialPlan } from '../plan/plan.ts'
import { type SimulatedDisk, simulatedDatabase } from './database.ts'
import type { SimulatedStore } from './store.ts'

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
