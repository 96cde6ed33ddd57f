import { createHash, type Hash } from 'node:crypto'
import { statSync } from 'node:fs'
import type Libsql from 'libsql'
import { InvalidError, TerminalError } from '../../errors.ts'
import { checkRows, hasBrokenText } from '../database/row-checks.ts'
import { readOnly, withDatabase } from '../database/with-database.ts'
import { STORED_FORMAT } from '../stored-format.ts'
import type { BackupManifest } from './document.ts'
import { copiedTables, digestOf, hashOf, piecesIn } from './format.ts'

/** The result of a verification. `faults` lists every difference from the written data. */
export type Verification = BackupManifest & {
  readonly file: string
  readonly bytes: number
  readonly faults: readonly string[]
}

/**
 * Reads a whole backup: file structure, hashes of tables, log rows, blobs.
 * @throws InvalidError if the file is not a backup or has another format
 */
export function verifyBackup(file: string): Verification {
  const { size } = statSync(file)
  return withDatabase(readOnly(file), (database) => {
    const contents = readContents(database, file)
    const format = formatOf(database)
    if (format !== STORED_FORMAT) throw otherFormat(file, format)
    const faults = [
      ...attempt('the file', () => checkStructure(database)),
      ...checkTables(database, contents),
      ...attempt('the rows', () =>
        checkRows(database)
          .damaged.filter((row) => !contents.rows?.includes(row))
          .map((row) => `row ${row} does not match its checksum`),
      ),
      ...attempt('the blobs', () => checkBlobs(database, contents)),
    ]
    return { ...contents, file, bytes: size, format, faults }
  })
}

/** Tables that contain the names and hashes of the others. */
const READ_FIRST = ['sqlite_schema', 'backup']

const damaged = (file: string, what: string, cause?: unknown) =>
  new TerminalError(`${file} is damaged: ${what}.`, { code: 'damaged', cause })

function readContents(database: Libsql.Database, file: string): BackupManifest {
  try {
    for (const table of READ_FIRST)
      if (hasBrokenText(database, table)) throw damaged(file, `${table} contains invalid text`)
    const row = database.prepare('select contents from backup').get([]) as { contents: string }
    return JSON.parse(row.contents)
  } catch (cause) {
    const { code, message } = cause as { readonly code?: string; readonly message: string }
    if (code === 'damaged') throw cause
    if (code === 'SQLITE_CORRUPT') throw damaged(file, message, cause)
    const hint = 'Make one with: antiphon backup FILE'
    throw new InvalidError(`${file} is not a backup: ${message}.`, { cause, hint })
  }
}

const formatOf = (database: Libsql.Database) =>
  (database.prepare('pragma user_version').get([]) as { user_version: number }).user_version

function otherFormat(file: string, found: number): InvalidError {
  const age = found < STORED_FORMAT ? 'an older' : 'a newer'
  return new InvalidError(
    `${file} was made by ${age} release of antiphon: expected format ${STORED_FORMAT}, found ${found}.`,
    { hint: 'Restore it with that release.' },
  )
}

// an unreadable part is reported as a fault
function attempt(what: string, check: () => readonly string[]): readonly string[] {
  try {
    return check()
  } catch (error) {
    return [`${what} cannot be read: ${(error as Error).message}`]
  }
}

function checkStructure(database: Libsql.Database): readonly string[] {
  const rows = database.prepare('pragma integrity_check').all([]) as { integrity_check: string }[]
  return rows.map((row) => row.integrity_check).filter((text) => text !== 'ok')
}

function checkTables(database: Libsql.Database, { tables }: BackupManifest): readonly string[] {
  const names = new Set([...Object.keys(tables), ...copiedTables(database)])
  return [...names].flatMap((name) => attempt(`table ${name}`, () => checkTable(database, tables, name)))
}

function checkTable(database: Libsql.Database, tables: BackupManifest['tables'], name: string): readonly string[] {
  const { rows, hash } = digestOf(database, name)
  const written = tables[name]
  if (!written) return [`table ${name} was not there when the backup was made`]
  if (rows !== written.rows) return [`table ${name} has ${rows} rows instead of ${written.rows}`]
  return hash === written.hash ? [] : [`table ${name} holds something else than was written`]
}

function checkBlobs(database: Libsql.Database, { blobs }: BackupManifest): readonly string[] {
  const bad: string[] = []
  let count = 0
  for (const [hash, value] of rows(database, 'select cast(hash as blob), cast(value as blob) from blob')) {
    count++
    if (hashOf(value) !== String(hash)) bad.push(`blob ${hash} holds something else`)
  }
  for (const [hash, found] of hashesOfPieces(database)) {
    count++
    if (found !== hash) bad.push(`blob ${hash} holds something else`)
  }
  return count === blobs ? bad : [...bad, `there are ${count} blobs instead of ${blobs}`]
}

/** The hashes of blobs in pieces: the stated one, and that of their bytes. */
function* hashesOfPieces(database: Libsql.Database): Generator<readonly [hash: string, found: string]> {
  let open: { readonly hash: string; readonly found: Hash } | undefined
  for (const [bytes, , value] of piecesIn(database)) {
    const hash = String(bytes)
    if (open?.hash !== hash) {
      if (open) yield [open.hash, open.found.digest('hex')]
      open = { hash, found: createHash('sha256') }
    }
    open.found.update(value)
  }
  if (open) yield [open.hash, open.found.digest('hex')]
}

function rows(database: Libsql.Database, sql: string): Iterable<readonly [Buffer, Buffer]> {
  return database.prepare(sql).raw().iterate([]) as Iterable<readonly [Buffer, Buffer]>
}
