import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineAgent, defineTool, defineWorkflow } from '../../src/index.ts'
import { gate } from '../../src/testing/gate.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { until } from '../../src/testing/until.ts'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const PRICED = { models: [{ id: 'lab/one', cost: { input: 1, output: 1 } }] }
const ANY = z.object({})
const flow = (run: (ctx: WorkflowContext) => Promise<unknown>) => defineWorkflow({ name: 'flow', input: ANY, run })

const clerk = defineAgent({ name: 'clerk', model: 'lab/one', instructions: 'You sort mails.' })
const judge = defineAgent({
  name: 'judge',
  model: 'lab/one',
  instructions: 'You judge mails.',
  output: z.object({ angry: z.boolean() }),
})

it('a workflow says something in a conversation, and gets the answer with its type', async () => {
  const model = scriptedModel(
    [
      { match: /Is it angry\?$/, reply: '{"angry": true}' },
      { match: /Second$/, reply: 'two' },
      { match: /First$/, reply: 'one' },
    ],
    'lab/one',
  )
  const workflow = flow(async (ctx) => {
    const first = await ctx.call({ agent: clerk, conversation: 'desk' }, 'First')
    const second = await ctx.call({ agent: 'clerk', conversation: 'desk' }, 'Second')
    const { output } = await ctx.call({ agent: judge, conversation: 'court' }, 'Is it angry?')
    const isAngry: boolean = output.angry
    return { first, second: second.answer, isAngry }
  })
  const { start, ended, runtime } = await openRuns(
    { agents: [clerk, judge], workflows: [workflow], models: { 'lab/one': model } },
    undefined,
    PRICED,
  )
  await start('flow')
  expect(await ended()).toMatchObject({
    status: 'completed',
    outputs: {
      result: { first: { status: 'completed', answer: 'one', goal: 'desk.m1' }, second: 'two', isAngry: true },
    },
    steps: { clerk: { status: 'completed' }, 'clerk#2': {}, judge: {} },
  })
  // the second one sees the first
  expect(model.calls.find(({ prompt }) => prompt.includes('Second'))!.prompt).toContain('one')
  const { asks } = await runtime.threads.get('desk')
  expect(asks.map(({ prompt }) => prompt)).toEqual(['First', 'Second'])
})

it('the conversation belongs to the owner of the run', async () => {
  const model = scriptedModel([{ reply: 'yes' }], 'lab/one')
  const workflow = flow((ctx) => ctx.call({ agent: clerk, conversation: 'desk' }, 'Hello'))
  const { runs, ended, runtime } = await openRuns(
    { agents: [clerk], workflows: [workflow], models: { 'lab/one': model } },
    undefined,
    PRICED,
  )
  await runs.start({ workflow: 'flow', input: {}, id: 'r', owner: 'ann' })
  expect((await ended()).outputs.result).toMatchObject({ answer: 'yes', goal: 'ann:desk.m1' })
  expect(await runtime.threads.get('ann:desk')).toMatchObject({ owner: 'ann' })
})

it('another process says nothing twice', async () => {
  const folder = makeFolder()
  const door = gate()
  const make = (first: boolean) => {
    const look = defineTool({
      name: 'look',
      description: 'Looks',
      input: ANY,
      effect: 'pure',
      execute: async (_, { signal }) => {
        if (first) await door.pass(signal)
        return 'seen'
      },
    })
    const helper = defineAgent({ name: 'helper', model: 'lab/one', instructions: 'You look.', tools: [look] })
    const model = scriptedModel(
      [{ calls: [{ name: 'look', input: {} }], times: first ? 1 : 0 }, { reply: 'done' }],
      'lab/one',
    )
    const workflow = flow(async (ctx) => (await ctx.call({ agent: helper, conversation: 'desk' }, 'Look')).answer)
    return { agents: [helper], workflows: [workflow], models: { 'lab/one': model } }
  }
  const one = await openRuns(make(true), folder, PRICED)
  await one.start('flow')
  await door.started
  await one.stop()
  const two = await openRuns(make(false), folder, PRICED)
  await two.runs.resume('r')
  expect((await two.ended()).outputs).toEqual({ result: 'done' })
  expect((await two.runtime.threads.get('desk')).asks.map(({ prompt }) => prompt)).toEqual(['Look'])
})

it('a failed message is thrown, and one that is given up is stopped', async () => {
  const door = gate()
  const model = scriptedModel([{ match: /Wait$/, reply: 'late', gate: door.pass() }], 'lab/one')
  const workflow = flow(async (ctx) => {
    const wrong = await ctx
      .call({ agent: 'nobody', conversation: 'desk' }, 'Hello')
      .catch((error: Error) => error.message)
    const late = await ctx
      .call({ agent: clerk, conversation: 'desk' }, 'Wait', { timeout: 50 })
      .catch((error: Error) => error.name)
    return { wrong, late }
  })
  const { start, ended, runtime } = await openRuns(
    { agents: [clerk], workflows: [workflow], models: { 'lab/one': model } },
    undefined,
    PRICED,
  )
  await start('flow')
  const { result } = (await ended()).outputs as { result: { wrong: string; late: string } }
  expect(result).toEqual({ wrong: expect.stringContaining('nobody'), late: 'TimeoutError' })
  await until(async () => (await runtime.threads.get('desk')).asks.every(({ status }) => status === 'cancelled'))
  door.release()
})

it('a run is shown as waiting while its conversation waits for a person', async () => {
  const pay = defineTool({
    name: 'pay',
    description: 'Pays',
    input: ANY,
    effect: 'idempotent',
    approve: true,
    execute: async () => 'paid',
  })
  const cashier = defineAgent({ name: 'cashier', model: 'lab/one', instructions: 'You pay.', tools: [pay] })
  const model = scriptedModel([{ calls: [{ name: 'pay', input: {} }], times: 1 }, { reply: 'done' }], 'lab/one')
  const workflow = flow((ctx) => ctx.call({ agent: cashier, conversation: 'desk' }, 'Pay'))
  const { start, runs, ended, waits, runtime } = await openRuns(
    { agents: [cashier], workflows: [workflow], models: { 'lab/one': model } },
    undefined,
    PRICED,
  )
  await start('flow')
  const item = await until(async () => (await runtime.inbox.list())[0])
  await waits()
  expect(await runs.list({ details: true })).toMatchObject([
    {
      id: 'r',
      status: 'waiting',
      details: { stands: { says: expect.stringContaining('waits for the decision of a person'), person: true } },
    },
  ])
  expect(item).toMatchObject({ title: 'Call pay?' })
  await runs.signal('desk.m1.1', 'call:call_1', 'approve')
  expect((await ended()).outputs.result).toMatchObject({ answer: 'done' })
})

it('a wrong message or name of a conversation is refused', async () => {
  const workflow = flow(async (ctx) => {
    const said = async (target: unknown, text: unknown) =>
      ctx.call(target as never, text as never).catch((error: Error) => error.message)
    return [
      await said({ agent: clerk, conversation: 'desk' }, { text: 'Hello' }),
      await said({ agent: clerk, conversation: 'de sk' }, 'Hello'),
      await said({ agent: clerk, conversation: 'desk' }, ' '),
    ]
  })
  const { start, ended } = await openRuns({
    agents: [clerk],
    workflows: [workflow],
    models: { 'lab/one': scriptedModel([], 'lab/one') },
  })
  await start('flow')
  expect((await ended()).outputs.result).toEqual([
    'ctx.call: expected the text of a message to desk, got object.',
    '"de sk" is not a valid id of a conversation.',
    'Expected a message, got an empty text.',
  ])
})
