import { type Clock, type Engine, type EngineView, inspectOne } from '../../engine/engine.ts'
import { runRef } from '../../house/actors.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { hashOfFile } from '../../lib/media/file-ref.ts'
import { formatSize } from '../../lib/text/format-size.ts'
import type { ByteStore } from '../../store/blobs/blobs.ts'
import { FILES_KIND, filesRef, noRoom } from '../actor.ts'
import { fileOfRemoved, REMOVED, type RemovedFile } from '../record.ts'

/** The bytes of all owners' files, also of removed ones until they are gone. */
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
    for await (const { bytes } of ownersOf(view)) total += bytes
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

/**
 * Frees removed files of an owner that no stored run may have pinned: all, or that of one part. A file no longer counts
 * when its bytes are gone, or when another owner has a record of it. Gives the bytes that no longer count.
 */
export async function freeRemoved(engine: Engine, store: ByteStore, owner: string, prefix = REMOVED): Promise<number> {
  const { view } = engine
  const gone: string[] = []
  for await (const [name, part] of view.parts(filesRef(owner), { prefix })) {
    const file = fileOfRemoved(name)
    let { uses, bytes, own } = part as RemovedFile
    for (const use of uses) if (await inspectOne(view, runRef(use.slice('run/'.length)))) own = undefined
    if ((await store.discard(hashOfFile(file), own)) || (await hasOther(view, owner, file, bytes))) gone.push(file)
  }
  let freed = 0
  for (const file of gone) freed += (await engine.ask(filesRef(owner), { type: 'gone', file })) as number
  return freed
}

async function hasOther(view: EngineView, owner: string, file: string, bytes: number): Promise<boolean> {
  for await (const { key, bytes: held } of ownersOf(view))
    if (key !== owner && held >= bytes && (await readSinglePart(view.parts, filesRef(key), file))) return true
  return false
}

/** All owners of files, and the sums of their bytes. */
async function* ownersOf(view: EngineView): AsyncGenerator<{ readonly key: string; readonly bytes: number }> {
  for (let after: string | undefined; ; ) {
    const page = await view.list(FILES_KIND, { limit: 1000, ...(after !== undefined && { after }) })
    for (const { key, index } of page) yield { key, bytes: Number(index.bytes ?? 0) }
    after = page.at(-1)?.key
    if (page.length < 1000) return
  }
}
