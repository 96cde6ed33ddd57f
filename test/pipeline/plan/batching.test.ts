import { describe, expect, test } from 'vitest'
import type { Engine } from '../../../src/engine/engine.ts'
import { inlineDisk } from '../../../src/engine/inline/disk.ts'
import { TerminalError } from '../../../src/errors.ts'
import { type BatchPolicy, sequenceFrom } from '../../../src/pipeline/plan/batching.ts'
import type { CompiledPipeline, CompiledStep } from '../../../src/pipeline/plan/compiled.ts'
import { instanceId } from '../../../src/pipeline/plan/instance.ts'
import type { RunState } from '../../../src/pipeline/plan/run-state.ts'
import type { ValueStore } from '../../../src/step/values.ts'
import { until } from '../../../src/testing/index.ts'
import { graphOf } from '../graph.ts'
import { type Calls, type Fact, gate, memoryValues, openWorkshop, tool } from '../workshop.ts'

const idsFrom = (pipeline: CompiledPipeline, node: string, ...indices: number[]) =>
  sequenceFrom(pipeline, { node, indices }).map(instanceId)

describe('a sequence', () => {
  test('is a row of steps that wait for the one before alone', () => {
    const pipeline = graphOf({ a: {}, b: { needs: ['a'] }, c: { needs: ['b'] } })
    expect(idsFrom(pipeline, 'a')).toEqual(['a', 'b', 'c'])
    expect(idsFrom(pipeline, 'c')).toEqual(['c'])
  })

  test('ends where a graph parts or joins', () => {
    const sketch = { a: {}, b: { needs: ['a'] }, c: { needs: ['b'] }, d: { needs: ['b'] }, e: { needs: ['c', 'd'] } }
    expect(idsFrom(graphOf(sketch), 'a')).toEqual(['a', 'b'])
    expect(idsFrom(graphOf(sketch), 'c')).toEqual(['c'])
  })

  test('stays within one iteration, and ends before a loop', () => {
    const body = { one: [], two: ['one'] }
    const pipeline = graphOf({ before: {}, each: { needs: ['before'], loop: { maxParallel: 1, body } } })
    expect(idsFrom(pipeline, 'before')).toEqual(['before'])
    expect(idsFrom(pipeline, 'each.one', 4)).toEqual(['each_4_one', 'each_4_two'])
  })

  test('has sixteen steps at most', () => {
    const sketch = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`s${n}`, { needs: n ? [`s${n - 1}`] : [] }]),
    )
    expect(idsFrom(graphOf(sketch), 's0')).toHaveLength(16)
  })

  test('ends after a step whose failure is passed over', () => {
    const pipeline = graphOf({ a: {}, b: { needs: ['a'], onFailure: 'continue' }, c: { needs: ['b'] } })
    expect(idsFrom(pipeline, 'a')).toEqual(['a', 'b'])
  })

  test.each<Partial<CompiledStep>>([
    { policy: { effect: 'pure', attempts: 1, retryReported: true } },
    { policy: { effect: 'pure', attempts: 7 } },
    { work: { type: 'chain', parameters: {} } },
  ])('ends before a step that is %o', (different) => {
    const { steps, ...graph } = graphOf({ a: {}, b: { needs: ['a'] } })
    expect(idsFrom({ ...graph, steps: { ...steps, b: { ...steps.b!, ...different } } }, 'a')).toEqual(['a'])
  })
})

const LINE = `
name: line
steps:
  - { id: one, tool: work, parameters: { v: 1 } }
  - { id: two, tool: work, parameters: { v: "{{ one.v + 1 }}" } }
  - { id: three, tool: work, parameters: { v: "{{ two.v + 1 }}" } }
outputs: { o: "{{ three.v }}" }`

const WIDE = `
name: wide
steps:
  - { id: one, tool: work, parameters: { v: 1 } }
  - { id: two, tool: work, parameters: { v: 2 } }
  - { id: three, tool: work, parameters: { v: 3 } }
outputs: { o: "{{ [one.v, two.v, three.v] }}" }`

type Act = Parameters<typeof tool>[1]

/** A workshop whose tool `work` has been seen to be quick; time stands still in it but for what is added to `clock`. */
async function warmWorkshop(
  act: Act = ({ v }) => ({ v: v! }),
  {
    values = memoryValues(),
    clock = { ms: 0 },
    batches = 'fast',
  }: { readonly values?: ValueStore; readonly clock?: { ms: number }; readonly batches?: BatchPolicy } = {},
) {
  const calls: Calls = []
  const disk = inlineDisk()
  let warm = false
  const work = tool('work', (input, context) => (warm ? act(input, context) : { v: input.v! }), 'idempotent', calls)
  const shop = openWorkshop({ disk, values, tools: [work], calls, services: { elapsed: () => clock.ms, batches } })
  await shop.start(LINE, {}, 'warm-up')
  const first = await shop.events('warm-up')
  warm = true
  calls.length = 0
  return { ...shop, first }
}

