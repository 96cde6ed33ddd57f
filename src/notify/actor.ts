import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { TerminalError } from '../errors.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, Effects, Turn } from '../kernel/types.ts'
import { ownerField } from '../lib/owner.ts'
import { type NoticeItem, noticeItem } from './item.ts'

/** The cell of a notice: one item for one receiver. Times in ms since the epoch. */
export type NoticeState = {
  readonly item: NoticeItem
  readonly receiver: string
  /** the part of the link's secret that differs from notice to notice */
  readonly nonce: string
  readonly status: 'pending' | 'delivered' | 'failed'
  /** of the present message */
  readonly attempts: number
  /** the first attempt at the present message */
  readonly firstAt?: number
  /** the present message is the reminder */
  readonly isReminder?: true
  /** why the last attempt failed */
  readonly problem?: { readonly code: string; readonly message: string }
}

/** Messages to a notice. `last` repeats a message that was given up: its failure is a dead letter. */
const message = z.union([
  z.object({ type: z.literal('announce'), item: noticeItem, receiver: z.string().max(100) }),
  z.object({ type: z.enum(['send', 'last', 'remind', 'over']) }),
])
type NoticeMessage = z.infer<typeof message>

/** How an attempt ended. `over`: nobody needs the message any more. `remindAfter` in ms. */
export type DeliveryOutcome =
  | { readonly status: 'delivered'; readonly remindAfter?: number }
  | { readonly status: 'over' }
  | { readonly status: 'failed'; readonly code: string; readonly message: string }

/** Sends the present message of a notice. Throws only when the signal has ended the attempt. */
export type Deliver = (notice: NoticeState, signal: AbortSignal) => Promise<DeliveryOutcome>

const MINUTE = 60_000
/** The pauses after failed attempts, in ms. The last one repeats. */
const PAUSES_MS = [5_000, 30_000, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE]
/** How long a message is tried, in ms. */
const GIVE_UP_AFTER_MS = 24 * 60 * MINUTE

/** All work of notices has this correlation id, so a process resumes notices without resuming anything else. */
export const NOTICES = 'notices'

/** `notice/<receiver>.<item>`: sends a message for at most a day, and a reminder. It lives as long as its item. */
export function noticeActor(deliver: Deliver): Actor<NoticeState | null, NoticeMessage> {
  return defineActor<NoticeState | null, NoticeMessage>({
    kind: 'notice',
    message,
    initial: () => null,
    async receive(state, asked, effects) {
      if (asked.type === 'announce') return state ? { reply: null } : announce(asked, effects)
      if (!state || asked.type === 'over') return { stop: true }
      if (asked.type === 'last') return lastAttempt(state, deliver, effects)
      if (asked.type === 'send') return state.status === 'pending' ? attempt(state, deliver, effects) : {}
      const { firstAt: _, problem: __, ...rest } = state
      return attempt({ ...rest, status: 'pending', attempts: 0, isReminder: true }, deliver, effects)
    },
  })
}

async function announce(
  { item, receiver }: NoticeMessage & { readonly type: 'announce' },
  effects: Effects,
): Promise<Turn<NoticeState>> {
  const nonce = await effects.run('nonce', () => randomBytes(32).toString('base64url'))
  const state: NoticeState = { item, receiver, nonce, status: 'pending', attempts: 0 }
  return { ...stored(state), send: [{ to: effects.self, body: { type: 'send' } }], reply: null }
}

async function attempt(before: NoticeState, deliver: Deliver, effects: Effects): Promise<Turn<NoticeState>> {
  const now = await effects.now()
  const { firstAt = now } = before
  const state = { ...before, firstAt, attempts: before.attempts + 1 }
  const outcome = await effects.run('deliver', ({ signal }) => deliver(state, signal))
  if (outcome.status !== 'failed') return ended(state, outcome)
  const { code, message } = outcome
  const problem = { code, message }
  const delay = PAUSES_MS[Math.min(before.attempts, PAUSES_MS.length - 1)]!
  if (now + delay - firstAt <= GIVE_UP_AFTER_MS)
    return { ...stored({ ...state, problem }), timers: { send: { delay, body: { type: 'send' } } } }
  return { ...stored({ ...state, problem, status: 'failed' }), send: [{ to: effects.self, body: { type: 'last' } }] }
}

async function lastAttempt(before: NoticeState, deliver: Deliver, effects: Effects): Promise<Turn<NoticeState>> {
  const state = { ...before, attempts: before.attempts + 1 }
  const outcome = await effects.run('deliver', ({ signal }) => deliver(state, signal))
  if (outcome.status !== 'failed') return ended(state, outcome)
  throw new TerminalError(`The message was tried for a day (${state.attempts} attempts): ${outcome.message}`, {
    code: 'notice_failed',
    hint: 'Correct the cause (antiphon notify test), then: antiphon deadletters retry ID',
  })
}

function ended(
  { problem: _, ...state }: NoticeState,
  outcome: Exclude<DeliveryOutcome, { readonly status: 'failed' }>,
): Turn<NoticeState> {
  if (outcome.status === 'over') return { stop: true }
  const { remindAfter } = outcome
  const isDue = remindAfter !== undefined && !state.isReminder
  const remind = isDue ? { delay: remindAfter, body: { type: 'remind' } } : null
  return { ...stored({ ...state, status: 'delivered' }), timers: { send: null, remind } }
}

function stored(state: NoticeState): Turn<NoticeState> {
  const { status, attempts, receiver, item } = state
  const { id, event, owner, since } = item
  return { state, index: { status, attempts, receiver, item: id, event, since, ...ownerField(owner) } }
}
