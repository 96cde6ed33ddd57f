import { expect, test } from 'vitest'
import { createHashIndex, hashId } from '../../../../src/engine/libsql/stored/hash-index.ts'
import { fc } from '../../../property.ts'

const id = (n: number) => `request-${n}`

test('each id is found where it was seen, the latest first, also when the tables have grown', () => {
  const seen = createHashIndex()
  for (let n = 1; n <= 50_000; n++) seen.add(hashId(id(n)), n)
  for (let n = 1; n <= 50_000; n += 1_000) seen.add(hashId(id(n)), 60_000 + n)
  for (let n = 1; n <= 50_000; n++) {
    const found = seen.find(hashId(id(n)))
    expect(found).toContain(n)
    if (n % 1_000 === 1) expect(found[0]).toBe(60_000 + n)
  }
})

test('an id that was not seen is nearly always known to be new', () => {
  const seen = createHashIndex()
  for (let n = 0; n < 100_000; n++) seen.add(hashId(id(n)), 1)
  const taken = Array.from({ length: 10_000 }, (_, n) => seen.find(hashId(`other-${n}`))).filter(
    (all) => all.length > 0,
  )
  expect(taken.length).toBeLessThan(10)
})

test('the index forgets entries from before a batch and keeps the rest', () => {
  const seen = createHashIndex()
  for (let n = 1; n <= 1_000; n++) seen.add(hashId(id(n)), n)
  seen.forget(501)
  for (let n = 1; n <= 1_000; n++) expect(seen.find(hashId(id(n))).includes(n)).toBe(n >= 501)
})

test('numbers past 32 bits come back whole', () => {
  const seen = createHashIndex()
  const late = 2 ** 33
  seen.add(hashId('before'), late - 5)
  seen.add(hashId('after'), late + 5)
  expect(seen.find(hashId('before'))).toEqual([late - 5])
  expect(seen.find(hashId('after'))).toEqual([late + 5])
})

test('a hash is never 0, which marks a free place', () => {
  fc.assert(fc.property(fc.string(), (text) => hashId(text) > 0 && hashId(text) < 2 ** 32))
})
