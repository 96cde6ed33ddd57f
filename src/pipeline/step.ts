import { z } from 'zod'
import { type Problem, problemOf } from '../errors.ts'
import { isInterruption } from '../kernel/interrupt.ts'
import type { Json } from '../kernel/schema.ts'
import { backoff } from '../kernel/supervise.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, Directive, Effects, Failure, Turn } from '../kernel/types.ts'
import { askChain, cancelAsk, endAsk, failAsk, type Waiting } from './ask.ts'
import { type StepEnd, type StepStart, stepStart } from './messages.ts'
import { execute, mayRetry, type Outcome } from './work/execute.ts'
import type { PipelineServices } from './work/job.ts'

/** Nothing, or the question whose answer the step waits for. */
export type StepState = { readonly waiting?: Waiting }

const stepMessage = z.union([
  stepStart,
  z.looseObject({ status: z.string() }),
  z.looseObject({ type: z.literal('timeout') }),
])
type StepMessage = z.infer<typeof stepMessage>

/** `step/<run>.<instance>`: does its work in one effect, answers how it ended, and is gone. */
export function stepActor(services: PipelineServices): Actor<StepState, StepMessage> {
  return defineActor<StepState, StepMessage>({
    kind: 'step',
    message: stepMessage,
    initial: () => ({}),
    async receive(state, message, effects) {
      if (isStart(message)) return start(services, message, effects)
      if (!state.waiting) return { stop: true }
      if (message.type === 'timeout') return failAsk(state.waiting, OVERDUE)
      return endAsk(services, state.waiting, message as { readonly [field: string]: Json }, effects)
    },
    notice(state, notice) {
      if (notice.type === 'error' && state.waiting) return failAsk(state.waiting, notice.problem)
      if (notice.type === 'down') return {}
      return state.waiting ? cancelAsk(state.waiting) : { stop: true }
    },
    supervise,
  })
}

const OVERDUE: Problem = { code: 'timeout', name: 'TimeoutError', message: 'the chain took longer than the step may' }

function isStart(message: StepMessage): message is StepStart {
  return 'pipeline' in message && 'reads' in message
}

async function start(services: PipelineServices, message: StepStart, effects: Effects): Promise<Turn<StepState>> {
  const outcome = await attempt(services, message, effects)
  if (outcome.type === 'ask') return askChain(message, outcome, effects)
  return { reply: outcome as Json, stop: true }
}

async function attempt(services: PipelineServices, message: StepStart, effects: Effects): Promise<Outcome> {
  try {
    const work = effects.run<Json>(
      'execute',
      async (call) => (await execute(services, message, call, effects.emit)) as Json,
      {
        effect: message.effect,
      },
    )
    return (await work) as unknown as Outcome
  } catch (error) {
    if (isInterruption(error)) throw error
    return failedEnd(message.step, problemOf(error))
  }
}

/** How a step ends whose failure nobody could account for. */
export function failedEnd(step: string, problem: Problem): StepEnd {
  return { type: 'step-end', step, status: 'failed', attempts: 1, ms: 0, problem }
}

/** As many attempts as the start message grants; a full pool is waited for and does not count. */
function supervise(failure: Failure): Directive {
  const { attempts = 1 } = failure.message.body as { attempts?: number }
  const again = mayRetry(failure.problem, failure.attempt, attempts)
  return again ? { type: 'retry', delay: backoff(failure) } : { type: 'fail' }
}
