import { expect, test } from 'vitest'
import { createSeen, hashOf } from '../../../src/engine/libsql/hash-index.ts'
import { fc } from '../../property.ts'

const id = (n: number) => `request-${n}`

test('each id is found where it was seen, the latest first, also when the tables have grown', () => {
  const seen = createSeen()
  for (let n = 1; n <= 50_000; n++) seen.add(hashOf(id(n)), n)
  for (let n = 1; n <= 50_000; n += 1_000) seen.add(hashOf(id(n)), 60_000 + n)
  for (let n = 1; n <= 50_000; n++) {
    const found = seen.find(hashOf(id(n)))
    expect(found).toContain(n)
    if (n % 1_000 === 1) expect(found[0]).toBe(60_000 + n)
  }
})

test('an id that was not seen is nearly always known to be new', () => {
  const seen = createSeen()
  for (let n = 0; n < 100_000; n++) seen.add(hashOf(id(n)), 1)
  const taken = Array.from({ length: 10_000 }, (_, n) => seen.find(hashOf(`other-${n}`))).filter(
    (all) => all.length > 0,
  )
  expect(taken.length).toBeLessThan(10)
})

test('what was seen before a batch is forgotten, the rest stays', () => {
  const seen = createSeen()
  for (let n = 1; n <= 1_000; n++) seen.add(hashOf(id(n)), n)
  seen.forget(501)
  for (let n = 1; n <= 1_000; n++) expect(seen.find(hashOf(id(n))).includes(n)).toBe(n >= 501)
})

test('numbers past 32 bits come back whole', () => {
  const seen = createSeen()
  const late = 2 ** 33
  seen.add(hashOf('before'), late - 5)
  seen.add(hashOf('after'), late + 5)
  expect(seen.find(hashOf('before'))).toEqual([late - 5])
  expect(seen.find(hashOf('after'))).toEqual([late + 5])
})

test('a hash is never 0, which marks a free place', () => {
  fc.assert(fc.property(fc.string(), (text) => hashOf(text) > 0 && hashOf(text) < 2 ** 32))
})
