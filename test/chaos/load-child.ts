// A process under load, to be killed: says what it was told, and goes on where the last one was acknowledged.
import { appendFileSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { libsqlEngine } from '../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../src/engine/libsql/schema.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { openDatabase } from '../../src/store/database.ts'
import { counter, run, stepOf } from './load-actors.ts'

export type Ack = { readonly client: string; readonly n: number; readonly reply: Json }

const folder = process.argv[2]!
const last = Number(process.argv[3] ?? Number.POSITIVE_INFINITY)
const database = await openDatabase({
  path: join(folder, 'engine.db'),
  schema: SCHEMA,
  statements: STATEMENTS,
  synchronous: 'FULL',
})
const engine = libsqlEngine({
  actors: [counter, run, stepOf(join(folder, 'ledger'))],
  database,
  checkpoint: { bytes: 30_000, chunk: 8, trim: 16 },
})
await engine.start()
writeSync(1, 'up\n')

const acked = readFileSync(join(folder, 'acks'), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as Ack)
const say = (ack: Ack) => appendFileSync(join(folder, 'acks'), `${JSON.stringify(ack)}\n`)

function ask(client: string, n: number): Promise<Json> {
  const id = `${client}-${n}`
  if (client.startsWith('run')) return engine.ask({ kind: 'run', key: id }, { type: 'start' }, { id })
  return engine.ask({ kind: 'counter', key: `k${Number(client.slice(7)) % 4}` }, { add: 1 }, { id })
}

async function work(client: string): Promise<void> {
  const done = acked.filter((ack) => ack.client === client)
  const again = done.at(Math.floor(done.length / 2))
  if (again && JSON.stringify(await ask(client, again.n)) !== JSON.stringify(again.reply))
    throw new Error(`another reply for ${client}-${again.n}`)
  for (let n = (done.at(-1)?.n ?? 0) + 1; n <= last; n++) say({ client, n, reply: await ask(client, n) })
}

const clients = [...Array(8).keys()].flatMap((index) => [`counter${index}`, `run${index}`])
await Promise.all(clients.map(work))
await engine.stop()
