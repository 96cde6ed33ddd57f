import { expect, test } from 'vitest'
import { inVisitorWords, whyUnavailable } from '../../../src/http/authorize/visitor-words.ts'

const title = 'The process is degraded: event-loop 612, limit 500.'
const goalWith = (type: string) => ({
  get: async () => ({ status: 'waiting', wait: { type, title, since: 1 } }) as never,
})

test('a message that waits for a busy process is not unavailable, and one that waits for the operator is', async () => {
  expect(await whyUnavailable(goalWith('health'), 'one')).toBeUndefined()
  expect(await whyUnavailable(goalWith('money'), 'one')).toMatchObject({ code: 'unavailable' })
})

test('a visitor reads that a busy service answers later', async () => {
  const event = { type: 'goal-wait', reason: 'health', title }
  const words = inVisitorWords({ ...goalWith('health'), event: async () => event })
  expect(await words.get()).toMatchObject({ wait: { title: 'The service is busy; the answer comes later' } })
  expect(await words.event()).toEqual({ ...event, title: 'The service is busy; the answer comes later' })
})
