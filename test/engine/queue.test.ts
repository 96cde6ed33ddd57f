import { describe, expect, it } from 'vitest'
import { createQueue, firstOf, itemsOf, lengthOf, push, remove, shift, unshift } from '../../src/engine/queue.ts'
import { fc } from '../property.ts'

describe('a queue', () => {
  it('is an array in another form', () => {
    const operation = fc.constantFrom('push', 'push', 'unshift', 'shift', 'remove')
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), fc.integer({ min: 0, max: 3000 }), (operations, before) => {
        const queue = createQueue<number>()
        const model: number[] = []
        const shiftBoth = () => expect(shift(queue)).toBe(model.shift())
        const removeBoth = (n: number) => {
          const item = model[n % (model.length + 1)] ?? -1
          remove(queue, item)
          if (item !== -1) model.splice(model.indexOf(item), 1)
        }
        const operate = { push, unshift, shift: shiftBoth, remove: (_: object, n: number) => removeBoth(n * 7) }
        for (let n = 0; n < before; n++) {
          push(queue, n)
          model.push(n)
        }
        // past the point where it moves its items down
        for (let n = 0; n < (before * 2) / 3; n++) shiftBoth()
        operations.forEach((name, n) => {
          if (name === 'push' || name === 'unshift') model[name](n)
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
