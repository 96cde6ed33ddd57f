import { createRuntime, defineActor, loadConfig } from 'antiphon'
import { z } from 'zod'

const counter = defineActor({
  kind: 'counter',
  message: z.object({ add: z.number() }),
  initial: () => ({ total: 0 }),
  receive: (state, { add }) => ({ state: { total: state.total + add }, reply: state.total + add }),
})

const config = await loadConfig({ folder: '.', environment: process.env })
const owns = [{ kind: 'counter', stays: 'it counts, and names nobody' }]
const { engine, stop } = await createRuntime(config, { actors: [counter], owns })
console.log(await engine.ask(counter.at('visits'), { add: 1 }))   // survives kill -9
await stop()
