import type { JSONObject, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { Effort, Reasoning } from '../request/reasoning.ts'
import type { WireRules } from './rules.ts'

type ReasoningOptions = Pick<LanguageModelV4CallOptions, 'reasoning'> & {
  readonly providerOptions?: { readonly [provider: string]: JSONObject }
}

/**
 * How much a model thinks, as the package of its provider takes it: a word for each, and tokens where the server has
 * them. Elsewhere the word that is nearest to the tokens stands for them. `provider`: the name of the model's provider.
 */
export function reasoningOptions(
  reasoning: Reasoning | undefined,
  rules: Pick<WireRules, 'reasoning'>,
  provider: string,
): ReasoningOptions {
  if (!reasoning || rules.reasoning === 'none') return {}
  const tokens = 'tokens' in reasoning ? reasoning.tokens : undefined
  const effort = 'effort' in reasoning ? reasoning.effort : nearestEffort(reasoning.tokens)
  if (rules.reasoning === 'object') {
    const asked = { reasoning: tokens === undefined ? { effort } : { max_tokens: tokens } }
    return { providerOptions: { [provider]: asked, openrouter: asked } }
  }
  if (rules.reasoning === 'effort' || tokens === undefined) return { reasoning: effort }
  const isOff = tokens === 0
  return {
    reasoning: effort,
    providerOptions: {
      anthropic: { thinking: isOff ? { type: 'disabled' } : { type: 'enabled', budgetTokens: tokens } },
      google: { thinkingConfig: { thinkingBudget: tokens } },
    },
  }
}

/** Tokens from which a word stands for them. */
const EFFORT_FROM: readonly (readonly [tokens: number, effort: Effort])[] = [
  [16_384, 'high'],
  [4096, 'medium'],
  [1, 'low'],
  [0, 'none'],
]

const nearestEffort = (tokens: number): Effort => EFFORT_FROM.find(([from]) => tokens >= from)![1]
