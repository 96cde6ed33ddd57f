import { errorOf } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { CallbackContext, CallbackHandler, CallbackTool, CallbackVerdict } from '../call/callback.ts'
import type { StepServices } from '../call/context.ts'
import { type CallDecision, OWN_CALL } from '../messages/call-decision.ts'
import type { CallbackRequest, CallbackResult } from '../messages/callback.ts'
import type { StepEnd } from '../messages/step-end.ts'
import type { StepStart } from '../messages/step-start.ts'
import { storeRef } from '../values.ts'

/** The name of the handler of decisions about calls. */
export const CALL_GATE = 'call-gate'

export function approvalTool({ toolbox }: Pick<StepServices, 'toolbox'>): CallbackTool {
  return toolbox.find('approval-gate') as CallbackTool
}

/** Reads the decision about a call. */
export const callGate: CallbackHandler = {
  ask() {
    throw new TypeError('a call is gated by its run')
  },
  take,
}

type Memo = { readonly call: string; readonly gate: Json }

async function take(
  question: CallbackRequest,
  received: CallbackResult,
  context: CallbackContext,
): Promise<CallbackVerdict> {
  if ('problem' in received) throw errorOf(received.problem)
  const { call, gate } = question.memo as Memo
  const asked = { ...question, memo: gate }
  const verdict = await approvalTool(context.services).asking.take(asked, received, context)
  if (verdict.type === 'refused') return { ...verdict, question }
  if (verdict.type !== 'result') return verdict
  return { type: 'decided', call, decision: await decisionOf(verdict.result as Verdict, context) }
}

type Verdict = {
  readonly approved: boolean
  readonly action: string
  readonly modified_content: Json
  readonly rejection_reason: string | null
}

async function decisionOf(
  { approved, action, modified_content: modified, rejection_reason: comment }: Verdict,
  { services, parameters, ms }: CallbackContext,
): Promise<CallDecision> {
  if (!approved) return { approved, ...(comment !== null && { comment: comment.slice(0, MAX_COMMENT) }) }
  const edited = action === 'modify'
  const stored = await storeRef(services.values, edited ? modified : parameters)
  return { approved, parameters: stored, ms, ...(edited && { edited }) }
}

/** The end of a step with the mark that a person approved its own call, and what was said about its calls. */
export function withDecision(end: StepEnd, { decisions, said }: Pick<StepStart, 'decisions' | 'said'>): StepEnd {
  const own = decisions?.[OWN_CALL]
  const marked = said ? { ...end, said } : end
  if (!own?.approved || end.status === 'skipped') return marked
  return { ...marked, decided: { ms: own.ms ?? 0, ...(own.edited && { edited: own.parameters }) } }
}

/** Maximum characters of a kept comment. */
const MAX_COMMENT = 2000
