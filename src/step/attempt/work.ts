import type { Problem } from '../../errors.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import type { ResultNote, Tool } from '../../tool/tool.ts'
import type { CallbackHandler } from '../call/callback.ts'
import type { StepContext } from '../call/context.ts'
import type { StepEnd, StepReport } from '../messages/step-end.ts'
import type { StepStart, UndoStart } from '../messages/step-start.ts'
import type { ModelUse } from '../record/model-use.ts'
import type { StepOutcome } from '../record/outcome.ts'
import type { ValueRef } from '../values.ts'
import type { CallLookUp } from './call-look-up.ts'
import type { AttemptOutcome, PendingCallback } from './outcome.ts'
import type { RecoveryProgress } from './pending-decision.ts'
import type { StepState, Suspended } from './step-state.ts'

/** The meaning of orders of a type, from the room that writes them. */
export interface Work<Order extends JsonObject = JsonObject> {
  /** what answers mean, by the names under which its steps ask; absent: it asks under no name of its own */
  readonly answers?: { readonly [name: string]: CallbackHandler }
  /** Opens the work of the steps of a turn: what they share is loaded once. */
  open(first: StepStart<Order>): OpenWork<Order>
  /** Undoes some of the steps of a run, and goes on by a message to its own actor. */
  undo?(start: UndoStart<Order>, effects: Effects): Promise<Turn<StepState>>
}

/** The work of the steps of a turn; what it lacks is not done. An answer that is no promise costs the turn no pause. */
export interface OpenWork<Order extends JsonObject = JsonObject> {
  /** The facts of a step that are known before its values are read. */
  factsOf(start: StepStart<Order>): StepFacts | Promise<StepFacts>
  /** Makes an attempt, in its effect: values are read and texts rendered here, and never in a turn of a run. */
  attempt(attempt: StepAttempt<Order>): Promise<AttemptOutcome>
  /** The question to a person before the call that the step would make; undefined: it needs none. */
  gate?(attempt: StepAttempt<Order>): Promise<PendingCallback | undefined>
  /** The state that the step's tool captures before its first attempt, so that its action can be undone. */
  prepare?(attempt: StepAttempt<Order>): Promise<ValueRef | null>
  /** Describes a call that may have taken place, for a person. */
  describeCall(attempt: StepAttempt<Order>): Promise<DescribedCall>
  /** The look-up of its own call that the author of the step gives; undefined: that of its tool counts. */
  lookUp?(attempt: StepAttempt<Order>): Promise<CallLookUp | undefined>
  /** The step with the code that its goal has now. */
  withPresentCode?(
    step: UntriedStep<Order>,
    effect: string,
    effects: Effects,
  ): PresentWork<Order> | Promise<PresentWork<Order>>
  /** Finds what the order lacks, in effects of its own; `note` keeps each finding at once. */
  complete?(
    step: UntriedStep<Order>,
    effects: Effects,
    note: (start: StepStart<Order>) => void,
  ): Promise<Completed<Order>>
  /** The end of a step with what its completion cost. */
  withUses?<End extends StepReport>(end: End, completed: Completed<Order>): End
  /** The end of a failed step after the recovery that its author asked for. */
  recover?(
    step: UntriedStep<Order>,
    failed: FailedEnd,
    effects: Effects,
    before?: RecoveryProgress,
  ): StepEnd | Promise<StepEnd>
  /** The end of a step with what is decided once it has ended. */
  afterEnd?(step: UntriedStep<Order>, end: StepEnd, effects: Effects): StepEnd | Promise<StepEnd>
  /** The step that may follow in the same turn, after `done` others. The work is loaded. */
  next?(start: StepStart<Order>, done: number): { readonly step: string; readonly facts: StepFacts } | undefined
  /** The start of that step: it sees the end of the one before. */
  startNext?(start: StepStart<Order>, end: StepEnd, next: string): StepStart<Order> | Promise<StepStart<Order>>
  /** Marks an end that is the same as that of the run whose results this one reuses. */
  compare?(recorded: ValueRef, step: string, end: StepOutcome & StepEnd): Promise<StepEnd>
}

export type FailedEnd = Extract<StepEnd, { readonly status: 'failed' }>

/** The facts of a step that are known before its values are read. */
export type StepFacts = {
  /** for estimates: a tool with its operation, or an action */
  readonly kind: string
  readonly tool?: Tool | undefined
  /** a person approves its call first, as its order says */
  readonly isGated?: boolean
  /** a budget may pay for it */
  readonly isPaid: boolean
  /** it may be made again, or replaced, when it has failed */
  readonly isRecovered: boolean
  /** Whether a resource limits it. Such work is never fast: it would delay what shares its turn. */
  isLimited(): boolean
}

/** One attempt at a step. */
export type StepAttempt<Order extends JsonObject = JsonObject> = Pick<
  StepContext,
  'services' | 'call' | 'self' | 'emit' | 'time'
> & {
  readonly start: StepStart<Order>
  /** the number of attempts in earlier turns; absent: it may pause only as long as a turn does */
  readonly before?: number
  /** collects the model calls that failed, over all attempts */
  readonly spent?: ModelUse[]
  /** collects the notes of its tool about the result */
  readonly notes?: ResultNote[]
}

/** A call that may have taken place: its name, its tool, and its parameters as far as they can be told. */
export type DescribedCall = {
  readonly name: string
  readonly tool?: string | undefined
  /** the author said what follows */
  readonly isHandled?: boolean
  parameters(): Promise<ValueRef | undefined>
}

/** A step before its attempt. */
export type UntriedStep<Order extends JsonObject = JsonObject> = {
  readonly start: StepStart<Order>
  readonly paused?: Pick<Suspended, 'attempts'>
}

/** The parts of a step that differ with the code that its goal has taken; `problem`: it fails with it. */
type PresentWork<Order extends JsonObject = JsonObject> = {
  readonly work?: OpenWork<Order>
  readonly start?: StepStart<Order>
  readonly problem?: Problem
}

/** A step with all that its order lacked; `problem`: it fails with it, and `reply` is what a model said instead. */
export type Completed<Order extends JsonObject = JsonObject> = {
  readonly start: StepStart<Order>
  readonly problem?: Problem
  readonly reply?: ValueRef
  /** failed calls of models */
  readonly failed?: readonly ModelUse[]
}

/** A step, and what its order means. */
export type OpenedStep = Pick<StepAttempt, 'services' | 'start'> & { readonly work: OpenWork }
