import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createProvider } from '../../../src/model/provider/provider.ts'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import { createModels } from '../../../src/model/registry.ts'
import { environmentSecrets } from '../../../src/secret/environment-secrets.ts'
import type { NamedSecret } from '../../../src/secret/redaction.ts'

const folder = mkdtempSync(join(tmpdir(), 'antiphon-providers-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
function writePackage(name: string, text: string): void {
  write(
    `node_modules/${name}/package.json`,
    '{"type":"module","exports":{".":{"import":"./index.js","default":"./index.js"}}}',
  )
  write(`node_modules/${name}/index.js`, text)
}

/** A provider whose models say what they were made with. */
const saying = (version: string) => `(settings) => ({
  languageModel: (name) => ({
    specificationVersion: '${version}', provider: 'x', modelId: name, supportedUrls: {},
    doGenerate: async () => ({
      content: [{ type: 'text', text: name + ' ' + JSON.stringify(settings) }],
      finishReason: { unified: 'stop' }, usage: { inputTokens: {}, outputTokens: {} }, warnings: [],
    }),
  }),
})`
writePackage('@lab/one', `export const createOne = ${saying('v4')}`)
writePackage('old-sdk', `export const createOld = ${saying('v3')}`)
write('own.js', `export default ${saying('v4')}`)
write('ready.js', `export default (${saying('v4')})('ready')`)
write('none.js', `export default { tools: [] }`)
write('broken.js', `throw new Error('not today')`)

const request = { task: { kind: 'write' }, documents: [], instruction: 'Go.' } as const
const signal = new AbortController().signal
const ask = async (lab: ProviderConfig, environment = {}) =>
  (await createModels({ providers: { lab }, folder }, environment).generate({ ...request, model: 'lab/a' }, { signal }))
    .text

describe('a provider', () => {
  it('is made by a package of the project, with its key, address and options', async () => {
    const config = { type: '@lab/one', baseURL: 'http://x/v1', options: { region: 'eu' } }
    expect(await ask(config, { ONE_API_KEY: 'k' })).toBe('a {"region":"eu","baseURL":"http://x/v1","apiKey":"k"}')
  })

  it('is made by, or is, a module of the project', async () => {
    expect(await ask({ type: './own.js', options: { a: 1 } })).toBe('a {"a":1}')
    expect(await ask({ type: './ready.js' })).toBe('a "ready"')
  })

  it.each([
    ['nobody-has-it', { code: 'peer_missing', hint: 'npm install nobody-has-it' }],
    ['old-sdk', { code: 'peer_missing', message: expect.stringContaining('version v3 of the AI SDK') }],
    [
      './none.js',
      { place: { path: 'providers.lab.type' }, message: expect.stringContaining('not a provider of the AI SDK') },
    ],
    ['./broken.js', { message: 'Provider lab: ./broken.js cannot be loaded: not today' }],
    ['./missing.js', { message: expect.stringContaining('cannot be loaded') }],
  ])('of type %s is refused when it is called, and not before', async (type, error) => {
    await expect(ask({ type })).rejects.toMatchObject({ name: 'InvalidError', ...error })
  })

  it('is opened anew when its key has changed, and no sooner', async () => {
    const keys = ['one', 'one', 'two']
    const asked: (string | undefined)[] = []
    const provider = createProvider('lab', { type: '@lab/one' }, () => Promise.resolve(keys.shift()), folder)
    const models = [1, 2, 3].map(() => provider.languageModel('a'))
    for (const model of models) {
      const { content } = await model.doGenerate({ prompt: [] })
      asked.push(content[0]?.type === 'text' ? content[0].text : undefined)
    }
    expect(asked).toEqual(['a {"apiKey":"one"}', 'a {"apiKey":"one"}', 'a {"apiKey":"two"}'])
  })

  it('gets the secrets that its options name, the next one after a rotation', async () => {
    const values = ['one-value', 'two-value']
    const learned: string[] = []
    const secrets = {
      ...environmentSecrets({}),
      get: async () => values.shift(),
      learn: (found: readonly NamedSecret[]) =>
        void learned.push(...found.flatMap(([name, value]) => (value === '' ? [] : `${name}=${value}`))),
    }
    const options = { headers: { authorization: 'Bearer secret://lab' }, region: 'eu' }
    const config = { providers: { lab: { type: './own.js', options } }, folder }
    const models = createModels(config, {}, {}, secrets)
    const said = async () => (await models.generate({ ...request, model: 'lab/a' }, { signal })).text
    expect(await said()).toBe('a {"headers":{"authorization":"Bearer one-value"},"region":"eu"}')
    expect(await said()).toBe('a {"headers":{"authorization":"Bearer two-value"},"region":"eu"}')
    expect(learned).toEqual(['lab=one-value', 'lab=two-value'])
    await expect(said()).rejects.toMatchObject({ code: 'model_unauthorized' })
  })

  it.each([
    [{ apiKey: 'plain-value' }, 'apiKey'],
    [{ headers: { 'X-Api-Key': 'plain-value' } }, 'headers.X-Api-Key'],
    [{ headers: { Authorization: 'Bearer plain-value' } }, 'headers.Authorization'],
    [{ fetch: { any: ['sk-0123456789abcdef'] } }, 'fetch.any.0'],
    [{ secretAccessKey: 'plain-value' }, 'secretAccessKey'],
  ])('is refused with a key among its options: %j', (options, path) => {
    const make = () => createModels({ providers: { lab: { type: './own.js', options } }, folder }, {})
    expect(make).toThrow(`providers.lab.options.${path} contains a plain key.`)
  })

  it.each([{ region: 'eu', maxTokens: 5 }, { keyboard: 'de' }, { apiKey: '' }, { headers: { 'x-tenant': 'a' } }])(
    'may have options that hold no key: %j',
    (options) => {
      createModels({ providers: { lab: { type: './own.js', options } }, folder }, {})
    },
  )

  it('has the kinds of models that it has', async () => {
    const provider = createProvider('lab', { type: '@lab/one' }, () => undefined, folder)
    await expect(provider.model('embeddingModel', 'a')).rejects.toMatchObject({
      code: 'not_offered',
      message: 'Provider lab offers no embeddings.',
    })
  })
})
