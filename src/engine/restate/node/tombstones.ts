import type { ObjectContext } from '@restatedev/restate-sdk'
import { deadLetterCommit } from '../../../kernel/dead-letter.ts'
import { cancelledCommit, STOPPED_BEFORE_TURN } from '../../../kernel/turn.ts'
import type { Cell, Commit, Envelope } from '../../../kernel/types.ts'
import { belongsToWork } from '../../mailbox.ts'
import { objectKey } from '../names.ts'
import type { RestateNode } from './node.ts'
import { sendInvocation } from './send.ts'

/** The message that ended an actor from outside. */
type Tombstone = Pick<Envelope, 'id' | 'type' | 'correlationId' | 'body'>

const TOMBSTONE_KEY = 'ended'
/** ms after which no message is in flight that an actor sent to itself before it ended. */
const TOMBSTONE_MS = 10_000

/** Records what ended an actor, so that an earlier message to itself does not start it again. */
export function writeTombstone(
  { names }: RestateNode,
  ctx: ObjectContext,
  { id, type, correlationId, body, to }: Envelope,
): void {
  if (type !== 'cancel' && type !== 'stop') return
  ctx.set(TOMBSTONE_KEY, { id, type, correlationId, body } satisfies Tombstone)
  const itself = { service: names.ofKind(to.kind), key: objectKey(to), method: 'forget' }
  sendInvocation(ctx, itself, null, { delay: TOMBSTONE_MS })
}

/** Removes the record. */
export async function clearTombstone(ctx: ObjectContext): Promise<void> {
  ctx.clear(TOMBSTONE_KEY)
}

/** The commit that takes a message which an actor sent to itself before it was ended; undefined for all other mail. */
export async function dropOutlived(
  ctx: ObjectContext,
  cell: Cell | undefined,
  envelope: Envelope,
): Promise<Commit | undefined> {
  if (!isToItself(envelope)) return undefined
  const ending = await ctx.get<Tombstone>(TOMBSTONE_KEY)
  // messages sent while the actor was down belong to its next life
  if (!ending || envelope.cause === ending.id) return undefined
  if (ending.type === 'stop') return deadLetterCommit(cell, envelope, STOPPED_BEFORE_TURN)
  if (!belongsToWork(envelope, ending.correlationId)) return undefined
  return cancelledCommit(cell, envelope, (ending.body as { readonly reason: string }).reason)
}

const isToItself = ({ from, to, type, timer }: Envelope) =>
  from?.kind === to.kind && from.key === to.key && timer === undefined && (type === 'request' || type === 'event')
