/**
 * The vocabulary of goals: the state of a goal by its status, its rounds, and the messages between a goal and its
 * callers. It is the ground floor of agents, which all their other folders import.
 */

import { goalRef, runRef } from '../../house/actors.ts'
import { damagedActorError } from '../../kernel/faults.ts'
import type { Json } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorIndex, ActorRef } from '../../kernel/types.ts'
import type { GoalParent } from '../../work/origin/goal-origin.ts'
import { CODE_WAIT, HEALTH_WAIT, IN_INBOX, moneyWait, PERSON_WAIT, PROVIDER_WAIT } from '../../work/wait.ts'
import { endsByItself, type GoalWait, type StoredGoal } from './stored-goal.ts'

/** The fields that belong to some statuses only. */
type OwnFields = Pick<
  StoredGoal,
  | 'run'
  | 'playbook'
  | 'wait'
  | 'handedTo'
  | 'isAnswered'
  | 'undo'
  | 'pauseRequested'
  | 'finishedAt'
  | 'problem'
  | 'rating'
  | 'lacks'
>

/**
 * A goal in one status, with the fields that it has and those that it may have. All others are absent, so the compiler
 * finds a field that a turn forgets to remove.
 */
type InStatus<
  Status extends StoredGoal['status'],
  Has extends keyof OwnFields = never,
  May extends keyof OwnFields = never,
> = Omit<StoredGoal, 'status' | keyof OwnFields> & { readonly status: Status } & Required<Pick<OwnFields, Has>> &
  Pick<OwnFields, May> & { readonly [Absent in Exclude<keyof OwnFields, Has | May>]?: never }

/** No message has begun it. */
type New = InStatus<'new'>

/** It asks its model, or looks for a playbook. */
export type Thinking = InStatus<'thinking', never, 'pauseRequested'>

/** A run makes the calls of its last round. */
export type Calling = InStatus<'acting', 'run', 'pauseRequested'>

/** A run follows a playbook. */
export type Following = InStatus<'acting', 'run' | 'playbook', 'pauseRequested'>

/** It waits for a person, for money, for its provider or for the health of its process. */
export type Waiting = InStatus<'waiting', 'wait', 'pauseRequested'>

/** A person has paused it. */
export type Paused = InStatus<'paused'>

/** Another goal works on it. `isAnswered`: that one has just ended. */
export type HandedOff = InStatus<'handed_off', 'handedTo', 'isAnswered' | 'pauseRequested'>

/** It failed, and its calls are being undone. Fields of the status in which it failed stay. */
export type Undoing = InStatus<
  'undoing',
  'run' | 'undo' | 'problem',
  'playbook' | 'wait' | 'handedTo' | 'isAnswered' | 'pauseRequested'
>

/**
 * It has ended. Only one that failed or was cancelled has a problem; only one that was completed lacks something. With
 * `wait`, a person is asked what its last calls did: they were interrupted.
 */
export type Ended = InStatus<
  'completed' | 'failed' | 'cancelled',
  'finishedAt',
  'problem' | 'lacks' | 'rating' | 'playbook' | 'handedTo' | 'isAnswered' | 'undo' | 'wait'
>

/** A goal that may still do something for its text. */
export type Unfinished = New | Thinking | Calling | Following | Waiting | Paused | HandedOff

/** A goal in memory: the stored record, with the fields that its status allows. */
export type GoalState = Unfinished | Undoing | Ended

/** All statuses, with the fields without which a goal in that status is damaged. */
const REQUIRED: ReadonlyMap<unknown, readonly (keyof OwnFields)[]> = new Map<GoalState['status'], (keyof OwnFields)[]>([
  ['new', []],
  ['thinking', []],
  ['acting', ['run']],
  ['waiting', ['wait']],
  ['paused', []],
  ['handed_off', ['handedTo']],
  ['undoing', ['run', 'undo', 'problem']],
  ['completed', []],
  ['failed', []],
  ['cancelled', []],
])

