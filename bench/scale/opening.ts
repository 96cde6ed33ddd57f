// A process that makes a folder of kept runs, or opens one and tells what that took.

import { z } from 'zod'
import { libsqlEngine } from '../../src/engine/libsql/engine.ts'
import { STATEMENTS, schemaWith } from '../../src/engine/libsql/tables/schema.ts'
import { defineActor } from '../../src/kernel/turn.ts'
import { LIST_INDEXES } from '../../src/runtime/open/list-indexes.ts'
import { openDatabase } from '../../src/store/database/open.ts'
import { answer } from '../children.ts'

/** An actor that has ended and is kept. */
const run = defineActor<{ readonly text: string } | null, number>({
  kind: 'run',
  message: z.number(),
  initial: () => null,
  receive: (_, startedAt) => ({
    state: { text: 'x'.repeat(200) },
    index: { status: 'completed', name: 'greeting', owner: 'local', startedAt },
    reply: true,
  }),
})

async function open(path: string) {
  const schema = schemaWith(LIST_INDEXES)
  const database = await openDatabase({ path, schema, statements: STATEMENTS, synchronous: 'NORMAL' })
  return libsqlEngine({ actors: [run], indexes: LIST_INDEXES, database })
}

const CLIENTS = 500

async function make(path: string, runs: number): Promise<object> {
  const engine = await open(path)
  let made = 0
  const work = async () => {
    while (made < runs) {
      const key = `run-${made++}`
      await engine.ask({ kind: 'run', key }, made, { id: key })
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, work))
  // all that is kept lies in the tables: how long the log is does not depend on it
  await engine.compact(() => false)
  await engine.stop()
  return {}
}

/** ms of the processor until the engine accepts messages. */
async function measureOpening(path: string): Promise<object> {
  const before = process.cpuUsage()
  const engine = await open(path)
  const { user, system } = process.cpuUsage(before)
  const known = await engine.view.peek({ kind: 'run', key: 'run-7' })
  if (!known) throw new Error('a kept run is not found')
  await engine.stop()
  return { cpu: (user + system) / 1000 }
}

answer(({ path, runs }: { readonly path: string; readonly runs?: number }) =>
  runs === undefined ? measureOpening(path) : make(path, runs),
)
