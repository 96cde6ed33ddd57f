import type { Usage } from '../request/request.ts'
import { failedUsageOf, NO_USAGE, withFailedUsage } from './usage.ts'

/** The reported length of a recording, perhaps rounded up to a minute, or its upper bound for an impossible report. */
export const paidSeconds = (seconds = 0, most: number) => (seconds > 0 && seconds <= 2 * most + 60 ? seconds : most)

type PriceUsage = (model: string, usage: Usage) => number | undefined

export async function withCost<T extends { readonly model: string; readonly usage?: Usage }>(
  called: Promise<T>,
  costIn: PriceUsage,
): Promise<T & { readonly cost?: number }> {
  const reply = await called.catch((error: unknown) => {
    throw priced(error, costIn)
  })
  return costing(reply, costIn(reply.model, reply.usage ?? NO_USAGE))
}

/** The result with its cost, if that is known. */
export const costing = <T extends object>(reply: T, cost: number | undefined): T & { readonly cost?: number } =>
  cost === undefined ? reply : { ...reply, cost }

/** Adds the cost to the usage of a failed call. */
function priced(error: unknown, costIn: PriceUsage): unknown {
  const spent = failedUsageOf(error)
  const cost = spent && costIn(spent.model, spent.usage)
  return cost === undefined ? error : withFailedUsage(error as object, { ...spent!, usage: NO_USAGE, cost })
}
