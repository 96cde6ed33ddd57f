import { getHeapStatistics } from 'node:v8'
import type { BlobStore } from '../../store/blobs/blob-store.ts'
import { createBlobs, type ManagedBlobs } from '../../store/blobs/blobs.ts'
import { type ByteSemaphore, createByteSemaphore } from '../../store/blobs/byte-semaphore.ts'
import { probeMachine } from '../../worker/scaling/machine-probe.ts'
import { topologyOf } from '../../worker/scaling/topology.ts'

/** Maximum bytes of values in use, if there is enough memory. */
const MAX_VALUE_BYTES = 256 * 1024 * 1024

/** Bytes of values that may be in use: 256 MiB, or a quarter of the memory of this process if that is less. */
function bytesForValues(): number {
  const { memory } = topologyOf(probeMachine())
  return Math.min(MAX_VALUE_BYTES, memory / 4, getHeapStatistics().heap_size_limit / 4)
}

/** The values of a store, and the gate for steps that read them. Values that are being written to the disk have a gate of their own. */
export function openValues(store: BlobStore): { readonly values: ManagedBlobs; readonly gate: ByteSemaphore } {
  const bytes = bytesForValues()
  return { values: createBlobs(store, createByteSemaphore(bytes / 4)), gate: createByteSemaphore((bytes * 3) / 4) }
}
