import { closeSync, existsSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import type Libsql from 'libsql'
import { withDatabase } from '../database/with-database.ts'

/** The table of a backup that holds a copy of memory.db, in parts as base64. Absent: there was no memory. */
const MEMORY_TABLE = 'memory'

/** The place of the copy while a backup is drafted. */
export const memoryDraftOf = (draft: string): string => `${draft}-memory`

/** Bytes of a part, divisible by three. */
const PART_BYTES = 3 * 256 * 1024

/** Copies the committed records of memory.db into a backup. Commits continue in the meantime. */
export function addMemory(copy: Libsql.Database, memory: string | undefined, place: string): void {
  if (memory === undefined || !existsSync(memory)) return
  copyCommitted(memory, place)
  copy.exec(`create table ${MEMORY_TABLE}(part integer primary key, data text not null)`)
  const insert = copy.prepare(`insert into ${MEMORY_TABLE} values(?, ?)`)
  const file = openSync(place, 'r')
  try {
    const bytes = Buffer.alloc(PART_BYTES)
    for (let part = 0, length = 0; (length = readSync(file, bytes)) > 0; part++)
      insert.run([part, bytes.toString('base64', 0, length)])
  } finally {
    closeSync(file)
    rmSync(place)
  }
}

/** Copies what is committed in a database into a new or empty file, without blocking its writer. */
export function copyCommitted(database: string, place: string): void {
  withDatabase(database, (source) => source.prepare('vacuum into ?').run([place]))
}

/** Writes memory.db from a backup and drops the copy. Does nothing for a backup without memory. */
export function restoreMemory(backup: Libsql.Database, place: string): void {
  const found = backup.prepare("select 1 from sqlite_schema where type = 'table' and name = ?").get([MEMORY_TABLE])
  if (!found) return
  const file = openSync(place, 'wx', 0o600)
  try {
    const parts = backup.prepare(`select data from ${MEMORY_TABLE} order by part`).iterate([])
    for (const { data } of parts as Iterable<{ readonly data: string }>) writeSync(file, Buffer.from(data, 'base64'))
  } finally {
    closeSync(file)
  }
  backup.exec(`drop table ${MEMORY_TABLE}`)
}
