import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { PRIORITIES, type Priority } from '../../../src/lib/priority.ts'
import { type Advance, advance } from '../../../src/pipeline/graph/advance.ts'
import { MAX_FANOUT } from '../../../src/pipeline/graph/fan-out.ts'
import { MAX_IN_FLIGHT } from '../../../src/pipeline/graph/window.ts'
import type { CompiledPipeline, CompiledStep } from '../../../src/pipeline/plan/compiled.ts'
import { instanceId, instanceOfNode, isLoop, parseInstance } from '../../../src/pipeline/plan/instance.ts'
import { NEW_RUN } from '../../../src/pipeline/plan/run-state.ts'
import { fc, runs } from '../../property.ts'
import { graphOf, type Node, type Sketch } from '../graph.ts'
import { type Ending, endOf, loopsOf, simulate } from '../simulation.ts'

const problem = { code: 'tool_error', name: 'TerminalError', message: 'broken' }
const succeed: Ending = () => ({})
const first = () => 0
const list = { inline: [] }
const withPriority = (step: CompiledStep, priority: Priority): CompiledStep => ({
  ...step,
  policy: { ...step.policy, priority },
})

/** Any acyclic graph: each step waits for some of those before it. */
const dags = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 40 })
  .map((rows) =>
    Object.fromEntries(
      rows.map((row, index) => [`s${index}`, { needs: index ? [...new Set(row.map((n) => `s${n % index}`))] : [] }]),
    ),
  )
/** Whether a turn goes on with the next step of its sequence. */
const whims = fc.infiniteStream(fc.boolean()).map((stream) => () => stream.next().value!)
/** Whether steps share turns. */
const policies = fc.constantFrom('fast' as const, 'oneByOne' as const)
const picks = fc.infiniteStream(fc.nat()).map((stream) => (length: number) => stream.next().value! % length)

describe('any graph, any order of endings', () => {
  test('every step starts once, after all it needs, within the window, and the run ends', () => {
    fc.assert(
      fc.property(dags, picks, whims, policies, fc.boolean(), (sketch, pick, whim, policy, outputs) => {
        const pipeline = graphOf(sketch, outputs)
        const starts: string[] = []
        const ended = new Set<string>()
        const goesOn = policy === 'fast' ? whim : () => false
        const world = simulate(pipeline, succeed, pick, goesOn, policy)
        if (policy === 'oneByOne')
          for (const start of world.turns.flatMap(({ starts }) => starts)) expect(Object.keys(start)).toEqual(['id'])
        for (const event of world.events as { type: string; step: string }[]) {
          if (event.type === 'step-end') ended.add(event.step)
          if (event.type !== 'step-start') continue
          starts.push(event.step)
          for (const need of pipeline.steps[event.step]!.edges.needs) expect(ended).toContain(need)
        }
        expect(starts.toSorted()).toEqual(Object.keys(sketch).toSorted())
        expect(world.peak).toBeLessThanOrEqual(MAX_IN_FLIGHT)
        expect(world.run).toMatchObject({ status: 'completed', left: 0, done: starts.length, inFlight: [] })
      }),
      runs(300),
    )
  })

  test('a run with any failures ends, and all steps are accounted for', () => {
    const fates = fc.infiniteStream(fc.constantFrom('completed', 'failed', 'skipped'))
    fc.assert(
      fc.property(dags, picks, whims, fates, fc.infiniteStream(fc.boolean()), (sketch, pick, whim, fate, tolerant) => {
        const policies = Object.entries(sketch).map(([id, node]) => [
          id,
          { ...node, onFailure: tolerant.next().value ? 'continue' : 'fail' } as const,
        ])
        const end: Ending = () => {
          const status = fate.next().value as 'completed' | 'failed' | 'skipped'
          return { status, ...(status === 'failed' && { problem }) }
        }
        const { run } = simulate(graphOf(Object.fromEntries(policies)), end, pick, whim)
        expect(['completed', 'failed']).toContain(run.status)
        expect(run.done + run.failed + run.skipped).toBe(run.total)
        expect(run.inFlight).toEqual([])
      }),
      runs(300),
    )
  })

  test('a loop keeps to its iterations in flight and runs each body step once, in the order of its graph', () => {
    const bodies = dags.filter((sketch) => Object.keys(sketch).length <= 6)
    fc.assert(
      fc.property(
        bodies,
        fc.nat({ max: 60 }),
        fc.integer({ min: 1, max: 12 }),
        picks,
        whims,
        (sketch, length, maxParallel, pick, whim) => {
          const body = Object.fromEntries(Object.entries(sketch).map(([child, { needs }]) => [child, needs]))
          const pipeline = graphOf({
            before: {},
            each: { needs: ['before'], loop: { maxParallel, body } },
            after: { needs: ['each'] },
          })
          const world = simulate(
            pipeline,
            (id, turn) => (id === 'each' && turn === undefined ? { loop: { list, length } } : {}),
            pick,
            whim,
          )
          const size = Object.keys(body).length
          expect(world.run).toMatchObject({
            status: 'completed',
            total: 3 + size * length,
            done: 3 + size * length,
            iterations: 0,
          })
          expect(new Set(world.started).size).toBe(world.started.length)
          expect(world.ended.size).toBe(3 + size * length)
          expect(loopsOf(world)).toEqual([])
          for (const { run } of world.turns) expect(run.iterations).toBeLessThanOrEqual(maxParallel)
          expectOrder(pipeline, world.events as { type: string; step: string }[])
        },
      ),
      runs(150),
    )
  })
})