/** The messages that each step's turn was started by, as its idempotency keys tell. */
const turnsOf = (calls: Calls) => new Set(calls.map(({ key }) => key.split('/')[0])).size

async function partsOf({ view }: Engine, key: string) {
  const steps: unknown[] = []
  for await (const [name, part] of view.parts({ kind: 'run', key }, { prefix: 'step/' })) {
    const { status, attempts, result } = part as { [field: string]: { inline: { [field: string]: unknown } } }
    steps.push([name, status, attempts, { ...result?.inline, duration: 0 }])
  }
  return steps
}
const shapeOf = (events: readonly Fact[]) => events.map(({ type, step, status }) => ({ type, step, status }))

describe('without batches', () => {
  test('each step of a row has a turn of its own, with the same results', async () => {
    const { start, events, calls, first, engine } = await warmWorkshop(undefined, { batches: 'oneByOne' })
    await start(LINE)
    expect(shapeOf(await events('run_1'))).toEqual(shapeOf(first))
    expect(turnsOf(calls)).toBe(3)
    expect(await partsOf(engine, 'run_1')).toEqual(await partsOf(engine, 'warm-up'))
  })

  test('steps that start together have turns of their own, with the same results', async () => {
    const turns: { [policy: string]: number } = {}
    const ends: unknown[] = []
    for (const batches of ['fast', 'oneByOne'] as const) {
      const { start, events, calls } = await warmWorkshop(undefined, { batches })
      await start(WIDE)
      const seen = await events('run_1')
      turns[batches] = turnsOf(calls)
      ends.push([
        shapeOf(seen)
          .map(({ type, step }) => `${type} ${step}`)
          .toSorted(),
        seen.at(-1)?.outputs,
      ])
    }
    expect(turns).toEqual({ fast: 1, oneByOne: 3 })
    expect(ends[0]).toEqual(ends[1])
  })
})

