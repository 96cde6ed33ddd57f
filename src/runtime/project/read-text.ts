import { readdir, readFile, stat } from 'node:fs/promises'

/** Maximum bytes of a file of an agent, of a skill and of AGENTS.md. */
export const MAX_BYTES = 256 * 1024

/** Maximum entries of a folder of agents or skills. */
const MAX_ENTRIES = 1000

/** A text; `isLong`: the file is too large, and the text is missing. */
export type BoundedText = { readonly text: string } | { readonly isLong: true }

/** The text of a file; undefined if there is none. */
export function readIfThere(path: string): Promise<BoundedText | undefined> {
  return ifThere(async () => {
    const facts = await stat(path)
    if (!facts.isFile()) return undefined
    return facts.size > MAX_BYTES ? { isLong: true } : { text: await readFile(path, 'utf8') }
  })
}

/** The names in a folder, sorted; none if there is no folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const names = (await ifThere(() => readdir(folder))) ?? []
  return names.sort().slice(0, MAX_ENTRIES)
}

/** Codes that mean that there is no file, or no folder, at a path. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'])

async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
