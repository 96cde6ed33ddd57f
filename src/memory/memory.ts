/**
 * Memory: records that outlive runs and threads, found again by words, by time and by exact filters, and forgotten
 * for good. `memory.ts` is its port, which is bound to an owner. `store/` is the file. `fact-history.ts` and
 * `content-id.ts` are pure. Use it for what several pieces of work have to know; use an environment for shared state
 * that changes.
 */

import type { MemoryRecord, NewRecord, RecordFilter, RecordSource } from './record.ts'
import type { Tier } from './tier/decide.ts'

/** The memory of one owner. Writes are durable when they resolve. */
export interface Memory {
  /**
   * Adds records, all or none. The same record again changes nothing. Error `record_conflict` if an id has other
   * content, `forgotten` if a record was forgotten after the work began.
   */
  add(records: readonly NewRecord[], options?: AddOptions): Promise<AddedRecords>
  /**
   * The best records for a text, by words and by meaning. InvalidError for an empty text, `not_comparable` for a vector
   * of another model or length than those of the records.
   */
  search(query: RecordSearch & { readonly vector?: GivenVector }): Promise<FoundRecords>
  /** Lists records, the newest first. `after`: the id of the last one of the page before. */
  list(query?: RecordFilter & RecordPage): Promise<readonly MemoryRecord[]>
  /** A record with the history of its subject. NotFoundError when there is none. */
  get(id: string): Promise<RecordWithHistory>
  /** Pins or unpins a record. NotFoundError when there is none. */
  pin(id: string, pinned: boolean, options?: { readonly cause?: Cause }): Promise<MemoryRecord>
  /** Erases records. No result has them from then on, and no byte of the file once the report is `done`. */
  forget(target: ForgetTarget, options?: ForgetOptions): Promise<ErasureReport>
  /** The change log, and taking back a change. */
  readonly changes: MemoryChanges
  stats(): Promise<MemoryStats>
}

/** Every change of an owner's memory with its cause. */
interface MemoryChanges {
  /** The newest first. `after`: only changes before that number. */
  list(query?: { readonly after?: number; readonly limit?: number }): Promise<readonly MemoryChange[]>
  /**
   * Takes back an add with all its records, or a pin. Facts that it ended hold again. NotFoundError when there is no
   * such change, error `cannot_undo` if it was undone already or is an erasure.
   */
  undo(change: number, options?: { readonly cause?: Cause }): Promise<MemoryChange>
}

/** The maker of a change. */
export type Cause = { readonly type: 'person' | 'run' | 'goal' | 'ask' | 'import'; readonly id?: string }

export type AddOptions = {
  readonly source?: RecordSource
  readonly cause?: Cause
  /** when the work behind the write began, ms since the epoch; absent: now */
  readonly begunAt?: number
  /** an answer that cites records, which `get` shows; with it, there may be no records to add */
  readonly cites?: { readonly ask: string; readonly thread: string; readonly records: readonly string[] }
  /** a record with the id of an older one of the same source replaces it; absent: it is refused */
  readonly replaces?: boolean
  /** names an add of one record: when it is made again, it changes nothing, whatever was written since */
  readonly key?: string
}

/** The outcomes of the records, in order. A proposed fact waits for a person. `change` is absent if nothing changed. */
export type AddedRecords = {
  readonly records: readonly { readonly id: string; readonly status: 'added' | 'same' | 'proposed' }[]
  readonly change?: number
}

export type RecordPage = { readonly limit?: number; readonly after?: string }

export type RecordSearch = RecordFilter & {
  readonly text: string
  readonly limit?: number
  /** also shows the ranks, from which the score follows */
  readonly explain?: boolean
  /** for a prompt: looks at fewer records, and leaves out what shares one word only and is not near in meaning */
  readonly isRecall?: boolean
}

/**
 * A vector in place of a text, which is empty then: the records with the nearest vectors are found. `model`: the model
 * that made it; absent: that of the encoder.
 */
export type GivenVector = { readonly numbers: readonly number[]; readonly model?: string }

/** A result of a search. The score orders the results of one search, and follows from its parts. */
export type FoundRecord = MemoryRecord & {
  readonly score: number
  readonly parts: {
    /** the relevance of words; 0: found by meaning alone */
    readonly words: number
    /** the cosine of the two vectors; absent: found by words alone */
    readonly meaning?: number
    readonly recency: number
    readonly importance: number
    /** the places in the two rankings, with `explain` */
    readonly ranks?: { readonly words?: number; readonly meaning?: number }
  }
}

