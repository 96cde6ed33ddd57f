import { InvalidError, problemOf } from '../../errors.ts'
import { recordAct } from '../../house/act.ts'
import type { By } from '../../house/by.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { ownerOf } from '../../lib/owner.ts'
import { checkSize } from '../../thread/actor/accept.ts'
import { notAwaitingDecision } from '../../thread/actor/lifecycle.ts'
import { deadlineTimer, readWork, threadIndex, updatedWorkParts } from '../../thread/actor/parts.ts'
import type { CurrentAsk, DecisionProposal, PendingProposal, ThreadState } from '../../thread/protocol/ask-state.ts'
import type { CycleDecision, YieldReason } from '../../thread/protocol/cycle-decision.ts'
import type { DecideMessage } from '../../thread/protocol/messages.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import { continuationPrompt } from '../protocol/recursion.ts'
import { historyForCycle } from './history.ts'
import { decisionEvent, startPhases } from './phase-end.ts'
import { afterDecision } from './transition.ts'

/** Resumes an ask with an external decision and all the time it had left. Rejected when it waits for no decision. */
export async function applyDecision(
  state: ThreadState,
  message: DecideMessage,
  effects: Effects,
  limits: ChainLimits,
): Promise<Turn<ThreadState>> {
  const { correlationId } = effects.message
  const current = state.current?.id === correlationId ? state.current : undefined
  if (!current?.proposal) return { refuse: problemOf(notAwaitingDecision(correlationId)) }
  let decision: CycleDecision
  try {
    decision = decisionFor(message, current.proposal, limits)
  } catch (error) {
    return { refuse: problemOf(error) }
  }
  const { by } = message
  return resumeAsk(state, { current, proposal: current.proposal, decision, ...(by && { by }) }, effects, limits)
}

type ResolvedDecision = {
  readonly current: CurrentAsk
  readonly proposal: PendingProposal
  readonly decision: CycleDecision
  readonly by?: By
}

async function resumeAsk(
  state: ThreadState,
  { current, proposal, decision, by }: ResolvedDecision,
  effects: Effects,
  limits: ChainLimits,
): Promise<Turn<ThreadState>> {
  const { n, cycle, loops } = current
  const { proposal: _, ...rest } = current
  const course = afterDecision({ work: await readWork(effects, n), cycle, loops, start: [] }, decision)
  const now = await effects.now()
  const timed = { since: now, due: now + proposal.left }
  const next: CurrentAsk = { ...rest, ...timed, cycle: course.cycle, loops: course.loops, waiting: course.start }
  const { work, parts } = await historyForCycle(state, n, course.work, effects, limits)
  const started = startPhases(next, work, effects, limits)
  const act = { at: now, owner: ownerOf(state), what: 'decided', outcome: decision.decision, ask: current.id } as const
  return {
    state: { ...state, current: next },
    parts: { ...updatedWorkParts(n, work), ...parts },
    events: [{ ...decisionEvent(decision, cycle, now), ...(by && { by }) }, ...started.events],
    send: by ? [...started.send, recordAct({ ...act, by })] : started.send,
    timers: deadlineTimer(n, proposal.left),
    index: threadIndex(state, 'running', now, next),
    reply: decision,
  }
}

function decisionFor(message: DecideMessage, proposal: DecisionProposal, limits: ChainLimits): CycleDecision {
  const { decision, target, prompt } = message
  if (decision === 'loop') return loopFor(message, proposal, limits)
  if (target !== undefined || prompt !== undefined)
    throw new InvalidError('Target and prompt are allowed only with loop.')
  return decision === 'accept' ? proposedIn(proposal) : { decision, reason: 'decided' }
}

function proposedIn({ decision, target, prompt, reason }: DecisionProposal): CycleDecision {
  if (decision === 'loop' && target && prompt !== undefined) return { decision, target, prompt, reason }
  return { decision: 'yield', reason: reason as YieldReason }
}

function loopFor({ target, prompt }: DecideMessage, proposal: DecisionProposal, limits: ChainLimits): CycleDecision {
  if (!proposal.mayLoop) throw noMoreCycles(proposal)
  if (prompt !== undefined) checkSize('the prompt', prompt.length, limits.promptSize)
  return {
    decision: 'loop',
    target: target ?? proposal.target ?? 'action',
    prompt: prompt ?? proposal.prompt ?? continuationPrompt(proposal.gaps),
    reason: 'decided',
  }
}

function noMoreCycles({ cycle }: DecisionProposal): InvalidError {
  return new InvalidError(`An ask has at most ${cycle} cycles, and this one was the last.`, {
    code: 'no_more_cycles',
    hint: 'Decide `yield`: the ask is then answered from its current findings.',
  })
}
