import { z } from 'zod'
import type { Schema } from '../kernel/schema.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, Effects, Turn } from '../kernel/types.ts'
import { present } from '../lib/json/present.ts'

/** The kind of the actors that keep sums: `cost/OWNER.DAY`. */
export const COST_KIND = 'cost'

/** Agents and models of a day that have a sum of their own. Further ones share the sum `OTHER`. */
export const MAX_COST_ROWS = 200
/** The agent and the model of the sum that further ones share. */
const OTHER = 'other'

const name = z.string().min(1).max(2000)
const message = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('book'),
    owner: name,
    day: z.iso.date(),
    agent: name.exactOptional(),
    model: name.exactOptional(),
    amount: z.int(),
    calls: z.int(),
    tokens: z.int(),
  }),
  z.object({ type: z.literal('expire') }),
])

/** Messages to the sums of a day. `book`: an amount in millionths of a dollar, negative for a call made again. */
export type CostMessage = z.infer<typeof message>
type Book = Extract<CostMessage, { type: 'book' }>

/** The sum of an agent and a model on a day (part `row/…`). The amount in millionths of a dollar. */
export type CostRow = Pick<Book, 'agent' | 'model' | 'amount' | 'calls' | 'tokens'>

/** The number of sums of agents and models, without the one that others share. */
type CostDay = { readonly rows: number }

/** `cost/<owner>.<day>`: what budgets booked for an owner on a UTC day, by agent and model. */
export function costActor(): Actor<CostDay, CostMessage> {
  return defineActor<CostDay, CostMessage>({
    kind: COST_KIND,
    message: message as Schema<CostMessage>,
    initial: () => ({ rows: 0 }),
    receive: (state, asked, effects) =>
      asked.type === 'expire' ? { reply: true, stop: true } : book(state, asked, effects),
  })
}

async function book({ rows }: CostDay, asked: Book, { part }: Effects): Promise<Turn<CostDay>> {
  const { owner, day, agent, model, amount, calls, tokens } = asked
  const own = rowPart(agent, model)
  const known = (await part(own)) as CostRow | undefined
  const isOther = !known && rows >= MAX_COST_ROWS
  const place = isOther ? OTHER_PART : own
  const before = isOther ? ((await part(OTHER_PART)) as CostRow | undefined) : known
  // a booking that retention or an erasure has removed cannot be undone
  if (!before && calls < 0) return rows === 0 ? { stop: true } : {}
  const names = isOther ? { agent: OTHER, model: OTHER } : present({ agent, model })
  const row: CostRow = {
    ...names,
    amount: amount + (before?.amount ?? 0),
    calls: calls + (before?.calls ?? 0),
    tokens: tokens + (before?.tokens ?? 0),
  }
  const isNew = !before && !isOther
  return { ...(isNew && { state: { rows: rows + 1 } }), parts: { [place]: row }, index: { owner, day } }
}

/** The prefix of the parts that hold sums. */
export const ROWS = 'row/'
const OTHER_PART = `${ROWS}${OTHER}`
const rowPart = (agent = '', model = '') => `${ROWS}${JSON.stringify([agent, model])}`
