import type { LanguageModelV4Usage } from '@ai-sdk/provider'
import type { Usage } from '../request/request.ts'

/** No tokens. */
export const NO_USAGE: Usage = { input: 0, output: 0 }

/** Upper bounds for the tokens of one call, computed from its texts when they are needed. */
export type UsageEstimate = {
  input(): number
  output(): number
  /** the window of the model */
  readonly window?: number | undefined
}

/** More tokens than any model takes. */
const MAX_WINDOW = 20_000_000

/**
 * The usage a provider reports. The estimate replaces a number that
 * is missing, not positive, or larger than the window.
 */
export function toUsage(reported: Partial<LanguageModelV4Usage> | undefined, estimate: UsageEstimate): Usage {
  const input = reportedTokens(reported?.inputTokens?.total, estimate)
  const output = reportedTokens(reported?.outputTokens?.total, estimate)
  if (input !== undefined && output !== undefined) return { input, output }
  const guess = { input: input ?? estimate.input(), output: output ?? estimate.output() }
  // a reply without content has no output
  return input !== undefined && guess.output === 0 ? guess : { ...guess, estimated: true }
}

/** The reported number of tokens; undefined if it cannot be right. */
export function reportedTokens(reported: unknown, { window = MAX_WINDOW }: Pick<UsageEstimate, 'window'> = {}) {
  return typeof reported === 'number' && Number.isSafeInteger(reported) && reported > 0 && reported <= window
    ? reported
    : undefined
}

/** The total usage of several calls. */
export function sumUsage(all: readonly Usage[]): Usage {
  return all.reduce(
    (sum, { input, output, estimated = sum.estimated }) => ({
      input: sum.input + input,
      output: sum.output + output,
      ...(estimated && { estimated }),
    }),
    NO_USAGE,
  )
}

/** The usage of a failed call: tokens, and dollars if the price is known. */
type FailedUsage = { readonly model: string; readonly usage: Usage; readonly cost?: number }

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

/** The error with what calls before it used, too. */
export function withSpent(
  error: unknown,
  spent: (Omit<FailedUsage, 'model'> & { readonly model?: string }) | undefined,
): unknown {
  if (typeof error !== 'object' || error === null || !spent) return error
  const before = failedUsageOf(error)
  const cost = sumCost(before?.cost, spent.cost)
  const model = before?.model ?? spent.model ?? ''
  return withFailedUsage(error, { model, usage: spent.usage, ...(cost !== undefined && { cost }) })
}

/** The reply with what failed calls before it used, too. */
export function countingFailed<Reply extends { readonly usage: Usage; readonly cost?: number }>(
  reply: Reply,
  failed: unknown,
): Reply {
  const spent = failedUsageOf(failed)
  if (!spent) return reply
  const cost = sumCost(spent.cost, reply.cost)
  return { ...reply, usage: sumUsage([spent.usage, reply.usage]), ...(cost !== undefined && { cost }) }
}

/** Undefined: no price is known. */
const sumCost = (one: number | undefined, other: number | undefined) =>
  one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0)

/** The usage of the call that ended with this error; undefined when unknown. */
export function failedUsageOf(error: unknown): FailedUsage | undefined {
  return typeof error === 'object' && error !== null ? usageOfErrors.get(error) : undefined
}
