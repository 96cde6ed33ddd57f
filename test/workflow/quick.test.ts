import { expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../src/engine/engine.ts'
import { runRef } from '../../src/house/actors.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import type { WorkflowContext, WorkflowStepCall } from '../../src/workflow/definition/context.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { openRuns } from './open-runs.ts'

const flow = (run: (ctx: WorkflowContext) => Promise<unknown>) =>
  defineWorkflow({ name: 'flow', input: z.object({}), run })

/** Time stands still for the steps, so a step is quick once it was done. */
const clock = { ...systemClock, elapsed: () => 0 }

/** The turn that made a call: its key names the message of the turn. */
const turnOf = ({ idempotencyKey }: WorkflowStepCall) => idempotencyKey.split('/execute')[0]!

it('quick steps are done in the turn of their run, one after another and side by side', async () => {
  const turns: string[] = []
  const note = (call: WorkflowStepCall) => turns.push(turnOf(call))
  const { start, ended } = await openRuns({
    workflows: [
      flow(async (ctx) => {
        for (let n = 0; n < 4; n++) await ctx.step('tick', note)
        const both = await Promise.all([ctx.step('tick', note), ctx.step('tick', note)])
        const once = await ctx.step('once', note, { effect: 'at-most-once' })
        return { both, once }
      }),
    ],
    clock,
  })
  await start('flow')
  expect(await ended()).toMatchObject({
    status: 'completed',
    outputs: { result: { both: [5, 6], once: 7 } },
    counts: { done: 7 },
    steps: { 'tick#2': { status: 'completed', value: { result: 2 } } },
  })
  const [first, second, ...others] = turns
  const once = others.pop()
  // the first one is not known to be quick, and one that must not be repeated never shares a turn
  expect(new Set([first, second, once]).size).toBe(3)
  expect(others).toEqual([second, second, second, second])
})

it('the records of a quick turn share a part, and another process and a fork read all of them', async () => {
  const calls: number[] = []
  const ticks = flow(async (ctx) => {
    const values: number[] = []
    for (let n = 0; n < 5; n++) values.push(await ctx.step('tick', () => calls.push(n)))
    return [...values, await ctx.signal('go')]
  })
  const first = await openRuns({ workflows: [ticks], clock })
  await first.start('flow')
  await first.runtime.idle()
  const names: string[] = []
  const { view } = first.runtime.engine
  for await (const [name] of view.parts(runRef('r'), { prefix: 'turn/', after: '' })) names.push(name)
  // the first step is not known to be quick; the others end in the third turn
  expect(names).toEqual(['turn/00000000', 'turn/00000001', 'turn/00000002'])
  await first.stop()

  const { runs, ended } = await openRuns({ workflows: [ticks], clock }, first.folder)
  await runs.signal('r', 'go', 'on')
  expect(await ended()).toMatchObject({ status: 'completed', outputs: { result: [1, 2, 3, 4, 5, 'on'] } })
  expect(calls).toEqual([0, 1, 2, 3, 4])
  const { id } = await runs.fork('r', { at: 'tick#4' })
  await runs.signal(id, 'go', 'again')
  expect(await ended(id)).toMatchObject({ status: 'completed', outputs: { result: [1, 2, 3, 6, 7, 'again'] } })
})

it('a quick step that takes long lets go of its run, and its call is made once', async () => {
  const door = gate()
  let calls = 0
  const { start, ended, runs } = await openRuns({
    workflows: [
      flow(async (ctx) => {
        const go = ctx.signal('go')
        const values: unknown[] = []
        for (let n = 0; n < 3; n++)
          values.push(
            await ctx.step('tick', () => {
              calls++
              return calls === 3 ? door.pass().then(() => 3) : calls
            }),
          )
        return [...values, await go]
      }),
    ],
    clock,
  })
  await start('flow')
  await door.started
  // the run takes the signal while its step works
  expect(await runs.signal('r', 'go', 'now')).toMatchObject({ status: 'taken' })
  door.release()
  expect(await ended()).toMatchObject({ status: 'completed', outputs: { result: [1, 2, 3, 'now'] } })
  expect(calls).toBe(3)
})

it('a quick step may ask its own run', async () => {
  const opened = await openRuns({
    workflows: [
      flow(async (ctx) => {
        for (let n = 0; n < 3; n++)
          await ctx.step('tick', async () => void (n === 2 && (await opened.runs.signal('r', 'go', n))))
        return ctx.signal('go')
      }),
    ],
    clock,
  })
  await opened.start('flow')
  expect(await opened.ended()).toMatchObject({ status: 'completed', outputs: { result: 2 } })
})

it.each([0, 300])('a cancellation does not wait for a quick step that has worked for %i ms', async (ms) => {
  const door = gate()
  let calls = 0
  let aborted = false
  const { start, ended, runs } = await openRuns({
    workflows: [
      flow(async (ctx) => {
        for (let n = 0; n < 3; n++)
          await ctx.step('tick', ({ signal }) => {
            if (++calls < 3) return
            signal.addEventListener('abort', () => (aborted = true))
            return door.pass(signal)
          })
      }),
    ],
    clock,
  })
  await start('flow')
  await door.started
  if (ms > 0) await until(async () => (await runs.get('r')).steps['tick#3'])
  await runs.cancel('r', 'enough')
  expect(await ended()).toMatchObject({ status: 'cancelled', error: 'enough' })
  await until(() => aborted)
})

it('a quick step that fails is attempted again under its key', async () => {
  const keys: string[] = []
  const { start, ended } = await openRuns({
    workflows: [
      flow(async (ctx) => {
        for (let n = 0; n < 3; n++)
          await ctx.step('tick', ({ attempt, idempotencyKey }) => {
            if (n < 2) return
            keys.push(idempotencyKey)
            if (attempt === 1) throw new Error('not yet')
          })
      }),
    ],
    clock,
  })
  await start('flow')
  expect(await ended()).toMatchObject({ status: 'completed', steps: { 'tick#3': { retries: 1 } } })
  expect(keys).toEqual([keys[0], keys[0]])
})
