import { join } from 'node:path'
import { loadConfig } from '../../src/config/config.ts'
import { openRuntime } from '../../src/runtime/open/open-runtime.ts'
import { openWitnessed } from '../chaos/flush/database.ts'
import { randomFlow } from './random-plan.ts'

// a process that carries out random workflows until they have ended, or until it dies at a flush
const { folder, from, to, kill } = JSON.parse(process.argv[2]!)
const config = await loadConfig({ folder, environment: {} })
const notes = { witness: join(folder, 'witness'), ledger: join(folder, 'ledger') }
const runtime = await openRuntime(
  { ...config, embedder: 'none', durability: 'process' },
  {
    workflows: [randomFlow(join(folder, 'log'))],
    openDatabase: (options) => openWitnessed(options, notes, kill),
    notice: () => {},
  },
)
for (let seed = from; seed <= to; seed++)
  await runtime.runs.start({ workflow: 'random', input: { seed }, id: `r${seed}` })
for (let seed = from; seed <= to; seed++) {
  await runtime.runs.resume(`r${seed}`)
  while ((await runtime.runs.get(`r${seed}`)).completed_at === null)
    await new Promise((resolve) => setTimeout(resolve, 5))
}
await runtime.stop({ grace: 0 })
