import type { Envelope, Outcome } from '../../kernel/types.ts'
import type { StoredMail } from '../transfer.ts'
import type { TurnAnswer } from './node/apply-commit.ts'
import type { UNTAKEN } from './node/send.ts'

/**
 * What an actor's object is handed: a message; nothing in the place of one that was taken out; a message with what is known of its effects,
 * from another engine or from who had begun its turn; or from another engine, an answer in the place of a message that was taken there.
 */
export type Handed = Envelope | typeof UNTAKEN | Answered | Moved
type Answered = { readonly answer: TurnAnswer }
type Moved = { readonly envelope: Envelope; readonly outcomes: readonly (readonly [key: string, outcome: Outcome])[] }

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
