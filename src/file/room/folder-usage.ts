import type { Clock, EngineView } from '../../engine/engine.ts'
import { formatSize } from '../../lib/text/format-size.ts'
import { FILES_KIND, noRoom } from '../actor.ts'

/** The bytes of all owners' files. */
type FolderUsage = {
  /** Adds bytes while `work` makes them durable. Error `file_quota` when they would be too many. */
  add<T extends { readonly isNew: boolean }>(bytes: number, work: () => Promise<T>): Promise<T>
  remove(bytes: number): void
}

/** ms after which all owners are counted again: other processes and erasures change them, too. */
const COUNTED_FOR_MS = 10 * 60_000

/** Sums the files of all owners when the first one is added, and then keeps the sum. */
export function folderUsage(view: EngineView, clock: Pick<Clock, 'elapsed'>, limit: number): FolderUsage {
  let known = 0
  let adding = 0
  let countedAt = Number.NEGATIVE_INFINITY
  let counting: Promise<void> | undefined

  async function count(): Promise<void> {
    const before = known
    let total = 0
    for (let after: string | undefined; ; ) {
      const page = await view.list(FILES_KIND, { limit: 1000, ...(after !== undefined && { after }) })
      for (const { index } of page) total += Number(index.bytes ?? 0)
      after = page.at(-1)?.key
      if (page.length < 1000) break
    }
    // what was added meanwhile may be missing in the list
    known = total + Math.max(0, known - before)
    countedAt = clock.elapsed()
  }

  const isFull = (bytes: number) => known + adding + bytes > limit

  return {
    async add(bytes, work) {
      if (clock.elapsed() - countedAt > COUNTED_FOR_MS || isFull(bytes))
        await (counting ??= count().finally(() => (counting = undefined)))
      if (isFull(bytes))
        throw noRoom(`all owners together have ${formatSize(known + adding)} of ${formatSize(limit)}`, bytes, HINT)
      adding += bytes
      try {
        const done = await work()
        if (done.isNew) known += bytes
        return done
      } finally {
        adding -= bytes
      }
    },
    remove: (bytes) => void (known -= bytes),
  }
}

const HINT = 'An admin removes files, or raises `files: { folder }` in antiphon.yaml.'
