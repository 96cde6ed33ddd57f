import type { SweptBlobs } from '../../../store/blobs/blobs.ts'
import type { Items } from '../../ports/maintenance.ts'
import { DAY } from './limits.ts'

/** Finds the hashes of all blobs that something durable refers to; `isWhole`: none may be missing. */
export type FindReferences = (options: {
  readonly isWhole: boolean
  readonly signal: AbortSignal
}) => Promise<Iterable<string>>

type Parts = {
  readonly values: SweptBlobs
  readonly findReferences: FindReferences
  readonly now: number
  readonly dryRun: boolean
  readonly signal: AbortSignal
}

/** Blobs are written before they are referred to: one that was put within the last day is spared, whatever is known of it. */
export const GRACE = DAY

/** Lets go of blobs that nothing durable refers to: mark and sweep. */
export async function sweepValues({ values, findReferences, now, dryRun, signal }: Parts): Promise<readonly Items[]> {
  const before = now - GRACE
  // all that is durable is read through for references
  if (!(await values.hasOld(before))) return []
  const used = new Set(await findReferences({ isWhole: !dryRun, signal }))
  const { blobs, drafts } = await values.sweep({ used, before, dryRun, signal })
  const items: readonly Items[] = [
    { what: 'blob', why: 'nothing refers to them', ...blobs, ids: [] },
    { what: 'draft', why: 'their writes never ended', ...drafts, ids: [] },
  ]
  return items.filter(({ count }) => count > 0)
}
