import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { ModelRequest } from '../../../src/model/request/request.ts'
import { type RecordOptions, recordedModel } from '../../../src/testing/recorded-model.ts'
import { useMock } from '../mock.ts'

const KEY = 'sk-test-0123456789'
const server = useMock({ chunkSize: 5 })
const { mock } = server
const { signal } = new AbortController()
const OFF = 'http://127.0.0.1:9/v1'
const ask = (instruction: string): ModelRequest => ({ task: { kind: 'write' }, documents: [], instruction })
const TOOLS = [
  {
    name: 'weather',
    description: 'The weather.',
    schema: { type: 'object', properties: { city: { type: 'string' } } },
  },
]

function makeFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-recorded-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'replies.json')
}

/** Models of a runtime, whose model replays the file and records from the provider at that address. */
function modelsWith(file: string, config: ProviderConfig, options: RecordOptions = {}, at = `${server.url}/v1`) {
  const real = createModels(
    { model: 'lab/small', providers: { lab: { ...config, baseURL: at, keyEnv: 'K' } } },
    { K: KEY },
  )
  const setup = { model: real.resolve('lab/small'), record: 'once', ...options } as const
  const own = recordedModel(file, setup) as unknown as LanguageModelV4
  const models = [{ id: 'test/model', cost: { input: 1, output: 1 } }]
  return createModels({ model: 'test/model', models }, {}, { 'test/model': own })
}

describe.each([
  ['openai-compatible', { type: 'openai-compatible' }],
  ['anthropic', { type: 'anthropic' }],
] as const)('a recording of %s', (_, config) => {
  it('replays text with its usage and its price, without the network', async () => {
    const usage = { prompt_tokens: 11, completion_tokens: 4, input_tokens: 11, output_tokens: 4 }
    mock.onMessage('greet me', { content: 'Good day.', usage })
    const file = makeFile()
    const recorded = await modelsWith(file, config).generate(ask('greet me'), { signal })
    expect(recorded).toMatchObject({ text: 'Good day.', usage: { input: 11, output: 4 }, cost: 0.000015 })
    mock.reset()
    const replayed = modelsWith(file, config, { record: 'never' }, OFF)
    expect(await replayed.generate(ask('greet me'), { signal })).toEqual(recorded)
    const text = readFileSync(file, 'utf8')
    expect(text).not.toContain(KEY)
    expect(text).not.toMatch(/authorization|x-api-key|127\.0\.0\.1/i)
  })

  it('replays a stream in its pieces, also for a reader of the whole', async () => {
    mock.onMessage('count', { content: 'one two three four five' })
    const file = makeFile()
    const heard = async (models: ReturnType<typeof modelsWith>) => {
      const deltas: string[] = []
      const { text } = await models.generate(ask('count'), { signal, onDelta: (delta) => deltas.push(delta) })
      return { deltas, text }
    }
    const first = await heard(modelsWith(file, config))
    expect(first.deltas.length).toBeGreaterThan(2)
    mock.reset()
    const replayed = modelsWith(file, config, { record: 'never' }, OFF)
    expect(await heard(replayed)).toEqual(first)
    expect((await replayed.generate(ask('count'), { signal })).text).toBe(first.text)
  })

  it('replays calls, and what the model says after their results', async () => {
    mock.on(
      { userMessage: 'weather', hasToolResult: false },
      { toolCalls: [{ name: 'weather', arguments: '{"city":"Oslo"}' }] },
    )
    mock.on({ hasToolResult: true }, { content: 'It rains.' })
    const file = makeFile()
    const talk = async (models: ReturnType<typeof modelsWith>) => {
      const asked = { ...ask('What weather is it?'), tools: TOOLS }
      const { calls = [], said = [] } = await models.generate(asked, { signal })
      const results = calls.map(({ id, name }) => ({ id, name, output: { sky: 'rain', at: randomUUID() } }))
      const { text } = await models.generate({ ...asked, rounds: [{ told: [], said, results }] }, { signal })
      return { calls: calls.map(({ name, input }) => ({ name, input })), text }
    }
    const first = await talk(modelsWith(file, config))
    expect(first).toEqual({ calls: [{ name: 'weather', input: { city: 'Oslo' } }], text: 'It rains.' })
    mock.reset()
    expect(await talk(modelsWith(file, config, { record: 'never' }, OFF))).toEqual(first)
    const { replies } = JSON.parse(readFileSync(file, 'utf8'))
    // the second request holds only what follows the first one
    expect(replies[1].request).toMatchObject({
      follows: replies[0].id,
      messages: [{ assistant: [{ call: 'weather' }] }, {}],
    })
  })

  it('asks once for equal requests at the same time', async () => {
    mock.onMessage('greet me', { content: 'Good day.' })
    const models = modelsWith(makeFile(), config)
    const texts = await Promise.all(
      [1, 2, 3].map(async () => (await models.generate(ask('greet me'), { signal })).text),
    )
    expect(texts).toEqual(Array(3).fill('Good day.'))
    expect(mock.getRequests()).toHaveLength(1)
  })

  it('records no failure', async () => {
    const file = makeFile()
    const models = modelsWith(file, config)
    mock.nextRequestError(500, { message: 'no' })
    await expect(models.generate(ask('greet me'), { signal })).rejects.toMatchObject({ code: 'model_unavailable' })
    mock.onMessage('greet me', { content: 'Good day.' })
    expect((await models.generate(ask('greet me'), { signal })).text).toBe('Good day.')
  })
})
