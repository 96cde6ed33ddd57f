import type { LanguageModelV4Usage } from '@ai-sdk/provider'
import { isJsonObject } from '../../kernel/json.ts'
import type { PromptCache, Usage } from '../request/request.ts'
import { costOfTokens, isFree, type Price, type Spent } from './price.ts'

export const NO_USAGE: Usage = { input: 0, output: 0 }

/** Upper bounds for the tokens of one call, computed from its texts when they are needed. */
export type UsageEstimate = {
  input(): number
  output(): number
  /** the window of the model */
  readonly window?: number | undefined
  readonly price?: Price | undefined
  /** how long the provider keeps what the request marks */
  readonly promptCache?: PromptCache | undefined
}

/** More tokens than any model takes. */
const MAX_WINDOW = 20_000_000
/** More dollars than any call costs. */
const MAX_COST = 1000

/**
 * The usage that a provider reports, and its cost. The estimate replaces a number that is missing, not positive, or
 * larger than the window. Parts of an input that is estimated, or that together exceed it, do not count as cached.
 */
export function toSpent(reported: Partial<LanguageModelV4Usage> | undefined, estimate: UsageEstimate): Spent {
  const { inputTokens, outputTokens, raw } = withoutDetails(reported)
  const input = reportedTokens(inputTokens?.total, estimate)
  const output = reportedTokens(outputTokens?.total, estimate)
  const guess = { input: input ?? estimate.input(), output: output ?? estimate.output() }
  // a reply without content has no output
  const isKnown = input !== undefined && (output !== undefined || guess.output === 0)
  const usage = { ...guess, ...(input !== undefined && cachedParts(input, inputTokens)), ...(!isKnown && ESTIMATED) }
  const charged = chargeIn(raw, estimate.price)
  return charged === undefined ? spentFor(usage, estimate) : { usage, cost: charged }
}

const ESTIMATED = { estimated: true } as const

/** Tokens with their cost by the price. */
export function spentFor(usage: Usage, { price, promptCache }: Pick<UsageEstimate, 'price' | 'promptCache'>): Spent {
  const cost = price && costOfTokens({ price }, usage, promptCache)
  return { usage, ...(cost !== undefined && { cost }) }
}

/** The parts of an input that were read from a cache or written into it. More than all of it is no report. */
function cachedParts(input: number, { cacheRead, cacheWrite }: Partial<LanguageModelV4Usage['inputTokens']> = {}) {
  const [read, written] = [reportedTokens(cacheRead) ?? 0, reportedTokens(cacheWrite) ?? 0]
  if (read + written > input) return {}
  return { ...(read > 0 && { cacheRead: read }), ...(written > 0 && { cacheWrite: written }) }
}

/**
 * The reported usage without the provider's own details, except for what counts: tokens that a server of the chat
 * protocol wrote into a cache, and the dollars that it charges.
 */
export function withoutDetails({ raw, ...usage }: Partial<LanguageModelV4Usage> = {}): Partial<LanguageModelV4Usage> {
  const { prompt_tokens_details: details } = isJsonObject(raw) ? raw : {}
  const written = isJsonObject(details) ? reportedTokens(details.cache_write_tokens) : undefined
  const { inputTokens } = usage
  const cost = chargeOf(raw)
  return {
    ...usage,
    ...(inputTokens && { inputTokens: { ...inputTokens, cacheWrite: inputTokens.cacheWrite ?? written } }),
    ...(cost !== undefined && { raw: { cost } }),
  }
}

/** The dollars that a gateway says it charges. With a key of the caller's own, the provider charges the rest. */
function chargeOf(raw: unknown): number | undefined {
  if (!isJsonObject(raw)) return undefined
  const { cost, is_byok: isOwnKey, cost_details: details } = raw
  const upstream = isOwnKey === true && isJsonObject(details) ? details.upstream_inference_cost : undefined
  const sum = Number(cost) + (typeof upstream === 'number' && upstream > 0 ? upstream : 0)
  return typeof cost === 'number' && cost >= 0 && sum <= MAX_COST ? sum : undefined
}

/** A gateway that knows no prices says 0, so 0 counts only for a model without a price, or with the price 0. */
function chargeIn(raw: unknown, price: Price | undefined): number | undefined {
  const cost = chargeOf(raw)
  return cost !== undefined && (cost > 0 || !price || isFree(price)) ? cost : undefined
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
    (sum, one) => ({
      input: sum.input + one.input,
      output: sum.output + one.output,
      ...sumCached(sum, one),
      ...((sum.estimated || one.estimated) && ESTIMATED),
    }),
    NO_USAGE,
  )
}

export type CachedTokens = Pick<Usage, 'cacheRead' | 'cacheWrite'>

/** The cached parts of two inputs together. */
export function sumCached(one: CachedTokens, other: CachedTokens): CachedTokens {
  const [read, written] = [total(one.cacheRead, other.cacheRead), total(one.cacheWrite, other.cacheWrite)]
  return { ...(read !== undefined && { cacheRead: read }), ...(written !== undefined && { cacheWrite: written }) }
}

/** The sum of two amounts of which none, one or both are known. */
const total = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : one + other

/** The tokens and dollars of several calls. */
export function sumSpent(all: readonly Spent[]): Spent {
  const cost = all.reduce<number | undefined>((sum, one) => total(sum, one.cost), undefined)
  return { usage: sumUsage(all.map(({ usage }) => usage)), ...(cost !== undefined && { cost }) }
}

/** The tokens and dollars of a failed call. */
type FailedUsage = Spent & { readonly model: string }

const usageOfErrors = new WeakMap<object, FailedUsage>()

/** The error with the usage of its call, added to that of earlier calls. */
export function withFailedUsage<Failure extends object>(error: Failure, { model, usage, cost }: FailedUsage): Failure {
  const before = usageOfErrors.get(error)
  const spent: Spent = { usage, ...(cost !== undefined && { cost }) }
  usageOfErrors.set(error, { model, ...(before ? sumSpent([before, spent]) : spent) })
  return error
}

/** The error with what calls before it used, too. */
export function withSpent(error: unknown, spent: (Spent & { readonly model?: string }) | undefined): unknown {
  if (typeof error !== 'object' || error === null || !spent) return error
  const { usage, cost, model = '' } = spent
  const named = failedUsageOf(error)?.model ?? model
  return withFailedUsage(error, { model: named, usage, ...(cost !== undefined && { cost }) })
}

/** The reply with what failed calls before it used, too. */
export function countingFailed<Reply extends Spent>(reply: Reply, failed: unknown): Reply {
  const spent = failedUsageOf(failed)
  return spent ? { ...reply, ...sumSpent([spent, reply]) } : reply
}

/** The usage of the call that ended with this error; undefined when unknown. */
export function failedUsageOf(error: unknown): FailedUsage | undefined {
  return typeof error === 'object' && error !== null ? usageOfErrors.get(error) : undefined
}
