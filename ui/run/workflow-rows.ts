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

/** The name of an operation without the number of its use, and without the iteration of its run. */
export const nameIn = (id: string): string => id.replace(/(#\d+)?(@\d+)?$/, '')

/**
 * The rows of a workflow without arrows of chance. A workflow records which operations had ended when others began: an
 * item of `ctx.map` begins after other items, and needs none of them. While others of their names are at work, one
 * needs only those of a name that came first. The rows are in the order of their begins. Pure.
 */
export function withoutChance(rows: readonly StepRow[]): readonly StepRow[] {
  const [firsts, atWork] = [new Map<string, number>(), new Map<string, number>()]
  const ended = new Set<string>()
  const count = (name: string, by: number) => atWork.set(name, (atWork.get(name) ?? 0) + by)
  return rows.map((row, at) => {
    const own = nameIn(row.id)
    for (const id of row.dependencies) if (!ended.has(id)) count(nameIn(id), -1)
    for (const id of row.dependencies) ended.add(id)
    const names = row.dependencies.map(nameIn)
    const isBusy = (name: string) => (atWork.get(name) ?? 0) > 0
    const isNeeded = (_: string, index: number) => {
      const name = names[index]!
      const isOne = names.indexOf(name) === names.lastIndexOf(name)
      if (name === own) return isOne && !isBusy(own)
      return (!isBusy(own) && !isBusy(name)) || (isOne && (firsts.get(name) ?? at) < (firsts.get(own) ?? at))
    }
    const dependencies = row.dependencies.filter(isNeeded)
    if (!firsts.has(own)) firsts.set(own, at)
    count(own, 1)
    return { ...row, dependencies }
  })
}
