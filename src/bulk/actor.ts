/** The record of an operation on many runs: what it does to which, and how far it is. It continues after a kill. */

import { z } from 'zod'
import { InvalidError, problemOf } from '../errors.ts'
import { recordAct } from '../house/act.ts'
import { type By, by } from '../house/by.ts'
import type { Schema } from '../kernel/schema.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorRef, Turn } from '../kernel/types.ts'

export const BULK_KIND = 'bulk'

/** Runs of an operation. */
export const MAX_BULK = 10_000
/** Runs of a portion: after a kill, a portion that was cut off is done again. */
export const BULK_PORTION = 100
/** Failures that a report names. */
const MAX_FAILURES = 100

const bulkAction = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('cancel'), reason: z.string(), undo: z.boolean() }),
  z.strictObject({ type: z.literal('resume') }),
  z.strictObject({ type: z.literal('fork'), at: z.string().exactOptional() }),
])

/** The action on each run. */
export type BulkAction = z.infer<typeof bulkAction>

const failure = z.object({
  run: z.string(),
  /** of the run; absent: there is no such run */
  owner: z.string().exactOptional(),
  code: z.string(),
  message: z.string(),
})
/** A run to which it could not be done, and why. */
export type BulkFailure = z.infer<typeof failure>

/** How the runs of a cancellation stood when they were picked. Those that wait come before the others. */
export const standing = z.object({ timed: z.number(), queued: z.number(), running: z.number(), ended: z.number() })
export type Standing = z.infer<typeof standing>

/** The caller of an operation, and its words: the runs that it picked, and the reason. Secrets are hidden. */
const caller = z.object({
  by: by as z.ZodType<By>,
  title: z.string(),
  reason: z.string().exactOptional(),
})

const message = z.discriminatedUnion('type', [
  /** before it begins: the runs of a portion. `pick` is the same for all portions of one request */
  z.object({
    type: z.literal('pick'),
    pick: z.string(),
    owner: z.string(),
    portion: z.number(),
    runs: z.array(z.string()).max(BULK_PORTION),
  }),
  z.object({
    type: z.literal('begin'),
    pick: z.string(),
    action: bulkAction,
    owner: z.string(),
    reach: z.enum(['own', 'all']),
    trusted: z.boolean(),
    caller: caller.exactOptional(),
    /** the owner whose runs were picked; absent: the owner that asked for it */
    of: z.string().exactOptional(),
    total: z.number().max(MAX_BULK),
    /** a digest of the request: the same id with another one is refused */
    content: z.string(),
    /** of a cancellation */
    picked: standing.exactOptional(),
  }),
  z.object({
    type: z.literal('record'),
    portion: z.number(),
    done: z.number(),
    skipped: z.number(),
    failures: z.array(failure),
  }),
  /** removes what it says of the runs of an owner */
  z.object({ type: z.literal('forget'), owner: z.string() }),
])
type BulkMessage = z.infer<typeof message>
type Begin = Extract<BulkMessage, { type: 'begin' }>
type PickedRuns = Extract<BulkMessage, { type: 'pick' }>
type Record = Extract<BulkMessage, { type: 'record' }>

/**
 * An operation on many runs. `owner` asked for it; `reach`: for runs of its own, or of all owners. `next` is the next
 * portion. Times in ms since the epoch.
 */
export type BulkState = Pick<Begin, 'action' | 'owner' | 'reach' | 'trusted' | 'total' | 'content' | 'picked'> & {
  readonly at: number
  readonly next: number
  readonly done: number
  readonly skipped: number
  readonly failed: number
  readonly failures: readonly BulkFailure[]
  readonly endedAt?: number
}

/** Runs are being picked: nothing has begun. A process that ended then leaves it, and nobody sees it. */
type PickedState = { readonly pick: string; readonly owner: string }

export const isBegun = (state: BulkState | PickedState | null | undefined): state is BulkState =>
  !!state && !('pick' in state)

export const bulkRef = (id: string): ActorRef => ({ kind: BULK_KIND, key: id })

export const bulkPart = (portion: number) => `runs/${portion}`

/** `bulk/ID`: an operation on many runs, and how far it is. */
export function bulkActor(): Actor<BulkState | PickedState | null, BulkMessage> {
  return defineActor<BulkState | PickedState | null, BulkMessage>({
    kind: BULK_KIND,
    message: message as Schema<BulkMessage>,
    initial: () => null,
    receive(state, asked, { self, message: { createdAt } }) {
      if (asked.type === 'forget') return isBegun(state) ? { state: without(state, asked.owner), reply: null } : {}
      if (asked.type !== 'record') {
        if (state && state.owner !== asked.owner) return { refuse: idTaken() }
        if (isBegun(state)) return { reply: null }
        return asked.type === 'pick' ? picked(asked) : begin(self.key, state, asked, createdAt)
      }
      // a portion that was done again after a kill is counted once
      if (!isBegun(state) || state.endedAt !== undefined || asked.portion !== state.next) return { reply: null }
      return recorded(counted(state, asked), createdAt)
    },
  })
}

const idTaken = () => problemOf(new InvalidError('The id is taken.', { code: 'id_taken' }))

/** One message may not have the ids of all runs: ten thousand of them are too long. */
const picked = ({ pick, owner, portion, runs }: PickedRuns): Turn<PickedState> => ({
  state: { pick, owner },
  index: { status: 'picked', owner },
  parts: { [bulkPart(portion)]: runs },
  reply: null,
})

function begin(
  id: string,
  state: PickedState | null,
  { type: _, pick, caller, of, ...asked }: Begin,
  at: number,
): Turn<BulkState | PickedState | null> {
  // another request with this id has picked runs since
  if (asked.total > 0 && state?.pick !== pick) return { refuse: idTaken() }
  const begun: BulkState = { ...asked, at, next: 0, done: 0, skipped: 0, failed: 0, failures: [] }
  const { owner, action, total } = asked
  const outcome = total === 1 ? '1 run' : `${total} runs`
  const act = { at, owner: of ?? owner, what: ACTS[action.type], outcome, target: id, ...caller }
  return { ...recorded(begun, at), ...(caller && { send: [recordAct(act)] }) }
}

const ACTS = { cancel: 'runs-cancelled', resume: 'runs-resumed', fork: 'runs-forked' } as const

function counted(state: BulkState, { done, skipped, failures }: Record): BulkState {
  return {
    ...state,
    next: state.next + 1,
    done: state.done + done,
    skipped: state.skipped + skipped,
    failed: state.failed + failures.length,
    failures: [...state.failures, ...failures].slice(0, MAX_FAILURES),
  }
}

const without = (state: BulkState, owner: string): BulkState => ({
  ...state,
  failures: state.failures.filter((one) => one.owner !== owner),
})

/** The ids of a portion are dropped once it is done. */
function recorded(state: BulkState, now: number): Turn<BulkState> {
  const isDone = state.next * BULK_PORTION >= state.total
  const before = state.next === 0 ? {} : { parts: { [bulkPart(state.next - 1)]: null } }
  return {
    state: isDone ? { ...state, endedAt: now } : state,
    index: { status: isDone ? 'done' : 'pending', owner: state.owner, at: state.at },
    ...before,
    reply: null,
  }
}
