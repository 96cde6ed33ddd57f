import { expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../src/engine/engine.ts'
import type { Database } from '../../src/store/database/database.ts'
import { type DatabaseOptions, openDatabase } from '../../src/store/database/open.ts'
import { defineTool } from '../../src/tool/tool.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { openRuns } from './open-runs.ts'

/** A database that keeps the text of all that is on disk. */
function watchedDisk() {
  const disk = { text: '', flushes: 0 }
  const open = async (options: DatabaseOptions): Promise<Database> => {
    const database = await openDatabase(options)
    const sent: string[] = []
    return {
      ...database,
      write(write) {
        sent.push(JSON.stringify(write))
        database.write(write)
      },
      onWritten: (listener) =>
        database.onWritten((seq) => {
          disk.text += sent.shift()
          disk.flushes++
          listener(seq)
        }),
    }
  }
  return { disk, open }
}

/** Time stands still for the steps, so a step is quick once it was done. */
const quickClock = { ...systemClock, elapsed: () => 0 }

/** Each step seems to take long, so it has an actor of its own. */
function slowClock() {
  let ms = 0
  return { ...systemClock, elapsed: () => (ms += 50) }
}

const stamp = defineTool({
  name: 'stamp',
  description: 'Stamps',
  input: z.object({ mark: z.string() }),
  effect: 'idempotent',
  execute: ({ mark }) => mark,
})

it.each(['idempotent', 'at-most-once', 'quick', 'tool', 'child'] as const)(
  'the outcome of a step is on disk before the function sees it: %s',
  async (what) => {
    const { disk, open } = watchedDisk()
    const seen: boolean[] = []
    const child = defineWorkflow({
      name: 'child',
      input: z.object({ mark: z.string() }),
      run: (ctx, { mark }) => ctx.step('inner', () => mark),
    })
    const flow = defineWorkflow({
      name: 'flow',
      input: z.object({}),
      async run(ctx) {
        for (let n = 0; n < 4; n++) {
          const mark = `made-${n}-${ctx.run.id}`
          if (what === 'tool') await ctx.call(stamp, { mark })
          else if (what === 'child') await ctx.call(child, { mark })
          else await ctx.step('make', () => mark, what === 'quick' ? {} : { effect: what, retry: 0 })
          seen.push(disk.text.includes(`\\"${mark}\\"`))
        }
      },
    })
    const runs = await openRuns({ workflows: [flow, child], clock: quickClock, openDatabase: open, tools: [stamp] })
    await runs.start('flow')
    expect(await runs.ended()).toMatchObject({ status: 'completed' })
    expect(seen).toEqual([true, true, true, true])
  },
)

/** The flushes of a run that makes so many steps, one after another; its second run, when they are known. */
async function flushesOf(steps: number, effect: 'idempotent' | 'pure', isSlow: boolean): Promise<number> {
  const { disk, open } = watchedDisk()
  const flow = defineWorkflow({
    name: 'flow',
    input: z.object({}),
    async run(ctx) {
      for (let n = 0; n < steps; n++) await ctx.step('tick', () => n, { effect })
      await ctx.sleep(0)
    },
  })
  const clock = isSlow ? slowClock() : quickClock
  const runs = await openRuns({ workflows: [flow], clock, openDatabase: open })
  const flushed: number[] = []
  for (const id of ['first', 'second']) {
    const before = disk.flushes
    await runs.start('flow', {}, id)
    await runs.ended(id)
    flushed.push(disk.flushes - before)
  }
  return flushed[1]!
}

it.each([
  // quick steps in a row: a flush for each outcome
  ['idempotent', 'quick', 5],
  // the outcome of a step, and then the turn of its run
  ['idempotent', 'slow', 10],
  ['pure', 'slow', 5],
] as const)('five more %s steps that are %s cost %i flushes', async (effect, pace, more) => {
  const isSlow = pace === 'slow'
  expect((await flushesOf(6, effect, isSlow)) - (await flushesOf(1, effect, isSlow))).toBe(more)
})
