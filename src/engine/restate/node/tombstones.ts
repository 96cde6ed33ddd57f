import type { ObjectContext } from '@restatedev/restate-sdk'
import { deadLetterCommit } from '../../../kernel/commit.ts'
import { cancelledCommit, STOPPED_BEFORE_TURN } from '../../../kernel/turn.ts'
import type { Cell, Commit, Envelope } from '../../../kernel/types.ts'
import { belongsToWork } from '../../mailbox.ts'
import { keyOf } from '../names.ts'
import type { Node } from './node.ts'
import { send } from './send.ts'

/** What ended an actor from outside. */
type Ending = Pick<Envelope, 'id' | 'type' | 'correlationId' | 'body'>

const ENDED = 'ended'
/** ms after which nothing is on its way any more that an actor sent itself before it ended. */
const UNDER_WAY = 10_000

/** Notes that an actor was ended, for what it has sent itself and comes behind that: it is not to begin anew by itself. */
export function noteEnding({ names }: Node, ctx: ObjectContext, { id, type, correlationId, body, to }: Envelope): void {
  if (type !== 'cancel' && type !== 'stop') return
  ctx.set(ENDED, { id, type, correlationId, body } satisfies Ending)
  const itself = { service: names.ofKind(to.kind), key: keyOf(to), method: 'forget' }
  send(ctx, itself, null, { delay: UNDER_WAY })
}

/** Forgets what ended an actor. */
export async function forget(ctx: ObjectContext): Promise<void> {
  ctx.clear(ENDED)
}

/** The commit that takes what an actor sent itself before it was ended; undefined for all other mail. */
export async function takeOutlived(
  ctx: ObjectContext,
  cell: Cell | undefined,
  envelope: Envelope,
): Promise<Commit | undefined> {
  if (!isToItself(envelope)) return undefined
  const ending = await ctx.get<Ending>(ENDED)
  // what it sent while it was ended is for its next life
  if (!ending || envelope.cause === ending.id) return undefined
  if (ending.type === 'stop') return deadLetterCommit(cell, envelope, STOPPED_BEFORE_TURN)
  if (!belongsToWork(envelope, ending.correlationId)) return undefined
  return cancelledCommit(cell, envelope, (ending.body as { readonly reason: string }).reason)
}

const isToItself = ({ from, to, type, timer }: Envelope) =>
  from?.kind === to.kind && from.key === to.key && timer === undefined && (type === 'request' || type === 'event')
