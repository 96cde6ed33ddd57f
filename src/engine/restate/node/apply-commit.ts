import type { ObjectContext } from '@restatedev/restate-sdk'
import { nameOf } from '../../../kernel/ref.ts'
import type { ActorRef, Cell, Commit, Envelope, OutgoingMessage } from '../../../kernel/types.ts'
import { isDown } from '../../mailbox.ts'
import { reportCommit } from '../../telemetry.ts'
import type { ActorState } from '../state/actor-state.ts'
import { PENDING, type TurnAnswer, type TurnReply } from '../turn-io.ts'
import { openListEntry } from './list-entry.ts'
import { isProcessing, type RestateNode } from './node.ts'
import { awaitReply, replyOf, sendFrom } from './send.ts'
import { writeTombstone } from './tombstones.ts'

/** Applies the turns of one invocation to its actor. */
interface InvocationCommits {
  /** Writes a turn to Restate's journal, except the message `kept`. It does not await anything, so that everything leaves in one write. */
  apply(turn: CommittedTurn, kept: OutgoingMessage | undefined): void
  /** Runs work between two turns. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** Runs once after the last turn: updates the list row and returns the answer. */
  end(): TurnAnswer
}

/** A turn of the actor: the cell before it, its commit, and its time. */
export type CommittedTurn = { readonly before: Cell | undefined; readonly commit: Commit; readonly time: number }

export function openInvocationCommits(
  node: RestateNode,
  ctx: ObjectContext,
  store: ActorState,
  { id, to, replyTo }: Envelope,
): InvocationCommits {
  const listing = openListEntry(node, ctx, to)
  let reply: TurnReply | undefined

  function save({ before, commit }: CommittedTurn): void {
    const { cell, taken, events } = commit
    listing.note(before?.index ?? null, cell?.index ?? null)
    if (cell === (before ?? null)) return
    store.save(commit)
    if (isProcessing(ctx) && cell) reportCommit(node.observer, nameOf(to), commit, cell)
    if (isDown(cell)) writeTombstone(node, ctx, taken)
    if (!cell || events.length > 0) tellWhenOver(node, ctx, to)
  }

  return {
    apply(turn, kept) {
      save(turn)
      for (const posted of turn.commit.sends) {
        if (posted.to.kind === 'reply' && posted.to.key === id) reply = replyOf(posted)
        else if (posted !== kept) sendFrom(node, ctx, posted, turn.time)
      }
    },
    during: listing.during,
    end() {
      listing.end()
      if (reply) return reply
      if (replyTo?.kind !== 'reply') return null
      awaitReply(node, ctx, replyTo.key, to)
      return PENDING
    },
  }
}

/** Notifies followers after the turn, if there are new events. */
function tellWhenOver(node: RestateNode, ctx: ObjectContext, of: ActorRef): void {
  const tell = () => node.changes.publish(nameOf(of), null)
  ctx.request().attemptCompletedSignal.addEventListener('abort', tell, { once: true })
}
