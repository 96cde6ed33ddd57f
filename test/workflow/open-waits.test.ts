import { expect, it } from 'vitest'
import { z } from 'zod'
import { until } from '../../src/testing/until.ts'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const flow = (run: (ctx: WorkflowContext) => Promise<unknown>) =>
  defineWorkflow({ name: 'flow', input: z.object({}), run })

const range = (count: number) => Array.from({ length: count }, (_, n) => n)

const openItems = async ({ runtime }: Awaited<ReturnType<typeof openRuns>>) =>
  (await runtime.inbox.list({ limit: 1000 })).length

it('1000 waits are asked at once beside steps, one more throws, and a cancellation ends all of them', async () => {
  const { promise: noted, resolve: note } = Promise.withResolvers<unknown>()
  const work = flow(async (ctx) => {
    const waits = range(1000).map((n) => (n % 2 === 0 ? ctx.approve(`person-${n}`) : ctx.signal(`machine-${n}`)))
    const tooMany = await ctx.approve('one-more').catch((error: { readonly code: string }) => error.code)
    await ctx.step('note', () => {
      note(tooMany)
      return null
    })
    return Promise.all(waits)
  })
  const folder = makeFolder()
  const first = await openRuns({ workflows: [work] }, folder)
  await first.start('flow')
  expect(await noted).toBe('too_large')
  await first.stop()
  const second = await openRuns({ workflows: [work] }, folder)
  await second.runs.resume('r')
  await until(async () => (await openItems(second)) === 1000)
  const state = await second.runtime.engine.view.peek({ kind: 'run', key: 'r' })
  expect(JSON.stringify(state).length).toBeLessThan(2000)
  expect(await second.runs.signal('r', 'machine-999', 7)).toMatchObject({ status: 'taken' })
  await until(async () => (await second.runs.get('r')).steps['wait-machine-999']?.status === 'completed')
  await second.runs.cancel('r', 'over')
  expect(await second.ended()).toMatchObject({ status: 'cancelled' })
  await until(async () => (await openItems(second)) === 0)
})

it('waits begin although 64 steps are at work, each with its own time', async () => {
  const gate = Promise.withResolvers<void>()
  const work = flow(async (ctx) => {
    const steps = range(70).map((n) => ctx.step(`step-${n}`, () => gate.promise.then(() => n)))
    const late = await ctx.approve('late', { timeout: '50ms' }).catch((error: { readonly name: string }) => error.name)
    const slept = await ctx.sleep('50ms').then(() => 'slept')
    gate.resolve()
    return [late, slept, (await Promise.all(steps)).length]
  })
  const runs = await openRuns({ workflows: [work] })
  await runs.start('flow')
  expect(await runs.ended()).toMatchObject({ outputs: { result: ['TimeoutError', 'slept', 70] } })
})
