import { z } from 'zod'
import type { Plain } from '../../document.ts'
import type { Schema } from '../../kernel/schema.ts'
import { prioritySchema } from '../../lib/priority-schema.ts'
import { approvalPolicySchema } from '../../tool/tool-request.ts'
import { workForSchema } from '../../work/origin/call-for.ts'
import { optionalField, refSchema } from '../fields.ts'

export const originFields = {
  /** the file it was read from */
  source: optionalField(z.string()),
  /** for a pipeline that came as text: the hash of its `PipelineBundle` in the value store */
  written: optionalField(z.string()),
  /** the owner; absent: the owner of the data folder */
  owner: optionalField(z.string()),
  /** paths given as inputs: the tools of the run may touch them */
  granted: optionalField(z.array(z.string())),
  /** tools that no step of it and of its child runs may call, by any name */
  denied: optionalField(z.array(z.string())),
  /** the caller is not on this machine: the run reaches only what is open to everyone */
  untrusted: optionalField(z.literal(true)),
  /**
   * its text came from the network: its steps call no tool of the program that is not open there. `false`: a fork knows
   * that it did not
   */
  foreign: optionalField(z.boolean()),
  /** the agents that a text from the network may name; absent: all */
  agents: optionalField(z.array(z.string())),
  /** a model chose its calls: they reach nothing of antiphon's own and get no secrets */
  chosenByModel: optionalField(z.literal(true)),
  /** a playbook: a person approves these calls of its steps and of its child runs first; absent: none */
  approve: optionalField(approvalPolicySchema),
  /** a step with an unknown outcome fails: the work above decides what follows; absent: the step waits for a person */
  failsOnUnknown: optionalField(z.literal(true)),
  /** how urgent its work is in pools and queues, as of its child runs, goals and asks; absent: as its pipeline says */
  priority: optionalField(prioritySchema),
  /** the goal of an agent that makes these calls */
  goal: optionalField(z.string()),
  /** for whom it works, besides its owner */
  workFor: optionalField(workForSchema),
  /** the thread with the ask that makes these calls, and the scope of a budget that pays besides */
  thread: optionalField(z.string()),
  payer: optionalField(z.string()),
  /** the agents whose goals led to it */
  ancestry: optionalField(
    z.object({
      path: z.array(z.string()),
      until: z.number().exactOptional(),
      isAsked: z.literal(true).exactOptional(),
    }),
  ),
  /** someone follows the run at a terminal and can answer prompts */
  interactive: optionalField(z.literal(true)),
  above: optionalField(z.object({ root: z.string(), pipelines: z.array(z.string()) })),
  /** of a workflow: the call whose code started it */
  startedIn: optionalField(z.object({ run: z.string(), step: z.string() })),
  /** the caller gets a reply when the run has started, not when it ends */
  detached: optionalField(z.literal(true)),
  /** a digest of what its caller started: the same id with other content is refused */
  content: optionalField(z.string()),
  /** a `ReuseSource`: results of an earlier run are reused where nothing changed */
  recorded: optionalField(refSchema),
}

/** The owner of a run, the source of its text, its permissions, and the work above it. */
export type RunOrigin = Plain<z.ZodObject<typeof originFields>>

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

export const runOriginSchema: Schema<RunOrigin> = z.object(originFields)
