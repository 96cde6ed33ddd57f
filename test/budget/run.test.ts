import { describe, expect, test } from 'vitest'
import { inlineDisk } from '../../src/engine/inline/disk.ts'
import { RetryableError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { readRun } from '../pipeline/read-run.ts'
import { gate, memoryValues } from '../pipeline/workshop.ts'
import { openPaying, THREE } from './fixture.ts'

const RUN = 'run/run_1'

describe('a run', () => {
  test('without a budget asks for no money', async () => {
    const { run, engine, asked } = openPaying({ clock: simulatedClock() })
    expect((await run(THREE)).success).toBe(true)
    expect(asked).toEqual(['One', 'Two', 'Three'])
    expect(await engine.view.inspect({ kind: 'budget' })).toEqual([])
  })

  test('without a budget asks the engine for nothing, and looks at no more than there may be; a free model not even that', async () => {
    const { run, lent } = openPaying({ clock: simulatedClock() })
    await run(THREE)
    // once whose run it is and of which pipeline, then at each call its budgets: of the run, its pipeline and its owner
    expect(lent).toEqual({ asks: 0, reads: 2 + 3 * 7 })

    const free = openPaying({ clock: simulatedClock(), price: { input: 0, output: 0 } })
    await free.run(THREE)
    expect(free.lent).toEqual({ asks: 0, reads: 0 })

    const bound = openPaying({ clock: simulatedClock() })
    await bound.set(RUN, 10)
    await bound.run(THREE)
    expect(bound.lent.asks).toBe(3 * 2)
  })

  test('has what its calls took counted', async () => {
    const { run, set, budget } = openPaying({ clock: simulatedClock() })
    await set(RUN, 10)
    expect((await run(THREE)).success).toBe(true)
    expect(await budget(RUN)).toEqual({ spent: 3, reserved: 0, calls: 3, repeated: 0, waiting: [] })
  })

  test('tells the attempts before a wait for money', async () => {
    const clock = simulatedClock()
    let calls = 0
    const { start, events, set, raise } = openPaying({
      clock,
      async answer() {
        if (++calls > 1) return {}
        await set(RUN, 0.5)
        throw new RetryableError('the server said 500')
      },
    })
    await set(RUN, 2)
    const more = 'action: generate_text, retry: 2, retry_config: { initial_delay: 0.001 }'
    const id = await start(`name: one\nsteps: [{ id: a, ${more}, parameters: { prompt: One, max_tokens: 1000 } }]`)
    await clock.advance(10_000)
    await raise(RUN, 5)
    await clock.advance(10_000)
    const told = (await events(id)).flatMap((event) => (event.type === 'signal-wait' ? [event] : []))
    expect(calls).toBe(2)
    expect(told).toMatchObject([{ signal: `budget:${RUN}`, tries: [{ attempt: 1, message: 'the server said 500' }] }])
  })

  test('waits at the limit, says why, and goes on when that is raised', async () => {
    const clock = simulatedClock()
    const { start, events, set, raise, budget, engine, values, asked } = openPaying({ clock })
    await set(RUN, 2)
    const id = await start(THREE)
    await clock.advance(10_000)
    expect(asked).toEqual(['One'])
    expect(await budget(RUN)).toMatchObject({ spent: 1, reserved: 0, waiting: ['step/run_1.b'] })
    const { steps } = await readRun(engine.view, values, id)
    expect(steps).toMatchObject({ a: { status: 'completed' }, b: { status: 'waiting', retries: 0 } })
    const [waiting] = await engine.view.inspect({ kind: 'step', key: 'run_1.b' })
    expect(waiting).toMatchObject({ waiting: 0, cell: { index: { status: 'waiting', waits: `budget:${RUN}` } } })

    await raise(RUN, 5)
    await clock.advance(10_000)
    const seen = await events(id)
    expect(seen.at(-1)).toMatchObject({ success: true, outputs: { inline: { last: 'to Three' } } })
    expect(seen.find(({ type }) => type === 'signal-wait')).toMatchObject({
      ...{ step: 'b', signal: `budget:${RUN}` },
      title: expect.stringMatching(
        /^the budget run\/run_1 has \$1\.00 left of \$2\.00, and this call may cost \$1\.\d+$/,
      ),
    })
    expect(seen.find(({ type, step }) => type === 'step-end' && step === 'b')).toMatchObject({ attempts: 1 })
    expect(asked).toEqual(['One', 'Two', 'Three'])
    expect(await budget(RUN)).toMatchObject({ spent: 3, reserved: 0, calls: 3, repeated: 0, waiting: [] })
  })

  test('gets an error when one call alone is more than its whole limit', async () => {
    const clock = simulatedClock()
    const { start, set, raise, engine, asked } = openPaying({ clock })
    await set(RUN, 1)
    await start(THREE)
    await clock.advance(10_000)
    const told: Json[] = []
    for await (const { body } of engine.view.events({ kind: 'run', key: 'run_1' })) {
      told.push(body)
      if ((body as { type: string }).type === 'signal-wait') break
    }
    expect(told.at(-1)).toMatchObject({
      title: expect.stringMatching(/^the budget run\/run_1 is \$1\.00 in all, and this call may cost \$1\.\d+ alone$/),
    })
    await raise(RUN, 1.5)
    await clock.advance(10_000)
    expect(asked).toEqual(['One'])
  })

  test('that is cancelled during a wait stops waiting, and nothing stays reserved', async () => {
    const clock = simulatedClock()
    const { start, events, set, budget, engine } = openPaying({ clock })
    await set(RUN, 2)
    const id = await start(THREE)
    await clock.advance(10_000)
    await engine.cancel({ kind: 'run', key: id }, id, 'enough')
    await clock.advance(10_000)
    expect((await events(id)).at(-1)).toMatchObject({ status: 'cancelled' })
    expect(await engine.view.inspect({ kind: 'step' })).toEqual([])
    expect(await budget(RUN)).toMatchObject({ spent: 1, reserved: 0, waiting: [] })
  })

  test('ends when another step fails while one waits for money', async () => {
    const clock = simulatedClock()
    const { start, events, set } = openPaying({ clock })
    await set(RUN, 1)
    const id = await start(`
name: two
steps:
  - { id: a, action: generate_text, parameters: { prompt: One, max_tokens: 1000 } }
  - { id: p, tool: say, parameters: { v: 1 } }
  - { id: q, tool: say, parameters: { v: "{{ p.v }}" } }
  - { id: f, tool: fail, dependencies: [q], parameters: { v: "{{ q.v }}" } }`)
    await clock.advance(10_000)
    const seen = await events(id)
    expect(seen.at(-1)).toMatchObject({ status: 'failed', failed: 1 })
    expect(seen.find(({ type, step }) => type === 'step-end' && step === 'a')).toMatchObject({ status: 'skipped' })
  })

  test('that goes with its time takes its budget along', async () => {
    const { run, set, engine, budget } = openPaying({ clock: simulatedClock() })
    await set(RUN, 10)
    await run(THREE)
    expect(await engine.ask({ kind: 'run', key: 'run_1' }, { type: 'expire' })).toBe(true)
    expect(await budget(RUN)).toBeUndefined()
  })
})

describe('a call', () => {
  test('that a crash interrupted is counted once, and its repetition is reported', async () => {
    const [clock, disk, values] = [simulatedClock(), inlineDisk(), memoryValues()]
    const hold = gate()
    const answer = async () => {
      await hold.arrive()
      return {}
    }
    const first = openPaying({ clock, disk, values, answer })
    await first.set(RUN, 3.4)
    const id = await first.start(THREE)
    const advanced = clock.advance(10)
    await hold.reached
    expect((await first.budget(RUN))?.reserved).toBeGreaterThan(1)

    const second = openPaying({ clock, disk: disk, values })
    await second.engine.start()
    await clock.advance(10_000)
    await advanced
    expect((await second.events(id)).at(-1)).toMatchObject({ success: true })
    expect(await second.budget(RUN)).toEqual({ spent: 3, reserved: 0, calls: 3, repeated: 1, waiting: [] })
  })

  test('that failed is tried again as a call of its own, and counts what it took', async () => {
    let calls = 0
    const answer = async () => {
      calls++
      if (calls === 1) throw new RetryableError('not now')
      return {}
    }
    const clock = simulatedClock()
    const { start, events, set, budget } = openPaying({ clock, answer })
    await set(RUN, 4)
    const id = await start(THREE.replace('max_tokens: 1000 } }', 'max_tokens: 1000 }, max_retries: 2 }'))
    await clock.advance(60_000)
    expect((await events(id)).at(-1)).toMatchObject({ success: true })
    expect(await budget(RUN)).toEqual({ spent: 3, reserved: 0, calls: 4, repeated: 0, waiting: [] })
  })

  test('of a model whose price nobody told fails and says what to do; a free one needs none', async () => {
    const paid = openPaying({ clock: simulatedClock(), price: 'unknown' })
    await paid.set(RUN, 10)
    const { steps } = await paid.run(THREE)
    expect(steps.a).toMatchObject({ problem: { code: 'no_price', hint: expect.stringContaining('cost: {') } })
    expect(paid.asked).toEqual([])

    const free = openPaying({ clock: simulatedClock(), price: { input: 0, output: 0 } })
    await free.set(RUN, 0)
    expect((await free.run(THREE)).success).toBe(true)
  })
})

describe('a budget per day', () => {
  test('goes on the next day by itself', async () => {
    const clock = simulatedClock(Date.parse('2026-03-01T22:00:00Z'))
    const { start, events, budget, asked } = openPaying({ clock, standing: { day: 2_000_000 } })
    const id = await start(THREE)
    await clock.advance(3600_000)
    expect(asked).toEqual(['One'])
    expect(await budget('owner-day/local')).toMatchObject({ spent: 1, waiting: ['step/run_1.b'] })
    await clock.advance(3600_000 + 60_000)
    expect(asked).toEqual(['One', 'Two'])
    expect(await budget('owner-day/local')).toMatchObject({ spent: 1, calls: 1, waiting: ['step/run_1.c'] })
    await clock.advance(24 * 3600_000)
    expect((await events(id)).at(-1)).toMatchObject({ success: true })
  })

  test('and one of the run both hold; who has too little in one has nothing reserved in the other', async () => {
    const clock = simulatedClock()
    const { start, events, set, raise, budget } = openPaying({ clock })
    await set(RUN, 10)
    await set('owner/local', 2)
    const id = await start(THREE)
    await clock.advance(10_000)
    expect(await budget(RUN)).toMatchObject({ spent: 1, reserved: 0, waiting: [] })
    expect(await budget('owner/local')).toMatchObject({ spent: 1, reserved: 0, waiting: ['step/run_1.b'] })
    await raise('owner/local', 20)
    await clock.advance(10_000)
    expect((await events(id)).at(-1)).toMatchObject({ success: true })
    for (const scope of [RUN, 'owner/local']) expect(await budget(scope)).toMatchObject({ spent: 3, reserved: 0 })
  })
})
