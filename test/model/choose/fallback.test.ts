import { describe, expect, test } from 'vitest'
import type { ModelConfig } from '../../../src/model/catalogue/model-config.ts'
import { createModels } from '../../../src/model/registry.ts'

const CONFIG: ModelConfig = {
  embedder: 'none',
  model: 'ollama/first',
  models: [
    { id: 'openai/dear', cost: { input: 3, output: 15 }, json: true },
    { id: 'ollama/free', json: true, aliases: ['spare'] },
    { id: 'ollama/unlisted' },
  ],
  fallbackModels: ['ollama/first', 'openai/dear', 'spare', 'ollama:not-described', 'nowhere/at-all', 'spare'],
}
const open = (more: Partial<ModelConfig> = {}) => createModels({ ...CONFIG, ...more }, {})

describe('the substitute for a model that was not named', () => {
  test('is a model that the operator lists, in that order, and no other', () => {
    expect(open().fallback()).toEqual(['ollama/free', 'ollama/not-described'])
    expect(open({ fallbackModels: [] }).fallback()).toEqual([])
  })

  test('costs nothing, unless that is allowed', () => {
    expect(open({ paidModels: true }).fallback()).toEqual(['openai/dear', 'ollama/free', 'ollama/not-described'])
    expect(createModels(CONFIG, { ANTIPHON_PAID_MODELS: '1' }).fallback()[0]).toBe('openai/dear')
  })

  test('meets what is needed', () => {
    expect(open().fallback({ capabilities: ['json'] })).toEqual(['ollama/free'])
    expect(open().fallback({ local: true })).toEqual(['ollama/first', 'ollama/free', 'ollama/not-described'])
  })
})
