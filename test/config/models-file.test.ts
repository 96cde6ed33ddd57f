import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createModels } from '../../src/model/registry.ts'

/** What is configured in a folder with these files. */
async function load(files: { readonly [name: string]: string }) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'models-')))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return loadConfig({ folder, environment: {} })
}

const SETTINGS = 'model: ollama/llama3.2:1b\n'
const LIST = `
models:
  - source: ollama
    name: llama3.2:1b
    expertise: [general, fast]
    size: 1b  # Estimated
  - { id: openai/big, size: 1760b, context: 128k, modalities: [text, vision], json: true, tools: true, cost: { input: 2.5, output: 10 } }
defaults:
  expertise_preferences: { code: "not-here:32b", fast: llama3.2:1b }
  fallback_chain: [llama3.2:1b]
`

describe('models.yaml beside antiphon.yaml', () => {
  test('is read in the shape of py-orc, with what is said beyond it', async () => {
    const config = await load({ 'antiphon.yaml': SETTINGS, 'models.yaml': LIST })
    expect(createModels({ ...config, embedder: 'none' }, {}).facts()).toEqual([
      {
        id: 'ollama/llama3.2:1b',
        standard: true,
        paid: false,
        local: true,
        size: 1,
        tags: ['general', 'fast'],
        firstFor: ['fast'],
        wire: 'compatible',
      },
      {
        id: 'openai/big',
        standard: false,
        paid: true,
        size: 1760,
        context: 128_000,
        modalities: ['text', 'vision'],
        capabilities: ['tools', 'json'],
        price: { input: 2.5, output: 10, cacheRead: 0.25, cacheWrite: 3.125 },
        usualPrices: ['cacheRead', 'cacheWrite'],
      },
      expect.objectContaining({ id: 'offline/extractive', local: true }),
    ])
    expect(config.fallbackModels).toEqual(['llama3.2:1b'])
  })

  test('may be a map by name, as older ones are', async () => {
    const models = `
models:
  claude-4-opus:
    provider: anthropic
    type: anthropic
    config: { model_name: claude-opus-4, api_key: "\${ANTHROPIC_API_KEY}", max_retries: 3 }
    expertise: very-high
  gpt2: { provider: huggingface, config: { device: auto } }
preferences: { fallback_order: [gpt2] }
`
    const { models: all, fallbackModels } = await load({ 'antiphon.yaml': SETTINGS, 'models.yaml': models })
    expect(all).toEqual([
      { id: 'anthropic/claude-opus-4', aliases: ['claude-4-opus'], expertise: 'very-high' },
      { id: 'huggingface/gpt2' },
    ])
    expect(fallbackModels).toEqual(['gpt2'])
  })

  test('yields to antiphon.yaml where both speak of a model', async () => {
    const own = 'models: [{ id: "ollama/llama3.2:1b", size: 3b }]\nfallbackModels: [a/b]\n'
    const { models, fallbackModels } = await load({ 'antiphon.yaml': own, 'models.yaml': LIST })
    expect(models?.map(({ id, size }) => [id, size])).toEqual([
      ['ollama/llama3.2:1b', '3b'],
      ['openai/big', '1760b'],
    ])
    expect(fallbackModels).toEqual(['a/b'])
  })

  test('tells prices of tokens, of minutes of recordings, and of characters that are spoken', async () => {
    const costs = ['{ minute: 0.006 }', '{ characters: 15 }', '{ input: 1, output: 2, minute: 0, characters: 0 }']
    const models = `models:\n${costs.map((cost, n) => `  - { id: a/m${n}, cost: ${cost} }\n`).join('')}`
    const config = await load({
      'antiphon.yaml': SETTINGS,
      'models.yaml': `${models}  - { id: a/m3, cost: { minute: 0 } }\n`,
    })
    const facts = createModels({ ...config, embedder: 'none' }, {}).facts()
    expect(facts.filter(({ id }) => id.startsWith('a/')).map(({ price, paid }) => [price, paid])).toEqual([
      [{ minute: 0.006 }, true],
      [{ characters: 15 }, true],
      [{ input: 1, output: 2, minute: 0, characters: 0 }, true],
      [{ minute: 0 }, false],
    ])
  })

  test('may lie elsewhere, and then has to be there', async () => {
    const there = { 'antiphon.yaml': 'modelsFile: minds.yaml', 'minds.yaml': 'models: [{ id: a/b }]' }
    expect((await load(there)).models).toEqual([{ id: 'a/b' }])
    await expect(load({ 'antiphon.yaml': 'modelsFile: gone.yaml' })).rejects.toThrow('the file cannot be read')
  })

  test('is not read when it is called models.yml, which is reported beside an antiphon.yaml that does not name it', async () => {
    await expect(load({ 'antiphon.yaml': '', 'models.yml': LIST })).rejects.toMatchObject({
      name: 'InvalidError',
      message: 'The file of models must be named models.yaml: this file is not read.',
      place: { file: expect.stringMatching(/models\.yml$/) },
      hint: 'Rename it to models.yaml, or name it in antiphon.yaml: `modelsFile: models.yml`.',
    })
    const named = await load({ 'antiphon.yaml': 'modelsFile: models.yml', 'models.yml': LIST })
    expect(named.fallbackModels).toEqual(['llama3.2:1b'])
    expect(await load({ 'models.yml': 'of: somebody' })).toMatchObject({ providers: {} })
  })

  test('is read where there is no antiphon.yaml, too', async () => {
    const config = await load({ 'models.yaml': LIST })
    expect(config).toMatchObject({ fallbackModels: ['llama3.2:1b'], firstFor: { fast: 'llama3.2:1b' } })
    expect(config.models?.map(({ id }) => id)).toEqual(['ollama/llama3.2:1b', 'openai/big'])
    await expect(load({ 'models.yaml': 'not: ours' })).rejects.toMatchObject({ place: { line: 1, column: 1 } })
  })
})

