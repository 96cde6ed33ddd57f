import { z } from 'zod'
import type { Problem } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import { backoff } from '../kernel/supervise.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, Directive, Effects, Failure } from '../kernel/types.ts'
import { cancelAsk, concerns, giveUpAsk, hear, OVERDUE, putAgain, type Waiting, waitingOfOld } from './ask.ts'
import { isBrief } from './brief.ts'
import { type StepStart, stepStart } from './messages.ts'
import { walk } from './walk.ts'
import { mayRetry } from './work/execute.ts'
import type { PipelineServices } from './work/job.ts'
import { createPaces } from './work/pace.ts'

/** Nothing, or what the step has asked and waits to hear. */
export type StepState = { readonly waiting?: Waiting }

const stepMessage = z.union([
  stepStart,
  z.looseObject({ type: z.enum(['timeout', 'again', 'off']) }),
  z.looseObject({ type: z.literal('signal'), value: z.json() }),
  z.looseObject({}),
])
type StepMessage = z.infer<typeof stepMessage>

/** `step/<run>.<instance>`: does its work in one effect, and that of quick steps right behind it, answers how they ended, and is gone. */
export function stepActor(services: PipelineServices): Actor<StepState, StepMessage> {
  const hands = { services, paces: createPaces() }
  return defineActor<StepState, StepMessage>({
    kind: 'step',
    message: stepMessage,
    version: 2,
    upgrade: (state) => upgraded(state as { readonly waiting?: Json }),
    initial: () => ({}),
    async receive(state, message, effects) {
      if (isStart(message)) return walk(hands, message, effects)
      if (!state.waiting) return { stop: true, ...(message.type === 'signal' && { refuse: NOT_WAITING }) }
      return takeAnswer(services, state.waiting, message, effects)
    },
    notice(state, notice, effects) {
      if (notice.type === 'error' && state.waiting)
        return concerns(state.waiting, notice.from)
          ? hear(services, state.waiting, { problem: notice.problem }, effects)
          : {}
      if (notice.type === 'down') return {}
      return state.waiting ? cancelAsk(state.waiting) : { stop: true }
    },
    supervise,
    brief: (message) => isStart(message) && isBrief(hands, message),
  })
}

function takeAnswer(services: PipelineServices, waiting: Waiting, message: Answer, effects: Effects) {
  switch (message.type) {
    case 'timeout':
      return hear(services, waiting, { problem: OVERDUE }, effects)
    case 'again':
      return putAgain(waiting, effects.self)
    case 'off':
      return giveUpAsk(waiting)
    case 'signal':
      return hear(services, waiting, { value: message.value ?? null }, effects)
    default:
      return concerns(waiting, effects.message.from) ? hear(services, waiting, { value: message as Json }, effects) : {}
  }
}
type Answer = { readonly type?: unknown; readonly value?: Json }

const NOT_WAITING: Problem = {
  code: 'not_waiting',
  name: 'InvalidError',
  message: 'the step has ended meanwhile',
  terminal: true,
}

function upgraded({ waiting }: { readonly waiting?: Json }): Json {
  return waiting === undefined ? {} : { waiting: waitingOfOld(waiting) }
}

function isStart(message: StepMessage): message is StepStart {
  return 'pipeline' in message && 'reads' in message
}

/** As many attempts as the start message grants; a full pool is waited for and does not count. */
function supervise(failure: Failure): Directive {
  const { attempts = 1 } = failure.message.body as { attempts?: number }
  const again = mayRetry(failure.problem, failure.attempt, attempts)
  return again ? { type: 'retry', delay: backoff(failure) } : { type: 'fail' }
}
