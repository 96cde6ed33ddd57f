import type { Usage } from '../request/request.ts'
import { addUsage } from './usage.ts'

/** What a call took that came to nothing: tokens, and dollars where the price is known. */
export type Spent = { readonly model: string; readonly usage: Usage; readonly cost?: number }

const known = new WeakMap<object, Spent>()

/** The error, with what the call took that it is about, beside what is known of it already. */
export function withSpent<Failure extends object>(error: Failure, { model, usage, cost }: Spent): Failure {
  const before = known.get(error)
  known.set(error, {
    model,
    usage: before ? addUsage([before.usage, usage]) : usage,
    ...(cost !== undefined && { cost }),
  })
  return error
}

/** What the call took that ended with this error; undefined: nobody says. */
export function spentOn(error: unknown): Spent | undefined {
  return typeof error === 'object' && error !== null ? known.get(error) : undefined
}
