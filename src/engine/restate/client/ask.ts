import { setTimeout as sleep } from 'node:timers/promises'
import { CancelledError, errorOf, type Problem } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import type { ActorRef, Envelope } from '../../../kernel/types.ts'
import type { AskOptions, Engine, TellOptions } from '../../engine.ts'
import { checkSameUse, idUse, newId } from '../../envelope.ts'
import type { ServiceNames } from '../names.ts'
import type { LateReply, TurnAnswer, TurnReply } from '../turn-io.ts'
import type { HandlerAnswer, Invocation, RestateClient } from './client.ts'
import { MAX_CONCURRENT } from './failover.ts'

type Dependencies = {
  readonly client: RestateClient
  readonly names: ServiceNames
  accept(to: ActorRef, body: Json, given: TellOptions & { readonly replyTo?: ActorRef }): Envelope
  mailOf(envelope: Envelope): Invocation
  /** ends all waiting: the engine stops */
  readonly waiting: AbortSignal
}

/** Sends an ask as a call. If the turn does not reply itself, waits for the invocation that will hold the reply. */
export function createAsk({ client, names, accept, mailOf, waiting }: Dependencies): Engine['ask'] {
  let asking = 0

  async function answered(envelope: Envelope, signal: AbortSignal): Promise<TurnReply> {
    const { status, body } = await answerTo(mailOf(envelope), signal)
    // removed before its turn, or answered by a later turn
    if (status !== 200 || (body as TurnAnswer)?.type === 'pending') return answerOf(envelope, signal)
    if (body === null) checkSameUse(idUse(envelope.to, false), idUse(envelope.to, true), envelope.id)
    return body as TurnReply
  }

  async function answerTo(mail: Invocation, signal: AbortSignal): Promise<HandlerAnswer> {
    asking++
    try {
      // the message is sent before the caller waits in the queue for its reply
      if (asking > MAX_CONCURRENT.waiting) await client.send({ ...mail, signal })
      return await client.call({ ...mail, signal, waits: true })
    } finally {
      asking--
    }
  }

  /** The late answer. Throws if it belongs to another actor with the same id. */
  async function answerOf({ id, to }: Envelope, signal: AbortSignal): Promise<TurnReply> {
    const { asked, ...reply } = await later(id, signal)
    checkSameUse(idUse(asked, true), idUse(to, true), id)
    return reply
  }

  // the asked turn has ended, and the invocation that holds its answer is on its way
  async function later(id: string, signal: AbortSignal): Promise<LateReply> {
    for (let pause = 5; ; pause = Math.min(500, pause * 2)) {
      const answer = await client.attach(names.reply, id, signal)
      if (answer !== undefined) return answer as LateReply
      await sleep(pause, undefined, { signal })
    }
  }

  return async function ask(to: ActorRef, body: Json, given: AskOptions = {}): Promise<Json> {
    const { signal: leaving, ...options } = given
    const id = options.id ?? newId()
    const envelope = accept(to, body, { ...options, id, replyTo: { kind: 'reply', key: id } })
    const signal = leaving ? AbortSignal.any([leaving, waiting]) : waiting
    const reply = await answered(envelope, signal).catch((error: unknown) => {
      throw signal.aborted ? gone(leaving) : error
    })
    if (reply.type === 'error') throw errorOf(reply.body as Problem)
    return reply.body
  }
}

function gone(leaving: AbortSignal | undefined): CancelledError {
  return leaving?.aborted
    ? new CancelledError('The caller disconnected; the work continues.')
    : new CancelledError('The engine stopped; the work continues after a restart.', { code: 'stopped' })
}
