import { expect, test } from 'vitest'
import { createQueuedMessage } from '../../../src/engine/libsql/activation/activation.ts'
import { createTimers } from '../../../src/engine/libsql/timers.ts'
import { simulatedClock } from '../../../src/testing/index.ts'
import { envelope } from '../../kernel/fixtures.ts'
import { fc, runs } from '../../property.ts'

const HOUR = 3_600_000

/** A clock of which the hands are moved by `set`; what is to come comes after the same time as before. */
function settableClock() {
  const clock = simulatedClock(0)
  let by = 0
  return { ...clock, now: () => clock.now() + by, set: (ms: number) => void (by += ms) }
}

function open() {
  const clock = settableClock()
  const fired: (readonly [due: number, at: number])[] = []
  const timers = createTimers(clock, (letter) => void fired.push([letter.envelope.due!, clock.now()]))
  const set = (due: number, key = 'a') =>
    timers.add(createQueuedMessage(envelope({ due, to: { kind: 'counter', key } }), 1))
  return { clock, fired, timers, set }
}

test('each fires at its time, the earliest first, in whatever order they are set', async () => {
  const times = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 30 })
  const property = fc.asyncProperty(times, async (dues) => {
    const { clock, fired, set } = open()
    for (const due of dues) set(due)
    await clock.advance(50)
    expect(fired).toEqual(dues.toSorted((a, b) => a - b).map((due) => [due, due]))
  })
  await fc.assert(property, runs(30))
})

test('a removed timer does not fire, and the others do', async () => {
  const { clock, fired, timers, set } = open()
  for (const due of [5, 1, 4, 2, 3]) set(due)
  const taken = timers.take('counter/a', ({ envelope: { due } }) => due! % 2 === 1)
  expect(taken.map(({ envelope: { due } }) => due).sort()).toEqual([1, 3, 5])
  expect(timers.all().map(({ envelope: { due } }) => due)).toEqual([2, 4])
  await clock.advance(9)
  expect(fired.map(([due]) => due)).toEqual([2, 4])
  expect(timers.all('counter/a')).toEqual([])
})

test('the timers of an actor are found and removed without a look at those of others', async () => {
  const { clock, fired, timers, set } = open()
  for (let due = 1; due <= 100; due++) set(due, due % 10 === 0 ? 'a' : `other${due}`)
  const looked: string[] = []
  const isOdd = ({ envelope: { due, to } }: ReturnType<typeof timers.all>[number]) =>
    looked.push(to.key) > 0 && due! % 20 === 10
  expect(timers.take('counter/a', isOdd)).toHaveLength(5)
  expect(looked).toEqual(Array.from({ length: 10 }, () => 'a'))
  expect(timers.all('counter/a').map(({ envelope: { due } }) => due)).toEqual([20, 40, 60, 80, 100])
  for (let n = 1; n <= 99; n += 2) timers.take(`counter/other${n}`, () => true)
  expect(timers.all()).toHaveLength(45)
  await clock.advance(100)
  expect(fired.map(([due]) => due)).toEqual(
    Array.from({ length: 50 }, (_, n) => 2 * n + 2).filter((due) => due % 20 !== 10),
  )
})

test('a timer that is due after the clock went forward, as after sleep, fires within a minute', async () => {
  const { clock, fired, set } = open()
  set(2 * HOUR)
  clock.set(8 * HOUR)
  await clock.advance(60_000)
  expect(fired).toEqual([[2 * HOUR, 8 * HOUR + 60_000]])
})

test('a timer does not wait longer because the clock goes back', async () => {
  const { clock, fired, set } = open()
  set(5_000)
  clock.set(-5 * HOUR)
  set(3_000 - 5 * HOUR)
  await clock.advance(5_000)
  expect(fired).toEqual([
    [3_000 - 5 * HOUR, 3_000 - 5 * HOUR],
    [5_000, 5_000 - 5 * HOUR],
  ])
})

test('a clock that is set back and put right again wakes nothing before it is due', async () => {
  const { clock, fired, set } = open()
  set(6 * HOUR)
  clock.set(-5 * HOUR)
  await clock.advance(60_000)
  clock.set(5 * HOUR)
  await clock.advance(5 * HOUR)
  expect(fired).toEqual([])
  await clock.advance(HOUR)
  expect(fired).toEqual([[6 * HOUR, 6 * HOUR]])
})
