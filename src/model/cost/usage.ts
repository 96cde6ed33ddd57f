import type { LanguageModelV4Usage } from '@ai-sdk/provider'
import type { Usage } from '../request/request.ts'

/** No tokens. */
export const NO_USAGE: Usage = { input: 0, output: 0 }

/** What a provider counted; what a server does not say is 0. */
export function toUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): Usage {
  return { input: inputTokens.total ?? 0, output: outputTokens.total ?? 0 }
}

/** The tokens of several calls together. */
export function sumUsage(all: readonly Usage[]): Usage {
  return all.reduce((sum, { input, output }) => ({ input: sum.input + input, output: sum.output + output }), NO_USAGE)
}

/** What a call took that came to nothing: tokens, and dollars where the price is known. */
export type FailedUsage = { readonly model: string; readonly usage: Usage; readonly cost?: number }

const usageOfErrors = new WeakMap<object, FailedUsage>()

/** The error, with what the call took that it is about, beside what is known of it already. */
export function withFailedUsage<Failure extends object>(error: Failure, { model, usage, cost }: FailedUsage): Failure {
  const before = usageOfErrors.get(error)
  usageOfErrors.set(error, {
    model,
    usage: before ? sumUsage([before.usage, usage]) : usage,
    ...(cost !== undefined && { cost }),
  })
  return error
}

/** What the call took that ended with this error; undefined: nobody says. */
export function failedUsageOf(error: unknown): FailedUsage | undefined {
  return typeof error === 'object' && error !== null ? usageOfErrors.get(error) : undefined
}
