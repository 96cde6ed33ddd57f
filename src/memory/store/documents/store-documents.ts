import { type Cause, forgotten, noImport } from '../../memory.ts'
import type { RecordSource } from '../../record.ts'
import { type MemoryConnection, nextChange, noteChange } from '../connection.ts'
import { derivedFrom } from '../derived.ts'
import { eraseRows } from '../erase.ts'
import { isForgottenSince } from '../forgotten.ts'
import { noteWrite, openOwner } from '../owners.ts'
import { indexedTerms, insertWords } from '../words.ts'
import type { SourceRow } from './source-rows.ts'

/** A passage with its id, which follows from its document and its text. */
export type StoredPassage = {
  readonly id: string
  readonly text: string
  readonly heading: string
  readonly at: string
}

/** A document that replaces the one with the same `ref`. */
export type StoredDocument = Omit<SourceRow, 'records' | 'read_at' | 'asked_at' | 'checked_at'> & {
  readonly passages: readonly StoredPassage[]
}

/** A document whose file has another name now. Its passages stay the same records. */
export type RenamedDocument = { readonly from: string; readonly to: string }

/** The changes to documents that are one transaction. */
export type DocumentChanges = {
  readonly documents: readonly StoredDocument[]
  readonly dropped: readonly string[]
  /** documents whose passages stay as they are */
  readonly checked: readonly Pick<SourceRow, 'ref' | 'size' | 'mtime' | 'reason'>[]
  /** absent: none. No document has the new name */
  readonly renamed?: readonly RenamedDocument[]
  /** an import that goes on */
  readonly change?: number
  readonly cause: Cause
  /** absent: no request now, and records forgotten or undone since the last one do not return */
  readonly askedAt?: number
}

/** The outcome: passages, and the number of the change that has the new ones. */
export type DocumentsStored = {
  readonly added: number
  readonly removed: number
  /** records that were made of what is gone, and went with it; absent: none */
  readonly derived?: number
  readonly change?: number
}

/** Replaces, drops and marks documents in one transaction. */
export function storeDocuments(
  connection: MemoryConnection,
  name: string,
  changes: DocumentChanges,
  now: number,
): DocumentsStored {
  const owner = openOwner(connection, name)
  const { cause, dropped, checked, askedAt, renamed = [] } = changes
  return connection.transaction(owner, () => {
    if (changes.change !== undefined) checkImport(connection, owner, changes.change)
    const next = nextChange(connection, owner)
    const gone = passagesOf(connection, owner, dropped).flat()
    const plans = planAll(connection, owner, changes, now)
    const files = new Set(dropped)
    const going = { ids: gone.map(({ id }) => id), isFile: (ref: string) => files.has(ref) }
    const derived = dropped.length === 0 ? [] : derivedFrom(connection, owner, going)
    const removed = [...gone, ...plans.flatMap(({ outdated }) => outdated)]
    const erased = [...removed, ...derived]
    const added = plans.reduce((sum, { missing }) => sum + missing.length, 0)
    const change = changes.change ?? (erased.length > 0 ? next + 1 : next)

    const rids = erased.map(({ rid }) => rid)
    eraseRows(connection, owner, rids)
    if (rids.length > 0)
      noteChange(connection, owner, { number: next, at: now, type: 'forget', cause, count: rids.length })
    if (added > 0 && changes.change === undefined)
      noteChange(connection, owner, { number: change, at: now, type: 'add', cause, count: added })
    else if (added > 0)
      connection.run('update change set count = count + ? where owner = ? and number = ?', [added, owner, change])
    for (const names of renamed) rename(connection, owner, names)
    for (const plan of plans) writeDocument(connection, owner, plan, { change, now })
    for (const ref of dropped) connection.run('delete from source where owner = ? and ref = ?', [owner, ref])
    for (const { ref, size, mtime, reason } of checked)
      connection.run(
        `update source set size = ?, mtime = ?, reason = ?, checked_at = ?, asked_at = ifnull(?, asked_at)
         where owner = ? and ref = ?`,
        [size, mtime, reason, now, askedAt ?? null, owner, ref],
      )
    if (added > 0) noteWrite(connection, owner, now)
    const isChange = added > 0 || changes.change !== undefined
    return {
      added,
      removed: removed.length,
      ...(derived.length > 0 && { derived: derived.length }),
      ...(isChange && { change }),
    }
  })
}

function checkImport(connection: MemoryConnection, owner: number, change: number): void {
  const sql = `select 1 from change where owner = ? and number = ? and type = 'add' and undone_by is null
    and json_extract(cause, '$.type') = 'import'`
  if (!connection.first(sql, [owner, change])) throw noImport(change)
}

type Passage = { readonly rid: number; readonly id: string; readonly source: string }

