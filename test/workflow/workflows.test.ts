import { describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { defineActor } from '../../src/kernel/turn.ts'
import { gate } from '../../src/testing/gate.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { until } from '../../src/testing/until.ts'
import { defineTool } from '../../src/tool/tool.ts'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const ANY = z.any()

/** A workflow of a function; its input is passed on. */
const flow = (run: (ctx: WorkflowContext, input: never) => Promise<unknown>, more = {}) =>
  defineWorkflow({ name: 'flow', input: ANY, ...more, run: (ctx, input) => run(ctx, input as never) })

/** Runs one workflow to its end. */
async function runOf(
  run: (ctx: WorkflowContext, input: never) => Promise<unknown>,
  more: object = {},
  input?: unknown,
) {
  const opened = await openRuns({ workflows: [flow(run, more)] })
  await opened.start('flow', input)
  return { ...opened, document: await opened.ended() }
}

describe('a run', () => {
  it('does each step once, in parallel where the code says so, and shows its result', async () => {
    const made: string[] = []
    const { document, eventsOf } = await runOf(
      async (ctx, { base }: never) => {
        const a = await ctx.step('a', ({ attempt }) => {
          made.push(`a${attempt}`)
          return { base }
        })
        const both = await Promise.all([ctx.step('b', () => 1), ctx.step('b', () => 2)])
        ctx.event('seen', { a })
        ctx.log('nearly there')
        return { a, both }
      },
      {},
      { base: 7 },
    )
    expect(document).toMatchObject({
      status: 'completed',
      outputs: { result: { a: { base: 7 }, both: [1, 2] } },
      counts: { done: 3, failed: 0, skipped: 0 },
      steps: { a: { action: 'step', value: { result: { base: 7 } } }, b: {}, 'b#2': { value: { result: 2 } } },
    })
    expect(made).toEqual(['a1'])
    const types = (await eventsOf()).map(({ type }) => type)
    expect(types.filter((type) => type.startsWith('workflow-'))).toEqual(['workflow-event', 'workflow-log'])
    expect(types.at(-1)).toBe('run-end')
  })

  it('attempts a step again, and throws the error of the last attempt into the function', async () => {
    const { document } = await runOf(async (ctx) => {
      const second = await ctx.step(
        'flaky',
        ({ attempt }) => {
          if (attempt < 2) throw new Error('not yet')
          return attempt
        },
        { retry: { attempts: 2, delay: 1 } },
      )
      const caught = await ctx
        .step(
          'broken',
          () => {
            throw new Error('no good')
          },
          { retry: 0 },
        )
        .catch((error: Error) => error.message)
      return { second, caught }
    })
    expect(document.outputs).toEqual({ result: { second: 2, caught: 'no good' } })
    expect(document.steps.broken).toMatchObject({ status: 'failed', error: 'no good', retries: 0 })
  })

  it('fails with the error of its function, with its place', async () => {
    const { document } = await runOf(async () => {
      throw new Error('I give up', { cause: new Error('no money') })
    })
    expect(document).toMatchObject({ status: 'failed', error: 'I give up' })
    expect(document.error_at).toMatch(/workflows\.test\.ts:\d+:\d+$/)
    expect(document.error_stack).toContain('caused by Error: no money')
    expect(document.error_stack).toContain('workflows.test.ts')
  })

  it('stores no secret that its function throws', async () => {
    const secret = 'f41d3c7a9b20e856'
    const fail = async () => {
      throw new Error(`refused ${secret}`, { cause: new Error(`by ${secret}`) })
    }
    const environment = { SHOP_API_KEY: secret }
    const opened = await openRuns({ workflows: [flow(fail)] }, makeFolder(), { environment })
    await opened.start('flow')
    const document = await opened.ended()
    expect(document).toMatchObject({ status: 'failed', error: 'refused [redacted]' })
    expect(document.error_stack).toContain('caused by Error: by [redacted]')
  })

  it('refuses a result that JSON would change, at its step', async () => {
    const { document } = await runOf(async (ctx) => ctx.step('when', () => ({ at: new Date(0) }) as never))
    expect(document).toMatchObject({ status: 'failed', error_code: 'bad_result' })
    expect(document.error).toMatch(/step when was made; .*`at` is a Date/)
  })

  it('sleeps without a step, and races a signal that never comes', async () => {
    const { document } = await runOf(async (ctx) => {
      const before = ctx.now().getTime()
      const winner = await Promise.race([ctx.sleep(30).then(() => 'sleep'), ctx.signal('never').then(() => 'signal')])
      return {
        winner,
        slept: ctx.now().getTime() - before >= 30,
        ids: new Set([ctx.uuid(), ctx.uuid(), ctx.random()]).size,
      }
    })
    expect(document.outputs).toEqual({ result: { winner: 'sleep', slept: true, ids: 3 } })
    expect(document.steps['wait-never']).toMatchObject({ status: 'cancelled' })
  })

  it('maps a list with a few at once, and tolerates failures in their places', async () => {
    let [atWork, most] = [0, 0]
    const { document } = await runOf(async (ctx) => {
      const mapped = await ctx.map(
        [1, 2, 3, 4, 5],
        (n) =>
          ctx.step(
            'item',
            async () => {
              most = Math.max(most, ++atWork)
              await new Promise((resolve) => setTimeout(resolve, 5))
              atWork--
              if (n === 3) throw new Error('three')
              return n
            },
            { retry: 0 },
          ),
        { concurrency: 2, tolerate: true },
      )
      return mapped.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))
    })
    expect(document.outputs).toEqual({ result: [1, 2, 'three', 4, 5] })
    expect(most).toBe(2)
  })

  it('begins many steps at once, and works on 64 of them at a time', async () => {
    const { document } = await runOf(async (ctx) => {
      const all = await Promise.all(Array.from({ length: 150 }, (_, n) => ctx.step('n', () => n)))
      return all.reduce((sum, n) => sum + n, 0)
    })
    expect(document.outputs).toEqual({ result: (150 * 149) / 2 })
  })
})

