import type { Context, ObjectContext } from '@restatedev/restate-sdk'
import { undeliverable } from '../../kernel/commit.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Cell, Commit, Envelope, Index, Posted } from '../../kernel/types.ts'
import type { DeadLetter } from '../engine.ts'
import { overtakes } from '../mailbox.ts'
import { stamp } from '../stamp.ts'
import { CELL, eventKey, keyOf, partKey, shardOf } from './names.ts'
import type { Node } from './node.ts'

/** What the handler of a turn answers who called it: the reply, or that it comes later. */
export type TurnAnswer = Reply | { readonly type: 'pending' } | null
export type Reply = { readonly type: 'response' | 'error'; readonly body: Json }

/** The turn on its way into Restate's journal. Nothing in here waits for anything: all of it leaves in one write. */
export function carryOut(
  node: Node,
  ctx: ObjectContext,
  before: Cell | undefined,
  commit: Commit,
  time: number,
): TurnAnswer {
  storeCell(node, ctx, before, commit)
  const asked = commit.taken.replyTo?.kind === 'reply'
  let reply: Reply | undefined
  for (const posted of commit.sends) {
    if (posted.to.kind === 'reply' && posted.to.key === commit.taken.id) reply = replyOf(posted)
    else sendFrom(node, ctx, posted, time)
  }
  if (reply) return reply
  if (!asked) return null
  send(ctx, node.names.reply, commit.taken.replyTo!.key, 'run', null)
  return { type: 'pending' }
}

function storeCell(node: Node, ctx: ObjectContext, before: Cell | undefined, commit: Commit): void {
  const { cell, parts, events, taken } = commit
  if (cell === (before ?? null)) return
  if (!cell) ctx.clearAll()
  else {
    ctx.set(CELL, cell)
    for (const [name, part] of Object.entries(parts)) storePart(ctx, name, part)
    const first = cell.events - events.length + 1
    events.forEach((body, index) =>
      ctx.set(eventKey(first + index), { n: first + index, correlationId: taken.correlationId, body }),
    )
  }
  storeIndex(node, ctx, taken, before?.index ?? null, cell?.index ?? null)
}

function storePart(ctx: ObjectContext, name: string, part: Json): void {
  if (part === null) ctx.clear(partKey(name))
  else ctx.set(partKey(name), part)
}

function storeIndex(node: Node, ctx: ObjectContext, { to }: Envelope, before: Index | null, after: Index | null): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return
  send(ctx, node.names.directory, shardOf(to.kind, to.key), 'put', { key: keyOf(to), row: after })
}

/** Sends what was decided, so that a replay sends the very same. */
export function sendFrom(node: Node, ctx: Context, posted: Posted, time: number): void {
  const envelope = stamp(posted, time)
  const { kind, key } = envelope.to
  if (kind === 'reply') send(ctx, node.names.reply, key, 'receive', replyOf(envelope))
  else if (kind === 'deadletter') keepLetter(node, ctx, envelope)
  else if (node.actors.has(kind)) deliver(node, ctx, envelope, posted.delay)
  else for (const other of undeliverable(envelope)) sendFrom(node, ctx, other, time)
}

/** Puts a message into the mail of its actor. */
export function deliver(node: Node, ctx: Context, envelope: Envelope, delay?: number): void {
  const service = node.names.ofKind(envelope.to.kind)
  send(ctx, service, keyOf(envelope.to), 'take', envelope, delay)
  if (overtakes(envelope)) send(ctx, service, keyOf(envelope.to), 'overtake', envelope)
}

/** Sends what follows from mail that was never taken: who asked waits for its answer where late ones are. */
export function answerLater(node: Node, ctx: Context, { taken: { replyTo }, sends }: Commit, time: number): void {
  if (replyTo?.kind === 'reply') send(ctx, node.names.reply, replyTo.key, 'run', null)
  for (const posted of sends) sendFrom(node, ctx, posted, time)
}

const replyOf = ({ type, body }: Posted): Reply => ({ type: type === 'error' ? 'error' : 'response', body })

function keepLetter(node: Node, ctx: Context, { to: { key }, createdAt, body }: Envelope): void {
  const row: DeadLetter = { id: key, at: createdAt, ...(body as unknown as Pick<DeadLetter, 'letter' | 'problem'>) }
  send(ctx, node.names.letters, shardOf('letter', key), 'put', { key, row })
}

function send(ctx: Context, service: string, key: string, method: string, parameter: unknown, delay?: number): void {
  ctx.genericSend({ service, key, method, parameter, inputSerde: JSON_SERDE, ...(delay && { delay }) })
}

const JSON_SERDE = {
  contentType: 'application/json',
  serialize: (value: unknown) => new TextEncoder().encode(JSON.stringify(value)),
  deserialize: (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes)),
}
