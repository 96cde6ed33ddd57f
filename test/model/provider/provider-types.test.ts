import { describe, expect, it } from 'vitest'
import { findFactory } from '../../../src/model/provider/load.ts'
import { toOpenAIBody } from '../../../src/model/provider/openai-compatible.ts'
import { keyVariables, readProviderKey } from '../../../src/model/provider/provider.ts'
import { knownAddress, providerTypeFault } from '../../../src/model/provider/provider-types.ts'

describe('a type of provider', () => {
  it.each([
    'openai',
    'anthropic',
    'google',
    'huggingface',
    'ollama',
    'openai-compatible',
    '@ai-sdk/mistral',
    'ai-sdk-lab',
    './lab.ts',
    '/lab.js',
  ])('may be %s', (type) => {
    expect(providerTypeFault(type)).toBeUndefined()
  })

  it.each([
    ['antropic', 'Did you mean anthropic?'],
    ['open-ai', 'Did you mean openai?'],
    ['mistral', 'such as @ai-sdk/mistral'],
    ['a b', 'expected one of'],
  ])('may not be %s: %s', (type, hint) => {
    expect(providerTypeFault(type)).toContain(hint)
  })

  it('knows where its servers are, and the configuration knows better', () => {
    expect(knownAddress({ type: 'huggingface' })).toBe('https://router.huggingface.co/v1')
    expect(knownAddress({ type: 'huggingface', baseURL: 'http://x/v1' })).toBe('http://x/v1')
    expect(knownAddress({ type: '@ai-sdk/mistral' })).toBeUndefined()
  })
})

describe('the key of a provider', () => {
  it.each([
    [{ type: 'anthropic' }, ['ANTHROPIC_API_KEY']],
    [{ type: 'google' }, ['GOOGLE_GENERATIVE_AI_API_KEY', 'GEMINI_API_KEY']],
    [{ type: '@ai-sdk/amazon-bedrock' }, ['AMAZON_BEDROCK_API_KEY']],
    [{ type: 'anthropic', keyEnv: 'MINE' }, ['MINE']],
    [{ type: './lab.ts' }, []],
    [{ type: 'anthropic', key: 'secret://mine' }, []],
    [{ type: 'anthropic', key: 'secret://mine', keyEnv: 'MINE' }, ['MINE']],
  ])('of %j is looked for in %j', (config, variables) => {
    expect(keyVariables(config)).toEqual(variables)
  })

  it('is the first that is set', () => {
    expect(readProviderKey('g', { type: 'google' }, { GOOGLE_GENERATIVE_AI_API_KEY: '', GEMINI_API_KEY: 'k' })).toBe(
      'k',
    )
  })

  it('is a secret where one is named and the environment has none', async () => {
    const config = { type: 'google', key: 'secret://eu.google' }
    const get = async (name: string) => (name === 'eu.google' ? 'kept' : undefined)
    const usual = { GEMINI_API_KEY: 'usual', MINE: 'mine' }
    expect(await readProviderKey('g', config, usual, { get })).toBe('kept')
    expect(await readProviderKey('g', { ...config, keyEnv: 'MINE' }, usual, { get })).toBe('mine')
    expect(await readProviderKey('g', { ...config, keyEnv: 'MINE' }, {}, { get })).toBe('kept')
    expect(await readProviderKey('g', config, { ANTIPHON_SECRET_EU_GOOGLE: 'set' })).toBe('set')
    await expect(readProviderKey('g', { ...config, key: 'secret://none' }, {}, { get })).rejects.toMatchObject({
      code: 'model_unauthorized',
      message: 'Provider g reads its key from the secret none, which does not exist.',
      hint: 'Store it with `antiphon keys set none`, or set ANTIPHON_SECRET_NONE in the environment.',
    })
  })

  it('is missed where a provider needs one, not where a server of one’s own answers', () => {
    expect(() => readProviderKey('g', { type: 'google' }, {})).toThrow(
      'Provider g reads its key from GOOGLE_GENERATIVE_AI_API_KEY or GEMINI_API_KEY, which is not set.',
    )
    expect(() => readProviderKey('o', { type: 'ollama', keyEnv: 'MINE' }, {})).toThrow('MINE, which is not set')
    expect(readProviderKey('g', { type: 'google', baseURL: 'http://127.0.0.1/v1' }, {})).toBeUndefined()
    expect(readProviderKey('o', { type: 'ollama' }, {})).toBeUndefined()
    expect(readProviderKey('m', { type: '@ai-sdk/mistral' }, {})).toBeUndefined()
  })
})

describe('the function that makes the provider of a package', () => {
  const [one, other] = [() => 1, () => 2]
  it.each([
    ['@ai-sdk/mistral', { createMistral: one, mistral: other }, undefined],
    ['@ai-sdk/deepseek', { createDeepSeek: one, createOther: other }, undefined],
    ['@ai-sdk/amazon-bedrock', { createAmazonBedrock: one, createBedrock: other }, undefined],
    ['@lab/ai-sdk-provider', { createLab: one, VERSION: '1', createLess: 3 }, undefined],
    ['ai-sdk-lab', { createLab: other, createOther: one }, 'createOther'],
  ])('of %s is found', (name, module, wanted) => {
    expect(findFactory(module, name, wanted)).toBe(one)
  })

  it.each([
    ['ai-sdk-lab', { createLab: one, createOther: other }, undefined, 'createLab, createOther'],
    ['ai-sdk-lab', { createLab: one }, 'createNone', 'createLab'],
    ['left-pad', { default: one }, undefined, 'a package of the AI SDK'],
  ])('of %s is asked for', (name, module, wanted, hint) => {
    expect(() => findFactory(module, name, wanted)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining(hint) }),
    )
  })
})

describe('OpenAI itself', () => {
  it('gets the limit of tokens by its new name, and models that reason no temperature', () => {
    const body = { model: 'gpt-4.1', max_tokens: 9, temperature: 0 }
    expect(toOpenAIBody(body)).toEqual({ model: 'gpt-4.1', max_completion_tokens: 9, temperature: 0 })
    expect(toOpenAIBody({ model: 'gpt-5-mini', temperature: 0.5 })).toEqual({ model: 'gpt-5-mini' })
  })
})