describe('people and signals', () => {
  it('waits for a person, whose answer the schema checks, and takes a signal that came early', async () => {
    const workflow = flow(async (ctx) => {
      const answer = await ctx.approve('ship', {
        title: 'Ship it?',
        content: { cents: 100 },
        schema: z.object({ action: z.string(), floor: z.number() }),
      })
      await ctx.sleep(10)
      return [answer, await ctx.signal('note'), await ctx.signal('note')]
    })
    const { runtime, runs, start, ended, waits } = await openRuns({ workflows: [workflow] })
    await start('flow')
    await waits()
    const item = { run: 'r', step: 'ship', kind: 'approval', title: 'Ship it?' }
    await expect.poll(() => runtime.inbox.list()).toMatchObject([item])
    expect(await runs.signal('r', 'note', 'one')).toEqual({ status: 'kept' })
    expect(await runs.signal('r', 'note', 'two')).toEqual({ status: 'kept' })
    await expect(runs.signal('r', 'ship', 'maybe')).rejects.toMatchObject({ code: 'bad_value' })
    await expect(runs.signal('r', 'ship', 'approve')).rejects.toThrow('floor')
    await expect(runs.signal('r', 'ship', { action: 'approve', floor: 1 }, { answers: false })).rejects.toMatchObject({
      code: 'scope_missing',
    })
    expect(await runs.signal('r', 'ship', { action: 'approve', floor: 3 })).toEqual({ status: 'taken' })
    expect((await ended()).outputs).toEqual({ result: [{ action: 'approve', floor: 3 }, 'one', 'two'] })
  })

  it('takes an early approval only from a caller that may approve', async () => {
    const door = gate()
    const { start, runs, ended } = await openRuns({
      workflows: [
        flow(async (ctx) => {
          await ctx.step('look', () => door.pass())
          return ctx.approve('ship')
        }),
      ],
    })
    await start('flow')
    await door.started
    expect(await runs.signal('r', 'ship', 'approve', { answers: false })).toEqual({ status: 'kept' })
    door.release()
    await until(async () => (await runs.get('r')).status === 'waiting')
    expect((await runs.get('r')).steps.ship).toMatchObject({ status: 'waiting' })
    await runs.signal('r', 'ship', { action: 'reject', reason: 'no' })
    expect((await ended()).outputs.result).toEqual({ action: 'reject', reason: 'no' })
  })

  it('throws a TimeoutError when nobody answers in time', async () => {
    const { document } = await runOf(async (ctx) =>
      ctx.approve('ship', { timeout: 20 }).catch((error: Error) => error.name),
    )
    expect(document.outputs).toEqual({ result: 'TimeoutError' })
  })
})

