import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sweep, Swept, Taken } from './blobs.ts'

/** Where blobs are written before they are put in their place. */
export const TEMPORARY = 'temporary'

/** How a blob is taken away, unless it was put again since `before`. */
type Remove = (hash: string, path: string) => Promise<void>

/** Goes through all blobs of a folder and takes away what nobody uses, one after the other. */
export async function sweepBlobs(folder: string, sweep: Sweep, remove: Remove): Promise<Swept> {
  const blobs = await takeEach(unusedIn(folder, sweep), sweep, ({ hash, path }) => remove(hash, path))
  const drafts = await takeEach(draftsIn(folder), sweep, ({ path }) => removeOld(path, sweep.before))
  return { blobs, drafts }
}

/** Removes a file that was last written before a time. */
export async function removeOld(path: string, before: number): Promise<void> {
  if ((await sizeOfOld(path, before)) !== undefined) await rm(path, { force: true })
}

type Item = { readonly hash: string; readonly path: string }

async function* unusedIn(folder: string, { used }: Sweep): AsyncGenerator<Item> {
  for (const shard of (await namesIn(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    for (const rest of await namesIn(join(folder, shard)))
      if (!used.has(shard + rest)) yield { hash: shard + rest, path: join(folder, shard, rest) }
  }
}

async function* draftsIn(folder: string): AsyncGenerator<Item> {
  for (const name of await namesIn(join(folder, TEMPORARY))) yield { hash: '', path: join(folder, TEMPORARY, name) }
}

async function takeEach(
  items: AsyncIterable<Item>,
  { before, dryRun = false, signal }: Sweep,
  take: (item: Item) => Promise<void>,
): Promise<Taken> {
  let count = 0
  let bytes = 0
  for await (const item of items) {
    signal?.throwIfAborted()
    const size = await sizeOfOld(item.path, before)
    if (size === undefined) continue
    if (!dryRun) await take(item)
    count++
    bytes += size
  }
  return { count, bytes }
}

/** The size of a file that was last written before a time; undefined when it was not, or is gone. */
async function sizeOfOld(path: string, before: number): Promise<number | undefined> {
  const found = await stat(path).catch(ignoreMissing)
  return found && found.mtimeMs < before ? found.size : undefined
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(ignoreMissing)) ?? []
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
