import { describe, expect, test } from 'vitest'
import { chooseModel, rankModels } from '../../../src/model/choose/choose.ts'
import type { ModelFacts, ModelNeeds } from '../../../src/model/choose/model-facts.ts'
import { createModels } from '../../../src/model/registry.ts'
import { environmentSecrets } from '../../../src/secret/environment-secrets.ts'

const MODELS: readonly ModelFacts[] = [
  {
    id: 'offline/extractive',
    standard: false,
    paid: false,
    local: true,
    level: 'low',
    modalities: ['text'],
    price: { input: 0, output: 0 },
  },
  {
    id: 'ollama/small',
    standard: true,
    paid: false,
    size: 1,
    tags: ['fast', 'summarization'],
    tokensPerSecond: 80,
    modalities: ['text'],
  },
  {
    id: 'ollama/coder',
    standard: false,
    paid: false,
    size: 7,
    tags: ['code'],
    capabilities: ['tools'],
    context: 128_000,
    firstFor: ['poetry'],
    latencyMs: 900,
  },
  {
    id: 'cloud/big',
    standard: false,
    paid: true,
    size: 70,
    tags: ['analysis'],
    price: { input: 3, output: 15 },
    accuracy: 0.9,
    modalities: ['vision'],
    aliases: ['gpt-x'],
  },
]
const pick = (needs: ModelNeeds, allowPaid = false) => {
  const choice = chooseModel(MODELS, needs, allowPaid)
  return 'id' in choice ? choice.id : undefined
}

describe('a model is chosen by what is asked of it', () => {
  test.each<[needs: ModelNeeds, id: string | undefined]>([
    [{}, 'ollama/small'],
    [{ minSize: 3 }, 'ollama/coder'],
    [{ maxSize: 3 }, 'ollama/small'],
    [{ minSize: 30 }, undefined],
    [{ level: 'high' }, 'ollama/coder'],
    [{ level: 'very-high' }, undefined],
    [{ tags: ['poetry', 'coding', 'code'] }, 'ollama/coder'],
    [{ capabilities: ['tools'] }, 'ollama/coder'],
    [{ capabilities: ['tools', 'vision'] }, undefined],
    [{ modalities: ['vision'] }, undefined],
    [{ maxLatencyMs: 1000 }, 'ollama/coder'],
    [{ minTokensPerSecond: 50 }, 'ollama/small'],
    [{ minAccuracy: 0.8 }, undefined],
    [{ preferred: ['coder'] }, 'ollama/coder'],
    [{ preferred: ['gpt-x'], minSize: 30 }, 'cloud/big'],
    [{ excluded: ['ollama/small'] }, 'ollama/coder'],
    [{ task: ['code'] }, 'ollama/coder'],
    [{ task: ['summarize'] }, 'ollama/small'],
    [{ task: ['haiku'] }, 'ollama/small'],
    [{ minSize: 30, otherwise: 'best_available' }, 'ollama/small'],
    [{ minSize: 900, otherwise: 'cheapest' }, 'ollama/small'],
    [{ minSize: 900, otherwise: 'fail' }, undefined],
    [{ minContext: 100_000 }, 'ollama/coder'],
    [{ minContext: 200_000 }, undefined],
    [{ local: true, excluded: ['small'] }, 'offline/extractive'],
    [{ capabilities: ['function_calling'] }, 'ollama/coder'],
    [{ modalities: ['text', 'image'], preferred: ['gpt-x'] }, 'cloud/big'],
    [{ task: ['poetry'] }, 'ollama/coder'],
  ])('%j: %s', (needs, id) => expect(pick(needs)).toBe(id))

  test('one that costs money only when it is allowed, or named', () => {
    expect(pick({ minSize: 30 }, true)).toBe('cloud/big')
    expect(pick({ minSize: 30, costLimit: 0.02 }, true)).toBe('cloud/big')
    expect(pick({ minSize: 30, costLimit: 0.001 }, true)).toBeUndefined()
    expect(pick({ minSize: 30, costLimit: 0.001, budgetPeriod: 'run' }, true)).toBe('cloud/big')
  })

  test('each of them is judged, those that would do first, in the order in which they would be taken', () => {
    expect(rankModels(MODELS, { minSize: 1, capabilities: [] }, false)).toEqual([
      { id: 'ollama/small', fits: true, why: [] },
      { id: 'ollama/coder', fits: true, why: [] },
      { id: 'cloud/big', fits: false, why: ['it costs money, and paid models are not allowed to be chosen'] },
      { id: 'offline/extractive', fits: false, why: ['its size is not known'] },
    ])
  })

  test.each(['best_available', 'cheapest'] as const)(
    'a task that must stay here leaves for no other machine as %s',
    (otherwise) => {
      const [here] = MODELS
      const there: ModelFacts = { id: 'cloud/eye', standard: true, paid: false, local: false, modalities: ['vision'] }
      const needs: ModelNeeds = { local: true, modalities: ['vision'], otherwise }
      expect(chooseModel([there], needs, true)).toMatchObject({ refused: [{ id: 'cloud/eye' }] })
      expect(chooseModel([there, here!], needs, true)).toMatchObject({ id: 'offline/extractive' })
    },
  )

  test('a substitute says what it lacks', () => {
    expect(chooseModel(MODELS, { minSize: 30, otherwise: 'best_available' }, false)).toMatchObject({
      lacks: ['size 1B, at least 30B asked'],
    })
  })
})

