import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { type TestScript, testApp } from '../../src/testing/workflows/test-app.ts'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'

const flow = (run: (ctx: WorkflowContext) => Promise<unknown>) =>
  defineWorkflow({ name: 'flow', input: z.object({}), run: (ctx) => run(ctx) as Promise<never> })

/** Runs a workflow in a test, and gives its result and how much time passed. */
async function play(run: (ctx: WorkflowContext) => Promise<unknown>, script: TestScript = {}) {
  const workflow = flow(run)
  const app = await testApp({ workflows: [workflow] }, script)
  onTestFinished(app.stop)
  const began = app.now().getTime()
  const result = await (await app.start(workflow, {})).result()
  return { result, hours: (app.now().getTime() - began) / 3_600_000, app }
}

it('jumps over pauses of days, and answers questions by the script', async () => {
  const { result, hours } = await play(
    async (ctx) => {
      const receipt = await ctx.step('charge', () => Promise.reject(new Error('no network in a test')))
      await ctx.sleep('3d')
      const { action } = await ctx.approve('ship', { title: 'Ship?', timeout: '1d' })
      const late = await ctx.signal('paid', { timeout: '2h' }).catch((error: Error) => error.name)
      return { receipt, action, late }
    },
    { steps: { charge: ({ attempt }) => `receipt ${attempt}` }, signals: { ship: 'approve' } },
  )
  expect(result).toEqual({ receipt: 'receipt 1', action: 'approve', late: 'TimeoutError' })
  expect(hours).toBeCloseTo(74, 1)
})

it('attempts a step again without waiting, and replaces calls and models by their names', async () => {
  let attempts = 0
  const { result } = await play(
    async (ctx) => {
      const flaky = await ctx.step('flaky', () => 'real', { retry: { attempts: 3, delay: '1h' } })
      const text = await ctx.generate('summary', { prompt: 'Sum up.' })
      return [flaky, text, await ctx.call({ pipeline: 'report.yaml' }, {}, { name: 'report' })]
    },
    {
      steps: {
        flaky: ({ attempt }) => {
          attempts++
          if (attempt < 3) throw new Error('not yet')
          return attempt
        },
        summary: () => 'short',
        report: () => ({ pages: 3 }),
      },
    },
  )
  expect([result, attempts]).toEqual([[3, 'short', { pages: 3 }], 3])
})

it('fails a test whose workflow cannot be replayed', async () => {
  let turn = 0
  const branches = play(async (ctx) => {
    // replayed for each turn and step
    if (turn++ > 1) await ctx.step('second', () => 2)
    await ctx.step('first', () => 1)
  })
  await expect(branches).rejects.toThrow(/flow has changed: the run began step `first`.*now begins step `second`/)
  let count = 0
  const values = play((ctx) => ctx.step('one', () => 1).then(() => count++))
  await expect(values).rejects.toThrow(/ends in another way when it is replayed. Read times/)
})

it('says what a run waits for that no script gives', async () => {
  await expect(play((ctx) => ctx.signal('paid'))).rejects.toThrow(/does not end: .*paid/)
})

it('throws the error of a run, and lets a test advance the clock itself', async () => {
  await expect(play(() => Promise.reject(new RangeError('too far')))).rejects.toThrow('too far')
  const workflow = flow((ctx) => ctx.sleep('2h').then(() => ctx.now().toISOString()))
  const app = await testApp({ workflows: [workflow] }, { now: new Date('2026-07-01T00:00:00Z') })
  onTestFinished(app.stop)
  const run = await app.start(workflow, {})
  await app.advance('1h')
  expect((await run.get()).completed_at).toBeNull()
  await app.advance('1h')
  expect(await run.get()).toMatchObject({ outputs: { result: '2026-07-01T02:00:00.000Z' } })
})

const undone = async (steps: TestScript['steps']) => {
  const acts: string[] = []
  const made = flow(async (ctx) => {
    await ctx.step('book', () => void acts.push('book'), { undo: () => void acts.push('undo book') })
    await ctx.step('charge', () => void acts.push('charge'), { undo: () => void acts.push('undo charge') })
    throw new Error('sold out')
  })
  const workflow = { ...made, onFailure: 'undo' as const }
  const app = await testApp({ workflows: [workflow] }, { steps: steps! })
  onTestFinished(app.stop)
  const run = await app.start(workflow, {})
  await expect(run.result()).rejects.toThrow('sold out')
  const undos: object[] = []
  for await (const { body } of app.runtime.runs.events(run.id)) if (body.type === 'step-undo') undos.push(body)
  return { acts, undos }
}

it('never undoes for real a step that the script acts for: its undo is scripted or skipped', async () => {
  const skipped = await undone({ charge: () => null })
  expect(skipped.acts).toEqual(['book', 'undo book'])
  expect(skipped.undos).toMatchObject([
    { step: 'charge', undone: false, problem: { message: expect.stringContaining('skips the undo of charge') } },
    { step: 'book', undone: true },
  ])
  const scripted: unknown[] = []
  const done = await undone({ charge: () => null, 'charge.undo': ({ attempt }) => void scripted.push(attempt) })
  expect([done.acts, scripted]).toEqual([['book', 'undo book'], [1]])
  expect(done.undos).toMatchObject([{ undone: true }, { undone: true }])
  const real = await undone({ 'charge.undo': () => null })
  expect(real.acts).toEqual(['book', 'charge', 'undo book'])
})

it.each([undefined, { paid: { cents: 7 } }])(
  'gives addresses below `publicUrl`, and delivers to them',
  async (signals) => {
    let address = ''
    const workflow = flow(async (ctx) => {
      const payment = ctx.signal('paid', { url: true, schema: z.object({ cents: z.number() }) })
      address = payment.url
      return payment
    })
    const app = await testApp(
      { workflows: [workflow] },
      { publicUrl: 'https://shop.example/pay', ...(signals && { signals }) },
    )
    onTestFinished(app.stop)
    const run = await app.start(workflow, {})
    await app.advance('1s')
    expect(address).toMatch(/^https:\/\/shop\.example\/pay\/v1\/signals\//)
    if (!signals) {
      await expect(app.deliver(`${address}x`, { cents: 7 })).rejects.toMatchObject({ code: 'not_found' })
      await expect(app.deliver('https://shop.example/pay', 1)).rejects.toMatchObject({ code: 'invalid_input' })
      expect(await app.deliver(address, { cents: 7 })).toMatchObject({ status: 'signalled', id: run.id })
    }
    expect(await run.result()).toEqual({ cents: 7 })
  },
)

it('a collection of old data counts by the time of the test, so an ended run stays', async () => {
  const wait = defineWorkflow({ name: 'wait', input: z.object({}), run: async (ctx) => ctx.sleep('3d') })
  await using app = await testApp({ workflows: [wait] })
  const run = await app.start(wait, {})
  await run.result()
  await app.runtime.maintenance.gc()
  expect((await app.runtime.runs.get(run.id)).status).toBe('completed')
  await app.advance('40d')
  await app.runtime.maintenance.gc()
  await expect(app.runtime.runs.get(run.id)).rejects.toMatchObject({ name: 'NotFoundError' })
})
