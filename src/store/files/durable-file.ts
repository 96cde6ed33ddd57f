import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { textChunks } from './text-chunks.ts'

/** Creates a folder and its parents durably, private to this user unless `mode` says otherwise. */
export async function makeFolder(folder: string, mode = 0o700): Promise<void> {
  const whole = resolve(folder)
  const first = (await mkdir(whole, { recursive: true, mode })) ?? whole
  // always sync the parent: an earlier process may have died before it did
  await syncFolder(dirname(whole))
  for (let made = dirname(whole); made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}

/** Replaces a file atomically and durably. Both folders must exist on the same disk. */
export async function writeWhole(path: string, text: string, temporary: string, mode = 0o600): Promise<void> {
  const draft = join(temporary, randomUUID())
  try {
    await writeSynced(draft, text, mode)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** Makes renames and new names in a folder durable. */
export const syncFolder = (folder: string): Promise<void> => syncFile(folder)

/** Makes the content of a file durable. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function writeSynced(path: string, text: string, mode: number): Promise<void> {
  const handle = await open(path, 'wx', mode)
  try {
    await handle.writeFile(textChunks(text))
    await handle.sync()
  } finally {
    await handle.close()
  }
}
