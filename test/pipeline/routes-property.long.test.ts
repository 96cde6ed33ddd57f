import { describe, expect, test } from 'vitest'
import { compileText } from '../../src/pipeline/language/compile.ts'
import type { CompiledPipeline } from '../../src/pipeline/plan/compiled.ts'
import { instanceId, instanceOfNode, isLoop, parseInstance } from '../../src/pipeline/plan/instance.ts'
import type { StepStrategy } from '../../src/pipeline/plan/strategy.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { fc, runs } from '../property.ts'
import { type Ending, loopsOf, type Simulation, simulate } from './simulation.ts'
import { tool } from './workshop.ts'

const toolbox = createToolbox([tool('say', (input) => input, 'pure')])
const KEYS = ['goto', 'on_failure', 'on_false', 'on_failure: skip', 'on_failure: continue', '', ''] as const

type Row = {
  readonly needs: readonly number[]
  readonly key: (typeof KEYS)[number]
  readonly jump: number
  /** of a loop: its steps, and how many iterations may be in flight */
  readonly body?: readonly Row[] | undefined
  readonly wide: number
}

const none = fc.constant(undefined)
const rowsOf = (maxLength: number, body: fc.Arbitrary<readonly Row[] | undefined> = none) => {
  const row = fc.record({
    needs: fc.array(fc.nat(), { maxLength: 3 }),
    key: fc.constantFrom(...KEYS),
    jump: fc.nat({ max: 6 }),
    body: fc.oneof({ weight: 4, arbitrary: none }, { weight: 1, arbitrary: body }),
    wide: fc.integer({ min: 1, max: 3 }),
  })
  return fc.array(row, { minLength: 1, maxLength })
}
const inLoop = (body: readonly Row[]): readonly Row[] => [{ needs: [], key: '', jump: 0, body, wide: 2 }]
const forever = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.infiniteStream(arbitrary).map((stream) => () => stream.next().value!)

/** Steps that wait for some before them, with ways to some behind them. */
function linesOf(steps: readonly Row[], prefix: string): readonly string[] {
  const id = (n: number) => `${prefix}${n}`
  return steps.map(({ needs, key, jump, body, wide }, index) => {
    const waits = index === 0 ? [] : [...new Set(needs.map((n) => id(n % index)))]
    const to = Math.min(steps.length - 1, index + 1 + jump)
    const way = key.includes(':') ? key : key === '' || to === index ? '' : `${key}: ${id(to)}`
    const condition = key === 'on_false' ? ', condition: "true"' : ''
    const loop = body && `for_each: [1], max_parallel: ${wide}, steps: [${linesOf(body, `${id(index)}x`)}]`
    return `{ id: ${id(index)}, ${loop ?? 'tool: say'}, dependencies: [${waits}]${condition}${way && `, ${way}`} }`
  })
}

function pipelineOf(lines: readonly string[], strategy = 'parallel'): CompiledPipeline {
  const { pipeline, findings } = compileText(`name: x\nstrategy: ${strategy}\nsteps: [${lines}]`, {
    file: 'x.yaml',
    toolbox,
  })
  if (!pipeline) throw new Error(JSON.stringify(findings))
  return pipeline
}

const problem = { code: 'tool_error', name: 'TerminalError', message: 'broken' }
const isLoopOf = (pipeline: CompiledPipeline, id: string) => isLoop(pipeline, parseInstance(pipeline, id)!.node)

describe.each([
  ['the graph', rowsOf(25)],
  ['the graph by a strategy of the program', rowsOf(25), 'own'],
  ['the body of a loop', rowsOf(25).map(inLoop)],
  ['loops in loops', rowsOf(14, rowsOf(6, rowsOf(5)))],
  ['loops by a strategy of the program', rowsOf(14, rowsOf(6)), 'own'],
] as const)('any routes in %s, any order of endings', (_where, rows, strategy: string = 'parallel') => {
  test('each step ends once, after all it waits for; what only a route leads to runs only then; the run ends', () => {
    const fates = forever(fc.constantFrom('completed', 'completed', 'completed', 'failed', 'skipped'))
    const picks = forever(fc.nat()).map((next) => (length: number) => next() % length)
    const lengths = forever(fc.nat({ max: 3 }))
    fc.assert(
      fc.property(rows, picks, fates, lengths, forever(fc.boolean()), (steps, pick, fate, length, whim) => {
        const pipeline = pipelineOf(linesOf(steps, 's'), strategy)
        const end: Ending = (id, turn) => {
          if (turn !== undefined) return {}
          const status = fate() as 'completed' | 'failed' | 'skipped'
          if (status === 'completed') return isLoopOf(pipeline, id) ? { loop: { length: length() } } : {}
          return { status, ...(status === 'failed' ? { problem } : { reason: 'condition_false' }) }
        }
        const own: StepStrategy = (given) => {
          checkAsked(pipeline, given)
          const some = given.ready.filter(whim).map(({ id }) => id)
          return some.length > 0 || given.running.length > 0 ? some : [given.ready[pick(given.ready.length)]!.id]
        }
        const world = simulate(pipeline, end, pick, whim, 'fast', {}, { own })
        expectRest(world)
        expectNothingAfterFailure(world)
        check(pipeline, world.events as unknown as readonly Fact[])
      }),
      runs(120),
    )
  })
})

