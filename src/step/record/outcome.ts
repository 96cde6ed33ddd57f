import { z } from 'zod'
import type { Problem } from '../../errors.ts'
import type { GivenAnswer } from '../../house/by.ts'
import type { Json } from '../../kernel/json.ts'
import { BAD_RESULT } from '../../tool/bad-result.ts'
import { countSchema, isObject, listOfMaps, optionalField, problemSchema, refSchema, textsSchema } from '../fields.ts'
import type { ValueRef } from '../values.ts'
import type { Artifact } from './artifact.ts'
import type { ModelUse } from './model-use.ts'
import type { FailedHandler, StepProblem, StepRecovery, StepTry, WholeText } from './step.ts'

/** Values by name, such as the parameters of a call. */
export type StepParameters = { readonly [name: string]: Json }

/** The shape of a loop's result. `foreach` repeats one step; `queue` runs actions in order for each item. */
export type LoopShape = 'for_each' | 'foreach' | 'while' | 'action_loop' | 'queue'

/** How the step compares with earlier runs. */
type StepReuse = {
  /** the result equals that of an earlier run; with no attempt it was reused */
  readonly same?: true
  /** digest of the files its model was given */
  readonly modelFilesDigest?: string
  /** digest of the files its templates read */
  readonly filesDigest?: string
}

/** That a person approved the call of a step: the ms that it took, and the parameters if the person changed them. */
type CallApproval = { readonly ms: number; readonly edited?: ValueRef }

const outcomeFields = {
  attempts: countSchema,
  /** ms of the last attempt */
  ms: countSchema,
  /** ms of the last attempt in which it waited for a place in a pool */
  queued: optionalField(countSchema),
  /** the failed attempts before, for the event of its end */
  tries: optionalField(listOfMaps<StepTry>()),
  /** the target its dynamic route chose */
  goto: optionalField(z.string()),
  /** the models that answered for it */
  models: optionalField(listOfMaps<ModelUse>()),
  /** a fallback produced the result, or another model than the one that was asked for */
  degraded: optionalField(z.literal(true)),
  recovery: optionalField(z.custom<StepRecovery>(isObject)),
  reuse: optionalField(z.custom<StepReuse>(isObject)),
  decided: optionalField(z.custom<CallApproval>(isObject)),
  /** what was said about its calls, and by whom */
  said: optionalField(listOfMaps<GivenAnswer>()),
  /** warnings of its tool about the result; for outputs: those that could not be rendered */
  warnings: optionalField(textsSchema),
  /** parts missing in its result */
  lacks: optionalField(textsSchema),
  /** fields of its result that are kept whole */
  whole: optionalField(listOfMaps<WholeText>()),
}

export type StepRemarks = {
  readonly warnings?: readonly string[]
  readonly lacks?: readonly string[]
  readonly whole?: readonly WholeText[]
}

const artifactSchema = z.custom<Artifact>((value) => isObject(value) && typeof value.location === 'string')

/** The fields of a completed step. `problem`: the failure that a fallback replaced. */
export const completedFields = {
  status: z.literal('completed'),
  ...outcomeFields,
  result: refSchema,
  problem: optionalField(problemSchema),
  /** the list of a loop */
  list: optionalField(refSchema),
  /** the dependencies it chose for another step */
  depends: optionalField(textsSchema),
  artifact: optionalField(artifactSchema),
  /** data its tool needs to undo the step */
  memo: optionalField(refSchema),
}

/** The fields of a failed step. It may have a result to show. */
export const failedFields = {
  status: z.literal('failed'),
  ...outcomeFields,
  problem: problemSchema,
  result: optionalField(refSchema),
  list: optionalField(refSchema),
  artifact: optionalField(artifactSchema),
  /** data its tool needs to undo a call that was made, and whose result does not fit */
  memo: optionalField(refSchema),
}

