import type { LanguageModelV4Message } from '@ai-sdk/provider'
import { isLost } from '../provider/stored-items.ts'
import { errorWordsOf, type ProviderError } from './error-words.ts'

/** Models whose provider does not keep the items of earlier replies, as far as this process knows. */
export interface LostItems {
  has(id: string): boolean
  learn(id: string): void
}

export function createLostItems(notice: (line: string) => void): LostItems {
  const models = new Set<string>()
  return {
    has: (id) => models.has(id),
    learn(id) {
      models.add(id)
      notice(
        `model ${id}: its provider has not kept an earlier reply. Earlier replies go back whole from now on; \`options: { store: false }\` at the provider spares the refused request.`,
      )
    },
  }
}

/** Whether a provider refused a request because it no longer has the item of an id. */
export function isItemLost(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { text } = errorWordsOf(error as ProviderError)
  return /\bitem\b.{0,20}\b(?:rs|msg|fc)_.{0,200}(?:not found|without its required)/is.test(text)
}

/** A note on the reply about the thoughts that the model does not get. */
export function lostThoughts(model: string, messages: readonly LanguageModelV4Message[]): readonly string[] {
  const count = messages.flatMap(({ role, content }) => (role === 'assistant' ? content.filter(isLost) : [])).length
  return count === 0
    ? []
    : [`the provider of ${model} has not kept ${count} of its earlier thoughts, so the model did not get them`]
}