const small = dags.filter((sketch) => Object.keys(sketch).length <= 3)

/** Any body: an acyclic graph whose steps may be loops themselves. */
const bodies: fc.Arbitrary<Sketch> = fc.letrec<{ body: Sketch }>((tie) => ({
  body: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    small,
    fc
      .tuple(small, fc.nat(), fc.integer({ min: 1, max: 3 }), tie('body'))
      .map(([sketch, nth, maxParallel, body]) => withLoop(sketch, nth, { maxParallel, body })),
  ),
})).body

function withLoop(sketch: Sketch, nth: number, loop: NonNullable<Node['loop']>): Sketch {
  const ids = Object.keys(sketch)
  const id = ids[nth % ids.length]!
  return { ...sketch, [id]: { ...sketch[id], loop } }
}

describe('loops in loops', () => {
  const lengths = fc.infiniteStream(fc.nat({ max: 4 }))
  const opening = (pipeline: CompiledPipeline, length: () => number): Ending => {
    return (id, turn) => {
      const loops = isLoop(pipeline, parseInstance(pipeline, id)!.node)
      return loops && turn === undefined ? { loop: { list, length: length() } } : {}
    }
  }

  test('each step starts once, after all it needs of its own iteration, and the run forgets what it counted', () => {
    fc.assert(
      fc.property(bodies, lengths, picks, whims, (sketch, length, pick, whim) => {
        const pipeline = graphOf(sketch)
        const world = simulate(
          pipeline,
          opening(pipeline, () => length.next().value!),
          pick,
          whim,
        )
        expect(world.run).toMatchObject({ status: 'completed', left: 0, iterations: 0, inFlight: [] })
        expect(world.run.done).toBe(world.run.total)
        expect(world.ended.size).toBe(world.run.total)
        expect(new Set(world.started).size).toBe(world.started.length)
        expect(loopsOf(world)).toEqual([])
        for (const { run } of world.turns) expect(JSON.stringify(run).length).toBeLessThan(500)
        expectNestedOrder(pipeline, world.events as { type: string; step: string }[])
      }),
      runs(150),
    )
  })

  test('a run with any failures ends, all steps are accounted for, and nothing starts in a loop that stopped', () => {
    const fates = fc.infiniteStream(fc.constantFrom('completed', 'completed', 'completed', 'failed', 'skipped'))
    fc.assert(
      fc.property(bodies, lengths, fates, picks, whims, (sketch, length, fate, pick, whim) => {
        const pipeline = graphOf(sketch)
        const open = opening(pipeline, () => length.next().value!)
        const end: Ending = (id, turn) => {
          const opened = open(id, turn)
          const status = opened.loop ? 'completed' : (fate.next().value as 'completed' | 'failed' | 'skipped')
          return { ...opened, status, ...(status === 'failed' && { problem }) }
        }
        const world = simulate(pipeline, end, pick, whim)
        const { status, done, failed, skipped, total, iterations } = world.run
        expect(status).toBe(failed > 0 ? 'failed' : 'completed')
        expect(done + failed + skipped).toBe(total)
        expect(iterations).toBe(0)
        expect(loopsOf(world)).toEqual([])
      }),
      runs(150),
    )
  })
})

function expectNestedOrder(pipeline: CompiledPipeline, events: readonly { type: string; step: string }[]): void {
  const ended = new Set<string>()
  for (const { type, step } of events) {
    if (type === 'step-end') ended.add(step)
    if (type !== 'step-start') continue
    const instance = parseInstance(pipeline, step)!
    for (const need of pipeline.steps[instance.node]!.edges.needs)
      expect(ended).toContain(instanceId(instanceOfNode(instance, need)))
  }
}

