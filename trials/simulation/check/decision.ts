import { createHash } from 'node:crypto'
import { deriveId } from '../../../src/kernel/commit.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { ActorIndex, ActorRef, Envelope, Turn } from '../../../src/kernel/types.ts'

/** An actor's own state, and facts that must be true whenever the actor has this state. */
export type WitnessedState = {
  readonly own: Json
  /** `life id` of each processed message, in order */
  readonly taken: readonly string[]
  readonly events: number
  /** the hash of each part */
  readonly parts: { readonly [name: string]: string }
  readonly index: ActorIndex | null
}

/** A turn as one life decided it. The histories show whether it was committed. */
export type TurnDecision = {
  readonly actor: string
  /**
   * `life id` of each message that the actor had processed by then,
   * this one last: its history, if this turn was committed
   */
  readonly taken: readonly string[]
  readonly message: Envelope
  readonly turn: Turn<unknown>
  readonly sends: readonly SentMessage[]
  /** ids of the asks that the turn answers */
  readonly answers: readonly string[]
  /** the turn ends the actor */
  readonly isEnd: boolean
}
type SentMessage = { readonly id: string; readonly to: string; readonly type: string }

export function toTurnDecision(
  message: Envelope,
  turn: Turn<WitnessedState>,
  parent: ActorRef | undefined,
): TurnDecision {
  const all = addressed(message, turn, parent)
  return {
    actor: `${message.to.kind}/${message.to.key}`,
    taken: turn.state!.taken,
    message,
    turn,
    sends: all.map(({ to, type }, index) => ({ id: deriveId(message.id, index), to: `${to.kind}/${to.key}`, type })),
    answers: all.filter(({ to }) => to.kind === 'reply').map(({ to }) => to.key),
    isEnd: endsActor(message, turn),
  }
}

/** Types that overtake other mail. */
export const PRIORITY_TYPES: ReadonlySet<string> = new Set(['cancel', 'stop'])

/** Whether a turn ends its actor: a stop does, unless the actor answers that it ends later. */
export function endsActor({ type }: Envelope, { stop }: Turn<unknown>): boolean {
  return stop ?? type === 'stop'
}

// in the order in which the kernel derives their ids
function addressed({ replyTo }: Envelope, turn: Turn<unknown>, parent: ActorRef | undefined) {
  const replies = [turn.reply, turn.refuse].filter((reply) => reply !== undefined)
  return [
    ...(turn.send ?? []).map(({ to, type = 'request' }) => ({ to, type })),
    ...(replyTo ? replies.map(() => ({ to: replyTo, type: 'response' })) : []),
    ...(turn.watch ?? []).map((to) => ({ to, type: 'watch' })),
    ...(turn.cancel ?? []).map(({ of }) => ({ to: of, type: 'cancel' })),
    ...(turn.escalate && parent ? [{ to: parent, type: 'error' }] : []),
  ]
}

/** The timers that a turn set (the id of their message) or cancelled (null). */
export function timersOf({ turn, message }: TurnDecision): ReadonlyMap<string, string | null> {
  const timers = Object.entries(endsActor(message, turn) ? {} : (turn.timers ?? {}))
  return new Map(timers.map(([name, timer]) => [name, timer && deriveId(message.id, `timer:${name}`)]))
}

/** The message id in an entry of a history. */
export const messageIdOf = (entry: string) => entry.slice(entry.indexOf(' ') + 1)

/** A short text that differs when the parts differ. */
export const partHash = (part: Json) =>
  createHash('sha256').update(JSON.stringify(part)).digest('base64url').slice(0, 8)
