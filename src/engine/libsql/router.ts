import { nameOf } from '../../kernel/ref.ts'
import type { Envelope } from '../../kernel/types.ts'
import { createGroups } from '../../lib/collections/groups.ts'
import type { Clock } from '../engine.ts'
import { belongsToWork } from '../mailbox.ts'
import { createQueuedMessage, type QueuedMessage } from './activation/activation.ts'
import type { Committer } from './log/committer.ts'
import type { LibsqlScheduler } from './scheduler.ts'
import type { Timers } from './timers.ts'

/** Routes messages to their actors or to the timers: from outside, from turns, and from an earlier process. */
export interface Router {
  /** Adds a message to the current batch and routes it. `forTurn`: an effect of a running turn waits for it. */
  accept(envelope: Envelope, forTurn?: true): void
  /** The mail of an earlier process that is not released yet: all of it, or that of one correlationId. */
  left(only?: string): readonly QueuedMessage[]
  /** Routes a message of an earlier process to its actor. Returns false if the message no longer exists. */
  release(message: QueuedMessage): boolean
  /** Removes a message of an earlier process. Returns false if it no longer exists. */
  remove(message: QueuedMessage): boolean
  /** Delayed mail, and mail that was not resumed: that of an actor, by its name, or all of it. */
  asleep(actor?: string): Iterable<QueuedMessage>
  held(actor?: string): Iterable<QueuedMessage>
  /** Takes the timers now for which no actor waits any more. They would stay on disk until they are due. */
  takeStale(isStale: (timer: Envelope) => boolean): void
  /** Removes the delayed and the unresumed mail of one work and one actor. */
  takeOut(name: string, correlationId: string): readonly QueuedMessage[]
}

type Options = {
  readonly committer: Committer
  readonly scheduler: LibsqlScheduler
  readonly timers: Timers
  readonly clock: Clock
  readonly pending: ReadonlyMap<string, QueuedMessage>
}

export function createRouter({ committer, scheduler, timers, clock, pending }: Options): Router {
  const held = new Map(pending)
  const byActor = createGroups<QueuedMessage>(({ envelope }) => nameOf(envelope.to), pending.values())
  const byWork = createGroups<QueuedMessage>(({ envelope }) => envelope.correlationId, pending.values())

  function route(message: QueuedMessage): void {
    if ((message.envelope.due ?? 0) > clock.now()) timers.add(message)
    else scheduler.deliver(message)
  }

  function remove({ envelope: { id } }: QueuedMessage): boolean {
    const message = held.get(id)
    if (!message) return false
    byActor.delete(message)
    byWork.delete(message)
    return held.delete(id)
  }

  return {
    accept(envelope, forTurn) {
      const message = createQueuedMessage(envelope, committer.batch.seq)
      if (forTurn) message.forTurn = forTurn
      committer.batch.mail.push(message)
      route(message)
      committer.touch()
    },
    left: (only) =>
      [...(only === undefined ? held.values() : byWork.of(only))].filter(({ envelope }) =>
        scheduler.knows(envelope.to.kind),
      ),
    release(message) {
      const isThere = remove(message)
      if (isThere) route(message)
      return isThere
    },
    remove,
    asleep: timers.all,
    held: (actor) => (actor === undefined ? held.values() : byActor.of(actor)),
    takeStale(isStale) {
      const isOld = ({ envelope }: QueuedMessage) => envelope.timer !== undefined && isStale(envelope)
      const old = [...held.values()].filter(isOld)
      for (const message of old) remove(message)
      const names = new Set(timers.all().map(({ envelope }) => nameOf(envelope.to)))
      for (const message of [...old, ...[...names].flatMap((name) => timers.take(name, isOld))]) {
        message.taken = committer.batch.seq
        if (message.born !== message.taken) committer.batch.taken.push(message)
      }
      committer.touch()
    },
    takeOut(name, correlationId) {
      const isTaken = ({ envelope }: QueuedMessage) => belongsToWork(envelope, correlationId)
      const untaken = byActor.of(name).filter(isTaken)
      for (const message of untaken) remove(message)
      return [...timers.take(name, isTaken), ...untaken]
    },
  }
}
