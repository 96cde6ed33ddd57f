import type { LanguageModelV4Usage } from '@ai-sdk/provider'
import type { Usage } from '../request/request.ts'

/** No tokens. */
export const NO_USAGE: Usage = { input: 0, output: 0 }

/** What a provider counted; what a server does not say is 0. */
export function usageOf({ inputTokens, outputTokens }: LanguageModelV4Usage): Usage {
  return { input: inputTokens.total ?? 0, output: outputTokens.total ?? 0 }
}

/** The tokens of several calls together. */
export function addUsage(all: readonly Usage[]): Usage {
  return all.reduce((sum, { input, output }) => ({ input: sum.input + input, output: sum.output + output }), NO_USAGE)
}
