import type { Page } from '../../house/common-fields.ts'
import type {
  AddedRecords,
  ErasureReport,
  FoundRecords,
  GivenVector,
  MemoryChange,
  MemoryProposal,
  MemoryStats,
  RecordPage,
  RecordSearch,
  RecordWithHistory,
} from '../memory.ts'
import type { MemoryRecord, NewRecord, RecordFilter } from '../record.ts'
import type { AddedSources, MemorySource, SourceRequest, SourcesQuery } from '../sources/sources.ts'
import type { NdjsonPieces } from '../transfer/split-lines.ts'
import type { ImportOptions, ImportReport } from '../transfer/transfer.ts'

/** Only an admin names another owner. */
type OfOwner = { readonly owner?: string }

/** A request to forget: exactly one field beside `dryRun`. */
type ForgetRequest = OfOwner & {
  readonly id?: string
  readonly space?: string
  readonly source?: string
  readonly subject?: string
  readonly kind?: string
  readonly all?: true
  readonly dryRun?: boolean
}

type ListRequest = OfOwner & Omit<RecordFilter, 'pinned' | 'where' | 'reader'> & RecordPage
type ChangesRequest = OfOwner & { readonly after?: number; readonly limit?: number }

type SourcesRequest = OfOwner & SourcesQuery

interface SourceRequests {
  /** Adds a document, or a portion of a folder: while files are left, repeat it with `after` and `change`. */
  add(request: OfOwner & SourceRequest): Promise<AddedSources>
  /** Erases a document, or those of a folder, for good. */
  forget(request: OfOwner & { readonly source: string }): Promise<ErasureReport>
}

/** Memory as requests: the methods of `Memory` for the caller, or for an owner whom an admin names. */
interface MemoryRequests {
  add(request: OfOwner & { readonly records: readonly NewRecord[] }): Promise<AddedRecords>
  search(query: OfOwner & RecordSearch): Promise<FoundRecords>
  get(id: string, of?: OfOwner): Promise<RecordWithHistory>
  pin(id: string, request: OfOwner & { readonly pinned: boolean }): Promise<MemoryRecord>
  forget(request: ForgetRequest): Promise<ErasureReport>
  undo(change: number, of?: OfOwner): Promise<MemoryChange>
  /** Makes a proposed fact a record. */
  accept(id: string, of?: OfOwner): Promise<MemoryRecord>
  /** Erases a proposed fact. */
  decline(id: string, of?: OfOwner): Promise<ErasureReport>
  stats(of?: OfOwner): Promise<MemoryStats>
  /** All records with their history as NDJSON, in pieces. */
  export(of?: OfOwner): AsyncIterable<string>
  /** Imports what `export` gave, in pieces that may end anywhere: all lines as one change, or none. */
  import(pieces: NdjsonPieces, options?: OfOwner & ImportOptions): Promise<ImportReport>
}

/** Memory as a caller of the server may use it. */
export interface MemoryView extends MemoryRequests {
  search(query: OfOwner & RecordSearch & { readonly vector?: GivenVector }): Promise<FoundRecords>
  readonly sources: SourceRequests & {
    list(query: SourcesRequest & { readonly limit: number }): Promise<Page<MemorySource>>
  }
  list(query: ListRequest & { readonly limit: number }): Promise<Page<MemoryRecord>>
  changes(query: ChangesRequest & { readonly limit: number }): Promise<Page<MemoryChange>>
  proposals(of?: OfOwner): Promise<Page<MemoryProposal>>
}

/** The memory of a server. */
export interface MemoryClient extends MemoryRequests {
  readonly sources: SourceRequests & {
    /** Documents by their names. `after`: only those behind that name. */
    list(query?: SourcesRequest): Promise<readonly MemorySource[]>
  }
  /** Records that hold now or at `asOf`, the newest first. `after`: the id of the last one of the page before. */
  list(query?: ListRequest): Promise<readonly MemoryRecord[]>
  /** The change log, the newest first. `after`: only changes before that number. */
  changes(query?: ChangesRequest): Promise<readonly MemoryChange[]>
  /** The facts that work has proposed, the oldest first. */
  proposals(of?: OfOwner): Promise<readonly MemoryProposal[]>
}
