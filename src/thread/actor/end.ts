import type { ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import type { ThreadLimits } from '../answerer.ts'
import {
  type AskEnding,
  type AskRecord,
  type AskReply,
  type AskWork,
  askIdOf,
  type ChainEvent,
  type CurrentAsk,
  type CurrentGoal,
  type QueuedAsk,
  type ThreadState,
  traceOfAsk,
} from '../protocol/ask-state.ts'
import { dropStaleTreatments } from './consent.ts'
import { askPartName, CLEAR_DEADLINE, clearedWorkParts, threadIndex, updatedWorkParts } from './parts.ts'

/** The end of an ask: its ending, the events that led to it, and the time (ms since the epoch). */
type AskConclusion = {
  readonly current: Pick<CurrentAsk, 'n' | 'id' | 'cycle' | 'trace' | 'goal'>
  readonly work: AskWork
  readonly ending: AskEnding
  readonly events: readonly ChainEvent[]
  readonly now: number
  /** further fields of its record, and messages about its end */
  readonly fields?: Partial<AskRecord>
  readonly send?: readonly Send[]
  /** asks that have steered its goal, and end with it */
  readonly joined?: readonly Joined[]
}

export type Joined = Pick<QueuedAsk, 'n' | 'id'> & { readonly work: AskWork }

/** Ends the current ask: writes its record, sends its reply and wakes the next ask. */
export function endAsk(
  state: ThreadState,
  last: AskConclusion,
  limits: Pick<ThreadLimits, 'remembered'>,
  effects: Effects,
): Turn<ThreadState> {
  const { current, work, ending, events, now, fields = {}, send = [], joined = [] } = last
  const { replies } = current.goal ?? {}
  const record = withReply(toAskRecord(effects.self.key, current, { work, ending, now, fields }), current.n, replies)
  const others = joined.map((ask) => ({
    ...ask,
    record: withReply(
      toAskRecord(effects.self.key, { ...current, id: ask.id }, { work: ask.work, ending, now, fields }),
      ask.n,
      replies,
    ),
  }))
  const remembered = remember(state.remembered, record, current.n, limits)
  const next = dropStaleTreatments({ ...state, current: null, remembered })
  return {
    state: next,
    // a question that has failed can be continued
    parts: {
      [askPartName(current.n)]: record,
      ...(ending.status === 'failed' && !current.goal
        ? updatedWorkParts(current.n, work)
        : clearedWorkParts(current.n)),
      ...endedParts(others),
    },
    events: [
      ...events,
      ...[record, ...others.map((ask) => ask.record)].map(({ id }) => askEndEvent(ending, now, current.goal && id)),
    ],
    send: [
      ...replyToCaller(work.replyTo, record),
      ...others.flatMap((ask) => replyToCaller(ask.work.replyTo, ask.record)),
      ...wakeNextAsk(state.queue, effects.self),
      ...send,
    ],
    timers: CLEAR_DEADLINE,
    index: threadIndex(next, state.queue.length > 0 ? 'running' : ending.status, now, traceOfAsk(current)),
  }
}

export function endedParts(
  asks: readonly { readonly n: number; readonly record: AskRecord }[],
): NonNullable<Turn['parts']> {
  return Object.assign({}, ...asks.map(({ n, record }) => ({ [askPartName(n)]: record, ...clearedWorkParts(n) })))
}

/** Only what was answered enters later prompts. */
function remember(
  known: readonly number[],
  { status }: AskRecord,
  n: number,
  limits: Pick<ThreadLimits, 'remembered'>,
) {
  if (status !== 'completed') return known
  const all = [...known, n]
  return all.slice(Math.max(0, all.length - limits.remembered))
}

export function toAskRecord(
  thread: string,
  { id, cycle, goal }: Pick<CurrentAsk, 'id' | 'cycle' | 'goal'>,
  { work, ending, now: endedAt, fields = {} }: Pick<AskConclusion, 'work' | 'ending' | 'now' | 'fields'>,
): AskRecord {
  const { prompt, files, degraded, trace, usage, askedAt, agent, resultOf } = work
  const nothing = { answer: '', citations: [], invalidCitations: [], model: '' }
  const answered = agent && { agent: agent.name, ...(goal && { goal: goal.key }) }
  const about = {
    id: askIdOf(thread, id),
    prompt,
    ...(files && { files }),
    ...(resultOf && { resultOf }),
    degraded,
    trace,
    usage,
    cycles: cycle,
  }
  return { ...about, ...nothing, ...ending, ...fields, ...answered, askedAt, endedAt }
}

export function withReply(record: AskRecord, n: number, replies: CurrentGoal['replies']): AskRecord {
  if (!replies) return record
  const { answerFiles: _, ...rest } = record
  const { text = '', files } = replies.find(({ message }) => message === n) ?? {}
  return { ...rest, reply: text, ...(files && { answerFiles: files }) }
}

/** The durable event that an ask has ended. `ask`: its id, if the message that ends it is of other work. */
export function askEndEvent(ending: AskEnding, at: number, ask?: string): ChainEvent {
  return {
    type: 'ask-end',
    status: ending.status,
    ...(ask !== undefined && { ask }),
    ...('problem' in ending && { problem: ending.problem }),
    at,
  }
}

/** The reply to the caller: the answer or the problem. */
export function replyToCaller(to: ActorRef | null, record: AskRecord): readonly Send[] {
  if (!to) return []
  const { id, prompt, files: _, trace, problem, status, reply: __, askedAt, endedAt, ...rest } = record
  if (problem) return [{ to, body: problem, type: 'error' }]
  if (status !== 'completed') return []
  const reply: AskReply = { status, ...rest }
  return [{ to, body: reply, type: 'response' }]
}

/** A message to the thread itself that begins the next ask with a trace of its own. */
export function wakeNextAsk([next]: readonly QueuedAsk[], self: ActorRef): readonly Send[] {
  return next ? [{ to: self, body: { type: 'next' }, correlationId: next.id }] : []
}
