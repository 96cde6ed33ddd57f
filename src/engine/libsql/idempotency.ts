import { errorOf, is, type Problem, TerminalError } from '../../errors.ts'
import { asJson, type Json } from '../../kernel/json.ts'
import { createCompactingMap } from '../../lib/collections/compacting-map.ts'
import { type Bytes, checkedTexts, SEPARATOR } from '../../store/database/checked-row.ts'
import type { Database } from '../../store/database/database.ts'
import { ID_RETENTION_MS, isAskUse } from '../envelope.ts'
import type { KnownEntry } from './codec.ts'
import type { ReleaseQueue } from './release-queue.ts'
import { createHashIndex, hashId } from './stored/hash-index.ts'
import { openStoredIds } from './stored/ids.ts'

/** An external id: the batch of its last change, its reply, and the callers in this process that wait for the reply. */
export type KnownId = {
  readonly id: string
  readonly at: number
  /** its first use: `tell kind/key` or `ask kind/key` */
  readonly use: string
  /** remembered across restarts */
  readonly keep: boolean
  seq: number
  reply: KnownReply | undefined
  waiters: readonly ReplyWaiter[]
}
export type KnownReply = { readonly body: Json; readonly isError: boolean }
type ReplyWaiter = {
  readonly resolve: (body: Json) => void
  readonly reject: (error: Error) => void
  /** it does not wait for the disk */
  readonly early?: true
}

/** The ids of a batch: the ids to store, and the ids whose reply is sent once the batch is durable. */
type BatchIds = { readonly seq: number; readonly known: KnownId[]; readonly answered: KnownId[] }

/** Remembers external ids. Completed ids leave memory: they are in the file, and a hash index finds their row. */
export interface IdempotencyIndex {
  get(id: string, hash: number, now: number): KnownId | undefined
  /** `hash` is `hashOf(id)`. */
  add(id: string, hash: number, use: string, at: number, keep: boolean, batch: BatchIds): KnownId
  /** Records a reply, which is sent when its batch is durable, to early waiters at once. The first reply wins. */
  answer(id: string, reply: KnownReply, batch: BatchIds): void
  /** The batch is on disk: sends its replies, and removes completed ids from memory. */
  written(batch: BatchIds): void
  /** Rejects all waiters: no reply will come. */
  rejectAll(error: Error): void
  /** Adds the entries that an earlier process left in a batch row of the log. */
  restore(seq: number, entries: readonly KnownEntry[]): void
  /** Marks ids that may be in the row of a damaged batch: a request with one of these ids is refused. */
  restoreDamaged(seq: number, ids: readonly string[]): void
  /** Reads the next ids of the table. False: all are read. Until then, an id is looked up in the table. */
  readMore(): boolean
  /** Drops ids older than `before` (ms); returns the first batch whose ids are remembered, 0 if none was dropped. */
  forget(before: number): number
}

const HOUR = 3_600_000

/** `onDamaged`: called for each damaged row in the table. */
export function createIdempotencyIndex(
  database: Database,
  releaseQueue: ReleaseQueue,
  onDamaged: (row: string) => void = () => {},
): IdempotencyIndex {
  const young = createCompactingMap<string, KnownId>()
  const seen = createHashIndex()
  // the first batch of each hour, oldest first: those of the table until all are read, and the others
  const earlier: Hour[] = []
  let hours: Hour[] = []
  const stored = openStoredIds(database, {
    restore: (seq, entries) => addTo(earlier, seq, entries),
    restoreDamaged,
    damaged: onDamaged,
  })

  function addTo(some: Hour[], seq: number, entries: readonly KnownEntry[]): void {
    if (entries[0]) note(some, entries[0][2], seq)
    for (const [id] of entries) seen.add(hashId(id), seq)
  }

  function restoreDamaged(seq: number, ids: readonly string[]): void {
    for (const id of ids) seen.add(hashId(id), seq)
  }

  /** The batches that may hold an id, the latest first. */
  function batchesOf(id: string, hash: number): readonly number[] {
    const unread = stored.find(id)
    const batches = seen.find(hash)
    return unread.length === 0 ? batches : [...batches, ...unread]
  }

  function findOld(id: string, batches: readonly number[], oldest: number): KnownId | undefined {
    for (const seq of batches) {
      const entry = readEntries(database, seq).find(([other, , at]) => other === id && at >= oldest)
      if (entry) return restored(seq, entry)
    }
    return undefined
  }

  // no caller waits for an id with a damaged record: its next request was refused
  function findReadable(id: string): KnownId | undefined {
    try {
      return findOld(id, batchesOf(id, hashId(id)), 0)
    } catch (error) {
      if (is(error) && error.code === 'unreadable') return undefined
      throw error
    }
  }

  // with its reply, the id is in this batch
  function rememberIn(batch: BatchIds, known: KnownId): void {
    young.set(known.id, known)
    seen.add(hashId(known.id), batch.seq)
    batch.known.push(known)
  }

  return {
    get(id, hash, now) {
      // most ids are new, and this check settles that at once
      const batches = batchesOf(id, hash)
      if (batches.length === 0) return undefined
      const known = young.get(id)
      if (known) return known
      const old = findOld(id, batches, now - ID_RETENTION_MS)
      // the reply does not exist yet
      if (old && !old.reply && isAskUse(old.use)) young.set(id, old)
      return old
    },
    add(id, hash, use, at, keep, batch) {
      const known: KnownId = { id, use, at, keep, seq: batch.seq, reply: undefined, waiters: NO_WAITERS }
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
      if (known.waiters.some(isEarly)) resolveEarly(known)
      batch.answered.push(known)
    },
    written({ seq, known, answered }) {
      if (known.length > 0) note(hours, known[0]!.at, seq)
      for (const one of known) if (one.seq === seq && (one.reply || !isAskUse(one.use))) young.delete(one.id)
      releaseQueue.add(answered, resolveWaiters)
      for (const one of answered) if (!one.keep) young.delete(one.id)
    },
    rejectAll(error) {
      for (const { waiters } of young.values()) for (const { reject } of waiters) reject(error)
    },
    restore: (seq, entries) => addTo(hours, seq, entries),
    restoreDamaged,
    readMore: stored.readMore,
    forget(before) {
      // an unread row is the oldest
      if (stored.readMore()) return 0
      hours = [...earlier.splice(0), ...hours]
      const first = hours.findLastIndex(({ at }) => at <= before)
      if (first <= 0) return 0
      hours = hours.slice(first)
      seen.forget(hours[0]!.seq)
      return hours[0]!.seq
    },
  }
}

