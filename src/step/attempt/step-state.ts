import type { ActorRef } from '../../kernel/types.ts'
import type { NeededCode } from '../../work/code-wait.ts'
import type { CallbackRequest } from '../messages/callback.ts'
import type { StepEnd } from '../messages/step-end.ts'
import type { ModelUse } from '../record/model-use.ts'
import type { StepTry } from '../record/step.ts'
import type { ValueRef } from '../values.ts'
import type { RecoveryProgress } from './pending-decision.ts'

/** Empty while the step works. `suspended`: until its next attempt or until there is budget. */
export type StepState = { readonly awaiting?: AwaitingCallback; readonly suspended?: Suspended }

/** A step that waits for a callback: the run it belongs to, its request, and the data for its end. */
export type AwaitingCallback = {
  readonly run: ActorRef
  /** the correlation id of the run, under which it expects the end of the step */
  readonly work: string
  readonly step: string
  /** the owner of the run; absent: the user of the data folder */
  readonly owner?: string
  /** the handler of the question and its answer: the name of a tool, or `chain` */
  readonly asking: string
  /** the tool whose call the question is about; absent: the handler itself asks */
  readonly tool?: string
  /** the agent that the run works for */
  readonly agent?: string
  readonly question: CallbackRequest
  /** a timer sends its question again, under this work */
  readonly later?: string
  readonly key: string
  readonly attempts: number
  /** when the question was asked: ms since the epoch */
  readonly since: number
  readonly parameters: ValueRef
  /** fingerprint of the included files */
  readonly filesDigest?: string
  /** the state before the call, for compensation */
  readonly memo?: ValueRef
  /** a handler of the failed step waits: how far the recovery got */
  readonly recovery?: RecoveryProgress
  /** the failed attempts before it, if it asks another actor: no event tells them before the end */
  readonly tries?: readonly StepTry[]
  /** the outcome of its call is looked up */
  readonly looks?: Looks
  /** for a child run: ms that the goal above had left */
  readonly deadline?: number
  /** signals that code has yet to judge, or that did not fit, the oldest first */
  readonly parked?: readonly ParkedSignal[]
  /** its time is over, and a parked signal that came before may still fit */
  readonly isOver?: true
}

/** The look-ups of a call in doubt. */
export type Looks = {
  /** how many there were, and how many of them failed */
  readonly count: number
  readonly failures: number
  /** a person is asked beside them */
  readonly asked?: true
  /** nobody is asked: the author said what follows an unknown outcome */
  readonly fails?: true
  /** the process lacks the code that looks: the message for people */
  readonly lacks?: string
}

/**
 * A signal that a step parks: the code that judges it is not here, or (`problem`) it did not fit the code that was. The
 * signal itself is in a part of the step.
 */
export type ParkedSignal = {
  readonly n: number
  /** its name and value */
  readonly of: string
  /** characters of its value */
  readonly size: number
  readonly at: number
  readonly problem?: string
}

/** A step that pauses longer than a turn may take, or until there is budget: its run, and how far it got. */
export type Suspended = {
  readonly run: ActorRef
  /** the correlation id of the run */
  readonly work: string
  /** idempotency key of its call */
  readonly key: string
  /** attempts so far */
  readonly attempts: number
  /** how many of them a kill cut off */
  readonly cutOff?: number
  /** ms that they used of the time that the goal had left */
  readonly used?: number
  /** the state before the first of them, for compensation */
  readonly memo?: ValueRef
  /** failed model calls so far */
  readonly models?: readonly ModelUse[]
  /** its end, if only work after that end waits for money */
  readonly end?: StepEnd
  /** how far its recovery got, if a person has decided about the call of a handler */
  readonly recovery?: RecoveryProgress
  /** a person said that its call did not take place */
  readonly notDone?: true
  /** the failed attempts that no event has told */
  readonly tries?: readonly StepTry[]
  /** for a step that waits for budget: the message for people */
  readonly budgetWait?: BudgetWait
  /** for a step whose process lacks its tool: the message for people */
  readonly codeWait?: CodeWait
  /** for a step that has waited long for its provider: the message for people */
  readonly providerWait?: LongProviderWait
}

/** The budget that is too small, what is missing in words, and since when (ms since the epoch). */
type BudgetWait = { readonly scope: string; readonly title: string; readonly since: number }

/** The tool that is missing, in words too, and since when (ms since the epoch). */
type CodeWait = Partial<NeededCode> & {
  readonly title: string
  readonly since: number
  /** how it differs from the tool here, a line each */
  readonly changes?: readonly string[]
}

/** The provider that does not answer, in words; since when, and when it is asked again (ms since the epoch). */
type LongProviderWait = { readonly title: string; readonly since: number; readonly until: number }

/** The part with the step's start message, kept while the step is suspended or waiting. */
export const START_PART = 'start'
