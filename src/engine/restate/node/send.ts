import type { Context } from '@restatedev/restate-sdk'
import { undeliverableMessages } from '../../../kernel/dead-letter.ts'
import type { ActorRef, Commit, Envelope, OutgoingMessage } from '../../../kernel/types.ts'
import type { DeadLetter } from '../../engine.ts'
import { toEnvelope } from '../../envelope.ts'
import { overtakes } from '../../mailbox.ts'
import { reportDeadLetter } from '../../telemetry.ts'
import type { StoredMail } from '../../transfer.ts'
import { encodeId } from '../client/client.ts'
import { objectKey, shardOf } from '../names.ts'
import { encodeTurnInput, type TurnReply, UNTAKEN } from '../turn-io.ts'
import { isProcessing, type RestateNode } from './node.ts'

export const replyOf = ({ type, body }: OutgoingMessage): TurnReply => ({
  type: type === 'error' ? 'error' : 'response',
  body,
})

/** Sends a message of a commit. With the same `time` a replay sends the same bytes. */
export function sendFrom(node: RestateNode, ctx: Context, posted: OutgoingMessage, time: number): void {
  const envelope = toEnvelope(posted, time)
  const { kind, key } = envelope.to
  if (kind === 'reply') sendInvocation(ctx, { service: node.names.reply, key, method: 'receive' }, replyOf(envelope))
  else if (kind === 'deadletter') keepLetter(node, ctx, envelope)
  else if (node.actors.has(kind)) deliver(node, ctx, envelope, posted.delay)
  else for (const other of undeliverableMessages(envelope)) sendFrom(node, ctx, other, time)
}

function deliver({ names }: RestateNode, ctx: Context, envelope: Envelope, delay: number | undefined): void {
  const actor = { service: names.ofKind(envelope.to.kind), key: objectKey(envelope.to) }
  sendInvocation(ctx, { ...actor, method: 'take' }, envelope, { ...(delay && { delay }) })
  if (overtakes(envelope)) sendInvocation(ctx, { ...actor, method: 'overtake' }, envelope)
}

/** Passes on a message whose turn has begun inline, with the outcomes recorded so far. */
export function sendUnfinished({ names }: RestateNode, ctx: Context, mail: StoredMail): undefined {
  const { to } = mail.envelope
  sendInvocation(ctx, { service: names.ofKind(to.kind), key: objectKey(to), method: 'take' }, encodeTurnInput(mail))
}

function keepLetter({ names, observer }: RestateNode, ctx: Context, { to: { key }, createdAt, body }: Envelope): void {
  const row: DeadLetter = { id: key, at: createdAt, ...(body as Pick<DeadLetter, 'letter' | 'problem'>) }
  sendInvocation(ctx, { service: names.letters, key: shardOf('letter', key), method: 'put' }, { key, row })
  if (isProcessing(ctx)) reportDeadLetter(observer, row.letter, row.problem)
}

/** Creates the invocation that will hold the reply to an ask, for callers that attach before or after the reply. */
export function awaitReply({ names }: RestateNode, ctx: Context, key: string, asked: ActorRef): void {
  sendInvocation(ctx, { service: names.reply, key, method: 'run' }, asked)
}

/** Sends what follows when mail was removed before its turn. Its id stays known, so that it does not come again. */
export function answerUntaken(node: RestateNode, ctx: Context, { taken, sends }: Commit, time: number): void {
  const { id, from, to, replyTo } = taken
  const actor = { service: node.names.ofKind(to.kind), key: objectKey(to) }
  const isAsked = replyTo?.kind === 'reply'
  const instead = isAsked ? UNTAKEN : UNTAKEN_WITHOUT_CALLER
  if (from === null) sendInvocation(ctx, { ...actor, method: 'take' }, instead, { idempotencyKey: encodeId(id) })
  if (isAsked) awaitReply(node, ctx, replyTo.key, to)
  for (const posted of sends) sendFrom(node, ctx, posted, time)
}
/** Stands for a removed message without a waiting caller. */
const UNTAKEN_WITHOUT_CALLER = { answer: null } as const

type Target = { readonly service: string; readonly key: string; readonly method: string }
type Options = { readonly delay?: number; readonly idempotencyKey?: string }

/** Writes a message to Restate's journal; it leaves with the rest of the journal. */
export function sendInvocation(ctx: Context, target: Target, parameter: unknown, options: Options = {}): void {
  ctx.genericSend({ ...target, ...options, parameter, inputSerde: JSON_SERDE })
}

const JSON_SERDE = {
  contentType: 'application/json',
  serialize: (value: unknown) => new TextEncoder().encode(JSON.stringify(value)),
  deserialize: (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes)),
}
