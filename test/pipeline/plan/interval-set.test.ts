import { expect, it } from 'vitest'
import {
  append,
  countOf,
  includes,
  NONE,
  numbersIn,
  type Ranges,
  rangesOf,
  remove,
} from '../../../src/pipeline/plan/interval-set.ts'
import { loopIn } from '../../../src/pipeline/plan/run-state.ts'
import { fc } from '../../property.ts'

const change = fc.record({ begin: fc.nat({ max: 5 }), gap: fc.nat({ max: 2 }), end: fc.nat({ max: 40 }) })

it('hold the numbers that were added and not removed, in order', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      let ranges: Ranges = NONE
      let next = 0
      const numbers = new Set<number>()
      for (const { begin, gap, end } of changes) {
        next += gap
        ranges = remove(append(ranges, next, begin), end)
        for (let n = next; n < next + begin; n++) numbers.add(n)
        numbers.delete(end)
        next += begin
      }
      expect([...numbersIn(ranges)]).toEqual([...numbers])
      expect(countOf(ranges)).toBe(numbers.size)
      expect(rangesOf([...numbers])).toEqual(ranges)
      for (let n = 0; n <= next; n++) expect(includes(ranges, n)).toBe(numbers.has(n))
    }),
  )
})

it('take the room of two numbers while what begins in order ends so', () => {
  let ranges = append(NONE, 0, 1000)
  for (let n = 0; n < 500; n++) ranges = append(remove(ranges, n), 1000 + n, 1)
  expect(ranges).toEqual([500, 1499])
})

it('a loop that code without ranges began is as far as it was', () => {
  const old = { length: 9, next: 6, active: { '2': 1, '4': 2, '5': 2 }, flying: 3, ms: 7, before: 5 }
  const read = { ...old, active: [2, 2, 4, 5], left: { '2': 1, '4': 2, '5': 2 } }
  expect(loopIn(old)).toEqual(read)
  expect(loopIn(read)).toBe(read)
  expect(loopIn(null)).toBeUndefined()
})
