import type { Turn } from '../../../kernel/types.ts'
import { OWN_CALL, REJECTED } from '../../plan/messages/call-decision.ts'
import type { StepEnd } from '../../plan/messages/step-end.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import type { CallbackVerdict } from '../callback/callback-tool.ts'
import { type AwaitingCallback, START_PART, type StepState } from '../step-state.ts'

type Decided = Extract<CallbackVerdict, { readonly type: 'decided' }>

/**
 * The step continues in a turn of its own, so that the decision is committed before a call is made. A step whose own call was rejected is
 * skipped; where the call of a handler was rejected, the next handler is tried.
 */
export function turnAfterDecision(
  waiting: AwaitingCallback,
  start: StepStart,
  { call, decision }: Decided,
  at: number,
): Turn<StepState> {
  const { run, work, step, key, since, recovery } = waiting
  const reply = { status: 'taken' }
  if (!decision.approved && call === OWN_CALL) {
    const said = decision.comment !== undefined && { comment: decision.comment }
    const about = { type: 'step-end', step, attempts: 0, ms: at - since } as const
    return { ...reportEnd(waiting, { ...about, status: 'skipped', reason: REJECTED, ...said }), reply }
  }
  return {
    state: { suspended: { run, work, key, attempts: 0, ...(recovery && { recovery }) } },
    parts: { [START_PART]: { ...start, decisions: { ...start.decisions, [call]: decision } } },
    timers: { timeout: null, retry: { delay: 0, body: { type: 'retry' } } },
    index: { status: 'waiting', until: at },
    reply,
  }
}

/** Reports the end of a step that waited. */
export function reportEnd({ run, work }: AwaitingCallback, end: StepEnd): Turn<StepState> {
  return { send: [{ to: run, body: end, type: 'response', correlationId: work }], stop: true }
}