describe('steps in a row', () => {
  test('are done in one turn once their tool is known to be quick; nobody sees a difference', async () => {
    const { start, events, calls, first, engine } = await warmWorkshop()
    await start(LINE)
    const seen = await events('run_1')
    expect(shapeOf(seen)).toEqual(shapeOf(first))
    expect(seen.at(-1)).toMatchObject({ status: 'completed', done: 3, outputs: { inline: { o: 3 } } })
    expect(turnsOf(calls)).toBe(1)
    expect(new Set(calls.map(({ key }) => key)).size).toBe(3)
    expect(await partsOf(engine, 'run_1')).toEqual(await partsOf(engine, 'warm-up'))
  })

  test('each has its own when the tool was not seen before, or was slow', async () => {
    const { start, events, calls } = await warmWorkshop()
    await start(LINE.replace('two, tool: work', 'two, tool: say'))
    await events('run_1')
    expect(turnsOf(calls)).toBe(2)

    const clock = { ms: 0 }
    const slowly = ({ v }: { [name: string]: unknown }) => {
      clock.ms += 25
      return { v: v as number }
    }
    const slow = await warmWorkshop(slowly, { clock })
    await slow.start(LINE, {}, 'slow')
    await slow.events('slow')
    slow.calls.length = 0
    await slow.start(LINE, {}, 'again')
    await slow.events('again')
    expect(turnsOf(slow.calls)).toBe(3)
  })

  test('each has its own when the tool took long to fail', async () => {
    let isSlow = true
    const clock = { ms: 0 }
    const failing: Act = ({ v }) => {
      if (!isSlow) return { v: v! }
      clock.ms += 40
      return { success: false, error: 'no' }
    }
    const { start, events, calls } = await warmWorkshop(failing, { clock })
    await start(LINE)
    await events('run_1')
    isSlow = false
    calls.length = 0
    await start(LINE, {}, 'again')
    await events('again')
    expect(turnsOf(calls)).toBe(3)
  })

  test('a failure ends the turn, and what waits for it does not run', async () => {
    const { start, events, calls } = await warmWorkshop(({ v }) =>
      v === 2 ? { success: false, error: 'no' } : { v: v! },
    )
    await start(LINE)
    expect((await events('run_1')).at(-1)).toMatchObject({
      status: 'failed',
      done: 1,
      failed: 1,
      skipped: 1,
      problem: { step: 'two' },
    })
    expect(calls.map(({ input }) => input)).toEqual([{ v: 1 }, { v: 2 }])
  })

  test('a step is tried again within its turn, and those before it are not', async () => {
    let failures = 0
    const { start, events, calls } = await warmWorkshop(({ v }) => {
      if (v === 2 && failures++ === 0) throw new Error('once')
      return { v: v! }
    })
    await start(LINE)
    expect((await events('run_1')).at(-1)).toMatchObject({ status: 'completed', done: 3 })
    expect(calls.map(({ input }) => (input as { v: number }).v)).toEqual([1, 2, 2, 3])
  })

  test('none is done again when their ends do not reach a run that passes over a failure of the first', async () => {
    const values = memoryValues()
    let isDamaged = false
    const get = async (hash: string) => {
      if (!isDamaged) return values.get(hash)
      isDamaged = false
      throw new TerminalError('the blob is damaged')
    }
    const { start, calls, engine } = await warmWorkshop(
      ({ v }) => {
        isDamaged = v === 3
        return { v: v! }
      },
      { values: { ...values, get } },
    )
    await start(`name: passing
steps:
  - { id: one, tool: work, parameters: { v: 1 }, on_failure: continue }
  - { id: two, tool: work, parameters: { v: 2 }, dependencies: [one] }
  - { id: three, tool: work, parameters: { v: 3 }, dependencies: [two] }`)
    const run = { kind: 'run', key: 'run_1' }
    await until(async () => ((await engine.view.peek(run)) as RunState | undefined)?.finishedAt)
    expect(calls.map(({ input }) => (input as { v: number }).v)).toEqual([1, 2, 3])
  })

  test('after a cancel in the middle none of them continues, and the run ends', async () => {
    const held = gate()
    const told = Promise.withResolvers<void>()
    const { start, events, calls, engine } = await warmWorkshop(async ({ v }, { signal }) => {
      signal.addEventListener('abort', () => told.resolve())
      if (v === 2) await held.arrive()
      return { v: v! }
    })
    await start(LINE)
    await held.reached
    await engine.cancel({ kind: 'run', key: 'run_1' }, 'run_1', 'enough')
    await told.promise
    held.release()
    expect((await events('run_1')).at(-1)).toMatchObject({ status: 'cancelled' })
    expect(calls).toHaveLength(2)
  })

  test('beside others that may fail, nobody goes on: after a failure nothing more starts', async () => {
    const side = `${LINE.replace('outputs', '  - { id: side, tool: work, parameters: { v: 9 } }\noutputs')}`
    const { start, events, calls } = await warmWorkshop(({ v }) =>
      v === 9 ? { success: false, error: 'no' } : { v: v! },
    )
    await start(side)
    await events('run_1')
    expect(calls.map(({ input }) => input)).toEqual([{ v: 1 }, { v: 9 }])
  })
})

test('a process that dies in the middle of a sequence leaves what was done, and the next goes on there', async () => {
  const disk = inlineDisk()
  const values = memoryValues()
  const death = gate()
  const done: number[] = []
  let dying = false
  const work = tool('work', async ({ v }) => {
    if (dying && v === 3) await death.arrive()
    done.push(v as number)
    return { v: v! }
  })
  // no time passes: however slow the machine, all is quick
  const services = { elapsed: () => 0 }
  const first = openWorkshop({ disk, values, tools: [work], services })
  await first.start(LINE, {}, 'warm-up')
  await first.events('warm-up')
  dying = true
  done.length = 0
  await first.start(LINE)
  await death.reached

  const calls: Calls = []
  const second = openWorkshop({ disk, values, tools: [tool('work', ({ v }) => ({ v: v! }), 'idempotent', calls)] })
  await second.engine.start()
  expect((await second.events('run_1')).at(-1)).toMatchObject({ status: 'completed', outputs: { inline: { o: 3 } } })
  expect(done).toEqual([1, 2])
  expect(calls.map(({ input }) => input)).toEqual([{ v: 3 }])
})

test('a run is degraded by any step of a sequence, not by the last alone', async () => {
  const { start, events, run } = openWorkshop({
    // a step that was quick before shares a turn with the next one
    services: { elapsed: () => 0 },
    async generate({ model }) {
      if (model === 'lab/bad') throw new TerminalError('out of order', { code: 'model_rejected' })
      return { text: 'said', citations: [], usage: { input: 1, output: 1 }, model: model! }
    },
  })
  const text = `
name: x
steps:
  - { id: a, action: generate, parameters: { prompt: Go, models: [lab/bad, lab/good] } }
  - { id: b, tool: say, parameters: { v: "{{ a.result }}" } }
outputs: { o: "{{ b.v }}" }`
  await start(text, {}, 'warm-up')
  await events('warm-up')
  expect(await run(text)).toMatchObject({ success: true, degraded: true, outputs: { o: 'said' } })
})
