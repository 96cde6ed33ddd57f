import { randomBytes } from 'node:crypto'
import { RetryableError, TerminalError } from '../../../errors.ts'
import { contentHash, contentId } from '../../content-id.ts'
import { MEMORY_LIMITS, mayPin, standingOf } from '../../limits.ts'
import type { Cause } from '../../memory.ts'
import { firstTier } from '../../tier/decide.ts'
import { lineFault } from '../../transfer/line-fault.ts'
import type {
  ConflictRule,
  ImportCounts,
  ImportEnd,
  ImportedLine,
  ImportPortion,
  ImportStart,
} from '../../transfer/transfer.ts'
import { checkPinned } from '../asks/pinned.ts'
import { type MemoryConnection, nextChange, noteChange } from '../connection.ts'
import { expireDue } from '../erase.ts'
import { conditionOf } from '../filter.ts'
import { isForgottenSince } from '../forgotten.ts'
import { noteWrite } from '../owners.ts'
import { HEADING, headingOf, indexedTerms } from '../words.ts'
import { lastChange } from './export-rows.ts'

/*
 * An import is an erasure the other way round. Its records are stored under the id of a staging, as hidden as those of
 * an erasure, and the last transaction shows all of them. A staging that is not finished is erased.
 */

/** Opens a staging, unless an import with this id is done already. */
export function beginImport(
  connection: MemoryConnection,
  owner: number,
  id: string | undefined,
  now: number,
): ImportStart {
  const staging = `i_${randomBytes(12).toString('base64url')}`
  const cause: Cause = { type: 'import', id: id ?? staging }
  const done = connection.first<{ readonly number: number; readonly count: number }>(
    "select number, count from change where owner = ? and type = 'add' and cause = ?",
    [owner, JSON.stringify(cause)],
  )
  if (done)
    return { report: { added: done.count, same: 0, skipped: 0, replaced: 0, forgotten: 0, change: done.number } }
  const change = lastChange(connection, owner, '1')
  connection.transaction(owner, () => {
    connection.run("insert into erasure values(?, ?, ?, 'all', 'staged', 0, 0, 0, 0, 0)", [staging, owner, now])
    noteWrite(connection, owner, now)
  })
  return { staging, change, cause }
}

/** A line with its id, the hash of its content, and the records that the memory has under that id. */
type Placed = Omit<ImportedLine, 'record'> & {
  readonly record: ImportedLine['record'] & { readonly space: string; readonly kind: string }
  readonly id: string
  readonly hash: string
  readonly live: Known | undefined
  readonly past: readonly Known[]
}
type Known = { readonly hash: string; readonly learned: number; readonly withdrawn: number | null }

/** Checks and stores a portion of an import where no query sees it. */
export function stageImport(connection: MemoryConnection, owner: number, portion: ImportPortion): ImportCounts {
  return connection.transaction(owner, () => {
    const counts = { added: 0, same: 0, skipped: 0, replaced: 0, forgotten: 0 }
    const isForgotten = isForgottenSince(connection, owner, portion.since)
    const lines = placeLines(connection, owner, portion)
    const staged = stagedHashes(connection, portion.staging, lines)
    const added = lines.filter((line) => {
      const { id, record, hash } = line
      const status = isForgotten({ ...record, id, subject: record.subject, source: record.source })
        ? 'forgotten'
        : statusOf(line, staged.get(id), portion.onConflict)
      counts[status]++
      if (status === 'replaced') counts.added++
      const isAdded = status === 'added' || status === 'replaced'
      if (isAdded && record.withdrawnAt === undefined) staged.set(id, hash)
      return isAdded
    })
    for (const line of added) insertRow(connection, owner, portion.staging, line)
    const unpinned = added.filter(({ record: { pinned, source } }) => pinned && source && !mayPin(source)).length
    return { ...counts, ...(unpinned > 0 && { unpinned }) }
  })
}

function placeLines(connection: MemoryConnection, owner: number, { lines, staging }: ImportPortion): readonly Placed[] {
  const named = lines.map(({ line, record }) => {
    const { space = '', subject, kind = subject === undefined ? 'note' : 'fact' } = record
    const { hash = contentHash({ ...record, space, kind }) } = record
    return { line, record: { ...record, space, kind }, id: record.id ?? contentId(hash), hash }
  })
  const columns = 'select hash, learned_at learned, withdrawn_at withdrawn from record where owner = ? and id = ?'
  const live = connection.allOf<Known>(
    `${columns} and withdrawn_at is null and erasure is null`,
    named.map(({ id }) => [owner, id]),
  )
  const past = connection.allOf<Known>(
    `${columns} and withdrawn_at is not null and (erasure is null or erasure = ?)`,
    named.map(({ id }) => [owner, id, staging]),
  )
  return named.map((one, place) => ({ ...one, live: live[place]![0], past: past[place]! }))
}

