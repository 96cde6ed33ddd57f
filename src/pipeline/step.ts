import { z } from 'zod'
import type { Problem } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import { backoff } from '../kernel/supervise.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, Directive, Failure } from '../kernel/types.ts'
import { cancelAsk, endAsk, failAsk, type Waiting } from './ask.ts'
import { type StepStart, stepStart } from './messages.ts'
import { walk } from './walk.ts'
import { mayRetry } from './work/execute.ts'
import type { PipelineServices } from './work/job.ts'
import { createPaces } from './work/pace.ts'

/** Nothing, or the question whose answer the step waits for. */
export type StepState = { readonly waiting?: Waiting }

const stepMessage = z.union([
  stepStart,
  z.looseObject({ status: z.string() }),
  z.looseObject({ type: z.literal('timeout') }),
])
type StepMessage = z.infer<typeof stepMessage>

/** `step/<run>.<instance>`: does its work in one effect, and that of quick steps right behind it, answers how they ended, and is gone. */
export function stepActor(services: PipelineServices): Actor<StepState, StepMessage> {
  const paces = createPaces()
  return defineActor<StepState, StepMessage>({
    kind: 'step',
    message: stepMessage,
    initial: () => ({}),
    async receive(state, message, effects) {
      if (isStart(message)) return walk({ services, paces }, message, effects)
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

/** As many attempts as the start message grants; a full pool is waited for and does not count. */
function supervise(failure: Failure): Directive {
  const { attempts = 1 } = failure.message.body as { attempts?: number }
  const again = mayRetry(failure.problem, failure.attempt, attempts)
  return again ? { type: 'retry', delay: backoff(failure) } : { type: 'fail' }
}
