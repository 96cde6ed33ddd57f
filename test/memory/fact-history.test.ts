import { expect, test } from 'vitest'
import { factAt, factHistory } from '../../src/memory/fact-history.ts'
import { fc } from '../property.ts'

const facts = fc
  .array(
    fc.record({
      standing: fc.nat(1),
      validFrom: fc.nat(8),
      length: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      learnedAt: fc.nat(8),
      ends: fc.array(fc.record({ at: fc.nat(8), knownAt: fc.nat(8) }), { maxLength: 1 }),
    }),
    { maxLength: 5 },
  )
  .map((all) =>
    all.map(({ length, ...fact }, order) => ({
      ...fact,
      order,
      ...(length !== undefined && { validTo: fact.validFrom + length }),
    })),
  )

test('at each instant at most one fact holds, and the history says until when', () => {
  fc.assert(
    fc.property(facts, (all) => {
      const history = factHistory(all)
      for (let at = 0; at < 16; at++) {
        const holding = history.filter(({ fact, validTo = 99 }) => fact.validFrom <= at && at < validTo)
        expect(holding.map(({ fact }) => fact)).toEqual([factAt(all, { at, knownAt: 99 })].filter((fact) => fact))
      }
    }),
  )
})

test('later facts do not change the history before them', () => {
  fc.assert(
    fc.property(facts, fc.nat(8), fc.nat(15), (all, knownAt, at) => {
      const known = all.filter(({ learnedAt }) => learnedAt <= knownAt)
      expect(factAt(all, { at, knownAt })).toBe(factAt(known, { at, knownAt }))
    }),
  )
})
