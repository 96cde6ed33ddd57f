import { InvalidError, problemOf } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import type { ChainState, Current, Proposal, Proposed } from '../protocol/ask-state.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { DecideMessage } from '../protocol/messages.ts'
import { continuationFor, type Decision, type YieldReason } from '../protocol/recursion.ts'
import { checkSize } from './begin.ts'
import { indexOf } from './index-fields.ts'
import { keptWork, readWork } from './parts.ts'
import { decisionEvent, startPhases } from './phase-end.ts'
import { deadlineFor } from './timers.ts'
import { decided } from './transition.ts'

/** What somebody outside decided for an ask: it goes on, in all the time that it had left. Refused where nothing waits for it. */
export async function takeDecision(
  state: ChainState,
  message: DecideMessage,
  effects: Effects,
  limits: ChainLimits,
): Promise<Turn<ChainState>> {
  const { correlationId } = effects.message
  const current = state.current?.id === correlationId ? state.current : undefined
  if (!current?.proposal) return { refuse: problemOf(notWaiting(correlationId)) }
  let decision: Decision
  try {
    decision = decisionFor(message, current.proposal, limits)
  } catch (error) {
    return { refuse: problemOf(error) }
  }
  return goOn(state, { current, proposal: current.proposal, decision }, effects, limits)
}

type Taken = { readonly current: Current; readonly proposal: Proposed; readonly decision: Decision }

async function goOn(
  state: ChainState,
  { current, proposal, decision }: Taken,
  effects: Effects,
  limits: ChainLimits,
): Promise<Turn<ChainState>> {
  const { n, cycle, loops } = current
  const { proposal: _, ...rest } = current
  const course = decided({ work: await readWork(effects, n), cycle, loops, start: [] }, decision)
  const now = await effects.now()
  const timed = { since: now, due: now + proposal.left }
  const next: Current = { ...rest, ...timed, cycle: course.cycle, loops: course.loops, waiting: course.start }
  const started = startPhases(next, course.work, effects, limits)
  return {
    state: { ...state, current: next },
    parts: keptWork(n, course.work),
    events: [decisionEvent(decision, cycle, now), ...started.events],
    send: started.send,
    timers: deadlineFor(n, proposal.left),
    index: indexOf(state, 'running', now, next),
    reply: decision,
  }
}

/** Why an ask takes no decision: it is at work, over, or waits for something else. */
export function notWaiting(ask: string): InvalidError {
  return new InvalidError(`the ask ${ask} waits for no decision now`, {
    code: 'not_waiting',
    hint: 'what waits for one is listed by: antiphon inbox',
  })
}

function decisionFor(message: DecideMessage, proposal: Proposal, limits: ChainLimits): Decision {
  const { decision, target, prompt } = message
  if (decision === 'loop') return loopFor(message, proposal, limits)
  if (target !== undefined || prompt !== undefined) throw new InvalidError('target and prompt are of a loop alone')
  return decision === 'accept' ? proposedIn(proposal) : { decision, reason: 'decided' }
}

function proposedIn({ decision, target, prompt, reason }: Proposal): Decision {
  if (decision === 'loop' && target && prompt !== undefined) return { decision, target, prompt, reason }
  return { decision: 'yield', reason: reason as YieldReason }
}

function loopFor({ target, prompt }: DecideMessage, proposal: Proposal, limits: ChainLimits): Decision {
  if (!proposal.mayLoop) throw noMoreCycles(proposal)
  if (prompt !== undefined) checkSize('the prompt', prompt.length, limits.promptSize)
  return {
    decision: 'loop',
    target: target ?? proposal.target ?? 'action',
    prompt: prompt ?? proposal.prompt ?? continuationFor(proposal.gaps),
    reason: 'decided',
  }
}

function noMoreCycles({ cycle }: Proposal): InvalidError {
  return new InvalidError(`an ask has at most ${cycle} cycles, and this was the last one`, {
    code: 'no_more_cycles',
    hint: 'decide yield: it is answered from what there is',
  })
}