function expectOrder(pipeline: CompiledPipeline, events: readonly { type: string; step: string }[]): void {
  const ended = new Set<string>()
  for (const { type, step } of events) {
    if (type === 'step-end') ended.add(step)
    const [, index, child] = /^each_(\d+)_(.*)$/.exec(step) ?? []
    if (type !== 'step-start' || child === undefined) continue
    for (const need of pipeline.steps[`each.${child}`]!.edges.needs)
      expect(ended).toContain(need.replace('.', `_${index}_`))
  }
}

describe('fan-out', () => {
  const wide = (count: number) =>
    graphOf({
      root: {},
      ...Object.fromEntries(Array.from({ length: count }, (_, n) => [`d${n}`, { needs: ['root'] }])),
    })

  test('300 dependents are released in turns of at most 256, and all run', () => {
    const world = simulate(wide(300), succeed, first)
    expect(world.run).toMatchObject({ status: 'completed', done: 301 })
    expect(world.turns.filter(({ selfMessages }) => selfMessages.length > 0)).toHaveLength(1)
    for (const { parts } of world.turns) expect(Object.keys(parts).length).toBeLessThanOrEqual(MAX_FANOUT + 3)
  })

  test('300 roots are started through the window', () => {
    const pipeline = graphOf(Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`r${n}`, {}])))
    expect(simulate(pipeline, succeed, first).run).toMatchObject({ status: 'completed', done: 300 })
  })

  test('a step that becomes ready while others wait queues after them, and the window holds', () => {
    const roots = Array.from({ length: MAX_IN_FLIGHT + 2 }, (_, n) => [`r${n}`, {}])
    const leaves = Array.from({ length: MAX_IN_FLIGHT + 2 }, (_, n) => [`l${n}`, { needs: [`r${n}`] }])
    const world = simulate(graphOf(Object.fromEntries([...roots, ...leaves])), succeed, first)
    expect(world.peak).toBe(MAX_IN_FLIGHT)
    expect(world.started.slice(0, MAX_IN_FLIGHT + 3)).toEqual([...roots.map(([id]) => id), 'l0'])
  })

  test('waiting steps start in the order in which they became ready', () => {
    const world = simulate(wide(40), succeed, first)
    expect(world.started).toEqual(['root', ...Array.from({ length: 40 }, (_, n) => `d${n}`)])
  })

  test('steps that wait start by their priority, also those that become ready in a later turn', () => {
    const low = Array.from({ length: 300 }, (_, n) => [`low${n}`, {}])
    const leaves = { high: ['critical'], low: ['critical'], normal: ['critical'] }
    const graph = graphOf({ ...Object.fromEntries(low), critical: {}, ...leaves })
    const named = (node: string) => PRIORITIES.find((one) => node.startsWith(one))!
    const steps = Object.entries(graph.steps).map(([node, step]) => [node, withPriority(step, named(node))] as const)
    const { started, run } = simulate({ ...graph, ranked: true, steps: Object.fromEntries(steps) }, succeed, first)
    expect(run).toMatchObject({ status: 'completed', done: 304 })
    const urgent = ['critical', 'high', 'normal'].map((id) => started.indexOf(id))
    expect(urgent).toEqual(urgent.toSorted((one, other) => one - other))
    expect(urgent.at(-1)).toBeLessThan(3 * MAX_IN_FLIGHT)
    expect(started.at(-1)).toBe('low')
  })

  test('a step without a priority has that of the caller', () => {
    const roots = Array.from({ length: 40 }, (_, n) => [`r${n}`, {}])
    const graph = graphOf({ ...Object.fromEntries(roots), high: {} })
    const steps = { ...graph.steps, high: withPriority(graph.steps.high!, 'high') }
    const { started } = simulate({ ...graph, ranked: true, steps }, succeed, first, () => false, 'fast', {
      priority: 'critical',
    })
    expect(started.at(-1)).toBe('high')
  })

  test('a run with fewer steps in flight fills its window at the next end', () => {
    const ids = Array.from({ length: 50 }, (_, n) => `d${n}`)
    const run = { ...NEW_RUN, status: 'running', total: 51, left: 50, done: 1, inFlight: ids.slice(0, 10) } as const
    const given = { 'queue/0': ids.slice(10), ...Object.fromEntries(ids.map((id) => [`step/${id}`, undefined])) }
    const event = endOf('d0', {})
    const { starts: start, ...next } = advance(
      wide(50),
      { ...run, queue: { head: 0, offset: 0, tail: 1 } },
      given,
      event,
      0,
    )
    expect(next.run.inFlight).toEqual(ids.slice(1, 1 + MAX_IN_FLIGHT))
    expect(start.flatMap(({ id, members = [] }) => [id, ...members])).toEqual(ids.slice(10, 1 + MAX_IN_FLIGHT))
  })

  test('a step that waits for a place stores only that its dependencies are done', () => {
    const queued = (needs: readonly string[]) => {
      const leaves = Object.fromEntries(Array.from({ length: MAX_IN_FLIGHT + 2 }, (_, n) => [`l${n}`, { needs }]))
      const { turns } = simulate(graphOf({ a: {}, b: {}, ...leaves }), succeed, first)
      const kept = turns.flatMap((turn) => Object.values(parts(turn)) as readonly { readonly status?: string }[])
      return kept.filter((part) => part?.status === 'queued').length
    }
    expect([queued(['a', 'b']), queued(['a'])]).toEqual([2, 0])
  })

  test('the cost of a step does not depend on the size of the graph', () => {
    const cost = (count: number) => {
      const { turns } = simulate(wide(count), succeed, first)
      const last = turns.slice(-30)
      return {
        parts: Math.max(...last.map(({ parts }) => Object.keys(parts).length)),
        cell: Math.max(...last.map(({ run }) => JSON.stringify(run).length)),
      }
    }
    expect(cost(4000).parts).toBe(cost(100).parts)
    // its numbers, and the ids of steps in flight, have more digits
    expect(cost(4000).cell).toBeLessThan(cost(100).cell + 3 * MAX_IN_FLIGHT)
  })
})

