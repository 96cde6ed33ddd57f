import { problemOf } from '../../errors.ts'
import { isInterruption } from '../../kernel/faults.ts'
import type { RunEnding } from '../../run/actor/end-run.ts'
import { runIndex } from '../../run/run.ts'
import { decodeStep } from '../../step/messages/codec.ts'
import { hasEnded, stepPartName } from '../../step/record/outcome.ts'
import { storeRef, type ValueRef } from '../../step/values.ts'
import type { LiveRun } from '../live/live-runs.ts'
import { toJson } from '../operations/stored-value.ts'
import type { WorkflowState } from '../replay/state.ts'
import { type TurnDraft, turnOf, type WorkflowTurn } from './draft.ts'
import { dropOpen, finish, NO_RESULT } from './finish.ts'
import { undoSteps } from './undo.ts'

/** The function ended: its waits are dropped and due undos done. A step that must not be repeated ends first. */
export async function endFunction(draft: TurnDraft, state: WorkflowState, live: LiveRun): Promise<WorkflowTurn> {
  const { services, effects } = draft
  const { key } = effects.self
  const run = await dropOpen(draft, state, { keepsOnce: true })
  if (run.workflow.once) return turnOf(draft, run, runIndex(run, draft.start))
  const [ending, value] = await endingOf(draft, state, live)
  const isUndone = state.workflow.cancelled?.undo || (ending.status === 'failed' && undoesOnFailure(draft, state))
  const left = isUndone ? await undoable(draft, live) : []
  const stray = live.execution.stray && (await services.hide(problemOf(live.execution.stray.error)))
  if (stray) draft.events.push({ type: 'workflow-log', text: `An error that nobody awaited: ${stray.message}` })
  services.live.drop(key)
  if (left.length === 0) return finish(draft, run, ending, value)
  return undoSteps(draft, run, left, ending)
}

/** How a run ends with its function, and its result. A cancelled run is cancelled, however its function ended. */
async function endingOf(
  { services }: TurnDraft,
  { workflow: { cancelled, failed } }: WorkflowState,
  { execution }: LiveRun,
): Promise<readonly [RunEnding, ValueRef]> {
  const { end } = execution
  if (cancelled) return [{ status: 'cancelled', problem: cancelled.problem }, NO_RESULT]
  if (failed) return [{ status: 'failed', problem: failed }, NO_RESULT]
  if (end.type === 'failed')
    return [{ status: 'failed', problem: await services.hide(problemOf(end.error)) }, NO_RESULT]
  try {
    const result = end.type === 'done' ? toJson(end.value) : null
    return [{ status: 'completed' }, await storeRef(services.values, { result })]
  } catch (error) {
    if (isInterruption(error)) throw error
    const { message, ...problem } = problemOf(error)
    return [{ status: 'failed', problem: { ...problem, message: `The result of the workflow: ${message}` } }, NO_RESULT]
  }
}

const undoesOnFailure = ({ services }: TurnDraft, { workflow: { of, version } }: WorkflowState) =>
  services.workflows.find(of, version)?.onFailure === 'undo'

/** The completed steps that can be undone, the one that ended last first. */
async function undoable({ effects, parts }: TurnDraft, { execution }: LiveRun): Promise<readonly string[]> {
  const found: { readonly id: string; readonly order: number }[] = []
  for (const { id, work } of execution.operations) {
    if (work.type !== 'step' || !work.undo) continue
    const name = stepPartName(id)
    const part = decodeStep(parts[name] ?? (await effects.part(name)))
    if (hasEnded(part) && part.status === 'completed') found.push({ id, order: part.order })
  }
  return found.sort((a, b) => b.order - a.order).map(({ id }) => id)
}
