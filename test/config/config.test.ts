import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { DEFAULT_SERVE } from '../../src/config/serve.ts'
import { claimData } from '../../src/runtime/data-folder/claim.ts'

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'config-')))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const write = (text: string) => writeFile(join(folder, 'antiphon.yaml'), text)
const load = (more: object = {}) => loadConfig({ folder, environment: {}, ...more })

describe('without a file', () => {
  it('everything has a default, from the folder that was asked for', async () => {
    expect(await load()).toEqual({
      folder,
      providers: {},
      plugins: [],
      roots: [folder],
      data: join(folder, '.antiphon'),
      pool: {},
      retention: { runs: 10_000, runDays: 30, deadLetterDays: 30, auditDays: 90 },
      environment: {},
    })
  })

  it('an empty file says nothing either', async () => {
    await write('# nothing yet\n')
    expect(await load()).toMatchObject({ file: join(folder, 'antiphon.yaml'), roots: [folder] })
  })
})

describe('a request of a program without types', () => {
  it.each<[object | undefined, string]>([
    [undefined, 'expected the path of a folder as `folder`'],
    [{ cwd: '.', environment: {} }, 'expected the path of a folder as `folder`'],
    [{ folder: '.' }, 'expected the variables of the process as `environment`'],
  ])('%j is refused by the name of what it lacks', async (request, fault) => {
    const refused = loadConfig(request as never)
    await expect(refused).rejects.toMatchObject({ name: 'InvalidError', message: `loadConfig: ${fault}.` })
  })
})

describe('a file that is called antiphon.yml', () => {
  it('is reported as such, also in a folder above, unless an antiphon.yaml is nearer', async () => {
    await writeFile(join(folder, 'antiphon.yml'), 'model: local/llama3.2\n')
    const deep = join(folder, 'a/b')
    await mkdir(deep, { recursive: true })
    const refused = {
      name: 'InvalidError',
      message: 'The configuration must be named antiphon.yaml: this file is not read.',
      place: { file: join(folder, 'antiphon.yml') },
      hint: 'Rename it to antiphon.yaml.',
    }
    await expect(load()).rejects.toMatchObject(refused)
    await expect(load({ folder: deep })).rejects.toMatchObject(refused)
    await writeFile(join(deep, 'antiphon.yaml'), '')
    expect(await load({ folder: deep })).toMatchObject({ folder: deep })
    await write('')
    expect(await load()).toMatchObject({ folder })
  })
})

describe('a file', () => {
  it('is found in the nearest folder above, and its paths start from there', async () => {
    await write('plugins: [tools/a.ts, /abs/b.js]\nroots: [docs, ..]\ndata: state\n')
    const deep = join(folder, 'a/b')
    await mkdir(deep, { recursive: true })
    expect(await load({ folder: deep })).toMatchObject({
      file: join(folder, 'antiphon.yaml'),
      folder,
      plugins: [join(folder, 'tools/a.ts'), '/abs/b.js'],
      roots: [join(folder, 'docs'), join(folder, '..')],
      data: join(folder, 'state'),
    })
  })

  it('may set everything there is', async () => {
    const text = `
model: local/llama3.2
embedder: none
providers:
  local: { type: openai-compatible, baseURL: 'http://127.0.0.1:1234/v1' }
  there: { type: openai-compatible, baseURL: 'https://example.org/v1', keyEnv: THERE_KEY }
durability: process
cores: 3
pool: { workers: 3 }
pools:
  text_action_pool: { min: 2, queue: 5, models: [a/b], share: { workers: 1, perMinute: 30 } }
  text_experience_medical_pool: { max: 2, ageing: 5, deadline: 0.5 }
resources:
  local: { slots: 2, perMinute: 600 }
  memory: { slots: 16, models: { local/llama3.2: 4 } }
retention: { runs: 5, deadLetterDays: 0.5 }
serve: { streams: 5, origins: [https://app.example/], trustedProxies: [10.0.0.0/8, 'fd00::1'] }
`
    await write(text)
    expect(await load()).toMatchObject({
      model: 'local/llama3.2',
      embedder: 'none',
      providers: {
        local: { type: 'openai-compatible', baseURL: 'http://127.0.0.1:1234/v1' },
        there: { type: 'openai-compatible', baseURL: 'https://example.org/v1', keyEnv: 'THERE_KEY' },
      },
      durability: 'process',
      cores: 3,
      pool: { workers: 3 },
      pools: {
        text_action_pool: { min: 2, queue: 5, models: ['a/b'], share: { workers: 1, perMinute: 30 } },
        text_experience_medical_pool: { max: 2, ageing: 5, deadline: 0.5 },
      },
      resources: {
        local: { slots: 2, perMinute: 600 },
        memory: { slots: 16, models: { 'local/llama3.2': 4 } },
      },
      retention: { runs: 5, runDays: 30, deadLetterDays: 0.5, auditDays: 90 },
      serve: {
        ...DEFAULT_SERVE,
        streams: 5,
        origins: ['https://app.example'],
        trustedProxies: ['10.0.0.0/8', 'fd00::1'],
      },
    })
  })

  it('may close all folders to tools', async () => {
    await write('roots: []')
    expect((await load()).roots).toEqual([])
  })
})

