import type { Problem } from '../../errors.ts'
import type { ToolAnswers } from '../../tool/question.ts'
import type { CallFor, Tool } from '../../tool/tool.ts'
import type { CallDecision } from '../messages/call-decision.ts'
import type { CallbackRequest, CallbackResult, CallbackTraits } from '../messages/callback.ts'
import type { StepParameters } from '../record/outcome.ts'
import type { StepContext, StepServices, ValueResult } from './context.ts'

/** A tool that an actor or a person completes later. */
export type CallbackTool = Tool & CallbackTraits & { readonly asking: CallbackHandler }

/** Work that another service does: its request, and the meaning of the answer. Both run in an effect of the step. */
// biome-ignore lint/suspicious/noExplicitAny: handlers of all inputs lie in one table
export interface CallbackHandler<Input = any> {
  /** A result when nobody needs to be asked. */
  ask(input: Input, context: StepContext): CallbackRequest | ValueResult | Promise<CallbackRequest | ValueResult>
  /** An exception, including a received problem that is rethrown, fails the step. */
  take(
    question: CallbackRequest,
    received: CallbackResult,
    callback: CallbackContext,
  ): CallbackVerdict | Promise<CallbackVerdict>
}

/**
 * The context of an answer. `ms`: how long it took. `key`: the idempotency key of the step's call. `callFor`: for whom
 * the step makes it.
 */
export type CallbackContext = {
  readonly services: StepServices
  readonly parameters: StepParameters
  readonly ms: number
  readonly key: string
  readonly callFor: CallFor
}

/**
 * The meaning of an answer: a result; refused, so the request stands; another request after a delay; a decision about a
 * call of the step; that its own call is made again; or that it is made again with answers.
 */
export type CallbackVerdict =
  | ValueResult
  | { readonly type: 'refused'; readonly problem: Problem; readonly question: CallbackRequest }
  | { readonly type: 'again'; readonly question: CallbackRequest; readonly delay: number }
  | { readonly type: 'decided'; readonly call: string; readonly decision: CallDecision }
  | { readonly type: 'repeat' }
  | { readonly type: 'answered'; readonly answers: ToolAnswers }
