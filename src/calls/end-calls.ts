import { stepRef } from '../house/actors.ts'
import type { Json } from '../kernel/json.ts'
import type { Effects, Turn } from '../kernel/types.ts'
import { present } from '../lib/json/present.ts'
import { endCancelled } from '../run/actor/end-early.ts'
import { endedRun } from '../run/actor/end-run.ts'
import { endWaits } from '../run/actor/signals.ts'
import { cancelAndUndo, notUndoable, startUndo } from '../run/actor/undo.ts'
import { tellWatcher } from '../run/actor/watch.ts'
import type { RunCancellation } from '../run/language.ts'
import { messageTime } from '../run/messages.ts'
import { type RunHead, readStart, runIndex } from '../run/run.ts'
import { encodeEvent, encodeStep } from '../step/messages/codec.ts'
import { endEvent } from '../step/messages/end-event.ts'
import type { StepEnd } from '../step/messages/step-end.ts'
import { UNDO_STEP } from '../step/messages/step-start.ts'
import { type EndedStep, stepPartName } from '../step/record/outcome.ts'
import type { CallsPlan, PlannedStart } from './plan.ts'
import { CALL_WORK } from './start-calls.ts'

/** The cell of a run of calls. */
export type CallsState = RunHead & {
  /** failed calls */
  readonly unhandled?: number
  /** completed calls are undone */
  readonly compensation?: 'begun'
  /** the run was cancelled, and ends when its calls are undone */
  readonly cancelRequested?: true
}

type CallsTurn = Turn<CallsState>

/** The start of a run of calls. */
export const readPlanned = (effects: Pick<Effects, 'part'>) => readStart(effects) as Promise<PlannedStart>

/** Records how calls ended. A call that is not in flight has ended already and is ignored. */
export async function endCalls(state: CallsState, given: readonly StepEnd[], effects: Effects): Promise<CallsTurn> {
  const ends = given.filter(({ step }) => state.inFlight.includes(step))
  if (ends.length === 0) return {}
  const at = messageTime(effects.message)
  const { plan } = await readPlanned(effects)
  const parts: { [name: string]: Json } = {}
  let run = state
  for (const end of ends) {
    const { type: _, step, standby: __, tries: ___, ...outcome } = end
    const order = run.done + run.failed + run.skipped
    const part = (outcome.status === 'skipped' ? { ...outcome, order } : { ...outcome, order, at }) as EndedStep
    parts[stepPartName(step)] = encodeStep(part)
    run = countEnd(run, end, plan.onFailure !== 'continue')
  }
  return goOn(run, { parts, events: ends.map((end) => encodeEvent(endEvent(end))) }, effects)
}

function countEnd(run: CallsState, end: StepEnd, isFatal: boolean): CallsState {
  const { step, status, degraded } = end
  const field = ({ completed: 'done', failed: 'failed', skipped: 'skipped' } as const)[status]
  return {
    ...run,
    inFlight: run.inFlight.filter((id) => id !== step),
    [field]: run[field] + 1,
    ...(degraded && { degraded }),
    ...(end.status === 'failed' && { unhandled: (run.unhandled ?? 0) + 1 }),
    ...(end.status === 'failed' && isFatal && { problem: run.problem ?? { ...end.problem, step } }),
  }
}

type Recorded = Pick<CallsTurn, 'parts' | 'events'>

/** Goes on after ends: the run waits for its other calls, undoes the completed ones, or is over. */
async function goOn(run: CallsState, recorded: Recorded, effects: Effects): Promise<CallsTurn> {
  const news = await tellWatcher(run, effects)
  if (run.inFlight.length > 0) {
    if (!run.problem) return { ...recorded, state: run, send: news }
    // nothing else is done in a failed run, so its calls need not wait for people any longer
    const { state, parts, send } = await endWaits(run, effects)
    return { ...recorded, state, parts: { ...recorded.parts, ...parts }, send: [...news, ...send] }
  }
  const { plan } = await readPlanned(effects)
  if (!run.problem || plan.onFailure !== 'undo' || run.compensation) return endRun(run, recorded, effects)
  const state: CallsState = { ...run, compensation: 'begun', inFlight: [UNDO_STEP] }
  return { ...recorded, state, send: [...news, await startUndo(state, undoWork(plan), effects)] }
}

/** The run is over. Its caller gets the end. */
export async function endRun(run: CallsState, recorded: Recorded, effects: Effects): Promise<CallsTurn> {
  const status = run.problem ? (run.cancelRequested ? 'cancelled' : 'failed') : 'completed'
  const { state, event: end } = endedRun(run, status, messageTime(effects.message), present({ degraded: run.degraded }))
  const start = await readPlanned(effects)
  const { replyTo } = start
  return {
    ...recorded,
    state,
    events: [...(recorded.events ?? []), end],
    send: replyTo ? [{ to: replyTo, body: end, type: 'response' }] : [],
    index: runIndex(state, start),
  }
}

export const undoWork = ({ calls }: CallsPlan) => ({ type: CALL_WORK, order: { calls } })

/** Cancels the calls in flight. With `undo`, the run ends when the completed ones are undone. */
export async function cancelCalls(
  state: CallsState,
  { problem, undo }: RunCancellation,
  effects: Effects,
): Promise<CallsTurn> {
  const { self, message } = effects
  const cancelled = state.inFlight
    // the step that undoes goes on
    .filter((id) => id !== UNDO_STEP || !state.cancelRequested)
    .map((id) => ({ of: stepRef(self.key, id), correlationId: message.correlationId }))
  if (!undo) return { ...(await endCancelled(state, problem, effects)), cancel: cancelled }
  const { plan } = await readPlanned(effects)
  if (!plan.undoable) return { refuse: notUndoable('calls: none of its tools can undo one') }
  return cancelAndUndo(state, problem, undoWork(plan), { cancel: cancelled }, effects)
}
