import { type LibsqlEngine, libsqlEngine } from '../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../src/engine/libsql/schema.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { openDatabase } from '../../src/store/database.ts'
import { counter, fanOut, run, stepOf } from './actors.ts'
import type { Load } from './loads.ts'
import type { Target } from './target.ts'

/** The engine as it is opened everywhere in this folder. */
export async function openEngine(
  path: string,
  actors: readonly Actor[],
  synchronous: 'FULL' | 'NORMAL' = 'FULL',
): Promise<LibsqlEngine> {
  const database = await openDatabase({ path, schema: SCHEMA, statements: STATEMENTS, synchronous })
  return libsqlEngine({ actors, database })
}

/** The engine under a load. Every ask has an id of its own, given from outside, so the engine has to remember it. */
export async function openTarget(path: string, { effect = 'idempotent', synchronous }: Load): Promise<Target> {
  const step = stepOf(effect, (value) => value + 1)
  const engine = await openEngine(path, [counter, run, fanOut, step], synchronous)
  await engine.start()
  let asks = 0
  const ask = async (kind: string, key: string, body: { readonly [field: string]: string | number }) =>
    (await engine.ask({ kind, key }, body, { id: `ask-${String(asks++).padStart(16, '0')}` })) as number
  return {
    update: (key) => ask('counter', key, { add: 1 }),
    run: (id) => ask('run', id, { type: 'start' }),
    fanOut: (id) => ask('fan-out', id, { type: 'start' }),
    counts: () => ({ rows: engine.counts.turns, commits: engine.counts.flushes }),
    close: () => engine.stop(),
  }
}
