import { constants } from 'node:fs'
import { type FileHandle, open, readFile, statfs } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'

/** The folders in memory of one sandbox. They last until they are closed, even after all of its processes. */
export interface HeldFolders {
  /** The first one, once no process of the sandbox can change it any more. `path` leads to it. */
  first(): Promise<{ readonly descriptor: number; readonly path: string }>
  /** Counts as the kernel does, including files that no listing shows. */
  usage(): Promise<HeldUsage>
  close(): Promise<void>
}

/** `isFull`: one of the folders has no room. */
type HeldUsage = { readonly files: number; readonly isFull: boolean }

/** Opens folders as the process with this id sees them. Foreign code must not run there yet. */
export async function holdFolders(pid: number, folders: readonly string[]): Promise<HeldFolders> {
  const handles: FileHandle[] = []
  const close = async () => void (await Promise.all(handles.map((handle) => handle.close())))
  try {
    for (const folder of folders) handles.push(await open(`/proc/${pid}/root${folder}`, FLAGS))
  } catch (error) {
    await close()
    throw error
  }
  const [{ fd: descriptor }] = handles as [FileHandle]
  return {
    async first() {
      await ended(pid)
      return { descriptor, path: pathOf(descriptor) }
    },
    async usage() {
      const found = await Promise.all(handles.map(({ fd }) => statfs(pathOf(fd))))
      // the folder itself counts as a file
      const files = found.reduce((sum, one) => sum + one.files - one.ffree - 1, 0)
      return { files, isFull: found.some(({ bavail }) => bavail === 0) }
    },
    close,
  }
}

const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

const pathOf = (descriptor: number) => `/proc/self/fd/${descriptor}`

/** The first process of a namespace ends after all others in it. */
async function ended(pid: number): Promise<void> {
  while (await runs(pid)) await setTimeout(1)
}

async function runs(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  const state = text.slice(text.lastIndexOf(')') + 2)[0] ?? 'X'
  return !'ZX'.includes(state)
}
