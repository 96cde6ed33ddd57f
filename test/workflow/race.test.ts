import { expect, it } from 'vitest'
import { z } from 'zod'
import { until } from '../../src/testing/until.ts'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const flow = (run: (ctx: WorkflowContext) => Promise<unknown>) =>
  defineWorkflow({ name: 'flow', input: z.object({}), run })

const codeOf = (wait: Promise<unknown>) => wait.then(String, (error: { readonly code?: string }) => error.code)

type Runs = Awaited<ReturnType<typeof openRuns>>

/** Resolves when a step of the run waits for a signal. */
async function asked({ runs }: Runs, step: string) {
  for await (const { body } of runs.events('r')) if (body.type === 'signal-wait' && body.step === step) return
}

const statusOf = async ({ runs }: Runs, step: string) => (await runs.get('r')).steps[step]?.status

it('a race withdraws the waits that lose, in each replay, and steps go on', async () => {
  const make = () =>
    flow(async (ctx) => {
      const [paid, ship] = [ctx.signal('paid'), ctx.approve('ship')]
      const slow = ctx.step('slow', () => 'done')
      const inner = ctx.race([paid, ctx.sleep('9d')])
      const first = await ctx.race([inner, ship, ctx.signal('stop')])
      const lost = [await codeOf(paid), await codeOf(inner), await codeOf(ship)]
      const next = await ctx.signal('paid')
      return { first, lost, slow: await slow, next }
    })
  const folder = makeFolder()
  const first = await openRuns({ workflows: [make()] }, folder)
  await first.start('flow')
  for (const step of ['wait-paid', 'ship', 'wait-stop']) await asked(first, step)
  expect(await first.runs.signal('r', 'stop', 'enough')).toMatchObject({ status: 'taken' })
  await asked(first, 'wait-paid#2')
  await expect.poll(() => first.runtime.inbox.list({})).toMatchObject([{ step: 'wait-paid#2' }])
  await first.stop()
  const second = await openRuns({ workflows: [make()] }, folder)
  await second.runs.resume('r')
  expect(await second.runs.signal('r', 'paid', 'late')).toMatchObject({ status: 'taken' })
  expect(await second.ended()).toMatchObject({
    status: 'completed',
    outputs: {
      result: { first: 'enough', lost: ['withdrawn', 'withdrawn', 'withdrawn'], slow: 'done', next: 'late' },
    },
    steps: { 'wait-paid': { status: 'skipped', skip_reason: 'given_up' }, ship: { status: 'skipped' } },
  })
})

it('waits of a race that ends at once are never asked', async () => {
  const one = await openRuns({
    workflows: [flow(async (ctx) => [await ctx.race([ctx.approve('ship'), Promise.resolve('now'), ctx.sleep('1d')])])],
  })
  await one.start('flow')
  expect(await one.ended()).toMatchObject({ status: 'completed', outputs: { result: ['now'] } })
  expect(await one.runtime.inbox.list({})).toEqual([])
})

it('a race needs a promise', async () => {
  const one = await openRuns({ workflows: [flow((ctx) => ctx.race([]))] })
  await one.start('flow')
  expect(await one.ended()).toMatchObject({ status: 'failed', error: expect.stringContaining('ctx.race: expected') })
})

/** A run whose first wait for `paid` judges a value when the gate opens, and loses its race before. */
async function signalUnderWay(isFine: boolean) {
  const gate = Promise.withResolvers<void>()
  const judging = Promise.withResolvers<void>()
  const schema = z.string().refine(async () => {
    judging.resolve()
    await gate.promise
    return isFine
  })
  const runs = await openRuns({
    workflows: [
      flow(async (ctx) => {
        const lost = await codeOf(ctx.race([ctx.signal('paid', { schema }), ctx.signal('stop')]))
        await ctx.signal('go')
        return [lost, await ctx.signal('paid')]
      }),
    ],
  })
  await runs.start('flow')
  await asked(runs, 'wait-stop')
  await asked(runs, 'wait-paid')
  const sent = runs.runs.signal('r', 'paid', 'first').then(
    ({ status }) => status,
    (error: { readonly code: string }) => error.code,
  )
  await judging.promise
  await runs.runs.signal('r', 'stop', 'stop')
  await until(async () => (await statusOf(runs, 'wait-paid')) === 'skipped')
  gate.resolve()
  return { runs, sent: await sent }
}

it('a signal that a wait takes after it lost its race goes to the next wait of that name', async () => {
  const { runs, sent } = await signalUnderWay(true)
  expect(sent).toBe('taken')
  await runs.runs.signal('r', 'go', 1)
  expect(await runs.ended()).toMatchObject({ outputs: { result: ['stop', 'first'] } })
})

it('a signal that a wait refuses after it lost its race is refused, and not kept', async () => {
  const { runs, sent } = await signalUnderWay(false)
  expect(sent).toBe('bad_value')
  await runs.runs.signal('r', 'go', 1)
  await asked(runs, 'wait-paid#2')
  await runs.runs.signal('r', 'paid', 'second')
  expect(await runs.ended()).toMatchObject({ outputs: { result: ['stop', 'second'] } })
})
