import type { RunHead } from '../../run.ts'
import type { RunSummary } from '../documents.ts'
import type { RunFilter } from '../port.ts'

/** Whether the filter must know why a run failed, to decide about it. */
export function needsProblem({ status }: RunSummary, { error, text }: RunFilter): boolean {
  return status === 'failed' && (error !== undefined || text !== undefined)
}

/** Whether a filter picks a run. `problem`: why it failed, where the filter needs it. Pure. */
export function isPicked(run: RunSummary, filter: RunFilter, problem: RunHead['problem']): boolean {
  const { name, text, error, since = 0, until = Number.POSITIVE_INFINITY, top } = filter
  if (run.startedAt < since || run.startedAt > until) return false
  if ((top === true || top === 'true') && run.root !== undefined) return false
  if (name !== undefined && run.name !== name) return false
  if (error !== undefined && problem?.code !== error) return false
  return text === undefined || contains([run.id, run.name, problem?.code, problem?.message], text)
}

function contains(texts: readonly (string | undefined)[], part: string): boolean {
  const wanted = part.toLowerCase()
  return texts.some((one) => one?.toLowerCase().includes(wanted))
}
