import { InvalidError } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import type { Priority } from '../../../lib/priority.ts'
import type { WhenRequest } from '../../../run/later/terms.ts'
import type { StepAgent } from '../../../work/origin/goal-origin.ts'
import { MAX_GOAL_CHARACTERS } from '../../../work/text-limits.ts'
import { isAgentName } from '../../definition/agent-name.ts'
import type { Agent } from '../../definition/agent-value.ts'
import type { AgentDefinition } from '../../definition/definition.ts'

/** A goal for an agent. The same `id` starts one goal. `delay`, `startAt` and `queue` say when it begins. */
export type GoalRequest = WhenRequest & {
  /** a name, the path of a file, an agent of `defineAgent`, or a definition */
  readonly agent: string | Agent | AgentDefinition
  /** at most 32 000 characters */
  readonly goal: string
  readonly id?: string
  /** stored files, by id or reference, which the model gets with the text; and paths that the goal may read */
  readonly files?: readonly (string | { readonly file: string })[]
  /** absent: `local` */
  readonly owner?: string
  /** false: the caller is remote, and its calls reach only what is open to callers from the network */
  readonly trusted?: boolean
  /** a person follows it at a terminal, and can be asked there */
  readonly interactive?: boolean
  /** how urgent its work is; absent: as the definition says, else normal */
  readonly priority?: Priority
  /** false: the goal asks the model, and follows no playbook */
  readonly playbook?: boolean
  /** dollars for all its model calls; absent: as the definition says, else 1 */
  readonly budget?: number
  /** JSON of at most 16 KiB for the tools of the goal and of all work below it; no model sees it */
  readonly context?: Json
}

/** A goal that continues another one. The same `id` starts one goal. It begins at once, unless it says when. */
export type GoalForkRequest = WhenRequest &
  Pick<GoalRequest, 'id' | 'interactive' | 'budget'> & {
    /** the first round whose model is asked again; absent: the one after the last, or the last of a completed goal */
    readonly at?: number
  }

/** InvalidError for a goal without text, or with too much of it. */
export function checkGoal({ goal }: Pick<GoalRequest, 'goal'>): void {
  const place = { path: 'goal' }
  if (goal.trim() === '')
    throw new InvalidError('Expected a goal, got an empty text.', { place, hint: 'Say what is to be done.' })
  if (goal.length > MAX_GOAL_CHARACTERS)
    throw new InvalidError(`Expected at most ${MAX_GOAL_CHARACTERS} characters, got ${goal.length}.`, {
      place,
      hint: 'Put long texts into a file, and name the file in the goal.',
    })
}

/** InvalidError for a request with the path of a file: models and remote callers may only name an agent. */
export function checkOrder(agent: string | StepAgent, goal: string): void {
  if (typeof agent === 'string' && !isAgentName(agent))
    throw new InvalidError(`Expected the name of an agent, got ${agent.slice(0, 100)}.`)
  checkGoal({ goal })
}
