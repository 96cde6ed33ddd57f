import type { MemoryConnection, SqlValue } from '../connection.ts'
import { HEADING } from '../words.ts'

/** Characters of a text that an encoder may read; encoders read less. */
const MAX_READ = 6_000

/** A record that the encoder has not read. `version`: that of the row, which may change or end meanwhile. */
export type UnreadRecord = { readonly rid: number; readonly version: number; readonly text: string }

/** The vector of a record; absent: the encoder cannot tell such texts apart, so only words find it. */
export type ReadRecord = { readonly rid: number; readonly version: number; readonly vector?: Float32Array }

const IS_LIVE = 'r.withdrawn_at is null and r.erasure is null'

/** Two ranges of the index `record_embedded`. */
const IS_UNREAD = `((r.owner = ? and r.embedded < ?) or (r.owner = ? and r.embedded > ?)) and ${IS_LIVE}`
const unreadValues = (owner: number, model: string): readonly SqlValue[] => [owner, model, owner, model]

/** Records that a model has not read, the oldest first. */
export function unread(
  connection: MemoryConnection,
  owner: number,
  { model, limit }: { readonly model: string; readonly limit: number },
): readonly UnreadRecord[] {
  return connection.all<UnreadRecord>(
    `select r.rid, r.version, substr(ifnull(${HEADING} || ': ', '') || r.text, 1, ${MAX_READ}) text
     from record r where ${IS_UNREAD} limit ?`,
    [...unreadValues(owner, model), limit],
  )
}

/** The names of the owners with records that a model has not read. */
export function unreadOwners(connection: MemoryConnection, model: string): readonly string[] {
  const sql = `select o.name from owner o where exists
    (select 1 from record r where r.owner = o.number and r.embedded <> ? and ${IS_LIVE})`
  return connection.all<{ readonly name: string }>(sql, [model]).map(({ name }) => name)
}

/** Whether a model has made a vector for this owner. */
export function hasVectors(
  connection: MemoryConnection,
  owner: number,
  { model }: { readonly model: string },
): boolean {
  const sql = 'select 1 from vector where owner = ? and model = ? limit 1'
  return connection.first(sql, [owner, model]) !== undefined
}

/**
 * Keeps the vectors of records that still exist as they were read. A late vector of a forgotten record is not kept.
 * It replaces the vector of another model.
 */
export function keepVectors(
  connection: MemoryConnection,
  owner: number,
  { model, records }: { readonly model: string; readonly records: readonly ReadRecord[] },
): void {
  // a second vector of the same model would leave the signature of the first one in memory
  const same = `r.owner = ? and r.rid = ? and r.version = ? and r.embedded <> ? and ${IS_LIVE}`
  connection.transaction(owner, () => {
    for (const { rid, version, vector } of records) {
      const row = [owner, rid, version, model]
      if (vector)
        connection.run(
          `insert or replace into vector(rid, owner, model, signature, vec)
           select r.rid, r.owner, ?, ?, vector8(?) from record r where ${same}`,
          [model, signatureOf(vector), bytesOf(vector), ...row],
        )
      else connection.run('delete from vector where owner = ? and rid = ? and model <> ?', [owner, rid, model])
      connection.run(`update record as r set embedded = ? where ${same}`, [model, ...row])
    }
  })
}

/** A vector as 32-bit floats, which `vector8` reads. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength)

/** One bit for each number of a vector: whether it is above 0. The last word of 32 bits is filled with zeros. */
export function signatureOf(vector: Float32Array): Buffer {
  const words = new Uint32Array(Math.ceil(vector.length / 32))
  for (let at = 0; at < vector.length; at++) if (vector[at]! > 0) words[at >>> 5]! |= 1 << (at & 31)
  return Buffer.from(words.buffer)
}
