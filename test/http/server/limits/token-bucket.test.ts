import { expect, it } from 'vitest'
import { createPlaces } from '../../../../src/http/server/limits/guard.ts'
import { type Bucket, createRates, isFull, take } from '../../../../src/http/server/limits/token-bucket.ts'
import { fc } from '../../../property.ts'

const rate = { perSecond: 2, burst: 3 }

it('grants a burst at once, then one per interval', () => {
  let bucket: Bucket | undefined
  const asked = (at: number) => {
    const { bucket: next, ...told } = take(bucket, rate, at)
    bucket = next
    return told
  }
  expect(asked(0)).toEqual({ taken: true, left: 2, wait: 0 })
  expect(asked(0)).toEqual({ taken: true, left: 1, wait: 0 })
  expect(asked(0)).toEqual({ taken: true, left: 0, wait: 500 })
  expect(asked(100)).toEqual({ taken: false, left: 0, wait: 400 })
  expect(asked(500)).toMatchObject({ taken: true, left: 0 })
  expect(asked(100_000)).toMatchObject({ taken: true, left: 2 })
})

it('never grants more than the rate and the burst, and always after the announced wait', () => {
  const waits = fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 200 })
  const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 20 }) })
  fc.assert(
    fc.property(rates, waits, (given, pauses) => {
      let at = 0
      let count = 0
      let bucket: Bucket | undefined
      for (const pause of pauses) {
        at += pause
        const { taken, wait, bucket: next } = take(bucket, given, at)
        if (taken) count++
        else expect(take(next, given, at + wait).taken).toBe(true)
        bucket = next
      }
      expect(count).toBeLessThanOrEqual(given.burst + (at * given.perSecond) / 1000)
    }),
  )
})

it('is full again after a rest', () => {
  const { bucket } = take(undefined, rate, 0)
  expect(isFull(bucket, rate, 499)).toBe(false)
  expect(isFull(bucket, rate, 500)).toBe(true)
})

it('keeps a rate for each', () => {
  let now = 0
  const rates = createRates({ perSecond: 1, burst: 1 }, () => now)
  expect(rates.take('ada').taken).toBe(true)
  expect(rates.take('ada').taken).toBe(false)
  expect(rates.take('bob').taken).toBe(true)
  now = 1000
  expect(rates.take('ada').taken).toBe(true)
})

it('admits up to the limit of each key at once, and each leaves once', () => {
  const places = createPlaces(2)
  const leave = places.enter('ada')!
  places.enter('ada')
  expect(places.enter('ada')).toBeUndefined()
  expect(places.enter('bob')).toBeDefined()
  leave()
  leave()
  expect(places.enter('ada')).toBeDefined()
  expect(places.enter('ada')).toBeUndefined()
})
