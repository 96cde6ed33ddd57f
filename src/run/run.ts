/**
 * A run: a piece of work with an id that outlives its process. This file says what a run has in every language: a head,
 * by which lists show it, and the beginning from which it came. Read it before you start, list or steer runs.
 * `language.ts` says what a language decides, and `room/executor.ts` what it reads.
 */

import { runRef } from '../house/actors.ts'
import type { Json } from '../kernel/json.ts'
import { type ReadParts, readSinglePart } from '../kernel/parts.ts'
import type { ActorIndex, ActorRef, Effects } from '../kernel/types.ts'
import type { RunOrigin } from '../step/messages/run-origin.ts'
import { sparedWork } from '../step/messages/step-start.ts'
import type { StepProblem } from '../step/record/step.ts'
import type { ValueRef } from '../step/values.ts'

/** parallel: all ready steps run · sequential: one at a time, in the author's order · other: the program decides. */
export type ExecutionStrategy = string

export const EXECUTION_STRATEGIES: readonly ExecutionStrategy[] = ['parallel', 'sequential']

/** The fields in the cell of every run. */
export type RunHead = {
  readonly status: 'new' | 'running' | 'completed' | 'failed' | 'cancelled'
  readonly name: string
  /** absent: the user of the data folder */
  readonly owner?: string
  /** ms since the epoch */
  readonly startedAt: number
  readonly finishedAt?: number
  /** a fallback replaced a failed step, or the result of a step lacks something */
  readonly degraded?: true
  /** why nothing more starts */
  readonly problem?: StepProblem
  /** it was cancelled, and cleans up: that is other work, which its cancellation spares */
  readonly cleansUp?: true
  /** the name of the language that decides in it; absent: no message began it */
  readonly language?: string
  /** its steps so far, as its language counts them */
  readonly total: number
  readonly done: number
  readonly failed: number
  readonly skipped: number
  /** the steps in flight that count for its bounds */
  readonly inFlight: readonly string[]
  /** the run tells its caller of each step that ends or waits */
  readonly watched?: true
  /** numbers of the steps that wait for a signal or a budget; absent: none ever did */
  readonly waits?: WaitRange
}

/** The numbers of the waits of a run, in parts `wait/<n>`: none is below `head`, and the next one gets `tail`. */
export type WaitRange = { readonly head: number; readonly tail: number }

/** A run before its first message. */
export const NEW_HEAD: RunHead = {
  status: 'new',
  name: '',
  startedAt: 0,
  total: 0,
  done: 0,
  failed: 0,
  skipped: 0,
  inFlight: [],
}

/** The work that messages to a run and to its steps belong to. */
export const workOfRun = (id: string, head: Pick<RunHead, 'cleansUp'> | undefined): string =>
  head?.cleansUp ? sparedWork(id) : id

/** Whether a run has ended. */
export function isFinished({ status }: Pick<RunHead, 'status'>): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** The index entry of a run, as lists show it. */
export function runIndex(
  { status, name, startedAt, finishedAt, owner, degraded }: RunHead,
  start: Json | Partial<StartPart> | undefined,
): ActorIndex {
  const { above, goal, thread, payer, trace } = (start ?? {}) as Partial<StartPart>
  return {
    status,
    name,
    startedAt,
    ...(finishedAt !== undefined && { finishedAt }),
    ...(degraded && { degraded: 1 }),
    ...(owner !== undefined && { owner }),
    ...(above && { root: above.root }),
    // lists of runs leave it out: it is shown with its goal or its ask
    ...(goal !== undefined && { goal, aside: 1 }),
    ...(thread !== undefined && { thread, aside: 1 }),
    ...(payer !== undefined && { payer }),
    ...(trace !== undefined && { trace }),
  }
}

/** The part `start` of a run: the message that started it. `nonce` and `seed`: of a workflow. */
export type StartPart = Omit<RunOrigin, 'owner' | 'detached'> & {
  readonly inputs: ValueRef
  readonly replyTo?: ActorRef
  readonly trace?: string
  readonly nonce?: string
  readonly seed?: string
}

/** The start of a run that has begun. */
export const readStart = ({ part }: Pick<Effects, 'part'>) => part('start') as Promise<StartPart>

/** The start, unless it has not begun. */
export const findStart: (effects: Pick<Effects, 'part'>) => Promise<StartPart | undefined> = readStart

/** The part of an engine that tells the states of actors. */
export type RunView = { peek(of: ActorRef): Promise<Json | undefined> }

/** The head of the run with an id. Undefined: there is none. */
export async function peekRun({ peek }: RunView, run: string): Promise<RunHead | undefined> {
  return (await peek(runRef(run))) as RunHead | undefined
}

/** The start of the run with an id. Undefined: there is none, or it has not begun. */
export async function findRunStart(run: string, readParts: ReadParts): Promise<StartPart | undefined> {
  return (await readSinglePart(readParts, runRef(run), 'start')) as StartPart | undefined
}
