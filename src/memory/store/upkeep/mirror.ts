import type { MemoryRecord } from '../../record.ts'
import type { MemoryConnection } from '../connection.ts'
import { READABLE } from '../filter.ts'
import { RECORD_COLUMNS, type RecordRow, recordOf } from '../rows.ts'

/** A record as the mirror has it. `tier` and `text` (JSON) are absent: the mirror must not have it. */
export type MirrorEntry = {
  readonly id: string
  readonly tier?: MemoryRecord['tier']
  readonly text?: string
}

/** The next changes to write. `mark`: that of the last write, '' before the first one. */
type MirrorPage = {
  readonly mark: string
  readonly entries: readonly MirrorEntry[]
  /** the last change that the entries cover; absent: nothing is due */
  readonly last?: number
  /** the erasures that wait for entries, and the ids of those */
  readonly erases: readonly (readonly [erasure: string, id: string])[]
}

type VersionedRow = RecordRow & { readonly version: number }

/** Changes that one page covers, and characters of JSON after which it ends. */
const PAGE = { changes: 100, characters: 1_000_000 }
/** The tiers of the mirror. */
const TIERS = "('short', 'intermediate')"

/** Reads the next entries. A row is at least as new as the change that names it. */
export function mirrorPage(connection: MemoryConnection, owner: number, _: object, now: number): MirrorPage {
  const { mirror } = connection.first<{ readonly mirror: string | null }>('select mirror from owner where number = ?', [
    owner,
  ])!
  const dues = connection.all<{ readonly seq: number; readonly id: string; readonly erasure: string | null }>(
    'select seq, id, erasure from mirror_due where owner = ? order by seq limit ?',
    [owner, PAGE.changes],
  )
  const ids = [...new Set(dues.map(({ id }) => id))]
  const rows = connection.all<VersionedRow>(
    `select ${RECORD_COLUMNS}, r.version from json_each(?) j cross join record r on r.owner = ? and r.id = j.value
     where r.erasure is null and r.withdrawn_at is null and r.proposed = 0 and ${READABLE}
     and r.tier in ${TIERS} and (r.expires is null or r.expires > ?)`,
    [JSON.stringify(ids), owner, now],
  )
  const found = new Map(rows.map((row) => [row.id, row]))
  const entries = new Map<string, MirrorEntry>()
  const erases: (readonly [erasure: string, id: string])[] = []
  let last: number | undefined
  let left = PAGE.characters
  for (const { seq, id, erasure } of dues) {
    if (left < 0) break
    const entry = entries.get(id) ?? entryOf(id, found.get(id))
    left -= entry.text?.length ?? 0
    entries.set(id, entry)
    if (erasure !== null) erases.push([erasure, id])
    last = seq
  }
  return { mark: mirror ?? '', entries: [...entries.values()], erases, ...(last !== undefined && { last }) }
}

function entryOf(id: string, row: VersionedRow | undefined): MirrorEntry {
  if (!row) return { id }
  return { id, tier: row.tier, text: JSON.stringify({ ...recordOf(row), version: row.version }) }
}

/** Note each change of an owner with a mirror. They cost every write, so they exist only while there is a mirror. */
const TRIGGERS = {
  mirror_added: `after insert on record
    when new.erasure is null and exists (select 1 from owner where number = new.owner and mirror is not null) begin
      insert into mirror_due(owner, id) values(new.owner, new.id);
    end`,
  mirror_changed: `after update of version, proposed, erasure, withdrawn_at on record
    when exists (select 1 from owner where number = new.owner and mirror is not null) begin
      insert into mirror_due(owner, id, erasure) values(new.owner, new.id, new.erasure);
    end`,
}

/** Notes that the mirror is empty and has this mark, so all records are due. Changes are noted from then on. */
export function resetMirror(connection: MemoryConnection, owner: number, mark: string): void {
  connection.transaction(owner, () => {
    for (const [name, rule] of Object.entries(TRIGGERS)) connection.run(`create trigger if not exists ${name} ${rule}`)
    connection.run('update owner set mirror = ? where number = ?', [mark, owner])
    connection.run('delete from mirror_due where owner = ? and erasure is null', [owner])
    connection.run(
      `insert into mirror_due(owner, id) select owner, id from record
       where owner = ? and tier in ${TIERS} and erasure is null and withdrawn_at is null order by rid`,
      [owner],
    )
  })
}

type Mirrored = {
  readonly expected: string
  readonly mark: string
  readonly last: number
  /** fields that were removed, by erasure */
  readonly removed: readonly (readonly [erasure: string, count: number])[]
}

/** Notes that the mirror has a page and its mark. Without erasures it makes no other write of the owner run again. */
export function noteMirrored(
  connection: MemoryConnection,
  owner: number,
  { expected, mark, last, removed }: Mirrored,
): void {
  const note = () => {
    connection.run('update owner set mirror = ? where number = ? and mirror = ?', [mark, owner, expected])
    connection.run('delete from mirror_due where owner = ? and seq <= ?', [owner, last])
  }
  const noteAll = () => {
    note()
    for (const [erasure, count] of removed)
      connection.run('update erasure set redis = redis + ? where owner = ? and id = ?', [count, owner, erasure])
  }
  if (removed.length === 0) note()
  else connection.transaction(owner, noteAll)
}

/** An owner with the mark that the mirror has if it lacks nothing; `mark` is null if it does. */
export type MirroredOwner = { readonly name: string; readonly mark: string | null }

export const mirroredOwners = (connection: MemoryConnection): readonly MirroredOwner[] =>
  connection.all(
    'select name, iif(exists (select 1 from mirror_due d where d.owner = number), null, mirror) mark from owner',
  )

/** Without a mirror, erasures wait for none, and no change is noted. */
export function endMirrors(connection: MemoryConnection): void {
  if (!connection.first(MIRRORED)) return
  for (const name of Object.keys(TRIGGERS)) connection.run(`drop trigger if exists ${name}`)
  connection.run('update owner set mirror = null')
  connection.run('delete from mirror_due')
}

const MIRRORED = `select 1 where exists (select 1 from owner where mirror is not null)
  or exists (select 1 from sqlite_schema where type = 'trigger' and name like 'mirror\\_%' escape '\\')`
