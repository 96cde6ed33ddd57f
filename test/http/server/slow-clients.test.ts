import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { cutOffStalled, type HttpApp } from '../../../src/http/server/lifecycle.ts'
import { serve } from '../../../src/http/server/serve.ts'

const SOON = 20

/** A connection on which one request was sent, to a server that waits no longer than a moment for who takes nothing. */
async function ask(answer: RequestListener): Promise<Socket> {
  const server = createServer(answer)
  cutOffStalled(server, SOON)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
  return socket
}

it('cuts off a client that reads nothing of an answer', async () => {
  const answered = Promise.withResolvers<ServerResponse>()
  const socket = await ask((_, response) => {
    response.end(Buffer.alloc(64 * 1024 * 1024))
    answered.resolve(response)
  })
  const response = await answered.promise
  await once(response, 'close')
  expect(response.writableFinished).toBe(false)
  socket.destroy()
})

it('lets a client wait for an answer and read it afterwards', async () => {
  const socket = await ask(async (_, response) => {
    await once(response, 'timeout')
    response.end('here it is')
  })
  expect(await text(socket)).toMatch(/here it is$/)
})

it('holds for all that a server answers', async () => {
  let patience: number | undefined
  const app: HttpApp = {
    async fetch(_request, env) {
      await nextTurn()
      patience = (env as { readonly outgoing: ServerResponse }).outgoing.socket?.timeout
      return new Response('ok')
    },
  }
  const served = await serve(app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => served.close())
  await (await fetch(`http://127.0.0.1:${served.port}`)).text()
  expect(patience).toBe(60_000)
})
