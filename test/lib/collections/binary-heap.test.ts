import { expect, it } from 'vitest'
import { pushTo, takeFirst } from '../../../src/lib/collections/binary-heap.ts'

it('the smallest item comes out first, in whatever order items were added', () => {
  const isBefore = (one: number, other: number) => one < other
  const heap: number[] = []
  const take = () => {
    const least = Math.min(...heap)
    expect(takeFirst(heap, isBefore)).toBe(least)
  }
  for (let at = 0; at < 500; at++) {
    pushTo(heap, (at * 7919) % 251, isBefore)
    if (at % 5 === 4) take()
  }
  expect(heap).toHaveLength(400)
  while (heap.length > 0) take()
})
