import type { LanguageModelV4Usage } from '@ai-sdk/provider'
import type { Usage } from '../request/request.ts'

/** No tokens. */
export const NO_USAGE: Usage = { input: 0, output: 0 }

/** The usage a provider reports; missing numbers count as 0. */
export function toUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): Usage {
  return { input: inputTokens.total ?? 0, output: outputTokens.total ?? 0 }
}

/** The total usage of several calls. */
export function sumUsage(all: readonly Usage[]): Usage {
  return all.reduce((sum, { input, output }) => ({ input: sum.input + input, output: sum.output + output }), NO_USAGE)
}

/** The usage of a failed call: tokens, and dollars if the price is known. */
export type FailedUsage = { readonly model: string; readonly usage: Usage; readonly cost?: number }

const usageOfErrors = new WeakMap<object, FailedUsage>()

/** The error with the usage of its call added. */
export function withFailedUsage<Failure extends object>(error: Failure, { model, usage, cost }: FailedUsage): Failure {
  const before = usageOfErrors.get(error)
  usageOfErrors.set(error, {
    model,
    usage: before ? sumUsage([before.usage, usage]) : usage,
    ...(cost !== undefined && { cost }),
  })
  return error
}

/** The usage of the call that ended with this error; undefined when unknown. */
export function failedUsageOf(error: unknown): FailedUsage | undefined {
  return typeof error === 'object' && error !== null ? usageOfErrors.get(error) : undefined
}
