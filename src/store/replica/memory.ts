import { statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runInBackground } from '../background.ts'
import { hashOfBytes, readFileIn } from '../blobs/draft.ts'
import { placesIn } from '../data-folder/layout.ts'
import { addFile, padded, type ReplicaTarget } from './target.ts'

/** Copies of memories take at most this part of the time: they are whole each time, however little has changed. */
const PART_OF_TIME = 1 / 20

/** Copies memory.db beside the segments, in which memories are not. A copy has the newest one only. */
export function createMemoryCopies(data: string) {
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
  let last: string | undefined
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
      last = undefined
    },
    /** Sends what has changed, and removes the copy before. */
    async send(target: ReplicaTarget, copy: string, isLast: boolean): Promise<void> {
      const begun = Date.now()
      if ((begun < rest && !isLast) || changed() === undefined) return
      const seen = stamp()
      try {
        await rm(file, { force: true })
        await runInBackground('copyCommitted', [memory, file])
        const hash = await hashOfBytes(readFileIn(file))
        const key = await addFile(target, `${copy}/memory/${padded(begun)}-`, file, hash)
        known = seen
        if (last !== undefined) await target.bucket.remove(last)
        last = key
      } finally {
        await rm(file, { force: true })
        rest = Date.now() + (Date.now() - begun) / PART_OF_TIME
      }
    },
  }
}
