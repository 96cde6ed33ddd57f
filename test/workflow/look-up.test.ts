import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import type { CallFinding, CallInDoubt } from '../../src/tool/once/call-finding.ts'
import { defineTool } from '../../src/tool/tool.ts'
import type { WorkflowStepOptions } from '../../src/workflow/definition/context.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

type Look = (call: CallInDoubt) => CallFinding | Promise<CallFinding>
type Terms = Partial<WorkflowStepOptions<unknown>>

/** A workflow whose step pays under a place of the function: the order. */
const paying = (act: (key: string) => unknown, terms: Terms = {}) =>
  defineWorkflow({
    name: 'flow',
    input: z.object({}),
    async run(ctx) {
      const order = await ctx.step('order', () => 1789)
      const paid = await ctx.step('pay', ({ idempotencyKey }) => act(`${order} ${idempotencyKey}`), {
        effect: 'at-most-once',
        ...terms,
      })
      return { paid }
    },
  })

/** A process that dies while it pays, and the next one in the same folder. */
async function afterDeath(terms: Terms, act: (key: string) => unknown = () => 'new') {
  const [folder, door] = [makeFolder(), gate()]
  const sent: string[] = []
  const first = await openRuns(
    { workflows: [paying((key) => sent.push(key) && door.pass(new AbortController().signal), terms)] },
    folder,
  )
  await first.start('flow')
  await door.started
  await first.stop()
  const again: string[] = []
  const next = await openRuns({ workflows: [paying((key) => again.push(key) && act(key), terms)] }, folder)
  await next.runs.resume('r')
  return { ...next, folder, sent, again }
}

describe('a step that was cut off, with a look-up', () => {
  it('ends with what was found, under its key, and nobody is asked', async () => {
    const asked: string[] = []
    const lookUp: Look = ({ idempotencyKey }) => {
      asked.push(idempotencyKey)
      return { done: { receipt: 7 } }
    }
    const { ended, again, sent, runtime } = await afterDeath({ lookUp: lookUp as never })
    expect(await ended()).toMatchObject({ status: 'completed', outputs: { result: { paid: { receipt: 7 } } } })
    expect(asked.map((key) => `1789 ${key}`)).toEqual(sent)
    expect(again).toEqual([])
    await expect
      .poll(() => runtime.access.audit.list({ of: 'acts' }))
      .toMatchObject([{ by: { type: 'program', name: 'lookUp' } }])
  })

  it('is made again, under the same key, after `settlesAfter`', async () => {
    const { ended, again, sent } = await afterDeath({ lookUp: () => 'not-done', settlesAfter: '50ms' })
    expect(await ended()).toMatchObject({ status: 'completed', outputs: { result: { paid: 'new' } } })
    expect(again).toEqual(sent)
  })

  it('asks a person who sees what was found', async () => {
    const { again, runtime } = await afterDeath({ lookUp: () => 'not-done' })
    const items = await until(async () => {
      const found = await runtime.inbox.list({ run: 'r' })
      return found.length > 0 ? found : undefined
    })
    expect(items).toMatchObject([{ kind: 'unknown', lookedUp: { found: 'There is no trace of the call.' } }])
    expect(again).toEqual([])
  })
})

it('a step waits for the code that looks it up, and is looked up when it comes', async () => {
  const left = await afterDeath({ lookUp: () => 'unknown' })
  await until(async () => (await left.runtime.inbox.list({ run: 'r' })).length === 1)
  await left.stop()
  const other = defineWorkflow({ name: 'other', input: z.object({}), run: async () => null })
  const lacking = await openRuns({ workflows: [other] }, left.folder)
  await lacking.runs.resume('r')
  await until(async () =>
    (await lacking.runtime.inbox.list({ run: 'r' })).some(({ kind, step }) => kind === 'code' && step === 'pay'),
  )
  await lacking.stop()
  const lookUp = (() => ({ done: 5 })) as never
  const { ended } = await openRuns({ workflows: [paying(() => 'twice', { lookUp })] }, left.folder)
  expect(await ended()).toMatchObject({ status: 'completed', outputs: { result: { paid: 5 } } })
})