describe('a near name of what a model can do', () => {
  const model = (id: string, given: Partial<ModelFacts>): ModelFacts => ({ id, standard: false, paid: false, ...given })
  const analyst = model('lab/analyst', { tags: ['analysis'], capabilities: ['analysis'] })
  const exact = model('lab/data', { tags: ['data-analysis'], capabilities: ['data_analysis'] })
  const other = model('lab/other', { standard: true, tags: ['poetry'], capabilities: ['rhyme'] })
  const ASKED: readonly ModelNeeds[] = [{ capabilities: ['data-analysis'] }, { tags: ['data-analysis'] }]

  test.each(ASKED)('is taken for %j if no model has the exact one, and the choice says so', (needs) => {
    const lack = needs.tags
      ? 'expertise analysis, one of data-analysis asked'
      : 'capability data-analysis missing, though it has analysis'
    const choice = { id: 'lab/analyst', why: `the nearest: ${lack}`, lacks: [lack] }
    expect(chooseModel([other, analyst], needs, false)).toEqual(choice)
    expect(chooseModel([other, analyst], { ...needs, otherwise: 'best_available' }, false)).toEqual(choice)
    const [first, second] = rankModels([other, analyst], needs, false)
    expect(first).toEqual({ id: 'lab/analyst', fits: true, why: [lack] })
    expect(second).toMatchObject({ id: 'lab/other', fits: false })
  })

  test.each(ASKED)('is not taken for %j if a model has the exact one', (needs) => {
    expect(chooseModel([analyst, exact], needs, false)).toEqual({ id: 'lab/data', why: 'meets the requirements' })
    expect(rankModels([analyst, exact], needs, false).map(({ id, fits }) => [id, fits])).toEqual([
      ['lab/data', true],
      ['lab/analyst', false],
    ])
  })

  test.each<[why: string, facts: ModelFacts, needs: ModelNeeds]>([
    ['the author wants a failure', analyst, { capabilities: ['data-analysis'], otherwise: 'fail' }],
    ['the model lacks something else, too', analyst, { capabilities: ['data-analysis', 'rhyme'] }],
    ['the model costs money', { ...analyst, paid: true }, { capabilities: ['data-analysis'] }],
    ['the model is excluded', analyst, { capabilities: ['data-analysis'], excluded: ['analyst'] }],
    ['the names share a word only', exact, { capabilities: ['data-science'] }],
    ['one name denies the other', model('lab/no', { tags: ['non-code'] }), { tags: ['code'] }],
    [
      'it is a thing that a model can do or not',
      model('lab/eye', { capabilities: ['vision'] }),
      { capabilities: ['image-generation'] },
    ],
  ])('is not enough: %s', (_, facts, needs) => {
    expect(chooseModel([facts], needs, false)).toMatchObject({ refused: [{ id: facts.id }] })
  })

  test.each<[facts: Partial<ModelFacts>, needs: ModelNeeds, lack: string]>([
    [
      { tags: ['analysis'] },
      { capabilities: ['data-analysis'] },
      'capability data-analysis missing, though it has analysis',
    ],
    [{ capabilities: ['analysis'] }, { tags: ['data-analysis'] }, 'expertise not known, one of data-analysis asked'],
    [
      { tags: ['data-analysis'] },
      { capabilities: ['analysis'] },
      'capability analysis missing, though it has data-analysis',
    ],
  ])('counts in the other list, too: %j for %j', (facts, needs, lack) => {
    expect(chooseModel([other, model('lab/near', facts)], needs, false)).toMatchObject({
      id: 'lab/near',
      lacks: [lack],
    })
  })

  test('does not count in the other list for what a model can do or not', () => {
    const eye = model('lab/eye', { tags: ['vision', 'json'] })
    for (const name of ['vision', 'image', 'json_mode'])
      expect(chooseModel([eye], { capabilities: [name] }, false)).toMatchObject({ refused: [{ id: 'lab/eye' }] })
  })

  test('is a part of the other name, whichever is asked', () => {
    expect(chooseModel([exact], { tags: ['analysis'] }, false)).toMatchObject({
      id: 'lab/data',
      lacks: [expect.any(String)],
    })
  })
})

