import type { DiskSpaceWatch } from '../data-folder/disk-space.ts'

/** Where blobs lie, as texts by the hashes of their content. What cannot be done is a RetryableError of code `storage`. */
export interface BlobStore {
  /** Undefined when there is none; whatever is there is given, also when it is damaged. */
  read(hash: string): Promise<string | undefined>
  /** Bytes of the text; absent: that cannot be told without reading it. */
  size?(hash: string): Promise<number | undefined>
  /** Resolves when it is durable, and counts as put now. */
  write(hash: string, text: string): Promise<void>
  /** What was last put before a time and is not in use, one after the other. */
  old(used: ReadonlySet<string>, before: number): AsyncIterable<StoredBlob>
  /** Takes away what `old` gave, unless it was put again meanwhile, on whatever node. */
  remove(item: StoredBlob, before: number): Promise<void>
  /** The names that were written into this store to know it again by. */
  marks(): Promise<readonly string[]>
  /** Resolves when the name is durable; written again it stays. */
  mark(name: string): Promise<void>
}

/** Something in a store; without a hash it is what a write left behind. */
export type StoredBlob = { readonly hash?: string; readonly place: string; readonly bytes: number }

/** ms for which a blob counts as put just now: a sweep leaves a multiple of it alone. */
export const RECENT_MS = 30 * 60_000

/** The name of a mark: whose it is, and one of many. */
export const MARK_PATTERN = /^[\w-]+\.[\w-]+$/

/** What blobs leave of the reserve: work under way may use the rest, and the log has room even then. */
const BLOB_SHARE_OF_RESERVE = 1 / 2

/** A store that leaves a part of the reserve free. */
export function withDiskReserve(store: BlobStore, room: DiskSpaceWatch): BlobStore {
  return {
    ...store,
    write: (hash, text) => room.spend(Buffer.byteLength(text), BLOB_SHARE_OF_RESERVE, () => store.write(hash, text)),
  }
}
