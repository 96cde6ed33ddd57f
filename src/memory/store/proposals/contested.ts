import { TerminalError } from '../../../errors.ts'
import { mayEndOwnOnly } from '../../limits.ts'
import type { NewRecord, RecordSource } from '../../record.ts'
import type { MemoryConnection } from '../connection.ts'

type Fact = Pick<NewRecord, 'subject'> & { readonly space: string }

/** Says which facts of an add are only proposed: those on a subject of which another source or a person has a fact. */
export function proposedFacts(
  connection: MemoryConnection,
  owner: number,
  records: readonly Fact[],
  source: RecordSource,
): (record: Fact) => boolean {
  const facts = mayEndOwnOnly(source) ? records.filter(({ subject }) => subject !== undefined) : []
  if (facts.length === 0) return () => false
  const rows = connection.allOf<object>(
    `select 1 from record r where r.owner = ? and r.subject = ? and r.space = ? and r.proposed = 0
     and r.withdrawn_at is null and r.erasure is null
     and (r.standing = 1 or json_extract(r.source, '$.type') <> ? or ifnull(r.source_ref, '') <> ?) limit 1`,
    facts.map(({ subject, space }) => [owner, subject!, space, source.type, source.ref ?? '']),
  )
  const contested = new Set(facts.filter((_, place) => rows[place]!.length > 0))
  return (record) => contested.has(record)
}

/** Facts of an owner that may wait for a person. */
const MAX_PROPOSALS = 100

/** @throws an error `too_many_proposals` when they exceed the limit of waiting proposals */
export function checkProposals(connection: MemoryConnection, owner: number, more: number): void {
  if (more === 0) return
  const sql = 'select count(*) count from record r where r.owner = ? and r.proposed = 1 and r.erasure is null'
  if (connection.first<{ readonly count: number }>(sql, [owner])!.count + more <= MAX_PROPOSALS) return
  throw new TerminalError(`${MAX_PROPOSALS} proposed facts wait for a person already.`, {
    code: 'too_many_proposals',
    hint: 'Accept or decline some: antiphon inbox',
  })
}
