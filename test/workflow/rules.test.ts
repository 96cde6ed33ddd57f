import { generateText } from 'ai'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../src/index.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import type { Around } from '../../src/work/rules/house-rules.ts'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { durable } from '../../src/workflow/definition/durable.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const flow = (run: (ctx: WorkflowContext) => Promise<unknown>, around?: Around) =>
  defineWorkflow({ name: 'flow', input: z.any(), run, ...(around && { around }) })

const price = defineTool({
  ...{ name: 'price', description: 'Says a price', effect: 'pure' },
  input: z.object({ of: z.string() }),
  execute: () => ({ cents: 5 }),
})

/** Rules that note each call. */
function openNotes() {
  const asked: string[] = []
  const around: Around = {
    model(call, next) {
      asked.push(`${call.kind} in ${call.for?.run}.${call.for?.step}`)
      return next()
    },
    tool(call, next) {
      asked.push(`${call.tool} in ${call.for.run}.${call.for.step}`)
      return next()
    },
  }
  return { asked, around }
}

const PARTS = { tools: [price], models: { 'lab/one': scriptedModel([{ reply: 'fine', times: 100 }], 'lab/one') } }
const CONFIG = { model: 'lab/one' }

it('stand around models and tools of a workflow, and a replay asks them nothing again', async () => {
  const { asked, around } = openNotes()
  const run = async (ctx: WorkflowContext) => {
    const text = await ctx.generate('say', { prompt: 'How are you?' })
    const { cents } = await ctx.call(price, { of: 'lamp' })
    const { text: more } = await generateText({ model: durable(PARTS.models['lab/one'], ctx), prompt: 'And now?' })
    await ctx.approve('go')
    return [text, cents, more]
  }
  const folder = makeFolder()
  const first = await openRuns({ ...PARTS, workflows: [flow(run)], around }, folder, CONFIG)
  await first.start('flow')
  await first.waits()
  await first.stop()
  const before = [...asked]
  expect(before).toEqual(['generate in r.say', 'price in r.price', expect.stringMatching(/^relay in r\./)])
  const second = await openRuns({ ...PARTS, workflows: [flow(run)], around }, folder, CONFIG)
  await second.runs.signal('r', 'go', { action: 'approve' })
  expect(await second.ended()).toMatchObject({ status: 'completed', outputs: { result: ['fine', 5, 'fine'] } })
  expect(asked).toEqual(before)
})

it('of a workflow hold for its runs and for the runs below them alone', async () => {
  const { asked, around } = openNotes()
  const child = defineWorkflow({
    name: 'child',
    input: z.any(),
    run: async (ctx) => (await ctx.call(price, { of: 'lamp' })).cents,
  })
  const parent = flow((ctx) => ctx.call(child, {}), around)
  const { start, ended } = await openRuns({ ...PARTS, workflows: [parent, child] }, undefined, CONFIG)
  await start('child', {}, 'alone')
  await ended('alone')
  expect(asked).toEqual([])
  await start('flow')
  expect(await ended()).toMatchObject({ status: 'completed', outputs: { result: 5 } })
  expect(asked).toEqual(['price in r.child.price'])
})

it('a rule answers in place of a model, which costs nothing, and changes what a model says', async () => {
  const around: Around = {
    async model(call, next) {
      if (call.kind !== 'generate') return next()
      if (call.request.instruction === 'known') return { ...(await Promise.resolve(KNOWN)), cost: 7 }
      const reply = await next({ ...call.request, instruction: 'shout' })
      return { ...reply, text: 'FINE' } as typeof reply
    },
  }
  const run = async (ctx: WorkflowContext) => [
    await ctx.generate('a', { prompt: 'known' }),
    await ctx.generate('b', { prompt: 'new' }),
  ]
  const model = scriptedModel([{ match: 'shout', reply: 'fine' }], 'lab/one')
  const parts = { models: { 'lab/one': model }, workflows: [flow(run)], around }
  const { start, ended } = await openRuns(parts, undefined, CONFIG)
  await start('flow')
  const { status, outputs, steps } = await ended()
  expect([status, outputs]).toEqual(['completed', { result: ['from the cache', 'FINE'] }])
  expect(steps.a!.models).toMatchObject([{ model: 'lab/one', input: 0, cached: true }])
  expect(model.calls).toHaveLength(1)
})

const KNOWN = { text: 'from the cache', citations: [], usage: { input: 9, output: 9 }, model: 'lab/one' }

it('a run whose model rules are missing waits for code', async () => {
  const { asked, around } = openNotes()
  const run = async (ctx: WorkflowContext) => {
    await ctx.approve('go')
    return ctx.generate('say', { prompt: 'How are you?' })
  }
  const folder = makeFolder()
  const first = await openRuns({ ...PARTS, workflows: [flow(run)], around }, folder, CONFIG)
  await first.start('flow')
  await first.waits()
  await first.stop()
  const second = await openRuns({ ...PARTS, workflows: [flow(run)] }, folder, CONFIG)
  await second.runs.signal('r', 'go', { action: 'approve' })
  await expect.poll(async () => JSON.stringify(await second.runtime.inbox.list())).toContain('the rules of program')
  await second.stop()
  const third = await openRuns({ ...PARTS, workflows: [flow(run)], around }, folder, CONFIG)
  expect(await third.ended()).toMatchObject({ status: 'completed' })
  expect(asked).toEqual(['generate in r.say'])
})
