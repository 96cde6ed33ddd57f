import { z } from 'zod'
import type { Schema } from '../../kernel/schema.ts'
import type { Priority } from '../../lib/priority.ts'
import { prioritySchema } from '../../lib/priority-schema.ts'
import { type ApprovalPolicy, approvalPolicySchema } from '../../tool/tool-request.ts'
import { type WorkFor, workForSchema } from '../../work/origin/call-for.ts'
import type { CallHere } from '../../work/origin/call-here.ts'
import type { AgentAncestry } from '../../work/origin/goal-origin.ts'
import { optionalField, refSchema } from '../fields.ts'
import type { ValueRef } from '../values.ts'

/** The owner of a run, the source of its text, its permissions, and the work above it. */
export type RunOrigin = {
  /** the file it was read from */
  readonly source?: string
  /** for a pipeline that came as text: the hash of its `PipelineBundle` in the value store */
  readonly written?: string
  /** the owner; absent: the owner of the data folder */
  readonly owner?: string
  /** paths given as inputs: the tools of the run may touch them */
  readonly granted?: readonly string[]
  /** tools that no step of it and of its child runs may call, by any name */
  readonly denied?: readonly string[]
  /** the caller is not on this machine: the run reaches only what is open to everyone */
  readonly untrusted?: true
  /**
   * its text came from the network: its steps call no tool of the program that is not open there. `false`: a fork knows
   * that it did not
   */
  readonly foreign?: boolean
  /** the agents that a text from the network may name; absent: all */
  readonly agents?: readonly string[]
  /** a model chose its calls: they reach nothing of antiphon's own and get no secrets */
  readonly chosenByModel?: true
  /** a playbook: a person approves these calls of its steps and of its child runs first; absent: none */
  readonly approve?: ApprovalPolicy
  /** a step with an unknown outcome fails: the work above decides what follows; absent: the step waits for a person */
  readonly failsOnUnknown?: true
  /** how urgent its work is in pools and queues, as of its child runs, goals and asks; absent: as its pipeline says */
  readonly priority?: Priority
  /** the goal of an agent that makes these calls */
  readonly goal?: string
  /** for whom it works, besides its owner */
  readonly workFor?: WorkFor
  /** the thread with the ask that makes these calls, and the scope of a budget that pays besides */
  readonly thread?: string
  readonly payer?: string
  /** the agents whose goals led to it */
  readonly ancestry?: AgentAncestry
  /** someone follows the run at a terminal and can answer prompts */
  readonly interactive?: true
  readonly above?: RunAncestry
  /** of a workflow: the call whose code started it */
  readonly startedIn?: CallHere
  /** the caller gets a reply when the run has started, not when it ends */
  readonly detached?: true
  /** a digest of what its caller started: the same id with other content is refused */
  readonly content?: string
  /** a `ReuseSource`: results of an earlier run are reused where nothing changed */
  readonly recorded?: ValueRef
}

/** The ancestry of a child run: the root run, and the pipelines from there down to its parent. */
export type RunAncestry = { readonly root: string; readonly pipelines: readonly string[] }

/** The origin of a run, as a step passes it on with a callback request. */
export type RunProvenance = Pick<
  RunOrigin,
  | 'source'
  | 'written'
  | 'owner'
  | 'untrusted'
  | 'foreign'
  | 'agents'
  | 'chosenByModel'
  | 'approve'
  | 'failsOnUnknown'
  | 'interactive'
  | 'above'
  | 'ancestry'
  | 'priority'
  | 'workFor'
>

/** The fields of `RunOrigin` in a message. */
export const originFields = {
  source: optionalField(z.string()),
  written: optionalField(z.string()),
  owner: optionalField(z.string()),
  granted: optionalField(z.array(z.string())),
  denied: optionalField(z.array(z.string())),
  untrusted: optionalField(z.literal(true)),
  foreign: optionalField(z.boolean()),
  agents: optionalField(z.array(z.string())),
  chosenByModel: optionalField(z.literal(true)),
  approve: optionalField(approvalPolicySchema),
  failsOnUnknown: optionalField(z.literal(true)),
  priority: optionalField(prioritySchema),
  goal: optionalField(z.string()),
  workFor: optionalField(workForSchema),
  thread: optionalField(z.string()),
  payer: optionalField(z.string()),
  ancestry: optionalField(
    z.object({
      path: z.array(z.string()),
      until: z.number().exactOptional(),
      isAsked: z.literal(true).exactOptional(),
    }),
  ),
  interactive: optionalField(z.literal(true)),
  above: optionalField(z.object({ root: z.string(), pipelines: z.array(z.string()) })),
  startedIn: optionalField(z.object({ run: z.string(), step: z.string() })),
  detached: optionalField(z.literal(true)),
  content: optionalField(z.string()),
  recorded: optionalField(refSchema),
}

export const runOriginSchema: Schema<RunOrigin> = z.object(originFields)
