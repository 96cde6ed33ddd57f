import { aside } from '../../store/aside.ts'
import type { SweptBlobs } from '../../store/blobs.ts'
import type { Items } from './collected.ts'
import { DAY } from './limits.ts'

type Parts = {
  readonly values: SweptBlobs
  /** the database file that says what is in use */
  readonly database: string
  readonly now: number
  readonly dryRun: boolean
  readonly signal: AbortSignal
}

/** Blobs are written before they are referred to: one that was put within the last day is spared, whatever is known of it. */
export const GRACE = DAY

/** Lets go of blobs that nothing on disk refers to: mark, in a thread of its own and in one snapshot, and sweep. */
export async function sweepValues({ values, database, now, dryRun, signal }: Parts): Promise<readonly Items[]> {
  const used = new Set(await aside('findReferences', [database], signal))
  const { blobs, drafts } = await values.sweep({ used, before: now - GRACE, dryRun, signal })
  const items: readonly Items[] = [
    { what: 'blob', why: 'nothing refers to them', ...blobs, ids: [] },
    { what: 'draft', why: 'their writes never ended', ...drafts, ids: [] },
  ]
  return items.filter(({ count }) => count > 0)
}
