import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OLDEST_READABLE_FORMAT, STORED_FORMAT } from '../../src/store/stored-format.ts'

/** The journals of a format: in one most is in the log, in the other most is in the tables. */
export const JOURNALS = { log: undefined, tables: { bytes: 1, chunk: 16, trim: 8 } } as const

const OLDER = Array.from({ length: STORED_FORMAT - OLDEST_READABLE_FORMAT }, (_, n) => OLDEST_READABLE_FORMAT + n)

/** All journals that this release reads: those of its own format, and one of each older format. */
export const READABLE: readonly (readonly [format: number, name: string])[] = [
  ...OLDER.map((format) => [format, 'log'] as const),
  ...Object.keys(JOURNALS).map((name) => [STORED_FORMAT, name] as const),
]

/** Where a journal lies. */
export function journalPath(name: string, format: number = STORED_FORMAT) {
  const folder = join(import.meta.dirname, 'data')
  return { folder, path: join(folder, `format-${format}-${name}.json.golden`) }
}

/** A journal as it was written. */
export function readJournal<T>(name: string, format: number): T {
  const { path } = journalPath(name, format)
  if (!existsSync(path)) throw new Error(`There is no ${path}. To write it: node test/journals/write.ts`)
  return JSON.parse(readFileSync(path, 'utf8')) as T
}
