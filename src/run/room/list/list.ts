import { setImmediate } from 'node:timers/promises'
import type { EngineView } from '../../../engine/engine.ts'
import { KIND } from '../../../house/actors.ts'
import { placeIn, placeOf } from '../../../house/paging.ts'
import { portionsOf } from '../../../lib/collections/portions.ts'
import { ownerFilter } from '../../../lib/owner.ts'
import { CODE_WAIT, IN_INBOX } from '../../../work/wait.ts'
import { isBeforeBegin } from '../../later/state.ts'
import { isFinished, peekRun, type RunHead } from '../../run.ts'
import type { RunCounts, RunDetails, RunSummary } from '../documents.ts'
import { cursorOfRun, type RunCountsQuery, type RunsQuery } from '../port.ts'
import type { RunRest } from '../rest.ts'
import type { EndedRuns } from './ended-runs.ts'
import { isFitting, isPicked, type MatchReader, needsMore } from './pick.ts'
import type { RunRows } from './run-rows.ts'
import type { RunTable } from './run-table.ts'
import { summaryOf } from './summary.ts'
import type { WaitingRuns } from './waiting-runs.ts'

/** Waiting steps that a page looks at to see which runs may wait. With more of them, each running run is looked at. */
const LOOKED_AT = 1000
/** The most runs that are read at a time while a list looks for more. Each page looks at all that is in memory. */
const LARGEST_PAGE = 2000
const DETAILED_AT_ONCE = 16
/** Runs that are looked at, whether they wait, before others work. */
const WAITS_AT_ONCE = 32
/** Runs of a page that are read one by one; of more, all steps are listed first. */
const READ_ONE_BY_ONE = 200
/** Runs that are read at once while a list looks for more. */
const PICKED_AT_ONCE = 32
const NO_PROGRESS = { total: 0, done: 0, failed: 0, skipped: 0 } as const
const MAX_COUNTED = 10_000
const COUNTED_PAGE = 2500
/** Runs that a question looks at before it has a table made. */
const MANY = 1000

/** Explains why a run has not ended, in a sentence. Undefined: nothing is known. */
export type ExplainRun = (run: string) => Promise<RunDetails['stands']>

/** `isKnown`: whether it need not be read that a run waits, `learn`: reads it of all runs; absent on a cluster */
type Waits = Pick<RunRest, 'isWaiting'> & Partial<Pick<WaitingRuns, 'isKnown' | 'learn'>>

type Reading = MatchReader & {
  readonly ended?: EndedRuns | undefined
  readonly view: EngineView
  readonly rest: Waits
  readonly explain: ExplainRun
  /** absent: on a cluster */
  readonly table?: RunTable | undefined
}

/** Lists runs by start, the newest first. One that only an outside event continues is `waiting`. */
export async function listRuns(reading: Reading, { details, ...query }: RunsQuery): Promise<readonly RunSummary[]> {
  const runs = await pickedRuns(reading, query)
  if (details !== true && details !== 'true') return runs
  return (
    await Array.fromAsync(portionsOf(runs, DETAILED_AT_ONCE), (some) =>
      Promise.all(some.map((run) => withDetails(reading, run))),
    )
  ).flat()
}

/** Counts runs by status. Without a table, up to a limit for each. */
export async function countRuns(reading: Reading, query: RunCountsQuery): Promise<RunCounts> {
  const ended = await reading.table?.read((rows) => rows.ended(query))
  const counts = { running: 0, waiting: 0, completed: 0, failed: 0, cancelled: 0, ...ended }
  // one that ends between two lists is in both, and counts once
  const statuses = new Map<string, string>()
  let more = false
  let looked = 0
  for (const status of ended ? (['running'] as const) : (['running', 'completed', 'failed', 'cancelled'] as const)) {
    let counted = 0
    for await (const runs of pagesOf(reading, { ...query, status, limit: COUNTED_PAGE })) {
      for (const run of runs) if (isFitting(run, query)) statuses.set(run.id, run.status)
      counted += runs.length
      if (counted >= MAX_COUNTED) {
        more = true
        break
      }
    }
    looked += counted
  }
  for (const status of statuses.values()) if (status in counts) counts[status as keyof typeof counts]++
  if (looked > MANY) reading.table?.make()
  return { ...counts, ...(more && { more }) }
}

async function pickedRuns(reading: Reading, query: RunsQuery): Promise<readonly RunSummary[]> {
  const { status, error, limit = 100, since, until, top, waits } = query
  const isFiltered = needsMore(query) || [since, until, top, waits].some((one) => one !== undefined)
  const picked = needsMore(query) && (await reading.table?.read((rows) => pickedRows(reading, rows, query)))
  if (picked) return picked
  const isOpen = waits !== undefined || (status !== undefined && OPEN.includes(status))
  const stored = error !== undefined ? 'failed' : isOpen ? 'running' : status
  // without a table, each page asks the server which steps wait
  const filtered = reading.table ? 2 * limit : LARGEST_PAGE
  const size = isFiltered ? filtered : limit
  const found: RunSummary[] = []
  let looked = 0
  for await (const runs of pagesOf(reading, { ...query, ...statusOf(stored), limit: size })) {
    looked += runs.length
    if (looked > MANY && needsMore(query)) reading.table?.make()
    const asked = runs.filter((run) => isAsked(run, status))
    for (const some of portionsOf(asked, PICKED_AT_ONCE)) {
      const fits = await Promise.all(some.map((run) => isPicked(reading, run, query)))
      found.push(...some.filter((_, n) => fits[n]))
      if (found.length >= limit) return found.slice(0, limit)
    }
  }
  return found
}

