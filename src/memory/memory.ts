/**
 * Memory: records that outlive runs and threads, found again by words, by time and by exact filters, and forgotten
 * for good. `memory.ts` is its port, which is bound to an owner. `store/` is the file. `fact-history.ts` and
 * `content-id.ts` are pure. Use it for what several pieces of work have to know; use an environment for shared state
 * that changes.
 */

import type { Plain } from '../document.ts'
import { NotFoundError, TerminalError } from '../errors.ts'
import type * as documents from './documents.ts'
import type { MemoryRecord, NewRecord, RecordFilter, RecordSource } from './record.ts'
import type { MemorySources } from './sources/sources.ts'
import type { MemoryTransfer } from './transfer/transfer.ts'

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
export type AddedRecords = Plain<typeof documents.addedRecords>

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

export type FoundRecords = Plain<typeof documents.foundRecords>

/** A result of a search. The score orders the results of one search, and follows from its parts. */
export type FoundRecord = Plain<typeof documents.foundRecord>

/** The documents behind results, by path or URL. */
export type CheckedSources = NonNullable<FoundRecords['sources']>

/**
 * `history`: all facts with its subject in its space by `validFrom`, the newest first; empty for other kinds.
 * `citedBy`: the newest answers that cite it.
 */
export type RecordWithHistory = Plain<typeof documents.recordWithHistory>

/** An answer that cites a record: its ask, the thread, and when it was given, ms since the epoch. */
export type RecordCitation = RecordWithHistory['citedBy'][number]

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
export type ErasureReport = Plain<typeof documents.erasureReport>

/** A record that was made of others. `ask`: the question whose answer it is, or from which it was learned. */
export type DerivedRecord = NonNullable<ErasureReport['derived']>[number]

/** A line of the change log. Forgotten records are counted only. */
export type MemoryChange = Plain<typeof documents.memoryChange>

export type MemoryStats = Plain<typeof documents.memoryStats>

/** The state of the copies on Redis since a time (ms since the epoch). `error`: the last one, without credentials. */
export type MirrorState = NonNullable<MemoryStats['redis']>

/** Counts of a tier. `fullBytes`: the bytes before compression; `hits`: reads by id and results of searches. */
export type TierStats = MemoryStats['tiers'][keyof MemoryStats['tiers']]

/** The error for a record that does not exist, or no longer. */
export const noRecord = (id: string) => new NotFoundError(`There is no record ${id} in this memory.`)

/** The error for a change that does not exist. */
export const noChange = (change: number) => new NotFoundError(`There is no change ${change} in this memory.`)

/** The error for a record that cannot be read. */
export const damagedRecord = (id: string, reason: string) =>
  new TerminalError(`The record ${id} cannot be read: ${reason}.`, {
    code: 'record_quarantined',
    hint: 'No search and no list contains it. To erase it: antiphon memory forget ID',
  })

/** The error for a proposal that does not exist, or was decided. */
export const noProposal = (id: string) => new NotFoundError(`There is no proposed fact ${id} in this memory.`)

/** The error for an import that cannot go on. */
export const noImport = (change: number) =>
  new NotFoundError(`Change ${change} of this memory is not an import that can go on.`)

/** The lack of a search while the encoder has read a part of the records. */
export const partlyRead = (coverage: number): string =>
  `the meaning of only ${Math.floor(coverage * 100)} % of the records is known yet; the others were found by words. A server makes the rest in the background: antiphon serve`

/** The error for a write that would restore a record that was forgotten meanwhile. */
export const forgotten = () =>
  new TerminalError('The record was forgotten after the work that writes it began, so it is not added.', {
    code: 'forgotten',
  })

/** The error for an export whose records were erased before its end. */
export const erasedMeanwhile = () =>
  new TerminalError('Records were erased while the export ran, so it is not whole.', {
    code: 'erased_meanwhile',
    hint: 'Export again.',
  })

/** The memory of one owner with what only operators and programs need. */
export interface OwnerMemory extends Memory {
  /** Files, pages and other documents. */
  readonly sources: MemorySources
  /** Takes all records out as NDJSON, and brings them in again. */
  readonly transfer: MemoryTransfer
  /** Facts that work has proposed, and that nobody has decided about. No other result contains them. */
  readonly proposals: MemoryProposals
}

interface MemoryProposals {
  /** The oldest first. */
  list(): Promise<readonly MemoryProposal[]>
  /** Makes a proposed fact a record. Its change can be undone. NotFoundError when there is none. */
  accept(id: string, options?: { readonly cause?: Cause }): Promise<MemoryRecord>
  /** Erases a proposed fact. NotFoundError when there is none. */
  decline(id: string, options?: { readonly cause?: Cause }): Promise<ErasureReport>
}

/**
 * A proposed fact. Without `validFrom` it holds from its acceptance on. `against`: the fact that it would end.
 * `isOver`: it would only be history, because it is over, or a fact of the owner begins later.
 */
export type MemoryProposal = MemoryRecord & { readonly against?: MemoryRecord; readonly isOver?: boolean }