/** The first batch in an hour, and its time (ms). */
type Hour = { readonly at: number; readonly seq: number }

function note(hours: Hour[], at: number, seq: number): void {
  const last = hours.at(-1)
  if (!last || at >= last.at + HOUR) hours.push({ at, seq })
}

const NO_WAITERS: readonly ReplyWaiter[] = []

export function addReplyWaiter(known: KnownId, waiter: ReplyWaiter): void {
  known.waiters = known.waiters === NO_WAITERS ? [waiter] : [...known.waiters, waiter]
}

export function removeReplyWaiter(known: KnownId, waiter: ReplyWaiter): void {
  known.waiters = known.waiters.filter((other) => other !== waiter)
}

/** Returns a copy of the reply's value for one caller, or throws the problem that it holds. */
export function openReply({ body, isError }: KnownReply): Json {
  if (isError) throw errorOf(body as Problem)
  return asJson(body)
}

const isEarly = ({ early }: ReplyWaiter) => early === true

function resolveEarly(known: KnownId): void {
  for (const waiter of known.waiters.filter(isEarly)) answerWaiter(waiter, known.reply!)
  known.waiters = known.waiters.filter((waiter) => !isEarly(waiter))
}

function resolveWaiters(known: KnownId): void {
  for (const waiter of known.waiters) answerWaiter(waiter, known.reply!)
  known.waiters = NO_WAITERS
}

function answerWaiter({ resolve, reject }: ReplyWaiter, { body, isError }: KnownReply): void {
  if (isError) reject(errorOf(body as Problem))
  else resolve(asJson(body))
}

// a row moves from the log to its own table in one transaction, so it is always in one of them
function readEntries(database: Database, seq: number): readonly KnownEntry[] {
  return database.all<IdsRow>(IDS, [seq]).flatMap(({ ids, sum }) => {
    const texts = checkedTexts(ids, sum, seq)
    if (!texts) throw damagedIds(seq)
    return unpackIds(JSON.parse(texts.join(SEPARATOR)))
  })
}

type IdsRow = { readonly ids: Bytes; readonly sum: number }
const IDS = `select cast(ids as blob) ids, ids_sum sum from log where seq = ?1 and ids is not null
  union all select cast(ids as blob), sum from idempotency where seq = ?1`

function damagedIds(seq: number): TerminalError {
  const message = `The record of earlier requests is damaged (batch ${seq}), and this request may have been one of them.`
  return new TerminalError(message, { code: 'unreadable', hint: 'Use another id if this is a new request.' })
}

function restored(seq: number, entry: KnownEntry): KnownId {
  const [id, use, at] = entry
  return { id, use, at, keep: true, seq, reply: entryReply(entry), waiters: NO_WAITERS }
}

/** The reply stored with an id. */
export function entryReply([, , , body, isError]: KnownEntry): KnownReply | undefined {
  return body === undefined ? undefined : { body, isError: isError === 1 }
}

/** Packs ids for the log: all times but the first are relative to the first. */
export function packIds(ids: readonly EntryParts[]): readonly KnownEntry[] {
  const first = ids[0]?.at ?? 0
  return ids.map((known, n) => packId(known, n === 0 ? known.at : known.at - first))
}

function packId({ id, use, reply }: EntryParts, at: number): KnownEntry {
  if (!reply) return [id, use, at]
  return reply.isError ? [id, use, at, reply.body, 1] : [id, use, at, reply.body]
}
type EntryParts = Pick<KnownId, 'id' | 'use' | 'at'> & { readonly reply?: KnownReply | undefined }

/** Packs entries with absolute times, as `unpackIds` gives them. */
export function packEntries(entries: readonly KnownEntry[]): readonly KnownEntry[] {
  const first = entries[0]?.[2] ?? 0
  return entries.map(([id, use, at, ...reply], n) => [id, use, n === 0 ? at : at - first, ...reply])
}

/** Unpacks ids, each with its absolute time. */
export function unpackIds(entries: readonly KnownEntry[]): readonly KnownEntry[] {
  const first = entries[0]?.[2] ?? 0
  return entries.map(([id, use, at, ...reply], n) => [id, use, n > 0 ? first + at : at, ...reply])
}
