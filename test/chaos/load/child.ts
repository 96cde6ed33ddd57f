// A process under load, to be killed: writes down what it was told, and goes on where the last one was acknowledged.
import { join } from 'node:path'
import { libsqlEngine } from '../../../src/engine/libsql/engine.ts'
import type { CheckpointLimits } from '../../../src/engine/libsql/log/checkpoint.ts'
import { SCHEMA, STATEMENTS } from '../../../src/engine/libsql/tables/schema.ts'
import { openDatabase } from '../../../src/store/database/open.ts'
import { openFileLedger } from '../../../trials/kill/ledger.ts'
import { awaitLife } from '../../../trials/kill/process.ts'
import { clientsOf, type Strand, type Write } from './strand.ts'
import { strands } from './strands.ts'

export type Settings = {
  readonly folder: string
  readonly life: number
  /** come to an end after a few more pieces of work, and write down what is there then */
  readonly isLast: boolean
  readonly writer: 'thread' | 'main'
  readonly checkpoint: CheckpointLimits | null
  /** how many pieces of work were acknowledged, by client */
  readonly done: { readonly [client: string]: number }
}

const MORE = 5

const { settings, begin } = await awaitLife<Settings>()
const { folder, life, isLast, writer, checkpoint, done } = settings
const ledger = openFileLedger(join(folder, 'ledger'))
const database = await openDatabase({
  path: join(folder, 'engine.db'),
  schema: SCHEMA,
  statements: STATEMENTS,
  synchronous: 'FULL',
  writer,
})
const actors = strands.flatMap((strand) => strand.actors(writeOf(strand)))
const engine = libsqlEngine({ actors, database, ...(checkpoint && { checkpoint }) })
for (const strand of strands) await strand.begin?.(engine, writeOf(strand))
await engine.start()
begin()
await Promise.all(strands.flatMap((strand) => clientsOf(strand).map((client) => work(strand, client))))
for (const strand of strands) ledger.write({ strand: strand.name, what: 'end', end: await strand.end(engine) })
await engine.stop()

function writeOf({ name }: Strand): Write {
  return (note) => ledger.write({ strand: name, ...note })
}

async function work(strand: Strand, client: string): Promise<void> {
  const write = writeOf(strand)
  const act = async (n: number) =>
    write({ what: 'done', client, n, result: await strand.act(engine, { client, n, life }, write) })
  const before = done[client] ?? 0
  // whoever asks again under the same id is told the same
  if (before > 0) await act(1 + Math.floor(Math.random() * before))
  for (let n = before + 1; !isLast || n <= before + MORE; n++) await act(n)
}
