import { describe, expect, it } from 'vitest'
import { createModels } from '../../src/model/registry.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'

const CONFIG = {
  model: 'lab/large',
  providers: { lab: { type: 'openai-compatible', baseURL: 'http://127.0.0.1:9/v1', keyEnv: 'LAB_KEY' } },
} as const

describe('resolve', () => {
  it('gives the default model without an id', () => {
    expect(createModels(CONFIG, {}).resolve()).toMatchObject({
      specificationVersion: 'v4',
      provider: 'lab',
      modelId: 'large',
    })
    expect(createModels({}, {}).resolve()).toMatchObject({ provider: 'offline', modelId: 'extractive' })
  })

  it('takes any name of a known provider, written with a slash or a colon', () => {
    expect(createModels(CONFIG, {}).resolve('lab:small:7b')).toMatchObject({ provider: 'lab', modelId: 'small:7b' })
  })

  it('gives the models a program brought itself', () => {
    const own = scriptedModel([], 'test/one')
    expect(createModels({}, {}, { 'test/one': own }).resolve('test/one')).toBe(own)
  })

  it.each([
    [null, 'invalid_input'],
    [{}, 'invalid_input'],
    ['gpt-5', 'invalid_input'],
    [{ ...scriptedModel([]), specificationVersion: 'v2' }, 'peer_missing'],
  ])('refuses what a program brings that is no model, or one of another version of the interface', (own, code) => {
    const refused = { name: 'InvalidError', code, message: expect.stringContaining('Model test/one') }
    expect(() => createModels({}, {}, { 'test/one': own as never })).toThrow(expect.objectContaining(refused))
  })

  it.each([
    ['ollma/llama3', 'Did you mean ollama?'],
    ['offline/extractiv', 'Did you mean offline/extractive?'],
    ['openai/gpt', 'Set OPENAI_API_KEY'],
    ['nowhere/x', 'Providers: offline, ollama'],
  ])('refuses %s and says: %s', (id, hint) => {
    expect(() => createModels({}, {}).resolve(id)).toThrow(
      expect.objectContaining({ name: 'InvalidError', hint: expect.stringContaining(hint) }),
    )
  })
})

describe('createModels', () => {
  it('refuses a default model that is not there', () => {
    expect(() => createModels({ model: 'nowhere/x' }, {})).toThrow('There is no model nowhere/x')
  })

  it('lists what can be asked, each once, and whether that stays on this machine', () => {
    const config = { ...CONFIG, models: [{ id: 'lab/large', offline: false }] }
    expect(createModels(config, { OPENAI_API_KEY: 'sk' }).list()).toEqual([
      { id: 'offline/extractive', offline: true },
      { id: 'lab/large', offline: false },
      { id: 'ollama/*', offline: true },
      { id: 'openai/*', offline: false },
      { id: 'lab/*', offline: true },
    ])
  })

  it('says that it ranks by words alone where it does', () => {
    expect(createModels({ embedder: 'none' }, {}).default.why).toMatch(/no model is configured.*by words alone/)
    expect(createModels({}, {}).default.why).not.toContain('by words alone')
  })

  it('can be closed twice, used or not', async () => {
    const models = createModels({}, {})
    await models.close()
    await models.close()
  })
})

describe('generate', () => {
  it('names the variable a key is missing from', async () => {
    const request = { task: { kind: 'write' }, documents: [], instruction: 'Hi.' } as const
    await expect(
      createModels(CONFIG, {}).generate(request, { signal: new AbortController().signal }),
    ).rejects.toMatchObject({
      name: 'TerminalError',
      code: 'model_unauthorized',
      message: 'Provider lab reads its key from LAB_KEY, which is not set.',
    })
  })

  it('answers offline with citations whose offsets point at the quoted text', async () => {
    const models = createModels({ embedder: 'none' }, {})
    const text = 'Parcels leave on Monday.\nReturns are free\nfor thirty days.'
    const documents = [
      { name: 'shop.txt', text: 'The shop is in Oslo.' },
      { name: 'shop.txt', text },
    ]
    const request = {
      task: { kind: 'answer', question: 'How long are returns free?' },
      documents,
      instruction: '',
    } as const
    const reply = await models.generate(request, { signal: new AbortController().signal })
    expect(reply).toMatchObject({
      model: 'offline/extractive',
      text: expect.stringContaining('Returns are free for thirty days.'),
    })
    const quoted = reply.citations.map(({ start, end }) => text.slice(start, end))
    expect(quoted).toContain('Returns are free\nfor thirty days.')
    expect(reply.citations.map((citation) => citation.text)).toEqual(quoted)
    expect(reply.confidence).toBeLessThanOrEqual(0.7)
  })

  it('hands a refusal on with its reason', async () => {
    const models = createModels({ embedder: 'none' }, {})
    const request = { task: { kind: 'write' }, documents: [], instruction: 'Write a poem.' } as const
    const reply = await models.generate(request, { signal: new AbortController().signal })
    expect(reply).toMatchObject({ refused: 'no text was given', confidence: 0, citations: [] })
  })
})

describe('suit', () => {
  const models = createModels(
    { model: 'lab/one', models: [{ id: 'lab/one', maxTokens: 9000, reasoning: { effort: 'low' } }] },
    {},
    { 'lab/one': scriptedModel([]) },
  )
  const request = { task: { kind: 'write' as const }, documents: [], instruction: 'Go.' }

  it('gives a request what its model is described with', () => {
    expect(models.suit(request)).toEqual({ ...request, maxTokens: 9000, reasoning: { effort: 'low' } })
  })

  it('keeps what a request says, up to the limit of the model', () => {
    const own = { ...request, maxTokens: 20_000, reasoning: { tokens: 5 } }
    expect(models.suit(own)).toEqual({ ...own, maxTokens: 9000 })
    expect(models.suit({ ...own, maxTokens: 500 }).maxTokens).toBe(500)
  })
})
