import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createModels } from '../../src/model/registry.ts'
import { useMock } from '../model/mock.ts'
import { readRun } from './read-run.ts'
import { openWorkshop } from './workshop.ts'

const server = useMock({ chunkSize: 4 })
const { mock } = server

const tokens = (input: number, output: number) => ({
  usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
})

/** A workshop whose models are those of a server; `small` costs a dollar a token in, two a token out. */
function openWire(baseURL = `${server.url}/v1`) {
  const models = createModels(
    {
      model: 'lab/small',
      providers: { lab: { type: 'openai-compatible', baseURL } },
      models: [{ id: 'lab/small', cost: { input: 1e6, output: 2e6 } }],
      embedder: 'none',
    },
    {},
  )
  const bench = openWorkshop({ services: { models } })
  const document = (id: string) => readRun(bench.engine.view, bench.values, id)
  return { ...bench, document }
}

const step = (parameters: string, more = '') =>
  `name: x\nsteps:\n  - { id: a, action: generate${more}, parameters: ${parameters} }`
const asked = (tag: string, more = '') =>
  `name: x\nsteps:\n  - { id: a, tool: say, parameters: { v: '${tag}' }${more} }`

describe('over the wire', () => {
  test('a text, and the values that tags ask for, with what they took', async () => {
    mock.onMessage('How many', { content: '{"answer": 7}', ...tokens(10, 2) })
    mock.onMessage('Which', { content: '```json\n{"answer": ["a", "b"]}\n```', ...tokens(1, 1) })
    mock.onMessage('Write', { content: 'Ebb.', ...tokens(5, 3) })
    const { run, document } = openWire()
    const { id } = await run(`name: x
steps:
  - { id: w, action: generate, parameters: { prompt: Write it., max_tokens: <AUTO>How many?</AUTO> } }
  - { id: l, for_each: <AUTO>Which?</AUTO>, tool: say, parameters: { t: "{{ item }}" } }
outputs: { all: "{{ w.result }} {{ l.results | length }}" }`)
    expect(await document(id)).toMatchObject({
      status: 'completed',
      outputs: { all: 'Ebb. 2' },
      usage: { input: 16, output: 6, cost: 28 },
      steps: {
        w: { model: 'lab/small', models: [{ for: 'steps[0].parameters.max_tokens', cost: 14 }, { for: 'step' }] },
      },
    })
    const bodies = mock
      .getRequests()
      .map(({ body }) => body as { max_tokens?: number; response_format?: { type: string } })
    expect(bodies.map(({ response_format: format }) => format?.type).sort()).toEqual([
      'json_schema',
      'json_schema',
      undefined,
    ])
    expect(bodies.some(({ max_tokens: most }) => most === 7)).toBe(true)
  })

  test('a text as it comes', async () => {
    mock.onMessage('count', { content: 'one two three four five' })
    const { start, events, engine } = openWire()
    const said: string[] = []
    const leaving = new AbortController()
    const listening = (async () => {
      for await (const delta of engine.view.deltas('run_1', leaving.signal))
        said.push((delta as { readonly text: string }).text)
    })()
    const id = await start(step('{ prompt: count }'))
    expect((await events(id)).at(-1)).toMatchObject({ status: 'completed' })
    leaving.abort()
    await listening
    expect(said.length).toBeGreaterThan(2)
    expect(said.join('')).toBe('one two three four five')
  })

  test.each([
    [100, 'completed'],
    [1000, 'completed'],
    [99, 'failed'],
    [1001, 'failed'],
  ])('an integer in the range that the tag says, else the step fails (A48): %i', async (answer, status) => {
    mock.onMessage(/How many|JSON/, { content: `{"answer": ${answer}}`, ...tokens(1, 1) })
    mock.onMessage('Write', { content: 'Ebb.', ...tokens(1, 1) })
    const { run, document } = openWire()
    const most = '<AUTO type="integer" min="100" max="1000">How many tokens?</AUTO>'
    const { id } = await run(step(`{ prompt: Write it., max_tokens: ${most} }`))
    const told = status === 'failed' ? { error_code: 'auto_invalid' } : { status }
    expect(await document(id)).toMatchObject({ status, steps: { a: told } })
    const asked = mock.getRequests().map(({ body }) => (body as { max_tokens?: number }).max_tokens)
    expect(asked.includes(answer)).toBe(status === 'completed')
  })

  test('an answer that is invalid JSON twice is not an answer, and was paid for', async () => {
    mock.onMessage(/number|JSON/, { content: 'seven or so', ...tokens(4, 2) })
    const { run, document } = openWire()
    const { id } = await run(asked('<AUTO type="integer">Which number?</AUTO>'))
    expect(await document(id)).toMatchObject({
      status: 'failed',
      failed_step: 'a',
      steps: {
        a: { error_code: 'auto_invalid', models: [{ failed: 'model_invalid_output', input: 8, output: 4, cost: 16 }] },
      },
      usage: { input: 8, output: 4, cost: 16 },
    })
    expect(mock.getRequests()).toHaveLength(2)
  })

  test('an answer that only the second time is JSON', async () => {
    mock.on({ userMessage: 'Which number', sequenceIndex: 0 }, { content: 'seven', ...tokens(4, 1) })
    mock.on({ userMessage: /fit the JSON Schema/ }, { content: '{"answer": 7}', ...tokens(6, 1) })
    const { run, calls } = openWire()
    const end = await run(asked('<AUTO type="integer" max="6">Which number?</AUTO>').replace(' max="6"', ' min="7"'))
    expect(end.status).toBe('completed')
    expect(calls).toMatchObject([{ input: { v: 7 } }])
  })

  test('to a condition such an answer is no', async () => {
    mock.onMessage(/really|JSON/, { content: 'who knows', ...tokens(3, 1) })
    const { run, document } = openWire()
    const { id } = await run('name: x\nsteps: [{ id: a, tool: say, condition: <AUTO>really?</AUTO> }]')
    expect(await document(id)).toMatchObject({
      status: 'completed',
      steps: { a: { status: 'skipped' } },
      usage: { input: 6, output: 2 },
    })
  })

  test('a server that fails and then does not', async () => {
    mock.onMessage('hello', { content: 'Hi.', ...tokens(1, 1) })
    mock.nextRequestError(500, { message: 'boom' })
    const { run, document } = openWire()
    const { id } = await run(step('{ prompt: hello }', ', retry: { max_retries: 3, initial_delay: 0.01 }'))
    expect(await document(id)).toMatchObject({ status: 'completed', steps: { a: { retries: 1 } } })
  })

  test('a server that only ever fails, for a tag as for a text', async () => {
    mock.on({ userMessage: /hello/ }, { error: { message: 'boom' }, status: 500 })
    const { run } = openWire()
    const end = await run(step('{ prompt: hello }', ', max_retries: 1'))
    expect(end).toMatchObject({ status: 'failed', problem: { code: 'model_unavailable', step: 'a' } })
  })

  test('when the first model cannot the next one answers, and the run says so', async () => {
    mock.on({ userMessage: 'hello', model: 'broken' }, { error: { message: 'no' }, status: 401 })
    mock.on({ userMessage: 'hello', model: 'mute' }, { content: '', ...tokens(9, 0) })
    mock.on({ userMessage: 'hello', model: 'small' }, { content: 'Hi.', ...tokens(2, 1) })
    const { run, document } = openWire()
    const { id } = await run(step('{ prompt: hello, models: [lab/broken, lab/mute, lab/small] }'))
    expect(await document(id)).toMatchObject({
      status: 'completed',
      success: true,
      degraded: true,
      usage: { input: 11, output: 1 },
      steps: {
        a: {
          degraded: true,
          model: 'lab/small',
          models: [
            { model: 'lab/mute', failed: 'model_empty_output', input: 9, output: 0 },
            {
              model: 'lab/small',
              instead_of: [
                { model: 'lab/broken', code: 'model_unauthorized' },
                { model: 'lab/mute', code: 'model_empty_output' },
              ],
            },
          ],
        },
      },
    })
  })

  test('the use of a failed attempt is recorded beside that of the next one', async () => {
    mock.on({ userMessage: 'hello', sequenceIndex: 0 }, { content: '', ...tokens(9, 0) })
    mock.on({ userMessage: 'hello' }, { content: 'Hi.', ...tokens(2, 1) })
    const { run, document } = openWire()
    const { id } = await run(step('{ prompt: hello }', ', retry: { max_retries: 2, initial_delay: 0.01 }'))
    expect(await document(id)).toMatchObject({ status: 'completed', usage: { input: 11, output: 1, cost: 13 } })
  })
})

