import type { ActorRef } from '../../kernel/types.ts'
import type { CallbackRequest } from '../plan/callback.ts'
import type { StepEnd } from '../plan/messages/step-end.ts'
import type { ModelUse } from '../plan/model-use.ts'
import type { ValueRef } from '../plan/refs.ts'

/** Empty while the step works. `waiting`: it waits for an answer. `pausing`: it pauses before another attempt, or until there is money. */
export type StepState = { readonly waiting?: Waiting; readonly pausing?: Pausing }

/** A step that waits for an answer: whose it is, what it asked, and what to tell the run when the answer comes. */
export type Waiting = {
  readonly run: ActorRef
  /** the correlation id of the run, under which it expects the end of the step */
  readonly work: string
  readonly step: string
  /** whose run it is; absent: the data folder's own user's */
  readonly owner?: string
  /** who made the question and knows what its answer means: the name of a tool, or `chain` */
  readonly asking: string
  readonly question: CallbackRequest
  /** its question is put again by a timer, which belongs to this work */
  readonly later?: string
  readonly key: string
  readonly attempts: number
  /** when it was asked: ms since the epoch */
  readonly since: number
  readonly parameters: ValueRef
  /** what stands for the files that its texts asked for */
  readonly looked?: string
}

/** A step that pauses before another attempt, longer than a turn may take, or until there is money: whose it is, and how far it got. */
export type Pausing = {
  readonly run: ActorRef
  /** the correlation id of the run */
  readonly work: string
  /** idempotency key of its call */
  readonly key: string
  /** attempts so far */
  readonly attempts: number
  /** how things were before the first of them */
  readonly memo?: ValueRef
  /** calls of models so far that came to nothing */
  readonly models?: readonly ModelUse[]
  /** how it ended, when it is something behind that which waits for money */
  readonly end?: StepEnd
  /** of one that waits for money: what people are told */
  readonly money?: MoneyWanted
}

/** The budget that has too little, what is missing in words, and since when: ms since the epoch. */
export type MoneyWanted = { readonly scope: string; readonly title: string; readonly since: number }

/** The part that holds what started the step, for as long as it pauses or waits. */
export const START = 'start'
