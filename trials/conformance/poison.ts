import { expect } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { type SimulatedClock, simulatedClock } from '../../src/testing/clock.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, ignoreOutcome, READ, range, ref } from './actors.ts'
import type { DefineTest, EngineBench, OpenTestBench } from './harness.ts'

const PROBATION_MS = 5_000
const WORKER = ref('worker')
type EngineLives = {
  readonly bench: EngineBench
  readonly clock: SimulatedClock
  readonly started: readonly string[]
  release(): void
}

/**
 * Workers that do one job after the other. A job that begins with `stuck` ends only after the release; a job that
 * begins with `deadly` never ends.
 */
async function withWorkers(open: OpenTestBench, body: (lives: EngineLives) => Promise<void>): Promise<void> {
  const started: string[] = []
  const hold = gate()
  const never = gate()
  const worker = actor<readonly Json[], string>('worker', [], async (done, name, effects) => {
    if (name === READ) return { reply: done }
    // each process records one effect more
    for (let step = 1; name === 'steps' && step < 20; step++)
      await effects.run(`step${step}`, async ({ signal }) => {
        if (started.filter((each) => each === name).length >= step) return
        started.push(name)
        await never.pass(signal)
      })
    await effects.run('work', async ({ signal }) => {
      started.push(name)
      if (name.startsWith('stuck')) await hold.pass(signal)
      if (name === 'deadly') await never.pass(signal)
    })
    return { state: [...done, name], reply: name }
  })
  const clock = simulatedClock()
  try {
    await body({ bench: await open([worker], { clock }), clock, started, release: hold.release })
  } finally {
    // an engine that stops waits for running work
    hold.release()
    never.release()
  }
}

/**
 * Advances the time until a condition holds. Work that falls due becomes durable and begins before more time passes.
 */
const awaits = ({ bench, clock }: EngineLives, holds: () => Promise<unknown> | unknown) =>
  until(async () => {
    if (await holds()) return true
    await clock.advance(PROBATION_MS / 5)
    for (const _ of range(3)) await bench.engine.ask(ref('worker', 'clock'), READ)
    return false
  })

const times = ({ started }: EngineLives, name: string) => started.filter((each) => each === name).length
const begun = (lives: EngineLives, name: string, count: number) => until(() => times(lives, name) >= count)

const MAX_ATTEMPTS = 4

/**
 * Kills that many processes, each as soon as the work runs: after the
 * first process that ran it, and three more that resumed it in trials.
 */
async function dieOf(lives: EngineLives, name: string, count: number): Promise<void> {
  for (const life of range(count, times(lives, name))) {
    if (life <= MAX_ATTEMPTS) await begun(lives, name, life)
    else await awaits(lives, () => times(lives, name) >= life)
    await lives.bench.crash()
  }
}

const poisoned = async (engine: Engine) =>
  (await engine.deadLetters.list()).filter(({ problem }) => problem.code === 'poison').map(({ letter }) => letter.body)

