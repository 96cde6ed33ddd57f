import { describe, expect, test } from 'vitest'
import { inlineDisk } from '../../src/engine/inline/disk.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { readRun } from '../pipeline/read-run.ts'
import { memoryValues, openWorkshop } from '../pipeline/workshop.ts'
import { openPaying, THREE } from './fixture.ts'

const RUN = 'run/run_1'
const HOUR = 'pipeline-hour/local/three'

/** Each call may cost some $1.30, and takes one. */
const limited = (period: string, limit = 2) =>
  THREE.replace('steps:', `model: { cost_limit: ${limit}, budget_period: ${period} }\nsteps:`)

const at = (time: string) => simulatedClock(Date.parse(time))

describe("the limit of a pipeline's cost", () => {
  test('per task is said of each call, and no sum is kept', async () => {
    const { run, engine } = openPaying({ clock: simulatedClock() })
    expect((await run(limited('per-task'))).success).toBe(true)
    expect(await engine.view.inspect({ kind: 'budget' })).toEqual([])
  })

  test('per pipeline holds in one run, until more is said for that', async () => {
    const clock = simulatedClock()
    const { start, events, raise, budget, asked } = openPaying({ clock })
    await start(limited('per-pipeline'))
    await start(limited('per-pipeline'), {}, 'run_2')
    await clock.advance(10_000)
    expect(asked).toEqual(['One', 'One'])
    for (const run of ['run_1', 'run_2'])
      expect(await budget(`run/${run}`)).toMatchObject({ spent: 1, waiting: [`step/${run}.b`] })
    await raise(RUN, 5)
    await clock.advance(10_000)
    expect((await events('run_1')).at(-1)).toMatchObject({ success: true })
    expect(await budget('run/run_2')).toMatchObject({ spent: 1, waiting: ['step/run_2.b'] })
  })

  test('per pipeline gives way to what is set for the run', async () => {
    const { run, set, budget } = openPaying({ clock: simulatedClock() })
    await set(RUN, 10)
    expect((await run(limited('per-pipeline'))).success).toBe(true)
    expect(await budget(RUN)).toMatchObject({ spent: 3, calls: 3 })
  })

  test('per hour holds for all its runs together; who waits goes on when the next hour begins', async () => {
    const clock = at('2026-03-01T22:30:00Z')
    const { start, events, budget, asked, engine, values } = openPaying({ clock })
    await start(limited('per-hour', 2.5))
    await clock.advance(60_000)
    await start(limited('per-hour', 2.5), {}, 'run_2')
    await clock.advance(28 * 60_000)
    expect(asked).toEqual(['One', 'Two'])
    expect(await budget(HOUR)).toMatchObject({ spent: 2, waiting: ['step/run_1.c', 'step/run_2.a'] })
    expect((await readRun(engine.view, values, 'run_1')).steps.c).toMatchObject({ status: 'waiting' })

    await clock.advance(2 * 60_000)
    expect(asked).toEqual(['One', 'Two', 'Three', 'One'])
    expect((await events('run_1')).at(-1)).toMatchObject({ success: true })
    expect(await budget(HOUR)).toMatchObject({ spent: 2, calls: 2, waiting: ['step/run_2.b'] })
    await clock.advance(2 * 3600_000)
    expect((await events('run_2')).at(-1)).toMatchObject({ success: true })
  })

  test('per hour says until when', async () => {
    const clock = at('2026-03-01T23:30:00Z')
    const { start, events, engine } = openPaying({ clock })
    await start(limited('per-hour'))
    await clock.advance(60_000)
    const told: string[] = []
    for await (const { body } of engine.view.events({ kind: 'run', key: 'run_1' })) {
      const { type, title } = body as { readonly type: string; readonly title?: string }
      if (type === 'signal-wait') told.push(title!)
      if (told.length === 1) break
    }
    expect(told[0]).toMatch(
      /^the budget pipeline-hour\/local\/three has \$1\.00 left of \$2\.00 until 2026-03-02T00:00Z, and/,
    )
    await clock.advance(3 * 3600_000)
    expect((await events('run_1')).at(-1)).toMatchObject({ success: true })
  })

  test('per day begins anew with the next one, also where the process was another by then', async () => {
    const kept = { disk: inlineDisk(), values: memoryValues() }
    const clock = at('2026-03-01T22:30:00Z')
    const first = openPaying({ clock, ...kept })
    await first.start(limited('per-day'))
    await clock.advance(3600_000)
    expect(first.asked).toEqual(['One'])
    await first.engine.stop({ grace: 0 })

    const second = openPaying({ clock, ...kept })
    await second.engine.start()
    await clock.advance(3600_000)
    expect(second.asked).toEqual(['Two'])
    expect(await second.budget('pipeline-day/local/three')).toMatchObject({ spent: 1, waiting: ['step/run_1.c'] })
  })

  test('in all, on a day and in an hour can be set for one, whatever it says itself', async () => {
    const clock = at('2026-03-01T22:30:00Z')
    const { start, set, raise, remove, budget, asked, events } = openPaying({ clock })
    await set('pipeline/local/three', 2)
    await start(THREE)
    await clock.advance(3600_000)
    expect(asked).toEqual(['One'])
    expect(await budget('pipeline/local/three')).toMatchObject({ spent: 1, waiting: ['step/run_1.b'] })
    await set('owner-hour/local', 1.5)
    await raise('pipeline/local/three', 9)
    await clock.advance(60_000)
    expect(asked).toEqual(['One', 'Two'])
    expect(await budget('owner-hour/local')).toMatchObject({ spent: 1, waiting: ['step/run_1.c'] })
    await remove('owner-hour/local')
    await clock.advance(60_000)
    expect((await events('run_1')).at(-1)).toMatchObject({ success: true })
  })
})

describe('the limits of a pipeline', () => {
  const { compile } = openWorkshop()
  const STEPS = (...needs: readonly string[]) =>
    ['name: x', 'steps:']
      .concat(
        needs.map(
          (need, n) => `  - { id: s${n}, action: generate, parameters: { prompt: Go }, requires_model: ${need} }`,
        ),
      )
      .join('\n')

  test('the smallest limit holds for each period', () => {
    const { costLimits } = compile(
      STEPS(
        '{ cost_limit: 2, budget_period: per-pipeline }',
        '{ cost_limit: 0.5, budget_period: per-pipeline }',
        '{ cost_limit: 3, budget_period: per-hour }',
        '{ cost_limit: 0.1, budget_period: per-task }',
        '{ budget_period: per-day }',
      ),
    )
    expect(costLimits).toEqual({ run: 0.5, hour: 3 })
  })

  test('nothing is kept where nothing is said', () => {
    expect(compile(STEPS('{ cost_limit: 2 }'))).not.toHaveProperty('costLimits')
  })

  test('steps in a loop belong to the pipeline, too', () => {
    const inner =
      '{ id: b, action: generate, parameters: { prompt: Go }, requires_model: { cost_limit: 1, budget_period: per-hour } }'
    expect(compile(`name: x\nsteps: [{ id: l, for_each: [1, 2], steps: [${inner}] }]`).costLimits).toEqual({ hour: 1 })
  })
})