/** The content under each id that earlier portions have stored. */
function stagedHashes(connection: MemoryConnection, staging: string, lines: readonly Placed[]): Map<string, string> {
  const rows = connection.allOf<Known>(
    'select hash from record where erasure = ? and id = ? and withdrawn_at is null',
    lines.map(({ id }) => [staging, id]),
  )
  return new Map(lines.flatMap(({ id }, place) => rows[place]!.map(({ hash }) => [id, hash])))
}

/** How a line compares with the memory. `staged`: the content that an earlier line has under its id. */
function statusOf(
  { line, record, id, hash, live, past }: Placed,
  staged: string | undefined,
  onConflict: ConflictRule,
): 'added' | 'same' | 'skipped' | 'replaced' {
  const { learnedAt, validTo, validFrom = learnedAt, withdrawnAt } = record
  if (record.subject !== undefined && validTo !== undefined && validTo <= validFrom)
    throw lineFault(line, 'validTo: expected a time after validFrom, which is learnedAt unless it is given', {
      path: 'validTo',
    })
  if (withdrawnAt !== undefined) {
    const known = [...past, ...(live ? [live] : [])]
    return known.some((one) => one.hash === hash && one.learned === learnedAt) ? 'same' : 'added'
  }
  if (staged === hash || live?.hash === hash) return 'same'
  if (staged !== undefined) throw conflict(line, id, 'an earlier line')
  if (!live) return 'added'
  if (onConflict === 'error') throw conflict(line, id, 'the record')
  return onConflict === 'newer' && learnedAt > live.learned ? 'replaced' : 'skipped'
}

function insertRow(
  connection: MemoryConnection,
  owner: number,
  staging: string,
  { record, id, hash, past }: Placed,
): void {
  const { space, kind, text, data, subject, importance, pinned, validTo, expires, withdrawnAt, accepted } = record
  const { source = { type: 'user' }, tier = firstTier(kind), learnedAt, validFrom = learnedAt, ends = [] } = record
  // a record that was known until its withdrawal is known again from then on
  const known = withdrawnAt === undefined ? past.map(({ withdrawn }) => withdrawn!) : []
  const row = [
    [owner, id, hash, space, kind, text],
    [data === undefined ? null : JSON.stringify(data), subject ?? null, importance ?? null],
    [pinned && mayPin(source) ? 1 : 0, accepted ? 1 : standingOf(source), JSON.stringify(source), source.ref ?? null],
    [Math.max(learnedAt, ...known), subject === undefined ? null : validFrom, validTo ?? null, expires ?? null],
    [withdrawnAt ?? null, staging, tier],
  ].flat()
  connection.run(
    `insert into record(owner, id, hash, space, kind, text, data, subject, importance, pinned, standing, source,
     source_ref, learned_at, valid_from, valid_to, expires, withdrawn_at, erasure, tier) values(${row.map(() => '?').join()})`,
    row,
  )
  if (withdrawnAt === undefined)
    connection.run('insert into words(rowid, terms) values(last_insert_rowid(), ?)', [
      indexedTerms(owner, text, headingOf({ ...record, kind })),
    ])
  if (ends.length > 0)
    connection.run(
      `insert into fact_end select (select max(rid) from record), value ->> 'at', value ->> 'knownAt' from json_each(?)`,
      [JSON.stringify(ends)],
    )
}

/** Live records whose id a staged one has. Its values: the staging, and the owner. */
const RIVALS = `from record s cross join record r on r.id = s.id and r.withdrawn_at is null and r.erasure is null
  where s.erasure = ? and s.withdrawn_at is null and r.owner = ?`
/** The records that an import replaced. Its values: the owner, and the number of the change. */
const REPLACED = 'select rid from change_record where owner = ? and change = ? and replaced = 1'

/** Shows what is staged, as one change, whose number it gives. Undefined: nothing is staged. */
export function finishImport(
  connection: MemoryConnection,
  owner: number,
  { staging, change, cause, onConflict }: ImportEnd,
  now: number,
  trusted = now,
): number | undefined {
  const made = connection.transaction(owner, () => {
    const own = "select 1 from erasure where owner = ? and id = ? and status = 'staged'"
    if (!connection.first(own, [owner, staging])) throw dropped()
    if (lastChange(connection, owner, "type = 'forget'") > change) throw forgottenMeanwhile()
    const sql = `select r.id ${RIVALS} ${onConflict === 'newer' ? 'and s.learned_at <= r.learned_at' : ''}`
    const rival = connection.first<{ readonly id: string }>(sql, [staging, owner])
    if (rival) throw changedMeanwhile(rival.id)
    checkPinned(connection, owner, stagedPins(connection, owner, staging, now), now)
    const { count } = connection.first<{ readonly count: number }>(
      'select count(*) count from record where owner = ? and erasure = ?',
      [owner, staging],
    )!
    const number = nextChange(connection, owner)
    if (count > 0) {
      noteChange(connection, owner, { number, at: now, type: 'add', cause, count })
      show(connection, owner, staging, number)
    }
    connection.run('delete from erasure where owner = ? and id = ?', [owner, staging])
    return count > 0 ? number : undefined
  })
  // a record that expired since the export ends older facts, and its text is erased
  expireDue(connection, owner, trusted)
  return made
}

