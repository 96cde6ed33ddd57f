import type { Effects } from '../../kernel/types.ts'
import type { StepStart } from '../messages/step-start.ts'
import type { BatchStep } from './attempt-step.ts'

export const effectNameIn = ({ start, done }: Pick<BatchStep, 'start' | 'done'>, effect = EXECUTE_EFFECT) =>
  done === 0 ? effect : effectNameOf(start, effect)

/** The name of a step's effect in a turn that has several. The kernel needs the `#` of names such as `charge#2`. */
export const effectNameOf = ({ step }: StepStart, effect = EXECUTE_EFFECT) => `${effect}:${step.replace('#', '~')}`

/** The idempotency key of the step's call, the same for all attempts. */
export function idempotencyKeyOf(batchStep: BatchStep, { message }: Effects, name = effectNameIn(batchStep)): string {
  const { paused, start, done } = batchStep
  return paused?.key ?? (done === 0 ? start.batch.deferred?.key : undefined) ?? `${message.id}/${name}`
}

/** The effect that makes an attempt at a step. */
export const EXECUTE_EFFECT = 'execute'

/** The step that an effect belongs to; undefined for effects of another kind. */
export function stepOfEffect(first: string, effect: string): string | undefined {
  if (effect === EXECUTE_EFFECT) return first
  if (isTagEffect(effect)) return stepOfTagEffect(effect)
  return effect.startsWith(`${EXECUTE_EFFECT}:`) ? effect.slice(EXECUTE_EFFECT.length + 1) : undefined
}

/** The name of an effect that completes the order of a step, or that uses what was found. */
export const tagEffectName = (step: string, what: string) => `${TAG_EFFECT_PREFIX}${step}:${what}`

const TAG_EFFECT_PREFIX = 'auto:'

/** Whether an effect of a step's turn completes its order. */
export const isTagEffect = (effect: string) => effect.startsWith(TAG_EFFECT_PREFIX)
const stepOfTagEffect = (effect: string) =>
  effect.slice(TAG_EFFECT_PREFIX.length, effect.indexOf(':', TAG_EFFECT_PREFIX.length))

/** The prefix of effects that undo a step. */
export const UNDO_EFFECT = 'undo:'

export const isUndoEffect = (effect: string) => effect.startsWith(UNDO_EFFECT)