const passagesOf = (connection: MemoryConnection, owner: number, refs: readonly string[]) =>
  connection.allOf<Passage>(
    `select rid, id, source from record where owner = ? and source_ref = ? and kind = 'passage'
     and withdrawn_at is null and erasure is null`,
    refs.map((ref) => [owner, ref]),
  )

type Plan = {
  readonly document: StoredDocument
  readonly askedAt: number
  readonly outdated: readonly Passage[]
  readonly moved: readonly Passage[]
  readonly missing: readonly (StoredPassage & { readonly source: string })[]
}

/** How documents differ from their passages in memory: a passage with the same text stays the same record. */
function planAll(connection: MemoryConnection, owner: number, { documents, askedAt }: DocumentChanges, now: number) {
  const refs = documents.map(({ ref }) => ref)
  const before = passagesOf(connection, owner, refs)
  const asked = connection.allOf<{ readonly asked_at: number }>(
    'select asked_at from source where owner = ? and ref = ?',
    refs.map((ref) => [owner, ref]),
  )
  return documents.map((document, place) => {
    const since = askedAt ?? asked[place]![0]?.asked_at ?? 0
    const plan = planOf(document, before[place]!)
    const request = { since, ...(askedAt !== undefined && { now }) }
    return { ...plan, askedAt: since, missing: allowed(connection, owner, plan, request) }
  })
}

function planOf(document: StoredDocument, before: readonly Passage[]) {
  const { ref, type, hash, passages } = document
  const known = new Map(before.map((passage) => [passage.id, passage]))
  const given = passages.map((passage) => {
    const source: RecordSource = { type: type === 'web' ? 'web' : 'file', ref, at: passage.at, hash }
    return { ...passage, source: JSON.stringify(source) }
  })
  const ids = new Set(given.map(({ id }) => id))
  return {
    document,
    outdated: before.filter(({ id }) => !ids.has(id)),
    moved: given.flatMap(({ id, source }) => {
      const passage = known.get(id)
      return passage && passage.source !== source ? [{ ...passage, source }] : []
    }),
    missing: given.filter(({ id }) => !known.has(id)),
  }
}

/** Missing passages that may be added; one forgotten after the request is an error. `now`: the request is made now. */
function allowed(
  connection: MemoryConnection,
  owner: number,
  { document, missing }: Pick<Plan, 'document' | 'missing'>,
  { since, now }: { readonly since: number; readonly now?: number },
): Plan['missing'] {
  const { ref, space } = document
  const isAsked = now !== undefined
  const wasForgotten = isForgottenSince(connection, owner, since, now)
  const undone = `select 1 from record r join change_record k on k.owner = r.owner and k.rid = r.rid
    join change c on c.owner = k.owner and c.number = k.change
    join change u on u.owner = c.owner and u.number = c.undone_by
    where r.owner = ? and r.id = ? and r.withdrawn_at is not null and u.at >= ?`
  return missing.filter(({ id }) => {
    const isForgotten = wasForgotten({ id, space, kind: 'passage', subject: undefined, source: { ref } })
    if (isForgotten && isAsked) throw forgotten()
    return !isForgotten && (isAsked || !connection.first(undone, [owner, id, since]))
  })
}

function rename(connection: MemoryConnection, owner: number, { from, to }: RenamedDocument): void {
  connection.run(
    `update record set source = json_set(source, '$.ref', ?), source_ref = ?, version = version + 1
     where owner = ? and source_ref = ? and kind = 'passage'`,
    [to, to, owner, from],
  )
  connection.run('update source set ref = ? where owner = ? and ref = ?', [to, owner, from])
}

function writeDocument(
  connection: MemoryConnection,
  owner: number,
  { document, askedAt, moved, missing }: Plan,
  { change, now }: { readonly change: number; readonly now: number },
): void {
  const { ref, type, space, hash, size, mtime, reader, reason, trusted, named, passages } = document
  for (const { rid, source } of moved)
    connection.run('update record set source = ?, version = version + 1 where owner = ? and rid = ?', [
      source,
      owner,
      rid,
    ])
  for (const { id, text, heading, source } of missing) {
    const data = heading === '' ? null : JSON.stringify({ heading })
    connection.run(
      `insert into record(owner, id, hash, space, kind, text, data, pinned, source, source_ref, learned_at, tier)
       values(?, ?, ?, ?, 'passage', ?, ?, 0, ?, ?, ?, 'long')`,
      [owner, id, id, space, text, data, source, ref, now],
    )
    // a table without row ids does not move last_insert_rowid()
    connection.run('insert into change_record(owner, change, rid) values(?, ?, last_insert_rowid())', [owner, change])
  }
  for (const { id, text, heading } of missing) insertWords(connection, owner, id, indexedTerms(owner, text, heading))
  const row = [owner, ref, type, space, hash, size, mtime, reader, reason, trusted, named, passages.length]
  connection.run(`insert or replace into source values(${row.map(() => '?').join()}, ?, ?, ?)`, [
    ...row,
    now,
    askedAt,
    now,
  ])
}
