import { z } from 'zod'
import type { GivenAnswer } from '../../house/by.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { prioritySchema } from '../../lib/priority-schema.ts'
import type { ToolAnswers } from '../../tool/question.ts'
import type { ApprovalPolicy } from '../../tool/tool-request.ts'
import type { WorkFor } from '../../work/origin/call-for.ts'
import type { ProviderWait } from '../../work/provider-wait.ts'
import { countSchema, isObject, listOfMaps, optionalField, refSchema, textsSchema } from '../fields.ts'
import type { CallDecisions } from '../messages/call-decision.ts'
import type { PriorOutcome } from '../record/outcome.ts'
import type { ValueRef } from '../values.ts'
import type { RunProvenance } from './run-origin.ts'

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
  /** the author set the attempts: a failure that a tool only reports is retried, an attempt cut off by a kill counts */
  retryReported: optionalField(z.literal(true)),
  /** the step has AUTO tags to resolve first */
  hasAutoTags: optionalField(z.literal(true)),
  /** remaining ms of the timeout of its iteration */
  timeLeft: optionalField(countSchema),
})

/** The attempts of a step, and the rights of its call. */
export type StepPolicy = Readonly<z.infer<typeof policySchema>>

const batchSchema = z.object({
  /** nothing else of the run is in flight, so dependents may follow in the same turn */
  exclusive: optionalField(z.literal(true)),
  /** other members of the batch, which run in parallel */
  members: optionalField(listOfMaps<BatchMember>()),
  /** for a step deferred from a batch: how far it got there */
  deferred: optionalField(z.custom<DeferredCall>(isObject)),
})

const stepWorkSchema = z.object({
  /** the room that knows the order, by the name of its work */
  type: z.string(),
  /** data of that room: no other one reads it */
  order: z.custom<JsonObject>(isObject),
})

export const stepStartSchema = z.object({
  type: z.literal('start'),
  work: stepWorkSchema,
  run: runContextSchema,
  step: z.string(),
  policy: policySchema,
  batch: batchSchema,
  /** it waits for the provider of its model */
  waited: optionalField(z.custom<ProviderWait>(isObject)),
  /** the decisions of people about its calls */
  decisions: optionalField(z.custom<CallDecisions>(isObject)),
  /** how often a look-up has said that its call did not take place */
  remade: optionalField(countSchema),
  /** what people answered to the last question of its tool, if the call is made again with it */
  toolAnswers: optionalField(z.custom<ToolAnswers>(isObject)),
  /** what was said about its calls so far, and by whom */
  said: optionalField(listOfMaps<GivenAnswer>()),
})

/**
 * Orders a step. The message holds all that it needs, so that the step reads nothing from its run. `work.order` says
 * what is done, in the words of the room that decides.
 */
export type StepStart<Order extends JsonObject = JsonObject> = Readonly<
  Omit<z.infer<typeof stepStartSchema>, 'work'>
> & {
  readonly work: { readonly type: string; readonly order: Order }
}

/** The idempotency key of a deferred call, and the first outcome if the call was made. */
type DeferredCall = { readonly key: string; readonly priorOutcome?: PriorOutcome }

/** The start with other values in its order. */
export function withOrder<Order extends JsonObject>(start: StepStart<Order>, order: Partial<Order>): StepStart<Order> {
  return { ...start, work: { ...start.work, order: { ...start.work.order, ...order } } }
}

/** A further member of a batch: the fields in which its start differs, and those in which its order does. */
export type BatchMember = {
  readonly step: string
  readonly policy: StepPolicy
  readonly order?: JsonObject
}

/** Undoes the steps of a run, the last one first. `list`: the remaining steps, from number `from`. */
export type UndoStart<Order extends JsonObject = JsonObject> = Pick<StepStart<Order>, 'work' | 'run'> & {
  readonly type: 'undo'
  readonly from: number
  readonly list?: ValueRef
}

/** The id of the step that undoes the other steps of its run. */
export const UNDO_STEP = 'undo'

export function priorityOf({ run }: StepStart): Pick<RunContext, 'priority'> {
  return run.priority ? { priority: run.priority } : {}
}

/** The key by which a worker queue is fair: the owner of the run, else the run itself. */
export const fairnessKey = ({ run }: StepStart): string => run.owner ?? run.id

/** The work of a run that its cancellation spares. */
export const sparedWork = (id: string): string => `${id}/cleanup`
