import { expect, test } from 'vitest'
import { createLetter } from '../../../src/engine/libsql/resident.ts'
import { createTimers } from '../../../src/engine/libsql/timers.ts'
import { simulatedClock } from '../../../src/testing/index.ts'
import { envelope } from '../../kernel/fixtures.ts'
import { fc, runs } from '../../property.ts'

function open() {
  const clock = simulatedClock(0)
  const fired: (readonly [due: number, at: number])[] = []
  const timers = createTimers(clock, (letter) => void fired.push([letter.envelope.due!, clock.now()]))
  return { clock, fired, timers, set: (due: number) => timers.add(createLetter(envelope({ due }), 1)) }
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

test('what is taken out does not fire, the rest does', async () => {
  const { clock, fired, timers, set } = open()
  for (const due of [5, 1, 4, 2, 3]) set(due)
  const taken = timers.take(({ envelope: { due } }) => due! % 2 === 1)
  expect(taken.map(({ envelope: { due } }) => due).sort()).toEqual([1, 3, 5])
  await clock.advance(9)
  expect(fired.map(([due]) => due)).toEqual([2, 4])
})
