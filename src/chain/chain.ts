/**
 * The phase chain: six phases answer an ask of a thread, and each phase is an actor that asks a model. Use it for
 * questions with sources and checks; use an agent for work with tools. `ask/` holds the course of an ask, `phases/` the
 * six phases, `context/` and `retrieval/` what a phase reads, and `protocol/` what a phase works with.
 */

import type { Problem } from '../errors.ts'
import type { Effects } from '../kernel/types.ts'
import type { Answerer } from '../thread/answerer.ts'
import type { CurrentAsk, ThreadState } from '../thread/protocol/ask-state.ts'
import { PHASES, type PhaseEnd } from '../thread/protocol/phase-types.ts'
import { phaseRef } from '../thread/protocol/refs.ts'
import { beginPhases, phaseWork, resumeFailedAsk } from './ask/begin.ts'
import { handleDeadline } from './ask/deadline.ts'
import { applyDecision } from './ask/decision.ts'
import { recordFields } from './ask/end.ts'
import { handlePhaseEnd, suspendAsk } from './ask/phase-end.ts'
import { listDomains } from './domains/known.ts'
import { forgetLearned } from './memory/learned.ts'
import { createPhases } from './phases/registry.ts'
import { createLimits } from './protocol/limits.ts'
import type { ChainServices } from './protocol/phase.ts'

/** Answers asks by the six phases. InvalidError for limits beyond their ceiling. */
export function phaseAnswerer(services: ChainServices): Answerer {
  const limits = createLimits(services.limits)
  const { memory } = services
  const domains = listDomains(services.phases ?? createPhases(), services.domains, services.ownDomains)
  return {
    accept: (message) => phaseWork(message, domains, services),
    begin: (state, begun, effects) => beginPhases(state, begun, effects, limits, domains, services),
    receive(state, message, effects) {
      switch (message.type) {
        case 'decide':
          return applyDecision(state, message, effects, limits)
        case 'deadline':
          return handleDeadline(state, message.ask, effects, limits, memory)
        case 'phase-wait':
          return suspendAsk(state, message, effects)
        case 'phase-end':
          return handlePhaseEnd(state, message, effects, limits, memory)
        case 'resume':
          return resumeFailedAsk(state, effects, limits)
        default:
          return undefined
      }
    },
    fail(state, problem, effects) {
      const end = brokenEnd(state, problem, effects)
      return end && handlePhaseEnd(state, end, effects, limits, memory)
    },
    stop: ({ waiting }: CurrentAsk, reason, { self }) =>
      waiting.map((phase) => ({ of: phaseRef(self.key, phase), reason })),
    recordFields,
    forget: (owner, effects) => forgetLearned(effects, owner, memory),
    leave: (thread) => PHASES.map((phase) => ({ to: phaseRef(thread, phase), body: { type: 'expire' } })),
  }
}

/** The error of a phase that did not even reply: it has failed. */
function brokenEnd({ current }: ThreadState, problem: Problem, effects: Effects): PhaseEnd | undefined {
  const { from, correlationId } = effects.message
  if (!current || current.id !== correlationId) return undefined
  const phase = current.waiting.find((name) => phaseRef(effects.self.key, name).key === from?.key)
  if (!phase) return undefined
  const nothing = { output: null, text: '', model: '', usage: { input: 0, output: 0 }, trace: [] }
  const { n: ask, cycle } = current
  return { type: 'phase-end', ask, cycle, phase, status: 'failed', ...nothing, problem }
}
