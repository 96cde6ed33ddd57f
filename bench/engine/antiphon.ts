import { join } from 'node:path'
import { type LibsqlEngine, libsqlEngine } from '../../src/engine/libsql/engine.ts'
import { STATEMENTS, schemaWith } from '../../src/engine/libsql/tables/schema.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { LIST_INDEXES } from '../../src/runtime/open/list-indexes.ts'
import { type DatabaseOptions, openDatabase } from '../../src/store/database/open.ts'
import { counter, effects, fanOut, run, stepOf } from './actors.ts'
import type { OpenTarget } from './target.ts'

/** The engine as it is opened everywhere in this folder: FULL, with the writer where it puts itself, unless said otherwise. */
export async function openEngine(
  folder: string,
  actors: readonly Actor[],
  options: Partial<Pick<DatabaseOptions, 'synchronous' | 'writer'>> = {},
): Promise<LibsqlEngine> {
  const path = join(folder, 'engine.db')
  const usual = { path, schema: schemaWith(LIST_INDEXES), statements: STATEMENTS, synchronous: 'FULL' } as const
  return libsqlEngine({ actors, indexes: LIST_INDEXES, database: await openDatabase({ ...usual, ...options }) })
}

/** The engine under a load. Every ask has an id of its own, given from outside, so the engine has to remember it. */
export const openTarget: OpenTarget = async (
  { operation, effect = 'idempotent', synchronous = 'FULL' },
  { folder },
) => {
  const step = stepOf(effect, (value) => value + 1)
  const engine = await openEngine(folder, [counter, effects, run, fanOut, step], { synchronous })
  await engine.start()
  const { kind, body } = ASKS[operation]
  const nextId = createIds()
  return {
    perform: async (key) => (await engine.ask({ kind, key }, body, { id: nextId() })) as number,
    counts: () => ({ rows: engine.counts.turns, commits: engine.counts.flushes }),
  }
}

/** What is asked of bare actors. */
export const ASKS = {
  update: { kind: 'counter', body: { add: 1 } },
  run: { kind: 'run', body: { type: 'start' } },
  effects: { kind: 'effects', body: { type: 'start' } },
  'fan-out': { kind: 'fan-out', body: { type: 'start' } },
} as const

/** Ids as an outside caller gives them: each once, and as long as a UUID. */
export function createIds(prefix = 'ask'): () => string {
  let given = 0
  return () => `${prefix}-${String(given++).padStart(32, '0')}`
}