describe('loops', () => {
  const each = (maxParallel: number, body: { [child: string]: string[] }) =>
    graphOf({ each: { loop: { maxParallel, body } } })

  test('1000 iterations go through a window of 8', () => {
    const world = simulate(
      each(8, { a: [], b: ['a'] }),
      (id, turn) => (id === 'each' && turn === undefined ? { loop: { list, length: 1000 } } : {}),
      first,
    )
    expect(world.run).toMatchObject({ status: 'completed', done: 2001 })
    expect(world.peak).toBe(8)
    for (const { run } of world.turns) expect(JSON.stringify(run).length).toBeLessThan(600)
  })

  test('a thousand at once are started over several turns of at most 256 messages', () => {
    const world = simulate(
      each(1000, { a: [] }),
      (id, turn) => (id === 'each' && turn === undefined ? { loop: { list, length: 1000 } } : {}),
      (n) => n - 1,
    )
    expect(world.run).toMatchObject({ status: 'completed', done: 1001 })
    for (const { starts, selfMessages, run, parts } of world.turns) {
      expect(starts.length + selfMessages.length).toBeLessThanOrEqual(256)
      expect(JSON.stringify(run).length).toBeLessThan(500)
      expect(JSON.stringify(parts['loop/each'] ?? null).length).toBeLessThan(10_000)
    }
    expect(world.peak).toBeGreaterThan(900)
  })

  test('several loops have at most a thousand iterations in flight together, and none is starved', () => {
    const body = { loop: { maxParallel: 1000, body: { a: [] } } }
    const pipeline = graphOf({ one: body, two: body, three: body })
    const end: Ending = (id, turn) => (id.includes('_') || turn !== undefined ? {} : { loop: { list, length: 700 } })
    const world = simulate(pipeline, end, first)
    expect(world.run).toMatchObject({ status: 'completed', done: 2103 })
    for (const { run } of world.turns) {
      expect(run.iterations).toBeLessThanOrEqual(1002)
    }
    expect(world.peak).toBeGreaterThan(900)
  })

  test('an empty list ends at once', () => {
    const world = simulate(
      each(1, { a: [] }),
      (id, turn) => (id === 'each' && turn === undefined ? { loop: { list, length: 0 } } : {}),
      first,
    )
    expect(world.run).toMatchObject({ status: 'completed', done: 1, total: 1 })
  })

  test('a failed body step stops its loop after what is in flight, and names itself', () => {
    const pipeline = graphOf({
      each: { loop: { maxParallel: 3, body: { a: [], b: ['a'] } } },
      after: { needs: ['each'] },
    })
    const end: Ending = (id, turn) => {
      if (id === 'each' && turn === undefined) return { loop: { list, length: 20 } }
      return id === 'each_4_a' ? { status: 'failed', problem } : {}
    }
    const world = simulate(pipeline, end, first)
    expect(world.run).toMatchObject({ status: 'failed', failed: 2, problem: { step: 'each_4_a', code: 'tool_error' } })
    expect(world.started).not.toContain('each_9_a')
    expect(world.run.done + world.run.failed + world.run.skipped).toBe(world.run.total)
  })

  test('a loop that stops while it still has to release a fan-out comes to its end', () => {
    const many = Object.fromEntries(Array.from({ length: MAX_FANOUT }, (_, n) => [`d${n}`, ['root', 'last']]))
    const inner = { loop: { maxParallel: 1, body: { root: [], ...many, last: ['root'] } } }
    const pipeline = graphOf({ each: { loop: { maxParallel: 2, body: { inner } } } })
    const end: Ending = (id, turn) => {
      if (id === 'each_1_inner') return { status: 'failed', problem }
      return ['each', 'each_0_inner'].includes(id) && turn === undefined ? { loop: { list, length: 2 } } : {}
    }
    const failureBeforeFanOut = [0, 0, 0, 1]
    const { run } = simulate(pipeline, end, () => failureBeforeFanOut.shift() ?? 0)
    expect(run).toMatchObject({ status: 'failed', problem: { step: 'each_1_inner' } })
  })

  test('dependents go on after a failed loop that may fail', () => {
    const pipeline = graphOf({
      each: { onFailure: 'continue', loop: { maxParallel: 1, body: { a: [] } } },
      after: { needs: ['each'] },
    })
    const end: Ending = (id, turn) => {
      if (id === 'each' && turn === undefined) return { loop: { list, length: 2 } }
      return id === 'each_0_a' ? { status: 'failed', problem } : {}
    }
    expect(simulate(pipeline, end, first)).toMatchObject({
      run: { status: 'completed', failed: 2, skipped: 1, done: 1 },
    })
  })
})

