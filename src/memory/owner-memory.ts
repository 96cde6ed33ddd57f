import type { Cause, ErasureReport, Memory } from './memory.ts'
import type { MemoryRecord } from './record.ts'
import type { MemorySources } from './sources/sources.ts'
import type { MemoryTransfer } from './transfer/transfer.ts'

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
