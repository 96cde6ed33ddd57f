import type { Context } from '@restatedev/restate-sdk'
import { undeliverableMessages } from '../../../kernel/commit.ts'
import type { ActorRef, Commit, Envelope, OutgoingMessage } from '../../../kernel/types.ts'
import type { DeadLetter } from '../../engine.ts'
import { toEnvelope } from '../../envelope.ts'
import { overtakes } from '../../mailbox.ts'
import { reportDeadLetter } from '../../telemetry.ts'
import type { StoredMail } from '../../transfer.ts'
import { idOf } from '../client/client.ts'
import { keyOf, shardOf } from '../names.ts'
import { hand, type Reply, UNTAKEN } from '../turn-io.ts'
import { isProcessing, type Node } from './node.ts'

export const replyOf = ({ type, body }: OutgoingMessage): Reply => ({
  type: type === 'error' ? 'error' : 'response',
  body,
})

/** Sends what was decided; at the same `time` a replay sends the very same. */
export function sendFrom(node: Node, ctx: Context, posted: OutgoingMessage, time: number): void {
  const envelope = toEnvelope(posted, time)
  const { kind, key } = envelope.to
  if (kind === 'reply') send(ctx, { service: node.names.reply, key, method: 'receive' }, replyOf(envelope))
  else if (kind === 'deadletter') keepLetter(node, ctx, envelope)
  else if (node.actors.has(kind)) deliver(node, ctx, envelope, posted.delay)
  else for (const other of undeliverableMessages(envelope)) sendFrom(node, ctx, other, time)
}

function deliver({ names }: Node, ctx: Context, envelope: Envelope, delay: number | undefined): void {
  const actor = { service: names.ofKind(envelope.to.kind), key: keyOf(envelope.to) }
  send(ctx, { ...actor, method: 'take' }, envelope, { ...(delay && { delay }) })
  if (overtakes(envelope)) send(ctx, { ...actor, method: 'overtake' }, envelope)
}

/** Sends on a message of which a part is done. */
export function handOver({ names }: Node, ctx: Context, mail: StoredMail): undefined {
  const { to } = mail.envelope
  send(ctx, { service: names.ofKind(to.kind), key: keyOf(to), method: 'take' }, hand(mail))
}

function keepLetter({ names, observer }: Node, ctx: Context, { to: { key }, createdAt, body }: Envelope): void {
  const row: DeadLetter = { id: key, at: createdAt, ...(body as unknown as Pick<DeadLetter, 'letter' | 'problem'>) }
  send(ctx, { service: names.letters, key: shardOf('letter', key), method: 'put' }, { key, row })
  if (isProcessing(ctx)) reportDeadLetter(observer, row.letter, row.problem)
}

/** Makes a place where the answer to an ask will be, for who comes for it before and after. */
export function awaitReply({ names }: Node, ctx: Context, key: string, asked: ActorRef): void {
  send(ctx, { service: names.reply, key, method: 'run' }, asked)
}

/** Sends what follows from mail that was taken out before its turn; its id stays known, so that it does not come again. */
export function answerUntaken(node: Node, ctx: Context, { taken, sends }: Commit, time: number): void {
  const { id, from, to, replyTo } = taken
  const actor = { service: node.names.ofKind(to.kind), key: keyOf(to) }
  const isAsked = replyTo?.kind === 'reply'
  const instead = isAsked ? UNTAKEN : UNTOLD
  if (from === null) send(ctx, { ...actor, method: 'take' }, instead, { idempotencyKey: idOf(id) })
  if (isAsked) awaitReply(node, ctx, replyTo.key, to)
  for (const posted of sends) sendFrom(node, ctx, posted, time)
}
/** The same of one that nobody waits for. */
const UNTOLD = { answer: null } as const

type Target = { readonly service: string; readonly key: string; readonly method: string }
type Options = { readonly delay?: number; readonly idempotencyKey?: string }

/** A message in Restate's journal, to leave with all else that is there. */
export function send(ctx: Context, target: Target, parameter: unknown, options: Options = {}): void {
  ctx.genericSend({ ...target, ...options, parameter, inputSerde: JSON_SERDE })
}

const JSON_SERDE = {
  contentType: 'application/json',
  serialize: (value: unknown) => new TextEncoder().encode(JSON.stringify(value)),
  deserialize: (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes)),
}
