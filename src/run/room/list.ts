import type { EngineView } from '../../engine/engine.ts'
import { KIND } from '../../house/actors.ts'
import { placeIn } from '../../house/paging.ts'
import type { ActorIndex } from '../../kernel/types.ts'
import { ownerFilter, ownerOf } from '../../lib/owner.ts'
import { IN_INBOX } from '../../work/inbox.ts'
import type { RunSummary } from './documents.ts'
import { cursorOfRun, type RunsQuery } from './port.ts'
import type { RunRest } from './rest.ts'

/** Maximum waiting steps that are read: runs with further waiting steps show as running. */
const LOOKED_AT = 1000

/**
 * Lists runs by start, the newest first. A run that can continue only
 * after an outside event is `waiting`, although its actor is running.
 */
export async function listRuns(
  view: EngineView,
  rest: Pick<RunRest, 'isWaiting'>,
  { status, limit = 100, ...query }: RunsQuery,
): Promise<readonly RunSummary[]> {
  if (status !== 'running' && status !== 'waiting')
    return withWaiting(view, rest, await page(view, { ...query, ...statusOf(status), limit }))
  const found: RunSummary[] = []
  for (let after = query.after; ; ) {
    const next = await page(view, { ...query, status: 'running', limit, ...(after !== undefined && { after }) })
    found.push(...(await withWaiting(view, rest, next)).filter((run) => run.status === status))
    if (next.length < limit || found.length >= limit) return found.slice(0, limit)
    after = cursorOfRun(next.at(-1)!)
  }
}

const statusOf = (status: string | undefined) => (status === undefined ? {} : { status })

async function page(view: EngineView, { owner, status, after, limit }: RunsQuery): Promise<readonly RunSummary[]> {
  // no run has this field, but the index of the list needs the condition
  const where = { aside: null, ...ownerFilter(owner), ...statusOf(status) }
  const query = { where, sort: 'startedAt', descending: true, ...(limit !== undefined && { limit }), ...placeIn(after) }
  return (await view.list(KIND.run, query)).map(({ key, index }) => summaryOf(key, index))
}

/** Determines which runs wait, but only if some step says that it waits. */
async function withWaiting(
  view: EngineView,
  rest: Pick<RunRest, 'isWaiting'>,
  runs: readonly RunSummary[],
): Promise<readonly RunSummary[]> {
  if (!runs.some(({ status }) => status === 'running')) return runs
  const steps = [IN_INBOX, { status: 'waiting' }].map((where) => view.list(KIND.step, { where, limit: LOOKED_AT }))
  const held = (await Promise.all(steps)).flat().map(({ key }) => `${key}.`)
  const shown = runs.map(async (run) => {
    if (run.status !== 'running' || !held.some((step) => step.startsWith(`${run.id}.`))) return run
    return (await rest.isWaiting(run.id)) ? { ...run, status: 'waiting' } : run
  })
  return Promise.all(shown)
}

function summaryOf(id: string, index: ActorIndex): RunSummary {
  const { name, status, startedAt, finishedAt, root, degraded } = index
  return {
    id,
    owner: ownerOf(index),
    name: String(name),
    status: String(status),
    startedAt: Number(startedAt),
    ...(finishedAt !== undefined && { finishedAt: Number(finishedAt) }),
    ...(degraded !== undefined && { degraded: true as const }),
    ...(root !== undefined && { root: String(root) }),
  }
}
