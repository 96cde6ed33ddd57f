import type { EngineView } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import { unlessDamaged } from '../../kernel/faults.ts'
import { portionsOf } from '../../lib/collections/portions.ts'
import { present } from '../../lib/json/present.ts'
import { ownerOf } from '../../lib/owner.ts'
import type { LaterRun } from '../../run/later/state.ts'
import { cursorOfRun, type RunsPort } from '../../run/room/port.ts'
import { isFinished } from '../../run/run.ts'
import { MAX_BULK, type Standing } from '../actor.ts'
import type { BulkRequest } from './port.ts'

const PAGE = 1000
const READ_AT_ONCE = 50
/** ms before the begin of the list from which on it is read again: a commit may be written that late. */
const MOVED_MS = 60_000

type Picking = { readonly view: Pick<EngineView, 'peek'>; readonly runs: Pick<RunsPort, 'list'>; now(): number }

/** The runs of an operation; `picked`: of a cancellation. */
export type PickedRuns = { readonly runs: readonly string[]; readonly picked?: Standing }

/** The runs of a request, each once: in the order of their list, or in that in which they are cancelled. */
export async function pickRuns(picking: Picking, request: BulkRequest, owner: string | undefined): Promise<PickedRuns> {
  const runs = request.runs ? [...new Set(request.runs)] : await listedRuns(picking, request, owner)
  return request.action === 'cancel' ? inTurn(picking, runs, owner) : { runs }
}

async function listedRuns(
  { runs, now }: Picking,
  { action, where = {} }: BulkRequest,
  owner: string | undefined,
): Promise<readonly string[]> {
  if (owner !== undefined && where.owner !== undefined && where.owner !== owner) return []
  const open = where.status === undefined && action !== 'fork' ? { status: 'open' } : {}
  const own = owner === undefined ? {} : { owner }
  const found = new Set<string>()
  const add = async (since: number | undefined) => {
    for (let after: string | undefined; ; ) {
      const query = { ...where, ...open, ...own, ...present({ since, after }), limit: PAGE }
      const page = await runs.list(query)
      for (const { id } of page) found.add(id)
      if (found.size > MAX_BULK) throw tooMany()
      if (page.length < PAGE) return
      after = cursorOfRun(page.at(-1)!)
    }
  }
  const before = now() - MOVED_MS
  await add(where.since)
  // a run that began meanwhile has moved to the front of the list, past the pages that were read
  await add(Math.max(before, where.since ?? before))
  return [...found]
}

/** Runs that wait for their time come first, then those in a queue: so no run begins in a slot that is freed. */
async function inTurn({ view }: Picking, runs: readonly string[], owner: string | undefined): Promise<PickedRuns> {
  const by: { readonly [Name in keyof Standing]: string[] } = { timed: [], queued: [], running: [], ended: [] }
  for (const some of portionsOf(runs, READ_AT_ONCE)) {
    const found = await Promise.all(some.map((run) => unlessDamaged(() => view.peek(runRef(run)), undefined)))
    for (const [n, run] of some.entries()) by[standingOf(found[n] as LaterRun | undefined, owner)].push(run)
  }
  const counts = Object.entries(by).map(([name, { length }]) => [name, length])
  return { runs: Object.values(by).flat(), picked: Object.fromEntries(counts) as Standing }
}

/** Runs of other owners count as missing. */
function standingOf(run: LaterRun | undefined, owner: string | undefined): keyof Standing {
  if (!run || isFinished(run) || (owner !== undefined && ownerOf(run) !== owner)) return 'ended'
  const { later } = run
  return later?.phase === 'timed' || later?.phase === 'queued' ? later.phase : 'running'
}

function tooMany(): InvalidError {
  return new InvalidError(`Expected a filter that picks at most ${MAX_BULK} runs, got more.`, {
    code: 'bad_value',
    place: { path: 'where' },
    hint: 'Narrow it by `name`, `since` or `until`, and repeat it.',
  })
}

/** The runs that a request picks, in words: `status failed, since 2026-11-21T08:00:00.000Z`. */
export function wordsOf({ where, at }: BulkRequest): string {
  const filters = Object.entries(where ?? {}).flatMap(([name, value]) => {
    if (value === undefined || value === false || value === 'false') return []
    if (name === 'top') return ['no child runs']
    return [`${name} ${TIMES.includes(name) ? new Date(Number(value)).toISOString() : value}`]
  })
  const picked = where === undefined ? ['by their ids'] : filters.length === 0 ? ['all'] : filters
  return [...picked, ...(at === undefined ? [] : [`again from step ${at}`])].join(', ')
}

const TIMES: readonly string[] = ['since', 'until']
