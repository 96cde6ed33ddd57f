import { z } from 'zod'
import { defineAgent, defineTool, start } from '../../src/index.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'

/** A shop whose deploys differ by the environment. It starts goals whose calls wait for a person, and ends. */
const { INPUT = 'order', ON_CHANGE = 'ask', GOALS = '' } = process.env

const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object(Object.fromEntries(INPUT.split(' ').map((name) => [name, z.string()]))),
  execute: () => ({ paid: true }),
})
const agent = defineAgent({
  name: 'support',
  instructions: 'You help.',
  model: 'lab/one',
  tools: [refund],
  approve: 'default',
  onChange: ON_CHANGE as 'ask',
})
const usage = { input: 10, output: 1 }
const model = scriptedModel([{ calls: [{ name: 'refund', input: { order: 'a1' } }], times: 4, usage }], 'lab/one')
const app = await start({
  agents: [agent],
  models: { 'lab/one': model },
  prices: { 'lab/one': { input: 1, output: 1 } },
})
for (const id of GOALS.split(' ')) await app.runtime!.goals.start({ agent: 'support', goal: 'Pay a1 back.', id })
await app.runtime!.idle()
if (process.env.STAYS) process.stdout.write('works\n')
else await app.stop()
