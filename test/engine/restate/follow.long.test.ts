import { expect, test } from 'vitest'
import { createBus } from '../../../src/engine/bus.ts'
import { followEvents } from '../../../src/engine/restate/follow.ts'
import { CancelledError } from '../../../src/errors.ts'
import type { Json } from '../../../src/kernel/schema.ts'

const OF = { kind: 'teller', key: 'a' }

/** Someone who follows an actor of which nothing is seen unless somebody looks; how long it would rest is noted, and no rest ends by itself. */
function follow() {
  const happened = createBus<unknown>()
  const told: Json[] = []
  const rests: number[] = []
  const never = new Promise<never>(() => {})
  const read = async ({ after }: { readonly after: number }) => {
    const events = told.map((body, at) => ({ n: at + 1, body, by: 'life' })).slice(after)
    return { last: told.length, before: 'life', events } as unknown as Json
  }
  const rest = (ms: number) => {
    rests.push(ms)
    return never
  }
  const events = followEvents(read, happened, OF, {}, rest)[Symbol.asyncIterator]()
  return { told, rests, events, ring: () => happened.publish('teller/a', null) }
}

test('a woken follower looks at once, however long its pause would have been', async () => {
  const { told, rests, events, ring } = follow()
  for (const body of ['one', 'two', 'three']) {
    const next = events.next()
    await expect.poll(() => rests.length).toBeGreaterThan(told.length)
    told.push(body)
    ring()
    expect(await next).toMatchObject({ value: { body } })
  }
})

test('a follower that has left ends quietly when the engine stops under its read', async () => {
  const leaving = new AbortController()
  const read = Promise.withResolvers<Json>()
  const next = followEvents(() => read.promise, createBus(), OF, { signal: leaving.signal }).next()
  leaving.abort()
  read.reject(new CancelledError('The engine has stopped.'))
  expect(await next).toEqual({ done: true, value: undefined })
})

test('a follower that stays gets the error of its read', async () => {
  const next = followEvents(() => Promise.reject(new CancelledError('The engine has stopped.')), createBus(), OF).next()
  await expect(next).rejects.toThrow('The engine has stopped.')
})