/** A message that kills its process each time becomes a dead letter in the end. */
export function poison(test: DefineTest): void {
  test('a message that runs at each crash ends as a dead letter, and its caller gets an error', (open) =>
    withWorkers(open, async (lives) => {
      ignoreOutcome(lives.bench.engine.ask(WORKER, 'stuck', { id: 'x' }))
      await begun(lives, 'stuck', 1)
      await dieOf(lives, 'stuck', 6)
      await expect(lives.bench.engine.ask(WORKER, 'stuck', { id: 'x' })).rejects.toMatchObject({
        code: 'poison',
        message: expect.stringContaining('5 times in a row'),
      })
      expect(await poisoned(lives.bench.engine)).toEqual(['stuck'])
      expect(await lives.bench.engine.ask(WORKER, 'next')).toBe('next')
      await lives.bench.crash()
      expect(await poisoned(lives.bench.engine)).toEqual(['stuck'])
    }))

  test('a message that kills its process long after the probation is found, too', (open) =>
    withWorkers(open, async (lives) => {
      ignoreOutcome(lives.bench.engine.ask(WORKER, 'deadly', { id: 'x' }))
      await lives.bench.engine.tell(ref('worker', 'slow'), 'stuck')
      await begun(lives, 'stuck', 1)
      let deaths = 0
      await awaits(lives, async () => {
        if (times(lives, 'deadly') === deaths) return (await poisoned(lives.bench.engine)).length > 0
        // it runs for a while, and other work ends meanwhile
        for (const _ of range(8)) {
          await lives.clock.advance(PROBATION_MS / 5)
          await lives.bench.engine.ask(ref('worker', 'other'), READ)
        }
        deaths = times(lives, 'deadly')
        if (deaths > 2) lives.release()
        await lives.bench.crash()
        return false
      })
      expect(await poisoned(lives.bench.engine)).toEqual(['deadly'])
      expect(deaths).toBeLessThanOrEqual(8)
      expect(await lives.bench.engine.ask(ref('worker', 'slow'), READ)).toEqual(['stuck'])
    }))

  test('late kills condemn no message that goes on from where it was', (open) =>
    withWorkers(open, async (lives) => {
      await lives.bench.engine.tell(WORKER, 'steps')
      for (const life of range(12, 1)) {
        await awaits(lives, () => times(lives, 'steps') === life)
        for (const _ of range(8)) {
          await lives.clock.advance(PROBATION_MS / 5)
          await lives.bench.engine.ask(ref('worker', 'other'), READ)
        }
        await lives.bench.crash()
      }
      expect(await lives.bench.engine.deadLetters.list()).toEqual([])
    }))

  test('a suspect message waits for its trial, with all later mail of its actor; others continue', (open) =>
    withWorkers(open, async (lives) => {
      await lives.bench.engine.tell(WORKER, 'stuck')
      await begun(lives, 'stuck', 1)
      await dieOf(lives, 'stuck', 4)
      const { engine } = lives.bench
      const after = engine.ask(WORKER, 'after')
      expect(await engine.ask(ref('worker', 'other'), 'other')).toBe('other')
      expect(lives.started.slice(-2)).toEqual(['stuck', 'other'])
      lives.release()
      await awaits(lives, () => lives.started.includes('after'))
      expect(await after).toBe('after')
      expect(await engine.ask(WORKER, READ)).toEqual(['stuck', 'after'])
    }))

  test('a message that survives its probation is cleared, and the next process runs it at once', (open) =>
    withWorkers(open, async (lives) => {
      await lives.bench.engine.tell(WORKER, 'stuck')
      await begun(lives, 'stuck', 1)
      await dieOf(lives, 'stuck', 4)
      await awaits(lives, () => times(lives, 'stuck') === 5)
      let passed = 0
      await awaits(lives, () => passed++ === 10)
      await lives.bench.crash()
      await begun(lives, 'stuck', 6)
    }))

  test('repeated kills condemn no message that a process worked on', (open) =>
    withWorkers(open, async (lives) => {
      const keys = range(20).map((n) => `stuck${n}`)
      for (const key of keys) await lives.bench.engine.tell(ref('worker', key), key)
      for (const key of keys) await begun(lives, key, 1)
      for (const _ of range(10)) await lives.bench.crash()
      lives.release()
      const doneBy = async (key: string) =>
        (await lives.bench.engine.view.peek(ref('worker', key))) as Json[] | undefined
      await awaits(lives, async () => (await Promise.all(keys.map(doneBy))).every((done) => done?.length === 1))
      expect(await lives.bench.engine.deadLetters.list()).toEqual([])
    }))

  test('clean stops in between condemn no message either', (open) =>
    withWorkers(open, async (lives) => {
      await lives.bench.engine.tell(WORKER, 'stuck')
      await begun(lives, 'stuck', 1)
      for (const n of range(8)) {
        await lives.bench.crash()
        await begun(lives, 'stuck', 2 + 2 * n)
        lives.bench.engine.stop({ grace: 0 })
        await lives.clock.advance(0)
        await lives.bench.reopen()
        await begun(lives, 'stuck', 3 + 2 * n)
      }
      expect(await lives.bench.engine.deadLetters.list()).toEqual([])
    }))

  test('one poisonous message among many is found, and all others are handled', (open) =>
    withWorkers(open, async (lives) => {
      const keys = range(20).map((n) => `stuck${n}`)
      for (const key of [...keys, 'deadly']) await lives.bench.engine.tell(ref('worker', key), key)
      for (const key of [...keys, 'deadly']) await begun(lives, key, 1)
      await dieOf(lives, 'deadly', MAX_ATTEMPTS)
      lives.release()
      let deaths = MAX_ATTEMPTS
      await awaits(lives, async () => {
        if (times(lives, 'deadly') === deaths) return (await poisoned(lives.bench.engine)).length > 0
        deaths++
        await lives.bench.crash()
        return false
      })
      expect(await poisoned(lives.bench.engine)).toEqual(['deadly'])
      expect(deaths).toBeLessThanOrEqual(MAX_ATTEMPTS + 3)
      for (const key of keys) expect(await lives.bench.engine.ask(ref('worker', key), READ)).toEqual([key])
    }))
}
