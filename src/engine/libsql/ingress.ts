import { CancelledError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { AskOptions, Clock, Engine, TellOptions } from '../engine.ts'
import { checkSameUse, createEnvelope, idUse } from '../envelope.ts'
import type { IdempotencyIndex, KnownId, KnownReply } from './idempotency.ts'
import { addReplyWaiter, openReply, removeReplyWaiter } from './idempotency.ts'
import type { Committer } from './log/committer.ts'
import type { Router } from './router.ts'
import { hashId } from './stored/hash-index.ts'

type Options = {
  readonly ids: IdempotencyIndex
  readonly router: Router
  readonly committer: Committer
  readonly clock: Clock
  readonly createId: () => string
  /** Resumes the messages of that work that an earlier process accepted. */
  readonly takeUp: (only: string) => void
  /** Throws when the engine accepts no messages, or none for the kind. `forTurn`: an effect of a running turn waits. */
  readonly checkOpen: (kind: string, forTurn?: true) => void
}

/** Accepts external messages: tell, ask and cancel. */
export function createIngress({
  ids,
  router,
  committer,
  clock,
  createId,
  takeUp,
  checkOpen,
}: Options): Pick<Engine, 'tell' | 'ask' | 'cancel'> {
  /** Accepts a message. With a known id it only resumes the work that the first one began. */
  function receive(to: ActorRef, body: Json, given: IngressOptions): KnownId | undefined {
    checkOpen(to.kind, given.forTurn)
    const now = clock.now()
    // an id that the engine made, and for which no caller waits, is not remembered
    if (!given.keep && !given.replyTo) return accept(to, body, now, given)
    const hash = hashId(given.id)
    const use = idUse(to, given.replyTo !== undefined)
    const known = given.keep ? ids.get(given.id, hash, now) : undefined
    if (known) return repeat(known, use, given)
    const { batch } = committer
    accept(to, body, now, given)
    return ids.add(given.id, hash, use, now, given.keep, batch)
  }

  function accept(to: ActorRef, body: Json, now: number, given: IngressOptions): undefined {
    router.accept(createEnvelope(to, body, now, given, createId), given.forTurn)
  }

  function repeat(known: KnownId, use: string, given: IngressOptions): KnownId {
    checkSameUse(known.use, use, known.id)
    takeUp(given.correlationId ?? known.id)
    return known
  }

  function ask(
    to: ActorRef,
    body: Json,
    { id = createId(), correlationId, trace, forTurn }: AskOptions,
    keep: boolean,
  ): KnownId {
    const given: IngressOptions = { id, keep, replyTo: { kind: 'reply', key: id } }
    const isPlain = correlationId === undefined && trace === undefined && !forTurn
    return receive(
      to,
      body,
      isPlain ? given : { ...given, ...workOf(correlationId, trace), ...(forTurn && { forTurn }) },
    )!
  }

  async function replied({ seq }: KnownId, reply: KnownReply): Promise<Json> {
    await committer.whenDurable(seq)
    return openReply(reply)
  }

  return {
    async tell(to, body, given = {}) {
      const { seq } = committer.batch
      const known = receive(to, body, { ...given, id: given.id ?? createId(), keep: given.id !== undefined })
      await committer.whenDurable(known ? known.seq : seq)
    },
    // not async: a reply should not pass through an extra promise
    ask(to, body, given = {}) {
      try {
        const known = ask(to, body, given, given.id !== undefined)
        return known.reply ? replied(known, known.reply) : wait(known, given)
      } catch (error) {
        return Promise.reject(error)
      }
    },
    async cancel(of, correlationId, reason) {
      checkOpen(of.kind)
      const { seq } = committer.batch
      router.accept({ ...createEnvelope(of, { reason }, clock.now(), { correlationId }, createId), type: 'cancel' })
      await committer.whenDurable(seq)
    },
  }
}

function workOf(correlationId: string | undefined, trace: string | undefined) {
  return { ...(correlationId !== undefined && { correlationId }), ...(trace !== undefined && { trace }) }
}

type IngressOptions = TellOptions &
  Pick<AskOptions, 'forTurn'> & { readonly id: string; readonly keep: boolean; readonly replyTo?: ActorRef }

function wait(known: KnownId, { signal, early }: AskOptions): Promise<Json> {
  const when = early ? EARLY : undefined
  if (!signal) return new Promise((resolve, reject) => addReplyWaiter(known, { resolve, reject, ...when }))
  const { promise, ...settled } = Promise.withResolvers<Json>()
  const waiter = { ...settled, ...when }
  addReplyWaiter(known, waiter)
  const stop = () => {
    removeReplyWaiter(known, waiter)
    waiter.reject(new CancelledError('The caller disconnected; the work continues.'))
  }
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  return promise.finally(() => signal.removeEventListener('abort', stop))
}

const EARLY = { early: true } as const
