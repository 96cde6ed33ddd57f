import type { AgentDefinition } from '../../agent/definition/definition.ts'
import type { MoreLimits } from '../../agent/goal/messages.ts'
import type { CallStatus, GoalStatus, GoalWait } from '../../agent/goal/state.ts'
import type { NumberedEvent } from '../../engine/engine.ts'
import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { encodeCursor, type ListQuery } from './paging.ts'

export type { MoreLimits } from '../../agent/goal/messages.ts'
export type { GoalStatus, GoalWait } from '../../agent/goal/state.ts'

/** Goals of agents. A goal outlives the process that started it. */
export interface GoalsPort {
  /** Starts a goal. Resolves with its id once the goal is durable. The same `id` starts one goal. InvalidError for an empty or too long goal. */
  start(request: GoalRequest): Promise<{ readonly id: string }>
  /** Lists goals by their start, the newest first. */
  list(query?: GoalsQuery): Promise<readonly GoalSummary[]>
  /** Reads a goal with its rounds. NotFoundError when there is none. */
  get(id: string): Promise<GoalDocument>
  /** Streams the durable events of a goal after a number: first the recorded ones, then live, until `goal-end` or the signal. */
  events(id: string, from?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncIterable<NumberedEvent>
  /** Gives the model a text before its next round. InvalidError `goal_over` when the goal has ended. */
  tell(id: string, text: string): Promise<void>
  /** Stops a goal before its next round. Calls that are under way go on. InvalidError `goal_over` when the goal has ended. */
  pause(id: string): Promise<void>
  /**
   * Continues a goal that waits, is paused, or was left by an earlier process. `more` is added to its limits, and `text` is told to the model. A limit that was
   * reached is raised by its default when `more` does not name it.
   */
  resume(id: string, options?: { readonly more?: MoreLimits; readonly text?: string }): Promise<void>
  /** Cancels a goal and the calls that are under way. */
  cancel(id: string, reason: string): Promise<void>
  /** Records what a person thinks of a goal that has ended. */
  rate(id: string, rating: 'good' | 'bad'): Promise<void>
}

/** A goal for an agent. The same `id` starts one goal. */
export type GoalRequest = {
  readonly agent: AgentDefinition
  /** at most 32 000 characters */
  readonly goal: string
  readonly id?: string
  /** absent: `local` */
  readonly owner?: string
  /** false: the caller is remote, and its calls reach only what is open to everyone */
  readonly trusted?: boolean
  /** somebody follows it at a terminal, and may be asked there */
  readonly interactive?: boolean
  /** dollars for all its model calls; absent: as the definition says, else 1 */
  readonly budget?: number
}

/** Which goals to list. */
export type GoalsQuery = ListQuery & { readonly status?: string; readonly agent?: string }

/** A goal as lists show it. Times in ms since the epoch; `cost` in dollars; `since`: when it began to wait. */
export type GoalSummary = {
  readonly id: string
  readonly agent: string
  readonly owner: string
  readonly status: string
  readonly startedAt: number
  readonly finishedAt?: number
  readonly rounds: number
  readonly cost: number
  readonly since?: number
}

/** A goal with its rounds. `run`: the run that makes the calls of a round. */
export type GoalDocument = {
  readonly id: string
  readonly agent: string
  readonly owner: string
  readonly status: GoalStatus
  readonly goal: string
  readonly startedAt: number
  readonly finishedAt?: number
  readonly rounds: readonly RoundDocument[]
  readonly tokens: number
  readonly cost: number
  readonly limits: { readonly rounds: number; readonly calls: number; readonly tokens: number; readonly until: number }
  readonly wait?: GoalWait
  readonly rating?: 'good' | 'bad'
  readonly answer?: string
  readonly problem?: Problem
}

/** One round of a goal: what the model said, and its calls. */
export type RoundDocument = {
  readonly round: number
  readonly text: string
  readonly told?: readonly string[]
  readonly run?: string
  readonly calls: readonly CallDocument[]
}

/** A call of a round. `outcome` is absent while it is under way. */
export type CallDocument = {
  readonly tool: string
  readonly parameters: { readonly [name: string]: Json }
  readonly step?: string
  readonly outcome?: CallStatus
  readonly result?: Json
}

/** The cursor behind a goal in a list of goals. */
export const cursorOfGoal = ({ startedAt, id }: Pick<GoalSummary, 'startedAt' | 'id'>): string =>
  encodeCursor(startedAt, id)
