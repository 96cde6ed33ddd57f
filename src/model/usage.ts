import type { Usage } from './spec.ts'

/** No tokens. */
export const NO_USAGE: Usage = { input: 0, output: 0 }

/** What the SDK counted; what a server does not say is 0. */
export function usageOf(counted: {
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
}): Usage {
  return { input: counted.inputTokens ?? 0, output: counted.outputTokens ?? 0 }
}

/** The tokens of several calls together. */
export function addUsage(all: readonly Usage[]): Usage {
  return all.reduce((sum, { input, output }) => ({ input: sum.input + input, output: sum.output + output }), NO_USAGE)
}
