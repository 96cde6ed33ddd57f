import { type Problem, problemOf } from '../errors.ts'
import { remedyOf } from '../model/call/failure-kinds.ts'
import { tellReply } from '../model/reply/failed-reply.ts'
import { nextTryOf, orWait, type WaitTerms } from './provider-wait.ts'
import { mustPropagate } from './suspension.ts'

/**
 * Rules for work that asks a model in an effect. The payer of the call is in `payer.ts`.
 */

/**
 * Whether the next model of a list is asked after this failure: the
 * turn goes on, and another model may not have the fault.
 */
export const mayAskAnother = (error: unknown): boolean =>
  !mustPropagate(error) && remedyOf(problemOf(error).code) !== 'fail'

/**
 * The error to throw when the last model has failed: a wait for its
 * provider, or the error with the reply that it is about.
 */
export function failureOfCall(error: unknown, terms: WaitTerms): unknown {
  const failure = orWait(error, terms)
  return nextTryOf(failure) ? failure : tellReply(failure, terms.hide)
}

/** The problem of a call, without secrets in what people read. */
export function redactProblem(problem: Problem, redact: (text: string) => string = (text) => text): Problem {
  const { message, hint } = problem
  return { ...problem, message: redact(message), ...(hint !== undefined && { hint: redact(hint) }) }
}
