import { describe, expect, it } from 'vitest'
import type { ModelEntry } from '../../../src/model/catalogue/model-config.ts'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { Wire } from '../../../src/model/wire/rules.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'

function wireOf(lab: ProviderConfig, model = 'm', entry: Partial<ModelEntry> = {}) {
  const id = `lab/${model}`
  const config = { model: id, embedder: 'none', providers: { lab }, models: [{ id, ...entry }] }
  const known = createModels(config, {}).facts()
  return known.find((facts) => facts.id === id)?.wire
}
const chat = (baseURL: string) => ({ type: 'openai-compatible', baseURL })

describe('the set of rules of a model', () => {
  it.each<[ProviderConfig, string, Wire | undefined]>([
    [{ type: 'anthropic' }, 'm', 'anthropic'],
    [{ type: 'google' }, 'm', 'google'],
    [{ type: 'openai' }, 'm', 'responses'],
    [{ type: 'openai', api: 'chat' }, 'm', 'openai'],
    [{ type: '@ai-sdk/mistral' }, 'm', 'mistral'],
    [{ type: '@ai-sdk/amazon-bedrock' }, 'm', undefined],
    [{ type: './mistral.ts' }, 'm', undefined],
    [{ type: 'ollama' }, 'llama3', 'compatible'],
    [{ type: 'ollama' }, 'mistral-small', 'mistral'],
    [chat('https://api.openai.com/v1'), 'gpt-5', 'openai'],
    [chat('https://api.groq.com/openai/v1'), 'm', 'groq'],
    [chat('https://api.cerebras.ai/v1'), 'm', 'groq'],
    [chat('https://api.deepseek.com'), 'm', 'deepseek'],
    [chat('https://api.moonshot.cn/v1'), 'kimi-k2', 'deepseek'],
    [chat('https://api.mistral.ai/v1'), 'm', 'mistral'],
    [chat('https://openrouter.ai/api/v1'), 'mistralai/devstral', 'openrouter'],
    [chat('http://127.0.0.1:1234/v1'), 'qwen3', 'compatible'],
    [chat('https://gpu.example.com/v1'), 'nvidia/Mistral-Small-4', 'mistral'],
    [chat('https://notmistral.ai.example.com/v1'), 'administral', 'compatible'],
  ])('of %o follows for %s', (config, model, wire) => {
    expect(wireOf(config, model)).toBe(wire)
  })

  it('is the one that its provider names, or its own description', () => {
    const provider = { ...chat('http://gateway:4000/v1'), wire: 'groq' as const }
    expect(wireOf(provider)).toBe('groq')
    expect(wireOf(provider, 'm', { wire: 'strict' })).toBe('strict')
  })

  it('of a model in code follows from the name of its provider', () => {
    const own = { ...scriptedModel([]), provider: 'mistral.chat' }
    const models = createModels({ embedder: 'none' }, {}, { 'lab/own': own, 'lab/other': scriptedModel([]) })
    const wires = models.facts().map(({ id, wire }) => [id, wire])
    expect(wires).toEqual([
      ['offline/extractive', undefined],
      ['lab/own', 'mistral'],
      ['lab/other', undefined],
    ])
  })

  it('has a known name', () => {
    const provider = { ...chat('http://gateway:4000/v1'), wire: 'mistrel' as Wire }
    expect(() => wireOf(provider)).toThrow('providers.lab.wire: Did you mean mistral? expected one of anthropic, ')
    expect(() => wireOf(chat('http://x/v1'), 'm', { wire: 'none' as Wire })).toThrow('models.0.wire: expected one of')
  })
})
