import type { Json } from '../../kernel/schema.ts'
import type { Effects, Send, Turn } from '../../kernel/types.ts'
import { phaseRef } from '../phases/phase-actor.ts'
import {
  type AskRecord,
  type ChainState,
  type Ending,
  tracedBy,
  type Waiting,
  type Work,
} from '../protocol/ask-state.ts'
import { callNext, endEvent, recordOf, replyTo } from './end.ts'
import { indexOf } from './index-fields.ts'
import { askPart, noWork, readWork } from './parts.ts'
import { NO_DEADLINE } from './timers.ts'

/** Ends the asks of the cancelled work, under way or waiting, and calls off the phases at work; later asks go on. */
export async function cancelAsks(state: ChainState, reason: string, effects: Effects): Promise<Turn<ChainState>> {
  const { correlationId } = effects.message
  const running = state.current?.id === correlationId ? state.current : null
  const current = running ? null : state.current
  const queue = state.queue.filter(({ id }) => id !== correlationId)
  const waited = state.queue.filter(({ id }) => id === correlationId)
  const gone = [...(running ? [running] : []), ...waited]
  if (gone.length === 0) return {}
  const ending = endingFor(reason)
  const now = await effects.now()
  const ended = await Promise.all(gone.map((ask) => endedAsk(ask, ending, now, effects)))
  const status = current || queue.length > 0 ? 'running' : 'cancelled'
  return {
    ...toldTo(ended, endEvent(ending, now), current ? [] : callNext(queue, effects.self)),
    state: { ...state, current, queue },
    cancel: (running?.waiting ?? []).map((phase) => ({ of: phaseRef(effects.self.key, phase), reason })),
    ...(running && { timers: NO_DEADLINE }),
    index: indexOf(state, status, now, current ?? tracedBy(running)),
  }
}

/** Records, events and replies of the asks that ended, and what comes after them. */
function toldTo(ended: readonly Ended[], event: Json, next: readonly Send[]): Turn<ChainState> {
  const parts = ended.map(({ n, record }) => ({ [askPart(n)]: record, ...noWork(n) }))
  return {
    parts: Object.assign({}, ...parts),
    events: ended.map(() => event),
    send: [...ended.flatMap(({ work, record }) => replyTo(work.replyTo, record)), ...next],
  }
}

function endingFor(reason: string): Ending {
  const problem = { code: 'cancelled', name: 'CancelledError', message: reason, terminal: true }
  return { status: 'cancelled', problem }
}

type Ended = { readonly n: number; readonly work: Work; readonly record: AskRecord }

async function endedAsk(
  ask: Waiting & { readonly cycle?: number },
  ending: Ending,
  now: number,
  effects: Effects,
): Promise<Ended> {
  const work = await readWork(effects, ask.n)
  return { n: ask.n, work, record: recordOf({ id: ask.id, cycle: ask.cycle ?? 0 }, work, ending, now) }
}
