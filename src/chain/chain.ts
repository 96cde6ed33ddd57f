/**
 * The phase chain: a thread answers questions, called asks, one at a time. Each ask passes through six phases, and
 * each phase is an actor that asks a model. Use it for conversations with sources and consent; use an agent for work
 * with tools. `protocol/` holds the vocabulary, `ask/` the course of an ask, `phases/` the six phases, and
 * `context/` and `retrieval/` what a phase reads.
 */

import type { Problem } from '../errors.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, Effects, Turn } from '../kernel/types.ts'
import { acceptAsk, beginNextAsk } from './ask/begin.ts'
import { cancelAsks } from './ask/cancel.ts'
import { applyConsent } from './ask/consent.ts'
import { handleDeadline } from './ask/deadline.ts'
import { applyDecision } from './ask/decision.ts'
import { askOfGoal, failGoal, handleGoalEnd, handleTold } from './ask/goal/goal-reply.ts'
import { expireThread, markRemoved, nameThread, openThread, removeThread } from './ask/lifecycle.ts'
import { handlePhaseEnd, suspendAsk } from './ask/phase-end.ts'
import { resumeFailedAsk } from './ask/resume.ts'
import { listDomains } from './domains/known.ts'
import { phaseActor } from './phases/phase-actor.ts'
import { createPhases } from './phases/registry.ts'
import type { ChainState } from './protocol/ask-state.ts'
import { type ChainLimits, createLimits } from './protocol/limits.ts'
import { type ChainMessage, chainMessage } from './protocol/messages.ts'
import type { ChainServices } from './protocol/phase.ts'
import { phaseRef } from './protocol/phase-ref.ts'
import type { PhaseEnd } from './protocol/phase-types.ts'

/**
 * The actors of the phase chain: `chain`, one per thread, and `phase`, one
 * per phase of a thread. InvalidError for limits beyond their ceiling.
 */
export function chainActors(services: ChainServices): readonly Actor[] {
  return [chainActor(services), phaseActor(services)]
}

/** A thread: it runs its asks one at a time, in the order of their arrival, each through the six phases. */
function chainActor(services: ChainServices): Actor<ChainState, ChainMessage> {
  const limits = createLimits(services.limits)
  const { memory, calls, sharing = false } = services
  const domains = listDomains(services.phases ?? createPhases(), services.domains, services.ownDomains)
  const rules = { limits, domains, memory, calls, sharing, chooser: services }
  return defineActor<ChainState, ChainMessage>({
    kind: 'chain',
    message: chainMessage,
    initial: () => ({ asks: 0, current: null, queue: [], remembered: [] }),
    receive(state, message, effects) {
      switch (message.type) {
        case 'ask':
          return acceptAsk(state, message, effects, rules)
        case 'open':
          return openThread(state, message, effects)
        case 'name':
          return nameThread(state, message, effects)
        case 'remove':
          return removeThread(state, effects, memory)
        case 'removed':
          return markRemoved(state, message, effects)
        case 'decide':
          return applyDecision(state, message, effects, limits)
        case 'consent':
          return applyConsent(state, message, effects)
        case 'next':
          return beginNextAsk(state, effects, rules)
        case 'deadline':
          return handleDeadline(state, message.ask, effects, limits, memory)
        case 'phase-wait':
          return suspendAsk(state, message, effects)
        case 'phase-end':
          return handlePhaseEnd(state, message, effects, limits, memory)
        case 'resume':
          return resumeFailedAsk(state, effects, limits)
        case 'goal-end':
          return handleGoalEnd(state, message, effects, limits)
        case undefined:
          return handleTold(state, true, effects, limits)
        case 'expire':
          return expireThread(state, effects, memory)
      }
    },
    notice(state, notice, effects) {
      if (notice.type === 'cancelled') return cancelAsks(state, notice.reason, effects)
      if (notice.type === 'error' && notice.from?.kind === 'agent')
        return handleGoalError(state, notice.problem, effects, limits)
      const end = notice.type === 'error' ? brokenEnd(state, notice.problem, effects) : undefined
      return end ? handlePhaseEnd(state, end, effects, limits, memory) : ({} satisfies Turn<ChainState>)
    },
  })
}

/** A goal has refused a message, or could not begin. */
function handleGoalError(
  state: ChainState,
  problem: Problem,
  effects: Effects,
  limits: ChainLimits,
): Turn<ChainState> | Promise<Turn<ChainState>> {
  const current = askOfGoal(state, effects.message.from)
  if (!current) return {}
  const isTold = current.goal.telling?.some(({ id }) => id === effects.message.correlationId)
  return isTold ? handleTold(state, false, effects, limits) : failGoal(state, current, problem, effects, limits)
}

/** The error of a phase that did not even reply: it has failed. */
function brokenEnd({ current }: ChainState, problem: Problem, effects: Effects): PhaseEnd | undefined {
  const { from, correlationId } = effects.message
  if (!current || current.id !== correlationId) return undefined
  const phase = current.waiting.find((name) => phaseRef(effects.self.key, name).key === from?.key)
  if (!phase) return undefined
  const nothing = { output: null, text: '', model: '', usage: { input: 0, output: 0 }, trace: [] }
  const { n: ask, cycle } = current
  return { type: 'phase-end', ask, cycle, phase, status: 'failed', ...nothing, problem }
}
