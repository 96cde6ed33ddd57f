import { errorOf, type Problem } from '../../errors.ts'
import { asJson, type Json } from '../../kernel/json.ts'
import type { ActorRef, Envelope } from '../../kernel/types.ts'
import type { AskOptions, Clock, Engine, TellOptions } from '../engine.ts'
import { createEnvelope, idUse } from '../envelope.ts'
import { addMail, type InlineDisk, isKnownId } from './disk.ts'
import type { InlineReplies } from './replies.ts'

type Options = {
  readonly disk: InlineDisk
  readonly clock: Clock
  readonly createId: () => string
  readonly replies: InlineReplies
  readonly deliver: (envelope: Envelope, forTurn?: true) => void
  /** Resumes the work that an earlier message began. */
  readonly takeUp: (only: string) => void
  /** Throws if the engine takes no message for actors of that kind. */
  readonly checkOpen: (kind: string, forTurn?: true) => void
  /** Runs turns now if many messages wait. */
  readonly keepUp: () => void
}

/** The way of external messages into the engine. */
type InlineIngress = Pick<Engine, 'tell' | 'ask' | 'cancel'> & {
  /** Stores a message and delivers it. */
  post(envelope: Envelope): void
}

export function createInlineIngress(options: Options): InlineIngress {
  const { disk, clock, createId, replies, deliver, takeUp, checkOpen, keepUp } = options

  /** Accepts an external message. If its id is known, it only resumes the work that the first message began. */
  function accept(to: ActorRef, body: Json, given: AcceptOptions, create = createId): void {
    checkOpen(to.kind, given.forTurn)
    const { id } = given
    const now = clock.now()
    const use = id === undefined ? '' : idUse(to, given.replyTo !== undefined)
    if (id !== undefined && isKnownId(disk, id, use, now)) {
      takeUp(given.correlationId ?? id)
      return
    }
    const envelope = createEnvelope(to, body, now, given, create)
    if (id !== undefined) disk.known.set(id, { at: now, use })
    post(envelope, given.forTurn)
  }

  function post(envelope: Envelope, forTurn?: true): void {
    addMail(disk, envelope)
    deliver(envelope, forTurn)
  }

  return {
    post,
    tell(to, body, given = NOTHING) {
      try {
        accept(to, body, given)
        keepUp()
        return DONE
      } catch (error) {
        return Promise.reject(error)
      }
    },
    async ask(to, body, given = {}) {
      const id = given.id ?? createId()
      accept(to, body, { ...given, replyTo: { kind: 'reply', key: id } }, () => id)
      const reply = disk.known.get(id)?.reply ?? (await replies.reply(id, given.signal))
      if (reply.type === 'error') throw errorOf(reply.body as Problem)
      return asJson(reply.body)
    },
    async cancel(of, correlationId, reason) {
      checkOpen(of.kind)
      post({ ...createEnvelope(of, { reason }, clock.now(), { correlationId }, createId), type: 'cancel' })
    },
  }
}

type AcceptOptions = TellOptions & Pick<AskOptions, 'forTurn'> & { readonly replyTo?: ActorRef }

// a separate promise for each of a million tells would take a third of their memory
const DONE = Promise.resolve()
const NOTHING: TellOptions = {}
