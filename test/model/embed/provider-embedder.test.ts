import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { embedderInPool, type PoolEmbedTask } from '../../../src/model/embed/embed-in-pool.ts'
import type { Embeddings } from '../../../src/model/embed/embedder.ts'
import { nextBatch } from '../../../src/model/embed/provider-embedder.ts'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import { createRanker } from '../../../src/model/rank/ranker.ts'
import { createModels } from '../../../src/model/registry.ts'
import { stepPool } from '../../worker/pools.ts'
import { useMock } from '../mock.ts'

const server = useMock()
const { mock } = server

const { signal } = new AbortController()
const modelsAt = (baseURL: string, config: ProviderConfig) => {
  const providers = { lab: { ...config, baseURL, keyEnv: 'K' } }
  const models = [{ id: 'lab/vectors', cost: { input: 1, output: 0 } }]
  return createModels({ embedder: 'lab/vectors', providers, models }, { K: 'sk-key-1' })
}
const embedderAt = (baseURL: string, config: ProviderConfig, task: Partial<PoolEmbedTask> = {}) =>
  embedderInPool(stepPool(2, 10), modelsAt(baseURL, config), { signal, ...task })!
const lengthOf = (vector: Float32Array) => Math.hypot(...vector)

describe.each<[string, ProviderConfig]>([
  ['openai-compatible', { type: 'openai-compatible' }],
  ['openai', { type: 'openai' }],
  ['a package by its name', { type: '@ai-sdk/mistral' }],
])('vectors of %s', (_, config) => {
  it('come one a text, of length one, the same for the same text', async () => {
    const embedder = embedderAt(`${server.url}/v1`, config)
    const [one, two] = await embedder.embed(['the tide', 'a tax', ' '])
    expect([one!.length, lengthOf(one!), lengthOf(two!)]).toEqual([1536, expect.closeTo(1, 5), expect.closeTo(1, 5)])
    expect(one).not.toEqual(two)
    expect(await embedderAt(`${server.url}/v1`, config).embed(['the tide'])).toEqual([one])
  })

  it('fail as a call of a model does', async () => {
    mock.nextRequestError(429, { message: 'slow down' })
    await expect(embedderAt(`${server.url}/v1`, config).embed(['x'])).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'model_rate_limited',
      delay: 1000,
    })
  })
})

describe('vectors of google', () => {
  it('come in batches', async () => {
    const asked: string[][] = []
    const at = await serve((body) => {
      const texts = (body.requests as { content: { parts: { text: string }[] } }[]).map(
        ({ content }) => content.parts[0]!.text,
      )
      asked.push(texts)
      return { embeddings: texts.map((text) => ({ values: [text.length, 0] })) }
    })
    const texts = Array.from({ length: 120 }, (_, n) => `text ${n}`)
    const vectors = await embedderAt(`${at}/v1beta`, { type: 'google' }).embed([...texts, 'text 0'])
    expect(vectors).toHaveLength(121)
    expect(asked.map((batch) => batch.length)).toEqual([96, 24])
  })
})

