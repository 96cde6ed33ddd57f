import type { Effects, Send, Turn } from '../../kernel/types.ts'
import { applyOperations } from '../../thread/actor/consent.ts'
import {
  CLEAR_DEADLINE,
  deadlineTimer,
  MIN_TIME_LEFT_MS,
  readWork,
  threadIndex,
  updatedWorkParts,
} from '../../thread/actor/parts.ts'
import type { AskWork, ChainEvent, CurrentAsk, DecisionProposal, ThreadState } from '../../thread/protocol/ask-state.ts'
import type { CycleDecision } from '../../thread/protocol/cycle-decision.ts'
import type { PhaseCall, PhaseWait } from '../../thread/protocol/messages.ts'
import type { Hit, PhaseEnd, PhaseInput, PhaseName, PhaseOutputs } from '../../thread/protocol/phase-types.ts'
import { phaseRef } from '../../thread/protocol/refs.ts'
import { CODE_PAUSE_MS } from '../../work/code-wait.ts'
import { type Suspension, suspensionIn } from '../../work/suspension.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { MemoryOfOwner } from '../protocol/phase.ts'
import { endPhases } from './end.ts'
import { historyForCycle } from './history.ts'
import { afterPhase, displayStatus, type Transition } from './transition.ts'

/** Handles the end of a phase: the next phases start, or the ask ends. An unexpected end changes nothing. */
export async function handlePhaseEnd(
  state: ThreadState,
  end: PhaseEnd,
  effects: Effects,
  limits: ChainLimits,
  memories?: MemoryOfOwner,
): Promise<Turn<ThreadState>> {
  const { current } = state
  if (!current || !isAwaited(current, end)) return {}
  const before = await readWork(effects, current.n)
  const now = await effects.now()
  const course = afterPhase(current, before, end, limits)
  const events = eventsOf(course, end, current, now)
  const { ending, work, proposal } = course
  if (ending) {
    const last = { current: { ...current, cycle: course.cycle }, work, ending, events, now }
    return endPhases(state, last, effects, limits, memories)
  }
  const next = timed(nextCurrent(current, course, end, now), current, now, limits)
  const parts = updatedWorkParts(current.n, work)
  const wanted = applyOperations({ ...state, current: next }, end.operations, { work, now })
  if (proposal) {
    const { event, ...parked } = waitForDecision(wanted.state, next, proposal, now, limits)
    return { ...parked, parts, events: [...events, ...wanted.events, event] }
  }
  const isLoop = course.decision?.decision === 'loop'
  const cycle = isLoop ? await historyForCycle(wanted.state, current.n, work, effects, limits) : { work, parts: {} }
  const started = startPhases({ ...next, waiting: course.start }, cycle.work, effects, limits)
  return {
    // its last waiting phase got its budget: its full time starts again now
    ...(current.parked && !next.parked && { timers: deadlineTimer(current.n, limits.deadline) }),
    ...((wanted.events.length > 0 || current.parked) && { index: threadIndex(wanted.state, 'running', now, next) }),
    state: wanted.state,
    parts: { ...parts, ...cycle.parts },
    events: [...events, ...wanted.events, ...started.events],
    send: started.send,
  }
}

/** The messages that start the phases `current` waits for, and the events that record it. */
export function startPhases(
  { n, cycle, waiting, since, loops }: CurrentAsk,
  { replyTo, degraded, trace, usage, askedAt, remember, share, learn, ...shared }: AskWork,
  effects: Effects,
  { maxCycles }: ChainLimits,
): { readonly send: readonly Send[]; readonly events: readonly ChainEvent[] } {
  const timed = shared.checks && { askedAt }
  const input: PhaseInput = { ...shared, ...timed, ask: n, cycle, maxCycles, loops }
  return {
    send: waiting.map((phase) => {
      const call: PhaseCall = { type: 'phase', phase, input }
      return { to: phaseRef(effects.self.key, phase), body: call, replyTo: effects.self }
    }),
    events: waiting.map((phase) => ({ type: 'phase-start' as const, phase, cycle, at: since })),
  }
}

function timed(next: CurrentAsk, { parked }: CurrentAsk, now: number, { deadline }: ChainLimits): CurrentAsk {
  return parked && !next.parked ? { ...next, due: now + deadline } : next
}

function isAwaited({ n, cycle, waiting }: CurrentAsk, end: PhaseEnd): boolean {
  return end.ask === n && end.cycle === cycle && waiting.includes(end.phase)
}

