import type { Json } from '../../kernel/json.ts'
import type { ActorRef, EffectOutcome, Envelope } from '../../kernel/types.ts'
import type { StoredMail } from '../transfer.ts'

export type TurnReply = { readonly type: 'response' | 'error'; readonly body: Json }
/** A reply for a waiting caller, with the actor that was asked. */
export type LateReply = TurnReply & { readonly asked: ActorRef }

/** Stands for a message that was removed; its answer is stored elsewhere. */
export const UNTAKEN = null

/** The answer of a turn's handler: the reply, or a note that it comes later; null: there is no caller. */
export type TurnAnswer = TurnReply | typeof PENDING | null
/** The reply comes later. */
export const PENDING = { type: 'pending' } as const

/** The outcome of giving up a turn. over: it has ended · committing: part of its commit left, the rest must follow. */
export type GivenUp = 'given-up' | 'over' | 'committing'

export type TurnInput =
  | Envelope
  /** stands for a removed message */
  | typeof UNTAKEN
  | AnsweredElsewhere
  | ResumedMessage
/** The reply that another engine recorded for a message. */
type AnsweredElsewhere = { readonly answer: TurnAnswer }
/** A message with recorded outcomes of its effects, from another engine or the actor that began its turn inline. */
type ResumedMessage = {
  readonly envelope: Envelope
  readonly outcomes: readonly (readonly [key: string, outcome: EffectOutcome])[]
}

export function encodeTurnInput({ envelope, outcomes }: StoredMail): Envelope | ResumedMessage {
  return outcomes.size === 0 ? envelope : { envelope, outcomes: [...outcomes] }
}

export function decodeTurnInput(handed: Envelope | ResumedMessage): StoredMail {
  if (!('outcomes' in handed)) return { envelope: handed, outcomes: NONE }
  return { envelope: handed.envelope, outcomes: new Map(handed.outcomes) }
}

const NONE: StoredMail['outcomes'] = new Map()
