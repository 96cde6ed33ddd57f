import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as moment } from 'node:timers/promises'
import { type LibsqlOptions, libsqlEngine } from '../../engine/libsql/engine.ts'
import type { CheckpointLimits } from '../../engine/libsql/log/checkpoint.ts'
import { SCHEMA, STATEMENTS } from '../../engine/libsql/tables/schema.ts'
import type { Actor } from '../../kernel/types.ts'
import type { Database } from '../../store/database/database.ts'
import { type DatabaseOptions, openDatabase } from '../../store/database/open.ts'
import type { OnCommit } from './inline.ts'
import type { EngineUnderTest, OpenEngine, OpenOptions } from './opened.ts'

export type LibsqlVariant = Pick<DatabaseOptions, 'writer' | 'synchronous'> & {
  readonly checkpoint?: CheckpointLimits
  readonly isOver?: LibsqlOptions['isOver']
  readonly onCommit?: OnCommit
  /** simulates a writer thread with delayed writes and reports; opens faster than a real thread */
  readonly later?: true
}

/**
 * Opens libSQL engines for tests, each in a folder of its own. A crash keeps
 * the writes that were sent to the writer, and no later report arrives.
 */
export function libsqlOpener(variant: LibsqlVariant): OpenEngine {
  return async (actors, options = {}) => {
    const folder = await mkdtemp(join(tmpdir(), 'antiphon-libsql-'))
    return openIn(folder, variant, actors, options)
  }
}

async function openIn(
  folder: string,
  variant: LibsqlVariant,
  actors: readonly Actor[],
  options: OpenOptions,
): Promise<EngineUnderTest> {
  const { writer, synchronous, checkpoint, isOver, onCommit = () => {}, later = false } = variant
  const path = join(folder, 'engine.db')
  const file = { path, schema: SCHEMA, statements: STATEMENTS, synchronous, ...(writer && { writer }) }
  const opened = await openDatabase(file)
  const { database, unplug } = pluggable(later ? unhurried(opened) : opened, onCommit)
  const clock = options.clock && { clock: options.clock }
  const engine = libsqlEngine({
    actors,
    database,
    ...clock,
    ...(checkpoint && { checkpoint }),
    ...(isOver && { isOver }),
  })
  const again = () => openIn(folder, variant, actors, options)
  return {
    engine,
    async reopen() {
      await engine.stop()
      return again()
    },
    async crash() {
      await unplug()
      return again()
    },
    async close() {
      await engine.stop({ grace: 0 })
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A database that can be cut off: writes sent before stay, and nothing later is written or reported. */
function pluggable(database: Database, onCommit: OnCommit): { readonly database: Database; unplug(): Promise<void> } {
  let plugged = true
  const guarded: Database = {
    ...database,
    write(write) {
      if (plugged) onCommit('before')
      if (plugged) database.write(write)
      if (plugged) onCommit('after')
    },
    all: (sql, parameters) => (plugged ? database.all(sql, parameters) : []),
    first: (sql, parameters) => (plugged ? database.first(sql, parameters) : undefined),
    onWritten: (listener) => database.onWritten((seq) => plugged && listener(seq)),
  }
  const unplug = () => {
    plugged = false
    return database.close()
  }
  return { database: guarded, unplug }
}

/** A database that reports its writes later, in the order of the writes. */
function unhurried(database: Database): Database {
  return {
    ...database,
    write: (write) => void setImmediate(() => database.write(write)),
    onWritten: (listener) => database.onWritten((seq) => void setImmediate(() => listener(seq))),
    async close() {
      // earlier writes are done and reported
      await moment()
      await moment()
      await database.close()
    },
  }
}