describe('failure', () => {
  test('nothing more is started, siblings finish, the rest is skipped', () => {
    const pipeline = graphOf({ bad: {}, good: {}, later: { needs: ['good'] }, last: { needs: ['bad'] } }, true)
    const world = simulate(pipeline, (id) => (id === 'bad' ? { status: 'failed', problem } : {}), first)
    expect(world.started).toEqual(['bad', 'good'])
    expect(world.events.at(-1)).toEqual({
      type: 'run-end',
      status: 'failed',
      success: false,
      problem: { ...problem, step: 'bad' },
      done: 1,
      failed: 1,
      skipped: 2,
    })
  })

  test('nothing starts after a step that failed for good, though one that may fail ended beside it', () => {
    const pipeline = graphOf({ may: { onFailure: 'continue' }, must: {}, after: { needs: ['may'] } })
    const world = simulate(
      pipeline,
      () => ({ status: 'failed', problem }),
      first,
      () => true,
    )
    expect(world.started).toEqual(['may', 'must'])
    expect(world.run).toMatchObject({ status: 'failed', failed: 2, skipped: 1, problem: { step: 'must' } })
  })

  test('starts nothing that waits in the queue, and nothing that a fan-out still has to release', () => {
    const wide = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`d${n}`, { needs: ['root'] }]))
    const failSecond: Ending = (id) => (id === 'd0' ? { status: 'failed', problem } : {})
    let turn = 0
    const failureBeforeFanOut = () => (turn++ === 3 ? 1 : 0)
    const { started, run, turns } = simulate(graphOf({ root: {}, ...wide }), failSecond, failureBeforeFanOut)
    expect(turns[4]).toMatchObject({ parts: {}, starts: [] })
    expect(started).toHaveLength(1 + MAX_IN_FLIGHT)
    expect(run).toMatchObject({ status: 'failed', failed: 1, done: MAX_IN_FLIGHT, skipped: 300 - MAX_IN_FLIGHT })
  })

  test('an end that comes twice counts once', () => {
    const pipeline = graphOf({ a: {}, b: { needs: ['a'] }, c: { needs: ['a', 'b'] } })
    const event = endOf('a', {})
    const begun = advance(pipeline, NEW_RUN, {}, { type: 'begin', start: {} }, 0)
    const once = advance(pipeline, begun.run, { ...NOTHING, ...parts(begun) }, event, 0)
    const twice = advance(pipeline, once.run, { ...NOTHING, ...parts(once) }, event, 0)
    expect(once.run.done).toBe(1)
    expect(twice).toEqual({ run: once.run, parts: {}, starts: [], selfMessages: [], events: [] })
  })
})

const NOTHING = { 'queue/0': undefined, 'step/b': undefined, 'step/c': undefined }
const parts = (turn: Advance) => turn.parts as { [name: string]: Json }
