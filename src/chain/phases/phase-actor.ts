import { z } from 'zod'
import { isFromBudget, RETRY_TIMER } from '../../budget/waiting.ts'
import { problemOf, redactProblem } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import { retryUpTo } from '../../kernel/attempt/supervise.ts'
import { isInterruption } from '../../kernel/faults.ts'
import { type Json, parseNow, type Schema } from '../../kernel/schema.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, Effects, Turn } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { NO_USAGE, sumSpent } from '../../model/cost/usage.ts'
import type { PhaseCall } from '../../thread/protocol/messages.ts'
import type { PhaseEnd, PhaseInput, PhaseName, PhaseResult } from '../../thread/protocol/phase-types.ts'
import { PHASES } from '../../thread/protocol/phase-types.ts'
import { phaseOf } from '../../thread/protocol/refs.ts'
import { isOutOfPatience } from '../../work/provider-wait.ts'
import { mustPropagate, suspensionIn } from '../../work/suspension.ts'
import { createCalls } from '../calls/phase-calls.ts'
import { createLimits } from '../protocol/limits.ts'
import type { ChainServices, RegisteredPhase } from '../protocol/phase.ts'
import { createMemo, type MemoEntries } from './memo.ts'
import { type CallResult, createPhaseContext, threadOf } from './phase-context.ts'
import { createPhases, poolPhaseOf, selectPhase } from './registry.ts'
import { stateSchemaFor } from './states.ts'
import {
  CLEAR_WAIT,
  cancelWait,
  failRun,
  isOfRun,
  noteWait,
  resumeCall,
  savedMemo,
  suspendCall,
  type WaitOfCall,
  waitOfCall,
} from './suspend-call.ts'

/** A call, a wake-up because the budget has money, the end or a wait of a run, or the end of its thread. */
type PhaseMessage =
  | PhaseCall
  | { readonly type: 'expire' | 'retry' | 'run-end' }
  | { readonly type: 'child-await' | 'goal-wait'; readonly title: string }
  | { readonly type?: never; readonly status: 'granted' }

const phaseCall = z.object({
  type: z.literal('phase'),
  phase: z.enum(PHASES),
  input: z.custom<PhaseInput>(isObject),
  again: z.literal(true).exactOptional(),
})
const phaseMessage = z.union([
  phaseCall,
  z.object({ type: z.enum(['expire', 'retry', 'run-end']) }),
  z.object({ type: z.enum(['child-await', 'goal-wait']), title: z.string() }),
  z.object({ status: z.literal('granted') }),
]) as Schema<PhaseMessage>

/** `isOlder`: the newest state was damaged, and this is the one before it. */
type State = (PhaseResult['state'] & { readonly isOlder?: true }) | null

/** The part with the state before the newest one. */
const BEFORE_PART = 'before'

/** The memo of a call that had to wait, and its wait for a provider or a run. */
type SavedCall = { readonly memo?: MemoEntries } & WaitOfCall

