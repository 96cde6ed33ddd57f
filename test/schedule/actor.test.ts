import { describe, expect, it, test } from 'vitest'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { RetryableError, TerminalError } from '../../src/errors.ts'
import { scheduleActor, scheduleRef } from '../../src/schedule/actor.ts'
import type { ScheduleDefinition } from '../../src/schedule/definition.ts'
import { onClockJump } from '../../src/schedule/room/begin.ts'
import { type ScheduleState, shownDecisions, withDecisions } from '../../src/schedule/state.ts'
import { simulatedClock } from '../../src/testing/index.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const BEGIN = Date.parse('2026-11-27T08:30:00Z')
const REF = scheduleRef('local', 'report')
const WORK = { overlap: 'allow', missed: 'last', owner: 'local', pipeline: 'report' } as const

/** A message that puts a schedule of each hour, unless it says otherwise. */
const putOf = (definition: Partial<ScheduleDefinition>) => {
  const timing = definition.every === undefined ? { cron: '0 * * * *' } : {}
  return { type: 'put', definition: { ...WORK, ...timing, ...definition } }
}

/** A schedule on a simulated clock, whose work stays open until `ends` is called. */
async function openSchedule(definition: Partial<ScheduleDefinition> = {}) {
  const clock = simulatedClock(BEGIN)
  const setting = { skew: 0, serves: true, faults: [] as Error[] }
  const started: string[] = []
  const open = new Set<string>()
  const cancelled: string[] = []
  const actor = scheduleActor({
    serves: () => setting.serves,
    starter: () => ({
      async start(_, id) {
        const fault = setting.faults.shift()
        if (fault) throw fault
        if (started.includes(id)) return
        started.push(id)
        open.add(id)
      },
      isOpen: async (id) => open.has(id),
      async cancel(id) {
        cancelled.push(id)
        open.delete(id)
      },
    }),
  })
  const engine = inlineEngine({ actors: [actor], clock: { ...clock, now: () => clock.now() + setting.skew } })
  const tell = async (body: object) => {
    await engine.tell(REF, body as never)
    await clock.advance(0)
  }
  await tell(putOf(definition))
  const state = async () => (await engine.view.peek(REF)) as ScheduleState
  /** the hours and minutes of what was started */
  const times = () => started.map((id) => /T(\d\d)(\d\d)/.exec(id)!.slice(1).join(':'))
  const endAll = () => open.clear()
  return { engine, clock, setting, started, cancelled, tell, state, times, endAll }
}

test('each instant starts its work once, under an id of its own', async () => {
  const { clock, times, started, state } = await openSchedule()
  await clock.advance(3 * HOUR)
  expect(times()).toEqual(['09:00', '10:00', '11:00'])
  const { nonce } = await state()
  expect(started[0]).toBe(`report-20261127T090000Z-${nonce}`)
})

describe('while the work of the instant before is open', () => {
  it.each([
    ['allow', ['09:00', '10:00', '11:00'], 0],
    ['skip', ['09:00'], 0],
    ['queue', ['09:00'], 0],
    ['cancel', ['09:00', '10:00', '11:00'], 2],
  ] as const)('%s', async (overlap, expected, cancels) => {
    const { clock, times, cancelled } = await openSchedule({ overlap })
    await clock.advance(3 * HOUR)
    expect(times()).toEqual(expected)
    expect(cancelled.length).toBe(cancels)
  })

  it('a skipped instant says behind which work', async () => {
    const { clock, state, started } = await openSchedule({ overlap: 'skip' })
    await clock.advance(2 * HOUR)
    expect((await state()).decisions.at(-1)).toMatchObject({ type: 'skipped', why: `${started[0]} is still open` })
  })

  it('queued instants start one after another as soon as there is room', async () => {
    const { clock, times, endAll, state } = await openSchedule({ overlap: 'queue' })
    await clock.advance(3 * HOUR)
    expect((await state()).waiting.length).toBe(2)
    for (let round = 0; round < 2; round++) {
      endAll()
      await clock.advance(11_000)
    }
    expect(times()).toEqual(['09:00', '10:00', '11:00'])
  })
})

