import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { questionOf } from '../../../src/tool/question.ts'
import { openServer } from '../../tool/mcp/bench.ts'
import { openMcp } from './bench.ts'

/** antiphon's own client of a server, with a key of its own. */
function clientOf(url: string, token: string) {
  const headers = { Authorization: 'Bearer secret://peer' }
  return openServer({ type: 'http', from: 'antiphon.yaml', url, headers }, { secrets: { peer: token } })
}

it('a step of another antiphon calls pipelines and tools, and a repeated call is one', async () => {
  const { url, key, log, noted } = await openMcp('tools: { approve: none }')
  const { call } = clientOf(url, await key())
  expect(await call('greet', { who: 'Ada' })).toMatchObject({ text: 'Hello Ada', data: { said: 'Hello Ada' } })
  for (let time = 0; time < 2; time++)
    expect(await call('note', { log, line: 'ebb' })).toMatchObject({ data: { noted: 'ebb' } })
  expect(noted()).toHaveLength(1)
})

it('a call that waits there asks the person here', async () => {
  const { url, key, log } = await openMcp()
  const { call } = clientOf(url, await key())
  const question = await call('note', { log, line: 'ebb' }).catch(questionOf)
  expect(question).toMatchObject({
    title: expect.stringContaining('Call note?'),
    items: [
      { id: 'q1', type: 'choice', options: ['approve', 'reject'], required: true },
      { id: 'q2', type: 'text', required: false },
      { id: 'decline' },
    ],
  })
})

it('a client of the older revision learns that the call waits', async () => {
  const { url, key, runtime, log } = await openMcp()
  const { call } = clientOf(await withoutDiscovery(url), await key())
  expect(await call('greet', { who: 'Ada' })).toMatchObject({ text: 'Hello Ada' })
  await expect(call('note', { log, line: 'ebb' })).rejects.toMatchObject({
    message: expect.stringMatching(/waiting: The run waits for a person: Call note\?/),
  })
  const [item] = await runtime.inbox.list()
  await runtime.runs.signal((item as { readonly run: string }).run, 'approve_call', 'approve')
  expect(await call('note', { log, line: 'ebb' })).toMatchObject({ data: { noted: 'ebb' } })
})

/** The same server as one that knows nothing of the revision of 2026. */
async function withoutDiscovery(url: string): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const message = body.length > 0 ? JSON.parse(String(body)) : {}
    if (message.method === 'server/discover') {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code: -32_601, message: 'unknown' } }))
      return
    }
    const headers = Object.entries(request.headers).flatMap(([name, value]) =>
      ['host', 'connection', 'content-length'].includes(name) ? [] : [[name, String(value)] as [string, string]],
    )
    const answer = await fetch(url, { method: request.method!, headers, ...(body.length > 0 && { body }) })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}