/** The fields of a skipped step: the reason, and the step whose route skipped it. */
export const skippedFields = {
  status: z.literal('skipped'),
  ...outcomeFields,
  reason: z.string(),
  by: optionalField(z.string()),
  /** the reason of a person for rejecting its call */
  comment: optionalField(z.string()),
}

type FieldsOf<Shape extends z.ZodRawShape> = Readonly<z.infer<z.ZodObject<Shape>>>
export type CompletedOutcome = FieldsOf<typeof completedFields>
export type FailedOutcome = FieldsOf<typeof failedFields>
type SkippedOutcome = FieldsOf<typeof skippedFields>

/** How a step ended. */
export type StepOutcome = CompletedOutcome | FailedOutcome | SkippedOutcome

/** The part of a run that records a step: how far it is, or how it ended. */
export type StepPart = WaitingStep | QueuedStep | RunningStep | EndedStep

export const stepPartName = (id: string) => `step/${id}`

export type WaitingStep = {
  readonly status: 'waiting'
  /** the number of dependencies that have not ended */
  readonly pendingDeps: number
  /** for a step with optional dependencies: ended ones, and ones that it turned out not to need */
  readonly optional?: { readonly ended: readonly string[]; readonly dropped: readonly string[] }
  /** a route led to this step, which runs only then */
  readonly demanded?: true
}

/** A step none of whose dependencies has ended. */
export const waitingFor = (needs: readonly string[]): WaitingStep => ({ status: 'waiting', pendingDeps: needs.length })

/** A step that is ready, outside the window. */
type QueuedStep = { readonly status: 'queued' }

type RunningStep = {
  readonly status: 'running'
  /** the other members of its batch, until their outcome is known */
  readonly members?: readonly string[]
  /** for an open loop: its list, or the maximum number of iterations */
  readonly loop?: LoopBounds
  /** the step pauses until `until`, in ms since the epoch */
  readonly retry?: { readonly until: number; readonly attempts: number; readonly problem: Problem }
}

/** The items of a loop: a list, or at most `most` iterations. */
export type LoopBounds = { readonly list?: ValueRef; readonly most?: number }

export type EndedStep = StepOutcome & {
  /** idempotency key of its call */
  readonly key?: string
  /** the number of steps of the run that ended before */
  readonly order: number
  /** when it ended: ms since the epoch; absent for a skipped step and for a loop that its run ended */
  readonly at?: number
  /** whether it was undone, and why not */
  readonly undo?: { readonly undone: boolean; readonly problem?: Problem }
}

export const hasEnded = (part: StepPart | undefined): part is EndedStep =>
  part?.status === 'completed' || part?.status === 'failed' || part?.status === 'skipped'

/** Whether the work of a step was done: it completed, or its call was made and only its result does not fit. */
export function wasMade<Ended extends { readonly status: string }>(
  ended: Ended & { readonly degraded?: true; readonly problem?: Problem },
): ended is Ended & { readonly status: 'completed' | 'failed' } {
  const { status, degraded, problem } = ended
  return (status === 'completed' && !degraded) || problem?.code === BAD_RESULT
}

export const resultOf = (part: StepPart | StepOutcome | undefined): ValueRef | undefined =>
  part?.status === 'completed' || part?.status === 'failed' ? part.result : undefined

/** The part of a step that other steps can read. */
export type StepRead =
  | ({ readonly status: 'completed'; readonly result: ValueRef } & ReadMarks)
  | ({ readonly status: 'failed'; readonly problem: Problem; readonly result?: ValueRef } & ReadMarks)
  | ({ readonly status: 'skipped'; readonly reason: string } & ReadMarks)
  | { readonly status: 'waiting' | 'queued' | 'running' }
/** How its failure was handled, and whether it equals that of an earlier run. */
type ReadMarks = { readonly handled?: string; readonly same?: true }

/** The fields of a step that its readers get. */
export function toStepRead(step: StepPart | StepOutcome): StepRead {
  const { status } = step
  switch (status) {
    case 'completed':
      return step.recovery || step.reuse
        ? { status, result: step.result, ...marksOf(step) }
        : { status, result: step.result }
    case 'failed':
      return { status, problem: step.problem, ...(step.result && { result: step.result }), ...marksOf(step) }
    case 'skipped':
      return { status, reason: step.reason, ...marksOf(step) }
    default:
      return { status }
  }
}

