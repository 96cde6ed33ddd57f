/** The stored form of a goal, field by field. */

import type { Problem } from '../../errors.ts'
import type { FileRef, Note } from '../../lib/media/file-ref.ts'
import type { GoalParent } from '../../work/origin/goal-origin.ts'
import type { ProviderPause } from '../../work/provider-wait.ts'

/** The stored cell of a goal. Its rounds are parts `round/<n>`, from 1. `GoalState` has the fields of each status. */
export type StoredGoal = {
  readonly status: GoalStatus
  readonly agent: string
  readonly owner?: string
  /** the work above; absent: somebody outside started it */
  readonly parent?: GoalParent
  /** its place in the trace that it began in; absent: without telemetry */
  readonly trace?: string
  /** ms since the epoch */
  readonly startedAt: number
  readonly finishedAt?: number
  /** rounds in which the model has answered */
  readonly rounds: number
  /** calls that were made */
  readonly calls: number
  readonly tokens: number
  /** tokens that providers read from and wrote into their cache; absent: none */
  readonly cacheRead?: number
  readonly cacheWrite?: number
  /** some of its tokens are estimated, because a provider did not report them */
  readonly estimated?: true
  /** dollars of its own model calls */
  readonly cost: number
  readonly limits: GoalLimits
  /** the run that makes the calls of the last round */
  readonly run?: string
  /** the playbook that the run follows; absent: the run makes the calls of a round */
  readonly playbook?: string
  /** the playbook that was followed */
  readonly followed?: string
  /** it failed, and its finished calls are undone or being undone */
  readonly undo?: GoalUndo
  /** the goal that took over */
  readonly handedTo?: { readonly agent: string; readonly goal: string }
  /** that goal has answered the first caller */
  readonly isAnswered?: true
  /** it stops before its next round */
  readonly pauseRequested?: true
  /** why nothing happens */
  readonly wait?: GoalWait
  /** the window in tokens that a refusal of its model has shown, if it is smaller than the configured one */
  readonly window?: number
  /** tokens of a reply that its model has needed, if more than its definition allows at first */
  readonly room?: number
  /** calls of ended rounds whose results come later; absent: there are none */
  readonly open?: readonly OpenCalls[]
  /** the newest calls, for the loop guard */
  readonly recent: readonly CallMark[]
  /** texts for the next round */
  readonly told: readonly Note[]
  /** the numbers of the messages of its conversation that are among `told` */
  readonly unread?: readonly number[]
  /** the message of its conversation that it has read last; absent: that for which it began */
  readonly message?: number
  /** it was cancelled while its model wrote the last round */
  readonly cut?: true
  /** answers that did not fit the output of its agent */
  readonly wrongAnswers?: number
  readonly rating?: 'good' | 'bad'
  /** parts missing in its answer, one sentence each */
  readonly lacks?: readonly string[]
  readonly problem?: Problem
  /** the files that its model has made for the present message */
  readonly files?: readonly FileRef[]
}

/** `handed_off`: another goal works on it, and this one ends with that. */
type GoalStatus =
  | 'new'
  | 'thinking'
  | 'acting'
  | 'waiting'
  | 'paused'
  | 'handed_off'
  | 'undoing'
  | 'completed'
  | 'failed'
  | 'cancelled'

/** How far the undo of a goal is: the next round (0: the playbook), and how many calls were undone or could not be. */
export type GoalUndo = { readonly next: number; readonly undone: number; readonly failed: number }

/** Bounds of a goal. A goal that reaches one waits for a person. */
export type GoalLimits = {
  readonly rounds: number
  /** calls of one round */
  readonly calls: number
  readonly tokens: number
  /** ms since the epoch */
  readonly until: number
}

/**
 * The reason why a goal waits. A person answers all of them by `resume`. A budget that is raised continues the goal,
 * too. A goal continues by itself when its process is well again (`health`), and when its provider may answer
 * (`provider`, at `until`). `model`: no model answers before a person acts, and `reply` is the one that could not be
 * used; with `settings`, the goal also continues in a process with other settings. `code`: its process lacks a tool of
 * a program, or has another one of that name; `changes` say how they differ. A goal that has not begun waits for its
 * time (`start`, at `until`), or until its key has room (`queue`, the name of an actor); `resume` begins neither.
 */
export type GoalWait = { readonly title: string; readonly since: number } & (
  | { readonly type: 'limit'; readonly limit: 'rounds' | 'tokens' | 'deadline' }
  | { readonly type: 'money'; readonly scope: string }
  | ({ readonly type: 'provider' } & ProviderPause)
  | { readonly type: 'model'; readonly code: string; readonly reply?: string; readonly settings?: true }
  | { readonly type: 'code'; readonly changes?: readonly string[] }
  | { readonly type: 'start'; readonly until: number }
  | { readonly type: 'queue'; readonly queue: string }
  | { readonly type: 'stuck' | 'unknown' | 'health' }
)

/** Whether a goal waits for its time, or until its key has room. */
export const beginsLater = (wait: Pick<GoalWait, 'type'> | undefined): boolean =>
  wait?.type === 'start' || wait?.type === 'queue'

/** Whether a waiting goal continues without a person. */
export const endsByItself = (wait: Pick<GoalWait, 'type'> | undefined): boolean =>
  wait?.type === 'health' || wait?.type === 'provider' || beginsLater(wait)

/** Digests of a call and of its result. `told`: the model knows that it repeats itself. */
export type CallMark = { readonly call: string; readonly result: string; readonly told?: true }

/** The calls that a round did not wait for, by step. `asked`: their run ended, and a person is asked about them. */
export type OpenCalls = {
  readonly run: string
  readonly round: number
  readonly calls: readonly string[]
  readonly asked?: true
}

/**
 * How a call ended. `made`: it was made, and its result does not fit. `refused`: it was not made, because it was wrong
 * or one too many. `pending`: its round has ended before it.
 */
export type CallStatus = 'succeeded' | 'made' | 'failed' | 'rejected' | 'unknown' | 'cancelled' | 'refused' | 'pending'
