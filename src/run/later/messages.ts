import { z } from 'zod'
import { amountOf } from '../../budget/money.ts'
import { budgetRef, scopeOf } from '../../budget/scope.ts'
import { runRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, Send } from '../../kernel/types.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { QueueTerms } from './terms.ts'

/** The message that begins a run. Its executor knows the rest of it. */
export type FirstRunMessage = Json & { readonly type: string }

/**
 * Begins a run later: `start` is the message of its executor. `at`: not before, ms since the epoch. `queue`: the place
 * in it; `admitted`: the run has a slot already.
 */
export type StartLater = {
  readonly type: 'start-later'
  readonly start: FirstRunMessage
  readonly name: string
  readonly owner?: string
  readonly at?: number
  readonly queue?: { readonly key: string; readonly terms: QueueTerms }
  readonly admitted?: true
}

/** Tells a run that it begins now. */
export const START_NOW = { type: 'start-now' } as const
type StartNow = typeof START_NOW

export const RUN_QUEUE = 'run-queue'

/** The queue of the runs of an owner with one key. */
export const queueRef = (owner: string | undefined, key: string): ActorRef => ({
  kind: RUN_QUEUE,
  key: `${owner ?? LOCAL_OWNER}:${key}`,
})

const terms = z.custom<QueueTerms>((value) => typeof value === 'object' && value !== null)

export const queueMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('enter'),
    run: z.string(),
    owner: z.string(),
    key: z.string(),
    terms,
    /** the run does not exist yet: the queue sends its first message; `budget`: its limit in dollars */
    first: z.object({ message: z.custom<StartLater>(), budget: z.number().exactOptional() }).exactOptional(),
  }),
  z.object({ type: z.literal('leave'), run: z.string() }),
  z.object({ type: z.enum(['minute', 'debounced', 'more']) }),
])

/** A message to a queue. The reply to `enter` is `Entered`. */
export type QueueMessage = z.output<typeof queueMessage>
export type Enter = Extract<QueueMessage, { type: 'enter' }>

/** The reply of a queue: the id of the run, or of the open run that the caller joins. */
export type Entered = { readonly run: string; readonly joined?: true }

/** The first message of a run. With a budget it goes through the budget, which sets the limit in the same commit. */
export function firstSend(run: string, message: Json, owner: string, budget?: number): Send {
  if (budget === undefined) return { to: runRef(run), body: message, correlationId: run }
  const limit = amountOf(budget)
  return { to: budgetRef(scopeOf('run', run)), body: { type: 'begin', limit, owner, message }, correlationId: run }
}

export const startLaterSchema = z.object({
  type: z.literal('start-later'),
  start: z.custom<FirstRunMessage>((value) => typeof (value as { type?: unknown } | null)?.type === 'string'),
  name: z.string(),
  owner: z.string().exactOptional(),
  at: z.number().exactOptional(),
  queue: z.object({ key: z.string(), terms }).exactOptional(),
  admitted: z.literal(true).exactOptional(),
})
export const startNowSchema = z.object({ type: z.literal(START_NOW.type) })

/** The messages that a run gets before it begins. */
export type LaterMessage = StartLater | StartNow
