import { createRuntime, defineActor, loadConfig } from 'antiphon'
import { awaitLife, openFileLedger } from 'antiphon/testing'
import { z } from 'zod'

const counter = defineActor({
  kind: 'counter',
  message: z.object({ add: z.number() }),
  initial: () => ({ total: 0 }),
  receive: ({ total }, { add }) => ({ state: { total: total + add }, reply: total + add }),
})

const { settings, begin } = await awaitLife<{ done: number; isLast: boolean }>()
const config = await loadConfig({ folder: '.', environment: process.env })
const owns = [{ kind: 'counter', stays: 'it counts for everybody' }]
const { engine, stop } = await createRuntime(config, { actors: [counter], owns })
begin()

const ledger = openFileLedger('sums')
const last = settings.isLast ? settings.done + 10 : Number.POSITIVE_INFINITY
for (let n = settings.done + 1; n <= last; n++)
  ledger.write(await engine.ask({ kind: 'counter', key: 'visits' }, { add: 1 }, { id: `visit ${n}` }))
await stop()
