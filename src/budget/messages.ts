import { z } from 'zod'
import type { Json, Schema } from '../kernel/schema.ts'

const amount = z.int().nonnegative()
const text = z.string().min(1).max(2000)

const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('set'), limit: amount, owner: text.exactOptional() }),
  z.object({ type: z.literal('begin'), limit: amount, owner: text, message: z.custom<Json>() }),
  z.object({ type: z.literal('raise'), limit: amount }),
  z.object({ type: z.literal('remove') }),
  z.object({
    type: z.literal('reserve'),
    id: text,
    by: text,
    amount,
    limit: amount.exactOptional(),
    owner: text.exactOptional(),
  }),
  z.object({ type: z.literal('wait'), id: text, by: text, amount, call: text.exactOptional() }),
  z.object({ type: z.literal('settle'), id: text, by: text, spent: amount }),
  z.object({ type: z.literal('release'), by: text, id: text.exactOptional() }),
  z.object({ type: z.literal('period') }),
])

/**
 * What a budget takes; amounts in millionths of a dollar, `by` as `kind/key`. `set` and `raise` say its limit; `begin` does, and
 * what it is kept for gets its first message with that, so that nothing is spent there without; `reserve` asks for the worst
 * case of a call that is about to begin, and `limit` is what holds where none was set; `wait` asks to be told when there is as much for a call; `settle`
 * says what a call took; `release` that it waits no longer, or (with `id`) that the call it has begun is not made after all; `period` that another
 * day or hour may have begun.
 */
export type BudgetMessage = z.infer<typeof message>
export type Begin = Extract<BudgetMessage, { type: 'begin' }>
export type Reserve = Extract<BudgetMessage, { type: 'reserve' }>

/** A message to a budget, as it is checked. */
export const budgetMessage = message as unknown as Schema<BudgetMessage>

/** What `reserve` is answered with when there is not as much; `limit`: how much there is in all; `until`: when that begins anew, in ms since the epoch. */
export type InsufficientBudget = {
  readonly status: 'short'
  readonly free: number
  readonly limit: number
  readonly until?: number
}
/** What `reserve` and `wait` are answered with when there is. `again`: the same call was begun before, and nobody said how it ended. */
export type Granted = { readonly status: 'granted'; readonly again?: true }
