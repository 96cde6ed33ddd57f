import { createRuntime, defineAgent, defineTool, loadConfig } from 'antiphon'
import { z } from 'zod'

const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object({ order: z.string(), cents: z.number().int() }),
  execute: ({ order, cents }) => ({ order, cents }),
})

const support = defineAgent({
  name: 'support',
  instructions: 'You help customers of a shop.',
  tools: [refund, 'filesystem:read'],
  approve: [refund],
  budget: 0.5,
  deadline: '20m',
})

const config = await loadConfig({ folder: '.', environment: process.env })
const runtime = await createRuntime(config, { agents: [support] })
const { id } = await runtime.goals.start({ agent: support, goal: 'Pay back order 7.' })
await runtime.idle()
console.log(id, (await runtime.goals.get(id)).agent)
await runtime.stop()
