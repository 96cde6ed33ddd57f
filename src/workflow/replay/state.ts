import type { Problem } from '../../errors.ts'
import type { RunState } from '../../pipeline/plan/run-state.ts'
import type { RecordedOutcome } from './history.ts'
import type { Stop } from './stop.ts'

/** The cell of a run of a workflow. The history is in its parts. */
export type WorkflowState = RunState & { readonly workflow: WorkflowProgress }

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
  /** the operations that sleep, with the time when they wake, in ms since the epoch */
  readonly sleeping: { readonly [number: string]: number }
  /** outcomes that no code has taken yet */
  readonly arrived?: readonly RecordedOutcome[]
  /** why it goes on only with other code, and since when */
  readonly stopped?: Stopped
  /** the run was cancelled: its function may clean up until then */
  readonly cancelled?: { readonly problem: Problem; readonly until: number; readonly undo?: true }
  /** what follows when the completed steps are undone: those that are left, the newest first */
  readonly undoing?: { readonly left: readonly string[]; readonly end: RunEnding }
}

/** The process has no such workflow (`missing`), or its code does not fit. */
export type Stopped = Pick<Stop, 'message' | 'hint'> & {
  readonly reason: Stop['reason'] | 'missing' | 'forked'
  readonly since: number
}

/** How a run ends. */
export type RunEnding =
  | { readonly status: 'completed' }
  | { readonly status: 'failed' | 'cancelled'; readonly problem: Problem }