/** The actor of one phase on one thread, key `<thread>.<phase>`. Each call gets exactly one `phase-end`. */
export function phaseActor(services: ChainServices): Actor<State, PhaseMessage> {
  const phases = services.phases ?? createPhases()
  const limits = createLimits(services.limits)
  return defineActor<State, PhaseMessage>({
    kind: KIND.phase,
    message: phaseMessage,
    initial: () => null,
    supervise: (failure) => (failure.class === 'at-most-once' ? ONCE : THRICE)(failure),
    check: checkPhaseState,
    async older({ part }) {
      const before = await part(BEFORE_PART)
      return before === undefined ? undefined : { ...(before as NonNullable<State>), isOlder: true }
    },
    notice(_state, notice, effects) {
      if (notice.type === 'cancelled') return cancelWait(effects, notice.reason)
      if (notice.type === 'error' && notice.from?.kind === KIND.run) return failRun(notice.problem, effects)
      return notice.type === 'error' && isFromBudget(notice.from) ? RETRY_TIMER : {}
    },
    async receive(stored, message, effects) {
      if (message.type === 'expire') return { stop: true }
      if (message.type === 'child-await' || message.type === 'goal-wait') return noteWait(message.title, effects)
      if (message.type === 'run-end' && !(await isOfRun(effects))) return {}
      if (message.type !== 'phase') return resumeCall(effects)
      return message.again ? goOn(stored, message, effects) : carryOut(stored, message, effects)
    },
  })

  /** Continues a call that waited for budget or for its provider. */
  async function goOn(stored: State, call: PhaseCall, effects: Effects): Promise<Turn<State>> {
    const saved = { memo: await savedMemo(effects), ...(await waitOfCall(effects)) }
    const turn = await carryOut(stored, call, effects, saved)
    return turn.reply === undefined ? turn : { ...turn, ...CLEAR_WAIT }
  }

  async function carryOut(
    stored: State,
    call: PhaseCall,
    effects: Effects,
    { memo: before, waited, parked }: SavedCall = {},
  ): Promise<Turn<State>> {
    const { phase: name, input } = call
    const memo = createMemo(before)
    const { isOlder, ...own } = stored ?? {}
    const previous = stored && (own as PhaseResult['state'])
    const replies: CallResult[] = isOlder ? [{ usage: NO_USAGE, lacks: [USED_OLDER] }] : []
    const place = { thread: threadOf(effects, name), phase: name, input }
    const calls = createCalls({ services: services.calls, effects, memo, parked, ...place })
    try {
      const selection = selectPhase(phases, name, input.modality, input.domain)
      const { pool, trace } = findPool(services, name, input)
      const scope = { services, pool, limits, effects, memo, calls, waited }
      const context = createPhaseContext(scope, name, input, (reply) => replies.push(reply))
      const state = stateFor(selection.phase, previous, input)
      const result = await runPhase(selection.phase, state, input, context)
      // the phase has caught the wait
      if (calls.awaited) throw calls.awaited.error
      return turnOf(name, input, replies, [...selection.trace, ...trace], result, previous)
    } catch (error) {
      if (isInterruption(error)) throw error
      const { awaited } = calls
      const failure = problemOf(awaited?.error ?? error)
      const suspension = suspensionIn(failure)
      const problem = suspension?.type === 'money' ? failure : redactProblem(failure, services.redact)
      return suspension
        ? suspendCall(call, memo.entries(), { suspension, problem, awaited }, effects)
        : { reply: { ...emptyEnd(name, input, replies), status: 'failed', problem } }
    }
  }
}

const [ONCE, THRICE] = [retryUpTo(1), retryUpTo(3)]

/** The loss of an answer if a phase continued with an older state. */
const USED_OLDER = 'its newest state was damaged, so it continued with the state before it'

/** Throws an InvalidError that names the first wrong field of a stored state. */
function checkPhaseState(state: Json, key: string): void {
  const phase = phaseOf(key)
  if (phase && state !== null) parseNow(stateSchemaFor(phase, Object(state)), state, `${phase} state`)
}

/** Models always get the question as text, whatever its modality. */
function findPool({ pools }: ChainServices, name: PhaseName, { modality, domain }: PhaseInput) {
  return pools.find({ phase: poolPhaseOf(name), modality, domain, reduced: true })
}

/** State belongs to a modality: for another one the phase starts afresh. So does one that cannot read the form. */
function stateFor(
  phase: RegisteredPhase,
  stored: PhaseResult['state'] | null,
  { modality }: PhaseInput,
): PhaseResult['state'] {
  const isRead = stored?.modality === modality && (phase.version !== undefined || !('own' in stored))
  return isRead ? stored : phase.initial(modality)
}

async function runPhase(
  phase: RegisteredPhase,
  state: PhaseResult['state'],
  input: PhaseInput,
  context: ReturnType<typeof createPhaseContext>,
): Promise<PhaseResult> {
  try {
    return await phase.run(state, input, context)
  } catch (error) {
    if (mustPropagate(error) || isOutOfPatience(problemOf(error)) || !phase.fallback) throw error
    return phase.fallback(state, input, problemOf(error))
  }
}

function turnOf(
  name: PhaseName,
  input: PhaseInput,
  replies: readonly CallResult[],
  trace: readonly string[],
  result: PhaseResult,
  previous: PhaseResult['state'] | null,
): Turn<State> {
  const { state, output, text, status, problem, lacks = [], decision, operations } = result
  const end: PhaseEnd = {
    ...emptyEnd(name, input, replies, lacks),
    status,
    output,
    text,
    trace,
    ...present({ problem, decision, operations }),
  }
  return { state, reply: end, ...(previous && { parts: { [BEFORE_PART]: previous as Json } }) }
}

function emptyEnd(
  phase: PhaseName,
  { ask, cycle }: PhaseInput,
  replies: readonly CallResult[],
  more: readonly string[] = [],
): PhaseEnd {
  const spent = sumSpent(replies)
  const model = replies.findLast((reply) => reply.model !== undefined)?.model ?? ''
  const lacks = [...replies.flatMap((reply) => reply.lacks ?? []), ...more]
  const end = { status: 'completed' as const, output: null, text: '', trace: [], model, ...spent }
  return { type: 'phase-end', ask, cycle, phase, ...end, ...(lacks.length > 0 && { lacks }) }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}
