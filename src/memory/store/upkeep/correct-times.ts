import { TIERS } from '../../tier/decide.ts'
import type { MemoryConnection } from '../connection.ts'

// the index finds the newest record of a tier at once, and that of an owner only by reading all
const LEARNED_AHEAD = TIERS.map(
  (tier) => `select 1 from record where owner = ? and tier = '${tier}' and learned_at > ?`,
).join(' union all ')

/**
 * A fact that was given no time, and was learned ahead of the clock, was learned under a wrong clock, and what follows
 * is learned later. So its time becomes the latest one that is known before it, within its subject: else it would
 * outrank facts that were learned since and were given a time. Reads now; the result writes.
 */
export function timeCorrection(
  connection: MemoryConnection,
  owner: number,
  now: number,
): (subjects: readonly { readonly space: string; readonly subject: string }[]) => void {
  const ahead = connection.first(
    `${LEARNED_AHEAD} limit 1`,
    TIERS.flatMap(() => [owner, now]),
  )
  if (!ahead) return () => {}
  return (subjects) => {
    for (const { space, subject } of subjects) connection.run(CORRECT, [now, now, now, owner, subject, space, now])
  }
}

/** The earliest time of a record. */
const MIN_TIME = -8.64e15

const CORRECT = `update record as r set version = version + 1, (valid_from, learned_at) = (select t, t from (select ifnull(nullif(
    (select max(max(iif(g.valid_from <= ?, g.valid_from, ${MIN_TIME}), iif(g.learned_at <= ?, g.learned_at, ${MIN_TIME})))
     from record g where g.owner = r.owner and g.subject = r.subject and g.space = r.space
     and g.erasure is null and g.proposed = 0), ${MIN_TIME}), ?) t))
  where r.owner = ? and r.subject = ? and r.space = ?
  and r.erasure is null and r.valid_from > ? and r.valid_from = r.learned_at
  and (r.withdrawn_at is null or r.withdrawn_at > r.learned_at)`
