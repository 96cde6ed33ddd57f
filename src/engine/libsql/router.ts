import { nameOf } from '../../kernel/ref.ts'
import type { Envelope } from '../../kernel/types.ts'
import type { Clock } from '../engine.ts'
import { belongsToWork } from '../mailbox.ts'
import { createLetter, type Letter } from './activation/activation.ts'
import type { Committer } from './log/committer.ts'
import type { Dispatcher } from './scheduler.ts'
import type { Timers } from './timers.ts'

/** Where mail comes in: from outside, from turns, and from what an earlier process left. */
export interface Inbox {
  /** Makes a message part of the current batch and lets it find its actor. */
  accept(envelope: Envelope): void
  /** What an earlier process left and is not let go yet: all of it, or that of one correlationId. */
  left(only?: string): readonly Letter[]
  /** Lets a message that an earlier process left find its actor; false when it is no longer there. */
  letGo(letter: Letter): boolean
  /** Takes out a message that an earlier process left; false when it is no longer there. */
  remove(letter: Letter): boolean
  /** Mail that sleeps, and mail that was not taken up. */
  asleep(): Iterable<Letter>
  held(): Iterable<Letter>
  /** Takes out mail of that work for that actor which sleeps or was not taken up. */
  takeOut(name: string, correlationId: string): readonly Letter[]
}

type Options = {
  readonly committer: Committer
  readonly dispatcher: Dispatcher
  readonly timers: Timers
  readonly clock: Clock
  readonly pending: ReadonlyMap<string, Letter>
}

export function createInbox({ committer, dispatcher, timers, clock, pending }: Options): Inbox {
  const held = new Map(pending)

  function route(letter: Letter): void {
    if ((letter.envelope.due ?? 0) > clock.now()) timers.add(letter)
    else dispatcher.deliver(letter)
  }

  const remove = ({ envelope }: Letter) => held.delete(envelope.id)

  return {
    accept(envelope) {
      const letter = createLetter(envelope, committer.batch.seq)
      committer.batch.mail.push(letter)
      route(letter)
      committer.touch()
    },
    left: (only) =>
      [...held.values()].filter(
        ({ envelope }) => (only === undefined || envelope.correlationId === only) && dispatcher.knows(envelope.to.kind),
      ),
    letGo(letter) {
      const isThere = remove(letter)
      if (isThere) route(letter)
      return isThere
    },
    remove,
    asleep: timers.all,
    held: () => held.values(),
    takeOut(name, correlationId) {
      const isTaken = ({ envelope }: Letter) => nameOf(envelope.to) === name && belongsToWork(envelope, correlationId)
      const untaken = [...held.values()].filter(isTaken)
      for (const { envelope } of untaken) held.delete(envelope.id)
      return [...timers.take(isTaken), ...untaken]
    },
  }
}
