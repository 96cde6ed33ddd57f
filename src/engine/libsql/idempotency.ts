import { errorOf, is, type Problem, TerminalError } from '../../errors.ts'
import { asJson } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import { createPassing } from '../../lib/compacting-map.ts'
import { type Bytes, checkedTexts, SEPARATOR, UNCHECKED } from '../../store/database/checked-row.ts'
import type { Database } from '../../store/database/database.ts'
import { ID_RETENTION_MS, isAskUse } from '../envelope.ts'
import type { KnownEntry } from './codec.ts'
import { createSeen, hashOf } from './hash-index.ts'
import type { Departures } from './release-queue.ts'

/** An id from outside that somebody may ask about: the batch of its last change, its reply, and who waits for that here. */
export type Known = {
  readonly id: string
  readonly at: number
  /** what it was first given for: `tell kind/key` or `ask kind/key` */
  readonly use: string
  /** remembered over restarts */
  readonly keep: boolean
  seq: number
  reply: Reply | undefined
  waiters: readonly Waiter[]
}
export type Reply = { readonly body: Json; readonly isError: boolean }
export type Waiter = { readonly resolve: (body: Json) => void; readonly reject: (error: Error) => void }

/** The part of a batch that tells of ids: the ones it stores, and the ones whose reply is sent once it is durable. */
export type IdsOfBatch = { readonly seq: number; readonly known: Known[]; readonly answered: Known[] }

/** The ids given from outside. Those that are done with leave memory: the file holds them, and a hash says in which row. */
export interface KnownIds {
  get(id: string, hash: number, now: number): Known | undefined
  /** `hash` is `hashOf(id)`. */
  add(id: string, hash: number, use: string, at: number, keep: boolean, batch: IdsOfBatch): Known
  /** A reply was decided; it leaves when its batch is durable. The first one stands. */
  answer(id: string, reply: Reply, batch: IdsOfBatch): void
  /** The batch is on disk: its replies leave, and what is done with leaves memory. */
  written(batch: IdsOfBatch): void
  /** Tells all who wait that no reply will come to them. */
  sendAway(error: Error): void
  /** What an earlier process left in the row of a batch. */
  restore(seq: number, entries: readonly KnownEntry[]): void
  /** These ids may be in the row of a batch, which is damaged: a request with one of them is refused. */
  restoreDamaged(seq: number, ids: readonly string[]): void
  /** Drops ids older than `before` (ms); returns the first batch whose ids are still remembered, 0 if none was dropped. */
  forget(before: number): number
}

const HOUR = 3_600_000

export function createKnownIds(database: Database, departures: Departures): KnownIds {
  const young = createPassing<string, Known>()
  const seen = createSeen()
  // the first batch of each hour, oldest first
  let hours: { readonly at: number; readonly seq: number }[] = []

  function note(at: number, seq: number): void {
    const last = hours.at(-1)
    if (!last || at >= last.at + HOUR) hours.push({ at, seq })
  }

  function findOld(id: string, batches: readonly number[], oldest: number): Known | undefined {
    for (const seq of batches) {
      const entry = readEntries(database, seq).find(([other, , at]) => other === id && at >= oldest)
      if (entry) return restored(seq, entry)
    }
    return undefined
  }

  // nobody waits here for an id whose record is damaged: its next request was refused
  function findReadable(id: string): Known | undefined {
    try {
      return findOld(id, seen.find(hashOf(id)), 0)
    } catch (error) {
      if (is(error) && error.code === 'unreadable') return undefined
      throw error
    }
  }

  // with its reply it is in this batch
  function rememberIn(batch: IdsOfBatch, known: Known): void {
    young.set(known.id, known)
    seen.add(hashOf(known.id), batch.seq)
    batch.known.push(known)
  }

  return {
    get(id, hash, now) {
      // most ids are new, and then this says so at once
      const batches = seen.find(hash)
      if (batches.length === 0) return undefined
      const known = young.get(id)
      if (known) return known
      const old = findOld(id, batches, now - ID_RETENTION_MS)
      // its reply is still to come
      if (old && !old.reply && isAskUse(old.use)) young.set(id, old)
      return old
    },
    add(id, hash, use, at, keep, batch) {
      const known: Known = { id, use, at, keep, seq: batch.seq, reply: undefined, waiters: NOBODY }
      young.set(id, known)
      seen.add(hash, batch.seq)
      if (keep) batch.known.push(known)
      return known
    },
    answer(id, reply, batch) {
      const known = young.get(id) ?? findReadable(id)
      if (!known || known.reply) return
      known.reply = reply
      if (known.keep && known.seq !== batch.seq) rememberIn(batch, known)
      known.seq = batch.seq
      batch.answered.push(known)
    },
    written({ seq, known, answered }) {
      if (known.length > 0) note(known[0]!.at, seq)
      for (const one of known) if (one.seq === seq && (one.reply || !isAskUse(one.use))) young.delete(one.id)
      departures.add(answered, release)
      for (const one of answered) if (!one.keep) young.delete(one.id)
    },
    sendAway(error) {
      for (const { waiters } of young.values()) for (const { reject } of waiters) reject(error)
    },
    restore(seq, entries) {
      if (entries[0]) note(entries[0][2], seq)
      for (const [id] of entries) seen.add(hashOf(id), seq)
    },
    restoreDamaged(seq, ids) {
      for (const id of ids) seen.add(hashOf(id), seq)
    },
    forget(before) {
      const kept = hours.findLastIndex(({ at }) => at <= before)
      if (kept <= 0) return 0
      hours = hours.slice(kept)
      seen.forget(hours[0]!.seq)
      return hours[0]!.seq
    },
  }
}

