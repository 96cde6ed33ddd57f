import { z } from 'zod'
import { ASK_AGAIN, isFromBudget } from '../../budget/waiting.ts'
import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { backoff } from '../../kernel/supervise.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, Directive, Effects, Failure } from '../../kernel/types.ts'
import { type StepStart, stepStartSchema, UNDO_STEP, type UndoStart } from '../plan/messages/step-start.ts'
import { isQuestion } from './auto-tags/resolve-tags.ts'
import { createLatencyEstimates, isInlinable } from './batch/latency.ts'
import { runParallel } from './batch/parallel.ts'
import { runSequence } from './batch/sequence.ts'
import type { PipelineServices } from './context.ts'
import { undoSome } from './recovery/compensate.ts'
import { mayRetry } from './retry.ts'
import { START, type StepState, type Waiting } from './step-state.ts'
import { cancelAsk, concerns, giveUpAsk, hear, OVERDUE, putAgain, waitingOfOld } from './suspend/await-callback.ts'
import { giveUpWaiting } from './suspend/await-retry.ts'

const stepMessage = z.union([
  stepStartSchema,
  z.looseObject({ type: z.enum(['timeout', 'again', 'off', 'retry']) }),
  z.looseObject({ type: z.literal('signal'), value: z.json() }),
  z.looseObject({}),
])
type StepMessage = z.infer<typeof stepMessage>

/** `step/<run>.<instance>`: does its work in one effect, and that of quick steps right behind it, answers how they ended, and is gone. */
export function stepActor(services: PipelineServices): Actor<StepState, StepMessage> {
  const stepServices = { services, latency: createLatencyEstimates() }
  return defineActor<StepState, StepMessage>({
    kind: 'step',
    message: stepMessage,
    version: 2,
    upgrade: (state) => upgraded(state as { readonly waiting?: Json }),
    initial: () => ({}),
    async receive(state, message, effects) {
      if (isStart(message)) return (message.beside ? runParallel : runSequence)(stepServices, message, effects)
      if (message.type === UNDO_STEP) return undoSome(services, message as unknown as UndoStart, effects)
      const { waiting, pausing } = state
      if (waiting) return takeAnswer(services, waiting, message, effects)
      const refusal = message.type === 'signal' ? { refuse: NOT_WAITING } : {}
      if (!pausing) return { stop: true, ...refusal }
      if (message.type === 'off') return giveUpWaiting(pausing, effects)
      if (message.type !== 'retry' && !isFromBudget(effects.message.from)) return refusal
      const start = (await effects.part(START)) as unknown as StepStart
      return runSequence(stepServices, start, effects, pausing)
    },
    notice(state, notice, effects) {
      if (notice.type === 'error' && state.waiting)
        return concerns(state.waiting, notice.from)
          ? hear(services, state.waiting, { problem: notice.problem }, effects)
          : {}
      if (notice.type === 'error' && state.pausing && isFromBudget(notice.from)) return ASK_AGAIN
      if (notice.type === 'down') return {}
      return state.waiting ? cancelAsk(state.waiting) : { stop: true }
    },
    supervise,
    inlinable: (message) => isStart(message) && isInlinable(stepServices, message),
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

/** It has what the step waits for, or says why it cannot have it wait. */
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

/** What an attempt throws, and is not terminal, is worth another one: `execute` counts them. A full pool is waited for. */
function supervise(failure: Failure): Directive {
  const isAttempt = /^(execute|rescue)\b/.test(failure.effect)
  const most = isQuestion(failure.effect) ? QUESTIONED : 1
  const again = mayRetry(failure.problem, failure.attempt, isAttempt ? MOST_ATTEMPTS : most)
  return again ? { type: 'retry', delay: backoff(failure) } : { type: 'fail' }
}

const MOST_ATTEMPTS = 101
/** A model may be asked again, whatever its step does with the answer. */
const QUESTIONED = 3
