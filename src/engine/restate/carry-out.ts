import type { ObjectContext } from '@restatedev/restate-sdk'
import type { ActorRef, Cell, Commit, Index } from '../../kernel/types.ts'
import { noteEnding } from './ended.ts'
import { shardOf } from './names.ts'
import type { Node } from './node.ts'
import { awaitReply, type Reply, replyOf, send, sendFrom } from './send.ts'
import type { Store } from './store.ts'

/** What the handler of a turn answers who called it: the reply, or that it comes later; null: nobody asked. */
export type TurnAnswer = Reply | typeof PENDING | null
export const PENDING = { type: 'pending' } as const

/** The turn on its way into Restate's journal. Nothing in here waits for anything: all of it leaves in one write. */
export function carryOut(
  node: Node,
  ctx: ObjectContext,
  store: Store,
  before: Cell | undefined,
  commit: Commit,
  time: number,
): TurnAnswer {
  const { cell } = commit
  const { id, to, replyTo } = commit.taken
  if (cell !== (before ?? null)) {
    store.save(commit)
    if (!cell) noteEnding(node, ctx, commit.taken)
    storeIndex(node, ctx, to, before?.index ?? null, cell?.index ?? null)
  }
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