const NOBODY: readonly Waiter[] = []

/** Waits for the reply of an id, in this process. */
export function waitFor(known: Known, waiter: Waiter): void {
  known.waiters = known.waiters === NOBODY ? [waiter] : [...known.waiters, waiter]
}

/** Ends the waiting of one. */
export function leave(known: Known, waiter: Waiter): void {
  known.waiters = known.waiters.filter((other) => other !== waiter)
}

/** What a reply says to one asker, a value of its own; throws the problem it holds. */
export function open({ body, isError }: Reply): Json {
  if (isError) throw errorOf(body as Problem)
  return asJson(body)
}

function release(known: Known): void {
  const { body, isError } = known.reply!
  for (const { resolve, reject } of known.waiters) {
    if (isError) reject(errorOf(body as Problem))
    else resolve(asJson(body))
  }
  known.waiters = NOBODY
}

// a row moves from the log to its own table in one transaction: it is in one of them
function readEntries(database: Database, seq: number): readonly KnownEntry[] {
  return database.all<IdsRow>(IDS, [seq]).flatMap(({ ids, sum }) => {
    const texts = checkedTexts(ids, sum, seq)
    if (!texts) throw damagedIds(seq)
    return unpackKnown(JSON.parse(texts.join(SEPARATOR)))
  })
}

export type IdsRow = { readonly ids: Bytes; readonly sum: number }
const IDS = `select cast(ids as blob) ids, ifnull(ids_sum, ${UNCHECKED}) sum from log where seq = ?1 and ids is not null
  union all select cast(ids as blob), sum from known where seq = ?1`

function damagedIds(seq: number): TerminalError {
  const message = `The record of earlier requests is damaged (batch ${seq}), and this request may have been one of them.`
  return new TerminalError(message, { code: 'unreadable', hint: 'Give the request another id if it is a new one.' })
}

function restored(seq: number, entry: KnownEntry): Known {
  const [id, use, at] = entry
  return { id, use, at, keep: true, seq, reply: replyIn(entry), waiters: NOBODY }
}

/** The reply that lies with an id. */
export function replyIn([, , , body, isError]: KnownEntry): Reply | undefined {
  return body === undefined ? undefined : { body, isError: isError === 1 }
}

/** Ids as the log holds them: the time of all but the first is told from that of the first. */
export function packKnown(ids: readonly Known[]): readonly KnownEntry[] {
  const first = ids[0]?.at ?? 0
  return ids.map((known, n) => entryOf(known, n === 0 ? known.at : known.at - first))
}

/** An id as it lies in a row, with a time. */
export function entryOf({ id, use, reply }: EntryParts, at: number): KnownEntry {
  if (!reply) return [id, use, at]
  return reply.isError ? [id, use, at, reply.body, 1] : [id, use, at, reply.body]
}
type EntryParts = { readonly id: string; readonly use: string; readonly reply?: Reply | undefined }

// earlier versions wrote the time itself: no two ids of a row are years apart
const YEARS = 1e11

/** Ids as they were packed, each with its own time. */
export function unpackKnown(entries: readonly KnownEntry[]): readonly KnownEntry[] {
  const first = entries[0]?.[2] ?? 0
  return entries.map(([id, use, at, ...reply], n) => [id, use, n > 0 && at < YEARS ? first + at : at, ...reply])
}
