import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import type { Config } from '../../src/config/config.ts'
import { openRuntime } from '../../src/runtime/open/open-runtime.ts'
import { type Kill, openWitnessed } from '../chaos/flush/database.ts'

/** A data folder, and the moment at which the process of an ask kills itself. */
export type KilledAsk = { readonly folder: string; readonly kill?: Kill }

/** Asks with a memory that keeps the answer, and prints it. The same ask again goes on with the first one. */
export async function askIn({ folder, kill }: KilledAsk) {
  const config: Config = {
    folder,
    providers: {},
    embedder: 'none',
    plugins: [],
    roots: [folder],
    data: join(folder, 'data'),
    durability: 'process',
    retention: { runs: 10_000, runDays: 30, deadLetterDays: 30, auditDays: 90 },
    pool: { workers: 4, queue: 100 },
    environment: {},
    ledger: { sharing: 'public' },
  }
  const notes = { witness: join(folder, 'witness'), ledger: join(folder, 'ledger') }
  const runtime = await openRuntime(config, {
    openDatabase: (options) => openWitnessed(options, notes, kill),
  })
  const memory = runtime.memory('local')
  await memory.add([{ id: 'kiln', text: 'The kiln reaches 900 degrees.' }])
  const question = { id: 'ask_1', thread: 'pottery', prompt: 'How many degrees does the kiln reach?' }
  const answer = await runtime.threads.ask({ ...question, memory: { remember: true }, share: true })
  const { prior } = await runtime.priors.rewards('ask_1')
  await runtime.idle()
  const entries = await runtime.ledger.history()
  const priors = await runtime.memory('public').list()
  const remembered = await memory.list({ kind: 'ask' })
  const { citedBy } = await memory.get('kiln')
  await runtime.stop()
  return { answer, remembered, citedBy, prior, entries, priors }
}

if (process.argv[1] === import.meta.filename) {
  flushCompileCache()
  await askIn(JSON.parse(process.argv[2]!) as KilledAsk)
}
