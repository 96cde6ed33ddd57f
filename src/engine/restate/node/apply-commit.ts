import type { ObjectContext } from '@restatedev/restate-sdk'
import { nameOf } from '../../../kernel/ref.ts'
import type { ActorIndex, ActorRef, Cell, Commit, Envelope, OutgoingMessage } from '../../../kernel/types.ts'
import { isDown } from '../../mailbox.ts'
import { reportCommit } from '../../telemetry.ts'
import { shardOf } from '../names.ts'
import type { ActorState } from '../state/actor-state.ts'
import { PENDING, type TurnAnswer, type TurnReply } from '../turn-io.ts'
import { isProcessing, type RestateNode } from './node.ts'
import { awaitReply, replyOf, sendFrom, sendInvocation } from './send.ts'
import { writeTombstone } from './tombstones.ts'

/** Applies the turns of one invocation to its actor. */
interface InvocationCommits {
  /** Writes a turn to Restate's journal without the message `request`, synchronously: it leaves in one write. */
  apply(turn: CommittedTurn, request: OutgoingMessage | undefined): void
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
    apply(turn, request) {
      save(turn)
      for (const posted of turn.commit.sends) {
        if (posted.to.kind === 'reply' && posted.to.key === id) reply = replyOf(posted)
        else if (posted !== request) sendFrom(node, ctx, posted, turn.time)
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

/** Updates the row of an actor in the list of its kind, during one invocation. */
interface ListEntry {
  note(before: ActorIndex | null, after: ActorIndex | null): void
  /** Runs work of the invocation. If the work takes long, a new actor is listed before it ends. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** Updates the list if the row has changed. */
  end(): void
}

/** ms after which a running new actor is listed. */
const LIST_DELAY_MS = 100

function openListEntry({ names, client }: RestateNode, ctx: ObjectContext, { kind, key }: ActorRef): ListEntry {
  const place = { service: names.directory, key: shardOf(kind, key) }
  let before: ActorIndex | null | undefined
  let row: ActorIndex | null = null

  /** Outside the journal, so `claim` never overwrites a row. A list that cannot be reached is updated by `end`. */
  const tell = () => client.call({ ...place, handler: 'claim', body: { key, row } }).catch(() => {})

  return {
    note(found, after) {
      if (before === undefined) before = found
      row = after
    },
    async during(work) {
      if (before || !row) return work()
      let claiming: Promise<unknown> | undefined
      const timer = setTimeout(() => {
        claiming = tell()
      }, LIST_DELAY_MS)
      try {
        return await work()
      } finally {
        clearTimeout(timer)
        await claiming
      }
    },
    end() {
      if (JSON.stringify(before) !== JSON.stringify(row)) sendInvocation(ctx, { ...place, method: 'put' }, { key, row })
    },
  }
}
