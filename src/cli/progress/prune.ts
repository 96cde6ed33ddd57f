import type { ProgressLine } from './run-progress.ts'

/** Limits of the picture: lines of ended steps, and lines of failed steps for each loop. */
const MAX_ENDED_LINES = 200
const MAX_FAILED_LINES_PER_LOOP = 3

/**
 * Removes lines of ended steps from `groups`: steps of loops, and the oldest of many steps of the graph;
 * returns the number of the latter.
 */
export function pruneLines(groups: Map<string, ProgressLine>, { id, loop, within }: ProgressLine): number {
  if (loop) for (const inner of [...groups.values()].filter(isIn(id))) groups.delete(inner.id)
  if (within === undefined) return dropOldest(groups)
  if (!isShownFailure(groups.get(id)!, groups)) groups.delete(id)
  return 0
}

const isIn =
  (loop: string) =>
  ({ within }: ProgressLine) =>
    within === loop || within?.startsWith(`${loop}_`)
const isOver = ({ within, status }: ProgressLine) => within === undefined && status !== 'running'

function isShownFailure({ within, status }: ProgressLine, groups: ReadonlyMap<string, ProgressLine>): boolean {
  if (status !== 'failed') return false
  const failed = [...groups.values()].filter((group) => group.within === within && group.status === 'failed')
  return failed.length <= MAX_FAILED_LINES_PER_LOOP
}

/** Drops completed steps before failed ones. */
function dropOldest(groups: Map<string, ProgressLine>): number {
  const over = [...groups.values()].filter(isOver)
  const count = Math.max(0, over.length - MAX_ENDED_LINES)
  if (count === 0) return 0
  const ranked = [false, true].flatMap((failed) => over.filter(({ status }) => (status === 'failed') === failed))
  for (const { id } of ranked.slice(0, count)) groups.delete(id)
  return count
}