/** The staged records that are pinned and hold now. */
function stagedPins(connection: MemoryConnection, owner: number, staging: string, now: number) {
  const { sql, values } = conditionOf(owner, { pinned: true }, now, staging)
  return connection.all<{ readonly text: string; readonly subject: string | null }>(
    `select r.text, r.subject from record r where ${sql} limit ?`,
    [...values, MEMORY_LIMITS.pinned + 1],
  )
}

function show(connection: MemoryConnection, owner: number, staging: string, number: number): void {
  connection.run(`insert into change_record select r.owner, ?, r.rid, 1 ${RIVALS}`, [number, staging, owner])
  connection.run('insert into change_record select owner, ?, rid, 0 from record where owner = ? and erasure = ?', [
    number,
    owner,
    staging,
  ])
  connection.run(
    `update record set version = version + 1, withdrawn_at = (select s.learned_at from record s
       where s.erasure = ? and s.id = record.id and s.withdrawn_at is null)
     where owner = ? and rid in (${REPLACED})`,
    [staging, owner, owner, number],
  )
  connection.run(`delete from words where rowid in (${REPLACED})`, [owner, number])
  connection.run('update record set erasure = null where owner = ? and erasure = ?', [owner, staging])
}

export function dropImport(connection: MemoryConnection, owner: number, staging: string): void {
  const sql = "update erasure set status = 'pending' where owner = ? and id = ? and status = 'staged'"
  connection.run(sql, [owner, staging])
}

/** Erases the stagings of processes that have ended: those that began before a time (ms), or all. */
export function dropStagings(connection: MemoryConnection, before?: number): void {
  const sql = "update erasure set status = 'pending' where status = 'staged'"
  if (before === undefined) connection.run(sql)
  else connection.run(`${sql} and at < ?`, [before])
}

/** Takes an import back within the transaction of an undo: it was never known, and replaced records are restored. */
export function undoImport(connection: MemoryConnection, owner: number, change: number): void {
  const own = 'select rid from change_record where owner = ? and change = ? and replaced = 0'
  const replaced = connection.all<{ readonly rid: number; readonly text: string; readonly heading: string | null }>(
    `select r.rid, r.text, ${HEADING} heading from record r
     where r.owner = ? and r.rid in (${REPLACED}) and r.erasure is null and r.withdrawn_at > r.learned_at
     and not exists (select 1 from record l where l.owner = r.owner and l.id = r.id and l.withdrawn_at is null
       and l.erasure is null and l.rid not in (${own}))`,
    [owner, owner, change, owner, change],
  )
  connection.run(
    `update record set withdrawn_at = learned_at where owner = ? and erasure is null and rid in (${own})`,
    [owner, owner, change],
  )
  connection.run(`delete from words where rowid in (${own})`, [owner, change])
  for (const { rid, text, heading } of replaced) {
    connection.run('update record set withdrawn_at = null where owner = ? and rid = ?', [owner, rid])
    connection.run('insert into words(rowid, terms) values(?, ?)', [rid, indexedTerms(owner, text, heading)])
  }
}

function conflict(line: number, id: string, other: string): TerminalError {
  return new TerminalError(
    `Line ${line}: the record ${id} has other content than ${other} with that id${other === 'the record' ? ' in this memory' : ''}. Nothing was imported.`,
    {
      code: 'record_conflict',
      data: { line },
      hint: 'To keep what is there: --on-conflict skip. To keep the newer one: newer.',
    },
  )
}

const changedMeanwhile = (id: string) =>
  new TerminalError(`The record ${id} was added while the import ran. Nothing was imported.`, {
    code: 'record_conflict',
    hint: 'Import again.',
  })

const dropped = () =>
  new RetryableError('The import took so long that another process has dropped it. Nothing was imported.', {
    code: 'storage',
    hint: 'Import again.',
  })

const forgottenMeanwhile = () =>
  new TerminalError('Records were forgotten while the import ran. Nothing was imported.', {
    code: 'forgotten',
    hint: 'Import again.',
  })
