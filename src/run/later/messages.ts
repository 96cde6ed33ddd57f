import { z } from 'zod'
import { amountOf } from '../../budget/money.ts'
import { budgetRef, scopeOf } from '../../budget/scope.ts'
import type { Json } from '../../kernel/json.ts'
import type { ActorRef, Send } from '../../kernel/types.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { QueueTerms } from './terms.ts'

/** The message that begins a run. Its executor knows the rest of it. */
export type FirstRunMessage = Json & { readonly type: string }

/** Tells a run or a goal that it begins now. */
export const START_NOW = { type: 'start-now' } as const
type StartNow = typeof START_NOW

/** A clock that was set, or a machine that slept, is noticed after this time. */
const LOOK_AGAIN_MS = 3_600_000

export const startTimer = (at: number, now: number) => ({
  begin: { delay: Math.min(Math.max(0, at - now), LOOK_AGAIN_MS), body: START_NOW },
})

export const RUN_QUEUE = 'run-queue'

/** The queue of the runs and goals of an owner with one key. */
export const queueRef = (owner: string | undefined, key: string): ActorRef => ({
  kind: RUN_QUEUE,
  key: `${owner ?? LOCAL_OWNER}:${key}`,
})

const terms = z.custom<QueueTerms>((value) => typeof value === 'object' && value !== null)

export const queueMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('enter'),
    of: z.string(),
    owner: z.string(),
    key: z.string(),
    terms,
    /** it does not exist yet: the queue sends its first message; `budget`: the limit of a run in dollars */
    first: z
      .object({ message: z.custom<{ readonly type: string }>(), budget: z.number().exactOptional() })
      .exactOptional(),
  }),
  z.object({ type: z.literal('leave'), of: z.string() }),
  z.object({ type: z.enum(['minute', 'debounced', 'more']) }),
])

/** A message to a queue; `of` is the name of the actor of a run or a goal. The reply to `enter` is `Entered`. */
export type QueueMessage = z.output<typeof queueMessage>
export type Enter = Extract<QueueMessage, { type: 'enter' }>

/** The reply of a queue: the name of the actor, or of the `open` ones, of which the caller joins one. */
export type Entered = { readonly of: string; readonly joined?: true; readonly open?: readonly string[] }

/** The first message of a run or a goal. The budget of a run sends it in the commit that sets the limit. */
export function firstSend(to: ActorRef, message: Json, owner: string, budget?: number): Send {
  const { key: id } = to
  if (budget === undefined) return { to, body: message, correlationId: id }
  const limit = amountOf(budget)
  return { to: budgetRef(scopeOf('run', id)), body: { type: 'begin', limit, owner, message }, correlationId: id }
}

/**
 * The fields of a first message that say when its work begins. `at`: not before, ms since the epoch. `queue`: the queue
 * that it enters; `admitted`: it has a slot already; `debouncedUntil`: until then, another start replaces it.
 */
export const laterFields = {
  at: z.number().exactOptional(),
  queue: z.object({ key: z.string(), terms }).exactOptional(),
  admitted: z.literal(true).exactOptional(),
  debouncedUntil: z.number().exactOptional(),
}

/** Begins a run later: `start` is the message of its executor. */
export const startLaterSchema = z.object({
  type: z.literal('start-later'),
  start: z.custom<FirstRunMessage>((value) => typeof (value as { type?: unknown } | null)?.type === 'string'),
  name: z.string(),
  owner: z.string().exactOptional(),
  ...laterFields,
})
export const startNowSchema = z.object({ type: z.literal(START_NOW.type) })

export type StartLater = Readonly<z.output<typeof startLaterSchema>>

/** The messages that a run gets before it begins. */
export type LaterMessage = StartLater | StartNow