describe('an embedder of a provider', () => {
  const answer = (vectors: readonly number[][]) => () => ({
    data: vectors.map((embedding) => ({ embedding })),
    object: 'list',
  })

  it('is what ranks passages', async () => {
    const near: Record<string, number[]> = {
      'What rises?': [1, 0],
      'The sea gets higher.': [1, 0.1],
      'Taxes are due.': [0, 1],
    }
    const at = await serve((body) => answer((body.input as string[]).map((text) => near[text]!))())
    const embedder = embedderAt(at, { type: 'openai-compatible' })
    const passages = Object.keys(near)
      .slice(1)
      .map((text) => ({ id: text, text }))
    const ranked = await createRanker(passages.toReversed()).rank('What rises?', { limit: 1, embedder })
    expect(ranked.map(({ id }) => id)).toEqual(['The sea gets higher.'])
  })

  it('asks once for what it knows', async () => {
    let asked = 0
    const at = await serve((body) => {
      asked += (body.input as string[]).length
      return answer((body.input as string[]).map(() => [1]))()
    })
    const embedder = embedderAt(at, { type: 'openai-compatible' })
    await embedder.embed(['a', 'b', 'a'])
    await embedder.embed(['b', 'c'])
    expect(asked).toBe(3)
  })

  it('is not believed when it gives too few', async () => {
    const at = await serve(answer([[1]]))
    await expect(embedderAt(at, { type: 'openai-compatible' }).embed(['a', 'b'])).rejects.toMatchObject({
      code: 'model_unavailable',
      message: 'The model gave 1 vectors for 2 texts.',
    })
  })

  it('is left by an abort', async () => {
    const controller = new AbortController()
    const at = await serve(() => {
      controller.abort(new Error('enough'))
      return undefined
    })
    const { embed } = embedderAt(at, { type: 'openai-compatible' }, { signal: controller.signal })
    await expect(embed(['a'])).rejects.toThrow('enough')
  })

  it('tells what its calls took, and what that costs', async () => {
    const at = await serve((body) => ({
      ...answer((body.input as string[]).map(() => [1]))(),
      usage: { prompt_tokens: 7 },
    }))
    const heard: Embeddings[] = []
    const told = { heard: (embedded: Embeddings) => heard.push(embedded) }
    const { embed } = embedderAt(at, { type: 'openai-compatible' }, told)
    await embed(['a', 'b'])
    await embed(['a'])
    expect(heard).toMatchObject([{ model: 'lab/vectors', usage: { input: 7, output: 0 }, cost: 0.000007 }])
  })

  it.each([
    [undefined],
    [null],
    ['none'],
    [[]],
    [{}],
    [7],
    [{ prompt_tokens: null }],
    [{ prompt_tokens: 'many' }],
    [{ prompt_tokens: -7, total_tokens: 'x' }],
    [{ total_tokens: 7 }],
  ])('estimates a usage that is odd (%j)', async (usage) => {
    for (const type of ['openai-compatible', 'openai', '@ai-sdk/mistral']) {
      const at = await serve((body) => ({ ...answer((body.input as string[]).map(() => [3, 4]))(), usage }))
      const heard: Embeddings[] = []
      const { embed } = embedderAt(at, { type }, { heard: (embedded) => heard.push(embedded) })
      expect(await embed(['the tide'])).toEqual([Float32Array.from([0.6, 0.8])])
      expect(heard[0]!.usage.input).toBeGreaterThan(0)
    }
  })

  it('reads a usage of digits', async () => {
    const at = await serve(() => ({ ...answer([[1]])(), usage: { prompt_tokens: '7' } }))
    const heard: Embeddings[] = []
    await embedderAt(at, { type: 'openai-compatible' }, { heard: (embedded) => heard.push(embedded) }).embed(['a'])
    expect(heard).toMatchObject([{ usage: { input: 7, output: 0 } }])
  })

  it('works on the worker of its model, which is left alone when it has failed too often', async () => {
    const pool = stepPool(2, 10)
    const [down, asked] = [Promise.withResolvers<void>(), { times: 0 }]
    const at = await serve(() => {
      asked.times++
      return down.promise.then(() => 503)
    })
    const models = modelsAt(at, { type: 'openai-compatible' })
    const embed = (text: string) => embedderInPool(pool, models, { signal, key: text })!.embed([text])
    const first = embed('a')
    expect(pool.report().each).toMatchObject([
      { id: 'hands', running: 0 },
      { id: 'lab/vectors', running: 1 },
    ])
    down.resolve()
    await expect(first).rejects.toMatchObject({ code: 'model_overloaded' })
    for (const text of ['b', 'c']) await expect(embed(text)).rejects.toMatchObject({ code: 'model_overloaded' })
    await expect(embed('d')).rejects.toMatchObject({
      name: 'BusyError',
      code: 'workers_unhealthy',
      message: expect.stringContaining('The model lab/vectors has failed too often in a row'),
    })
    expect(asked.times).toBe(3)
  })

  it('has to be there, and to offer it', async () => {
    expect(() => createModels({ embedder: 'nowhere/x' }, {})).toThrow('There is no model nowhere/x')
    await expect(embedderAt(server.url, { type: 'anthropic' }).embed(['a'])).rejects.toMatchObject({
      code: 'not_offered',
    })
  })

  it.each([
    [['a', 'b'], 2],
    [Array.from({ length: 200 }, () => 'a'), 96],
    [['a'.repeat(99_000), 'b'.repeat(2_000)], 1],
    [['a'.repeat(200_000), 'b'], 1],
  ])('takes so many of the texts at once', (texts, count) => {
    expect(nextBatch(texts)).toHaveLength(count)
  })
})

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

type Answer = object | number | undefined

/** A server that answers each body with JSON, or with a status; with undefined not at all. */
async function serve(
  answer: (body: { readonly [field: string]: unknown }) => Answer | Promise<Answer>,
): Promise<string> {
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const answered = await answer(JSON.parse(text))
    if (typeof answered === 'number') response.writeHead(answered).end('{}')
    else if (answered) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