function marksOf({ recovery, reuse }: StepOutcome): ReadMarks {
  return {
    ...(recovery?.handled !== undefined && { handled: recovery.handled }),
    ...(reuse?.same && { same: reuse.same }),
  }
}

/** The prompt of a step in short, as its model got it. `digest`: of its texts, without secrets. */
export type GivenPrompt = { readonly digest: string; readonly files?: readonly GivenFile[] }

/** A file that a model was given. `bytes`: their number; `digest`: of its content. */
export type GivenFile = {
  readonly name: string
  readonly type: string
  readonly bytes: number
  readonly digest: string
}

/** The stored value of an ended step, as later steps read it. */
export type StepValue = {
  readonly status: 'completed' | 'failed' | 'skipped'
  readonly result: Json
  /** rendered parameters of the call */
  readonly parameters?: StepParameters
  /** further fields beside its result: its action, the model that answered */
  readonly fields?: StepParameters
  readonly given?: GivenPrompt
  /** its text form, when that does not follow from its result */
  readonly text?: string
  /** the shape of its result, if the step is a loop */
  readonly loop?: LoopShape
  /** for a loop: the result refers to this many values of body steps instead of holding them */
  readonly named?: number
  /** for a queue with one action per item: the name of that action */
  readonly only?: string
  readonly error?: string
  /** what kind of failure it was */
  readonly failure?: { readonly type: string; readonly code: string; readonly attempts?: number }
  /** how its failure was handled */
  readonly handled?: string
  /** why it was skipped */
  readonly reason?: string
  /** ms */
  readonly duration?: number
}

/** The step retries later: after a delay too long to hold its slot, or when its budget allows it. */
export type RetryLater = {
  readonly type: 'later'
  /** ms */
  readonly delay: number
  readonly problem: Problem
  readonly attempts: number
  /** the begin (ms since the epoch, if known) and the time of the attempt, and the failed ones before it in its turn */
  readonly at?: number
  readonly ms?: number
  readonly tries?: readonly StepTry[]
  /** how many of them a kill cut off */
  readonly cutOff?: number
  /** ms that they used of the time that the goal had left, with the delay */
  readonly used?: number
  readonly memo?: ValueRef
  readonly models?: readonly ModelUse[]
}

/** The failure of a first attempt, and the time that it took. */
type ThrownOutcome = { readonly type: 'thrown'; readonly problem: StepProblem; readonly ms?: number }

/** The first outcome of a deferred call: an error to retry in place, or a retry after a longer delay. */
export type PriorOutcome = ThrownOutcome | RetryLater

/** At most this many failed handlers per step, and characters per text. */
const FAILED_HANDLER_LIMITS = { handlers: 20, text: 500 } as const

/** Truncates the problem of a failed handler for storage. */
export function toFailedHandler(by: string, { code, name, message, hint, at, stack }: Problem): FailedHandler {
  const problem = {
    code,
    name,
    message: message.slice(0, FAILED_HANDLER_LIMITS.text),
    ...(hint !== undefined && { hint }),
    ...(at !== undefined && { at }),
    ...(stack !== undefined && { stack: stack.slice(0, FAILED_HANDLER_LIMITS.text) }),
  }
  return { by: by.slice(0, FAILED_HANDLER_LIMITS.text), problem }
}

/** Adds the failed handlers, up to a limit. */
export function withFailedHandlers<T extends object>(
  to: T,
  failed: readonly FailedHandler[],
): T & Pick<StepRecovery, 'failedHandlers'> {
  return failed.length === 0 ? to : { ...to, failedHandlers: failed.slice(0, FAILED_HANDLER_LIMITS.handlers) }
}

/** The step that has the outputs of its run. */
export const OUTPUTS_STEP = 'outputs'