function nextCurrent(
  { parked = [], ...current }: CurrentAsk,
  { start, cycle, loops }: Transition,
  { phase }: PhaseEnd,
  now: number,
): CurrentAsk {
  if (start.length > 0) return { ...current, cycle, loops, waiting: start, since: now }
  const others = (names: readonly PhaseName[]) => names.filter((name) => name !== phase)
  const still = others(parked)
  return { ...current, waiting: others(current.waiting), ...(still.length > 0 && { parked: still }) }
}

function eventsOf(
  { decision }: Transition,
  end: PhaseEnd,
  { cycle, since }: CurrentAsk,
  at: number,
): readonly ChainEvent[] {
  const { phase, text, model, usage, cost, problem } = end
  const hits = hitsOf(end)
  const ended: ChainEvent = {
    type: 'phase-end',
    phase,
    cycle,
    status: displayStatus(end),
    text,
    model,
    ms: at - since,
    at,
    ...(usage.input + usage.output > 0 && { usage }),
    ...(cost !== undefined && { cost }),
    ...(problem && { problem }),
    ...(hits.length > 0 && { hits }),
    ...callsOf(end),
  }
  return decision ? [ended, decisionEvent(decision, cycle, at)] : [ended]
}

export function decisionEvent(decision: CycleDecision, cycle: number, at: number): ChainEvent {
  const target = decision.decision === 'loop' ? { target: decision.target } : {}
  return { type: 'decision', decision: decision.decision, ...target, reason: decision.reason, cycle, at }
}

function hitsOf({ phase, output }: PhaseEnd): readonly Hit[] {
  return phase === 'experience.vectors' || phase === 'experience.web'
    ? ((output as PhaseOutputs[typeof phase] | null)?.hits ?? [])
    : []
}

function callsOf({ phase, output }: PhaseEnd): Pick<PhaseOutputs['action'], 'calls'> {
  const { calls } = (phase === 'action' && (output as PhaseOutputs['action'] | null)) || {}
  return calls ? { calls } : {}
}

/**
 * Suspends the current ask until there is budget, its provider may answer, there is its code, or a person has decided
 * about its call. Publishes the wait, and pauses its deadline.
 */
export async function suspendAsk(state: ThreadState, wait: PhaseWait, effects: Effects): Promise<Turn<ThreadState>> {
  const { current } = state
  const { ask, cycle, phase, problem } = wait
  if (current?.n !== ask || current.cycle !== cycle || !current.waiting.includes(phase)) return {}
  const suspension = suspensionIn(problem)
  const at = await effects.now()
  const waitsFor = eventFields(suspension, at)
  const event: ChainEvent = { type: 'ask-wait', phase, cycle, ...waitsFor, problem, at }
  const waits = { ...current, parked: [...new Set([...(current.parked ?? []), phase])] }
  const next = { ...state, current: waits }
  return { state: next, events: [event], timers: CLEAR_DEADLINE, index: threadIndex(next, 'running', at, waits) }
}

/** The event of a wait names a time, a run whose call waits for a person, or a budget. */
function eventFields(suspension: Suspension | undefined, at: number) {
  if (suspension?.type === 'provider') return { until: suspension.next.at + suspension.next.delay }
  if (suspension?.type === 'actor') return { run: suspension.of.key }
  if (suspension?.type === 'code') return { until: at + CODE_PAUSE_MS }
  return { budget: suspension?.shortfall.scope ?? '' }
}

/** Suspends the current ask until a decision. Publishes the proposal, and pauses the deadline. */
function waitForDecision(
  state: ThreadState,
  current: CurrentAsk,
  proposal: DecisionProposal,
  now: number,
  limits: ChainLimits,
): Pick<Turn<ThreadState>, 'state' | 'timers' | 'index'> & { readonly event: ChainEvent } {
  const proposed = { ...proposal, since: now, left: timeLeft(current, now, limits) }
  const waiting = { ...current, proposal: proposed }
  return {
    state: { ...state, current: waiting },
    timers: CLEAR_DEADLINE,
    index: threadIndex(state, 'running', now, waiting),
    event: { type: 'decision-wait', ...proposal, at: now },
  }
}

/** The ask's remaining time, but at least the time that an answer takes: the decision may be to answer. */
function timeLeft({ due }: CurrentAsk, now: number, { deadline }: ChainLimits): number {
  return due === undefined ? deadline : Math.min(deadline, Math.max(MIN_TIME_LEFT_MS, due - now))
}
