import type { RunSource, StepRow } from '../../src/client.ts'

type Operation = Extract<RunSource, { language: 'workflow' }>['operations'][number]

/**
 * The rows of a run of a workflow, in the order of its function: its steps with the times at which they began and what
 * led to them, and its sleeps. Pure.
 */
export function workflowRows(rows: readonly StepRow[], source: RunSource | undefined): readonly StepRow[] {
  if (source?.language !== 'workflow') return rows
  const byId = new Map(rows.map((row) => [row.id, row]))
  const ordered = source.operations.flatMap((operation) => {
    const row = byId.get(operation.id)
    byId.delete(operation.id)
    if (row) return [{ ...row, ready_at: formatted(operation.began), dependencies: operation.after }]
    return operation.type === 'sleep' ? [sleepRow(operation)] : []
  })
  return [...ordered, ...byId.values()]
}

const formatted = (ms: number) => new Date(ms).toISOString()

function sleepRow({ id, after, began, ended, until }: Operation): StepRow {
  return {
    id,
    action: 'sleep',
    status: ended === undefined ? 'waiting' : 'completed',
    success: ended === undefined ? null : true,
    error: null,
    error_type: null,
    tool: null,
    model: null,
    provider: null,
    started_at: null,
    completed_at: ended === undefined ? null : formatted(ended),
    duration: ended === undefined ? null : (ended - began) / 1000,
    retries: 0,
    timed_out: false,
    dependencies: after,
    skip_reason: null,
    ready_at: formatted(began),
    attempts: [],
    ...(until !== undefined && { retry_at: formatted(until) }),
  }
}
