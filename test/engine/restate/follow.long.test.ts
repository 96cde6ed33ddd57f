import { expect, test } from 'vitest'
import { createBus } from '../../../src/engine/bus.ts'
import { followEvents } from '../../../src/engine/restate/follow.ts'
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
