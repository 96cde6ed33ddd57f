import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import {
  type AskRecord,
  type AskReply,
  type ChainState,
  type Current,
  type Ending,
  tracedBy,
  type Waiting,
  type Work,
} from '../protocol/ask-state.ts'
import { keepLast } from '../protocol/bounds.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import { withoutForgotten } from './consent.ts'
import { indexOf } from './index-fields.ts'
import { askPart, noWork } from './parts.ts'
import { NO_DEADLINE } from './timers.ts'

/** The last step of an ask: how it ends, the events that led there, and when (ms since the epoch). */
export type LastStep = {
  readonly current: Pick<Current, 'n' | 'id' | 'cycle' | 'trace'>
  readonly work: Work
  readonly ending: Ending
  readonly events: readonly Json[]
  readonly now: number
}

/** Ends the ask under way: its record, its reply, and the turn of the next one. */
export function endAsk(state: ChainState, last: LastStep, limits: ChainLimits, effects: Effects): Turn<ChainState> {
  const { current, work, ending, events, now } = last
  const record = recordOf(current, work, ending, now)
  const remembered = remember(state.remembered, record, current.n, limits)
  const next = withoutForgotten({ ...state, current: null, remembered })
  return {
    state: next,
    parts: { [askPart(current.n)]: record, ...noWork(current.n) },
    events: [...events, endEvent(ending, now)],
    send: [...replyTo(work.replyTo, record), ...callNext(state.queue, effects.self)],
    timers: NO_DEADLINE,
    index: indexOf(next, state.queue.length > 0 ? 'running' : ending.status, now, tracedBy(current)),
  }
}

/** Only what was answered enters later prompts. */
function remember(known: readonly number[], { status }: AskRecord, n: number, limits: ChainLimits): readonly number[] {
  return status === 'completed' ? keepLast([...known, n], limits.remembered) : known
}

/** An ask as it is kept once it has ended. */
export function recordOf(
  { id, cycle }: Pick<Current, 'id' | 'cycle'>,
  { prompt, degraded, trace, usage, askedAt }: Work,
  ending: Ending,
  endedAt: number,
): AskRecord {
  const nothing = { answer: '', citations: [], invalidCitations: [], model: '' }
  const times = { ...(askedAt !== undefined && { askedAt }), endedAt }
  return { id, prompt, degraded, trace, usage, cycles: cycle, ...nothing, ...ending, ...times }
}

/** The durable fact that an ask has ended. */
export function endEvent(ending: Ending, at: number): Json {
  return { type: 'ask-end', status: ending.status, ...('problem' in ending && { problem: ending.problem }), at }
}

/** The answer, or the problem, to whoever asked. */
export function replyTo(to: ActorRef | null, record: AskRecord): readonly Send[] {
  if (!to) return []
  const { id, prompt, trace, problem, status, askedAt, endedAt, ...rest } = record
  if (problem) return [{ to, body: problem, type: 'error' }]
  if (status !== 'completed') return []
  const reply: AskReply = { status, ...rest }
  return [{ to, body: reply, type: 'response' }]
}

/** A message to oneself that begins the next ask, as work of its own. */
export function callNext([next]: readonly Waiting[], self: ActorRef): readonly Send[] {
  return next ? [{ to: self, body: { type: 'next' }, correlationId: next.id }] : []
}