describe('the models of a configuration', () => {
  const models = createModels(
    {
      model: 'ollama/small',
      models: [
        {
          id: 'ollama/coder',
          size: '7b',
          expertise: ['code'],
          aliases: ['claude-sonnet-4'],
          cost: { input: 1, output: 2 },
        },
      ],
    },
    {},
    {},
  )

  test.each([
    ['ollama:llama3.2:1b', 'ollama/llama3.2:1b'],
    ['ollama/coder', 'ollama/coder'],
    ['coder', 'ollama/coder'],
    ['claude-sonnet-4', 'ollama/coder'],
    ['llama3.2:1b', 'ollama/llama3.2:1b'],
    ['extractive', 'offline/extractive'],
    ['claude-opus-4', undefined],
    ['anthropic/claude-opus-4', undefined],
    ['no such model', undefined],
  ])('the name %s stands for %s', (name, id) => expect(models.find(name)).toBe(id))

  test('why none will do is said of each', () => {
    expect(() => models.choose({ minSize: 30 })).toThrow(
      expect.objectContaining({
        code: 'no_eligible_model',
        message: expect.stringMatching(/ollama\/coder: it costs money.*ollama\/small: its size is not known/),
      }),
    )
  })

  test('a model that is not there is refused by name when it is asked, whatever its spelling', async () => {
    const asking = (model: string) =>
      models.generate(
        { task: { kind: 'write' }, instruction: 'x', documents: [], model },
        { signal: AbortSignal.timeout(5000) },
      )
    await expect(asking('claude-opus-4')).rejects.toMatchObject({ code: 'model_unauthorized' })
    await expect(asking('mistral/large')).rejects.toMatchObject({ code: 'no_eligible_model' })
    await expect(asking('a name with spaces')).rejects.toMatchObject({ code: 'no_eligible_model' })
  })
})

test('without a model call no key is read', () => {
  const read: string[] = []
  const environment = new Proxy<Record<string, string | undefined>>(
    { SECRET_KEY: 'x' },
    {
      get(target, name) {
        read.push(String(name))
        return target[String(name)]
      },
    },
  )
  const secrets = { ...environmentSecrets({}), get: async (name: string) => void read.push(name) }
  const models = createModels(
    { providers: { cloud: { type: 'openai-compatible', baseURL: 'https://example.com/v1', keyEnv: 'SECRET_KEY' } } },
    environment,
    {},
    secrets,
  )
  models.find('cloud/x')
  models.choose({})
  expect(read).not.toContain('SECRET_KEY')
})
