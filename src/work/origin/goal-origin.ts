import { type Problem, TerminalError } from '../../errors.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import type { Priority } from '../../lib/priority.ts'
import type { PromptCache } from '../../model/request/request.ts'
import type { ApprovalPolicy } from '../../tool/tool-request.ts'
import type { WorkFor } from './call-for.ts'

/** The agents above a piece of work, and what their goals pass down to it. */
export type AgentAncestry = {
  /** the names of the agents, the first one first */
  readonly path: readonly string[]
  /** when the goal above should have ended, in ms since the epoch; absent: no goal is above */
  readonly until?: number
  /** a step asked for the last of them, or it was handed over: the work above learns when a person is needed here */
  readonly isAsked?: true
}

/** The rights of a goal that a step or another goal asks for: no more than those above it have. */
export type GoalOrigin = {
  /** absent: the owner of the data folder */
  readonly owner?: string
  readonly untrusted?: true
  /** the text of the work above came from the network: an agent of its step calls no tool of the program */
  readonly foreign?: true
  /** a model wrote the goal */
  readonly chosenByModel?: true
  readonly interactive?: true
  /** paths that a caller opened to the tools of the work above */
  readonly granted?: readonly string[]
  /** tools that the work above may not call: an agent of a step may not either */
  readonly denied?: readonly string[]
  /** the calls that a person approves in the work above: those of an agent of a step wait, too */
  readonly approve?: ApprovalPolicy
  /** how urgent its work is; absent: as the file of its agent says */
  readonly priority?: Priority
  /** for whom the work above is done, besides the owner */
  readonly workFor?: WorkFor
  readonly ancestry: AgentAncestry
}

/**
 * Work above a goal: the run whose step asks, the goal that was handed over, or the conversation whose message `n` it
 * answers. It learns when the goal waits, and pays for it.
 */
export type GoalParent = { readonly run: string } | { readonly goal: string } | ThreadParent

/** A conversation above a goal, and the number of the message. */
export type ThreadParent = { readonly thread: string; readonly n: number }

/** An agent that a step of a pipeline brings along. It exists as long as the run of the step. */
export type StepAgent = {
  /** the name of the step */
  readonly name: string
  readonly instructions: string
  /** our names of tools, as in the file of an agent */
  readonly tools: readonly string[]
  /** absent: the default model */
  readonly model?: string
  /** the models after it */
  readonly otherModels?: readonly string[]
  readonly promptCache?: PromptCache
}

/** The order to an agent. */
export type AgentOrder = {
  /** the name of an agent of the project, or the own agent of a step */
  readonly agent: string | StepAgent
  readonly goal: string
  /** stored files of the owner, by id or reference, which the model gets with the text */
  readonly files?: readonly (string | { readonly file: string })[]
  readonly parent: GoalParent
  readonly origin: GoalOrigin
}

/**
 * Makes the first message of a goal. It pins the definition, so that later edits of the file do not change the goal.
 * @throws NotFoundError when there is no such agent, InvalidError when its file or the goal is wrong
 */
export type OrderGoal = (order: AgentOrder) => Promise<JsonObject>

/** How a goal ended, as its caller gets it. */
export type GoalReply = {
  readonly type: 'goal-end'
  readonly status: 'completed' | 'failed' | 'cancelled'
  readonly answer?: string
  /** the files that its model made for the answer */
  readonly files?: readonly FileRef[]
  /** the value of an agent with an `output`; `answer` is its JSON */
  readonly output?: Json
  /** parts missing in the answer, one sentence each */
  readonly lacks?: readonly string[]
  /** that it followed a playbook */
  readonly note?: string
  /** what the agent would still need */
  readonly needs: readonly string[]
  readonly problem?: Problem
  /** of a conversation: the replies to its messages, if the answer is not the only one */
  readonly replies?: readonly MessageText[]
}

/** A message of a conversation by its number, and what a person reads as its reply. */
export type MessageText = { readonly message: number; readonly text: string; readonly files?: readonly FileRef[] }

/** The number of agents that may work one below the other. */
const MAX_AGENTS = 10

/**
 * The names of the agents above a goal for this agent, and its own.
 * Two agents of steps with one name are no circle. Pure.
 * @throws TerminalError `agent_circle` when the agent is above already, `too_deep` when there are too many
 */
export function pathTo(agent: string | StepAgent, { path }: AgentAncestry): readonly string[] {
  const name = typeof agent === 'string' ? agent : `step:${agent.name}`
  const next = [...path, name]
  const way = next.join(' → ')
  if (typeof agent === 'string' && path.includes(name))
    throw new TerminalError(`The agents ask in a circle: ${way}.`, {
      code: 'agent_circle',
      hint: 'Remove one of them from `agents:` of the one before it.',
    })
  if (path.length >= MAX_AGENTS)
    throw new TerminalError(`Agents are nested deeper than ${MAX_AGENTS}: ${way}.`, { code: 'too_deep' })
  return next
}