/** The same, from the table. */
async function pickedRows({ view, rest }: Reading, rows: RunRows, query: RunsQuery): Promise<readonly RunSummary[]> {
  const { status, limit = 100, after } = query
  const found: RunSummary[] = []
  for (const page of rows.pages(query, after === undefined ? undefined : placeOf(after), limit)) {
    const listed = page.map(([id, index]) => summaryOf(id, index))
    const runs = await withWaiting(view, rest, listed)
    found.push(...runs.filter((run) => isAsked(run, status) && isFitting(run, query)))
    if (found.length >= limit) break
    await setImmediate()
  }
  return found.slice(0, limit)
}

/** Pages of runs with a status, the newest first and each larger, until the list or the time of the query ends. */
async function* pagesOf(
  { view, rest, table }: Reading,
  { owner, status, limit = 100, since = 0, until, after, waits }: RunsQuery,
): AsyncGenerator<readonly RunSummary[]> {
  // no run has this field, but the index of the list needs the condition
  const where = { aside: null, ...ownerFilter(owner), ...statusOf(status), ...(waits && { waits: CODE_WAIT }) }
  const query = { where, sort: 'startedAt', descending: true } as const
  let place = after === undefined ? startAt(until) : placeIn(after)
  // a cluster reads the index of all runs for each list, so one list has all pages
  const all = table ? undefined : await view.list(KIND.run, { ...query, ...place })
  for (let size = limit, from = 0; ; size = Math.max(limit, Math.min(LARGEST_PAGE, 2 * size))) {
    const listed = all?.slice(from, from + size) ?? (await view.list(KIND.run, { ...query, limit: size, ...place }))
    const runs = listed.map(({ key, index }) => summaryOf(key, index))
    yield withWaiting(view, rest, runs)
    const last = runs.at(-1)
    if (!last || runs.length < size || last.startedAt < since) return
    place = placeIn(cursorOfRun(last))
    from += size
  }
}

const startAt = (until: number | undefined) => (until === undefined ? {} : { at: until + 1, after: '' })

/** Statuses of runs that have not ended; `open` is both of the others. */
const OPEN: readonly string[] = ['running', 'waiting', 'open']

/** Whether a run that the stored status picks has the status that was asked for. */
const isAsked = (run: RunSummary, status: string | undefined): boolean =>
  status === undefined || status === 'open' || run.status === status

const statusOf = (status: string | undefined) => (status === undefined ? {} : { status })

/** Determines which runs wait, but only if some step or goal says that it waits. */
async function withWaiting(view: EngineView, rest: Waits, runs: readonly RunSummary[]): Promise<readonly RunSummary[]> {
  const isRead = ({ id, status }: RunSummary) => status === 'running' && !rest.isKnown?.(id)
  const unread = runs.filter(isRead)
  if (unread.length > READ_ONE_BY_ONE) await rest.learn?.()
  const held = unread.some(isRead) ? await heldRuns(view) : undefined
  const mayWait = (run: RunSummary) => run.status === 'running' && (!isRead(run) || !held || held.has(run.id))
  const shown: RunSummary[] = []
  const asShown = async (run: RunSummary) =>
    mayWait(run) && (await rest.isWaiting(run.id)) ? { ...run, status: 'waiting' } : run
  for (const some of portionsOf(runs, WAITS_AT_ONCE)) {
    // a page may have many open runs, and others work meanwhile
    if (shown.length > 0) await setImmediate()
    shown.push(...(await Promise.all(some.map(asShown))))
  }
  return shown
}

/** The runs that may wait, by their waiting steps and goals; undefined: too many of these wait. */
async function heldRuns(view: EngineView): Promise<ReadonlySet<string> | undefined> {
  const waiting = { where: { status: 'waiting' }, limit: LOOKED_AT }
  const lists = await Promise.all([
    view.list(KIND.step, { where: IN_INBOX, limit: LOOKED_AT }),
    view.list(KIND.step, waiting),
    view.list(KIND.goal, waiting),
  ])
  const isWhole = lists.every(({ length }) => length < LOOKED_AT)
  return isWhole ? new Set(lists.flat().flatMap(({ key }) => namesAbove(key))) : undefined
}

/** `a.b.c` is in `a.b` and in `a`. */
function namesAbove(key: string): readonly string[] {
  const parts = key.split('.')
  return parts.map((_, n) => parts.slice(0, n + 1).join('.'))
}

async function withDetails({ view, executor, explain }: Reading, run: RunSummary): Promise<RunSummary> {
  const state = await peekRun(view, run.id)
  const progress = isBeforeBegin(state) ? NO_PROGRESS : await executor.progress(run.id)
  if (!progress || !state) return run
  const stands = isFinished(state) ? undefined : await explain(run.id)
  const details = { ...progress, ...problemIn(state), ...(stands && { stands }) }
  return { ...run, details }
}

function problemIn({ problem }: RunHead): Pick<RunDetails, 'problem'> {
  if (!problem) return {}
  const { code, message, step } = problem
  return { problem: { code, message, ...(step !== undefined && { step }) } }
}
