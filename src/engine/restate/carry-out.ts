import type { ObjectContext } from '@restatedev/restate-sdk'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, Cell, Commit, Envelope, Index } from '../../kernel/types.ts'
import { noteEnding } from './ended.ts'
import { CELL, eventKey, partKey, shardOf } from './names.ts'
import type { Node } from './node.ts'
import type { KeptEvent } from './read.ts'
import { awaitReply, type Reply, replyOf, send, sendFrom } from './send.ts'

/** What the handler of a turn answers who called it: the reply, or that it comes later; null: nobody asked. */
export type TurnAnswer = Reply | typeof PENDING | null
export const PENDING = { type: 'pending' } as const

/** The turn on its way into Restate's journal. Nothing in here waits for anything: all of it leaves in one write. */
export function carryOut(
  node: Node,
  ctx: ObjectContext,
  before: Cell | undefined,
  commit: Commit,
  time: number,
): TurnAnswer {
  storeCell(node, ctx, before, commit)
  const { id, replyTo } = commit.taken
  let reply: Reply | undefined
  for (const posted of commit.sends) {
    if (posted.to.kind === 'reply' && posted.to.key === id) reply = replyOf(posted)
    else sendFrom(node, ctx, posted, time)
  }
  if (reply) return reply
  if (replyTo?.kind !== 'reply') return null
  awaitReply(node, ctx, replyTo.key)
  return PENDING
}

function storeCell(node: Node, ctx: ObjectContext, before: Cell | undefined, commit: Commit): void {
  const { cell, parts, taken } = commit
  if (cell === (before ?? null)) return
  if (cell) ctx.set(CELL, cell)
  else endActor(node, ctx, taken)
  if (cell) for (const [name, part] of Object.entries(parts)) storePart(ctx, name, part)
  if (cell) storeEvents(ctx, cell, commit)
  storeIndex(node, ctx, taken.to, before?.index ?? null, cell?.index ?? null)
}

function endActor(node: Node, ctx: ObjectContext, taken: Envelope): void {
  ctx.clearAll()
  noteEnding(node, ctx, taken)
}

function storePart(ctx: ObjectContext, name: string, part: Json): void {
  if (part === null) ctx.clear(partKey(name))
  else ctx.set(partKey(name), part)
}

function storeEvents(ctx: ObjectContext, { events: last }: Cell, { events, taken }: Commit): void {
  const { correlationId, id: by } = taken
  let n = last - events.length
  for (const body of events) ctx.set(eventKey(++n), { n, correlationId, body, by } satisfies KeptEvent)
}

function storeIndex(
  { names }: Node,
  ctx: ObjectContext,
  of: ActorRef,
  before: Index | null,
  after: Index | null,
): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return
  const target = { service: names.directory, key: shardOf(of.kind, of.key), method: 'put' }
  send(ctx, target, { key: of.key, row: after })
}