describe('calls', () => {
  const counter = defineActor({
    kind: 'counter',
    message: z.object({ add: z.number() }),
    initial: () => ({ total: 0 }),
    receive: (state, { add }) => ({ state: { total: state.total + add }, reply: state.total + add }),
  })
  const double = defineTool({
    name: 'double',
    description: 'Doubles',
    input: z.object({ n: z.number() }),
    effect: 'pure',
    execute: ({ n }) => n * 2,
  })
  const child = defineWorkflow({
    name: 'child',
    input: z.object({ n: z.number().default(5) }),
    async run(ctx, { n }) {
      if (n < 0) throw new Error('below zero')
      return (await ctx.step('inner', () => n)) + 1
    },
  })

  it('reaches workflows, tools, actors and models', async () => {
    const workflow = flow(async (ctx) => ({
      child: await ctx.call(child, {}),
      failed: await ctx.call(child, { n: -1 }).catch((error: Error) => error.message),
      tool: await ctx.call(double, { n: 21 }),
      actor: await ctx.call({ kind: 'counter', key: 'k' }, { add: 2 }),
      text: await ctx.generate('say', { prompt: 'Say {{ hello }}.', model: 'lab/one' }),
      object: await ctx.generate('form', { prompt: 'Give x.', model: 'lab/one', schema: z.object({ x: z.number() }) }),
      started: await ctx.start(child, { n: 1 }, { id: 'apart' }),
    }))
    const owns = [{ kind: 'counter', stays: 'it counts' }]
    const model = scriptedModel([{ reply: 'hello', times: 1 }, { reply: '{"x": 4}' }])
    const { ended, start, runs } = await openRuns({
      workflows: [workflow, child],
      tools: [double],
      actors: [counter],
      owns,
      models: { 'lab/one': model },
    })
    await start('flow')
    const document = await ended()
    expect(document).toMatchObject({
      error: null,
      outputs: { result: { child: 6, failed: 'below zero', tool: 42, actor: 2, started: { id: 'apart' } } },
    })
    expect((await ended('apart')).outputs).toEqual({ result: 2 })
    expect((await runs.get('r.child')).status).toBe('completed')
  })
})

describe('the end', () => {
  const undoing = (log: string[], more = {}) =>
    flow(async (ctx, { fails }: never) => {
      try {
        await ctx.step('first', () => 1, { undo: (result) => void log.push(`undo first ${result}`) })
        await ctx.step('second', () => 2, { undo: (result) => void log.push(`undo second ${result}`) })
        await ctx.step('third', () => 3)
        if (fails) throw new Error('wrong')
        await ctx.signal('go')
      } finally {
        await ctx.step('clean', () => void log.push('clean')).catch(() => log.push('not clean'))
      }
    }, more)

  it('undoes completed steps, the newest first, when a run fails that says so', async () => {
    const log: string[] = []
    const { start, ended } = await openRuns({ workflows: [undoing(log, { onFailure: 'undo' })] })
    await start('flow', { fails: true })
    expect(await ended()).toMatchObject({
      status: 'failed',
      error: 'wrong',
      steps: { first: { undone: true }, second: { undone: true } },
    })
    expect(log).toEqual(['clean', 'undo second 2', 'undo first 1'])
  })

  it('a cancelled run cleans up, and undoes its steps if that was asked for', async () => {
    for (const undo of [false, true]) {
      const log: string[] = []
      const { start, runs, ended } = await openRuns({ workflows: [undoing(log)] })
      await start('flow', { fails: false })
      await until(async () => (await runs.get('r')).steps['wait-go'])
      await runs.cancel('r', 'enough', { undo })
      expect(await ended()).toMatchObject({ status: 'cancelled', error: 'enough' })
      expect(log).toEqual(undo ? ['clean', 'undo second 2', 'undo first 1'] : ['clean'])
    }
  })

  it('a cancelled run may ask a person while it cleans up', async () => {
    const decided: unknown[] = []
    const { start, runs, ended } = await openRuns({
      workflows: [
        flow(async (ctx) => {
          try {
            await ctx.signal('go')
          } finally {
            decided.push(await ctx.approve('refund'), await ctx.signal('account'))
          }
        }),
      ],
    })
    await start('flow')
    await until(async () => (await runs.get('r')).steps['wait-go'])
    await runs.cancel('r', 'enough')
    await until(async () => (await runs.get('r')).steps.refund)
    await runs.signal('r', 'refund', 'approve')
    expect(await runs.signal('r', 'account', 7)).toMatchObject({ status: expect.stringMatching(/taken|kept/) })
    expect(await ended()).toMatchObject({ status: 'cancelled', error: 'enough' })
    expect(decided).toEqual([{ action: 'approve' }, 7])
  })
})

