import type { Problem } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { phaseRef } from '../phases/phase-actor.ts'
import type { ChainState, Current, Ending, Work } from '../protocol/ask-state.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import { decide } from '../protocol/recursion.ts'
import { endAsk } from './end.ts'
import { keptWork, readWork } from './parts.ts'
import { startPhases } from './phase-end.ts'
import { deadlineFor, GRACE } from './timers.ts'
import { firstAnswerOf } from './transition.ts'

/**
 * What an ask comes to when its time is up: the phases at work are called off; after a complete cycle Yield answers from
 * that one, else Action's answer stands, else the ask has failed.
 */
export async function reachDeadline(
  state: ChainState,
  ask: number,
  effects: Effects,
  limits: ChainLimits,
): Promise<Turn<ChainState>> {
  const { current } = state
  // while it waits for a decision, or for money, its time stands still
  if (!current || current.n !== ask || current.proposal || current.parked) return {}
  const before = await readWork(effects, ask)
  const work = { ...before, degraded: [...before.degraded, ...current.waiting.map(tooLate)] }
  const cancel = current.waiting.map((phase) => ({ of: phaseRef(effects.self.key, phase), reason: TOO_LATE.message }))
  if (current.cycle > 1 && !current.waiting.includes('yield'))
    return { ...(await callYield(state, current, work, effects, limits)), cancel }
  const last = { current, work, ending: endingOf(work), events: [], now: await effects.now() }
  return { ...endAsk(state, last, limits, effects), cancel }
}

const TOO_LATE: Problem = { code: 'timeout', name: 'TimeoutError', message: 'the time for this question is up' }

function tooLate(phase: Current['waiting'][number]) {
  return { phase, reason: TOO_LATE.message }
}

async function callYield(
  state: ChainState,
  current: Current,
  work: Work,
  effects: Effects,
  limits: ChainLimits,
): Promise<Turn<ChainState>> {
  const { cycle, loops } = current
  const { decision, reason } = decide(
    undefined,
    { cycle, convergence: null, history: loops, spent: 'deadline' },
    limits,
  )
  const since = await effects.now()
  const next: Current = { ...current, waiting: ['yield'], since }
  const started = startPhases(next, work, effects, limits)
  return {
    state: { ...state, current: next },
    parts: keptWork(current.n, work),
    events: [{ type: 'decision', decision, reason, cycle, at: since }, ...started.events],
    send: started.send,
    timers: deadlineFor(current.n, GRACE),
  }
}

function endingOf(work: Work): Ending {
  return firstAnswerOf(work) ?? { status: 'failed', problem: TOO_LATE }
}
