import { COST_KIND } from '../../../budget/cost-day.ts'
import { BULK_KIND, type BulkState, bulkRef } from '../../../bulk/actor.ts'
import { unlessMissing } from '../../../errors.ts'
import { ACT_KIND, dayOf } from '../../../house/act.ts'
import { unlessDamaged } from '../../../kernel/faults.ts'
import type { ActorRef } from '../../../kernel/types.ts'
import { portionsOf } from '../../../lib/collections/portions.ts'
import type { ManagedBlobs } from '../../../store/blobs/blobs.ts'
import type { Items } from '../../ports/maintenance.ts'
import { type CollectionTerms, DAY, type Gone } from './limits.ts'
import { listedOf, PORTION, rest } from './scan.ts'

/** Finds the hashes of all blobs that durable data refers to. `isWhole`: none may be missing. */
export type FindReferences = (options: {
  readonly isWhole: boolean
  readonly signal: AbortSignal
}) => Promise<Iterable<string>>

type SweepParts = {
  readonly values: ManagedBlobs
  readonly findReferences: FindReferences
  readonly now: number
  readonly dryRun: boolean
  readonly signal: AbortSignal
}

/** ms. A blob is written before anything refers to it, so younger blobs are never removed. */
const MIN_BLOB_AGE_MS = DAY

/** Removes blobs that no durable data refers to: mark and sweep. */
export async function sweepValues({
  values,
  findReferences,
  now,
  dryRun,
  signal,
}: SweepParts): Promise<readonly Items[]> {
  const before = now - MIN_BLOB_AGE_MS
  // reads all durable data to find references
  if (!(await values.hasOld(before))) return []
  const used = new Set(await findReferences({ isWhole: !dryRun, signal }))
  const { blobs, drafts } = await values.sweep({ used, before, dryRun, signal })
  const items: readonly Items[] = [
    { what: 'blob', why: 'nothing refers to them', ...blobs, ids: [] },
    { what: 'draft', why: 'their writes never ended', ...drafts, ids: [] },
  ]
  return items.filter(({ count }) => count > 0)
}

/** ms within which a value that was put may have no reference yet. */
const UNREFERENCED_MS = DAY / 24

/** Removes unused values at once, except those that may be about to be used. */
export async function sweepUnused({
  values,
  findReferences,
  now,
  signal,
}: Omit<SweepParts, 'dryRun'>): Promise<{ readonly removed: number; readonly left: number }> {
  if (!(await values.hasOld(Number.POSITIVE_INFINITY))) return { removed: 0, left: 0 }
  const used = new Set(await findReferences({ isWhole: true, signal }))
  const { blobs } = await values.sweep({ used, before: now - UNREFERENCED_MS, signal })
  const rest = await values.sweep({ used, before: Number.POSITIVE_INFINITY, dryRun: true, signal })
  return { removed: blobs.count, left: rest.blobs.count + rest.drafts.count }
}

type DropParts = Omit<CollectionTerms, 'unusedDays'>

export async function dropLetters({ engine, clock, limits, dryRun }: DropParts): Promise<readonly Gone[]> {
  const { deadLetterDays } = limits
  const oldest = clock.now() - deadLetterDays * DAY
  const old = (await engine.deadLetters.list()).filter(({ at }) => at <= oldest)
  for (const portion of dryRun ? [] : portionsOf(old, PORTION)) {
    // one may be retried or dropped in the meantime
    await Promise.all(portion.map(({ id }) => engine.deadLetters.drop(id).catch(unlessMissing)))
    await rest(clock)
  }
  const why = `older than ${deadLetterDays} days`
  return old.map((letter) => ({ what: 'dead letter', why, id: letter.id, bytes: JSON.stringify(letter).length }))
}

/** Deletes the records of operations on many runs that ended as long ago as runs that go. */
export async function dropBulks({ engine, clock, limits, dryRun }: DropParts): Promise<readonly Gone[]> {
  // for a day at least, so that a repeated request begins nothing
  const days = Math.max(1, limits.runDays)
  const oldest = clock.now() - days * DAY
  const why = `ended more than ${days === 1 ? 'a day' : `${days} days`} ago`
  const old: Gone[] = []
  for await (const { key: id, index } of listedOf(engine.view, BULK_KIND, clock)) {
    if (index.status !== 'done' || Number(index.at) >= oldest) continue
    const state = await unlessDamaged(() => engine.view.peek(bulkRef(id)), null)
    const { endedAt = oldest } = (state ?? {}) as Pick<BulkState, 'endedAt'>
    if (endedAt < oldest) old.push({ what: 'operation', why, id, bytes: JSON.stringify(state).length })
  }
  for (const portion of dryRun ? [] : portionsOf(old, PORTION)) {
    await Promise.all(portion.map(({ id }) => engine.tell(bulkRef(id), null, { type: 'stop' })))
    await rest(clock)
  }
  return old
}

/** Deletes old audits, acts and sums of costs, one day at a time. */
export async function dropAudits({ engine, clock, limits, dryRun }: DropParts): Promise<readonly Gone[]> {
  const { auditDays } = limits
  const oldest = dayOf(clock.now() - auditDays * DAY)
  const old: ActorRef[] = []
  for (const kind of ['audit', ACT_KIND, COST_KIND])
    for await (const { key, index } of listedOf(engine.view, kind, clock))
      if (String(index.day) < oldest) old.push({ kind, key })
  for (const portion of dryRun ? [] : portionsOf(old, PORTION)) {
    await Promise.all(portion.map((ref) => engine.ask(ref, { type: 'expire' })))
    await rest(clock)
  }
  const why = `older than ${auditDays} days`
  // a day may have very many events: their bytes are not counted
  return old.map(({ key: id }) => ({ what: 'audit', why, id, bytes: 0 }))
}
