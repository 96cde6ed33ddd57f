import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineActor, type Engine, inlineEngine } from 'antiphon'
import { gate, simulatedClock, until } from 'antiphon/testing'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { openTrust } from '../../../../src/runtime/maintenance/retention/clock-trust.ts'
import { DAY } from '../../../../src/runtime/maintenance/retention/limits.ts'
import { createRetention } from '../../../../src/runtime/maintenance/retention/retention.ts'
import { openBlobs } from '../../../../src/store/blobs/blobs.ts'
import { createPool } from '../../../../src/worker/pool/pool.ts'

/** A run of one step that is over as soon as it is there, when it is told at what time. */
const run = defineActor({
  kind: 'run',
  message: z.object({ type: z.enum(['start', 'expire']), at: z.number().optional() }),
  initial: () => null,
  receive(_state, { type, at }) {
    if (type === 'expire') return { reply: true, stop: true }
    return { index: at === undefined ? {} : { finishedAt: at }, parts: { 'step/step': {} }, reply: true }
  },
})

/** A thread of a step, or one that a person named. It stays while it works. */
const chain = defineActor({
  kind: 'chain',
  message: z.object({ type: z.enum(['work', 'rest', 'named', 'expire']) }),
  initial: () => ({ working: false }),
  receive(state: { working: boolean }, { type }) {
    if (type !== 'expire')
      return {
        state: { working: type === 'work' },
        index: { status: type, ...(type !== 'named' && { aside: 1 }) },
        reply: true,
      }
    return state.working ? { reply: false } : { reply: true, stop: true as const }
  },
})

type Opening = { readonly now?: number; readonly writtenAt?: number; readonly folder?: string }

async function openRetention({ now = 1000 * DAY, writtenAt = now, folder = '' }: Opening = {}) {
  const data = folder || (await mkdtemp(join(tmpdir(), 'antiphon-retention-')))
  const clock = simulatedClock(now)
  const engine = inlineEngine({ actors: [run, chain], clock })
  const housekeeping = createPool({ id: 'housekeeping_pool', workers: 1, queue: 10 })
  const ending = new AbortController()
  onTestFinished(async () => {
    ending.abort()
    await housekeeping.close()
    // the opener that made the folder removes it: it may still write when another one closes
    if (folder === '') await rm(data, { recursive: true, force: true })
  })
  const retention = createRetention({
    data,
    engine,
    clock,
    ofRuns: [],
    trust: openTrust(data, clock, writtenAt),
    values: openBlobs(join(data, 'blobs')),
    findReferences: async () => [],
    limits: { runs: 2, runDays: 30, deadLetterDays: 30, auditDays: 90 },
    unusedDays: 7,
    housekeeping,
    ending: ending.signal,
  })
  const finish = (key: string, days: number) =>
    engine.ask({ kind: 'run', key }, { type: 'start', at: clock.now() - days * DAY })
  const kept = async () => (await engine.view.list('run')).map(({ key }) => key)
  return { data, clock, engine, housekeeping, ending, retention, finish, kept }
}

/** Lets time pass until something is so. */
async function eventually(clock: ReturnType<typeof simulatedClock>, isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await clock.advance(1000)
}

test('retention runs by itself from time to time', async () => {
  const { clock, retention, finish, kept } = await openRetention()
  await finish('old', 31)
  await finish('new', 1)
  retention.begin()
  expect(await kept()).toEqual(['new', 'old'])
  await eventually(clock, async () => (await kept()).length === 1)
  for (const key of ['c', 'd', 'e']) await finish(key, 0)
  await eventually(clock, async () => (await kept()).length === 2)
  expect(await kept()).not.toContain('new')
  expect(retention.problem()).toBeUndefined()
})

const HOUR = 3_600_000

test('a start by a clock that is 400 days ahead removes nothing for an hour that was not old before, and says what would go', async () => {
  const then = 1000 * DAY
  const ahead = { now: then + 400 * DAY, writtenAt: then }
  const { data, clock, engine, retention, kept } = await openRetention(ahead)
  const finish = (key: string, at: number) => engine.ask({ kind: 'run', key }, { type: 'start', at })
  await finish('a minute ago', then - 60_000)
  await finish('old by then', then - 31 * DAY)
  retention.begin()
  await eventually(clock, async () => (await kept()).length === 1)
  await clock.advance(HOUR / 2)
  expect(await kept()).toEqual(['a minute ago'])
  expect(retention.problem()).toMatchObject({ code: 'clock_ahead', message: expect.stringContaining('400 days past') })
  expect((await retention.collect({ dryRun: true })).items).toMatchObject([{ what: 'run', ids: ['a minute ago'] }])
  // another start meanwhile, by the same clock: what was written since then was written by it
  const again = await openRetention({ now: clock.now(), writtenAt: clock.now(), folder: data })
  await again.engine.ask({ kind: 'run', key: 'same' }, { type: 'start', at: then - 60_000 })
  again.retention.begin()
  await again.clock.advance(HOUR / 4)
  expect(await again.kept()).toEqual(['same'])
  await eventually(clock, async () => (await kept()).length === 0)
  expect(clock.now()).toBeGreaterThanOrEqual(ahead.now + HOUR)
  expect(retention.problem()).toBeUndefined()
})

