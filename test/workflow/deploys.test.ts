import { expect, it } from 'vitest'
import { z } from 'zod'
import { until } from '../../src/testing/until.ts'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

type Run = (ctx: WorkflowContext) => Promise<unknown>

const flow = (run: Run, version?: number) =>
  defineWorkflow({ name: 'flow', input: z.any(), ...(version !== undefined && { version }), run })

/** A run of old code that waits, in a folder that no process has open. */
async function waitingRun(run: Run): Promise<string> {
  const folder = makeFolder()
  const { start, waits, stop } = await openRuns({ workflows: [flow(run)] }, folder)
  await start('flow')
  await waits()
  await stop()
  return folder
}

const old =
  (log: string[]): Run =>
  async (ctx) => {
    await ctx.step('a', () => log.push('a'))
    await ctx.approve('ship')
    return ctx.step('b', () => log.push('b'))
  }

it('a run that waits for an approval that the new code drops goes on by itself', async () => {
  const log: string[] = []
  const folder = await waitingRun(old(log))
  const next = flow(async (ctx) => {
    await ctx.step('a', () => log.push('a'))
    await ctx.dropped('ship')
    return ctx.step('b', () => log.push('b'))
  })
  const { ended, runtime, stop } = await openRuns({ workflows: [next] }, folder)
  expect(await ended()).toMatchObject({
    status: 'completed',
    outputs: { result: 2 },
    steps: { ship: { status: 'skipped' } },
  })
  expect(log).toEqual(['a', 'b'])
  expect(await runtime.inbox.list()).toEqual([])
  await stop()
})

it('a run whose code does not fit lists its remedies, and a fork keeps what fits', async () => {
  const log: string[] = []
  const folder = await waitingRun(old(log))
  const next = flow(async (ctx) => {
    await ctx.step('a', () => log.push('a'))
    return ctx.step('z', () => log.push('z'))
  })
  const { runs, runtime, ended } = await openRuns({ workflows: [next] }, folder)
  await runs.signal('r', 'ship', 'approve')
  const hold = await until(async () => {
    const { holds } = await runtime.inspector.why('run/r')
    return holds.find(({ type }) => type === 'code')
  })
  expect(hold).toMatchObject({ type: 'code', hint: expect.stringContaining("await ctx.dropped('ship')") })
  expect(log).toEqual(['a'])
  await runs.fork('r', { id: 'again' })
  expect(await ended('again')).toMatchObject({ status: 'completed', outputs: { result: 2 } })
  expect(log).toEqual(['a', 'z'])
  await runs.cancel('r', 'its fork has done it')
  expect((await ended()).status).toBe('cancelled')
  expect(log).toEqual(['a', 'z'])
})

it('a run keeps its version, and a new one takes the highest', async () => {
  const first: Run = async (ctx) => [ctx.run.version, await ctx.signal('go')]
  const second: Run = async (ctx) => [ctx.run.version, await ctx.step('b', () => 'b')]
  const folder = await waitingRun(first)
  const both = await openRuns({ workflows: [flow(second, 2), flow(first)] }, folder)
  await both.start('flow', {}, 'young')
  expect((await both.ended('young')).outputs).toEqual({ result: [2, 'b'] })
  await both.stop()
  const without = await openRuns({ workflows: [flow(second, 2)] }, folder)
  await without.runs.signal('r', 'go', 'on')
  const why = await until(async () => {
    const found = JSON.stringify(await without.runtime.inspector.why('run/r'))
    return found.includes('does not have') ? found : undefined
  })
  expect(why).toContain('This process does not have version 1 of the workflow flow.')
  await without.stop()
  const again = await openRuns({ workflows: [flow(first, 1), flow(second, 2)] }, folder)
  expect((await again.ended()).outputs).toEqual({ result: [1, 'on'] })
})

it('a child of a run takes the highest version, too, and a wrong version is refused', async () => {
  const child = (version: number) =>
    defineWorkflow({ name: 'child', version, input: z.any(), run: async (ctx) => ctx.run.version })
  const parent = flow((ctx) => ctx.call(child(1), {}))
  const { start, ended } = await openRuns({ workflows: [parent, child(1), child(2)] })
  await start('flow')
  expect((await ended()).outputs).toEqual({ result: 2 })
  expect(() => child(0)).toThrow('defineWorkflow: version: expected 1 or more, got 0.')
})
