import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CheckpointLimits } from '../../src/engine/libsql/checkpoint.ts'
import { libsqlEngine } from '../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../src/engine/libsql/schema.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { exerciseEngine, type OpenedEngine, type OpenOptions } from '../../src/testing/conformance.ts'

type Variant = { readonly writer: 'thread' | 'main'; readonly checkpoint?: CheckpointLimits }

exerciseEngine({ name: 'libsql', open: opener({ writer: 'thread' }) })

// every flush carries a chunk of one actor, so that a crash finds all states of a checkpoint
exerciseEngine({
  name: 'libsql with a checkpoint at every flush',
  open: opener({ writer: 'main', checkpoint: { bytes: 1, chunk: 1, trim: 1 } }),
})

function opener(variant: Variant) {
  return async (actors: readonly Actor[], options: OpenOptions = {}): Promise<OpenedEngine> => {
    const folder = await mkdtemp(join(tmpdir(), 'antiphon-libsql-'))
    return openIn(folder, variant, actors, options)
  }
}

async function openIn(
  folder: string,
  variant: Variant,
  actors: readonly Actor[],
  options: OpenOptions,
): Promise<OpenedEngine> {
  const path = join(folder, 'engine.db')
  const { database, unplug } = pluggable(
    await openDatabase({ path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL', writer: variant.writer }),
  )
  const engine = libsqlEngine({
    actors,
    database,
    ...(options.clock && { clock: options.clock }),
    ...(variant.checkpoint && { checkpoint: variant.checkpoint }),
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

/** A database whose plug can be pulled: what was given to it stays, nothing later is written or told. */
function pluggable(database: Database): { readonly database: Database; unplug(): Promise<void> } {
  let plugged = true
  const guarded: Database = {
    ...database,
    write: (write) => plugged && database.write(write),
    all: (sql, parameters) => (plugged ? database.all(sql, parameters) : []),
    onWritten: (listener) => database.onWritten((seq) => plugged && listener(seq)),
  }
  const unplug = () => {
    plugged = false
    return database.close()
  }
  return { database: guarded, unplug }
}
