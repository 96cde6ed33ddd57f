import { expect, it } from 'vitest'
import { createFairQueue } from '../../../src/worker/offload/fair-queue.ts'

it('gives turns to the share with the fewest running jobs, then to the one that waited longest', () => {
  const turns = createFairQueue<string>(2)
  for (const one of ['a1', 'a2', 'a3', 'b1', 'c1']) turns.add(one[0]!, one)
  const taken = [turns.next(), turns.next(), turns.next(), turns.next(), turns.next()]
  expect(taken).toEqual(['a1', 'b1', 'c1', 'a2', undefined])
  turns.end('a')
  expect(turns.next()).toBe('a3')
})

it('forgets what is removed, and a share that has nothing left', () => {
  const turns = createFairQueue<string>(1)
  turns.add('a', 'a1')
  turns.add('a', 'a2')
  turns.remove('a', 'a1')
  turns.remove('b', 'a2')
  expect(turns.next()).toBe('a2')
  turns.end('a')
  turns.add('a', 'a3')
  turns.add('b', 'b1')
  expect(turns.clear()).toEqual(['a3', 'b1'])
  expect(turns.next()).toBeUndefined()
})