/** A strategy gets steps of the graph, each in one list. */
function checkAsked({ steps }: CompiledPipeline, { ready, running }: Parameters<StepStrategy>[0]): void {
  const all = [...ready, ...running].map(({ id }) => id)
  expect(new Set(all).size).toBe(all.length)
  expect(all.filter((id) => !Object.hasOwn(steps, id) || id.includes('.'))).toEqual([])
}

function expectRest(world: Simulation): void {
  const { run, turns } = world
  expect(['completed', 'failed']).toContain(run.status)
  expect(run.done + run.failed + run.skipped).toBe(run.total)
  expect(run).toMatchObject({ inFlight: [], iterations: 0 })
  expect(loopsOf(world)).toEqual([])
  if (run.status === 'completed') expect(run.left).toBe(0)
  const asked = turns.flatMap(({ starts }) =>
    starts.flatMap(({ id, iteration }) => (iteration === undefined ? [] : [`${id} ${iteration}`])),
  )
  expect(asked).toEqual([...new Set(asked)])
}

function expectNothingAfterFailure({ turns }: Simulation): void {
  const first = turns.findIndex(({ run }) => run.problem)
  const after = first < 0 ? [] : turns.slice(first).flatMap(({ starts }) => starts)
  expect(after.filter(({ deferred }) => !deferred)).toEqual([])
}

type Fact = { readonly type: string; readonly step: string; readonly status?: string; readonly reason?: string }

function check(pipeline: CompiledPipeline, events: readonly Fact[]): void {
  const started = new Set<string>()
  const ends = new Map<string, Fact>()
  for (const event of events) {
    if (event.type === 'step-end') {
      expect(ends.has(event.step), `${event.step} ends twice`).toBe(false)
      ends.set(event.step, event)
    }
    if (event.type !== 'step-start') continue
    started.add(event.step)
    const instance = parseInstance(pipeline, event.step)!
    const idOf = (node: string) => instanceId(instanceOfNode(instance, node))
    const { edges, routing } = pipeline.steps[instance.node]!
    expect(ends.has(event.step), `${event.step} starts after its end`).toBe(false)
    for (const need of edges.needs) expect([...ends.keys()], `before ${event.step}`).toContain(idOf(need))
    if (!routing?.onDemand) continue
    const led = edges.needs.some((need) => {
      const { status, reason } = ends.get(idOf(need))!
      return status === 'failed' || (status === 'skipped' && reason !== 'route' && reason !== 'not_reached')
    })
    expect(led, `${event.step} runs, and nothing led to it`).toBe(true)
  }
  expect([...started].filter((step) => !ends.has(step))).toEqual([])
}

describe('a route in the body of a loop', () => {
  const route = ['{ id: a, tool: say, goto: c }', '{ id: b, tool: say }', '{ id: c, tool: say }']
  const loops = (id: string, steps: readonly string[]) =>
    `{ id: ${id}, for_each: [1], max_parallel: 2, steps: [${steps}] }`

  test('that is on its way when a loop around it stops does not keep the run from its end', () => {
    const pipeline = pipelineOf([loops('each', [loops('inner', route)])])
    const end: Ending = (id, turn) => {
      if (id === 'each_1_inner') return { status: 'failed', problem }
      return isLoopOf(pipeline, id) && turn === undefined ? { loop: { length: id === 'each' ? 2 : 1 } } : {}
    }
    // the other iteration fails after the step with the route ended, and before that is followed
    const picks = [0, 0, 0, 1]
    const { run } = simulate(pipeline, end, () => picks.shift() ?? 0)
    expect(run).toMatchObject({ status: 'failed', problem: { step: 'each_1_inner' } })
  })

  test('that ends the last iteration lets its loop be asked once what now', () => {
    const detour = ['{ id: a, tool: say, on_failure: b }', '{ id: b, tool: say, dependencies: [a] }']
    const pipeline = pipelineOf([loops('each', detour)])
    const end: Ending = (id, turn) => (id === 'each' && turn === undefined ? { loop: { length: 1 } } : {})
    const { turns } = simulate(pipeline, end, (count) => count - 1)
    const asked = turns.flatMap(({ starts }) => starts.filter(({ iteration }) => iteration !== undefined))
    expect(asked).toMatchObject([{ id: 'each', iteration: 1 }])
  })
})
