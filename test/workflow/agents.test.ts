import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineAgent, defineWorkflow } from '../../src/index.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { openRuns } from './open-runs.ts'

const clerk = defineAgent({ name: 'clerk', model: 'lab/one', instructions: 'You sort mails.' })
const sort = defineWorkflow({ name: 'sort', input: z.object({}), run: (ctx) => ctx.call(clerk, 'The mail: hello') })
const models = { 'lab/one': scriptedModel([{ match: 'hello', reply: 'other' }], 'lab/one') }
const parts = { agents: [clerk], workflows: [sort], models }

it('a workflow gives a goal to an agent, and gets its answer', async () => {
  const { start, ended } = await openRuns(parts, undefined, {
    models: [{ id: 'lab/one', cost: { input: 1, output: 1 } }],
  })
  await start('sort')
  expect((await ended()).outputs.result).toMatchObject({ status: 'completed', answer: 'other', goal: 'r.clerk' })
})

it('a run whose agent waits for a person is listed as waiting', async () => {
  // without a price, nothing bounds what the model costs
  const { start, runs } = await openRuns(parts)
  await start('sort')
  await expect.poll(() => runs.list()).toMatchObject([{ id: 'r', status: 'waiting' }])
})