describe('the data folder', () => {
  it('is the one said at the prompt, else in the environment, else in the file', async () => {
    await write('data: from-file')
    const sub = join(folder, 'sub')
    await mkdir(sub)
    const environment = { ANTIPHON_DATA: 'from-environment' }
    const at = async (more: object) => (await load({ folder: sub, ...more })).data
    expect(await at({ data: 'from-argument', environment })).toBe(join(sub, 'from-argument'))
    expect(await at({ environment })).toBe(join(sub, 'from-environment'))
    expect(await at({ environment: { ANTIPHON_DATA: '' } })).toBe(join(folder, 'from-file'))
    expect(await at({ data: '/abs' })).toBe('/abs')
  })

  it('is not an address: it is refused wherever it is given, without a token that it holds', async () => {
    const refused = {
      name: 'InvalidError',
      message: expect.stringContaining('expected a folder on this machine, got an address that begins with libsql://'),
    }
    const address = 'libsql://db.example?authToken=hidden'
    await expect(load({ data: address })).rejects.toMatchObject(refused)
    await expect(load({ environment: { ANTIPHON_DATA: address } })).rejects.toMatchObject(refused)
    await expect(load({ data: 'file:local.db' })).rejects.toMatchObject({ name: 'InvalidError' })
    await write(`data: ${address}`)
    const error = await load().catch((error) => error)
    expect(error).toMatchObject({ ...refused, place: { file: join(folder, 'antiphon.yaml'), line: 1, column: 7 } })
    expect(JSON.stringify([error.message, error.hint])).not.toContain('hidden')
  })

  it('is not an address in a configuration that a program changed', async () => {
    const config = { ...(await load()), data: 'libsql://db.example' }
    await expect(claimData(config.data)).rejects.toMatchObject({ name: 'InvalidError' })
    expect(existsSync('libsql:')).toBe(false)
  })
})

describe('the engine', () => {
  const restate = { admin: ['http://127.0.0.1:9070'] }

  it('is the one said at the prompt, else the one in the file', async () => {
    expect((await load({ engine: { restate: ['http://127.0.0.1:9070/'] } })).restate).toEqual(restate)
    await write('engine: { restate: { admin: http://localhost:1, port: 9080, shared: common } }')
    const shared = join(folder, 'common')
    expect((await load()).restate).toEqual({ admin: ['http://localhost:1'], port: 9080, shared })
    const said = { name: 'restate', restate: restate.admin } as const
    expect((await load({ engine: said })).restate).toEqual({ ...restate, port: 9080, shared })
    expect((await load({ engine: { name: 'libsql' } })).restate).toBeUndefined()
    const identity = ['publickeyv1_2G8dCQhArfvGpzPw5Vx2ALciR4xCLHfS5YaT93XjNxX9']
    await write(`engine: { restate: { admin: http://localhost:1, identity: [${identity}] } }`)
    expect((await load()).restate).toEqual({ admin: ['http://localhost:1'], identity })
    const object = 's3://bucket/prefix?endpoint=http://localhost:9000'
    await write(
      `engine: { restate: { admin: http://localhost:1, shared: '${object}', redis: 'redis://localhost:6379' } }`,
    )
    expect((await load()).restate).toMatchObject({ shared: object, redis: 'redis://localhost:6379' })
    await write('engine: { restate: { admin: http://localhost:1, identity: none } }')
    expect((await load()).restate).toEqual({ admin: ['http://localhost:1'], identity: 'none' })
  })

  it('is on one server or several, and closes connections after so many seconds', async () => {
    await write('engine: { restate: { admin: [http://localhost:1, http://localhost:2], connectionAge: 30 } }')
    const { restate: several } = await load()
    expect(several).toEqual({ admin: ['http://localhost:1', 'http://localhost:2'], connectionAge: 30_000 })
  })

  it.each([
    [{ name: 'restate' }, 'The engine restate requires a server'],
    [{ restate: ['http://127.0.0.1:9070', 'nowhere'] }, 'Expected the address of a Restate server, got "nowhere"'],
    [
      { restate: ['http://me:secret@127.0.0.1:9070'] },
      'The address of the Restate server contains a user or a password',
    ],
    [{ name: 'libsql', restate: restate.admin }, '--engine says libsql'],
  ] as const)('%j is reported', async (engine, message) => {
    await expect(load({ engine })).rejects.toMatchObject({
      name: 'InvalidError',
      message: expect.stringContaining(message),
    })
  })
})

