import type { Memory } from './memory.ts'
import type { MemoryTransfer } from './transfer/transfer.ts'

/** The memory of one owner with what only operators and programs need. */
export interface OwnerMemory extends Memory {
  /** Takes all records out as NDJSON, and brings them in again. */
  readonly transfer: MemoryTransfer
}
