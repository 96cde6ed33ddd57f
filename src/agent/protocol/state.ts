/**
 * The vocabulary of goals: the state of a goal, its rounds, and the messages between a goal and its callers. It is
 * the ground floor of agents, and what is stored; all other folders of agents import it.
 */

import type { Problem } from '../../errors.ts'
import type { ActorIndex, ActorRef } from '../../kernel/types.ts'
import type { GoalParent } from '../../tool/agents/goal-origin.ts'
import { IN_INBOX } from '../../work/inbox.ts'
import type { ProviderPause } from '../../work/provider-wait.ts'
import { HEALTH_WAIT, moneyWait, PERSON_WAIT, PROVIDER_WAIT } from '../../work/wait.ts'

/** The cell of a goal. Its rounds are in parts `round/<n>`, counted from 1. */
export type GoalState = {
  readonly status: GoalStatus
  readonly agent: string
  readonly owner?: string
  /** the work above; absent: somebody outside started it */
  readonly parent?: GoalParent
  /** ms since the epoch */
  readonly startedAt: number
  readonly finishedAt?: number
  /** rounds in which the model has answered */
  readonly rounds: number
  /** calls that were made */
  readonly calls: number
  readonly tokens: number
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
  /** the playbook that it follows, or followed, was learned */
  readonly learned?: true
  /** what it taught: `pending` until that is known; absent: there is nothing to learn from it */
  readonly lesson?: Lesson | { readonly status: 'pending' }
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
  /** the newest calls, for the loop guard */
  readonly recent: readonly CallMark[]
  /** texts for the next round */
  readonly told: readonly string[]
  /** answers that did not fit the output of its agent */
  readonly wrongAnswers?: number
  readonly rating?: 'good' | 'bad'
  /** what is missing in its answer, one sentence each */
  readonly lacks?: readonly string[]
  readonly problem?: Problem
}

/** The address of a goal. */
export const goalRef = (goal: string): ActorRef => ({ kind: 'agent', key: goal })

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

/**
 * How far the undo of a goal is: the next round to look at, 0 for the playbook, and how many calls were undone or could
 * not be.
 */
export type GoalUndo = { readonly next: number; readonly undone: number; readonly failed: number }

/** The playbook that a goal taught, or the reason why there is none. `proposed`: it waits for a person. */
export type Lesson =
  | { readonly status: 'learned'; readonly playbook: string; readonly proposed?: true }
  | { readonly status: 'none'; readonly reason: string }

/** Bounds of a goal. A goal that reaches one waits for a person. */
export type GoalLimits = {
  readonly rounds: number
  /** calls of one round */
  readonly calls: number
  readonly tokens: number
  /** ms since the epoch */
  readonly until: number
}

/** The bounds that hold where nobody sets others; `time` in ms. */
export const DEFAULT_LIMITS = { rounds: 25, calls: 32, tokens: 500_000, time: 3_600_000 } as const

/** Dollars that a goal may spend where nobody sets another limit. */
export const DEFAULT_BUDGET = 1

/**
 * The reason why a goal waits. A person answers all of them by `resume`. A budget that is raised continues the goal,
 * too. A goal continues by itself when its process is well again (`health`), and when its provider may answer
 * (`provider`, at `until`). `model`: no model answers before a person acts, and `reply` is the one that could not be
 * used.
 */
export type GoalWait = { readonly title: string; readonly since: number } & (
  | { readonly type: 'limit'; readonly limit: 'rounds' | 'tokens' | 'deadline' }
  | { readonly type: 'money'; readonly scope: string }
  | ({ readonly type: 'provider' } & ProviderPause)
  | { readonly type: 'model'; readonly code: string; readonly reply?: string }
  | { readonly type: 'stuck' | 'unknown' | 'health' }
)

/** Whether a waiting goal continues without a person. */
export const endsByItself = (wait: GoalWait | undefined): boolean =>
  wait?.type === 'health' || wait?.type === 'provider'

/** Digests of a call and of its result. `told`: the model knows that it repeats itself. */
export type CallMark = { readonly call: string; readonly result: string; readonly told?: true }

/** A goal before its first message. */
export const NEW_GOAL: GoalState = {
  status: 'new',
  agent: '',
  startedAt: 0,
  rounds: 0,
  calls: 0,
  tokens: 0,
  cost: 0,
  limits: { ...DEFAULT_LIMITS, until: 0 },
  recent: [],
  told: [],
}

/** Whether a goal has ended. */
export function isOver({ status }: GoalState): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** Whether a goal does nothing more for its text: it has ended, or undoes what it did. */
export function isDone(state: GoalState): boolean {
  return isOver(state) || state.status === 'undoing'
}

/** Whether a goal goes on by itself, or another goal does for it. */
export function isAtWork({ status }: Pick<GoalState, 'status'>): boolean {
  return status === 'thinking' || status === 'acting' || status === 'undoing' || status === 'handed_off'
}

/** The index entry of a goal, as lists show it. Engines read `status`: a goal that waits for a person has no work. */
export function goalIndex(state: GoalState): ActorIndex {
  const { status, agent, startedAt, finishedAt, owner, parent, rounds, cost, wait, handedTo } = state
  const isHeld = endsByItself(wait)
  const isLong = wait?.type === 'provider' && wait.long === true
  const needsPerson = status === 'waiting' && wait?.type !== 'money' && !isHeld
  return {
    status: isAtWork(state) ? 'running' : status,
    agent,
    startedAt,
    rounds,
    cost,
    ...(finishedAt !== undefined && { finishedAt }),
    ...(owner !== undefined && { owner }),
    ...(parent && indexOfParent(parent)),
    ...(wait && { since: wait.since }),
    ...(wait && (!isHeld || isLong) && IN_INBOX),
    ...(isHeld && { waits: wait?.type === 'provider' ? PROVIDER_WAIT : HEALTH_WAIT }),
    ...(needsPerson && { waits: PERSON_WAIT }),
    ...(wait?.type === 'money' && { waits: moneyWait(wait.scope) }),
    ...(status !== 'handed_off' && isAtWork(state) && state.run !== undefined && { waits: `run/${state.run}` }),
    ...(status === 'handed_off' && handedTo && { waits: `agent/${handedTo.goal}` }),
  }
}

function indexOfParent(parent: GoalParent): ActorIndex {
  if ('run' in parent) return { root: parent.run }
  return 'goal' in parent ? { goal: parent.goal } : { thread: parent.thread }
}
