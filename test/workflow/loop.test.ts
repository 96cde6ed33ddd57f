import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { runRef } from '../../src/house/actors.ts'
import { until } from '../../src/testing/until.ts'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const flow = (run: (ctx: WorkflowContext) => Promise<unknown>, more = {}) =>
  defineWorkflow({ name: 'flow', input: z.any(), ...more, run })

/** Runs one workflow to its end. */
async function runOf(run: (ctx: WorkflowContext) => Promise<unknown>, more = {}) {
  const opened = await openRuns({ workflows: [flow(run, more)] })
  await opened.start('flow')
  return { ...opened, document: await opened.ended() }
}

/** The names of the parts of a run. */
async function partsOf({ runtime }: Awaited<ReturnType<typeof openRuns>>, run = 'r') {
  const names: string[] = []
  for await (const [name] of runtime.engine.view.parts(runRef(run), { prefix: '', after: '' })) names.push(name)
  return names
}

describe('a loop', () => {
  it('repeats its function with a state, and gives its result', async () => {
    const keys = new Set<string>()
    const { document, eventsOf } = await runOf(async (ctx) => {
      const before = await ctx.step('a', () => 1)
      const sum = await ctx.loop({ n: 0, sum: before }, async ({ n, sum }) => {
        const more = await ctx.step('a', ({ idempotencyKey }) => {
          keys.add(idempotencyKey)
          return n
        })
        await ctx.step('a', () => 0)
        return n === 3 ? { done: sum } : { next: { n: n + 1, sum: sum + more } }
      })
      const total: number = sum
      // @ts-expect-error the next state has the type of the first one
      void (() => ctx.loop({ n: 0 }, async () => ({ next: { n: 'one' } })))
      // @ts-expect-error an iteration ends with a state or a result
      void (() => ctx.loop({ n: 0 }, async ({ n }) => ({ n })))
      return [total, await ctx.step('a', () => 2)]
    })
    expect(document).toMatchObject({ status: 'completed', error: null, outputs: { result: [4, 2] } })
    expect(keys.size).toBe(4)
    expect(Object.keys(document.steps)).toEqual(['a', 'a#2'])
    expect(document.counts).toMatchObject({ done: 10, failed: 0, skipped: 0 })
    const started = (await eventsOf()).flatMap((event) => (event.type === 'step-start' ? [event.step] : []))
    expect(started).toEqual(['a', 'a@1', 'a#2@1', 'a@2', 'a#2@2', 'a@3', 'a#2@3', 'a@4', 'a#2@4', 'a#2'])
  })

  it('leaves no history behind, and goes on in another process with its newest iteration', async () => {
    const made: number[] = []
    const lives: string[] = []
    const make = () =>
      flow(async (ctx) => {
        lives.push('begun')
        return ctx.loop({ n: 0, seen: [] as string[] }, async ({ n, seen }) => {
          const id = ctx.uuid()
          await ctx.step('make', () => made.push(n))
          // every sixtieth iteration lets another process go on
          if (n % 60 === 59) await ctx.signal('go')
          const same = id === (await ctx.step('check', () => id))
          if (!same || n === 200) return { done: { n, same, seen: new Set([...seen, id]).size } }
          return { next: { n: n + 1, seen: [id] } }
        })
      })
    const folder = makeFolder()
    let program = await openRuns({ workflows: [make()] }, folder)
    await program.start('flow')
    for (const n of [59, 119, 179]) {
      await until(async () => (await program.runs.get('r')).steps[`wait-go@${n + 1}`])
      const parts = await partsOf(program)
      expect(parts.filter((name) => name.startsWith('step/'))).toEqual([`step/make@${n + 1}`, `step/wait-go@${n + 1}`])
      expect(parts.length).toBeLessThan(12)
      await program.stop()
      program = await openRuns({ workflows: [make()] }, folder)
      await program.runs.signal('r', 'go', 1)
    }
    const document = await program.ended()
    expect(document.outputs).toEqual({ result: { n: 200, same: true, seen: 2 } })
    expect(made).toEqual(Array.from({ length: 201 }, (_, n) => n))
    // one life for each process, and one in which each later process may look whether its code fits
    expect(lives.length).toBeGreaterThanOrEqual(4)
    expect(lives.length).toBeLessThanOrEqual(7)
    expect(document.counts).toMatchObject({ done: 201 * 2 + 3, failed: 0 })
  })

  it('drops what lost a race when its iteration ends, and keeps signals that came early', async () => {
    const opened = await openRuns({
      workflows: [
        flow(async (ctx) => {
          const early = await ctx.loop({ left: 3 }, async ({ left }) => {
            const lost = ctx.step(
              'slow',
              ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('aborted'))),
            )
            const won = await Promise.race([lost, ctx.sleep(5), ctx.signal('never'), ctx.sleep('1d')])
            if (left > 0) return { next: { left: left - 1 } }
            return { done: won ?? 'sleep' }
          })
          await ctx.loop({ n: 0 }, async () => ({ done: await ctx.signal('go') }))
          return [early, await ctx.signal('go'), await ctx.sleep(1)]
        }),
      ],
    })
    const { runs, start, ended } = opened
    await start('flow')
    await runs.signal('r', 'go', 'one')
    await runs.signal('r', 'go', 'two')
    const document = await ended()
    expect(document).toMatchObject({ error: null, outputs: { result: ['sleep', 'two', null] } })
    expect((await partsOf(opened)).filter((name) => /^(wait|taken|signals)/.test(name))).toEqual([])
  })

  it('nests, and catches what an iteration throws', async () => {
    const { document } = await runOf(async (ctx) => {
      const table = await ctx.loop({ row: 0, cells: [] as string[] }, async ({ row, cells }) => {
        const more = await ctx.loop({ column: 0 }, async ({ column }) => {
          const cell = await ctx.step('cell', () => column)
          return column < 2 ? { next: { column: column + 1 } } : { done: `${row}.${cell}` }
        })
        const all = [...cells, more, await ctx.step('row', () => row)].map(String)
        return row < 2 ? { next: { row: row + 1, cells: all } } : { done: all }
      })
      const caught = await ctx
        .loop({ n: 1 }, async ({ n }) => {
          if (n === 3) throw new Error('three')
          await ctx.step('n', () => n)
          return { next: { n: n + 1 } }
        })
        .catch((error: Error) => error.message)
      return [table, caught, await ctx.step('cell', () => 'last')]
    })
    expect(document).toMatchObject({
      error: null,
      outputs: { result: [['0.2', '0', '1.2', '1', '2.2', '2'], 'three', 'last'] },
    })
    expect(Object.keys(document.steps)).toEqual(['cell'])
  })

  it('begins a hundred iterations without a step in a turn, and the next ones in another turn', async () => {
    const { start, ended } = await openRuns({
      workflows: [
        flow((ctx) => ctx.loop({ n: 0 }, async ({ n }) => (n === 350 ? { done: n } : { next: { n: n + 1 } }))),
      ],
    })
    await start('flow')
    expect((await ended()).outputs).toEqual({ result: 350 })
  })

  it('is refused beside another branch, and for a result that is neither', async () => {
    const { document } = await runOf(async (ctx) => {
      const stop = ctx.signal('stop')
      const first = await ctx.loop(0, async (n) => ({ done: n })).catch((error: Error) => error.message)
      const [second] = await Promise.allSettled([ctx.loop(0, async (n) => ({ next: n })), ctx.step('x', () => 1)])
      void stop
      return [first, second.status]
    })
    expect(document.outputs).toEqual({
      result: [
        'ctx.loop: expected that no other branch of the workflow waits meanwhile, and signal `wait-stop` does.',
        'rejected',
      ],
    })
    const wrong = await runOf((ctx) => ctx.loop(0, async () => ({ n: 1 }) as never))
    expect(wrong.document.error).toBe(
      'ctx.loop: expected { next: STATE } or { done: RESULT } from its function, got a map with n.',
    )
    const state = await runOf((ctx) => ctx.loop(0, async () => ({ next: new Date(0) }) as never))
    expect(state.document.error).toContain('a Date')
  })

  it('forks within its newest iteration, and undoes its steps alone', async () => {
    const undone: number[] = []
    const opened = await runOf(
      (ctx) =>
        ctx.loop({ n: 1 }, async ({ n }) => {
          await ctx.step('book', () => n, { undo: () => void undone.push(n) })
          await ctx.step('pay', () => n)
          if (n === 3) throw new Error('sold out')
          return { next: { n: n + 1 } }
        }),
      { onFailure: 'undo' },
    )
    expect(opened.document).toMatchObject({ error: 'sold out', steps: { 'book@3': { undone: true } } })
    expect(undone).toEqual([3])
    await opened.runs.fork('r', { at: 'pay@3', id: 'again' })
    expect((await opened.ended('again')).steps).toMatchObject({ 'book@3': {}, 'pay@3': {} })
    await expect(opened.runs.fork('r', { at: 'pay@2' })).rejects.toMatchObject({ code: 'unknown_step' })
  })

  it('with other code in its iteration it stops, and goes on with the old code', async () => {
    const make = (name: string) =>
      flow((ctx) =>
        ctx.loop({ n: 0 }, async ({ n }) => {
          const go = await ctx.signal('go')
          await ctx.step(name, () => n)
          await ctx.signal('on')
          return n === 1 ? { done: go } : { next: { n: n + 1 } }
        }),
      )
    const folder = makeFolder()
    const first = await openRuns({ workflows: [make('old')] }, folder)
    await first.start('flow')
    for (const name of ['go', 'on', 'go']) await first.runs.signal('r', name, name)
    await until(async () => (await first.runs.get('r')).steps['wait-on@2'])
    await first.waits()
    await first.stop()
    const second = await openRuns({ workflows: [make('new')] }, folder)
    await second.runs.signal('r', 'on', 1)
    await until(async () => JSON.stringify(await second.runtime.inspector.why('run/r')).includes('step `old@2`'))
    await second.stop()
    const third = await openRuns({ workflows: [make('old')] }, folder)
    expect((await third.ended()).outputs).toEqual({ result: 'go' })
  })
})

it('tells of a long history before it is full, and the call that is one too many fails', async () => {
  const { runtime, runs, start, ended } = await openRuns({
    workflows: [
      flow(async (ctx) => {
        for (let n = 0; n < 10_000; n++) {
          ctx.patched(`p${n}`)
          if (n % 2000 === 0) await ctx.sleep(1)
          if (n === 8000) await ctx.signal('go')
        }
      }),
    ],
  })
  await start('flow')
  const why = await until(async () => {
    const found = await runtime.inspector.why('run/r')
    return found.holds.some(({ type }) => type === 'history') ? found : undefined
  })
  expect(why.holds).toContainEqual({ type: 'history', operations: expect.any(Number), most: 10_000 })
  await runs.signal('r', 'go', 1)
  expect(await ended()).toMatchObject({
    status: 'failed',
    error_code: 'too_large',
    error: expect.stringMatching(/has begun 10000 operations, and may begin no more\.$/),
  })
})
