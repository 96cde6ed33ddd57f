import { describe, expect, it } from 'vitest'
import { readSettings } from '../../src/model/settings.ts'

describe('the default model', () => {
  it('is offline/extractive, with a word on how to set a better one', () => {
    expect(readSettings({}, {}).default).toEqual({
      id: 'offline/extractive',
      offline: true,
      why: expect.stringContaining('ANTIPHON_MODEL'),
    })
  })

  it('is the one of the configuration', () => {
    expect(readSettings({ model: 'ollama:llama3.2' }, {}).default).toMatchObject({
      id: 'ollama/llama3.2',
      offline: false,
    })
  })

  it('is that of the environment before that of the configuration', () => {
    const { id, why } = readSettings({ model: 'ollama/a' }, { ANTIPHON_MODEL: 'ollama/b' }).default
    expect([id, why]).toEqual(['ollama/b', 'ANTIPHON_MODEL names it'])
  })
})

describe('providers', () => {
  it('hold a local Ollama without being asked', () => {
    expect(readSettings({}, {}).providers).toEqual({
      ollama: { type: 'openai-compatible', baseURL: 'http://127.0.0.1:11434/v1' },
    })
  })

  it('hold openai when its key or its address is set, and never the key itself', () => {
    expect(readSettings({}, { OPENAI_API_KEY: 'sk-1' }).providers.openai).toEqual({
      type: 'openai-compatible',
      baseURL: 'https://api.openai.com/v1',
      keyEnv: 'OPENAI_API_KEY',
    })
    expect(readSettings({}, { OPENAI_BASE_URL: 'http://localhost:1/v1' }).providers.openai).toEqual({
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
    expect(readSettings({}, environment).providers).toMatchObject({
      anthropic: { type: 'anthropic', baseURL: 'http://x/v1' },
      google: { type: 'google' },
      huggingface: { type: 'huggingface' },
    })
    expect(Object.keys(readSettings({}, { ANTHROPIC_API_KEY: '' }).providers)).toEqual(['ollama'])
  })

  it('that are known are there where secrets are kept, with the one that is called as they are', () => {
    const { openai, anthropic, google, ...others } = readSettings({ secrets: true }, { GEMINI_API_KEY: 'g' }).providers
    expect({ openai, anthropic, google }).toEqual({
      openai: { type: 'openai-compatible', baseURL: 'https://api.openai.com/v1', key: 'secret://openai' },
      anthropic: { type: 'anthropic', key: 'secret://anthropic' },
      google: { type: 'google', keyEnv: 'GEMINI_API_KEY' },
    })
    expect(Object.keys(others)).toEqual(['ollama', 'huggingface'])
    expect(readSettings({}, { ANTIPHON_SECRET_OPENAI: 'k' }).providers.openai).toMatchObject({ key: 'secret://openai' })
    expect(readSettings({ secrets: true }, { OPENAI_BASE_URL: 'http://localhost:1/v1' }).providers.openai).toEqual({
      type: 'openai-compatible',
      baseURL: 'http://localhost:1/v1',
    })
  })

  it('are of a type that there is', () => {
    expect(() => readSettings({ providers: { mine: { type: 'antropic' } } }, {})).toThrow(
      expect.objectContaining({
        place: { path: 'providers.mine.type' },
        message: expect.stringContaining('anthropic?'),
      }),
    )
  })

  it('of the configuration replace those of the environment', () => {
    const ollama = { type: 'openai-compatible', baseURL: 'http://gpu:11434/v1' } as const
    expect(readSettings({ providers: { ollama } }, { OLLAMA_BASE_URL: 'http://other/v1' }).providers.ollama).toEqual(
      ollama,
    )
  })

  it.each(['offline', 'a b'])('cannot be called %j', (name) => {
    const providers = { [name]: { type: 'openai-compatible', baseURL: 'http://x/v1' } } as const
    expect(() => readSettings({ providers }, {})).toThrow(expect.objectContaining({ name: 'InvalidError' }))
  })

  it('need a web address', () => {
    const providers = { mine: { type: 'openai-compatible', baseURL: 'localhost:80' } } as const
    expect(() => readSettings({ providers }, {})).toThrow(
      expect.objectContaining({ place: { path: 'providers.mine.baseURL' }, hint: expect.stringContaining('http://') }),
    )
  })

  it('have no user and no password in their addresses, which every failure would tell', () => {
    const baseURL = 'http://me:hunter2@127.0.0.1:1/v1'
    for (const [config, environment] of [
      [{ providers: { openai: { type: 'openai', baseURL } } }, {}],
      [{}, { OPENAI_BASE_URL: baseURL }],
    ] as const) {
      const read = () => readSettings(config, environment)
      expect(read).toThrow('provider openai: its address holds a user or a password')
      expect(read).not.toThrow('hunter2')
    }
  })
})
