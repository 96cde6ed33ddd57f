import { z } from 'zod'
import { by } from '../house/by.ts'
import type { Json, Schema } from '../kernel/schema.ts'
import { prioritySchema } from '../lib/priority-schema.ts'

const amount = z.int().nonnegative()
const text = z.string().min(1).max(2000)

/** The agent and the model of a call, which the sums of a day tell apart. */
const books = z.object({ agent: text.exactOptional(), model: text.exactOptional() })

const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('set'), limit: amount, owner: text.exactOptional() }),
  z.object({ type: z.literal('begin'), limit: amount, owner: text, message: z.custom<Json>() }),
  z.object({ type: z.literal('raise'), limit: amount, by: by.exactOptional() }),
  z.object({ type: z.literal('remove') }),
  z.object({
    type: z.literal('reserve'),
    id: text,
    by: text,
    amount,
    limit: amount.exactOptional(),
    owner: text.exactOptional(),
    books: books.exactOptional(),
  }),
  z.object({
    type: z.literal('wait'),
    id: text,
    by: text,
    amount,
    call: text.exactOptional(),
    priority: prioritySchema.exactOptional(),
  }),
  z.object({ type: z.literal('settle'), id: text, by: text, spent: amount, tokens: amount.exactOptional() }),
  z.object({ type: z.literal('release'), by: text, id: text.exactOptional() }),
  z.object({ type: z.literal('period') }),
])

/**
 * Messages to a budget. Amounts in millionths of a dollar, `by` as `kind/key`.
 * `set` and `raise` change the limit. `begin` sets the limit and delivers the first message of its
 * actor, so that nothing is spent before. `reserve` reserves the maximum cost of a call; `limit` is
 * the default, and `books` makes this budget report the call to the sums of a day. `wait` asks for a
 * message when there is enough money. `settle` reports the actual cost. `release` stops waiting, or
 * with `id` withdraws a started call. `period` announces that a new day or hour may have begun.
 */
export type BudgetMessage = z.infer<typeof message>
export type Begin = Extract<BudgetMessage, { type: 'begin' }>
export type Raise = Extract<BudgetMessage, { type: 'raise' }>
export type Reserve = Extract<BudgetMessage, { type: 'reserve' }>

export const budgetMessage = message as Schema<BudgetMessage>

/** The reply to `reserve` without enough money. `limit`: the total limit. `until`: the next period, epoch ms. */
export type InsufficientBudget = {
  readonly status: 'short'
  readonly free: number
  readonly limit: number
  readonly until?: number
}
/** The reply to `reserve` and `wait`. `again`: the same call was started before, and its end is unknown. */
export type Granted = { readonly status: 'granted'; readonly again?: true }