describe('a clock that is set', () => {
  it('back: no instant is started twice, and none of the true time is left out', async () => {
    const { clock, times, setting } = await openSchedule()
    await clock.advance(2 * HOUR)
    setting.skew = -2 * HOUR
    await clock.advance(4 * HOUR)
    expect(times()).toEqual(['09:00', '10:00', '11:00', '12:00'])
  })

  it('a day forward and back again: the true time goes on', async () => {
    const { clock, times, setting, tell } = await openSchedule({ missed: 'none' })
    setting.skew = 24 * HOUR
    await clock.advance(HOUR)
    setting.skew = 0
    // as the process does that sees the clock go back
    await tell({ type: 'due' })
    await clock.advance(3 * HOUR)
    expect(times().slice(-3)).toEqual(['10:00', '11:00', '12:00'])
  })

  it('a day of sleep is one start, and the decision tells of the others', async () => {
    const { clock, times, setting, state, tell } = await openSchedule()
    setting.skew = 24 * HOUR + 10 * MINUTE
    await tell({ type: 'due' })
    expect(times()).toEqual(['08:00'])
    const shown = shownDecisions((await state()).decisions)
    expect(shown.map(({ type }) => type)).toEqual(['started', ...Array.from({ length: 23 }, () => 'missed')])
    expect(shown[1]).toMatchObject({ from: BEGIN + 22.5 * HOUR, to: BEGIN + 22.5 * HOUR, count: 1 })
    await clock.advance(HOUR)
    expect(times()).toEqual(['08:00', '09:00'])
  })
})

test('a process that does not serve starts nothing, and leaves the instant to one that does', async () => {
  const { clock, times, setting } = await openSchedule()
  setting.serves = false
  await clock.advance(31 * MINUTE)
  expect(times()).toEqual([])
  setting.serves = true
  await clock.advance(2 * MINUTE)
  expect(times()).toEqual(['09:00'])
})

test('a paused schedule starts nothing, and nothing makes up for the pause', async () => {
  const { clock, times, tell } = await openSchedule({ missed: 'all' })
  await tell({ type: 'pause' })
  await clock.advance(3 * HOUR)
  await tell({ type: 'resume' })
  await clock.advance(HOUR)
  expect(times()).toEqual(['12:00'])
})

describe('a schedule that is put again', () => {
  it('with an equal definition changes nothing: an hour goes on through a put each 50 minutes', async () => {
    const hourly = { every: 3600 }
    const { clock, times, tell, state } = await openSchedule(hourly)
    const before = await state()
    await tell(putOf(hourly))
    expect(await state()).toEqual(before)
    for (let n = 0; n < 4; n++) {
      await clock.advance(50 * MINUTE)
      await tell(putOf(hourly))
    }
    expect(times()).toEqual(['09:30', '10:30', '11:30'])
  })

  it('keeps its instants and those that wait if only its work changes', async () => {
    const { clock, times, tell, endAll, state } = await openSchedule({ overlap: 'queue' })
    await clock.advance(3 * HOUR)
    await tell(putOf({ overlap: 'queue', zone: 'UTC', inputs: { topic: 'tides' } }))
    expect((await state()).waiting.length).toBe(2)
    endAll()
    await clock.advance(11_000)
    expect(times()).toEqual(['09:00', '10:00'])
  })

  it('with another timing counts from now, and what it leaves behind has decisions', async () => {
    const { clock, setting, tell, state } = await openSchedule({ overlap: 'queue' })
    await clock.advance(2 * HOUR)
    setting.serves = false
    await clock.advance(HOUR + 31 * MINUTE)
    await tell(putOf({ cron: '15 * * * *' }))
    const { decisions, waiting } = await state()
    expect(waiting).toEqual([])
    expect(shownDecisions(decisions).map((one) => [one.type, hourOf('from' in one ? one.from : one.instant)])).toEqual([
      ['skipped', '12:00'],
      ['missed', '11:00'],
      ['skipped', '10:00'],
      ['started', '09:00'],
    ])
  })

  it('pausing leaves what waits, with decisions', async () => {
    const { clock, tell, state } = await openSchedule({ overlap: 'queue' })
    await clock.advance(2 * HOUR)
    await tell({ type: 'pause' })
    const { decisions } = await state()
    expect(decisions.at(-1)).toMatchObject({
      type: 'each',
      instants: [BEGIN + 1.5 * HOUR],
      why: 'the schedule was paused',
    })
    await clock.advance(HOUR)
    await tell({ type: 'pause' })
    expect((await state()).decisions).toEqual(decisions)
  })
})

