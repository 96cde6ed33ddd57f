import { problemOf, redactProblem } from '../errors.ts'
import { buildCommit, cellAfterMessage, downNotices, failureCommit, haltedCell, unchangedCommit } from './commit.ts'
import { isInterruption } from './faults.ts'
import { asText, type Json } from './json.ts'
import { openCell } from './open-cell.ts'
import { sameRef } from './ref.ts'
import type { Actor, ActorRef, Cell, Commit, Effects, Envelope, Notice } from './types.ts'

/** Watches an actor: the sender gets one notice when it stops or fails, or at once if it is already gone or failed. */
export function watchActor(cell: Cell | undefined, envelope: Envelope): Commit {
  const watcher = envelope.from
  if (!watcher) return unchangedCommit(cell, envelope)
  if (cell?.status === 'live') return { ...unchangedCommit(cell, envelope), cell: withWatcher(cell, watcher) }
  const reason = !cell || cell.status === 'halted' ? 'gone' : 'failed'
  return { ...unchangedCommit(cell, envelope), sends: downNotices(envelope, [watcher], reason, 0) }
}

/** Resumes a failed actor with its present state; does nothing for any other actor. */
export function resumeActor(cell: Cell | undefined, envelope: Envelope): Commit {
  if (cell?.status !== 'failed') return unchangedCommit(cell, envelope)
  const { problem: _, halting: __, ...healthy } = cell
  return { ...unchangedCommit(cell, envelope), cell: { ...healthy, status: 'live', seq: cell.seq + 1 } }
}

/**
 * Ends an actor of any status; one that can still decide may clean up first. The sender learns of the end like a
 * watcher. An actor that is to keep its state is halted, not deleted.
 */
export async function stopActor(
  actor: Actor,
  stored: Cell | undefined,
  envelope: Envelope,
  effects: Effects,
): Promise<Commit> {
  if (!stored) return unchangedCommit(stored, envelope)
  const notice = stopNotice(envelope.body)
  const watched = envelope.from ? withWatcher(stored, envelope.from) : stored
  const cell: Cell = notice.keep ? { ...watched, halting: true } : watched
  const live = tryOpenCell(actor, cell, envelope)
  if (!live || !actor.notice) return stoppedCommit(cell, envelope)
  try {
    const turn = await actor.notice(live.state, notice, effects)
    return buildCommit(actor, live, envelope, { ...turn, stop: turn.stop !== false })
  } catch (error) {
    if (isInterruption(error)) throw error
    return failureCommit(actor, live, true, envelope, redactProblem(problemOf(error), actor.redact), { type: 'stop' })
  }
}

function tryOpenCell(actor: Actor, cell: Cell, envelope: Envelope): Cell | undefined {
  if (cell.status === 'failed') return undefined
  try {
    return openCell(actor, cell, envelope)
  } catch {
    // an unreadable actor has nothing to clean up
    return undefined
  }
}

function stoppedCommit(cell: Cell, envelope: Envelope): Commit {
  const last = cell.halting ? haltedCell(cellAfterMessage(cell, envelope)) : undefined
  return { ...unchangedCommit(last, envelope), sends: downNotices(envelope, cell.watchers, 'stopped', 0) }
}

function stopNotice(body: Json): Extract<Notice, { type: 'stop' }> {
  const { reason = 'it was asked to', keep } = (body ?? {}) as { readonly reason?: Json; readonly keep?: Json }
  return { type: 'stop', reason: asText(reason), ...(keep === true && { keep }) }
}

function withWatcher(cell: Cell, watcher: ActorRef): Cell {
  if (cell.watchers.some((other) => sameRef(other, watcher))) return cell
  return { ...cell, seq: cell.seq + 1, watchers: [...cell.watchers, watcher] }
}