describe('a server that takes its time', () => {
  const reply = (text: string) => ({
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  })

  /** A server that answers each request with the next of these. */
  async function serve(...answers: readonly ((response: ServerResponse) => void)[]): Promise<string> {
    const left = [...answers]
    const server = createServer((request, response) => {
      request.resume()
      request.on('end', () => (left.length > 1 ? left.shift()! : left[0]!)(response))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  }
  const json =
    (status: number, body: object, headers = {}) =>
    (response: ServerResponse) =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

  test('is asked again when it says to come again', async () => {
    const busy = json(429, { error: { message: 'slow down' } }, { 'retry-after-ms': '30' })
    const { run } = openWire(await serve(busy, json(200, reply('{"answer": 7}'))))
    const began = performance.now()
    const end = await run(asked('<AUTO type="integer">Which number?</AUTO>'))
    expect(end.status).toBe('completed')
    expect(performance.now() - began).toBeGreaterThan(25)
  })

  test('and says nothing in time: the step has failed, and its connection is closed', async () => {
    const left = Promise.withResolvers<void>()
    const { run } = openWire(await serve((response) => void response.on('close', left.resolve)))
    const end = await run(step('{ prompt: hello }', ', timeout: 2, max_retries: 1'))
    expect(end).toMatchObject({ status: 'failed', problem: { code: 'timeout', step: 'a' } })
    await left.promise
  })

  test('or begins to say something and stops: the same', async () => {
    const begin = (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(
        `data: ${JSON.stringify({ choices: [{ index: 0, delta: { role: 'assistant', content: 'On' } }] })}\n\n`,
      )
    }
    const { run } = openWire(await serve(begin))
    const end = await run(step('{ prompt: hello }', ', timeout: 0.1, max_retries: 1'))
    expect(end).toMatchObject({ status: 'failed', problem: { code: 'timeout' } })
  })
})
