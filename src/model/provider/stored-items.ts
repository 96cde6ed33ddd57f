import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4Message } from '@ai-sdk/provider'
import type { ProviderOptions } from './options.ts'
import type { ProviderSdk } from './sdk-provider.ts'

const ENCRYPTED = 'reasoning.encrypted_content'
/** Models of OpenAI that think. Others refuse to give encrypted thoughts. */
const THINKS = /(?:^|\/)(?:o\d|codex|gpt-[5-9])(?!.*chat)/
const THINKS_NOT = /(?:^|\/)(?:gpt-[34]|chatgpt|gpt-\d+.*chat)/

/**
 * Adds the settings `store` and `include` of a provider to each call of OpenAI's Responses. Thoughts are asked for
 * encrypted, too, so that they can go back whole to a provider that does not keep them.
 */
export function withStoredItems(kit: ProviderSdk, { store, include = [] }: ProviderOptions = {}): ProviderSdk {
  const languageModel = (name: string): LanguageModelV4 => {
    const model = kit.languageModel(name)
    const options = (asked: LanguageModelV4CallOptions): LanguageModelV4CallOptions => {
      const given = { ...(store !== undefined && { store }), ...asked.providerOptions?.openai }
      const isEncrypted = THINKS.test(name) || (given.store === false && !THINKS_NOT.test(name))
      const all = [...new Set([include, isEncrypted ? ENCRYPTED : []].flat())]
      const openai = { ...given, ...(all.length > 0 && { include: all }) }
      return {
        ...asked,
        providerOptions: { ...asked.providerOptions, openai, azure: openai },
        prompt: given.store === false ? asked.prompt.map(withoutLostThoughts) : asked.prompt,
      }
    }
    return Object.assign(Object.create(model) as LanguageModelV4, {
      doGenerate: (asked: LanguageModelV4CallOptions) => model.doGenerate(options(asked)),
      doStream: (asked: LanguageModelV4CallOptions) => model.doStream(options(asked)),
    })
  }
  return Object.assign(Object.create(kit) as ProviderSdk, { languageModel })
}

/** A message without thoughts that only the provider had. */
function withoutLostThoughts(message: LanguageModelV4Message): LanguageModelV4Message {
  if (message.role !== 'assistant') return message
  return { ...message, content: message.content.filter((part) => !isLost(part)) }
}

type AssistantContent = Extract<LanguageModelV4Message, { readonly role: 'assistant' }>['content'][number]

/** Whether a part is a thought that can go back by its id only. */
export function isLost({ type, providerOptions = {} }: AssistantContent): boolean {
  const { itemId, reasoningEncryptedContent: encrypted } = providerOptions.openai ?? providerOptions.azure ?? {}
  return type === 'reasoning' && typeof itemId === 'string' && typeof encrypted !== 'string'
}
