import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { type App, defineAgent, defineWorkflow, start } from '../../../src/index.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { until } from '../../../src/testing/until.ts'

const AGENT = defineAgent({ name: 'support', instructions: 'You help.', model: 'lab/one' })

async function open(folder: string, replies: readonly string[]): Promise<App> {
  const usage = { input: 10, output: 1 }
  const model = scriptedModel(
    replies.map((reply) => ({ reply, times: 1, usage })),
    'lab/one',
  )
  const app = await start({ folder, agents: [AGENT], models: { 'lab/one': model } })
  onTestFinished(() => app.stop())
  return app
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-start-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

it('takes prices from the program, and those of antiphon.yaml first', async () => {
  const folder = await makeFolder()
  const usage = { input: 1_000_000, output: 0 }
  const model = scriptedModel([{ reply: 'Hello.', usage }], 'lab/one')
  const program = { agents: [AGENT], models: { 'lab/one': model }, prices: { 'lab/one': { input: 0.2, output: 0 } } }
  const app = await start({ folder, ...program })
  onTestFinished(() => app.stop())
  const { goal } = await app.conversation(AGENT, 'a').send('Hi.')
  expect(await app.goals.get(goal!)).toMatchObject({ status: 'completed', cost: 0.2 })
  await app.stop()
  await writeFile(join(folder, 'antiphon.yaml'), 'models: [{ id: lab/one, cost: { input: 0.1, output: 0 } }]\n')
  const next = await start({ folder, ...program })
  onTestFinished(() => next.stop())
  const { goal: other } = await next.conversation(AGENT, 'b').send('Hi.')
  expect(await next.goals.get(other!)).toMatchObject({ cost: 0.1 })
})

it('refuses a price that is not one', async () => {
  const prices = { 'lab/one': { input: -1, output: 1 } }
  await expect(start({ folder: await makeFolder(), prices })).rejects.toMatchObject({
    name: 'InvalidError',
    place: { path: 'prices.lab/one.input' },
  })
})

it('gives handles on conversations, which a later process continues', async () => {
  const folder = await makeFolder()
  await writeFile(join(folder, 'antiphon.yaml'), 'models: [{ id: lab/one, cost: { input: 1, output: 1 } }]\n')
  const app = await open(folder, ['Hello.', 'Again.'])
  const chat = app.conversation(AGENT, 'customer-42', { owner: 'shop-7' })
  const first = await chat.send('Hi.', { id: 'mail-1' })
  expect(first).toMatchObject({ status: 'completed', answer: 'Hello.', n: 1 })
  expect(await chat.send('And?', { id: 'mail-2', wait: false })).toMatchObject({ id: 'mail-2', n: 2 })
  await app.runtime!.idle()
  await app[Symbol.asyncDispose]()
  const next = await open(folder, [])
  const again = next.conversation(AGENT, 'customer-42', { owner: 'shop-7' })
  expect(await again.send('Hi.', { id: 'mail-1' })).toEqual(first)
  expect(await again.post('And?', { id: 'mail-2' })).toMatchObject({ status: 'completed' })
  const seen: string[] = []
  for await (const { body } of again.stream()) {
    seen.push((body as { readonly type: string }).type)
    if (seen.filter((type) => type === 'ask-end').length === 2) break
  }
  expect(seen.filter((type) => type === 'goal-end')).toHaveLength(2)
})

it('takes budgets of each owner from the program, those of antiphon.yaml first, and refuses other keys', async () => {
  const folder = await makeFolder()
  const model = scriptedModel([{ reply: 'Hello.', usage: { input: 10, output: 1 } }], 'lab/one')
  const program = { agents: [AGENT], models: { 'lab/one': model }, prices: { 'lab/one': { input: 1, output: 1 } } }
  await writeFile(join(folder, 'antiphon.yaml'), 'budgets: { hour: 5 }\n')
  const app = await start({ folder, ...program, budgets: { day: 0, hour: 0 } })
  onTestFinished(() => app.stop({ grace: 0 }))
  await app.conversation(AGENT, 'a', { owner: 'ann' }).post('Hi.')
  await until(async () => (await app.inbox.list()).length > 0)
  // the message waits, as budgets let work wait today
  expect(await app.inbox.list()).toMatchObject([{ owner: 'ann', signal: 'budget:owner-day/ann' }])
  expect(model.calls).toEqual([])
  for (const budgets of [{ week: 1 }, { day: '1' }, { day: -1 }])
    await expect(start({ folder: await makeFolder(), budgets: budgets as never })).rejects.toMatchObject({
      place: { path: `budgets.${Object.keys(budgets)[0]}` },
    })
})

it('says that a workflow is started and a pipeline is run, and prints no object', async () => {
  const order = defineWorkflow({ name: 'order', input: z.object({}), run: async () => 1 })
  const app = await start({ folder: await makeFolder(), workflows: [order], notice: () => {} })
  onTestFinished(() => app.stop({ grace: 0 }))
  await expect(app.run(order as never)).rejects.toThrow(
    'app.run takes the name of a pipeline: for the workflow order, use app.start(workflow, input).',
  )
  for (const wrong of [{ a: 1 }, undefined, null, () => 1])
    await expect(app.run(wrong as never)).rejects.toThrow(/^app\.run takes the name of a pipeline, got \w+\.$/)
  await expect(app.start('report' as never, {})).rejects.toThrow('for the pipeline report, use app.run')
  await expect(app.start({} as never, {})).rejects.toThrow('app.start takes a workflow, got object.')
})
