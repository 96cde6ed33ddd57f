import { copyFileSync, rmSync } from 'node:fs'
import type Libsql from 'libsql'
import { TerminalError } from '../../errors.ts'
import type { WalVerdict } from '../wal/verify.ts'
import { flushMarkerPath, readFlushMarker } from './flush-marker.ts'
import { readOnly, withDatabase } from './with-database.ts'

/**
 * Describes acknowledged writes that are missing, as an error of code `corrupt`. Undefined if none
 * are. `log`: the verdict on the write-ahead log before SQLite opened it.
 */
export function findLostWrites(path: string, log: WalVerdict): TerminalError | undefined {
  const flushed = readFlushMarker(path) ?? 0
  if (log.end !== 'damaged' && flushed === 0) return undefined
  const last = withDatabase(readOnly(path), (reader) => lastIn(reader, log))
  const problems = [
    ...(log.end === 'damaged' ? [describeDamage(path, log)] : []),
    ...(last !== undefined && flushed > last ? [`${describeFlushes(last + 1, flushed)} missing from ${path}`] : []),
  ]
  if (problems.length === 0) return undefined
  const known = last === undefined ? '' : `; the last flush that can be read is number ${last}`
  return new TerminalError(`Acknowledged work is lost: ${problems.join(', and ')}${known}.`, {
    code: 'corrupt',
    hint: 'Restore a backup into an empty folder: antiphon restore FILE --data DIR. Or continue without the missing work: antiphon doctor --accept-loss (in a program: createRuntime(config, { acceptLoss: true })).',
  })
}

function describeDamage(path: string, { at, commits }: WalVerdict & { readonly end: 'damaged' }): string {
  return `${path}-wal is damaged at byte ${at}, and at least ${commits} transactions from there on cannot be read`
}

const describeFlushes = (first: number, last: number) =>
  first === last ? `flush ${first} is` : `flushes ${first} to ${last} are`

/** The number of the last flush that SQLite finds. Undefined if a damaged log leaves nothing readable. */
function lastIn(reader: Libsql.Database, log: WalVerdict): number | undefined {
  try {
    const isEmpty = reader.prepare(`select 1 from sqlite_schema where name = 'log'`).get([]) === undefined
    if (isEmpty) return 0
    return (reader.prepare(LAST_FLUSH).get([]) as { last: number }).last
  } catch (error) {
    if (log.end === 'damaged') return undefined
    throw error
  }
}

export const LAST_FLUSH = `select max(coalesce((select max(seq) from log), 0),
  coalesce((select value from meta where name = 'checkpoint'), 0)) as last`

/**
 * Checks that work can continue without the missing writes. If pages after the damage were already
 * checkpointed, the database is inconsistent.
 * @throws an error of code `corrupt` in that case
 */
export function checkAcceptableLoss(loss: TerminalError, path: string): void {
  if (withDatabase(readOnly(path), isWhole)) return
  throw new TerminalError(`${loss.message} Without it the database is not whole.`, {
    code: 'corrupt',
    hint: 'Restore a backup into an empty folder: antiphon restore FILE --data DIR.',
  })
}

function isWhole(reader: Libsql.Database): boolean {
  try {
    const rows = reader.prepare('pragma integrity_check').all([]) as { readonly integrity_check: string }[]
    return rows.length === 1 && rows[0]!.integrity_check === 'ok'
  } catch {
    // SQLite throws if it cannot read even that
    return false
  }
}

/** Keeps the damaged log for a later rescue. */
export function setLogAside(path: string): void {
  copyFileSync(`${path}-wal`, `${path}-wal-damaged-${Date.now()}`)
}

/** Deletes the marker after a loss was accepted. */
export function removeFlushMarker(path: string): void {
  rmSync(flushMarkerPath(path), { force: true })
}
