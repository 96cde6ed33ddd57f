import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Json } from '../../kernel/json.ts'
import type { Priority } from '../../lib/priority.ts'
import type { Reasoning } from '../../model/request/reasoning.ts'
import type { PromptCache } from '../../model/request/request.ts'
import type { Tool } from '../../tool/tool.ts'
import type { Around } from '../../work/rules/house-rules.ts'
import type { AgentMemorySettings, OnChange, ShownCalls, Skill } from './definition.ts'
import type { AgentFields } from './fields.ts'
import type { AgentFinding } from './finding.ts'
import type { OutputSchema } from './output-schema.ts'

/** A tool by its name, or as a value. */
export type AgentTool = string | Tool

/** Seconds, or a text such as `45s`, `30m`, `2h` or `1d`. */
export type AgentTime = number | `${number}${'s' | 'm' | 'h' | 'd'}`

/** The person that a goal is for: its owner, and the context that the program gave. */
export type GoalFor<Context = Json | undefined> = { readonly owner: string; readonly context: Context }

/** The instructions of an agent: a text, or a function that makes it from the goal's text, its owner and context. */
export type AgentInstructions<Context = Json | undefined> =
  | string
  | ((goal: string, about: GoalFor<Context>) => string | Promise<string>)

/** An agent as a program defines it. The keys mean what they mean in the file of an agent. */
export type AgentOptions<
  Tools extends readonly AgentTool[] = readonly AgentTool[],
  Output extends OutputSchema | undefined = OutputSchema | undefined,
  Context extends ContextSchema | undefined = ContextSchema | undefined,
> = {
  /** lower-case letters, digits and `-` */
  readonly name: string
  /** what the agent is for; required with `playbook` */
  readonly description?: string
  /** a function runs once, before the goal is durable, and its text is stored with the goal */
  readonly instructions: AgentInstructions<ContextIn<Context>>
  /** names, or tools of `defineTool`; absent: none */
  readonly tools?: Tools
  readonly disallowedTools?: readonly AgentTool[]
  /** a model, or several: the next one is asked when those before it fail */
  readonly model?: string | readonly string[]
  /** how long the provider keeps the beginning of its requests */
  readonly promptCache?: PromptCache
  /** rounds of a goal at most */
  readonly maxTurns?: number
  /** tokens of one reply at most, with its thoughts */
  readonly maxTokens?: number
  /** how much its model thinks: by a word, or tokens */
  readonly reasoning?: Reasoning
  readonly skills?: readonly Skill[]
  /** which calls wait for a person; absent: as antiphon.yaml says. `when`: a template that reads `input` */
  readonly approve?: 'default' | 'none' | readonly (AgentTool | { readonly tool: AgentTool; readonly when: string })[]
  /** dollars that a goal may spend */
  readonly budget?: number
  readonly priority?: Priority
  readonly deadline?: AgentTime
  /** how long a round waits for the provider of its model */
  readonly patience?: AgentTime
  /** how long one attempt at a call may take */
  readonly timeout?: AgentTime
  /** attempts at a call after the first */
  readonly retry?: number
  /** the path of a playbook in the project */
  readonly playbook?: string
  /** agents that it may ask: names, or agents of `defineAgent` */
  readonly agents?: readonly (string | Agent)[]
  /** the environment that it perceives */
  readonly environment?: string
  /** after a call whose outcome is unknown; absent: a person is asked */
  readonly onUnknown?: 'ask' | 'tell' | 'fail'
  readonly onFailure?: 'undo'
  /** goals whose code has changed since they began: a person answers once (absent), they go on, or they wait */
  readonly onChange?: OnChange
  /** the form of its answer: a Standard Schema, such as one of zod, or a JSON Schema; absent: the answer is a text */
  readonly output?: Output
  /**
   * the form of the context of its goals: a Standard Schema, such as one of zod. A program gives the context with a
   * message or a goal, and no model sees it; absent: any JSON
   */
  readonly context?: Context
  /** goals of a conversation recall what the agent did elsewhere for the same owner; absent: only their own thread */
  readonly recall?: 'agent'
  /** where its goals record and recall (absent: `agents/NAME`), and records that one recalls (absent: 5, 0: none) */
  readonly memory?: AgentMemorySettings
  /** the calls whose parameters and results visitors see: of these tools, `all`, or `none` (the default) */
  readonly show?: ShownCalls
  /** rules around the calls that it chooses, around its models, and around all work below it */
  readonly around?: Around
}

/** The form of a context: a Standard Schema (zod, valibot, arktype). */
export type ContextSchema = StandardSchemaV1<unknown, unknown>

/** The type of a context as tools and instructions get it. */
type ContextIn<Schema> = Schema extends StandardSchemaV1<unknown, infer Value> ? Value : Json | undefined

/** The type of a context as a program gives it. */
export type ContextGiven<Schema> = Schema extends StandardSchemaV1<infer Value, unknown> ? Value : Json

const PARTS = Symbol.for('antiphon.agent')

/**
 * An agent of a program, made by `defineAgent`. `Output` is the type of its answers: never, if they are texts, and
 * unknown for an agent of any kind. `Context` is the type of the context that a program gives with a message.
 */
export type Agent<Output = unknown, Tools extends readonly AgentTool[] = readonly AgentTool[], Context = unknown> = {
  readonly name: string
  readonly description: string
  /** the tools as they were given */
  readonly tools: Tools
  readonly [PARTS]: AgentParts<Output, Context>
}

/** The checked parts of an agent of a program. */
export type AgentParts<Output = unknown, Context = unknown> = {
  readonly fields: AgentFields
  readonly instructions: AgentInstructions
  readonly skills: readonly Skill[]
  /** the tools that it has as values */
  readonly code: readonly Tool[]
  /** the names of all tools that are values in one of its lists */
  readonly own: readonly string[]
  /** the agents that are values */
  readonly agents: readonly Agent[]
  /** what was found in the keys that can be used all the same */
  readonly findings: readonly AgentFinding[]
  /** the schema that makes its answers */
  readonly output?: StandardSchemaV1<unknown, Output>
  /** the schema that checks a context */
  readonly context?: StandardSchemaV1<Context, unknown>
  readonly around?: Around
}

/** An agent with its parts, frozen. */
export const toAgent = <Output, Tools extends readonly AgentTool[], Context>(
  facts: Pick<Agent<Output, Tools>, 'name' | 'description' | 'tools'>,
  parts: AgentParts<Output, Context>,
): Agent<Output, Tools, Context> => Object.freeze({ ...facts, [PARTS]: Object.freeze(parts) })

/** The parts of an agent, also across copies of this package; undefined for anything else. */
export function partsOfAgent<Output>(value: Agent<Output>): AgentParts<Output>
export function partsOfAgent(value: unknown): AgentParts | undefined
export function partsOfAgent(value: unknown): AgentParts | undefined {
  return typeof value === 'object' && value !== null && PARTS in value ? (value as Agent)[PARTS] : undefined
}

/** Whether a value was made by `defineAgent`. */
export const isAgent = (value: unknown): value is Agent => partsOfAgent(value) !== undefined