const hourOf = (instant: number) => new Date(instant).toISOString().slice(11, 16)

test('missed instants have a thousand decisions in all, and older ones a count', () => {
  const missed = (from: number, count: number) => ({
    type: 'each' as const,
    at: 0,
    instants: Array.from({ length: count }, (_, n) => from + n),
  })
  const decisions = withDecisions(withDecisions([], [missed(0, 700)]), [missed(1000, 600)])
  const shown = shownDecisions(decisions)
  expect(shown.length).toBe(1001)
  expect(shown.at(-1)).toEqual({ type: 'missed', at: 0, from: 0, to: 299, count: 300 })
  expect(shown[600]).toEqual({ type: 'missed', at: 0, from: 699, to: 699, count: 1 })
  const more = withDecisions(decisions, [missed(2000, 1000), missed(4000, 1000)])
  expect(more.map((one) => [one.type, 'count' in one ? one.count : undefined])).toEqual([
    ['missed', 300],
    ['missed', 400],
    ['missed', 600],
    ['missed', 1000],
    ['each', undefined],
  ])
})

test('a start that may succeed later is repeated; any other failure is a decision, and the next instant comes', async () => {
  const { clock, times, setting, state, engine } = await openSchedule()
  setting.faults = [new RetryableError('busy', { code: 'busy' })]
  await clock.advance(HOUR)
  expect(times()).toEqual(['09:00'])
  setting.faults = [new TerminalError('There is no pipeline report.', { code: 'not_found' })]
  await clock.advance(HOUR)
  expect((await state()).decisions.at(-1)).toMatchObject({ type: 'failed', problem: { code: 'not_found' } })
  setting.faults = Array.from({ length: 5 }, () => new RetryableError('no disk', { code: 'storage' }))
  await clock.advance(2 * HOUR)
  expect(times()).toEqual(['09:00', '12:00'])
  expect(await engine.deadLetters.list()).toEqual([])
})

test('work is started by hand at any time, and its end is not waited for', async () => {
  const { engine, clock, started } = await openSchedule({ overlap: 'skip' })
  const reply = engine.ask(REF, { type: 'run' })
  await clock.advance(0)
  expect(await reply).toEqual({ id: started[0] })
  const failing = await openSchedule()
  failing.setting.faults = [new TerminalError('There is no pipeline report.', { code: 'not_found' })]
  const refused = failing.engine.ask(REF, { type: 'run' })
  await Promise.all([failing.clock.advance(0), expect(refused).rejects.toMatchObject({ code: 'not_found' })])
})

test('a schedule that is never due again waits for nothing', async () => {
  const { clock, times, tell } = await openSchedule({ cron: '0 9 27 11 *' })
  await clock.advance(HOUR)
  expect(times()).toEqual(['09:00'])
  await tell({ type: 'remove' })
  await clock.advance(400 * 24 * HOUR)
  expect(times()).toEqual(['09:00'])
})

test('a clock that is set, or a machine that slept, is noticed within a minute, and again if waking fails', async () => {
  const clock = simulatedClock(BEGIN)
  let skew = 0
  let woken = 0
  const off = onClockJump({ ...clock, now: () => clock.now() + skew }, async () => {
    if (++woken === 1) throw new Error('no disk')
  })
  await clock.advance(5 * MINUTE)
  expect(woken).toBe(0)
  skew = -HOUR
  await clock.advance(3 * MINUTE)
  expect(woken).toBe(2)
  skew = 24 * HOUR
  await clock.advance(3 * MINUTE)
  expect(woken).toBe(3)
  off()
  skew = 0
  await clock.advance(3 * MINUTE)
  expect(woken).toBe(3)
})
