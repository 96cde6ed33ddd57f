import { deriveId } from '../../kernel/commit.ts'
import type { StepPart } from '../record/outcome.ts'
import type { ValueRef } from '../values.ts'

/**
 * The decision of a person about a call: its approved parameters, or that it is not made. `ms`: how long it took;
 * `edited`: the person changed the parameters.
 */
export type CallDecision =
  | { readonly approved: true; readonly parameters: ValueRef; readonly ms?: number; readonly edited?: true }
  | { readonly approved: false; readonly comment?: string }

/** The calls of one step by name: its own call, and those of its handlers. */
export type CallDecisions = { readonly [call: string]: CallDecision }

/** The name of a step's own call. */
export const OWN_CALL = 'own'

export const callOfHandler = (index: number) => `rescue:${index}`

/** The reason of a step that a person rejected. */
export const REJECTED = 'rejected'

export const isRejected = (
  part: StepPart,
): part is StepPart & { readonly status: 'skipped'; readonly comment?: string } =>
  part.status === 'skipped' && part.reason === REJECTED

/** The beginning of the comment that ends a gate whose call cannot be made any more. No person rejected it. */
export const WITHDRAWN = 'The call was not made: '

/** The beginning of the signals that decide about calls. No author can name such a signal. */
const CALL_SIGNAL = 'call:'

/** The longest name of a step that a signal repeats. */
const MAX_STEP_CHARS = 150

export const callSignal = (step: string) =>
  CALL_SIGNAL + (step.length > MAX_STEP_CHARS ? `${step.slice(0, MAX_STEP_CHARS)}…${deriveId(step, 'call')}` : step)

export const isCallSignal = (signal: string) => signal.startsWith(CALL_SIGNAL)
