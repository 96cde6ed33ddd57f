import { statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runInBackground } from '../background.ts'
import { hashOfBytes, readFileIn } from '../blobs/draft.ts'
import { placesIn } from '../data-folder/layout.ts'
import { addFile, padded, type ReplicaTarget, removeBeside } from './target.ts'

/** Copies of memories take at most this part of the time: they are whole each time, however little has changed. */
const PART_OF_TIME = 1 / 20

/** ms until another attempt after one that failed. */
const PAUSE_MS = 60_000

/** A copy, and how its next segment comes to name an object. */
type Noted = { readonly name: string; addFile(key: string): void }

/** Copies memory.db beside the segments, in which memories are not. A copy has the newest one only. */
export function createMemoryCopies(data: string, ending: AbortSignal) {
  const { memory } = placesIn(data)
  const file = join(data, 'replica.memory')
  const stamp = () =>
    [memory, `${memory}-wal`]
      .map((path) => {
        const found = statSync(path, { throwIfNoEntry: false })
        return found ? `${found.mtimeMs} ${found.size}` : ''
      })
      .join()
  let known = stamp()
  let since: number | undefined
  let rest = 0

  /** Since when memories have changes that the copy lacks. */
  function changed(): number | undefined {
    since = stamp() === known ? undefined : (since ?? Date.now())
    return since
  }

  return {
    changed,
    /** A base that is begun now has the memories. */
    inBase(): void {
      known = stamp()
    },
    /** Sends what has changed, and removes the copies before. */
    async send(target: ReplicaTarget, { name, addFile: noted }: Noted, isLast: boolean): Promise<void> {
      const begun = Date.now()
      if ((begun < rest && !isLast) || changed() === undefined) return
      const seen = stamp()
      rest = begun + PAUSE_MS
      try {
        await rm(file, { force: true })
        await runInBackground('copyCommitted', [memory, file], ending)
        const key = await addFile(target, `${name}/memory/${padded(begun)}-`, file, await hashOfBytes(readFileIn(file)))
        noted(key)
        known = seen
        rest = Date.now() + (Date.now() - begun) / PART_OF_TIME
        await removeBeside(target, key)
      } finally {
        await rm(file, { force: true })
      }
    },
  }
}
