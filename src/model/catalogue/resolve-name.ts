import type { ModelFacts } from '../choose/model-facts.ts'
import { formatModelId, looksLikeModelId, parseModelId } from '../model-id.ts'
import { KEYED_PROVIDERS } from '../provider/provider-types.ts'
import type { ModelSettings } from './model-config.ts'

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
  const family = familyOf(name)
  return family !== undefined && Object.hasOwn(providers, family) ? `${family}/${name}` : undefined
}

/** The id of the model that a name means at a provider that needs a key and has none; undefined: there is none. */
export function modelWithoutKey(name: string, { providers }: ModelSettings): string | undefined {
  const family = familyOf(name)
  const id = family === undefined ? idIn(name) : `${family}/${name}`
  const provider = id && parseModelId(id).provider
  return provider && KEYED_PROVIDERS.includes(provider) && !Object.hasOwn(providers, provider) ? id : undefined
}

/** The provider of a bare name. A name with a slash says its provider itself. */
const familyOf = (name: string) =>
  name.includes('/') ? undefined : MODEL_FAMILIES.find(([pattern]) => pattern.test(name))?.[1]

function idIn(name: string): string | undefined {
  return looksLikeModelId(name) && name.length <= 200 ? formatModelId(parseModelId(name)) : undefined
}
