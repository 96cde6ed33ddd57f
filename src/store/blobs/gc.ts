import type { BlobStore, Stored } from './blob-store.ts'

/** `used` are hashes; `before` is in ms since the epoch, at least an hour back: a blob put earlier is referred to by now if it is in use. */
export type Sweep = {
  readonly used: ReadonlySet<string>
  readonly before: number
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
}
/** The blobs that a sweep took, and the drafts that writes left behind. */
export type Swept = { readonly blobs: Taken; readonly drafts: Taken }
/** A number of files, and their bytes in all. */
export type Taken = { readonly count: number; readonly bytes: number }

/** Goes through a store and takes away what nobody uses, one after the other. */
export async function sweepBlobs(
  store: BlobStore,
  { used, before, dryRun = false, signal }: Sweep,
  remove: (item: Stored) => Promise<void>,
): Promise<Swept> {
  const blobs = { count: 0, bytes: 0 }
  const drafts = { count: 0, bytes: 0 }
  for await (const item of store.old(used, before)) {
    signal?.throwIfAborted()
    if (!dryRun) await remove(item)
    const taken = item.hash === undefined ? drafts : blobs
    taken.count++
    taken.bytes += item.bytes
  }
  return { blobs, drafts }
}
