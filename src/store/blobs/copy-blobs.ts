import type { BlobStore } from './blob-store.ts'
import { createBlobs } from './blobs.ts'

/** Copies all blobs of a store into another one, each checked by its hash; durable when this resolves. */
export async function copyBlobs(from: BlobStore, to: BlobStore): Promise<void> {
  const [source, target] = [createBlobs(from), createBlobs(to)]
  for await (const { hash } of from.old(new Set(), Number.POSITIVE_INFINITY))
    if (hash !== undefined) await target.put(await source.get(hash))
}
