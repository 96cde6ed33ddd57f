import { CancelledError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { AskOptions, Clock, Engine, TellOptions } from '../engine.ts'
import { checkUse, envelopeFrom, useOf } from '../stamp.ts'
import type { Committer } from './committer.ts'
import type { Inbox } from './inbox.ts'
import { type Known, type KnownIds, open, type Reply, waitFor } from './known.ts'

type Options = {
  readonly ids: KnownIds
  readonly inbox: Inbox
  readonly committer: Committer
  readonly clock: Clock
  readonly createId: () => string
  /** Takes up what an earlier process left of that work. */
  readonly takeUp: (only: string) => void
  /** Throws when the engine takes nothing, or nothing for that kind. */
  readonly checkOpen: (kind: string) => void
}

/** Where messages from outside come in. */
export function createEntry({
  ids,
  inbox,
  committer,
  clock,
  createId,
  takeUp,
  checkOpen,
}: Options): Pick<Engine, 'tell' | 'ask' | 'cancel'> {
  /** The message is taken in, unless its id is known: then only what it began is taken up. */
  function receive(to: ActorRef, body: Json, given: Given): Known | undefined {
    checkOpen(to.kind)
    const known = given.keep ? ids.get(given.id, clock.now()) : undefined
    if (!known) return accept(to, body, given)
    checkUse(known.use, useOf(to, given.replyTo !== undefined), known.id)
    takeUp(given.correlationId ?? known.id)
    return known
  }

  function accept(to: ActorRef, body: Json, given: Given): Known | undefined {
    const isAsk = given.replyTo !== undefined
    const now = clock.now()
    const envelope = envelopeFrom(to, body, now, given, createId)
    const { batch } = committer
    // an id that nobody can give again is remembered for its reply only
    const known = given.keep || isAsk ? ids.add(given.id, useOf(to, isAsk), now, given.keep, batch) : undefined
    inbox.accept(envelope)
    return known
  }

  function ask(to: ActorRef, body: Json, { id = createId(), correlationId }: AskOptions, keep: boolean): Known {
    const work = correlationId === undefined ? undefined : { correlationId }
    return receive(to, body, { id, keep, replyTo: { kind: 'reply', key: id }, ...work })!
  }

  async function replied({ seq }: Known, reply: Reply): Promise<Json> {
    await committer.whenDurable(seq)
    return open(reply)
  }

  return {
    async tell(to, body, given = {}) {
      const { seq } = committer.batch
      const known = receive(to, body, { ...given, id: given.id ?? createId(), keep: given.id !== undefined })
      await committer.whenDurable(known ? known.seq : seq)
    },
    // not async: a reply should not pass through one more promise
    ask(to, body, given = {}) {
      try {
        const known = ask(to, body, given, given.id !== undefined)
        return known.reply ? replied(known, known.reply) : wait(known, given.signal)
      } catch (error) {
        return Promise.reject(error)
      }
    },
    async cancel(of, correlationId, reason) {
      checkOpen(of.kind)
      const { seq } = committer.batch
      inbox.accept({ ...envelopeFrom(of, { reason }, clock.now(), { correlationId }, createId), type: 'cancel' })
      await committer.whenDurable(seq)
    },
  }
}

type Given = TellOptions & { readonly id: string; readonly keep: boolean; readonly replyTo?: ActorRef }

function wait(known: Known, signal: AbortSignal | undefined): Promise<Json> {
  const { promise, resolve, reject } = Promise.withResolvers<Json>()
  const stop = waitFor(known, { resolve, reject })
  if (!signal) return promise
  const leave = () => {
    stop()
    reject(new CancelledError('the asker went away; the work goes on'))
  }
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  return promise.finally(() => signal.removeEventListener('abort', leave))
}
