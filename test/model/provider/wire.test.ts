import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { GenerateOptions, ModelRequest } from '../../../src/model/request/request.ts'
import { useMock } from '../mock.ts'

const KEY = 'sk-test-0123456789'
const server = useMock({ chunkSize: 5 })
const { mock } = server

/** Each way to a provider, and below which path its servers answer. */
const WAYS: readonly (readonly [name: string, path: string, config: ProviderConfig])[] = [
  ['openai-compatible', '/v1', { type: 'openai-compatible' }],
  ['ollama', '/v1', { type: 'ollama' }],
  ['huggingface', '/v1', { type: 'huggingface' }],
  ['openai by its Responses', '/v1', { type: 'openai' }],
  ['openai by chat', '/v1', { type: 'openai', api: 'chat' }],
  ['anthropic', '/v1', { type: 'anthropic' }],
  ['google', '/v1beta', { type: 'google' }],
  ['a package by its name', '/v1', { type: '@ai-sdk/mistral' }],
]
const { signal } = new AbortController()
const SPENT = { input: 5, output: 2 }
const CITY = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const ask = (instruction: string): ModelRequest => ({ task: { kind: 'write' }, documents: [], instruction })
const modelsAt = (baseURL: string, config: ProviderConfig) =>
  createModels({ model: 'lab/small', providers: { lab: { ...config, baseURL, keyEnv: 'LAB_KEY' } } }, { LAB_KEY: KEY })

