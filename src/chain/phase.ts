import { z } from 'zod'
import { type Problem, problemOf } from '../errors.ts'
import { isInterruption } from '../kernel/interrupt.ts'
import type { Json } from '../kernel/schema.ts'
import { retryUpTo } from '../kernel/supervise.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, Effects, Turn } from '../kernel/types.ts'
import type { ModelReply } from '../model/spec.ts'
import { handsFor } from './hands.ts'
import { createLimits } from './limits.ts'
import type { Phase } from './phase-port.ts'
import type { ChainServices } from './ports.ts'
import { createPhases, type Selection, selectPhase } from './registry.ts'
import { PHASES, type PhaseEnd, type PhaseInput, type PhaseName, type PhaseResult } from './types.ts'

/** What the chain asks of a phase. */
export type PhaseCall = { readonly type: 'phase'; readonly phase: PhaseName; readonly input: PhaseInput }
/** A call, or that its thread is gone. */
export type PhaseMessage = PhaseCall | { readonly type: 'expire' }

const phaseCall = z.object({ type: z.literal('phase'), phase: z.enum(PHASES), input: z.custom<PhaseInput>(isObject) })
const phaseMessage = z.discriminatedUnion('type', [phaseCall, z.object({ type: z.literal('expire') })])

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
    notice: () => ({}),
    async receive(stored, message, effects) {
      if (message.type === 'expire') return { stop: true }
      const { phase: name, input } = message
      const replies: ModelReply[] = []
      const hands = handsFor({ services, limits, effects }, name, input, (reply) => replies.push(reply))
      try {
        const selection = selectPhase(phases, name, input.modality, input.domain)
        const state = stateFor(selection.phase, stored, input)
        const result = await runPhase(selection.phase, state, input, hands)
        return turnOf(name, input, replies, selection, result)
      } catch (error) {
        if (isInterruption(error)) throw error
        return { reply: failedEnd(name, input, replies, problemOf(error)) }
      }
    },
  })
}

/** The actor that works for a phase on a thread. */
export function phaseRef(thread: string, phase: PhaseName): Effects['self'] {
  return { kind: 'phase', key: `${thread}.${phase}` }
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
    if (isInterruption(error) || !phase.fallback) throw error
    return phase.fallback(state, input, problemOf(error))
  }
}

function turnOf(
  name: PhaseName,
  input: PhaseInput,
  replies: readonly ModelReply[],
  { trace }: Selection,
  result: PhaseResult,
): Turn<State> {
  const { state, output, text, status, problem, decision } = result
  const end: PhaseEnd = {
    ...emptyEnd(name, input, replies),
    status,
    output,
    text,
    trace,
    ...(problem && { problem }),
    ...(decision && { decision }),
  }
  return { state, reply: end }
}

function failedEnd(name: PhaseName, input: PhaseInput, replies: readonly ModelReply[], problem: Problem): PhaseEnd {
  return { ...emptyEnd(name, input, replies), status: 'failed', problem }
}

function emptyEnd(phase: PhaseName, { ask, cycle }: PhaseInput, replies: readonly ModelReply[]): PhaseEnd {
  const usage = replies.reduce(
    (sum, { usage }) => ({ input: sum.input + usage.input, output: sum.output + usage.output }),
    NONE,
  )
  const model = replies.at(-1)?.model ?? ''
  return { type: 'phase-end', ask, cycle, phase, status: 'completed', output: null, text: '', trace: [], model, usage }
}

const NONE = { input: 0, output: 0 }

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}
