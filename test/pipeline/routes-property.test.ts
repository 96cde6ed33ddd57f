import { describe, expect, test } from 'vitest'
import { compileText } from '../../src/pipeline/compile.ts'
import type { CompiledPipeline } from '../../src/pipeline/compiled.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { fc, runs } from '../property.ts'
import { type Ending, simulate } from './simulation.ts'
import { tool } from './workshop.ts'

const toolbox = createToolbox([tool('say', (input) => input, 'pure')])
const KEYS = ['goto', 'on_failure', 'on_false', 'on_failure: skip', 'on_failure: continue', ''] as const

type Row = { readonly needs: readonly number[]; readonly key: (typeof KEYS)[number]; readonly jump: number }
const rows = fc.array(
  fc.record({
    needs: fc.array(fc.nat(), { maxLength: 3 }),
    key: fc.constantFrom(...KEYS),
    jump: fc.nat({ max: 6 }),
  }),
  { minLength: 2, maxLength: 25 },
)
const forever = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.infiniteStream(arbitrary).map((stream) => () => stream.next().value!)

/** Steps that wait for some before them, with ways to some behind them. */
function pipelineOf(steps: readonly Row[], isBody: boolean): CompiledPipeline {
  const lines = steps.map(({ needs, key, jump }, index) => {
    const waits = index === 0 ? [] : [...new Set(needs.map((n) => `s${n % index}`))]
    const to = Math.min(steps.length - 1, index + 1 + jump)
    const way = key.includes(':') ? key : key === '' || to === index ? '' : `${key}: s${to}`
    const condition = key === 'on_false' ? ', condition: "true"' : ''
    return `{ id: s${index}, tool: say, dependencies: [${waits}]${condition}${way && `, ${way}`} }`
  })
  const list = isBody ? [`{ id: each, for_each: [1, 2, 3], max_parallel: 2, steps: [${lines}] }`] : lines
  const { pipeline, findings } = compileText(`name: x\nsteps: [${list}]`, { file: 'x.yaml', toolbox })
  if (!pipeline) throw new Error(JSON.stringify(findings))
  return pipeline
}

const problem = { code: 'tool_error', name: 'TerminalError', message: 'broken' }

describe.each([
  ['the graph', false],
  ['the body of a loop', true],
])('any routes in %s, any order of endings', (_where, isBody) => {
  test('each step ends once, after all it waits for; what only a route leads to runs only then; the run ends', () => {
    const fates = forever(fc.constantFrom('completed', 'completed', 'failed', 'skipped'))
    const picks = forever(fc.nat()).map((next) => (length: number) => next() % length)
    fc.assert(
      fc.property(rows, picks, fates, (steps, pick, fate) => {
        const pipeline = pipelineOf(steps, isBody)
        const end: Ending = (id, turn) => {
          if (id === 'each') return turn === undefined ? { loop: { length: 3 } } : {}
          const status = fate() as 'completed' | 'failed' | 'skipped'
          return {
            status,
            ...(status === 'failed' && { problem }),
            ...(status === 'skipped' && { reason: 'condition_false' }),
          }
        }
        const { run, events } = simulate(pipeline, end, pick)
        expect(['completed', 'failed']).toContain(run.status)
        expect(run.done + run.failed + run.skipped).toBe(run.total)
        expect(run.flying).toEqual([])
        if (run.status === 'completed') expect(run.left).toBe(0)
        check(pipeline, events as unknown as readonly Fact[])
      }),
      runs(120),
    )
  })
})

type Fact = { readonly type: string; readonly step: string; readonly status?: string; readonly reason?: string }

function check(pipeline: CompiledPipeline, events: readonly Fact[]): void {
  const ends = new Map<string, Fact>()
  for (const event of events) {
    const [, index, id] = /^each_(\d)_(.*)$/.exec(event.step ?? '') ?? [undefined, undefined, event.step]
    const node = index === undefined ? id! : `each.${id}`
    const idOf = (other: string) => (index === undefined ? other : other.replace('each.', `each_${index}_`))
    if (event.type === 'step-end') {
      expect(ends.has(event.step), `${event.step} ends twice`).toBe(false)
      ends.set(event.step, event)
    }
    if (event.type !== 'step-start') continue
    const { needs, onDemand } = pipeline.steps[node]!
    expect(ends.has(event.step), `${event.step} starts after its end`).toBe(false)
    for (const need of needs) expect([...ends.keys()], `before ${event.step}`).toContain(idOf(need))
    if (!onDemand) continue
    const led = needs.some((need) => {
      const { status, reason } = ends.get(idOf(need))!
      return status === 'failed' || (status === 'skipped' && reason !== 'route' && reason !== 'not_reached')
    })
    expect(led, `${event.step} runs, and nothing led to it`).toBe(true)
  }
}
