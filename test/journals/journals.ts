import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { STORED_FORMAT } from '../../src/store/stored-format.ts'

/** The journals of a format: in one most is in the log, in the other most is in the tables. */
export const JOURNALS = { log: undefined, tables: { bytes: 1, chunk: 16, trim: 8 } } as const

/** The journals that this release reads: those of its own format. */
export const NAMES = Object.keys(JOURNALS) as readonly (keyof typeof JOURNALS)[]

/** Where a journal lies. */
export function journalPath(name: string) {
  const folder = join(import.meta.dirname, 'data')
  return { folder, path: join(folder, `format-${STORED_FORMAT}-${name}.json.golden`) }
}

/** A journal as it was written. */
export function readJournal<T>(name: string): T {
  const { path } = journalPath(name)
  if (!existsSync(path)) throw new Error(`There is no ${path}. To write it: node test/journals/write.ts`)
  return JSON.parse(readFileSync(path, 'utf8')) as T
}