describe('another process', () => {
  it('goes on where the first one was, and repeats no finished step', async () => {
    const made: string[] = []
    const make = () =>
      flow(async (ctx) => {
        const a = await ctx.step('a', () => made.push('a'))
        const go = await ctx.signal('go')
        const b = await ctx.step('b', () => made.push('b'))
        return { a, go, b, at: ctx.now() instanceof Date }
      })
    const folder = makeFolder()
    const first = await openRuns({ workflows: [make()] }, folder)
    await first.start('flow')
    await first.waits()
    await first.stop()
    const second = await openRuns({ workflows: [make()] }, folder)
    await second.runs.signal('r', 'go', 1)
    expect((await second.ended()).outputs).toEqual({ result: { a: 1, go: 1, b: 2, at: true } })
    expect(made).toEqual(['a', 'b'])
  })

  it('without the workflow it keeps what arrives, and goes on when a process has it', async () => {
    const make = () => flow(async (ctx) => [await ctx.signal('go'), await ctx.step('b', () => 'b')])
    const folder = makeFolder()
    const first = await openRuns({ workflows: [make()] }, folder)
    await first.start('flow')
    await first.waits()
    await first.stop()
    const second = await openRuns({ workflows: [] }, folder)
    expect(await second.runs.signal('r', 'go', 1)).toEqual({ status: 'taken' })
    const why = await until(async () => {
      const found = await second.runtime.inspector.why('run/r')
      return JSON.stringify(found).includes('does not have the workflow flow') ? found : undefined
    })
    expect(why).toBeDefined()
    expect((await second.runs.get('r')).status).toBe('waiting')
    expect(await second.runs.list()).toMatchObject([{ id: 'r', status: 'waiting' }])
    await second.stop()
    const third = await openRuns({ workflows: [make()] }, folder)
    expect((await third.ended()).outputs).toEqual({ result: [1, 'b'] })
  })

  it('with other code it stops before any effect, says where, and goes on with the old code', async () => {
    const made: string[] = []
    const make = (name: string) =>
      flow(async (ctx) => {
        await ctx.step(name, () => made.push(name))
        await ctx.signal('go')
        return ctx.step('end', () => made.push('end'))
      })
    const folder = makeFolder()
    const first = await openRuns({ workflows: [make('old')] }, folder)
    await first.start('flow')
    await first.waits()
    await first.stop()
    const notices: string[] = []
    const notice = (line: string) => void notices.push(line)
    const second = await openRuns({ workflows: [make('new')], notice }, folder)
    await second.runs.signal('r', 'go', 1)
    const why = await until(async () => {
      const found = await second.runtime.inspector.why('run/r')
      return JSON.stringify(found).includes('has changed') ? found : undefined
    })
    expect(await second.runs.list()).toMatchObject([{ id: 'r', status: 'waiting', waitsFor: 'code' }])
    expect(notices).toEqual([
      expect.stringMatching(/^The run r waits for other code\. The workflow flow has changed: .*why r$/),
    ])
    expect(JSON.stringify(why)).toMatch(/step `old` at workflows\.test\.ts:\d+, and the code now begins step `new`/)
    expect(made).toEqual(['old'])
    // a filter finds it among others, with the ways on
    await second.start('flow', {}, 'fits')
    await second.waits('fits')
    for (const more of [{}, { text: 'flow' }])
      expect(await second.runs.list({ ...more, waits: 'code', details: true })).toMatchObject([
        { id: 'r', details: { stands: { hint: expect.stringContaining("ctx.renamed('old', 'new')") } } },
      ])
    expect(await second.runtime.inspector.work()).toEqual({ person: 1, code: 1, others: 0, working: 0 })
    expect(await second.runtime.inspector.work({ owners: ['ann'] })).toMatchObject({ person: 0, code: 0 })
    await second.stop()
    const third = await openRuns({ workflows: [make('old')] }, folder)
    expect((await third.ended()).status).toBe('completed')
    expect(made).toEqual(['old', 'new', 'end'])
  })
})

