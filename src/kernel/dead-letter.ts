import type { Problem } from '../errors.ts'
import { cellAfterMessage, deadLetterMessages, downNotices, unchangedCommit, untakenNotice } from './commit.ts'
import { sameRef } from './ref.ts'
import type { Cell, Commit, Envelope, OutgoingMessage } from './types.ts'

/** Builds the commit for a message which cannot be run: it becomes a dead letter, and its caller gets an error. */
export function deadLetterCommit(cell: Cell | undefined, envelope: Envelope, problem: Problem): Commit {
  const after = cell && envelope.timer !== undefined ? cellAfterMessage(cell, envelope) : cell
  return { ...unchangedCommit(after, envelope), sends: deadLetterMessages(envelope, problem) }
}

/**
 * Builds the commit that gives up a message which ended its process on each try: like a dead letter, and the actor
 * that waits for it, or that sent it to itself, gets an error notice with the message.
 */
export function poisonCommit(cell: Cell | undefined, envelope: Envelope, problem: Problem): Commit {
  const commit = deadLetterCommit(cell, envelope, problem)
  const { type, from, to, body: undelivered } = envelope
  if (!cell || (type !== 'response' && !(type === 'event' && from && sameRef(from, to)))) return commit
  const body = { ...problem, undelivered }
  return { ...commit, sends: [...commit.sends, ...untakenNotice(envelope, body, commit.sends.length)] }
}

/** The messages for an unknown kind: a caller or watcher gets an error, a request or event becomes a dead letter. */
export function undeliverableMessages(envelope: Envelope): OutgoingMessage[] {
  const { type, from, to } = envelope
  if (type === 'watch' && from) return downNotices(envelope, [from], 'gone', 0)
  if (type !== 'request' && type !== 'event') return []
  const message = `no actor of kind ${to.kind}`
  return deadLetterMessages(envelope, { code: 'not_found', name: 'NotFoundError', message, terminal: true })
}
