import { readdir } from 'node:fs/promises'
import { decodeText, isDecoded, withUtf8Mark } from '../../../lib/encoding/encoding.ts'
import { readPlainFile } from '../../../lib/encoding/plain-file.ts'

/** Maximum bytes of a file of an agent, of a skill and of AGENTS.md. */
export const MAX_BYTES = 256 * 1024

/** Maximum entries of a folder of agents or skills. */
const MAX_ENTRIES = 1000

/** A text; `isLong`: the file is too large; `fault`: it is not a file, or it cannot be read. */
export type BoundedText = { readonly text: string } | { readonly isLong: true } | { readonly fault: string }

/** The text of a file; undefined if there is none. */
export async function readIfThere(path: string): Promise<BoundedText | undefined> {
  try {
    return await ifThere(async () => {
      const read = decodeText(await readPlainFile(path, MAX_BYTES))
      return isDecoded(read) ? { text: withUtf8Mark(read) } : { fault: `the file ${read.fault}` }
    })
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    if (code === 'EFBIG') return { isLong: true }
    if (code === 'EISDIR') return { fault: message }
    if (code === 'ENOTFILE') return { fault: 'expected a file' }
    return { fault: `the file cannot be read: ${UNREADABLE[code] ?? code}` }
  }
}

const UNREADABLE: { readonly [code: string]: string | undefined } = {
  ELOOP: 'its links lead in a circle',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
}

/** The names in a folder, sorted; none if there is no folder, or none that can be read. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => [])
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
