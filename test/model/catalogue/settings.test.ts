import { describe, expect, it } from 'vitest'
import { readModelSettings } from '../../../src/model/catalogue/model-config.ts'

describe('the default model', () => {
  it('is offline/extractive, because no model is configured', () => {
    expect(readModelSettings({}, {}).default).toEqual({
      id: 'offline/extractive',
      offline: true,
      why: expect.stringContaining('no model is configured'),
    })
  })

  it('is the one of the configuration', () => {
    expect(readModelSettings({ model: 'ollama:llama3.2' }, {}).default).toMatchObject({
      id: 'ollama/llama3.2',
      offline: false,
    })
  })

  it('is that of the environment before that of the configuration', () => {
    const { id, why } = readModelSettings({ model: 'ollama/a' }, { ANTIPHON_MODEL: 'ollama/b' }).default
    expect([id, why]).toEqual(['ollama/b', 'ANTIPHON_MODEL names it'])
  })
})

describe('providers', () => {
  it('hold a local Ollama without being asked', () => {
    expect(readModelSettings({}, {}).providers).toEqual({
      ollama: { type: 'openai-compatible', baseURL: 'http://127.0.0.1:11434/v1' },
    })
  })

  it.each([
    ['127.0.0.1:1234', 'http://127.0.0.1:1234/v1'],
    ['gpu', 'http://gpu:11434/v1'],
    ['0.0.0.0', 'http://127.0.0.1:11434/v1'],
    ['0.0.0.0:8080', 'http://127.0.0.1:8080/v1'],
    [':8080', 'http://127.0.0.1:8080/v1'],
    ['"[::1]:9000"', 'http://[::1]:9000/v1'],
    ['::1', 'http://[::1]:11434/v1'],
    ['http://gpu', 'http://gpu:80/v1'],
    ['https://gpu.example/ollama/', 'https://gpu.example:443/ollama/v1'],
    ['http://gpu:11434', 'http://gpu:11434/v1'],
  ])('reach Ollama where OLLAMA_HOST=%s says', (OLLAMA_HOST, baseURL) => {
    expect(readModelSettings({}, { OLLAMA_HOST }).providers.ollama).toEqual({ type: 'openai-compatible', baseURL })
  })

  it('refuse an OLLAMA_HOST that is not an address', () => {
    expect(() => readModelSettings({}, { OLLAMA_HOST: 'ftp://gpu' })).toThrow(
      'Provider "ollama" has no usable base URL',
    )
    expect(() => readModelSettings({}, { OLLAMA_HOST: 'me:hunter2@gpu:1' })).toThrow(
      'Provider ollama: its address contains a user or a password.',
    )
  })

  it('reach Ollama at OLLAMA_BASE_URL before OLLAMA_HOST, with or without /v1', () => {
    const ollama = (OLLAMA_BASE_URL: string) =>
      readModelSettings({}, { OLLAMA_BASE_URL, OLLAMA_HOST: 'other' }).providers.ollama?.baseURL
    for (const written of ['http://gpu:1', 'http://gpu:1/', 'http://gpu:1/api', 'http://gpu:1/v1', 'http://gpu:1/v1/'])
      expect(ollama(written)).toBe('http://gpu:1/v1')
    expect(ollama('http://gpu/models')).toBe('http://gpu/models/v1')
  })

  it.each([
    ['openai-compatible', 'http://x:1', 'http://x:1/v1'],
    ['openai', 'http://x:1/', 'http://x:1/v1'],
    ['anthropic', 'http://x', 'http://x/v1'],
    ['ollama', 'http://x/proxy', 'http://x/proxy/v1'],
    ['openai-compatible', 'http://x/api/v3', 'http://x/api/v3'],
    ['google', 'http://x', 'http://x'],
    ['@ai-sdk/mistral', 'http://x', 'http://x'],
  ])('of type %s with the base URL %s are reached at %s', (type, baseURL, reached) => {
    expect(readModelSettings({ providers: { lab: { type, baseURL } } }, {}).providers.lab?.baseURL).toBe(reached)
  })

  it('hold openai when its key or its address is set, and never the key itself', () => {
    expect(readModelSettings({}, { OPENAI_API_KEY: 'sk-1' }).providers.openai).toEqual({
      type: 'openai-compatible',
      baseURL: 'https://api.openai.com/v1',
      keyEnv: 'OPENAI_API_KEY',
    })
    expect(readModelSettings({}, { OPENAI_BASE_URL: 'http://localhost:1/v1' }).providers.openai).toEqual({
      type: 'openai-compatible',
      baseURL: 'http://localhost:1/v1',
    })
  })

  it('hold those whose keys are set', () => {
    const environment = {
      ANTHROPIC_API_KEY: 'a',
      GEMINI_API_KEY: 'g',
      HF_TOKEN: 'h',
      ANTHROPIC_BASE_URL: 'http://x/v1',
    }
    expect(readModelSettings({}, environment).providers).toMatchObject({
      anthropic: { type: 'anthropic', baseURL: 'http://x/v1' },
      google: { type: 'google' },
      huggingface: { type: 'huggingface' },
    })
    expect(Object.keys(readModelSettings({}, { ANTHROPIC_API_KEY: '' }).providers)).toEqual(['ollama'])
  })

  it('are known by name where secrets are stored, each with the secret of its name', () => {
    const { openai, anthropic, google, ...others } = readModelSettings(
      { secrets: true },
      { GEMINI_API_KEY: 'g' },
    ).providers
    expect({ openai, anthropic, google }).toEqual({
      openai: { type: 'openai-compatible', baseURL: 'https://api.openai.com/v1', key: 'secret://openai' },
      anthropic: { type: 'anthropic', key: 'secret://anthropic' },
      google: { type: 'google', keyEnv: 'GEMINI_API_KEY' },
    })
    expect(Object.keys(others)).toEqual(['ollama', 'huggingface'])
    expect(readModelSettings({}, { ANTIPHON_SECRET_OPENAI: 'k' }).providers.openai).toMatchObject({
      key: 'secret://openai',
    })
    expect(readModelSettings({ secrets: true }, { OPENAI_BASE_URL: 'http://localhost:1/v1' }).providers.openai).toEqual(
      {
        type: 'openai-compatible',
        baseURL: 'http://localhost:1/v1',
      },
    )
  })

  it('are of a type that there is', () => {
    expect(() => readModelSettings({ providers: { mine: { type: 'antropic' } } }, {})).toThrow(
      expect.objectContaining({
        place: { path: 'providers.mine.type' },
        message: expect.stringContaining('anthropic?'),
      }),
    )
  })

  it('from the configuration replace those of the environment', () => {
    const ollama = { type: 'openai-compatible', baseURL: 'http://gpu:11434/v1' } as const
    expect(
      readModelSettings({ providers: { ollama } }, { OLLAMA_BASE_URL: 'http://other/v1' }).providers.ollama,
    ).toEqual(ollama)
  })

  it.each(['offline', 'a b'])('cannot be called %j', (name) => {
    const providers = { [name]: { type: 'openai-compatible', baseURL: 'http://x/v1' } } as const
    expect(() => readModelSettings({ providers }, {})).toThrow(expect.objectContaining({ name: 'InvalidError' }))
  })

  it('need a web address', () => {
    const providers = { mine: { type: 'openai-compatible', baseURL: 'localhost:80' } } as const
    expect(() => readModelSettings({ providers }, {})).toThrow(
      expect.objectContaining({ place: { path: 'providers.mine.baseURL' }, hint: expect.stringContaining('http://') }),
    )
  })

  it('have no user and no password in their addresses, which every failure would tell', () => {
    const baseURL = 'http://me:hunter2@127.0.0.1:1/v1'
    for (const [config, environment] of [
      [{ providers: { openai: { type: 'openai', baseURL } } }, {}],
      [{}, { OPENAI_BASE_URL: baseURL }],
    ] as const) {
      const read = () => readModelSettings(config, environment)
      expect(read).toThrow('Provider openai: its address contains a user or a password.')
      expect(read).not.toThrow('hunter2')
    }
  })
})
