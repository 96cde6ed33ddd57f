import { expect, test } from 'vitest'
import { createMemo, fitMemo } from '../../../src/chain/phases/memo.ts'

test('an answered call is not repeated, in a later turn either; a failed one is', async () => {
  const first = createMemo()
  expect(await first.once('model', async () => 'tide')).toBe('tide')
  await expect(first.once('read', () => Promise.reject(new Error('no money')))).rejects.toThrow('no money')
  expect(first.entries()).toEqual({ model: 'tide' })
  const second = createMemo(first.entries())
  expect(await second.once('model', () => Promise.reject(new Error('asked again')))).toBe('tide')
  expect(await second.once('read', async () => 'moon')).toBe('moon')
})

test('as much is kept as a part holds, the first first', () => {
  const long = 'x'.repeat(100_000)
  expect(Object.keys(fitMemo({ model: long, 'model.2': long, 'model.3': long, 'model.4': 'y' }))).toEqual([
    'model',
    'model.2',
  ])
  expect(fitMemo({ model: 'tide' })).toEqual({ model: 'tide' })
})