it('a call waits for its tool, which may look it up', async () => {
  const [folder, door] = [makeFolder(), gate()]
  const made: string[] = []
  const pay = defineTool({
    name: 'pay',
    description: 'pays',
    input: z.object({}),
    effect: 'at-most-once',
    async execute(_, { idempotencyKey, signal }) {
      made.push(idempotencyKey)
      await door.pass(signal)
      return 'new'
    },
    lookUp: (_, { idempotencyKey }) => ({ done: `found ${idempotencyKey}` }),
  })
  const flow = defineWorkflow({ name: 'flow', input: z.object({}), run: (ctx) => ctx.call(pay, {}) })
  const first = await openRuns({ workflows: [flow], tools: [pay] }, folder)
  await first.start('flow')
  await door.started
  await first.stop()
  const lacking = await openRuns({ workflows: [flow] }, folder)
  await lacking.runs.resume('r')
  const items = () => lacking.runtime.inbox.list({ run: 'r' })
  await until(async () => (await items()).length === 1)
  expect(await items()).toMatchObject([{ kind: 'code', title: expect.stringContaining('the tool pay') }])
  await lacking.stop()
  const { ended } = await openRuns({ workflows: [flow], tools: [pay] }, folder)
  expect(await ended()).toMatchObject({ status: 'completed', outputs: { result: `found ${made[0]}` } })
  expect(made).toHaveLength(1)
})

it('a part that was cut off is looked up by the next attempt', async () => {
  const [folder, door] = [makeFolder(), gate()]
  const keys: string[] = []
  const charging = (finding: CallFinding, act: () => unknown) => {
    const looked = ({ idempotencyKey }: CallInDoubt) => {
      keys.push(`look ${idempotencyKey}`)
      return finding
    }
    const pay = async (key: string) => {
      keys.push(key)
      return (await act()) as string
    }
    const tool = defineTool({
      name: 'charge',
      description: 'charges',
      input: z.object({}),
      effect: 'idempotent',
      execute: (_, { once }) =>
        once('card', ({ idempotencyKey }) => pay(idempotencyKey), {
          effect: 'at-most-once',
          lookUp: looked,
          settlesAfter: 0.05,
        }),
    })
    const run = defineWorkflow({ name: 'flow', input: z.object({}), run: (ctx) => ctx.call(tool, {}) })
    return { workflows: [run], tools: [tool] }
  }
  const first = await openRuns(
    charging('unknown', () => door.pass(new AbortController().signal)),
    folder,
  )
  await first.start('flow')
  await door.started
  await first.stop()
  const second = await openRuns(
    charging('not-done', () => 'new'),
    folder,
  )
  await second.runs.resume('r')
  expect(await second.ended()).toMatchObject({ status: 'completed', outputs: { result: 'new' } })
  const [key] = keys
  expect([...new Set(keys)]).toEqual([key, `look ${key}`])
  expect(keys.filter((one) => one === key)).toHaveLength(2)
})

it.each<[string, Terms, RegExp]>([
  ['without `at-most-once`', { effect: 'idempotent', lookUp: () => 'unknown' }, /`lookUp` has no use/],
  ['that is no function', { lookUp: 'yes' as never }, /lookUp of step pay: expected a function/],
  ['whose time is none', { lookUp: () => 'unknown', settlesAfter: 'soon' as never }, /settlesAfter: expected ms/],
])('a look-up %s fails the run', async (_, terms, message) => {
  const { start, ended } = await openRuns({ workflows: [paying(() => 1, terms)] })
  await start('flow')
  expect(await ended()).toMatchObject({ status: 'failed', error: expect.stringMatching(message) })
})
