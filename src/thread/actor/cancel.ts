import type { Effects, Send, Turn } from '../../kernel/types.ts'
import { type Answerers, answererOf } from '../answerer.ts'
import {
  type AskEnding,
  type AskRecord,
  type AskWork,
  askIdOf,
  type ChainEvent,
  type CurrentAsk,
  type QueuedAsk,
  type ThreadState,
  traceOfAsk,
} from '../protocol/ask-state.ts'
import { askEndEvent, endedParts, replyToCaller, toAskRecord, wakeNextAsk, withReply } from './end.ts'
import { CLEAR_DEADLINE, readWork, threadIndex } from './parts.ts'

/** Ends the current and queued asks of the cancelled work and cancels their phases. Later asks continue. */
export async function cancelAsks(
  state: ThreadState,
  reason: string,
  effects: Effects,
  answerers: Answerers,
): Promise<Turn<ThreadState>> {
  const { correlationId } = effects.message
  const running = state.current?.id === correlationId ? state.current : null
  const current = running ? null : state.current
  const queue = state.queue.filter(({ id }) => id !== correlationId)
  const waited = state.queue.filter(({ id }) => id === correlationId)
  const { goal } = running ?? {}
  const { telling = [], joined = [] } = goal ?? {}
  const steering = joined.map((ask) => ({ ...ask, ...(goal && { goal }) }))
  const gone = [...(running ? [running, ...telling, ...steering] : []), ...waited]
  if (gone.length === 0) return {}
  const ending = endingFor(reason)
  const now = await effects.now()
  const ended = await Promise.all(gone.map((ask) => endedAsk(ask, ending, now, effects, answerers)))
  const status = current || queue.length > 0 ? 'running' : 'cancelled'
  return {
    ...toldTo(
      ended,
      (ask) => askEndEvent(ending, now, ask === askIdOf(effects.self.key, correlationId) ? undefined : ask),
      current ? [] : wakeNextAsk(queue, effects.self),
    ),
    state: { ...state, current, queue },
    cancel: running ? (running.goal ? answerers.goals : answerers.phases).stop(running, reason, effects) : [],
    ...(running && { timers: CLEAR_DEADLINE }),
    index: threadIndex(state, status, now, current ?? traceOfAsk(running)),
  }
}

/** Records, events and replies of the asks that ended, and what comes after them. */
function toldTo(ended: readonly Ended[], event: (ask: string) => ChainEvent, next: readonly Send[]): Turn<ThreadState> {
  return {
    parts: endedParts(ended),
    events: ended.map(({ record }) => event(record.id)),
    send: [...ended.flatMap(({ work, record }) => replyToCaller(work.replyTo, record)), ...next],
  }
}

function endingFor(reason: string): AskEnding {
  const problem = { code: 'cancelled', name: 'CancelledError', message: reason, terminal: true }
  return { status: 'cancelled', problem }
}

type Ended = { readonly n: number; readonly work: AskWork; readonly record: AskRecord }

async function endedAsk(
  ask: QueuedAsk & Partial<Pick<CurrentAsk, 'cycle' | 'goal'>>,
  ending: AskEnding,
  now: number,
  effects: Effects,
  answerers: Answerers,
): Promise<Ended> {
  const work = await readWork(effects, ask.n)
  const fields = answererOf(answerers, work).recordFields(work, ending)
  const record = toAskRecord(effects.self.key, { cycle: 0, ...ask }, { work, ending, now, fields })
  return {
    n: ask.n,
    work,
    // the end of its goal delivers the part of the reply that was read
    record: ask.goal ? withReply(record, ask.n, []) : record,
  }
}