describe('a fault in it has a place', () => {
  test.each<[text: string, place: object, message: string, hint?: string]>([
    ['models:\n  - { id: a/b, contxt: 1k }', { line: 2, column: 16 }, 'there is no setting', 'Did you mean `context`?'],
    ['models:\n  - { source: a }', { line: 2, column: 5 }, 'expected `id: provider/name`, or `source:` and `name:`'],
    [
      'models:\n  - { source: "@ai-sdk/mistral", name: m }',
      { line: 2, column: 15 },
      'such as ollama; a package is named at its provider, as in `providers: { mistral: { type: "@ai-sdk/mistral" } }`: then it is `mistral` here',
    ],
    ['models:\n  m: { provider: "a b" }', { line: 2, column: 18 }, 'expected the name of a provider, such as ollama'],
    ['models:\n  - { id: a/b, size: large }', { line: 2, column: 22 }, 'expected a size such as 8b'],
    [
      'models:\n  - { id: a/b, reasoning: { effort: some } }',
      { line: 2, column: 27 },
      'expected { effort: WORD } with one of',
    ],
    ['models:\n  - { id: a/b, context: 1x }', { line: 2, column: 25 }, 'expected a number of tokens, such as 128k'],
    ['models:\n  m: { provider: a, config: { api_key: sk-1 } }', { line: 2, column: 40 }, 'not the key itself'],
    ['models:\n  m: { provider: a, jsn: true }', { line: 2, column: 21 }, 'no setting', 'Did you mean `json`?'],
    ['models:\n  - { id: a/b, cost: { input: 1 } }', { line: 2, column: 22 }, 'expected dollars: input and output'],
    ['models:\n  - { id: a/b, cost: {} }', { line: 2, column: 22 }, 'characters for a million that are spoken'],
    ['models:\n  - { id: a/b, cost: { minutes: 1 } }', { line: 2 }, 'no setting', 'Did you mean `minute`?'],
    ['defaults:\n  fallback_chian: [a]', { line: 2, column: 3 }, 'no setting', 'Did you mean `fallback_chain`?'],
    [
      'models:\n  - { id: a/b, form: { prompt: "{{ instruktion }}" } }',
      { line: 2, column: 32, path: 'models.0.form.prompt' },
      'Unknown name `instruktion`',
      'Did you mean `instruction`?',
    ],
    [
      'models:\n  m: { provider: a, form: { system: "{% if" } }',
      { line: 2, path: 'models.m.form.system' },
      'm.form.system',
    ],
    ['models:\n  - { id: a/b, form: { after: [thnk] } }', { line: 2 }, 'models.0.form.after.0'],
    ['modles: []', { line: 1, column: 1 }, 'no setting', 'Did you mean `models`?'],
    ['models: [', { line: 1 }, 'this is not YAML'],
  ])('%s', async (text, place, message, hint) => {
    await expect(load({ 'antiphon.yaml': '', 'models.yaml': text })).rejects.toMatchObject({
      message: expect.stringContaining(message),
      place: { file: expect.stringMatching(/models\.yaml$/), ...place },
      ...(hint && { hint }),
    })
  })
})
