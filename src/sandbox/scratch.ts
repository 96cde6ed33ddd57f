import { mkdtemp, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownPrefix, removeAbandoned } from './abandoned.ts'
import type { ScratchFile } from './sandbox.ts'
import { listRegular, readRegular, writeNew } from './scratch/files.ts'
import { giveAway } from './scratch/owner.ts'
import { removeTree } from './scratch/remove.ts'

/** A folder below the system's folder for temporary files, for one sandbox. Only commands of that sandbox change it. */
export interface Scratch {
  readonly folder: string
  write(path: string, bytes: Uint8Array | string): Promise<void>
  read(path: string): Promise<Uint8Array>
  list(folder: string): Promise<readonly ScratchFile[]>
  remove(): Promise<void>
}

/** Makes a scratch folder, and removes those of killed processes. For root, the user nobody owns it. */
export async function createScratch(): Promise<Scratch> {
  const base = await removeAbandonedScratch()
  const folder = await mkdtemp(join(base, `${await ownPrefix()}-`))
  await giveAway(folder)
  return {
    folder,
    write: (path, bytes) => writeNew(folder, path, bytes),
    read: (path) => readRegular(folder, path),
    list: (path) => listRegular(folder, path),
    remove: () => removeTree(folder),
  }
}

/** Removes the scratch folders that killed processes left. Returns the folder in which they are. */
export async function removeAbandonedScratch(): Promise<string> {
  const base = await realpath(tmpdir())
  await removeAbandoned(base)
  return base
}
