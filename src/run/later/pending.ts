import { busyProblem, type Problem, problemOf, refusal } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { isWithinSize } from '../../kernel/limits.ts'
import { parseRef } from '../../kernel/ref.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { receiptOf, type Signal } from '../../step/messages/signal.ts'
import type { StepProblem } from '../../step/record/step.ts'
import { startTimer } from './messages.ts'
import type { KeptStart, LaterRun, LaterState } from './state.ts'
import { EARLY_PART, LATER_PART, laterIndex, leaveQueue, queueIn, runNotBegun, toQueue } from './state.ts'

type Pending = Extract<LaterState, { phase: 'timed' | 'queued' }>

/** Bounds of the signals that come before a run begins. */
const EARLY_LIMITS = { count: 100, size: 128 * 1024 } as const

/** The turn of a run that goes on waiting. */
export function untilBegin(run: LaterRun, stored: KeptStart, now: number): Turn<LaterRun> {
  const { later } = run
  const timers = later?.phase === 'timed' ? startTimer(later.at, now) : { begin: null }
  return { state: run, index: laterIndex(run, stored), timers }
}

/** The time has come, or the queue has room: the run begins, or waits for the queue after its time. */
export async function beginNow(state: LaterRun, later: Pending, effects: Effects): Promise<Turn<LaterRun>> {
  const stored = (await effects.part(LATER_PART)) as KeptStart
  const now = await effects.now()
  if (later.phase === 'timed' && now < later.at) return untilBegin(state, stored, now)
  const { self } = effects
  const { queue } = later
  if (later.phase === 'timed' && queue !== undefined) {
    const { key, terms } = stored.queue!
    const owner = parseRef(queue).key.slice(0, -key.length - 1)
    const turn = untilBegin({ ...state, later: { phase: 'queued', queue } }, stored, now)
    return { ...turn, send: [toQueue(queue, self, { type: 'enter', owner, key, terms })] }
  }
  const early = ((await effects.part(EARLY_PART)) ?? []) as readonly Json[]
  const run: LaterRun = {
    ...state,
    later: { phase: 'starting', type: stored.start.type, ...(queue !== undefined && { queue }) },
  }
  return {
    state: run,
    parts: { [EARLY_PART]: null },
    timers: { begin: null },
    index: laterIndex(run, stored),
    send: [stored.start, ...early].map((body) => ({ to: self, body })),
  }
}

/** A message to a run that has not begun. */
export async function takeEarly(
  state: LaterRun,
  message: { readonly type: string },
  effects: Effects,
): Promise<Turn<LaterRun>> {
  const { message: envelope, self } = effects
  // the message that begins it is in its mailbox, before this one
  if (state.later?.phase === 'starting') {
    const { replyTo } = envelope
    return { send: [{ to: self, body: message as Json, ...(replyTo && { replyTo }) }] }
  }
  switch (message.type) {
    case 'signal':
      return keepSignal(message as Signal, effects)
    case 'undo-run': {
      const { reason } = message as unknown as { readonly reason: string }
      return { ...(await endBefore(state, cancelledBy(reason), effects)), reply: { status: 'taken' } }
    }
    case 'expire':
      return { reply: false }
    case 'look':
      return { reply: true }
    default:
      return { refuse: problemOf(runNotBegun(self.key)) }
  }
}

/** A signal that comes early is kept, and sent when the run begins. */
async function keepSignal(signal: Signal, { part, message }: Effects): Promise<Turn<LaterRun>> {
  const stored = { ...signal, ...(signal.by && { at: message.createdAt }) }
  const early = [...(((await part(EARLY_PART)) ?? []) as readonly Json[]), stored as Json]
  if (early.length > EARLY_LIMITS.count || !isWithinSize(early, EARLY_LIMITS.size)) return { refuse: TOO_MANY_EARLY }
  return { parts: { [EARLY_PART]: early }, reply: receiptOf('kept', signal) as Json }
}

/** Ends a run before it begins, and frees its place. */
export async function endBefore(state: LaterRun, problem: Problem, effects: Effects): Promise<Turn<LaterRun>> {
  const stored = ((await effects.part(LATER_PART)) ?? {}) as Partial<KeptStart>
  const status = problem.code === 'cancelled' ? ('cancelled' as const) : ('failed' as const)
  const run: LaterRun = {
    ...state,
    status,
    problem: problem as StepProblem,
    finishedAt: await effects.now(),
    later: { phase: 'never' },
  }
  const end = { type: 'run-end', status, success: false, done: 0, failed: 0, skipped: 0, problem }
  return {
    state: run,
    parts: { [EARLY_PART]: null },
    timers: { begin: null },
    events: [end as Json],
    index: laterIndex(run, stored),
    send: leaveQueue(queueIn(state.later), effects.self),
  }
}

export const cancelledBy = (reason: string): Problem => ({
  code: 'cancelled',
  name: 'CancelledError',
  message: reason === '' ? 'the run was cancelled' : reason,
  terminal: true,
})

export const RUN_EXISTS: Problem = refusal({ code: 'run_exists', message: 'a run with this id already exists' })

const TOO_MANY_EARLY = busyProblem(
  `the run keeps at most ${EARLY_LIMITS.count} signals, or ${EARLY_LIMITS.size / 1024} KiB, before it begins`,
)
