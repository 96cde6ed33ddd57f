import { describe, expect, it } from 'vitest'
import { heldBody } from '../../../src/model/provider/bounded-fetch.ts'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import type { Reasoning } from '../../../src/model/request/reasoning.ts'
import { answering } from '../provider/answering.ts'

const HIGH: Reasoning = { effort: 'high' }
const TOKENS: Reasoning = { tokens: 5000 }
const ANTHROPIC: ProviderConfig = { type: 'anthropic' }
const CHAT: ProviderConfig = { type: 'openai-compatible' }

/** The body of a request for a reply of 8,000 tokens. The reply cannot be read, and does not matter. */
async function bodyOf(config: ProviderConfig, reasoning: Reasoning, request = {}, model?: string) {
  const { generate, bodies } = await answering({}, undefined, config)
  await generate({ reasoning, maxTokens: 8000, ...(model !== undefined && { model }), ...request }).catch(() => {})
  return bodies[0]!
}

describe('how much a model thinks', () => {
  it.each<[string, ProviderConfig, Reasoning, object, string?]>([
    ['Anthropic', ANTHROPIC, TOKENS, { max_tokens: 8000, thinking: { type: 'enabled', budget_tokens: 5000 } }],
    [
      'an older Claude, by a word',
      ANTHROPIC,
      HIGH,
      { max_tokens: 8000, thinking: { budget_tokens: 6976 } },
      'lab/claude-sonnet-4-0',
    ],
    [
      'a newer Claude, by a word',
      ANTHROPIC,
      HIGH,
      { max_tokens: 8000, thinking: { type: 'adaptive' } },
      'lab/claude-opus-4-6',
    ],
    [
      'Google',
      { type: 'google' },
      TOKENS,
      { generationConfig: { maxOutputTokens: 8000, thinkingConfig: { thinkingBudget: 5000 } } },
    ],
    [
      'OpenAI Responses',
      { type: 'openai' },
      HIGH,
      { max_output_tokens: 8000, reasoning: { effort: 'high' } },
      'lab/gpt-5',
    ],
    [
      'OpenAI Responses, by the nearest word',
      { type: 'openai' },
      TOKENS,
      { reasoning: { effort: 'medium' } },
      'lab/gpt-5',
    ],
    ['a server of the chat protocol', CHAT, TOKENS, { max_tokens: 8000, reasoning_effort: 'medium' }],
    ['OpenRouter', { ...CHAT, wire: 'openrouter' }, TOKENS, { reasoning: { max_tokens: 5000 } }],
    ['OpenRouter, by a word', { ...CHAT, wire: 'openrouter' }, HIGH, { reasoning: { effort: 'high' } }],
  ])('is said to %s', async (_, config, reasoning, expected, model) => {
    expect(await bodyOf(config, reasoning, {}, model)).toMatchObject(expected)
  })

  it.each<[string, ProviderConfig]>([
    ['Mistral', { ...CHAT, wire: 'mistral' }],
    ['DeepSeek', { ...CHAT, wire: 'deepseek' }],
    ['the narrowest wire', { ...CHAT, wire: 'strict' }],
  ])('is not said to %s', async (_, config) => {
    expect(JSON.stringify(await bodyOf(config, HIGH))).not.toContain('reasoning')
  })

  it('is not said to OpenRouter in two ways', async () => {
    expect(await bodyOf({ ...CHAT, wire: 'openrouter' }, HIGH)).not.toHaveProperty('reasoning_effort')
  })

  it('is not said to Anthropic where the model is forced to call a tool', async () => {
    const tools = [{ name: 'look', description: 'Looks.', schema: { type: 'object', properties: {} } }]
    expect(await bodyOf(ANTHROPIC, TOKENS, { tools, toolChoice: 'required' })).not.toHaveProperty('thinking')
  })
})

describe('a request to Anthropic', () => {
  const body = (max_tokens: number, budget_tokens: number) =>
    JSON.stringify({ model: 'm', max_tokens, thinking: { type: 'enabled', budget_tokens } })
  it.each([
    [13_000, 5000, 8000, { max_tokens: 8000, thinking: { type: 'enabled', budget_tokens: 5000 } }],
    [40_000, 32_000, 8000, { max_tokens: 8000, thinking: { type: 'enabled', budget_tokens: 6976 } }],
    [6000, 5000, 1000, { max_tokens: 1000 }],
    [4000, 2000, 8000, { max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2000 } }],
  ])('for %i tokens with %i thoughts has no more than %i in all', (asked, thoughts, most, held) => {
    expect(JSON.parse(heldBody(body(asked, thoughts), most))).toEqual({ model: 'm', ...held })
  })
})
