import { expect, it } from 'vitest'
import type { FetchHandler } from '../../../src/http/program/handler.ts'
import type { SimulatedClock } from '../../../src/testing/clock.ts'
import { until } from '../../../src/testing/until.ts'
import { answer } from '../../agent/goal/folder.ts'
import { ANN, openMounts, send } from './mounts.ts'

const talk = '/v1/conversations/talk/messages'
const hello = { agent: 'clerk', text: 'Hello.', wait: true }

/** Sends a request whose body comes as `feed` gives it, and never ends by itself; resolves when its body is awaited. */
async function begin(handler: FetchHandler, clock: SimulatedClock, headers: { readonly [name: string]: string } = {}) {
  let feed!: (text: string) => void
  let isCut = false
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => void (feed = (text) => controller.enqueue(Buffer.from(text))),
    cancel: () => void (isCut = true),
  })
  const request = new Request(`https://shop.example${talk}`, {
    ...{ method: 'POST', body, duplex: 'half' },
    headers: { ...ANN, 'content-type': 'application/json', ...headers },
  })
  const answered = handler(request)
  await until(() => (clock.next ?? 0) >= clock.now() + 30_000)
  return { answered, feed, isCut: () => isCut }
}

it('gives up a body that does not come, and its place is free', async () => {
  const { byUser, clock } = await openMounts({ script: [answer('Hello.')], serve: { concurrent: 1 } })
  const handler = byUser()
  const ask = () => send(handler, talk, { body: hello, headers: ANN })
  for (const headers of [{}, { 'content-length': '100' }]) {
    const { answered, feed, isCut } = await begin(handler, clock, headers)
    await clock.advance(20_000)
    feed('{"agent":')
    expect((await ask()).status).toBe(429)
    await clock.advance(40_000)
    const response = await answered
    expect([response.status, await response.json()]).toMatchObject([408, { code: 'body_timeout' }])
    expect(isCut()).toBe(!('content-length' in headers))
  }
  expect(await ask()).toMatchObject({ status: 200, document: { answer: 'Hello.' } })
})

it('gives up a body that comes in drops', async () => {
  const { byUser, clock } = await openMounts()
  const { answered, feed, isCut } = await begin(byUser(), clock)
  for (let drops = 0; drops < 4; drops++) {
    if (!isCut()) feed(' ')
    await clock.advance(20_000)
  }
  expect((await answered).status).toBe(408)
})
