import { expect, onTestFinished, test, vi } from 'vitest'
import { createClient } from '../../../src/client.ts'

type Sent = { readonly id: string; readonly timeout: number; readonly wait: boolean }
const MESSAGE = { conversation: 'lamp', agent: 'returns', text: 'It is broken.' }

/**
 * A client whose server answers the nth request with the nth status, and the bodies that it sent. `early`: the server
 * waits for nothing.
 */
function openClient(statuses: readonly string[], { early = false } = {}) {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const sent: Sent[] = []
  const client = createClient({
    url: 'http://127.0.0.1:1',
    async fetch(request: Request) {
      const body = (await request.json()) as Sent
      sent.push(body)
      if (!early) vi.advanceTimersByTime(body.timeout)
      return Response.json({ conversation: 'lamp', id: body.id, status: statuses[sent.length - 1] })
    },
  })
  return { client, sent }
}

test('a reply that takes hours is waited for in requests of half a minute, which name one message', async () => {
  const { client, sent } = openClient(['waiting', 'waiting', 'completed'])
  expect(await client.conversations.send(MESSAGE)).toMatchObject({ status: 'completed' })
  const { id } = sent[0]!
  expect(sent).toMatchObject([1, 2, 3].map(() => ({ id, text: MESSAGE.text, wait: true, timeout: 30_000 })))
})

test('a limit of its own ends the wait', async () => {
  const { client, sent } = openClient(['waiting', 'completed'])
  expect(await client.conversations.send(MESSAGE, { timeout: 2_000 })).toMatchObject({ status: 'waiting' })
  expect(sent.map(({ timeout }) => timeout)).toEqual([2_000])
})

test('a server that ends the wait early is not asked again at once', async () => {
  const { client, sent } = openClient(['waiting', 'completed'], { early: true })
  expect(await client.conversations.send(MESSAGE)).toMatchObject({ status: 'waiting' })
  expect(sent).toHaveLength(1)
})
