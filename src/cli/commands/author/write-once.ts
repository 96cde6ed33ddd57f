import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InvalidError } from '../../../errors.ts'

/** Writes a new file, and the folders above it. InvalidError when there is one. */
export async function writeOnce(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw alreadyThere(file)
  }
}

export function alreadyThere(file: string): InvalidError {
  return new InvalidError(`${file} already exists.`, { hint: 'Nothing was written.' })
}
