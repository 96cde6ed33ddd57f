import { describe, expect, it } from 'vitest'
import { createModels } from '../../../src/model/registry.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'

const ANTHROPIC = { type: 'anthropic', key: 'secret://k' }
const at = (baseURL: string) => ({ type: 'openai-compatible', baseURL, key: 'secret://k' })
const PROVIDERS = {
  anthropic: ANTHROPIC,
  google: { type: 'google', key: 'secret://k' },
  openai: { type: 'openai', key: 'secret://k' },
  mistral: { type: '@ai-sdk/mistral', key: 'secret://k' },
  own: at('http://127.0.0.1:9/v1'),
  deepseek: at('https://api.deepseek.com/v1'),
  groq: at('https://api.groq.com/openai/v1'),
  router: at('https://openrouter.ai/api/v1'),
  seek: { ...ANTHROPIC, baseURL: 'https://api.deepseek.com/anthropic' },
}
type Entry = { readonly cost?: object; readonly promptCache?: '5m' | '1h' | 'off' }
const modelsWith = (id: string, entry: Entry = {}) =>
  createModels({ providers: PROVIDERS, models: [{ id, cost: { input: 10, output: 20 }, ...entry }] }, {})

it.each<[string, number | undefined, number | undefined]>([
  ['anthropic/claude-sonnet-5', 1, 12.5],
  ['google/gemini-3-flash', 1, undefined],
  ['google/gemini-2.0-flash', 2.5, undefined],
  ['openai/gpt-4o-mini', 5, undefined],
  ['openai/gpt-4.1', 2.5, undefined],
  ['openai/gpt-4-turbo', 10, undefined],
  ['openai/gpt-5-mini', 1, undefined],
  ['openai/gpt-5.4', 1, undefined],
  ['openai/gpt-5.6', 1, 12.5],
  ['openai/gpt-6', 1, 12.5],
  ['mistral/mistral-large', 1, undefined],
  ['deepseek/deepseek-v4-flash', 0.2, undefined],
  ['groq/llama', 5, undefined],
  ['router/anthropic/claude-opus-5', 1, 12.5],
  ['router/openai/gpt-4o', 5, undefined],
  ['router/x-ai/grok-5', 2.5, undefined],
  ['router/some/model', undefined, undefined],
  ['seek/deepseek-v4-flash', 0.2, undefined],
  ['own/m', undefined, undefined],
])('%s has the usual prices of its provider', (id, read, write) => {
  const { input, output, ...cached } = modelsWith(id).priceOf(id)!
  expect([input, output]).toEqual([10, 20])
  expect(cached).toEqual({
    ...(read !== undefined && { cacheRead: expect.closeTo(read, 9) }),
    ...(write !== undefined && { cacheWrite: write }),
  })
})

it('a configured price comes before the usual one, and facts say which are usual ones', () => {
  const id = 'anthropic/m'
  const cost = { input: 10, output: 20, cacheRead: 0.5 }
  const [facts] = modelsWith(id, { cost })
    .facts()
    .filter((one) => one.id === id)
  expect(facts).toMatchObject({ price: { ...cost, cacheWrite: 12.5 }, usualPrices: ['cacheWrite'] })
})

it('a model of a program has the prices of its provider', () => {
  const claude = { ...scriptedModel([], 'lab/one'), provider: 'anthropic.messages', modelId: 'claude-opus-5' }
  const models = createModels(
    { models: [{ id: 'lab/one', cost: { input: 10, output: 20 } }] },
    {},
    { 'lab/one': claude },
  )
  expect(models.priceOf('lab/one')).toMatchObject({ cacheRead: 1, cacheWrite: 12.5 })
})

describe('the cache of a request', () => {
  const tools = [{ name: 't', description: '', schema: { type: 'object' } }]
  const kept = (request: object, entry: Entry = {}, model = 'anthropic/m') =>
    modelsWith(model, entry).promptCacheOf({ model, ...request })

  it('lasts five minutes with tools and in rounds, and does not exist for a single call', () => {
    expect([kept({}), kept({ tools: [] }), kept({ tools }), kept({ rounds: [] })]).toEqual(['off', 'off', '5m', '5m'])
  })

  it('lasts as the request says, else as the model says', () => {
    expect(kept({}, { promptCache: '1h' })).toBe('1h')
    expect(kept({ promptCache: '5m', tools }, { promptCache: '1h' })).toBe('5m')
    expect(kept({ promptCache: 'off', tools }, { promptCache: '1h' })).toBe('off')
  })

  it('is the business of a provider that wants no marks, at a price or free', () => {
    expect([kept({ tools, promptCache: '1h' }, {}, 'own/m'), kept({ promptCache: 'off' }, {}, 'openai/gpt-6')]).toEqual(
      ['off', '5m'],
    )
  })
})
