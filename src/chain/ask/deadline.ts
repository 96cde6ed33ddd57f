import type { Problem } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { deadlineTimer, MIN_TIME_LEFT_MS, readWork, updatedWorkParts } from '../../thread/actor/parts.ts'
import type { AskEnding, AskWork, ChainEvent, CurrentAsk, ThreadState } from '../../thread/protocol/ask-state.ts'
import { phaseRef } from '../../thread/protocol/refs.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { MemoryOfOwner } from '../protocol/phase.ts'
import { decideCycle } from '../protocol/recursion.ts'
import { endPhases } from './end.ts'
import { startPhases } from './phase-end.ts'
import { firstAnswerEnding } from './transition.ts'

/**
 * Handles the deadline of an ask: the running phases are cancelled. After a complete cycle Yield answers from it;
 * otherwise Action's answer stands; otherwise the ask fails.
 */
export async function handleDeadline(
  state: ThreadState,
  ask: number,
  effects: Effects,
  limits: ChainLimits,
  memories?: MemoryOfOwner,
): Promise<Turn<ThreadState>> {
  const { current } = state
  // while it waits for a decision or for money, its time is paused
  if (!current || current.n !== ask || current.proposal || current.parked) return {}
  const before = await readWork(effects, ask)
  const work = { ...before, degraded: [...before.degraded, ...current.waiting.map(tooLate)] }
  const cancel = current.waiting.map((phase) => ({ of: phaseRef(effects.self.key, phase), reason: TOO_LATE.message }))
  if (current.cycle > 1 && !current.waiting.includes('yield'))
    return { ...(await callYield(state, current, work, effects, limits)), cancel }
  const ending = endingOf(work)
  return { ...(await endPhases(state, { current, work, ending, events: [] }, effects, limits, memories)), cancel }
}

const TOO_LATE: Problem = { code: 'timeout', name: 'TimeoutError', message: 'the ask timed out' }

const tooLate = (phase: CurrentAsk['waiting'][number]) => ({ phase, reason: TOO_LATE.message })

async function callYield(
  state: ThreadState,
  current: CurrentAsk,
  work: AskWork,
  effects: Effects,
  limits: ChainLimits,
): Promise<Turn<ThreadState>> {
  const { cycle, loops } = current
  const late = { cycle, convergence: null, history: loops, spent: 'deadline' } as const
  const { decision, reason } = decideCycle(undefined, late, limits)
  const since = await effects.now()
  const next: CurrentAsk = { ...current, waiting: ['yield'], since }
  const started = startPhases(next, work, effects, limits)
  return {
    state: { ...state, current: next },
    parts: updatedWorkParts(current.n, work),
    events: [{ type: 'decision', decision, reason, cycle, at: since } satisfies ChainEvent, ...started.events],
    send: started.send,
    timers: deadlineTimer(current.n, MIN_TIME_LEFT_MS),
  }
}

const endingOf = (work: AskWork): AskEnding => firstAnswerEnding(work) ?? { status: 'failed', problem: TOO_LATE }
