import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes a folder (0700) and those above it; one that is there stays as it is. */
export function makePrivateFolder(folder: string): void {
  if (existsSync(folder)) return
  // one by one: asked for all at once, Node never comes back from file systems that make no folders, /proc for one
  makePrivateFolder(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if (!existsSync(folder)) throw error
  }
}

/** For `catch`: what is not there is undefined; any other error stays one. */
export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
