import { z } from 'zod'
import { ASK_AGAIN, endsTurn, isFromBudget } from '../../budget/waiting.ts'
import { type Problem, problemOf } from '../../errors.ts'
import { isInterruption } from '../../kernel/interrupt.ts'
import { type Json, parseNow, type Schema } from '../../kernel/schema.ts'
import { retryUpTo } from '../../kernel/supervise.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, ActorRef, Effects, Turn } from '../../kernel/types.ts'
import { addUsage } from '../../model/cost/usage.ts'
import { createLimits } from '../protocol/limits.ts'
import type { PhaseCall } from '../protocol/messages.ts'
import type { ChainServices, Phase } from '../protocol/phase.ts'
import { PHASES, type PhaseEnd, type PhaseInput, type PhaseName, type PhaseResult } from '../protocol/phase-types.ts'
import { callAgain, giveUpWaiting, toldBefore, WAITED, waitForMoney } from './await-budget.ts'
import { createRecall, type Told } from './memo.ts'
import { type Heard, handsFor } from './phase-context.ts'
import { createPhases, poolPhase, selectPhase } from './registry.ts'
import { STATES } from './states.ts'
/** A call, that there is money for the one that waits, or that its thread is gone. */
export type PhaseMessage =
  | PhaseCall
  | { readonly type: 'expire' | 'retry' }
  | { readonly type?: never; readonly status: 'granted' }

const phaseCall = z.object({
  type: z.literal('phase'),
  phase: z.enum(PHASES),
  input: z.custom<PhaseInput>(isObject),
  again: z.literal(true).exactOptional(),
})
const phaseMessage = z.union([
  phaseCall,
  z.object({ type: z.enum(['expire', 'retry']) }),
  z.object({ status: z.literal('granted') }),
]) as unknown as Schema<PhaseMessage>

type State = PhaseResult['state'] | null

/** The actor of one phase on one thread, key `<thread>.<phase>`: one message, one reply `phase-end`, whatever happens. */
export function phaseActor(services: ChainServices): Actor<State, PhaseMessage> {
  const phases = services.phases ?? createPhases()
  const limits = createLimits(services.limits)
  return defineActor<State, PhaseMessage>({
    kind: 'phase',
    message: phaseMessage,
    initial: () => null,
    supervise: retryUpTo(3),
    check: checkPhaseState,
    notice(_state, notice, effects) {
      if (notice.type === 'cancelled') return giveUpWaiting(effects)
      return notice.type === 'error' && isFromBudget(notice.from) ? ASK_AGAIN : {}
    },
    async receive(stored, message, effects) {
      if (message.type === 'expire') return { stop: true }
      if (message.type !== 'phase') return callAgain(effects)
      return message.again ? goOn(stored, message, effects) : carryOut(stored, message, effects)
    },
  })

  /** What waited for money. */
  async function goOn(stored: State, call: PhaseCall, effects: Effects): Promise<Turn<State>> {
    const turn = await carryOut(stored, call, effects, await toldBefore(effects))
    return turn.reply === undefined ? turn : { ...turn, ...WAITED }
  }

  async function carryOut(stored: State, call: PhaseCall, effects: Effects, before?: Told): Promise<Turn<State>> {
    const { phase: name, input } = call
    const recall = createRecall(before)
    const replies: Heard[] = []
    try {
      const selection = selectPhase(phases, name, input.modality, input.domain)
      const { pool, trace } = findPool(services, name, input)
      const hands = handsFor({ services, pool, limits, effects, recall }, name, input, (reply) => replies.push(reply))
      const state = stateFor(selection.phase, stored, input)
      const result = await runPhase(selection.phase, state, input, hands)
      return turnOf(name, input, replies, [...selection.trace, ...trace], result)
    } catch (error) {
      if (isInterruption(error)) throw error
      const problem = problemOf(error)
      if (problem.budget) return waitForMoney(call, recall.told(), problem, effects)
      return { reply: failedEnd(name, input, replies, withoutSecrets(problem, services)) }
    }
  }
}

/** Throws an InvalidError that names the first wrong field of a stored state. */
function checkPhaseState(state: Json, key: string): void {
  const phase = phaseOf(key)
  if (phase && state !== null) parseNow(STATES[phase], state, `${phase} state`)
}

const phaseOf = (key: string) => PHASES.find((name) => key.endsWith(`.${name}`))

/** The thread that an actor works on for a phase; undefined of one that does not. */
export function threadOf({ kind, key }: ActorRef): ActorRef | undefined {
  const phase = kind === 'phase' ? phaseOf(key) : undefined
  return phase && { kind: 'chain', key: key.slice(0, -1 - phase.length) }
}

/** The actor that works for a phase on a thread. */
export function phaseRef(thread: string, phase: PhaseName): ActorRef {
  return { kind: 'phase', key: `${thread}.${phase}` }
}

/** Whatever a question is about, models are asked about it in text. */
function findPool({ pools }: ChainServices, name: PhaseName, { modality, domain }: PhaseInput) {
  return pools.find({ phase: poolPhase(name), modality, domain, reduced: true })
}

/** State belongs to a modality: for another one the phase starts afresh. */
function stateFor(phase: Phase, stored: State, { modality }: PhaseInput): PhaseResult['state'] {
  return stored?.modality === modality ? stored : phase.initial(modality)
}

async function runPhase(
  phase: Phase,
  state: PhaseResult['state'],
  input: PhaseInput,
  hands: ReturnType<typeof handsFor>,
): Promise<PhaseResult> {
  try {
    return await phase.run(state, input, hands)
  } catch (error) {
    if (endsTurn(error) || !phase.fallback) throw error
    return phase.fallback(state, input, problemOf(error))
  }
}

function turnOf(
  name: PhaseName,
  input: PhaseInput,
  replies: readonly Heard[],
  trace: readonly string[],
  result: PhaseResult,
): Turn<State> {
  const { state, output, text, status, problem, decision, operations } = result
  const end: PhaseEnd = {
    ...emptyEnd(name, input, replies),
    status,
    output,
    text,
    trace,
    ...(problem && { problem }),
    ...(decision && { decision }),
    ...(operations && { operations }),
  }
  return { state, reply: end }
}

function withoutSecrets(problem: Problem, { redact = (text) => text }: ChainServices): Problem {
  const { message, hint } = problem
  return { ...problem, message: redact(message), ...(hint !== undefined && { hint: redact(hint) }) }
}

function failedEnd(name: PhaseName, input: PhaseInput, replies: readonly Heard[], problem: Problem): PhaseEnd {
  return { ...emptyEnd(name, input, replies), status: 'failed', problem }
}

function emptyEnd(phase: PhaseName, { ask, cycle }: PhaseInput, replies: readonly Heard[]): PhaseEnd {
  const usage = addUsage(replies.map((reply) => reply.usage))
  const model = replies.findLast((reply) => reply.model !== undefined)?.model ?? ''
  const lacks = replies.flatMap((reply) => reply.lacks ?? [])
  const end = { status: 'completed' as const, output: null, text: '', trace: [], model, usage }
  return { type: 'phase-end', ask, cycle, phase, ...end, ...(lacks.length > 0 && { lacks }) }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}
