import { expect, it } from 'vitest'
import {
  appendInterval,
  countNumbers,
  EMPTY_INTERVALS,
  type IntervalSet,
  includesNumber,
  listNumbers,
  removeNumber,
} from '../../../src/lib/collections/interval-set.ts'
import { fc } from '../../property.ts'

const change = fc.record({ begin: fc.nat({ max: 5 }), gap: fc.nat({ max: 2 }), end: fc.nat({ max: 40 }) })

it('hold the numbers that were added and not removed, in order', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      let ranges: IntervalSet = EMPTY_INTERVALS
      let next = 0
      const numbers = new Set<number>()
      for (const { begin, gap, end } of changes) {
        next += gap
        ranges = removeNumber(appendInterval(ranges, next, begin), end)
        for (let n = next; n < next + begin; n++) numbers.add(n)
        numbers.delete(end)
        next += begin
      }
      expect([...listNumbers(ranges)]).toEqual([...numbers])
      expect(countNumbers(ranges)).toBe(numbers.size)
      const inOrder = [...numbers].reduce<IntervalSet>((set, n) => appendInterval(set, n, 1), EMPTY_INTERVALS)
      expect(inOrder).toEqual(ranges)
      for (let n = 0; n <= next; n++) expect(includesNumber(ranges, n)).toBe(numbers.has(n))
    }),
  )
})

it('take the room of two numbers while what begins in order ends so', () => {
  let ranges = appendInterval(EMPTY_INTERVALS, 0, 1000)
  for (let n = 0; n < 500; n++) ranges = appendInterval(removeNumber(ranges, n), 1000 + n, 1)
  expect(ranges).toEqual([500, 1499])
})
