import { join } from 'node:path'
import { STORED_FORMAT } from '../../src/store/stored-format.ts'

/** The journals of the format: in one most is in the log, in the other most is in the tables. */
export const JOURNALS = { log: undefined, tables: { bytes: 1, chunk: 16, trim: 8 } } as const

/** Where a journal of this format lies. */
export function journalPath(name: string) {
  const folder = join(import.meta.dirname, 'data')
  return { folder, path: join(folder, `format-${STORED_FORMAT}-${name}.json.golden`) }
}
