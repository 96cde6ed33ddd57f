import Libsql from 'libsql'
import type { BenchRecord } from './data.ts'

/** The same rows in bare libSQL: one table, FTS5 and int8 vectors, with each add durable. */
export function openBare(path: string) {
  const database = new Libsql(path)
  database.exec('pragma journal_mode=WAL')
  database.exec('pragma synchronous=FULL')
  database.exec(`create table record(rid integer primary key, owner integer not null, text text not null, vec blob not null);
    create virtual table words using fts5(text)`)
  const insert = database.prepare('insert into record(owner, text, vec) values(1, ?, vector8(?))')
  const index = database.prepare('insert into words(rowid, text) values(?, ?)')
  const byMeaning = database.prepare(
    'select rid from record where owner = 1 order by vector_distance_cos(vec, vector8(?)) limit 10',
  )
  const byWords = database.prepare('select rowid from words where words match ? order by rank limit 10')
  return {
    add(records: readonly BenchRecord[]): void {
      database.exec('begin immediate')
      for (const { text, vector } of records) {
        const { lastInsertRowid } = insert.run([text, Buffer.from(vector.buffer)])
        index.run([lastInsertRowid, text])
      }
      database.exec('commit')
    },
    /** The ids of the nearest vectors, by an exact comparison of all. */
    nearest: ({ vector }: BenchRecord) =>
      (byMeaning.all([Buffer.from(vector.buffer)]) as { rid: number }[]).map(({ rid }) => rid),
    words({ text }: BenchRecord): void {
      byWords.all([
        text
          .split(' ')
          .map((word) => `"${word}"`)
          .join(' OR '),
      ])
    },
    close: () => database.close(),
  }
}
