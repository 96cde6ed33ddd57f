import { expect, it } from 'vitest'
import { operationOf } from '../../bench/engine/target.ts'
import { drive, percentile } from '../../bench/load.ts'

const task = { name: 'any/load', folder: '', warmUp: 0, seconds: 0, id: 'x-' }

it('an operation with a wrong outcome is an error, however fast it was', async () => {
  const lost = operationOf({ perform: async () => 1 }, { operation: 'update', clients: 1 }, task)
  await lost(0)
  await expect(lost(0)).rejects.toThrow('the outcome was 1 instead of 2')
  const short = operationOf({ perform: async () => 9 }, { operation: 'run', clients: 1 }, task)
  await expect(short(0)).rejects.toThrow('the outcome was 9 instead of 10')
  const random = operationOf({ perform: async () => Number.NaN }, { operation: 'update', clients: 1, keys: 5 }, task)
  await expect(random(0)).rejects.toThrow('the total was NaN')
})

it('clients have keys of their own, and runs names that nobody had', async () => {
  const keys: string[] = []
  const perform = async (key: string) => keys.push(key) && 1
  const update = operationOf({ perform }, { operation: 'update', clients: 2 }, task)
  await Promise.all([update(0), update(1)])
  expect(keys).toEqual(['x-k0', 'x-k1'])
  const ids: string[] = []
  const run = operationOf({ perform: async (id) => ids.push(id) && 10 }, { operation: 'run', clients: 2 }, task)
  await Promise.all([run(0), run(1), run(0)])
  expect(ids).toEqual(['x-r0', 'x-r1', 'x-r2'])
})

it('a load has all its clients at work at once', async () => {
  const gate = Promise.withResolvers<void>()
  let atWork = 0
  const done = drive(3, 0.001, async () => {
    if (++atWork === 3) gate.resolve()
    await gate.promise
  })
  expect((await done).count).toBeGreaterThanOrEqual(3)
})

it('a percentile is the value that this share does not reach', () => {
  const numbers = Array.from({ length: 100 }, (_, n) => n)
  expect([percentile(numbers, 0.5), percentile(numbers, 0.99), percentile([7], 0.99)]).toEqual([50, 99, 7])
  expect(percentile([], 0.5)).toBeNaN()
})
