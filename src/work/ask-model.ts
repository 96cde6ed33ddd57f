import { errorOf, isBusy, type Problem, problemOf, TerminalError } from '../errors.ts'
import { isInterruption } from '../kernel/faults.ts'
import { remedyOf } from '../model/call/failure-kinds.ts'
import { failedUsageOf } from '../model/cost/usage.ts'
import { tellReply } from '../model/reply/failed-reply.ts'
import { nextTryOf, orWait, type WaitTerms } from './provider-wait.ts'
import { mustPropagate } from './suspension.ts'

/** Rules for work that asks a model in an effect. The payer of the call is in `payer.ts`. */

/** Whether the next model is asked after this failure: the turn goes on, and another model may not have the fault. */
export const mayAskAnother = (error: unknown): boolean =>
  !mustPropagate(error) && remedyOf(problemOf(error).code) !== 'fail'

/** The failure to report when no model has answered: one that may pass, if any, preferably of a call that was made. */
export function worthiestFailure(errors: readonly unknown[]): unknown {
  const mayPass = errors.filter((error) => problemOf(error).terminal !== true)
  const passing = mayPass.find((error) => !isBusy(problemOf(error))) ?? mayPass[0]
  if (errors.length === 1 || passing !== undefined) return passing ?? errors[0]
  const messages = errors.map((error) => problemOf(error).message).join('; ')
  return new TerminalError(messages, { code: problemOf(errors[0]).code, cause: errors[0] })
}

/** The error when the last model has failed: a wait for its provider, or the error with the reply that it is about. */
export function failureOfCall(error: unknown, terms: WaitTerms): unknown {
  const failure = orWait(error, terms)
  return nextTryOf(failure) ? failure : tellReply(failure, terms.hide)
}

/** The error with what its calls used among its facts. The journal keeps facts. */
export function tellSpent(error: unknown, failed: unknown): unknown {
  const spent = failedUsageOf(failed)
  if (!spent || isInterruption(error)) return error
  const { data, ...problem } = problemOf(error)
  const { usage, cost = 0 } = spent
  return errorOf({ ...problem, data: { ...data, tokens: usage.input + usage.output, cost } })
}

/** The tokens and the dollars that the calls of a failed round used. */
export const spentIn = ({ data = {} }: Pick<Problem, 'data'>): { readonly tokens: number; readonly cost: number } => ({
  tokens: Number(data.tokens ?? 0),
  cost: Number(data.cost ?? 0),
})
