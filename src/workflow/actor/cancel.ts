import { type Problem, problemOf, UnknownError } from '../../errors.ts'
import { stepRef } from '../../house/actors.ts'
import { waitsPartName } from '../../run/actor/waits.ts'
import { runIndex } from '../../run/run.ts'
import { callSignal } from '../../step/messages/call-decision.ts'
import { failedEnd, type StepEnd } from '../../step/messages/step-end.ts'
import { type StepStart, sparedWork } from '../../step/messages/step-start.ts'
import { numberIn, type RecordedOutcome } from '../replay/history.ts'
import type { WorkflowState } from '../replay/state.ts'
import { advance } from './advance.ts'
import { type Ends, type TurnDraft, turnOf, type WorkflowTurn } from './draft.ts'
import { recordEnds } from './end-steps.ts'
import { dropOpen } from './finish.ts'
import { openFunction } from './open-function.ts'
import { startMessage } from './start-operations.ts'

/** How long the calls of a cancelled run that must not be repeated may take to end. */
const SETTLING_MS = 60_000
/** How long a function may clean up after the cancellation of its run. */
const GRACE_MS = 60_000

/**
 * Cancels a run: its steps, timers and waits are dropped. A message of its own tells the function: the messages and
 * timers that follow from the cancellation itself belong to the cancelled work.
 */
export async function cancelFunction(
  draft: TurnDraft,
  state: WorkflowState,
  problem: Problem,
  { undo }: { readonly undo?: true } = {},
): Promise<WorkflowTurn> {
  if (state.workflow.cancelled) return { state }
  const { self } = draft.effects
  const off = await dropOpen(draft, state, { keepsOnce: true })
  const cancelled = { problem, ...(undo && { undo }) }
  draft.send.push({ to: self, body: { type: 'clean-up' }, type: 'event', correlationId: sparedWork(self.key) })
  return rest(draft, { ...off, cleansUp: true, workflow: { ...off.workflow, cancelled } })
}

/** Whether a cancelled run waits until its calls that must not be repeated have ended. */
export const isSettling = ({ workflow: { cancelled } }: WorkflowState) => cancelled !== undefined && !cancelled.isTold

/** The ends of steps that settle: a call that was not made is cancelled like any other wait. */
export const endsOfSettling = ({ workflow }: WorkflowState, ends: readonly StepEnd[]): readonly StepEnd[] =>
  ends.map((end) => (end.status === 'skipped' ? failedEnd(end.step, workflow.cancelled!.problem) : end))

/** Tells the function, or waits for the steps that settle first. */
export async function cleanUp(draft: TurnDraft, state: WorkflowState): Promise<WorkflowTurn> {
  if (!isSettling(state)) return { state }
  if (!state.workflow.once) return tellFunction(draft, state, [])
  draft.timers.settle = { delay: SETTLING_MS, body: { type: 'settle-over' } }
  return rest(draft, state)
}

/** Keeps the outcomes of steps that have settled, until there are all of them. */
export async function settleSteps(
  draft: TurnDraft,
  state: WorkflowState,
  settled: readonly number[],
  ends: Ends,
): Promise<WorkflowTurn> {
  const { once, arrived = [] } = state.workflow
  if (!once) return tellFunction(draft, state, settled, ends)
  recordEnds(draft, ends)
  return rest(draft, { ...state, workflow: { ...state.workflow, arrived: [...arrived, ...settled] } })
}

/**
 * Hands the function the outcomes that have settled, and then rejects its other waits with the problem: one at a time,
 * in the order of their operations. What it begins after that still works, for a minute.
 */
function tellFunction(
  draft: TurnDraft,
  state: WorkflowState,
  settled: readonly RecordedOutcome[],
  ends?: Ends,
): Promise<WorkflowTurn> {
  const { arrived = [], ...workflow } = state.workflow
  const { problem, undo } = workflow.cancelled!
  draft.timers.settle = null
  draft.timers.grace = { delay: GRACE_MS, body: { type: 'grace-over' } }
  const cancelled = { problem, ...(undo && { undo }), isTold: true as const }
  const known = [...arrived, ...settled]
  const isKnown = (number: number) => known.some((one) => number === numberIn(one))
  return advance(
    draft,
    { ...state, workflow: { ...workflow, cancelled } },
    ({ open }) => [
      ...known,
      ...open.filter((number) => !isKnown(number)).map((number): RecordedOutcome => [number, problem]),
    ],
    ends,
  )
}

/** Calls that have not ended by now are cut off. A person says whether they took place. */
export async function cutOffSettling(draft: TurnDraft, state: WorkflowState): Promise<WorkflowTurn> {
  if (!isSettling(state)) return { state }
  const { cancel, effects } = draft
  const { key } = effects.self
  for (const id of state.workflow.once ?? []) {
    const isAsking = (await effects.part(waitsPartName(callSignal(id)))) !== undefined
    if (!isAsking) cancel.push({ of: stepRef(key, id), correlationId: sparedWork(key) })
  }
  return rest(draft, state)
}

/** A call was cut off while it settled: its step asks a person. The end of the step if nobody can be asked. */
export async function askAfterCutOff(
  draft: TurnDraft,
  state: WorkflowState,
  id: string,
): Promise<WorkflowTurn | StepEnd> {
  const message = `${id} did not end within a minute after its run was cancelled, and whether it took place is not known.`
  const problem: Problem = { ...problemOf(new UnknownError(message)), terminal: true }
  const opened = draft.services.live.peek(draft.effects.self.key, state.workflow) ?? (await openFunction(draft, state))
  const found = 'execution' in opened ? opened.execution.operations.find((one) => one.id === id) : undefined
  if (found?.work.type !== 'step') return failedEnd(id, problem)
  const start = await startMessage(draft, state, { ...found.work, id })
  const key = `${draft.effects.self.key}/${id}`
  const body: StepStart = {
    ...(start.body as StepStart),
    batch: { deferred: { key, priorOutcome: { type: 'thrown', problem } } },
  }
  draft.send.push({ ...start, body })
  return rest(draft, state)
}

const rest = (draft: TurnDraft, state: WorkflowState) => turnOf(draft, state, runIndex(state, draft.start))
