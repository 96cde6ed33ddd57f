import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, Index } from '../../kernel/types.ts'
import type { Made } from './artifact.ts'
import { type Ranges, rangesOf } from './interval-set.ts'
import type { RunStart } from './messages/run.ts'
import type { ModelUse } from './model-use.ts'
import type { Ref } from './refs.ts'
import type { FailedHandler } from './step-outcome.ts'

/** A run's cell: counts, window and cursors, so that its size does not follow the graph's. What grows lies in parts. */
export type RunState = {
  readonly status: 'new' | 'running' | 'completed' | 'failed' | 'cancelled'
  /** hash of the compiled pipeline */
  readonly pipeline: string
  readonly name: string
  /** absent: the data folder's own user's */
  readonly owner?: string
  /** ms since the epoch */
  readonly startedAt: number
  readonly finishedAt?: number
  /** steps of the graph and of all loops opened so far */
  readonly total: number
  /** steps of the graph that have not ended */
  readonly left: number
  readonly done: number
  readonly failed: number
  readonly skipped: number
  /** of those that failed, those that nothing was done about */
  readonly unhandled?: number
  /** something stood in for a step that failed */
  readonly degraded?: true
  /** what it did is to be undone before it ends; `done`: that has begun */
  readonly undoes?: true | 'done'
  /** it was called off, and ends when what it did is undone */
  readonly calledOff?: true
  /** steps of the graph in flight, at most the window */
  readonly flying: readonly string[]
  readonly queue: Queue
  /** numbers of the steps that wait for a signal or for money; absent: none ever did */
  readonly waits?: Waits
  /** iterations in flight, of all loops */
  readonly iterations: number
  /** why nothing more is started */
  readonly problem?: StepProblem
}

/** What is ready but outside the window, in parts `queue/<n>`: the next is number `offset` of part `head`; empty when head is tail. */
export type Queue = { readonly head: number; readonly offset: number; readonly tail: number }

/** The numbers of the waits of a run, in parts `wait/<n>`: none is below `head`, and the next one gets `tail`. */
export type Waits = { readonly head: number; readonly tail: number }

/** How far a loop is, in part `loop/<id>`. */
export type LoopState = {
  /** how many iterations there are to be, as far as is known */
  readonly length: number
  /** the first iteration that was not started */
  readonly next: number
  /** iterations in flight */
  readonly active: Ranges
  /** of those of which some steps have ended, how many have not */
  readonly left: { readonly [index: string]: number }
  /** body steps in flight */
  readonly flying: number
  /** ms that its steps took in all, and those before the newest iteration */
  readonly ms: number
  readonly before: number
  /** what its own questions took so far */
  readonly models?: readonly ModelUse[]
  /** how many iterations may be in flight, where a template told */
  readonly width?: number
  /** why nothing more of it is started */
  readonly problem?: StepProblem
  /** failures that it fails with: what is done about its own is done about them */
  readonly fatal?: number
}

/** How far a loop is, by its part; undefined: it is not open. Code that knew no ranges told how many steps were left of each iteration. */
export function loopIn(part: Json | undefined): LoopState | undefined {
  const state = part as LoopState | null | undefined
  if (!state || Array.isArray(state.active)) return state ?? undefined
  const left = state.active as unknown as LoopState['left']
  return { ...state, active: rangesOf(Object.keys(left).map(Number)), left }
}

/** A problem with the step it came from, if it came from one, and those of its handlers that failed. */
export type StepProblem = Problem & Pick<StepPart, 'failedHandlers'> & { readonly step?: string }

/** What a run keeps of a step it touched. */
export type StepPart = {
  readonly status: 'waiting' | 'queued' | 'running' | 'completed' | 'failed' | 'skipped' | 'cancelled'
  /** those that were started along with it, until it is told what came of that */
  readonly beside?: readonly string[]
  /** dependencies that have not ended */
  readonly missing?: number
  /** of a step that may wait for some: those that have ended, and those it does not wait for */
  readonly met?: readonly string[]
  readonly free?: readonly string[]
  /** of one that tells this: the steps that another one waits for */
  readonly depends?: readonly string[]
  readonly attempts?: number
  /** ms of the last attempt */
  readonly ms?: number
  /** when it ended: ms since the epoch; absent in runs of earlier versions */
  readonly at?: number
  /** idempotency key of its call */
  readonly key?: string
  readonly result?: Ref
  readonly problem?: Problem
  /** why it was skipped */
  readonly reason?: string
  /** where it went on, of the steps that it might */
  readonly goto?: string
  readonly models?: readonly ModelUse[]
  /** the step whose route passed over it */
  readonly by?: string
  /** of a step that runs only when a route leads to it: that one did */
  readonly demanded?: true
  /** how many steps of the run ended before */
  readonly order?: number
  /** what its tool wants to know to undo what it did */
  readonly memo?: Ref
  /** whether that was undone, and why not */
  readonly undone?: boolean
  readonly undoProblem?: Problem
  /** what was done about its failure */
  readonly handled?: string
  /** handlers that were to do something about it, and failed themselves */
  readonly failedHandlers?: readonly FailedHandler[]
  /** the result is that of something that stood in for it */
  readonly degraded?: true
  /** when its next attempt is due: ms since the epoch */
  readonly until?: number
  /** it came to what an earlier run has recorded */
  readonly same?: true
  /** what a loop goes over, or how often it may turn */
  readonly list?: Ref
  readonly most?: number
  /** the file it made */
  readonly artifact?: Made
  /** what stands for all that the files held which its model was given */
  readonly files?: string
  /** what stands for the files that its texts asked for, and for what these held */
  readonly looked?: string
  /** of the outputs: those that could not be told */
  readonly warnings?: readonly string[]
}

/** A run before its first message. */
export const NEW_RUN: RunState = {
  status: 'new',
  pipeline: '',
  name: '',
  startedAt: 0,
  total: 0,
  left: 0,
  done: 0,
  failed: 0,
  skipped: 0,
  flying: [],
  queue: { head: 0, offset: 0, tail: 0 },
  iterations: 0,
}

/** Whether a run has come to its end. */
export function isOver({ status }: RunState): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** What a run keeps of its beginning, in part `start`. */
export type StartPart = Omit<RunStart, 'type' | 'pipeline' | 'name' | 'owner' | 'detached'> & {
  readonly replyTo?: ActorRef
  readonly trace?: string
}

/** What lists show of a run. */
export function indexOf({ status, name, startedAt, finishedAt, owner }: RunState, start: Json | undefined): Index {
  const { above, trace } = (start ?? {}) as Partial<StartPart>
  return {
    status,
    name,
    startedAt,
    ...(finishedAt !== undefined && { finishedAt }),
    ...(owner !== undefined && { owner }),
    ...(above && { root: above.root }),
    ...(trace !== undefined && { trace }),
  }
}
