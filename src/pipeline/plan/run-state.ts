import type { Json } from '../../kernel/schema.ts'
import type { ActorIndex, ActorRef } from '../../kernel/types.ts'
import { type IntervalSet, toIntervalSet } from './interval-set.ts'
import type { RunStart } from './messages/run-start.ts'
import type { ModelUse } from './model-use.ts'
import type { StepProblem } from './step-outcome.ts'

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
  readonly queue: ReadyQueue
  /** numbers of the steps that wait for a signal or for money; absent: none ever did */
  readonly waits?: WaitRange
  /** iterations in flight, of all loops */
  readonly iterations: number
  /** why nothing more is started */
  readonly problem?: StepProblem
}

/** What is ready but outside the window, in parts `queue/<n>`: the next is number `offset` of part `head`; empty when head is tail. */
export type ReadyQueue = { readonly head: number; readonly offset: number; readonly tail: number }

/** The numbers of the waits of a run, in parts `wait/<n>`: none is below `head`, and the next one gets `tail`. */
export type WaitRange = { readonly head: number; readonly tail: number }

/** How far a loop is, in part `loop/<id>`. */
export type LoopProgress = {
  /** how many iterations there are to be, as far as is known */
  readonly length: number
  /** the first iteration that was not started */
  readonly next: number
  /** iterations in flight */
  readonly active: IntervalSet
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
export function decodeLoop(part: Json | undefined): LoopProgress | undefined {
  const state = part as LoopProgress | null | undefined
  if (!state || Array.isArray(state.active)) return state ?? undefined
  const left = state.active as unknown as LoopProgress['left']
  return { ...state, active: toIntervalSet(Object.keys(left).map(Number)), left }
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
export function isFinished({ status }: RunState): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** What a run keeps of its beginning, in part `start`. */
export type StartPart = Omit<RunStart, 'type' | 'pipeline' | 'name' | 'owner' | 'detached'> & {
  readonly replyTo?: ActorRef
  readonly trace?: string
}

/** What lists show of a run. */
export function runIndex(
  { status, name, startedAt, finishedAt, owner }: RunState,
  start: Json | undefined,
): ActorIndex {
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
