import type { ModelFacts } from '../choose/model-facts.ts'
import { formatModelId, looksLikeModelId, parseModelId } from '../model-id.ts'
import type { ModelSettings } from './settings.ts'

/** Providers by model name pattern; used only when the provider is configured. */
const MODEL_FAMILIES: readonly (readonly [name: RegExp, provider: string])[] = [
  [/^(?:gpt|chatgpt|o\d)\b/i, 'openai'],
  [/^claude\b/i, 'anthropic'],
  [/^gemini\b/i, 'google'],
  [/^(?:llama|mistral|mixtral|qwen|gemma|phi|deepseek|codellama|tinyllama|smollm)/i, 'ollama'],
]

/**
 * The model id for a name in a pipeline: `provider/name`, `provider:name[:tag]`, an alias of the configuration, or the
 * bare name of a known model or of a model on a configured server. Undefined: no model has this name.
 */
export function resolveModelName(
  name: string,
  known: readonly ModelFacts[],
  { providers }: ModelSettings,
): string | undefined {
  const alias = known.find(({ id, aliases = [] }) => id === name || aliases.includes(name))
  if (alias) return alias.id
  const id = idIn(name)
  if (id && known.some((facts) => facts.id === id)) return id
  if (id && Object.hasOwn(providers, parseModelId(id).provider)) return id
  const bare = known.find((facts) => parseModelId(facts.id).name === name)
  if (bare) return bare.id
  const family = MODEL_FAMILIES.find(([pattern, provider]) => pattern.test(name) && Object.hasOwn(providers, provider))
  return family && `${family[1]}/${name}`
}

function idIn(name: string): string | undefined {
  return looksLikeModelId(name) && name.length <= 200 ? formatModelId(parseModelId(name)) : undefined
}
