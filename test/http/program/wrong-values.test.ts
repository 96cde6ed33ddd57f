import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { defineActor, defineAgent, defineTool, defineWorkflow, start } from '../../../src/index.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { makeFolder } from './folder.ts'

const refund = defineTool({
  name: 'refund',
  description: 'Pays money back.',
  effect: 'idempotent',
  input: z.object({ order: z.string() }),
  execute: () => ({}),
})
const models = { 'lab/one': scriptedModel([], 'lab/one') }
const clerk = defineAgent({ name: 'clerk', model: 'offline/extractive', instructions: 'You help.' })
const order = defineWorkflow({
  name: 'order',
  input: z.object({ target: z.number() }),
  async run(ctx, { target }) {
    const targets = [refund.name, { pipeline: refund }] as const
    const failed: string[] = []
    await ctx.call(targets[target] as never, {}).catch((error: Error) => failed.push(error.message))
    return failed
  },
})

test('an object where a name is expected is refused with words that show it', async () => {
  const folder = await makeFolder()
  const app = await start({ folder, agents: [clerk], workflows: [order], models })
  onTestFinished(() => app.stop())
  // a program without types may give anything
  const wrong = refund as never
  const calls = [
    () => app.conversation(clerk, 'c', { owner: wrong }).send('Hello'),
    async () => app.runs.get(wrong),
    async () => app.goals.get(wrong),
    async () => defineActor({ kind: wrong, receive: () => ({}) } as never),
    async () => start({ folder: await makeFolder(), workflows: wrong }),
  ]
  const messages: string[] = []
  for (const call of calls) await call().catch((error: Error) => messages.push(error.message))
  expect(messages).toEqual([
    'Expected the name of an owner, got the object refund.',
    'Expected a text as `run`, got the object refund.',
    'Expected a text as `goal`, got the object refund.',
    'actor kind a map does not match /^[a-z][a-z0-9-]*$/',
    'Expected a list of workflows made by defineWorkflow.',
  ])
})

test.each([0, 1])('ctx.call refuses what it cannot call, and names what it can (%#)', async (target) => {
  const app = await start({ folder: await makeFolder(), workflows: [order], models })
  onTestFinished(() => app.stop())
  const run = await app.start(order, { target })
  expect(await run.result()).toEqual([expect.stringMatching(/^ctx\.call: expected a workflow, .+, got /)])
})
