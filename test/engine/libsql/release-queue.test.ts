import { expect, test } from 'vitest'
import { createReleaseQueue } from '../../../src/engine/libsql/release-queue.ts'
import { simulatedClock } from '../../../src/testing/index.ts'

test('the first waiters leave at once, the others in later turns, all in order', () => {
  const waiting: (() => void)[] = []
  const departures = createReleaseQueue({ ...simulatedClock(), soon: (callback) => void waiting.push(callback) })
  const left: number[] = []
  const leaveAll = (from: number, to: number) =>
    departures.add(
      Array.from({ length: to - from }, (_, n) => from + n),
      (item) => left.push(item),
    )

  leaveAll(0, 40)
  expect(left.length).toBeLessThan(40)
  expect(departures.pending).toBe(true)
  leaveAll(40, 50)
  while (waiting.length > 0) waiting.shift()!()
  expect(left).toEqual(Array.from({ length: 50 }, (_, n) => n))
  expect(departures.pending).toBe(false)
})
