import { getHeapStatistics } from 'node:v8'
import type { BlobStore } from '../../store/blobs/blob-store.ts'
import { createBlobs, type SweptBlobs } from '../../store/blobs/blobs.ts'
import { createGate, type Gate } from '../../store/blobs/byte-semaphore.ts'
import { probeMachine } from '../../worker/scaling/machine-probe.ts'
import { topologyOf } from '../../worker/scaling/topology.ts'

/** Bytes for values at work, where there is memory enough. */
const MOST = 256 * 1024 * 1024

/** Bytes that values at work may take: 256 MB, and a quarter of the memory of this process where that is less. */
function bytesForValues(): number {
  const { memory } = topologyOf(probeMachine())
  return Math.min(MOST, memory / 4, getHeapStatistics().heap_size_limit / 4)
}

/** The values of a store, and the gate of the steps that read them. Values on their way to the disk have a gate of their own. */
export function openValues(store: BlobStore): { readonly values: SweptBlobs; readonly gate: Gate } {
  const bytes = bytesForValues()
  return { values: createBlobs(store, createGate(bytes / 4)), gate: createGate((bytes * 3) / 4) }
}