export type FoundRecords = {
  readonly records: readonly FoundRecord[]
  /** the share of the searched records that the encoder has read, 0 to 1; absent: there is no encoder for this text */
  readonly coverage?: number
  /** parts that the search lacked, in sentences; absent: none */
  readonly degraded?: readonly string[]
  /** remarks about the documents behind the results; absent: none */
  readonly sources?: CheckedSources
}

/** The documents behind results, by path or URL. */
export type CheckedSources = {
  /** had changed, and were read again */
  readonly reread: readonly string[]
  /** are gone, with their passages */
  readonly dropped: readonly string[]
  /** have another name now, and were found by their content */
  readonly renamed: readonly { readonly ref: string; readonly to: string }[]
  /** cannot be read now; results may be out of date */
  readonly unread: readonly { readonly ref: string; readonly reason: string }[]
  /** were not looked at, because there were too many; results may be out of date */
  readonly unchecked: readonly string[]
  /** pages of the web, which a search never fetches, and when each was read */
  readonly pages: readonly { readonly ref: string; readonly readAt: number }[]
}

/**
 * `history`: all facts with its subject in its space by `validFrom`, the newest first; empty for other kinds.
 * `citedBy`: the newest answers that cite it.
 */
export type RecordWithHistory = MemoryRecord & {
  readonly history: readonly MemoryRecord[]
  readonly citedBy: readonly RecordCitation[]
}

/** An answer that cites a record: its ask, the thread, and when it was given, ms since the epoch. */
export type RecordCitation = { readonly ask: string; readonly thread: string; readonly at: number }

/** Exactly one of them. A space includes those below it, and so does a source, such as a folder. */
export type ForgetTarget =
  | { readonly id: string }
  | { readonly space: string }
  | { readonly source: string }
  | { readonly subject: string }
  | { readonly kind: string }
  | { readonly all: true }

type ForgetOptions = { readonly dryRun?: boolean; readonly cause?: Cause }

/** The report of `forget`: what it removed, where, and what remains. It contains no text. */
export type ErasureReport = {
  readonly id?: string
  readonly status: 'done' | 'pending' | 'dry-run'
  readonly by: 'id' | 'space' | 'source' | 'subject' | 'kind' | 'all'
  readonly removed: {
    readonly records: number
    readonly words: number
    readonly vectors: number
    readonly changes: number
    /** copies on Redis; absent: none */
    readonly redis?: number
  }
  readonly remains: readonly string[]
  /** among the removed records, those that were made of the others, at most 100; absent: none */
  readonly derived?: readonly DerivedRecord[]
}

/** A record that was made of others. `ask`: the question whose answer it is, or from which it was learned. */
export type DerivedRecord = { readonly id: string; readonly kind: string; readonly ask?: string }

/** A line of the change log. Forgotten records are counted only. */
export type MemoryChange = {
  readonly change: number
  readonly at: number
  readonly type: 'add' | 'pin' | 'unpin' | 'forget' | 'expire' | 'undo'
  readonly cause: Cause
  readonly records: readonly { readonly id: string; readonly text: string }[]
  /** how many records it changed, including those that were forgotten since */
  readonly count: number
  readonly undoes?: number
  readonly undoneBy?: number
}

export type MemoryStats = {
  readonly records: number
  /** bytes of their texts and JSON */
  readonly bytes: number
  readonly pinned: number
  readonly kinds: { readonly [kind: string]: number }
  readonly changes: number
  /** erasures that are not finished */
  readonly pending: number
  /** records that are damaged: no search and no list contains them */
  readonly quarantined: number
  readonly tiers: { readonly [Name in Tier]: TierStats }
  /** the copies on Redis; absent: none are configured */
  readonly redis?: MirrorState
}

/** The state of the copies on Redis since a time (ms since the epoch). `error`: the last one, without credentials. */
export type MirrorState = {
  readonly state: 'ready' | 'degraded'
  readonly since: number
  readonly error?: string
}

/** Counts of a tier. `fullBytes`: the bytes before compression; `hits`: reads by id and results of searches. */
export type TierStats = {
  readonly records: number
  readonly bytes: number
  readonly fullBytes: number
  readonly hits: number
}
