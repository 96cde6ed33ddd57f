import { type FileHandle, open } from 'node:fs/promises'
import { NotFoundError } from '../../errors.ts'
import type { Sandbox, ScratchFile } from '../sandbox.ts'
import { listRegular, readRegular } from '../scratch/files.ts'
import { createScratch, type Scratch } from '../scratch.ts'
import type { HeldFolders } from './held.ts'

/**
 * The files of a sandbox. Those that the caller writes wait in a folder of the machine. A command gets a copy of them
 * in a folder in memory. The folder stays open after the command, until the next command has copied it.
 */
export interface SandboxDisk extends Pick<Sandbox, 'write' | 'read' | 'list' | 'close'> {
  /** The folders to copy for the next command, open. */
  sources(): Promise<{ readonly descriptors: readonly number[]; close(): Promise<void> }>
  /** Replaces the folders that a command copied by the folder of that command. */
  hold(folders: HeldFolders): Promise<void>
}

export function createDisk(): SandboxDisk {
  let given: Scratch | undefined
  let held: HeldFolders | undefined
  const clear = async () => {
    await Promise.all([given?.remove(), held?.close()])
    given = held = undefined
  }
  return {
    async write(path, bytes) {
      given ??= await createScratch()
      await given.write(path, bytes)
    },
    async read(path) {
      const found = await given?.read(path).catch(absent)
      if (found) return found
      if (held) return readRegular((await held.first()).path, path)
      throw new NotFoundError(`The sandbox has no file ${path}.`)
    },
    async list(folder) {
      const all: readonly ScratchFile[] = [
        ...(held ? await listRegular((await held.first()).path, folder) : []),
        ...((await given?.list(folder)) ?? []),
      ]
      return [...new Map(all.map((file) => [file.path, file])).values()]
    },
    async sources() {
      const opened: FileHandle | undefined = given && (await open(given.folder))
      const descriptors = [(await held?.first())?.descriptor, opened?.fd].filter((one) => one !== undefined)
      return { descriptors, close: async () => void (await opened?.close()) }
    },
    async hold(folders) {
      await clear()
      held = folders
    },
    close: clear,
  }
}

function absent(error: unknown): undefined {
  if (!(error instanceof NotFoundError)) throw error
}
