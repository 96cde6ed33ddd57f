import type { AddedSources } from './sources.ts'

export const EMPTY_REPORT: AddedSources = {
  read: 0,
  same: 0,
  dropped: 0,
  skipped: [],
  notes: [],
  added: 0,
  removed: 0,
  left: 0,
}

/** The report of two portions of one folder, or of two sources: the rest is that of the later one. */
export function together(one: AddedSources, next: AddedSources): AddedSources {
  const { read, same, dropped, added, removed, skipped, notes, change } = one
  const derived = (one.derived ?? 0) + (next.derived ?? 0)
  return {
    ...next,
    ...(change !== undefined && { change }),
    read: read + next.read,
    same: same + next.same,
    dropped: dropped + next.dropped,
    added: added + next.added,
    removed: removed + next.removed,
    ...(derived > 0 && { derived }),
    skipped: [...skipped, ...next.skipped],
    notes: [...notes, ...next.notes],
  }
}
