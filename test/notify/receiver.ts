import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { onTestFinished } from 'vitest'
import { type Clock, systemClock } from '../../src/engine/engine.ts'

/** The secret of all receivers of tests. */
export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** A message as a receiver got it; its signature was checked. */
export type Received = {
  readonly id: string
  readonly body: {
    readonly type: string
    readonly timestamp: string
    readonly data: { readonly link: NoticeLink; readonly since: string; readonly [field: string]: unknown }
  }
}

type NoticeLink = { readonly url: string; readonly expires: string }

/** How a receiver answers: a status, or by hand. */
export type Answer = number | ((response: ServerResponse, request: IncomingMessage) => void)

/** A receiver on loopback. It answers as `answers` say, and the last of them is repeated. */
export async function openReceiver(answers: Answer[] = [204], clock: Pick<Clock, 'now'> = systemClock) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const headers = request.headers as { [name: string]: string }
    const body = verifyAt(clock.now(), text, headers)
    received.push({ id: headers['webhook-id']!, body })
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!
    if (typeof answer === 'number') response.writeHead(answer).end()
    else answer(response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { received, answers, url: `http://127.0.0.1:${port}/hooks/path-secret`, port }
}

/** Checks signature and time as receivers do, by the clock of the test. */
function verifyAt(time: number, text: string, headers: { readonly [name: string]: string }): Received['body'] {
  const { now } = Date
  Date.now = () => time
  try {
    return new Webhook(SECRET).verify(text, headers) as Received['body']
  } finally {
    Date.now = now
  }
}
