import type { DiskSpaceWatch } from '../data-folder/disk-space.ts'
import type { BlobDraft, ByteRange } from './draft.ts'

/** Stores blobs, texts and files, by content hash. Failures are RetryableErrors of code `storage`. */
export interface BlobStore {
  /** Undefined if missing. Returns damaged content as it is. */
  read(hash: string): Promise<string | undefined>
  /** The bytes of a blob, or a range of them, as they are. Undefined if missing. */
  open(hash: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array> | undefined>
  /** The file of a blob on this machine, for programs that read files; undefined if missing. Absent: there is none. */
  pathOf?(hash: string): Promise<string | undefined>
  /** The number of its bytes; undefined if missing. Absent: unknown without reading it. */
  size?(hash: string): Promise<number | undefined>
  /** Resolves when the blob is durable. Counts as a write even if the blob exists. */
  write(hash: string, text: string): Promise<void>
  /** Writes bytes to a draft, which is no blob yet. If they fail, nothing is left of it. */
  draft(content: AsyncIterable<Uint8Array>): Promise<BlobDraft>
  /**
   * Makes a draft a blob, and resolves when it is durable. Counts as a write even if the blob exists. Gives the mark of
   * the blob if nobody else wrote it: it is new, or had the mark `own`. Each write changes the mark.
   */
  keep(draft: BlobDraft, own?: string): Promise<string | undefined>
  /** Removes a blob that still has this mark. Absent: no blob has a mark. */
  discard?(hash: string, own: string): Promise<void>
  /** Blobs that are not in `used` and were last written before a time. */
  old(used: ReadonlySet<string>, before: number): AsyncIterable<StoredBlob>
  /** Removes an item of `old` unless any node has written it again. */
  remove(item: StoredBlob, before: number): Promise<void>
  /** The marks in this store, which identify it. */
  marks(): Promise<readonly string[]>
  /** Resolves when the mark is durable. Idempotent. */
  mark(name: string): Promise<void>
}

/** An item of a store. Without a hash it is a leftover of an interrupted write. */
export type StoredBlob = { readonly hash?: string; readonly place: string; readonly bytes: number }

/** ms for which a blob counts as just written: it is not written again. Sweeps spare a multiple of it. */
export const RECENT_MS = 30 * 60_000

/** The name of a mark: owner and id. */
export const MARK_PATTERN = /^[\w-]+\.[\w-]+$/

/** Blobs leave this share of the disk reserve to running work and the log. */
const BLOB_SHARE_OF_RESERVE = 1 / 2

/** Rejects writes that would use too much of the disk reserve. */
export function withDiskReserve(store: BlobStore, space: DiskSpaceWatch): BlobStore {
  return {
    ...store,
    write: (hash, text) => space.spend(Buffer.byteLength(text), BLOB_SHARE_OF_RESERVE, () => store.write(hash, text)),
    draft: (content) => store.draft(whileFree(content, space)),
  }
}

async function* whileFree(content: AsyncIterable<Uint8Array>, space: DiskSpaceWatch): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    await space.check(BLOB_SHARE_OF_RESERVE)
    yield piece
    space.wrote(piece.length)
  }
}
