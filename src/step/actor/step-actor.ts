/**
 * The actor of a step. It makes the attempts at its work, and replies with the outcome. The room that wrote the order
 * says what the work is. Retries, waits for people and money, and batches of fast steps have folders beside it.
 */

import { z } from 'zod'
import { isFromBudget, RETRY_TIMER } from '../../budget/waiting.ts'
import { type Problem, refusal } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import { backoff } from '../../kernel/attempt/supervise.ts'
import type { Json } from '../../kernel/json.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, Directive, Effects, Failure, Turn } from '../../kernel/types.ts'
import { type AwaitingCallback, START_PART, type StepState } from '../attempt/step-state.ts'
import { isInlinable, type StepTurns, workOf } from '../attempt/turns.ts'
import { isTagEffect, isUndoEffect } from '../batch/effect-names.ts'
import { runParallel } from '../batch/parallel.ts'
import { runSequence } from '../batch/sequence.ts'
import { LATE_END, type LateEnd } from '../call/once-only.ts'
import { OWN_CALL } from '../messages/call-decision.ts'
import { type StepStart, stepStartSchema, UNDO_STEP, type UndoStart } from '../messages/step-start.ts'
import { mayRetry } from '../policy.ts'
import { isAboutRequest, repeatRequest, resume } from '../suspend/await-callback.ts'
import { abandonSuspended } from '../suspend/await-retry.ts'
import { abandonCallback, cancelCallback } from '../suspend/end-wait.ts'
import { lookUp } from '../suspend/look-up.ts'
import { expireUnlessParked, giveBack, judgeParked, takeSignal } from '../suspend/parked-signals.ts'
import { UNKNOWN_OUTCOME } from '../suspend/unknown-outcome.ts'
import { readRef } from '../values.ts'

const stepMessage = z.union([
  stepStartSchema,
  z.looseObject({ type: z.enum(['timeout', 'again', 'off', 'retry', 'code', 'look-up']) }),
  z.looseObject({ type: z.literal('signal'), value: z.json() }),
  z.looseObject({}),
  // the reply of an actor of a program
  z.json().transform((): IncomingMessage => ({})),
])
type StepMessage = z.infer<typeof stepMessage>

/** `step/<run>.<instance>`: does a step in one effect, then fast steps behind it, replies with their ends, stops. */
export function stepActor(stepTurns: StepTurns): Actor<StepState, StepMessage> {
  return defineActor<StepState, StepMessage>({
    kind: KIND.step,
    message: stepMessage,
    initial: () => ({}),
    async receive(state, message, effects) {
      if (isStart(message)) return (message.batch.members ? runParallel : runSequence)(stepTurns, message, effects)
      if (message.type === UNDO_STEP)
        return workOf(stepTurns, message as UndoStart).undo!(message as UndoStart, effects)
      const { awaiting, suspended } = state
      if (awaiting) return handleAwaited(stepTurns, awaiting, message, effects)
      const refusal = message.type === 'signal' ? { refuse: NOT_WAITING } : {}
      if (!suspended) return { stop: true, ...refusal }
      if (message.type === 'off') return abandonSuspended(suspended, effects)
      // its goal has taken other code: only a step that waits for code looks again
      if (message.type === 'code' && !suspended.codeWait) return {}
      const isDue = message.type === 'retry' || message.type === 'code' || isFromBudget(effects.message.from)
      if (!isDue) return message.type === LATE_END ? { reply: false } : refusal
      const start = (await effects.part(START_PART)) as StepStart
      return runSequence(stepTurns, start, effects, suspended)
    },
    notice(state, notice, effects) {
      if (notice.type === 'error' && state.awaiting)
        return isAboutRequest(state.awaiting, notice.from)
          ? resume(stepTurns, state.awaiting, { problem: notice.problem }, effects)
          : {}
      if (notice.type === 'error' && state.suspended && isFromBudget(notice.from)) return RETRY_TIMER
      if (notice.type === 'down') return {}
      return state.awaiting ? cancelCallback(state.awaiting) : { stop: true }
    },
    supervise,
    inlinable: (message) => isStart(message) && isInlinable(stepTurns, message),
  })
}

function handleAwaited(turns: StepTurns, waiting: AwaitingCallback, message: IncomingMessage, effects: Effects) {
  switch (message.type) {
    case 'timeout':
      return expireUnlessParked(turns, waiting, effects)
    case 'code':
      if (waiting.looks?.lacks !== undefined) return lookUp(turns, waiting, effects)
      return judgeParked(turns, waiting, message as { readonly after?: number }, effects)
    case 'again':
      return repeatRequest(waiting, effects)
    case 'off':
      return giveBack(abandonCallback(waiting), waiting, -1, effects)
    case 'look-up':
      return lookUp(turns, waiting, effects)
    case 'retry':
      return {}
    case LATE_END:
      return takeLateEnd(turns, waiting, message as LateEnd, effects)
    case 'signal':
      return takeSignal(turns, waiting, effects)
    default:
      return isAboutRequest(waiting, effects.message.from)
        ? resume(turns, waiting, { value: effects.message.body }, effects)
        : {}
  }
}
type IncomingMessage = { readonly type?: unknown; readonly value?: Json }

/** The step already has what it waited for, or reports why it cannot get it. */
const NOT_WAITING: Problem = refusal({ code: 'not_waiting', message: 'the step has ended in the meantime' })

const isStart = (message: StepMessage): message is StepStart => 'work' in message && message.type === 'start'

/** A non-terminal error of an attempt is worth another one, which `execute` counts. A full pool is waited for. */
function supervise(failure: Failure): Directive {
  if (isUndoEffect(failure.effect)) return superviseUndo(failure)
  const isAttempt = /^(execute|rescue)\b/.test(failure.effect)
  const most = isTagEffect(failure.effect) ? MAX_TAG_ATTEMPTS : 1
  const again = mayRetry(failure.problem, failure.attempt, isAttempt ? MAX_ATTEMPTS : most)
  return again ? { type: 'retry', delay: backoff(failure) } : { type: 'fail' }
}

const MAX_ATTEMPTS = 101
/** A model may be asked again, whatever its step does with the answer. */
const MAX_TAG_ATTEMPTS = 3

const MAX_UNDO_ATTEMPTS = 3

/** An undo is idempotent, so it is tried again even if its outcome is unknown. */
function superviseUndo(failure: Failure): Directive {
  const { problem, attempt } = failure
  const mayHelp =
    mayRetry(problem, attempt, MAX_UNDO_ATTEMPTS) || (problem.code === 'unknown' && attempt < MAX_UNDO_ATTEMPTS)
  return mayHelp ? { type: 'retry', delay: backoff(failure) } : { type: 'fail' }
}

/** A step that asks whether a call took place ends with the end of the call itself. */
async function takeLateEnd(
  turns: StepTurns,
  waiting: AwaitingCallback,
  end: LateEnd,
  effects: Effects,
): Promise<Turn<StepState>> {
  const { asking, recovery } = waiting
  // the step of a run that was cancelled asks under another key
  const isIts = recovery ? end.key === recovery.call?.key : end.of === OWN_CALL
  if (asking !== UNKNOWN_OUTCOME || !isIts) return { reply: false }
  const received =
    'result' in end
      ? { value: { outcome: 'done', result: await readRef(turns.services.values, end.result) } }
      : { problem: end.problem, isOwn: true as const }
  return { ...(await resume(turns, waiting, received, effects)), reply: true }
}
