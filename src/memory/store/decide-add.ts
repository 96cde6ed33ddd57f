import { InvalidError, TerminalError } from '../../errors.ts'
import { contentHash, contentId } from '../content-id.ts'
import { factAt } from '../fact-history.ts'
import { checkMayPin, isSameSource, mayEndOwnOnly, standingOf } from '../limits.ts'
import type { NewRecord, RecordSource } from '../record.ts'
import type { MemoryConnection } from './connection.ts'
import { lastFact } from './filter.ts'
import { forgottenSince } from './forgotten.ts'
import { proposedFacts } from './proposals/contested.ts'

/** A record of an add. `hash`: of its content. */
type Named = NewRecord & { readonly space: string; readonly kind: string; readonly hash: string }

/** The decision about a record. One that is not new is stored already, under this id. */
export type DecidedRecord = Named & {
  readonly id: string
  readonly isNew: boolean
  /** it waits for a person */
  readonly isProposed: boolean
  /** the row that it replaces */
  readonly replaces?: number
  /** the row that it replaces is pinned */
  readonly keepsPin?: boolean
  readonly source: RecordSource
  readonly learnedAt: number
}

type Adding = {
  readonly source: RecordSource
  readonly now: number
  /** when the work behind the write began; absent: nothing was forgotten since */
  readonly begunAt: number | undefined
  /** the ids of records of the same source are theirs again */
  readonly replaces: boolean
}

/** Decides by reads alone what an add writes. Each record sees those before it as if they were stored. */
export function decideAdd(
  connection: MemoryConnection,
  owner: number,
  records: readonly NewRecord[],
  { source, now, begunAt, replaces }: Adding,
): readonly DecidedRecord[] {
  const learnedAt = now
  const checkForgotten = forgottenSince(connection, owner, begunAt)
  const named = records.map(withHash)
  const facts = readFacts(connection, owner, named, learnedAt)
  const isProposed = proposedFacts(connection, owner, named, source)
  const idOf = (record: Named) => {
    const current = facts.current(record)?.id ?? ''
    return record.id ?? contentId(record.hash, isProposed(record) ? `${current}\0proposed` : current)
  }
  const known = readKnown(connection, owner, named.map(idOf))
  // a fact that was ended, and is not the one that holds, is true again: it is another record
  const freshId = (record: Named) => {
    let id = idOf(record)
    const isOver = (row = known.of(id)) =>
      row?.hash === record.hash && row.proposed !== 1 && !isAdopted(row, source) && asksWhatHolds(record)
    while (isOver()) id = contentId(record.hash, id)
    return id
  }
  return named.map((record, place) => {
    const current = facts.current(record)
    const made = { ...record, isProposed: isProposed(record), source, learnedAt }
    const adopt = (row: AdoptableRow, id: string): DecidedRecord => {
      const { validFrom = ownBegin(row, now), pinned = row.pinned === 1 } = record
      const own = { ...made, id, isNew: true, pinned, replaces: row.rid, keepsPin: row.pinned === 1 }
      const adopted = validFrom === undefined ? own : { ...own, validFrom }
      known.add(id, record.hash)
      facts.add(adopted)
      return adopted
    }
    if (current?.hash === record.hash)
      return isAdopted(current, source)
        ? adopt(current, current.id)
        : { ...made, id: current.id, isNew: false, isProposed: false }
    if (record.pinned) checkMayPin(source)
    const id = freshId(record)
    checkForgotten({ ...record, id, subject: record.subject, source })
    const stored = known.of(id)
    if (stored?.hash === record.hash && isAdopted(stored, source)) return adopt(stored, id)
    if (stored?.hash === record.hash) return { ...made, id, isNew: false, isProposed: stored.proposed === 1 }
    const isReplaced = replaces && stored?.rid !== undefined && isSameSource(JSON.parse(stored.source), source)
    if (stored && !isReplaced) throw conflict(id, place)
    const decided = { ...made, id, isNew: true, ...(stored?.rid !== undefined && { replaces: stored.rid }) }
    checkTimes(record, learnedAt, place)
    known.add(id, record.hash)
    if (!decided.isProposed) facts.add(decided)
    return decided
  })
}

/** The begin of a fact that a person takes over: one that was given, or the time at which it was learned. */
const ownBegin = ({ validFrom, learnedAt }: AdoptableRow, now: number) =>
  validFrom === null || (validFrom === learnedAt && validFrom > now) ? undefined : validFrom

function withHash(record: NewRecord): Named {
  const { space = '', kind = record.subject === undefined ? 'note' : 'fact' } = record
  return { ...record, space, kind, hash: contentHash({ ...record, space, kind }) }
}