test('a fork repeats a step and what follows; without one it reuses everything', async () => {
  const made: string[] = []
  const workflow = flow(async (ctx) => {
    const a = await ctx.step('a', () => made.push('a'))
    const b = await ctx.step('b', () => made.push('b'))
    return [a, b, await ctx.step('c', () => made.push('c'))]
  })
  const { start, ended, runs } = await openRuns({ workflows: [workflow] })
  await start('flow')
  await ended()
  await runs.fork('r', { at: 'b', id: 'again' })
  expect((await ended('again')).outputs).toEqual({ result: [1, 4, 5] })
  await runs.fork('r', { id: 'same' })
  expect((await ended('same')).outputs).toEqual({ result: [1, 2, 3] })
  expect(made).toEqual(['a', 'b', 'c', 'b', 'c'])
  await expect(runs.fork('r', { at: 'z' })).rejects.toMatchObject({ code: 'unknown_step' })
  await expect(runs.fork('r', { owner: 'ann' })).rejects.toMatchObject({ code: 'not_found' })
  await runs.start({ workflow: 'flow', input: {}, id: 'hers', owner: 'ann' })
  await expect(runs.fork('hers')).rejects.toMatchObject({ code: 'not_found' })
})

test('a fork has the random numbers of its source, so a reused step fits them', async () => {
  const workflow = flow(async (ctx) => {
    const id = ctx.uuid()
    return [await ctx.step('a', () => id), id, await ctx.step('b', () => 1)]
  })
  const { start, ended, runs } = await openRuns({ workflows: [workflow] })
  await start('flow')
  const first = (await ended()).outputs
  await runs.fork('r', { at: 'b', id: 'again' })
  expect((await ended('again')).outputs).toEqual(first)
})

test('more than one record or one cell holds fails the run, and says what to do', async () => {
  const many = await runOf((ctx) => Promise.all(Array.from({ length: 9000 }, () => ctx.step('n', () => 1))))
  expect(many.document).toMatchObject({
    status: 'failed',
    error_code: 'too_large',
    error_hint: expect.stringContaining('ctx.map'),
  })
  const asleep = await runOf((ctx) => Promise.all(Array.from({ length: 1001 }, () => ctx.sleep('1d'))))
  expect(asleep.document).toMatchObject({ status: 'failed', error: expect.stringContaining('sleep at once') })
  const large = await runOf(async (ctx) => ctx.event('big', 'x'.repeat(20_000)))
  expect(large.document.error).toBe('The event big has more than 16 KiB of data.')
})

test('wrong input is refused before anything starts', async () => {
  const workflow = defineWorkflow({ name: 'order', input: z.object({ id: z.string() }), run: async () => 1 })
  const { runs, runtime } = await openRuns({ workflows: [workflow] })
  await expect(runs.start({ workflow: 'ordr', input: {} })).rejects.toMatchObject({
    code: 'unknown_workflow',
    hint: expect.stringContaining('Did you mean order?'),
  })
  await expect(runs.start({ workflow: 'order', input: { id: 1 } })).rejects.toThrow(
    'input.id: expected a string, got a number',
  )
  expect(await runs.list()).toEqual([])
  expect(await runtime.workflows.list()).toEqual([
    { name: 'order', versions: [1], input: expect.objectContaining({ type: 'object', required: ['id'] }) },
  ])
  expect(() => defineWorkflow({ name: 'a b', input: ANY, run: async () => 1 })).toThrow('defineWorkflow: name')
  expect(() => defineWorkflow({ name: 'a', input: 3 as never, run: async () => 1 })).toThrow('defineWorkflow: input')
  await expect(openRuns({ workflows: [workflow, workflow] })).rejects.toThrow(
    'There are two workflows order of version 1.',
  )
})
