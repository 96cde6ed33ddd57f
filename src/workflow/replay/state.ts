import type { Problem } from '../../errors.ts'
import type { RunEnding } from '../../run/actor/end-run.ts'
import { peekRun, type RunHead, type RunView, workOfRun } from '../../run/run.ts'
import { sparedWork } from '../../step/messages/step-start.ts'
import type { RecordedOutcome } from './history.ts'
import type { OperationType, WorkflowOperation } from './operation.ts'
import type { Stop } from './stop.ts'

export const WORKFLOW = 'workflow'

/** The cell of a run of a workflow. The history is in its parts. */
export type WorkflowState = RunHead & { readonly workflow: WorkflowProgress }

/** The cell of the run with an id. Undefined: there is none, or it is none of a workflow. */
export async function peekWorkflow(view: RunView, run: string): Promise<WorkflowState | undefined> {
  const state = await peekRun(view, run)
  return state?.language === WORKFLOW ? (state as WorkflowState) : undefined
}

/** How far a workflow is. */
type WorkflowProgress = {
  /** the workflow that the run executes, and its version; absent: 1 */
  readonly of: string
  readonly version?: number
  /** the turns in the history */
  readonly turns: number
  /** the number of the newest turn of a loop; absent: there was none */
  readonly iteration?: number
  /** the message of the newest turn: another node may have made a turn of the same number that was not committed */
  readonly last?: string
  /** the number of the next operation to be started: those before it are in flight, or have ended */
  readonly next: number
  /** the same for waits and sleeps, which need no room; absent: as `next` */
  readonly nextWait?: number
  /** how many waits are open, in parts `open/<step>`; absent: none */
  readonly waiting?: number
  /** the operations that sleep, with the time when they wake, in ms since the epoch */
  readonly sleeping: { readonly [number: string]: number }
  /** outcomes that no code has taken yet */
  readonly arrived?: readonly RecordedOutcome[]
  /** why it goes on only with other code, and since when */
  readonly stopped?: Stopped
  /** steps in flight that must not be repeated: neither the end of the run nor its cancellation cuts them off */
  readonly once?: readonly string[]
  /** the run was cancelled. `isTold`: its function knows, and cleans up; before that, steps in `once` settle */
  readonly cancelled?: { readonly problem: Problem; readonly undo?: true; readonly isTold?: true }
  /** a turn of it could not be made: it fails with this once its steps that must not be repeated have ended */
  readonly failed?: Problem
  /**
   * what follows when the completed steps are undone: those that are left, the newest first; `lists`: the number of the
   * parts `undo/<n>` that have the others, of which the highest is next
   */
  readonly undoing?: { readonly left: readonly string[]; readonly lists?: number; readonly end: RunEnding }
}

/** Whether an operation is started without room among the steps at work. */
export const isIdle = (type: OperationType): boolean => type === 'sleep' || type === 'signal' || type === 'approve'

/** Whether an operation that has begun was started. */
export const isStarted = ({ type, number }: Pick<WorkflowOperation, 'type' | 'number'>, state: WorkflowState) =>
  number < ((isIdle(type) ? state.workflow.nextWait : undefined) ?? state.workflow.next)

/** The run with these steps in flight. */
export function withInFlight(state: WorkflowState, inFlight: readonly string[]): WorkflowState {
  const { once, ...workflow } = state.workflow
  if (!once) return { ...state, inFlight }
  const left = once.filter((id) => inFlight.includes(id))
  return { ...state, inFlight, workflow: left.length > 0 ? { ...workflow, once: left } : workflow }
}

/** The work that a step belongs to. A cancellation of the run spares a step that must not be repeated. */
export const workOfStep = (run: string, step: string, state: WorkflowState): string =>
  state.workflow.once?.includes(step) ? sparedWork(run) : workOfRun(run, state)

/** The process has no such workflow (`missing`), or its code does not fit. */
export type Stopped = Pick<Stop, 'message' | 'hint'> & {
  readonly reason: Stop['reason'] | 'missing' | 'forked'
  readonly since: number
}
