import { existsSync } from 'node:fs'
import type Libsql from 'libsql'
import type { BlobStore } from './blobs/blob-store.ts'
import { hashOfBytes } from './blobs/draft.ts'
import { otherFormat } from './database/create-tables.ts'
import { checkRows } from './database/row-checks.ts'
import { readOnly, withDatabase } from './database/with-database.ts'
import { STORED_FORMAT } from './stored-format.ts'

/** Counts of a check, and one text per damaged item. */
type DeepCheck = { readonly rows: number; readonly blobs: number; readonly damaged: readonly string[] }

/** Verifies all rows, indexes and blobs against their checksums. Changes nothing. */
export async function checkDeep(database: string, blobs: BlobStore, memory?: string): Promise<DeepCheck> {
  const tables = existsSync(database) ? checkDatabase(database) : { rows: 0, damaged: [] }
  const values = await checkBlobs(blobs)
  const records = memory !== undefined && existsSync(memory) ? checkMemory(memory) : []
  return { rows: tables.rows, blobs: values.blobs, damaged: [...tables.damaged, ...records, ...values.damaged] }
}

function checkMemory(path: string): readonly string[] {
  try {
    return withDatabase(readOnly(path), (database) => structureOf(database, 'memory.db'))
  } catch (error) {
    return [`memory.db: ${(error as Error).message}`]
  }
}

function checkDatabase(path: string): Pick<DeepCheck, 'rows' | 'damaged'> {
  try {
    return withDatabase(readOnly(path), (database) => {
      const { user_version: format } = database.prepare('pragma user_version').get([]) as { user_version: number }
      if (format !== STORED_FORMAT) throw otherFormat('the database', format, STORED_FORMAT)
      const { rows, damaged } = checkRows(database)
      const texts = damaged.map((row) => `row ${row} is damaged`)
      return { rows, damaged: [...texts, ...structureOf(database, 'engine.db')] }
    })
  } catch (error) {
    return { rows: 0, damaged: [`engine.db: ${(error as Error).message}`] }
  }
}

/** SQLite's report on the file structure and on indexes that do not match their table. */
function structureOf(database: Libsql.Database, name: string): readonly string[] {
  const rows = database.prepare('select cast(integrity_check as blob) text from pragma_integrity_check').all([])
  const texts = (rows as { readonly text: ArrayBuffer }[]).map(({ text }) => Buffer.from(text).toString())
  return texts.filter((text) => text !== 'ok').map((text) => `${name}: ${text}`)
}

const NOTHING: ReadonlySet<string> = new Set()

async function checkBlobs(store: BlobStore): Promise<Pick<DeepCheck, 'blobs' | 'damaged'>> {
  const damaged: string[] = []
  let blobs = 0
  for await (const { hash } of store.old(NOTHING, Number.POSITIVE_INFINITY)) {
    if (hash === undefined) continue
    blobs++
    const content = await store.open(hash)
    if (content && (await hashOfBytes(content)) !== hash) damaged.push(`blob ${hash} is damaged`)
  }
  return { blobs, damaged }
}