/** The stored state of a goal by its status: the same object. Throws if it cannot be the state of a goal. */
export function readGoalState(stored: Json, goal: string): GoalState {
  const state = stored as Partial<StoredGoal> | null
  const required = REQUIRED.get(state?.status)
  if (!required) throw damagedActorError(nameOf(goalRef(goal)))
  for (const field of required)
    if (state![field] === undefined)
      throw damagedActorError(`${nameOf(goalRef(goal))} (${state!.status} without ${field})`)
  return state as GoalState
}

/** Reads the state of a goal; undefined: there is none. */
export async function peekGoal(
  view: { peek(of: ActorRef): Promise<Json | undefined> },
  goal: string,
): Promise<GoalState | undefined> {
  const stored = await view.peek(goalRef(goal))
  return stored === undefined ? undefined : readGoalState(stored, goal)
}

/** The bounds that hold where nobody sets others; `time` in ms. */
export const DEFAULT_LIMITS = { rounds: 25, calls: 32, tokens: 500_000, time: 3_600_000 } as const

/** Dollars that a goal may spend where nobody sets another limit. */
export const DEFAULT_BUDGET = 1

/** A goal before its first message. */
export const NEW_GOAL: New = {
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

export function isOver(state: GoalState): state is Ended {
  const { status } = state
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** Whether a goal no longer works on its text: it has ended, or undoes its calls. */
export const isDone = (state: GoalState): state is Undoing | Ended => isOver(state) || state.status === 'undoing'

/** Whether a goal goes on by itself, or another goal does for it. */
export function isAtWork({ status }: Pick<GoalState, 'status'>): boolean {
  return status === 'thinking' || status === 'acting' || status === 'undoing' || status === 'handed_off'
}

/** The work on the open calls of a goal. Its cancellation leaves the goal, and cancels the calls. */
export const openWork = (goal: string): string => `${goal}.open`

/** The index entry of a goal, as lists show it. Engines read `status`: a goal that waits for a person has no work. */
export function goalIndex(state: GoalState): ActorIndex {
  const { status, agent, startedAt, finishedAt, owner, parent, rounds, cost, wait, handedTo, open, trace } = state
  const isHeld = endsByItself(wait)
  const isLong = wait?.type === 'provider' && wait.long === true
  const needsPerson = status === 'waiting' && wait?.type !== 'money' && wait?.type !== 'code' && !isHeld
  return {
    status: isAtWork(state) ? 'running' : status,
    agent,
    startedAt,
    rounds,
    cost,
    ...(finishedAt !== undefined && { finishedAt }),
    ...(owner !== undefined && { owner }),
    ...(open && { open: open.length }),
    ...(trace !== undefined && { trace }),
    ...(parent && indexOfParent(parent)),
    ...(wait && { since: wait.since }),
    ...(wait && (!isHeld || isLong) && IN_INBOX),
    ...(wait && isHeld && heldIndex(wait)),
    ...(needsPerson && { waits: PERSON_WAIT }),
    ...(wait?.type === 'code' && { waits: CODE_WAIT }),
    ...(wait?.type === 'money' && { waits: moneyWait(wait.scope) }),
    ...(status !== 'handed_off' && isAtWork(state) && state.run !== undefined && { waits: nameOf(runRef(state.run)) }),
    ...(status === 'handed_off' && handedTo && { waits: nameOf(goalRef(handedTo.goal)) }),
  }
}

/** The fields of a goal that continues by itself; those of one that has not begun are as those of a run. */
function heldIndex(wait: GoalWait): ActorIndex {
  if (wait.type === 'start') return { later: 'timed', until: wait.until }
  if (wait.type === 'queue') return { later: 'queued', waits: wait.queue }
  return { waits: wait.type === 'provider' ? PROVIDER_WAIT : HEALTH_WAIT }
}

function indexOfParent(parent: GoalParent): ActorIndex {
  if ('run' in parent) return { root: parent.run }
  return 'goal' in parent ? { goal: parent.goal } : { thread: parent.thread }
}
