import { type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidError } from '../../errors.ts'
import { kindOfEntry } from '../../lib/encoding/plain-file.ts'
import { namesIn } from '../../lib/nearest-file.ts'
import { DATA_FOLDER_ENTRY } from '../files/private.ts'

/** Entries of a data folder that are files. The others may be folders. */
const FILES = /\.(?:db|json|log|lock)(?:-[a-z]+)?$|^(?:ballast|seen|engine\.|owner\.)/

/** A record on its way to its place. */
const DRAFT = /\.json\.\d+$/

/**
 * Checks that the entries of a data folder are of the kind that antiphon makes: opening a pipe or a device may block
 * forever. A missing folder has no entries.
 * @throws InvalidError that names the first entry of another kind
 */
export function checkFileKinds(folder: string): void {
  for (const name of namesIn(folder)) {
    if (!DATA_FOLDER_ENTRY.test(name) || DRAFT.test(name)) continue
    const path = join(folder, name)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined || isExpected(name, found)) continue
    throw new InvalidError(
      `Expected ${FILES.test(name) ? 'a file' : 'a file or a folder'}, got ${kindOfEntry(found)}: ${path}.`,
      {
        hint: 'antiphon did not make it: move it away, or give another folder with --data DIR',
      },
    )
  }
}

function isExpected(name: string, found: Stats): boolean {
  if (found.isFile()) return true
  if (found.isDirectory()) return !FILES.test(name)
  return found.isSocket() && name.startsWith('socket')
}
