import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createModels } from '../../../src/model/registry.ts'
import type { ModelRequest } from '../../../src/model/request/request.ts'
import { useMock } from '../mock.ts'

const KEY = 'sk-test-0123456789'
const server = useMock({ chunkSize: 5 })
const { mock } = server

const request = (instruction: string): ModelRequest => ({ task: { kind: 'write' }, documents: [], instruction })
const signal = () => new AbortController().signal
const modelsAt = (baseURL: string) =>
  createModels(
    { model: 'lab/small', providers: { lab: { type: 'openai-compatible', baseURL, keyEnv: 'LAB_KEY' } } },
    { LAB_KEY: KEY },
  )

describe('an openai-compatible server', () => {
  it('gives text and counts its tokens', async () => {
    const usage = { prompt_tokens: 11, completion_tokens: 4, total_tokens: 15 }
    mock.onMessage('greet me', { content: 'Good day.', usage })
    expect(await modelsAt(`${server.url}/v1`).generate(request('greet me'), { signal: signal() })).toEqual({
      text: 'Good day.',
      citations: [],
      usage: { input: 11, output: 4 },
      model: 'lab/small',
    })
  })

  it('streams', async () => {
    mock.onMessage('count', { content: 'one two three four five' })
    const deltas: string[] = []
    const reply = await modelsAt(`${server.url}/v1`).generate(request('count'), {
      signal: signal(),
      onDelta: (text) => deltas.push(text),
    })
    expect(deltas.length).toBeGreaterThan(1)
    expect([deltas.join(''), reply.text]).toEqual(Array(2).fill('one two three four five'))
  })

  it('fills a schema', async () => {
    mock.onMessage('a person', { content: '{"name":"Ada","born":1815}' })
    const schema = { type: 'object', properties: { name: { type: 'string' }, born: { type: 'integer' } } }
    const reply = await modelsAt(`${server.url}/v1`).generate({ ...request('a person'), schema }, { signal: signal() })
    expect(reply.object).toEqual({ name: 'Ada', born: 1815 })
  })

  it('asks once more for JSON that fits, then gives up', async () => {
    mock.onMessage(/a person|JSON/, { content: 'Ada' })
    const schema = { type: 'object' }
    await expect(
      modelsAt(`${server.url}/v1`).generate({ ...request('a person'), schema }, { signal: signal() }),
    ).rejects.toMatchObject({
      code: 'model_invalid_output',
    })
    expect(mock.getRequests()).toHaveLength(2)
  })

  it.each([
    [401, 'TerminalError', 'model_unauthorized'],
    [429, 'RetryableError', 'model_rate_limited'],
    [500, 'RetryableError', 'model_unavailable'],
  ])('that answers %d is asked once and gives a %s', async (status, name, code) => {
    mock.onMessage('hello', { content: 'never seen' })
    mock.nextRequestError(status, { message: `no: ${KEY}` })
    const failure = await modelsAt(`${server.url}/v1`)
      .generate(request('hello'), { signal: signal() })
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({
      name,
      code,
      message: `Model lab/small failed with status ${status}: no: [redacted]`,
    })
    expect(mock.getRequests()).toHaveLength(1)
  })

  it('says when to come again', async () => {
    mock.nextRequestError(429, { message: 'slow down' })
    await expect(modelsAt(`${server.url}/v1`).generate(request('hello'), { signal: signal() })).rejects.toMatchObject({
      delay: 1000,
    })
  })

  it('fails while streaming as it does otherwise', async () => {
    mock.nextRequestError(500, { message: 'boom' })
    await expect(
      modelsAt(`${server.url}/v1`).generate(request('hello'), { signal: signal(), onDelta() {} }),
    ).rejects.toMatchObject({ code: 'model_unavailable' })
  })

  it('that is not there is worth another try', async () => {
    const server = await serve(() => {})
    const port = (server.address() as AddressInfo).port
    await close(server)
    const models = modelsAt(`http://127.0.0.1:${port}/v1`)
    await expect(models.generate(request('hello'), { signal: signal() })).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'model_unavailable',
    })
  })
})

describe('on the wire', () => {
  it('goes the key as a bearer token, the prompt as a plain string, and nothing meant for the offline model', async () => {
    const seen = Promise.withResolvers<{ authorization: string | undefined; body: string }>()
    const server = await serve((authorization, body) => seen.resolve({ authorization, body }))
    const port = (server.address() as AddressInfo).port
    const documents = [{ name: 'a.md', text: 'Alpha.' }]
    const models = modelsAt(`http://127.0.0.1:${port}/v1`)
    await models.generate({ ...request('Go.'), documents, schema: {} }, { signal: signal() }).catch(() => {})
    const { authorization, body } = await seen.promise
    await close(server)
    expect(authorization).toBe(`Bearer ${KEY}`)
    expect(body).not.toContain('offline')
    const sent = JSON.parse(body)
    expect(sent.messages.map(({ role }: { role: string }) => role)).toEqual(['system', 'user'])
    expect(sent.messages[1].content).toContain('<document name="a.md">\nAlpha.\n</document>')
    expect(sent.response_format.json_schema.strict).toBe(false)
  })
})

/** A server that shows each request and answers with an error. */
async function serve(show: (authorization: string | undefined, body: string) => void): Promise<Server> {
  const server = createServer(async (incoming, response) => {
    let body = ''
    for await (const chunk of incoming) body += chunk
    show(incoming.headers.authorization, body)
    response.writeHead(400).end('{"error":{"message":"no"}}')
  })
  return listen(server)
}

async function listen(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
