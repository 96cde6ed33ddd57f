import type { Envelope } from '../../kernel/types.ts'
import type { Batch } from './batch.ts'

/** An id from outside: the batch of its last change, its reply, and who waits for that in this process. */
export type Known = {
  readonly id: string
  readonly at: number
  /** what it was first given for: `tell kind/key` or `ask kind/key` */
  readonly use: string
  /** remembered over restarts */
  readonly keep: boolean
  seq: number
  reply: Envelope | undefined
  readonly waiters: Set<(reply: Envelope) => void>
}

/** Ids are remembered this long (ms); after that the same id is a new request. */
export const REMEMBERED = 24 * 3_600_000

/** The ids given from outside, in the order of their first sight. */
export interface KnownIds {
  get(id: string): Known | undefined
  add(id: string, use: string, at: number, keep: boolean, batch: Batch): Known
  restore(id: string, use: string, at: number, reply: Envelope | undefined): Known
  /** A reply was decided; it leaves when its batch is durable. The first one stands. */
  answer(id: string, reply: Envelope, batch: Batch): void
  /** Drops ids older than `before`; tells whether there were any. */
  forget(before: number): boolean
}

export function createKnownIds(): KnownIds {
  const ids = new Map<string, Known>()
  const put = (known: Known) => {
    ids.set(known.id, known)
    return known
  }
  return {
    get: (id) => ids.get(id),
    add(id, use, at, keep, batch) {
      const known = put({ id, use, at, keep, seq: batch.seq, reply: undefined, waiters: new Set() })
      if (keep) batch.known.add(known)
      return known
    },
    restore: (id, use, at, reply) => put({ id, use, at, keep: true, seq: 0, reply, waiters: new Set() }),
    answer(id, reply, batch) {
      const known = ids.get(id)
      if (!known || known.reply) return
      known.reply = reply
      known.seq = batch.seq
      if (known.keep) batch.known.add(known)
      batch.durable.then(
        () => release(ids, known, reply),
        () => {},
      )
    },
    forget(before) {
      let forgotten = false
      for (const known of ids.values()) {
        if (known.at >= before) break
        ids.delete(known.id)
        forgotten = true
      }
      return forgotten
    },
  }
}

function release(ids: Map<string, Known>, known: Known, reply: Envelope): void {
  for (const waiter of known.waiters) waiter(reply)
  known.waiters.clear()
  if (!known.keep) ids.delete(known.id)
}
