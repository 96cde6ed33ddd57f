import { randomBytes } from 'node:crypto'
import { BusyError, is, TerminalError } from '../../../errors.ts'
import { otherFormat } from '../../../store/database/create-tables.ts'
import { type MemoryConnection, readAfterWrite, type SqlValue } from '../connection.ts'
import { MEMORY_SCHEMA } from '../schema.ts'
import { type Line, openLine, type ServerAddress, type Statement } from './line.ts'

/** A transaction is done again as often as other nodes write to the owner in the meantime. */
const MAX_ATTEMPTS = 30

type Transaction = { readonly owner: number; version?: number; readonly writes: Statement[] }

/**
 * Connects to the tables on a libSQL server, and creates them. A transaction reads, and then sends all its writes in
 * one request, which the server does only if the version of the owner is still the one that was read.
 * @throws InvalidError for tables of another format, and the errors of a line
 */
export function connectServer(server: ServerAddress): MemoryConnection {
  const line = openLine(server)
  try {
    createTables(line)
  } catch (error) {
    line.close()
    throw error
  }
  let open: Transaction | undefined
  const read = (statements: readonly Statement[]) => {
    if (statements.length === 0) return []
    if (open && open.writes.length > 0) throw readAfterWrite(statements[0]![0])
    if (!open || open.version !== undefined) return readRows(line, statements)
    const [version, ...rows] = readRows(line, [versionOf(open.owner), ...statements])
    open.version = versionIn(version)
    return rows
  }
  const all = <Row>(sql: string, values: readonly SqlValue[] = []) => read([[sql, values]])[0] as readonly Row[]
  const attempt = <Result>(owner: number, work: () => Result): { readonly result: Result } | undefined => {
    const transaction: Transaction = (open = { owner, writes: [] })
    try {
      const result = work()
      return write(line, transaction) ? { result } : undefined
    } catch (error) {
      // its reads may show two states: only one that is still true counts
      const { version } = transaction
      if (is(error, 'RetryableError') || version === undefined || version === readVersion(line, owner)) throw error
      return undefined
    } finally {
      open = undefined
    }
  }
  return {
    unreached: ['files and backups of the libSQL server'],
    run(sql, values = []) {
      if (open) open.writes.push([sql, values])
      else if (line.send({ type: 'write', statements: [[sql, values]] }).type === 'refused')
        throw new TerminalError(`The libSQL server of memory refuses: ${sql}.`, { code: 'storage' })
    },
    all,
    first: <Row>(sql: string, values?: readonly SqlValue[]) => all<Row>(sql, values)[0],
    allOf: <Row>(sql: string, values: readonly (readonly SqlValue[])[]) =>
      read(values.map((each) => [sql, each])) as readonly (readonly Row[])[],
    transaction(owner, work) {
      for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts++) {
        const done = attempt(owner, work)
        if (done) return done.result
        pause(Math.random() * Math.min(200, 10 * attempts))
      }
      throw new BusyError(`Others changed this memory ${MAX_ATTEMPTS} times while a change was made.`)
    },
    truncateLog: () => true,
    close: () => line.close(),
  }
}

function readRows(line: Line, statements: readonly Statement[]) {
  const reply = line.send({ type: 'read', statements })
  return reply.type === 'rows' ? reply.rows : []
}

const versionOf = (owner: number): Statement => ['select version from owner where number = ?', [owner]]
/** An owner that is gone has no version that a write could match. */
const versionIn = (rows: readonly unknown[] | undefined) =>
  (rows as readonly { readonly version: number }[] | undefined)?.[0]?.version ?? -1

const readVersion = (line: Line, owner: number) => versionIn(readRows(line, [versionOf(owner)])[0])

/** Sends the writes of a transaction. False if the version of the owner has moved: nothing was written. */
function write(line: Line, { owner, version, writes }: Transaction): boolean {
  if (writes.length === 0) return true
  const id = randomBytes(12).toString('base64url')
  const known = version ?? readVersion(line, owner)
  const reply = line.send({
    type: 'write',
    statements: [[BEGIN, [owner, id, owner, known]], ...writes, [RAISE, [owner]], [PRUNE, []]],
  })
  // without an answer it was sent again, and the first one has moved the version
  return reply.type === 'rows' || readRows(line, [[WRITTEN, [owner, id]]])[0]!.length > 0
}

/** The transactions of the last hour, which outlive their owner. A row without a version breaks a constraint. */
const SERVER_TABLES = `
  create table written(
    number integer not null, id text not null, version integer not null, at integer not null, primary key(number, id)
  ) without rowid;
  create index written_at on written(at);`
const BEGIN = `insert into written values(?, ?, (select version from owner where number = ? and version = ?), unixepoch())`
const RAISE = 'update owner set version = version + 1 where number = ?'
const PRUNE = 'delete from written where at < unixepoch() - 3600'
const WRITTEN = 'select 1 from written where number = ? and id = ?'

function createTables(line: Line): void {
  const { format, sql, indexes = {} } = MEMORY_SCHEMA
  const look = () => {
    const [[version] = [], names = []] = readRows(line, [
      ['pragma user_version', []],
      ['select name from sqlite_schema', []],
    ]) as readonly [{ readonly user_version: number }[], { readonly name: string }[]]
    return { found: version?.user_version ?? 0, names: new Set(names.map(({ name }) => name)) }
  }
  const { found, names } = look()
  if (found !== 0 && found !== format) throw otherFormat('the memory on the libSQL server', found, format, 'database')
  const statements = [
    ...(found === 0 ? [sql, SERVER_TABLES, `pragma user_version = ${format};`] : []),
    ...Object.entries(indexes).flatMap(([name, on]) => (names.has(name) ? [] : `create index ${name} on ${on};`)),
  ]
  if (statements.length === 0) return
  try {
    line.send({ type: 'script', sql: ['begin immediate;', ...statements, 'commit;'].join('\n') })
  } catch (error) {
    // without an answer it is sent again, and another node may have been faster
    const { names: now } = look()
    if (!Object.keys(indexes).every((name) => now.has(name))) throw error
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, ms)
}