function checkTimes({ subject, validFrom, validTo, expires }: Named, learnedAt: number, place: number): void {
  if (expires !== undefined && expires <= learnedAt)
    throw new InvalidError(
      `Record ${place + 1}: expected a time in the future for expires, got ${new Date(expires).toISOString()}.`,
      { place: { path: `records[${place}].expires` } },
    )
  if (subject !== undefined && validTo !== undefined && validTo <= (validFrom ?? learnedAt))
    throw new InvalidError('Expected a validTo after validFrom, which is now unless it is given.', {
      place: { path: `records[${place}].validTo` },
    })
}

/** A record under an id. `rid`: absent, if it is a record of the same add. */
type KnownRow = {
  readonly rid?: number
  readonly hash: string
  readonly source: string
  readonly proposed: number
  readonly pinned: number
  readonly validFrom: number | null
  readonly learnedAt: number
}

type AdoptableRow = Pick<KnownRow, 'pinned' | 'validFrom' | 'learnedAt'> & { readonly rid: number }

/** Whether an add makes a record that work wrote the record of a person. */
const isAdopted = <Row extends Pick<KnownRow, 'rid' | 'source'> & { readonly proposed?: number }>(
  row: Row,
  source: RecordSource,
): row is Row & { readonly rid: number } =>
  row.rid !== undefined && row.proposed !== 1 && !mayEndOwnOnly(source) && mayEndOwnOnly(JSON.parse(row.source))

/** The record under each id. An id that was not asked for at first costs a query of its own. */
function readKnown(connection: MemoryConnection, owner: number, ids: readonly string[]) {
  const sql = `select rid, hash, source, proposed, pinned, valid_from validFrom, learned_at learnedAt from record
    where owner = ? and id = ? and withdrawn_at is null and erasure is null`
  const rows = connection.allOf<KnownRow>(
    sql,
    ids.map((id) => [owner, id]),
  )
  const known = new Map(ids.map((id, place) => [id, rows[place]![0]]))
  return {
    of: (id: string) => (known.has(id) ? known.get(id) : connection.first<KnownRow>(sql, [owner, id])),
    add: (id: string, hash: string) =>
      known.set(id, { hash, source: '', proposed: 0, pinned: 0, validFrom: null, learnedAt: 0 }),
  }
}

/** Whether a record is the same as the fact that holds, if they have the same content. */
const asksWhatHolds = ({ subject, validFrom, id }: Named) => subject !== undefined && (validFrom ?? id) === undefined

type FactRow = {
  /** absent: a record of the same add */
  readonly rid?: number
  readonly source: string
  readonly pinned: number
  readonly standing: number
  readonly id: string
  readonly hash: string
  readonly validFrom: number
  readonly validTo: number | null
  readonly learnedAt: number
  readonly expires: number | null
  /** when a fact that was erased since has ended it */
  readonly ended: number | null
}

/** The facts that hold at a time. A record with neither `validFrom` nor an id is the same as the one that holds. */
function readFacts(connection: MemoryConnection, owner: number, named: readonly Named[], at: number) {
  const keyOf = ({ space, subject }: Named) => JSON.stringify([space, subject])
  const asked = new Map(named.filter(asksWhatHolds).map((record) => [keyOf(record), record]))
  const { sql, values } = lastFact(owner, at)
  const rows = connection.allOf<FactRow>(
    `select r.rid, r.source, r.pinned, r.standing, r.id, r.hash, r.valid_from validFrom, r.valid_to validTo, r.learned_at learnedAt, r.expires,
     (select min(iif(e.valid = e.known, ?, e.valid)) from fact_end e where e.rid = r.rid) ended
     from record r where ${sql} and r.space = ? and r.subject = ?`,
    [...asked.values()].map(({ space, subject }) => [at, ...values, space, subject!]),
  )
  const facts = new Map([...asked.keys()].map((key, place) => [key, rows[place]!.map(factOf)]))
  return {
    current(record: Named) {
      const fact = asksWhatHolds(record) ? factAt(facts.get(keyOf(record))!, { at }) : undefined
      return fact && (fact.expires ?? at + 1) > at ? fact : undefined
    },
    add(record: DecidedRecord): void {
      const { id, hash, learnedAt, validFrom = at, validTo = null, expires = null } = record
      const row = { id, hash, learnedAt, validFrom, validTo, expires, source: '', pinned: 0, ended: null }
      const known = facts.get(keyOf(record))
      known?.push(factOf({ ...row, standing: standingOf(record.source) }, known.length))
    },
  }
}

function factOf({ validTo, ended, ...row }: FactRow, order: number) {
  const ends = ended === null ? [] : [{ at: ended, knownAt: row.learnedAt }]
  return { ...row, order, ends, ...(validTo !== null && { validTo }) }
}

function conflict(id: string, place: number): TerminalError {
  return new TerminalError(`Record ${place + 1} has the id ${id}, and another record with that id has other content.`, {
    code: 'record_conflict',
    hint: 'Leave the id out, or give another one. To replace a fact, give it a subject.',
  })
}
