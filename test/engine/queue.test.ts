import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createQueue, firstOf, itemsOf, lengthOf, push, shift, unshift } from '../../src/engine/queue.ts'

describe('a queue', () => {
  it('is an array in another form', () => {
    const operation = fc.constantFrom('push', 'push', 'unshift', 'shift')
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), fc.integer({ min: 0, max: 3000 }), (operations, before) => {
        const queue = createQueue<number>()
        const model: number[] = []
        const operate = { push, unshift, shift: () => expect(shift(queue)).toBe(model.shift()) }
        for (let n = 0; n < before; n++) {
          push(queue, n)
          model.push(n)
        }
        // past the point where it moves its items down
        for (let n = 0; n < (before * 2) / 3; n++) operate.shift()
        operations.forEach((name, n) => {
          if (name !== 'shift') model[name](n)
          operate[name](queue, n)
          expect([lengthOf(queue), firstOf(queue)]).toEqual([model.length, model[0]])
        })
        expect(itemsOf(queue)).toEqual(model)
      }),
    )
  })

  it('keeps no more than twice what waits, and nothing that was taken', () => {
    const queue = createQueue<object>()
    for (let n = 0; n < 100_000; n++) push(queue, {})
    for (let n = 0; n < 90_000; n++) shift(queue)
    expect(queue.items.length).toBeLessThanOrEqual(20_001)
    expect(queue.items.slice(0, queue.head).every((item) => item === undefined)).toBe(true)
  })
})
