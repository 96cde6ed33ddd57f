import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, EffectOutcome, Envelope } from '../../kernel/types.ts'
import type { StoredMail } from '../transfer.ts'

/** The answer to an ask. */
export type Reply = { readonly type: 'response' | 'error'; readonly body: Json }
/** A reply that its caller waited for, with the actor that was asked; earlier versions do not name the actor. */
export type LateReply = Reply & { readonly asked?: ActorRef }

/** Stands for a message that was taken out; its answer is elsewhere. */
export const UNTAKEN = null

/** The answer of a turn's handler to its caller: the reply, or that it comes later; null: nobody asked. */
export type TurnAnswer = Reply | typeof PENDING | null
/** The reply comes later. */
export const PENDING = { type: 'pending' } as const

/** The outcome of giving up a turn: it is over already, or a part of its commit has left, and the rest must follow. */
export type GivenUp = 'given-up' | 'over' | 'committing'

/**
 * What an actor's object is handed: a message; nothing in the place of one that was taken out; a message with what is known of its effects,
 * from another engine or from who had begun its turn; or from another engine, an answer in the place of a message that was taken there.
 */
export type Handed = Envelope | typeof UNTAKEN | Answered | Moved
type Answered = { readonly answer: TurnAnswer }
type Moved = {
  readonly envelope: Envelope
  readonly outcomes: readonly (readonly [key: string, outcome: EffectOutcome])[]
}

/** A message as it is handed over. */
export function hand({ envelope, outcomes }: StoredMail): Envelope | Moved {
  return outcomes.size === 0 ? envelope : { envelope, outcomes: [...outcomes] }
}

/** The message, and what was known of its effects. */
export function openHanded(handed: Envelope | Moved): StoredMail {
  if (!('outcomes' in handed)) return { envelope: handed, outcomes: NONE }
  return { envelope: handed.envelope, outcomes: new Map(handed.outcomes) }
}

const NONE: StoredMail['outcomes'] = new Map()
