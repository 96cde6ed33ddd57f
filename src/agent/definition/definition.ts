import type { JsonObject } from '../../kernel/json.ts'
import type { Priority } from '../../lib/priority.ts'
import type { JsonSchema } from '../../model/prompt/task.ts'
import type { Reasoning } from '../../model/request/reasoning.ts'
import type { PromptCache } from '../../model/request/request.ts'
import type { ApprovalPolicy } from '../../tool/tool-request.ts'

/** An agent, as its file defines it. It is stored when a goal starts, so later edits do not change the goal. */
export type AgentDefinition = {
  /** lower-case letters, digits and `-`, as in the name of its file */
  readonly name: string
  /** empty if a file of another product has none */
  readonly description: string
  /** the body of the file: the instructions for the agent */
  readonly instructions: string
  /** the AGENTS.md of the project; absent: there is none */
  readonly project?: string
  /** the tools that it may call, in our names, such as `filesystem:read`; without an operation: all of that tool */
  readonly tools: readonly string[]
  /** warnings about its tools: names that mean nothing here, and tools that the file does not name; absent: none */
  readonly toolNotes?: readonly string[]
  /** tools that its calls and their child runs may not call, under any name; absent: none */
  readonly denied?: readonly string[]
  /** a model; absent: the default model */
  readonly model?: string
  /** the models after it, of which one answers when those before it fail; absent: none */
  readonly otherModels?: readonly string[]
  /** how long the provider keeps what its requests mark; absent: as its model says, else 5m */
  readonly promptCache?: PromptCache
  /** rounds of a goal at most */
  readonly maxTurns?: number
  /** tokens of one reply at most, with its thoughts; absent: as its model is described, or the default of a budget */
  readonly maxTokens?: number
  /** how much its model thinks; absent: as its model is described, otherwise as the provider decides */
  readonly reasoning?: Reasoning
  readonly skills: readonly Skill[]
  /** MCP servers that the file brings, as in `.mcp.json` */
  readonly mcpServers?: { readonly [name: string]: unknown }
  /** which calls wait for a person; absent: as antiphon.yaml says */
  readonly approve?: ApprovalPolicy
  /** dollars that a goal may spend */
  readonly budget?: number
  /** seconds that a goal may take */
  readonly deadline?: number
  /** seconds that a goal waits for the provider of its model; absent: as the pool or antiphon.yaml says */
  readonly patience?: number
  /** seconds that one attempt at a call may take; absent: as its tool says */
  readonly timeout?: number
  /** attempts at a call after the first; absent: two. An at-most-once call has none. */
  readonly retry?: number
  /** how urgent the work of its goals is; absent: normal */
  readonly priority?: Priority
  /** path of a playbook file, relative to the project */
  readonly playbook?: string
  /** agents that it may ask, or hand a goal to */
  readonly agents?: readonly AgentToAsk[]
  /** the environment that it perceives */
  readonly environment?: string
  /** after a call whose outcome is unknown: a person is asked (absent), the model is told, or the goal fails */
  readonly onUnknown?: 'ask' | 'tell' | 'fail'
  /** after a goal that failed: its finished calls are undone, or nothing happens (absent) */
  readonly onFailure?: 'undo'
  /** work that waits because code of a program has changed: a person answers (absent), it goes on, or it waits */
  readonly onChange?: OnChange
  /** the JSON Schema of its answer, which is an object; absent: the answer is a text */
  readonly output?: JsonSchema
  /** a goal of a conversation recalls what the agent did elsewhere for the same owner; absent: only its own thread */
  readonly recall?: 'agent'
  /** where it records and recalls, and how much; absent: in `agents/NAME`, five records */
  readonly memory?: AgentMemorySettings
  /** the calls whose parameters and results visitors see; absent: none */
  readonly show?: ShownCalls
  /** it came from the network: its goals count as begun there, also those of the local user */
  readonly untrusted?: true
  /** its tools that are code of a program, with the hashes of their input schemas; absent: none */
  readonly bound?: BoundTools
  /** those input schemas, to show what has changed; absent: none */
  readonly boundInputs?: { readonly [tool: string]: JsonObject }
  /** its output is a schema of a program: the hash of the JSON Schema */
  readonly boundOutput?: string
}

/** The calls whose parameters and results visitors see: those of these tools, all, or none. */
export type ShownCalls = 'all' | 'none' | readonly string[]

/** The settings of an agent's memory in its file. */
export type AgentMemorySettings = {
  /** where its goals record and recall; absent: `agents/NAME` */
  readonly space?: string
  /** records that a goal recalls at most, 0: none; absent: 5 */
  readonly recall?: number
  /**
   * what it may search besides its own space: `owner`, the records of the owner of its goals, and spaces of the
   * operator. Absent: its tools search the records of the owner, and its goals recall only its own space
   */
  readonly read?: readonly string[]
}

/** How work goes on whose code has changed: a person answers once, it adopts the new code, or it waits for the old. */
export type OnChange = 'ask' | 'adopt' | 'finish-old'

/** Tools of a program: a name, and the hash of the schema of its parameters. */
type BoundTools = { readonly [tool: string]: string }

/** Another agent, as the model sees it. */
export type AgentToAsk = { readonly name: string; readonly description?: string }

/** Instructions for one kind of task. The model sees name and description, and asks for the body. */
export type Skill = {
  readonly name: string
  readonly description: string
  readonly body: string
  /** the folder of the skill, relative to the project; absent: a program defines it, and it has no files */
  readonly folder?: string
  /** `playbook.yaml` beside SKILL.md: how the skill is done without thinking; absent: there is none */
  readonly playbook?: string
}

/** Maximum characters of the description of a skill, as the open format has it. */
export const MAX_SKILL_DESCRIPTION = 1024

/** Maximum characters of the name of a skill. */
export const MAX_SKILL_NAME = 100
