import type { Room } from '../data-folder/disk-space.ts'
import type { BlobStore } from './blob-store.ts'

/** What blobs leave of the reserve: work under way may use the rest, and the log has room even then. */
const LEFT = 1 / 2

/** A store that leaves a part of the reserve free. */
export function sparing(store: BlobStore, room: Room): BlobStore {
  return {
    ...store,
    write: (hash, text) => room.spend(Buffer.byteLength(text), LEFT, () => store.write(hash, text)),
  }
}
