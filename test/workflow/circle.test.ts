import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineAgent, defineTool, defineWorkflow } from '../../src/index.ts'
import type { InternalParts } from '../../src/runtime/open/parts.ts'
import type { Why } from '../../src/runtime/ports/inspector.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { until } from '../../src/testing/until.ts'
import { openRuns } from './open-runs.ts'

const ANY = z.object({})
const CLERK = { agent: 'clerk', conversation: 'desk' }

/** The holds at the ends of an explanation. */
const ends = ({ holds, waitsFor }: Why): Why['holds'] => (waitsFor.length > 0 ? waitsFor.flatMap(ends) : holds)

it('says that a call and the workflow that it started wait for each other, through a conversation', async () => {
  let startInner = async (): Promise<unknown> => undefined
  const order = defineTool({
    name: 'order',
    description: 'Orders',
    input: ANY,
    effect: 'pure',
    async execute(_, { signal }) {
      await startInner()
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      return 'ordered'
    },
  })
  const clerk = defineAgent({ name: 'clerk', model: 'lab/one', instructions: 'You order.', tools: [order] })
  const model = scriptedModel([{ calls: [{ name: 'order', input: {} }], times: 1 }, { reply: 'done' }], 'lab/one')
  const workflows = [
    defineWorkflow({ name: 'outer', input: ANY, run: (ctx) => ctx.call(CLERK, 'Order') }),
    defineWorkflow({ name: 'inner', input: ANY, run: (ctx) => ctx.call(CLERK, 'May I?') }),
  ]
  const parts: InternalParts = { agents: [clerk], workflows, models: { 'lab/one': model } }
  const { runs, runtime, start } = await openRuns(parts, undefined, {
    models: [{ id: 'lab/one', cost: { input: 1, output: 1 } }],
  })
  startInner = () => runs.start({ workflow: 'inner', input: {}, id: 'inner' })
  await start('outer')
  const held = await until(async () => {
    const found = await runtime.inspector.why('inner').catch(() => undefined)
    const last = found ? ends(found) : []
    return last.some((hold) => hold.type === 'effect' && hold.effect.does === 'the tool order') ? last : undefined
  })
  expect(held).toMatchObject([{ type: 'circle', run: 'inner' }, { type: 'effect' }])
  const listed = await runs.list({ details: true })
  expect(listed.find(({ id }) => id === 'inner')!.details!.stands!.says).toMatch(/started inner, which waits for it/)
  // so does the run whose call it is, and the call alone has no circle to tell
  await expect
    .poll(async () => ends(await runtime.inspector.why('r')))
    .toMatchObject([{ type: 'circle', run: 'inner' }, { type: 'effect' }])
  const call = ends(await runtime.inspector.why('step/desk.m1.1.call_1'))
  expect(call).toMatchObject([{ type: 'effect' }])
  await runs.cancel('inner', 'it waits for itself')
})
