import { expect, it } from 'vitest'
import { createCompactingMap } from '../../../src/lib/collections/compacting-map.ts'
import { fc } from '../../property.ts'

const deed = fc.tuple(fc.constantFrom('set', 'delete'), fc.integer({ min: 0, max: 40 }))

it('holds what a Map would hold, in its order, however much has passed', () => {
  fc.assert(
    fc.property(fc.array(deed, { minLength: 200, maxLength: 600 }), (deeds) => {
      const [passing, map] = [createCompactingMap<number, number>([[7, 7]]), new Map([[7, 7]])]
      for (const [at, [what, key]] of deeds.entries()) {
        if (what === 'delete') expect(passing.delete(key)).toBe(map.delete(key))
        else {
          passing.set(key, at)
          map.set(key, at)
        }
      }
      expect([...passing.keys()]).toEqual([...map.keys()])
      expect([...passing.values()]).toEqual([...map.values()])
      expect([passing.size, passing.get(3), passing.has(3)]).toEqual([map.size, map.get(3), map.has(3)])
    }),
  )
})

it('begins anew when as many have gone as are left, and more than a few', () => {
  const passing = createCompactingMap<number, number>()
  for (let n = 0; n < 50; n++) passing.set(n, n)
  const before = passing.values()[Symbol.iterator]()
  for (let n = 0; n < 33; n++) passing.delete(n)
  passing.set(50, 50)
  // who walks what it was before does not hear of what came later
  expect([...{ [Symbol.iterator]: () => before }].at(-1)).toBe(49)
  expect([...passing.values()].at(-1)).toBe(50)
})
