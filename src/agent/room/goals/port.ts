import type { NumberedEvent } from '../../../engine/engine.ts'
import type { From } from '../../../house/describe.ts'
import type { RunsPort } from '../../../run/room/port.ts'
import type { Settlement } from '../../../step/messages/settlement.ts'
import type { GoalForkRequest, GoalRequest } from '../../goal/start/request.ts'
import type { GoalEvent } from '../../protocol/goal-event.ts'
import type { MoreLimits } from '../../protocol/messages.ts'
import type { CodeReport, GoalNeeds } from '../code/documents.ts'
import type { GoalDocument, GoalSummary, RequestDocument } from './documents.ts'
import type { GoalsQuery } from './read-goal.ts'

export type { GoalForkRequest, GoalRequest } from '../../goal/start/request.ts'
export type { MoreLimits } from '../../protocol/messages.ts'
export type { CodeReport, GoalNeeds } from '../code/documents.ts'
export type { CallDocument, GoalDocument, GoalSummary, RequestDocument, RoundDocument } from './documents.ts'

/** An agent by its name, with the names of its tools. */
export type AgentTools = { readonly agent: string; readonly tools: readonly string[] }

/** Goals of agents. A goal outlives the process that started it. */
export interface GoalsPort {
  /**
   * Starts a goal. Resolves with its id once the goal is durable; `joined`: its key was busy, and it is the open goal
   * of that key. The same `id` starts one goal. InvalidError for an empty or too long goal; `queue_busy`, if the start
   * refuses to wait.
   */
  start(request: GoalRequest): Promise<{ readonly id: string; readonly joined?: true }>
  /** Reads the names of the tools that an agent has. NotFoundError when there is no such agent. */
  tools(agent: string, options?: { readonly owner?: string }): Promise<AgentTools>
  /** Lists goals by their start, the newest first. */
  list(query?: GoalsQuery): Promise<readonly GoalSummary[]>
  /** Reads a goal with its rounds. NotFoundError when there is none. */
  get(id: string): Promise<GoalDocument>
  /**
   * Shows the request that the model got in a round: it is made again from what is stored, and `changed` says how it
   * differs. At most 256 KiB of it. NotFoundError when there is no such goal or round.
   */
  round(goal: string, round: number): Promise<RequestDocument>
  /** Streams durable events of a goal after a number, recorded ones and then live, until `goal-end` or the signal. */
  events(id: string, from?: From): AsyncIterable<NumberedEvent<GoalEvent>>
  /** Gives the model a text before its next round. InvalidError `goal_over` when the goal has ended. */
  tell(id: string, text: string): Promise<void>
  /** Stops a goal before its next round. Calls in flight continue. InvalidError `goal_over` when the goal has ended. */
  pause(id: string): Promise<void>
  /**
   * Continues a goal that waits, is paused, or was left by an earlier process. `more` is added to its limits, and
   * The model gets `text`. A limit that was reached is raised by its default when `more` does not name it.
   */
  resume(id: string, options?: { readonly more?: MoreLimits; readonly text?: string }): Promise<void>
  /**
   * Lets goals in flight go on with code that has changed: one answer for all of an owner (absent: of everybody), for
   * those of an agent, or for one. NotFoundError if that goal does not exist or belongs to another owner.
   */
  adopt(which?: { readonly goal?: string; readonly agent?: string; readonly owner?: string }): Promise<CodeReport>
  /** Lists the code that goals in flight need, by agent. */
  code(options?: { readonly owner?: string }): Promise<GoalNeeds>
  /**
   * Starts a goal that reuses the rounds of another one before a round, at no cost, and asks the model from there on.
   * Calls of reused rounds are not made again. Resolves with the new id once the goal is durable. InvalidError
   * `unknown_round` for a round that the goal does not have; `queue_busy`, as for `start`.
   */
  fork(id: string, request?: GoalForkRequest): Promise<{ readonly id: string; readonly joined?: true }>
  /**
   * Settles a call of the last round whose outcome is unknown, as `runs.settle` does for a step. A call of a
   * goal that was stopped is not made any more.
   */
  settle(
    goal: string,
    call: string,
    settlement: Settlement,
    options?: { readonly id?: string; readonly by?: string },
  ): ReturnType<RunsPort['settle']>
  /** Cancels a goal and its calls in flight. */
  cancel(id: string, reason: string): Promise<void>
  /** Records the rating of a goal that has ended. */
  rate(id: string, rating: 'good' | 'bad'): Promise<void>
}

/** Operations on goals for the server only. */
export interface GoalServing {
  /** The owner of a goal; undefined when there is no such goal. */
  ownerOfGoal(goal: string): Promise<string | undefined>
  /** Whether the goal has ended and has no events after that number. */
  goalEnded(goal: string, after: number): Promise<boolean>
}
