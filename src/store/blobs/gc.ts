import type { BlobStore, Stored } from './blob-store.ts'
import type { Sweep, Swept } from './blobs.ts'

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
