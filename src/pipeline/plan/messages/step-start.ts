import { z } from 'zod'
import type { GivenAnswer } from '../../../house/by.ts'
import { prioritySchema } from '../../../lib/priority-schema.ts'
import type { RunProvenance } from '../../../run/origin.ts'
import {
  countSchema,
  isObject,
  listOfMaps,
  optionalField,
  problemSchema,
  refSchema,
  textsSchema,
} from '../../../step/fields.ts'
import type { CallDecisions } from '../../../step/messages/call-decision.ts'
import type { PriorOutcome, StepRead } from '../../../step/record/outcome.ts'
import type { StepProblem } from '../../../step/record/step.ts'
import type { ValueRef } from '../../../step/values.ts'
import type { WorkFor } from '../../../tool/agents/call-for.ts'
import type { ToolAnswers } from '../../../tool/question.ts'
import type { ApprovalPolicy } from '../../../tool/tool-request.ts'
import type { ProviderWait } from '../../../work/provider-wait.ts'
import type { AutoAnswer } from '../auto-tag.ts'
import type { CompiledPipeline } from '../compiled.ts'

const runContextSchema = z.object({
  id: z.string(),
  startedAt: countSchema,
  /** absent: the local owner */
  owner: optionalField(z.string()),
  /** paths that the caller opened to the tools of the run */
  granted: optionalField(textsSchema),
  /** tools that the run may not call */
  denied: optionalField(textsSchema),
  untrusted: optionalField(z.literal(true)),
  /** its text came from the network: it calls no tool of the program that is not open there */
  foreign: optionalField(z.literal(true)),
  chosenByModel: optionalField(z.literal(true)),
  /** the calls that a person must approve; absent: none */
  approve: optionalField(z.custom<ApprovalPolicy>((value) => typeof value === 'string' || Array.isArray(value))),
  /** a step with an unknown outcome fails; absent: it waits for a person */
  failsOnUnknown: optionalField(z.literal(true)),
  /** ms that a call of a tool may take at most: what its goal had left when the run began */
  callTime: optionalField(countSchema),
  /** absent: normal */
  priority: optionalField(prioritySchema),
  /** for whom the run works, besides its owner */
  workFor: optionalField(z.custom<WorkFor>(isObject)),
  /** a `ReuseSource`: results of an earlier run are reused where nothing changed */
  recorded: optionalField(refSchema),
  /** steps may be undone later, so their tools record the previous state */
  undoable: optionalField(z.literal(true)),
  /** for a step that starts work elsewhere */
  provenance: optionalField(z.custom<RunProvenance>(isObject)),
})

/** The run of a step, as far as the step needs it. */
export type RunContext = Readonly<z.infer<typeof runContextSchema>>

const policySchema = z.object({
  attempts: countSchema,
  effect: z.enum(['pure', 'idempotent', 'at-most-once']),
  /**
   * the author set the number of attempts: a failure that the tool only
   * reports is retried, and an attempt that a kill cuts off counts
   */
  retryReported: optionalField(z.literal(true)),
  /** the step has AUTO tags to resolve first */
  hasAutoTags: optionalField(z.literal(true)),
  /** remaining ms of the timeout of its iteration */
  timeLeft: optionalField(countSchema),
})

/** The attempts of a step, and the rights of its call. */
export type StepPolicy = Readonly<z.infer<typeof policySchema>>

const loopContextSchema = z.object({
  /** progress of the loops around the step by node, and its own when it evaluates its conditions */
  views: z.custom<{ readonly [node: string]: LoopView }>(isObject),
  /** for a loop that evaluates its conditions: the number of ended iterations, and the failed step */
  iteration: optionalField(countSchema),
  problem: optionalField(problemSchema as z.ZodType<StepProblem>),
})

/** The loops that a step sees. */
export type LoopContext = Readonly<z.infer<typeof loopContextSchema>>

const batchSchema = z.object({
  /** nothing else of the run is in flight, so dependents may follow in the same turn */
  exclusive: optionalField(z.literal(true)),
  /** other members of the batch, which run in parallel */
  members: optionalField(listOfMaps<BatchMember>()),
  /** for a step deferred from a batch: how far it got there */
  deferred: optionalField(z.custom<DeferredCall>(isObject)),
})

/** Schema of `StepStart`. */
export const stepStartSchema = z.object({
  type: z.literal('start'),
  /** the hash of the compiled pipeline */
  pipeline: z.string(),
  /** the pipeline itself, when no other step shares it */
  compiled: optionalField(z.custom<CompiledPipeline>(isObject)),
  run: runContextSchema,
  step: z.string(),
  inputs: refSchema,
  /** the values it reads, by node; `parts`: there are too many to send, so it reads the parts of the run */
  reads: z.custom<ReadsByNode | 'parts'>((value) => value === 'parts' || isObject(value)),
  policy: policySchema,
  loop: optionalField(loopContextSchema),
  batch: batchSchema,
  /** answers to its AUTO tags */
  answers: optionalField(listOfMaps<AutoAnswer>()),
  /** it waits for the provider of its model */
  waited: optionalField(z.custom<ProviderWait>(isObject)),
  /** the decisions of people about its calls */
  decisions: optionalField(z.custom<CallDecisions>(isObject)),
  /** what people answered to the last question of its tool, if the call is made again with it */
  toolAnswers: optionalField(z.custom<ToolAnswers>(isObject)),
  /** what was said about its calls so far, and by whom */
  said: optionalField(listOfMaps<GivenAnswer>()),
})

/** Starts a step. The message holds all it needs, so that the step reads nothing from its run. */
export type StepStart = Readonly<z.infer<typeof stepStartSchema>>

type ReadsByNode = { readonly [node: string]: StepRead }

/** The idempotency key of a deferred call, and the first outcome if the call was made. */
type DeferredCall = { readonly key: string; readonly priorOutcome?: PriorOutcome }

/** A further member of a batch: the fields in which its start differs. Without `reads` it reads the same values. */
export type BatchMember = {
  readonly step: string
  readonly policy: StepPolicy
  readonly reads?: ReadsByNode | 'parts'
}

/** The progress of a loop as a step sees it. `ms`: the total duration of its steps so far. */
export type LoopView = {
  readonly list?: ValueRef
  readonly most?: number
  readonly length: number
  readonly ms: number
}

/** Undoes the steps of a run, the last one first. `list`: the remaining steps, from number `from`. */
export type UndoStart = Pick<StepStart, 'pipeline' | 'run'> & {
  readonly type: 'undo'
  readonly from: number
  readonly list?: ValueRef
}

/** The id of the step that undoes the other steps of its run. */
export const UNDO_STEP = 'undo'

/** The priority of the step's tasks in pools. */
export function priorityOf({ run }: StepStart): Pick<RunContext, 'priority'> {
  return run.priority ? { priority: run.priority } : {}
}

/** The key by which a worker queue is fair: the owner of the run, else the run itself. */
export function fairnessKey({ run }: StepStart): string {
  return run.owner ?? run.id
}
