import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openBlobs } from './blobs.ts'

/** Copies all blobs of a folder into another one, each checked by its hash; durable when this resolves. */
export async function copyBlobs(from: string, to: string): Promise<void> {
  if (from === to) return
  const [source, target] = [openBlobs(from), openBlobs(to)]
  for (const shard of (await namesIn(from)).filter((name) => /^[0-9a-f]{2}$/.test(name)))
    for (const rest of await namesIn(join(from, shard))) await target.put(await source.get(shard + rest))
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return []
  })
}