describe('a fault', () => {
  it.each<[what: string, text: string, place: object, message: string, hint?: string]>([
    [
      'an unknown key',
      'model: a/b\n\n  \nprovders: {}\n',
      { line: 4, column: 1, path: 'provders' },
      'there is no setting `provders`',
      'Did you mean `providers`?',
    ],
    [
      'an unknown key inside',
      'pool:\n  workers: 2\n  workrs: 3\n',
      { line: 3, column: 3, path: 'pool.workrs' },
      'there is no setting `pool.workrs`',
      'Did you mean `workers`?',
    ],
    [
      'an unknown key of the retention',
      'retention:\n  runDay: 3\n',
      { line: 2, column: 3, path: 'retention.runDay' },
      'there is no setting `retention.runDay`',
      'Did you mean `runDays`?',
    ],
    [
      'an unknown key of a rate',
      'serve:\n  requests: { perSecond: 3, burst: 2, bust: 2 }\n',
      { line: 2, column: 39, path: 'serve.requests.bust' },
      'there is no setting `serve.requests.bust`',
      'Did you mean `burst`?',
    ],
    [
      'an unknown key of a provider',
      'providers:\n  local:\n    type: openai-compatible\n    baseURL: http://x\n    apiKey: secret\n',
      { line: 5, column: 5, path: 'providers.local.apiKey' },
      'there is no setting `providers.local.apiKey`',
      'Known here: type, baseURL, keyEnv, key, api, factory, options, timeouts, wire.',
    ],
    [
      'an engine that is not there',
      'engine:\n  restat: { admin: http://127.0.0.1:9070 }\n',
      { line: 2, column: 3, path: 'engine.restat' },
      'there is no setting `engine.restat`',
      'Did you mean `restate`?',
    ],
    [
      'an unknown key of an engine',
      'engine:\n  restate: { admin: http://127.0.0.1:9070, adress: http://b }\n',
      { line: 2, column: 44, path: 'engine.restate.adress' },
      'there is no setting `engine.restate.adress`',
      'Did you mean `address`?',
    ],
    [
      'a key of another form',
      'engine: { restate: { admin: http://127.0.0.1:9070, identity: [secret] } }\n',
      { line: 1 },
      'expected a key such as publickeyv1_',
    ],
    [
      'a password for Redis',
      'engine:\n  restate: { admin: http://a, redis: "redis://:secret@localhost:6379" }\n',
      { line: 2, column: 38, path: 'engine.restate.redis' },
      '`engine.restate.redis`: expected an address without a password: that is in REDIS_PASSWORD',
    ],
    ['an engine without a server', 'engine: { restate: {} }\n', { line: 1, column: 11 }, '`engine.restate.admin`'],
    [
      'a setting of the other engine',
      'durability: process\nengine: { restate: { admin: http://127.0.0.1:9070 } }\n',
      {},
      '`durability` is a setting of the engine libsql: the Restate server decides what survives',
    ],
    [
      'a server that cannot reach this machine',
      'engine: { restate: { admin: http://restate.example:9070 } }\n',
      {},
      'cannot reach a node on the loopback',
    ],
    [
      'nodes that share no storage',
      'engine: { restate: { admin: http://restate.example:9070, address: http://nodes.example } }\n',
      {},
      'need shared storage',
    ],
    ['a wrong type', 'roots: here\n', { line: 1, column: 8, path: 'roots' }, '`roots`: expected a list, got a string'],
    [
      'a wrong item',
      'plugins:\n  - a.ts\n  - 7\n',
      { line: 3, column: 5, path: 'plugins.1' },
      '`plugins.1`: expected a string, got ',
    ],
    ['a number out of range', 'pool: { workers: 0 }\n', { line: 1, column: 18 }, '`pool.workers`'],
    ['no origin', 'serve: { origins: [localhost] }\n', { line: 1, column: 20 }, '`serve.origins.0`'],
    ['no proxy', 'serve: { trustedProxies: [localhost] }\n', { line: 1, column: 27 }, '`serve.trustedProxies.0`'],
    [
      'too small a rate',
      'serve: { requests: { perSecond: 0, burst: 1 } }\n',
      { line: 1 },
      '`serve.requests.perSecond`',
    ],
    ['days below zero', 'retention: { runDays: -1 }\n', { line: 1, column: 23 }, '`retention.runDays`'],
    ['no cores', 'cores: 0\n', { line: 1, column: 8, path: 'cores' }, '`cores`'],
    [
      'a pool that is misspelt',
      'pools:\n  text_acton_pool: { min: 1 }\n',
      { line: 2, column: 3, path: 'pools.text_acton_pool' },
      'did you mean `text_action_pool`?',
    ],
    [
      'a form that is none',
      'pools:\n  text_action_pool: { form: { prompt: "{{ instruktion }}" } }\n',
      { line: 2, path: 'pools.text_action_pool.form.prompt' },
      'Unknown name `instruktion`',
    ],
    ['no pool', 'pools: { mine: { min: 1 } }\n', { line: 1, column: 10 }, 'such as text_action_pool'],
    [
      'more at least than at most',
      'pool: { min: 3, max: 2 }\n',
      { line: 1, column: 14 },
      'expected no more than `max`',
    ],
    [
      'both ways to say a size',
      'pool: { min: 3, workers: 2 }\n',
      { line: 1, column: 26 },
      'either `workers`, or `min`',
    ],
    ['a resource of nothing', 'resources: { gpu: {} }\n', { line: 1, column: 19 }, 'expected `slots`, `perMinute`'],
    ['a fraction of a worker', 'pool: { workers: 1.5 }\n', { line: 1, column: 18 }, '`pool.workers`'],
    ['an empty value', 'model:\n', { line: 1, path: 'model' }, '`model`: expected a string, got nothing'],
    [
      'a missing value',
      'providers:\n  p:\n    type: openai-compatible\n',
      { line: 2, column: 3 },
      '`providers.p.baseURL`',
    ],
    [
      'a provider of another type',
      'providers:\n  p: { type: magic, baseURL: http://x }',
      { line: 2, column: 14 },
      'providers.p.type',
    ],
    [
      'no address',
      'providers:\n  p: { type: openai-compatible, baseURL: nowhere }',
      { line: 2, column: 42 },
      'http://127',
    ],
    [
      'a password in an address',
      'providers:\n  p: { type: openai, baseURL: "http://me:hunter2@x/v1" }',
      { line: 2, column: 31, path: 'providers.p.baseURL' },
      'expected an address without a user and a password: a key is named by `keyEnv` or `key`',
    ],
    [
      'a mistyped key that is needed',
      'providers:\n  p: { typ: openai }',
      { line: 2, column: 8, path: 'providers.p.typ' },
      'there is no setting `providers.p.typ`',
      'Did you mean `type`?',
    ],
    ['a fraction of a call', 'resources: { api: { perMinute: 1.5 } }', { line: 1 }, 'expected a whole number from 1'],
    ['a rate of no call', 'resources: { api: { perMinute: 0 } }', { line: 1 }, 'expected a whole number from 1 to'],
    ['no slots', 'resources: { api: { slots: 0 } }', { line: 1 }, 'expected a number above 0'],
    ['a call that takes nothing', 'resources: { api: { slots: 1, tools: { a: 0 } } }', { line: 1 }, 'a number above 0'],
    ['no tools', 'resources: { api: { slots: 1, tools: [] } }', { line: 1 }, 'expected one name or more'],
    [
      'tools that are neither a list nor a map',
      'resources:\n  api: { slots: 1, tools: http-client }',
      { line: 2, path: 'resources.api.tools' },
      'expected a list of tools, or a map of what a call of each takes',
    ],
    [
      'models that are neither a list nor a map',
      'resources:\n  gpu: { slots: 1, models: 5 }',
      { line: 2, path: 'resources.gpu.models' },
      'expected a list of models, or a map of what each takes',
    ],
    [
      'keys that are no list',
      'engine: { restate: { admin: http://127.0.0.1:9070, identity: some } }\n',
      { line: 1, path: 'engine.restate.identity' },
      'expected none, or a list of public keys',
    ],
    [
      'a bad provider name',
      'providers:\n  "a b": { type: openai-compatible, baseURL: http://x }',
      { line: 2, column: 3 },
      'letters',
    ],
    [
      'a key instead of its name',
      'providers:\n  p: { type: openai-compatible, baseURL: http://x, keyEnv: sk-1 }',
      { line: 2 },
      'not the key itself',
    ],
    [
      'a key instead of the name of a secret',
      'providers:\n  p: { type: openai-compatible, baseURL: http://x, key: sk-1 }',
      { line: 2, path: 'providers.p.key' },
      'not the key itself',
    ],
    [
      'a key among the options of a provider',
      'providers:\n  p:\n    type: openai-compatible\n    baseURL: http://x\n    options: { headers: { x-api-key: one-two } }',
      { line: 5, path: 'providers.p.options.headers.x-api-key' },
      'not the key itself',
    ],
    [
      'an unknown set of rules of a provider',
      'providers:\n  p: { type: openai-compatible, baseURL: http://x, wire: mistrel }',
      { line: 2, path: 'providers.p.wire' },
      'Did you mean mistral? expected one of anthropic, ',
    ],
    [
      'an unknown set of rules of a model',
      'models:\n  - { id: lab/m, wire: 7 }',
      { line: 2, path: 'models.0.wire' },
      'expected one of anthropic, ',
    ],
    [
      'an unknown way to JSON',
      'models:\n  - { id: lab/m, json: yaml }',
      { line: 2, path: 'models.0.json' },
      'expected schema, object, true or false',
    ],
    ['no map at all', '- a\n', { line: 1, column: 1 }, 'the configuration: expected a map, got a list'],
    ['no YAML', 'model: [a\nroots: b\n', { line: 2 }, 'this is not YAML'],
    ['a key twice', 'model: a/b\nmodel: c/d\n', { line: 2, column: 1 }, 'this is not YAML: Map keys must be unique'],
  ])('%s is reported with its place', async (_, text, place, message, hint) => {
    await write(text)
    const error = await load().catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      name: 'InvalidError',
      code: 'invalid_input',
      message: expect.stringContaining(message),
      place: { file: join(folder, 'antiphon.yaml'), ...place },
      ...(hint !== undefined && { hint }),
    })
  })

  it('a file that cannot be read is reported too', async () => {
    await mkdir(join(folder, 'antiphon.yaml'))
    await expect(load()).rejects.toMatchObject({ name: 'InvalidError', place: { file: join(folder, 'antiphon.yaml') } })
  })

  it('an explosion of aliases and a huge file are refused', async () => {
    const levels = Array.from({ length: 20 }, (_, n) => `k${n}: &a${n} [${n ? `*a${n - 1}, *a${n - 1}` : 'x'}]`)
    await write(levels.join('\n'))
    await expect(load()).rejects.toMatchObject({ name: 'InvalidError' })
    await write(`# ${'x'.repeat(300 * 1024)}`)
    await expect(load()).rejects.toMatchObject({ name: 'InvalidError' })
    await write('['.repeat(200 * 1024))
    await expect(load()).rejects.toMatchObject({
      name: 'InvalidError',
      message: expect.stringContaining('nested deeper'),
    })
  })
})