describe.each(WAYS)('%s', (_, path, config) => {
  const generate = (request: ModelRequest, options: Partial<GenerateOptions> = {}, at = server.url) =>
    modelsAt(`${at}${path}`, config).generate(request, { signal, ...options })

  it('gives text and counts its tokens', async () => {
    const usage = { prompt_tokens: 11, completion_tokens: 4, input_tokens: 11, output_tokens: 4 }
    mock.onMessage('greet me', { content: 'Good day.', usage })
    expect(await generate(ask('greet me'))).toEqual({
      text: 'Good day.',
      citations: [],
      usage: { input: 11, output: 4 },
      model: 'lab/small',
    })
  })

  it('streams', async () => {
    mock.onMessage('count', { content: 'one two three four five' })
    const deltas: string[] = []
    const reply = await generate(ask('count'), { onDelta: (text) => deltas.push(text) })
    expect(deltas.length).toBeGreaterThan(1)
    expect([deltas.join(''), reply.text]).toEqual(Array(2).fill('one two three four five'))
  })

  it('fills a schema', async () => {
    mock.onMessage('a person', { content: '{"name":"Ada","born":1815}' })
    const properties = { name: { type: 'string' }, born: { type: 'integer' } }
    const schema = { type: 'object', properties, required: ['name', 'born'], additionalProperties: false }
    expect(await generate({ ...ask('a person'), schema })).toMatchObject({ object: { name: 'Ada', born: 1815 } })
  })

  it('is not held to a schema so strictly that one with optional fields is refused, as OpenAI does then', async () => {
    mock.onMessage('a person', { content: '{"name":"Ada"}' })
    const properties = { name: { type: 'string' }, born: { type: 'integer' } }
    const schema = { type: 'object', properties, required: ['name'], additionalProperties: false }
    const bodies: string[] = []
    const between = await serve(async (request, response) => {
      const body = await textOf(request)
      bodies.push(body)
      await passOn(request, body, response)
    })
    expect(await generate({ ...ask('a person'), schema }, {}, between)).toMatchObject({ object: { name: 'Ada' } })
    expect(bodies).toEqual([expect.not.stringMatching(/"strict":\s*true/)])
  })

  it('asks for a tool and answers with its result, whole and streamed', async () => {
    const usage = { prompt_tokens: 5, completion_tokens: 2, input_tokens: 5, output_tokens: 2 }
    const toolCalls = [{ name: 'weather', arguments: '{"city":"Oslo"}' }]
    mock.on({ userMessage: 'weather', hasToolResult: false }, { toolCalls, usage })
    mock.on({ hasToolResult: true }, { content: 'It rains.', usage })
    const tools = [{ name: 'weather', description: 'The weather of a city.', schema: CITY }]
    for (const options of [{}, { onDelta() {} }]) {
      const asked = { ...ask('What weather is it?'), tools }
      const first = await generate(asked, options)
      expect(first.calls).toMatchObject([{ name: 'weather', input: { city: 'Oslo' } }])
      const results = first.calls!.map(({ id, name }) => ({ id, name, output: { sky: 'rain' } }))
      const rounds = [{ told: ['Answer in English.'], said: first.said!, results }]
      const second = await generate({ ...asked, rounds }, options)
      expect(second.text).toBe('It rains.')
      // who streams is not told of tokens without asking for them, which not all do
      if (!('onDelta' in options)) expect([first.usage, second.usage]).toEqual([SPENT, SPENT])
    }
  })

  it('takes an image', async () => {
    const seen = Promise.withResolvers<string>()
    const server = await serve(async (request, response) => {
      seen.resolve(await textOf(request))
      response.writeHead(400).end('{}')
    })
    const files = [{ name: 'dot.png', mediaType: 'image/png', data: 'iVBORw0KGgo=' }]
    await expect(generate({ ...ask('What is it?'), files }, {}, server)).rejects.toMatchObject({
      code: 'model_rejected',
    })
    expect(await seen.promise).toMatch(/image\/png.*iVBORw0KGgo=|iVBORw0KGgo=.*image\/png/s)
  })

  it.each([
    [401, 'TerminalError', 'model_unauthorized'],
    [429, 'RetryableError', 'model_rate_limited'],
    [500, 'RetryableError', 'model_unavailable'],
    [503, 'RetryableError', 'model_overloaded'],
  ])('that answers %d is asked once, gives a %s, and shows no key', async (status, name, code) => {
    for (const options of [{}, { onDelta() {} }]) {
      mock.reset()
      mock.nextRequestError(status, { message: `no: ${KEY}` })
      const failure = await generate(ask('hello'), options).catch((error: unknown) => error)
      expect(failure).toMatchObject({ name, code, message: expect.stringContaining(`failed with status ${status}: `) })
      expect((failure as Error).message).not.toContain(KEY)
      expect((failure as { delay?: number }).delay).toBe(status === 429 ? 1000 : undefined)
      expect(mock.getRequests()).toHaveLength(1)
    }
  })

  it('is retried when it sends no JSON, or breaks off a reply or its connection', async () => {
    const unavailable = { name: 'RetryableError', code: 'model_unavailable' }
    const html = await serve((_, response) => response.writeHead(200).end('<html>'))
    await expect(generate(ask('hello'), {}, html)).rejects.toMatchObject(unavailable)
    const sse = { 'content-type': 'text/event-stream' }
    for (const [text, end] of [
      ['data: {"half', (response: ServerResponse) => response.end()],
      ['', (response: ServerResponse) => response.end()],
      [': hello\n\n', (response: ServerResponse) => response.destroy()],
    ] as const) {
      const server = await serve((_, response) => response.writeHead(200, sse).write(text, () => end(response)))
      await expect(generate(ask('hello'), { onDelta() {} }, server)).rejects.toMatchObject(unavailable)
    }
  })

  it('is read to its end if its first byte comes later than a pause may last', async () => {
    mock.onMessage('late', { content: 'Better late than never.' })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
    onTestFinished(() => void vi.useRealTimers())
    for (const options of [{}, { onDelta() {} }]) {
      const [asked, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const slow = await serve(async (request, response) => {
        const body = await textOf(request)
        asked.resolve()
        await go.promise
        await passOn(request, body, response)
      })
      const reply = generate(ask('late'), options, slow)
      await asked.promise
      await vi.advanceTimersByTimeAsync(200_000)
      go.resolve()
      expect(await reply).toMatchObject({ text: 'Better late than never.' })
    }
  })

  it('is left in time when it hangs', async () => {
    const late = { name: 'TimeoutError', code: 'model_timeout' }
    const silent = await serve(() => {})
    await expect(generate(ask('hello'), { timeouts: { callMs: 30 } }, silent)).rejects.toMatchObject(late)
    await expect(generate(ask('hello'), { timeouts: { firstMs: 30 }, onDelta() {} }, silent)).rejects.toMatchObject(
      late,
    )
  })

  it('is no longer connected after an abort', async () => {
    const [asked, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const silent = await serve((_, response) => {
      response.on('close', left.resolve)
      asked.resolve()
    })
    const controller = new AbortController()
    const failed = expect(generate(ask('hello'), { signal: controller.signal }, silent)).rejects.toThrow('enough')
    await asked.promise
    controller.abort(new Error('enough'))
    await failed
    await left.promise
  })
})

it.each([WAYS[0]!, WAYS.at(-1)!])(
  '%s that goes on and on is left before it fills the memory',
  async (_, path, config) => {
    const left: Promise<unknown>[] = []
    const endless = await serve((_, response) => {
      left.push(once(response, 'close'))
      response.writeHead(200, { 'content-type': 'application/json' })
      const chunk = Buffer.alloc(4 * 1024 * 1024, 'x')
      const go = () => void (response.write(chunk) ? go() : response.once('drain', go))
      go()
    })
    const generate = modelsAt(`${endless}${path}`, config).generate
    for (const options of [{}, { onDelta() {} }])
      await expect(generate(ask('hello'), { signal, ...options })).rejects.toMatchObject({
        message: expect.stringContaining('The server sent more than 64 MiB for one reply.'),
      })
    await Promise.all(left)
  },
)

// servers for what aimock has nothing of

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createServer((request, response) => {
    answer(request, response)
    if (request.readableFlowing === null) request.resume()
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Lets the mock answer. */
async function passOn({ url, method = 'POST' }: IncomingMessage, body: string, response: ServerResponse) {
  const type = 'content-type'
  const headers = { [type]: 'application/json', authorization: `Bearer ${KEY}` }
  const answer = await fetch(`${server.url}${url}`, { method, headers, body })
  response.writeHead(answer.status, { [type]: answer.headers.get(type) ?? '' }).end(await answer.text())
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}
