import { describe, expect, test } from 'vitest'
import { inlineDisk } from '../../../src/engine/inline/disk.ts'
import { RetryableError } from '../../../src/errors.ts'
import { formatTime } from '../../../src/lib/time/moment.ts'
import { retryDelay } from '../../../src/step/attempt/retry.ts'
import { type SimulatedClock, simulatedClock } from '../../../src/testing/clock.ts'
import { until } from '../../../src/testing/until.ts'
import { readRun } from '../../pipeline/read-run.ts'
import { memoryValues, openWorkshop, tool } from '../../pipeline/workshop.ts'

const text = (config: string) => `
name: patient
steps:
  - { id: a, tool: it, retry_config: { ${config} } }
  - { id: b, tool: say, parameters: { v: "{{ a.v }}" } }
outputs: { o: "{{ b.v }}" }`
const LONG = 'max_retries: 4, initial_delay: 300, backoff_factor: 2, jitter: false'

/** A tool that fails three times; its keys and the attempts as seconds since the start. */
function shaky(now: () => number, delay?: number) {
  const calls: { readonly key: string; readonly at: number }[] = []
  const begun = now()
  const it = tool('it', (_, { idempotencyKey: key }) => {
    calls.push({ key, at: Math.round((now() - begun) / 1000) })
    if (calls.length < 4) throw new RetryableError('shaky', delay === undefined ? {} : { delay })
    return { v: 'done' }
  })
  return { calls, it }
}

/** Lets time pass once the step waits for it: what it loads for its first call takes as long as the machine needs. */
async function pass(clock: SimulatedClock, ms: number): Promise<void> {
  await until(() => clock.next !== undefined)
  await clock.advance(ms)
}

describe('a pause that is too long to hold the place', () => {
  test('is a timer of the step; the run and `why` know until when', async () => {
    const clock = simulatedClock()
    const { calls, it } = shaky(clock.now)
    const { start, events, engine, values } = openWorkshop({ tools: [it], clock })
    const id = await start(text(LONG))
    await pass(clock, 1000)
    const { steps } = await readRun(engine.view, values, id)
    const due = 1_000_000 + 300_000
    expect(steps.a).toMatchObject({ status: 'waiting', retry_at: formatTime(due), retries: 0, error: 'shaky' })
    const [waiting] = await engine.view.inspect({ kind: 'step', key: `${id}.a` })
    expect(waiting).toMatchObject({ waiting: 1, cell: { index: { status: 'waiting', until: due } } })
    expect(waiting!.turn).toBeUndefined()

    await pass(clock, 3600_000)
    const seen = await events(id)
    expect(calls.map(({ at }) => at)).toEqual([0, 300, 900, 2100])
    expect(new Set(calls.map(({ key }) => key)).size).toBe(1)
    const ends = seen.filter(({ type }) => type === 'step-wait').map(({ at, ms }) => Number(at) + Number(ms))
    expect(ends).toEqual([0, 300, 900].map((s) => 1_000_000 + s * 1000))
    expect(seen.find(({ type, step }) => type === 'step-end' && step === 'a')).toMatchObject({ attempts: 4 })
    expect(seen.at(-1)).toMatchObject({ success: true, outputs: { inline: { o: 'done' } } })
  })

  test('is one that the problem itself asks for, too', async () => {
    const clock = simulatedClock()
    const { calls, it } = shaky(clock.now, 600_000)
    const { start, events } = openWorkshop({ tools: [it], clock })
    const id = await start(text('max_retries: 4'))
    await pass(clock, 3600_000)
    expect((await events(id)).at(-1)).toMatchObject({ success: true })
    expect(calls.map(({ at }) => at)).toEqual([0, 600, 1200, 1800])
  })

  test('is begun when the pauses come to two minutes in all', async () => {
    const clock = simulatedClock()
    const { it } = shaky(clock.now)
    const { start, events } = openWorkshop({ tools: [it], clock })
    const id = await start(text('max_retries: 4, initial_delay: 50, backoff_factor: 1, jitter: false'))
    await pass(clock, 3600_000)
    const seen = await events(id)
    expect(seen.filter(({ type }) => type === 'step-wait')).toHaveLength(1)
  })

  test('is not lost with its process', async () => {
    const [clock, disk, values] = [simulatedClock(), inlineDisk(), memoryValues()]
    const { calls, it } = shaky(clock.now)
    const first = openWorkshop({ tools: [it], clock, disk, values })
    const id = await first.start(text(LONG))
    for (let life = 0; life < 3; life++) {
      await pass(clock, 250_000)
      const next = openWorkshop({ tools: [it], clock, disk, values })
      await next.engine.start()
    }
    const last = openWorkshop({ tools: [it], clock, disk, values })
    await last.engine.start()
    await pass(clock, 3600_000)
    expect((await last.events(id)).at(-1)).toMatchObject({ success: true })
    expect(new Set(calls.map(({ key }) => key)).size).toBe(1)
  })

  test('ends with the run', async () => {
    const clock = simulatedClock()
    const { calls, it } = shaky(clock.now)
    const { start, events, engine } = openWorkshop({ tools: [it], clock })
    const id = await start(text(LONG))
    await pass(clock, 1000)
    await engine.cancel({ kind: 'run', key: id }, id, 'enough')
    await clock.advance(3600_000)
    expect((await events(id)).at(-1)).toMatchObject({ status: 'cancelled' })
    expect(calls).toHaveLength(1)
    expect(await engine.view.inspect({ kind: 'step', key: `${id}.a` })).toEqual([])
  })
})

describe('the pause between two attempts', () => {
  const backoff = { first: 1000, factor: 3, most: 20_000, jitter: false }
  test.each([
    [1, {}, 1000],
    [2, {}, 3000],
    [3, {}, 9000],
    [4, {}, 20_000],
    [50, {}, 20_000],
    [4, { delay: 7 }, 7],
  ])('after attempt %i (%j) is %i ms', (attempt, problem, expected) => {
    expect(retryDelay(attempt, problem, 'key', backoff)).toBe(expected)
  })

  test('is spread by its call, and the same each time', () => {
    const pauses = Array.from({ length: 50 }, (_, n) => retryDelay(1, {}, `key${n}`, { ...backoff, jitter: true }))
    expect(new Set(pauses).size).toBeGreaterThan(40)
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(750)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(1250)
    expect(retryDelay(1, {}, 'key7', { ...backoff, jitter: true })).toBe(pauses[7])
  })
})
