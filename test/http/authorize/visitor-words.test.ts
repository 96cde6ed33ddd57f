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

test('a run has no hints and places of the operator, and keeps the data of its steps', async () => {
  const words = 'The package pino cannot be loaded. Install it: npm install pino'
  const failed = { error: words, error_code: 'x', error_hint: words, error_at: 'shop.ts:1:1', error_stack: words }
  const step = { ...failed, id: 'pay', value: { result: { error: words }, error: words }, warnings: [words] }
  const document = {
    ...{ ...failed, id: 'r1', status: 'failed', inputs: { error: 'kept' }, outputs: { error: 'kept' } },
    ...{ lacks: [`pay: ${words}`], steps: { pay: { ...step, to_go_on: 'npx antiphon resume r1', attempts: [words] } } },
    stands: { says: words, hint: words, person: true },
    artifacts: [{ name: 'a.bin', bytes: new Uint8Array([1, 2]) }],
  }
  const get = async (): Promise<unknown> => document
  const error = 'The service is not available now'
  expect(await inVisitorWords({ get }).get()).toEqual({
    ...{ error, error_code: 'x', id: 'r1', status: 'failed', inputs: { error: 'kept' }, outputs: { error: 'kept' } },
    lacks: ['A part of the answer is missing.'],
    steps: {
      pay: {
        ...{ error, error_code: 'x', id: 'pay', value: { result: { error: words }, error }, attempts: [] },
        warnings: ['A part of the answer is missing.'],
      },
    },
    stands: { says: error, person: true },
    artifacts: [{ name: 'a.bin', bytes: new Uint8Array([1, 2]) }],
  })
})
