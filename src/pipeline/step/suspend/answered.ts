import { recordAnswer } from '../../../house/act.ts'
import type { Answer } from '../../../house/by.ts'
import type { Send } from '../../../kernel/types.ts'
import { ownerOf } from '../../../lib/owner.ts'
import type { Signal } from '../../../run/signal.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import { CALL_GATE } from '../approval/decide-call.ts'
import { saidAction } from '../approval/said-action.ts'
import { settlementOf } from '../settle/settle-call.ts'
import { UNKNOWN_OUTCOME } from '../settle/unknown-outcome.ts'
import type { AwaitingCallback } from '../step-state.ts'

/** The tool whose question is an approval of its own. */
const APPROVAL_GATE = 'approval-gate'

/** At most this many answers are kept with a step: a call is approved, and perhaps settled. */
const MAX_ANSWERS = 20

/** What a signal says to a step that waits; undefined: its sender is not known. */
export function answerIn(
  { asking, since }: Pick<AwaitingCallback, 'asking' | 'since'>,
  { value, by, at = since }: Signal,
): Answer | undefined {
  if (!by) return undefined
  const said = { by, at }
  if (asking === UNKNOWN_OUTCOME) {
    const { outcome } = settlementOf(value) ?? {}
    return { what: 'settled', ...(outcome && { outcome }), ...said }
  }
  if (asking !== CALL_GATE && asking !== APPROVAL_GATE) return { what: 'answered', ...said }
  const action = saidAction(value)
  return { what: action ? WORD_OF[action] : 'answered', ...said }
}

const WORD_OF = { approve: 'approved', reject: 'rejected', modify: 'changed' } as const

/** The start of a step with what was said. The step ends with it. */
export function withAnswer(start: StepStart, answer: Answer | undefined): StepStart {
  return answer ? { ...start, said: [...(start.said ?? []), answer].slice(-MAX_ANSWERS) } : start
}

/** Records an answer that a step has taken. */
export function actOf(
  { run, step, owner, tool, asking }: AwaitingCallback,
  answer: Answer,
  start: StepStart | undefined,
): Send {
  const { goal, agent, conversation } = start?.run.workFor ?? {}
  const about = { run: run.key, step, tool: tool ?? asking, goal, agent, conversation }
  return recordAnswer(ownerOf({ owner }), about, answer)
}
