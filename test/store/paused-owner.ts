// An engine under load that may be paused while another process takes its folder over: says what it was acknowledged.
import { writeSync } from 'node:fs'
import { libsqlEngine } from '../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../src/engine/libsql/tables/schema.ts'
import { problemOf } from '../../src/errors.ts'
import { openDatabase } from '../../src/store/database/open.ts'
import { counter } from './counter.ts'

const writer = process.argv[3] as 'thread' | 'main'
const database = await openDatabase({
  path: process.argv[2]!,
  schema: SCHEMA,
  statements: STATEMENTS,
  synchronous: 'FULL',
  writer,
})
const engine = libsqlEngine({ actors: [counter], database, checkpoint: { bytes: 2_000, chunk: 4, trim: 8 } })

try {
  for (;;) writeSync(1, `acked ${await engine.ask({ kind: 'counter', key: 'one' }, { add: 1 })}\n`)
} catch (error) {
  const { code } = problemOf(error)
  const later = await engine
    .tell({ kind: 'counter', key: 'one' }, { add: 1 })
    .catch((refusal) => problemOf(refusal).code)
  writeSync(1, `ended ${code} ${later}\n`)
}
await engine.stop()