test('a clock that was set right again is believed at the next start', async () => {
  const then = 1000 * DAY
  const { data } = await openRetention({ now: then + 400 * DAY, writtenAt: then })
  const { clock, retention, finish, kept } = await openRetention({
    now: then,
    writtenAt: then + 400 * DAY,
    folder: data,
  })
  await finish('old', 31)
  retention.begin()
  await eventually(clock, async () => (await kept()).length === 0)
  expect(retention.problem()).toBeUndefined()
})

test('retention removes a hundred runs at a time', async () => {
  const { clock, engine, retention, finish, kept } = await openRetention()
  for (let n = 0; n < 350; n++) await finish(`run-${n}`, n / 100)
  const plain: Engine = engine
  const { ask } = plain
  const asked = { now: 0, most: 0 }
  plain.ask = async (...given) => {
    asked.most = Math.max(asked.most, ++asked.now)
    return ask(...given).finally(() => asked.now--)
  }
  retention.begin()
  await eventually(clock, async () => (await kept()).length === 2)
  expect(await kept()).toEqual(['run-0', 'run-1'])
  expect(asked.most).toBe(100)
})

test('it waits for a backup to be done, and ends with its runtime', async () => {
  const { clock, retention, finish, kept, housekeeping, ending } = await openRetention()
  await finish('old', 31)
  const held = gate()
  const backup = housekeeping.submit({ signal: ending.signal, run: () => held.pass() })
  retention.begin()
  await clock.advance(120_000)
  expect(await kept()).toEqual(['old'])
  held.release()
  await backup
  await eventually(clock, async () => (await kept()).length === 0)
  ending.abort()
  await finish('older', 40)
  await clock.advance(120_000)
  expect(await kept()).toEqual(['older'])
})

test('a failure is reported, and the next time is tried all the same', async () => {
  const { clock, engine, retention, finish, kept } = await openRetention()
  await finish('old', 31)
  const { list } = engine.view
  engine.view.list = () => Promise.reject(new Error('the disk is on fire'))
  retention.begin()
  await clock.advance(1000)
  await until(() => retention.problem() !== undefined)
  expect(retention.problem()).toMatchObject({ message: 'the disk is on fire' })
  engine.view.list = list
  await eventually(clock, async () => (await kept()).length === 0)
  await until(() => retention.problem() === undefined)
})

test('daily work happens also if a clock that was ahead recorded the last time', async () => {
  const { data, clock, engine, retention } = await openRetention()
  const marker = join(data, 'swept')
  const ahead = (clock.now() + 400 * DAY) / 1000
  await writeFile(marker, '')
  await utimes(marker, ahead, ahead)
  const { list } = engine.deadLetters
  let looks = 0
  engine.deadLetters.list = () => {
    looks++
    return list()
  }
  retention.begin()
  await eventually(clock, async () => (await stat(marker)).mtimeMs <= clock.now())
  expect(looks).toBe(1)
})

test('only what is over goes, and counts', async () => {
  const { engine, retention, finish, kept } = await openRetention()
  for (const key of ['a', 'b']) await finish(key, 0)
  for (const key of ['x', 'y', 'z']) await engine.ask({ kind: 'run', key }, { type: 'start' })
  expect(await retention.collect({ dryRun: true })).toEqual({ dryRun: true, items: [] })
  await finish('c', 1)
  expect((await retention.collect()).items).toMatchObject([{ what: 'run', ids: ['c'] }])
  expect((await kept()).sort()).toEqual(['a', 'b', 'x', 'y', 'z'])
})

test('a run stays as long as a thread of its own is at work', async () => {
  const { engine, retention, finish, kept } = await openRetention()
  const thread = { kind: 'chain', key: 'old.step' }
  await engine.ask(thread, { type: 'work' })
  await finish('old', 31)
  expect((await retention.collect()).items).toEqual([])
  expect(await kept()).toEqual(['old'])
  await engine.ask(thread, { type: 'rest' })
  expect((await retention.collect()).items).toMatchObject([{ what: 'thread' }, { what: 'run', ids: ['old'] }])
  expect(await kept()).toEqual([])
})

test('a run takes the threads of its steps, and no thread that only looks like one', async () => {
  const { engine, retention, finish } = await openRetention()
  for (const key of ['old.step', 'old.2.step', '.step', 'step', 'older.step'])
    await engine.ask({ kind: 'chain', key }, { type: 'rest' })
  await engine.ask({ kind: 'chain', key: 'old.notes' }, { type: 'named' })
  await finish('old', 31)
  expect((await retention.collect()).items).toMatchObject([{ what: 'thread', ids: ['old.step'] }, { what: 'run' }])
  const left = (await engine.view.list('chain')).map(({ key }) => key)
  expect(left.sort()).toEqual(['.step', 'old.2.step', 'old.notes', 'older.step', 'step'])
})
