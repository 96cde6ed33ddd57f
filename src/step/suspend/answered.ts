import { type Problem, terminalProblem } from '../../errors.ts'
import { actText, recordAnswer } from '../../house/act.ts'
import type { GivenAnswer } from '../../house/by.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import type { Send } from '../../kernel/types.ts'
import { ownerOf } from '../../lib/owner.ts'
import { CALL_GATE } from '../approval/decide-call.ts'
import { saidAction } from '../approval/said-action.ts'
import type { AwaitingCallback } from '../attempt/step-state.ts'
import type { StepServices } from '../call/context.ts'
import { WITHDRAWN } from '../messages/call-decision.ts'
import type { CallbackRequest } from '../messages/callback.ts'
import type { Signal } from '../messages/signal.ts'
import type { StepStart } from '../messages/step-start.ts'
import { settlementOf } from './settle-call.ts'
import { UNKNOWN_OUTCOME } from './unknown-outcome.ts'

/** The tool whose question is an approval of its own. */
const APPROVAL_GATE = 'approval-gate'

/** At most this many answers are kept with a step: a call is approved, and perhaps settled. */
const MAX_ANSWERS = 20

/** Reads the answer in a signal to a step that waits; undefined: its sender is not known. */
export function answerIn(
  { asking, since }: Pick<AwaitingCallback, 'asking' | 'since'>,
  { value, by, at = since }: Omit<Signal, 'type'>,
): GivenAnswer | undefined {
  if (!by) return undefined
  const said = { by, at }
  if (asking === UNKNOWN_OUTCOME) {
    const { outcome } = settlementOf(value) ?? {}
    return { what: 'settled', ...(outcome && { outcome }), ...said }
  }
  if (asking !== CALL_GATE && asking !== APPROVAL_GATE) return { what: 'answered', ...said }
  const action = saidAction(value)
  if (action === 'reject' && isWithdrawal(value)) return { what: 'withdrawn', ...said }
  return { what: action ? WORD_OF[action] : 'answered', ...said }
}

const WORD_OF = { approve: 'approved', reject: 'rejected', modify: 'changed' } as const

/** The question was taken back, because the code of the call has changed. Nobody rejected the call. */
const isWithdrawal = (value: Json) =>
  isJsonObject(value) && typeof value.reason === 'string' && value.reason.startsWith(WITHDRAWN)

/** The start of a step with what was said. The step ends with it. */
export function withAnswer(start: StepStart, answer: GivenAnswer | undefined): StepStart {
  return answer ? { ...start, said: [...(start.said ?? []), answer].slice(-MAX_ANSWERS) } : start
}

/** The answer of a signal: what was said, by a known sender. */
type Said = { readonly answer: GivenAnswer; readonly value: Json }

/** Records an answer that a step has taken, with the title of the question and the reason that was given. */
export function actOf(
  { run, step, owner, tool, asking, question }: AwaitingCallback,
  { answer, value }: Said,
  start: StepStart | undefined,
  secrets: StepServices['secrets'],
): Send {
  const { goal, agent, conversation } = start?.run.workFor ?? {}
  const about = { run: run.key, step, tool: tool ?? toolOfGate(question) ?? asking }
  const hidden = (field: string, of: Json) => {
    const text = isJsonObject(of) ? of[field] : undefined
    return typeof text === 'string' && text !== ''
      ? actText(text, (whole) => secrets?.shown(whole) ?? whole)
      : undefined
  }
  const asked = hidden('title', question.body)
  // the title of a tool names the arguments that its author chose; others are data of a customer, and are not kept
  const plain = `Call ${about.tool}?`
  const title = asking === CALL_GATE && asked?.startsWith(plain) ? plain : asked
  const texts = { title, reason: hidden('reason', value) }
  return recordAnswer(ownerOf({ owner }), { ...about, goal, agent, conversation, ...texts }, answer)
}

/** The tool that an approval says it is for. */
function toolOfGate({ memo }: CallbackRequest): string | undefined {
  return isJsonObject(memo) && typeof memo.tool === 'string' ? memo.tool : undefined
}

export const isSignal = (body: Json): body is Signal => (body as { readonly type?: string }).type === 'signal'

/** The refusal of an answer whose sender may not answer for a person. */
export const NEEDS_APPROVE = terminalProblem({
  code: 'scope_missing',
  message: 'The scope approve is required: the step asks a person.',
  hint: 'To see what waits: antiphon inbox',
})

/** The refusal of a person who answers for a machine. */
export const NEEDS_ADMIN: Problem = {
  ...NEEDS_APPROVE,
  message: 'The scope admin is required: a machine sends this signal to the address of the wait.',
  hint: 'To see what it waits for: antiphon why RUN',
}
