import { type Problem, refusal } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import {
  askPartName,
  deadlineTimer,
  decodeAskPosition,
  encodeAskPosition,
  newWorkParts,
  numberPartName,
  readRecord,
  readWork,
  threadIndex,
} from '../../thread/actor/parts.ts'
import {
  type AskWork,
  type ChainEvent,
  type CurrentAsk,
  type ThreadState,
  traceOfAsk,
} from '../../thread/protocol/ask-state.ts'
import { domainOf } from '../domains/take.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import { startPhases } from './phase-end.ts'

/** Continues an ask that has failed at the phase that failed. The results of earlier phases are reused. */
export async function resumeFailedAsk(
  state: ThreadState,
  effects: Effects,
  limits: ChainLimits,
): Promise<Turn<ThreadState>> {
  const { correlationId: id } = effects.message
  if (state.current || state.queue.length > 0) return { refuse: THREAD_BUSY }
  const asked = decodeAskPosition((await effects.part(numberPartName(id))) ?? undefined)
  const n = asked?.n
  const record = n === undefined ? undefined : await readRecord(effects, n)
  if (n === undefined || record?.status !== 'failed')
    return { refuse: { ...NOT_FAILED, hint: `To see it: antiphon show ${id}` } }
  const stored = (await readWork(effects, n)) as Partial<AskWork>
  const last = stored.trace?.at(-1)
  if (!last) return { refuse: NOT_STORED }
  const work: AskWork = {
    ...(stored as AskWork),
    replyTo: null,
    trace: stored.trace!.slice(0, -1),
    degraded: stored.degraded!.filter(({ phase }) => phase !== last.phase),
  }
  const now = await effects.now()
  const current: CurrentAsk = {
    n,
    id,
    cycle: last.cycle,
    waiting: [last.phase],
    since: now,
    loops: [],
    due: now + limits.deadline,
    ...traceOfAsk(effects.message),
  }
  const started = startPhases(current, work, effects, limits)
  const { problem: _, endedAt: __, ...going } = record
  return {
    state: { ...state, current },
    parts: {
      [numberPartName(id)]: encodeAskPosition({ ...asked, n, after: effects.events }),
      [askPartName(n)]: { ...going, status: 'running' },
      ...newWorkParts(n, work),
    },
    events: [
      { type: 'ask-start', prompt: work.prompt, ...domainOf(work), at: now } satisfies ChainEvent,
      ...started.events,
    ],
    send: started.send,
    timers: deadlineTimer(n, limits.deadline),
    index: threadIndex(state, 'running', now, current),
    reply: { status: 'running' },
  }
}

const THREAD_BUSY: Problem = {
  code: 'busy',
  name: 'BusyError',
  message: 'the thread answers another question',
  hint: 'Wait until that question has ended.',
}
const NOT_FAILED: Problem = refusal({
  code: 'ask_over',
  message: 'this ask has ended and has not failed, so there is nothing to resume',
})
const NOT_STORED: Problem = refusal({
  code: 'not_recorded',
  message: 'the work of the question is no longer stored',
  hint: 'Ask it again.',
})
