import { randomUUID } from 'node:crypto'
import { InvalidError, NotFoundError, problemOf } from '../../errors.ts'
import type { House } from '../../house/house.ts'
import type { Viewer } from '../../house/viewer.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import type { Json } from '../../kernel/schema.ts'
import { present } from '../../lib/json/present.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { pause } from '../../lib/time/pause.ts'
import { cursorOfRun, type RunsPort } from '../../run/room/port.ts'
import { BULK_KIND, BULK_PORTION, type BulkAction, type BulkState, bulkPart, bulkRef, MAX_BULK } from '../actor.ts'
import { carryOutPortion } from './carry-out.ts'
import type { Bulk } from './contract.ts'
import type { BulkCaller, BulkFilter, BulkRequest, BulksPort, BulksView } from './port.ts'

/** The needs of operations on many runs: the port of runs, which opens after the rooms. */
export type BulkNeeds = {
  work(): { readonly runs: Pick<RunsPort, 'list' | 'cancel' | 'resume' | 'fork'> }
}

const PAGE = 1000
const SHOWN = 100
/** ms between two attempts to go on, at first and at most. */
const PAUSE_MS = { first: 100, most: 60_000 } as const

const USER: BulkCaller = { owner: LOCAL_OWNER, isAdmin: true, trusted: true }

/** Opens the operations on many runs. */
export function openBulks(house: House & BulkNeeds): BulksPort {
  const { engine, clock, checkOwner } = house
  const { view } = engine
  const going = new Map<string, Promise<void>>()
  /** why an operation does not go on now */
  const waits = new Map<string, string>()
  const ending = new AbortController()
  const read = async (id: string) => (await view.peek(bulkRef(id))) as BulkState | null | undefined
  const readParts: Parameters<typeof readSinglePart>[0] = (ref, page) => view.parts(ref, page)

  function goOn(id: string): void {
    if (!going.has(id))
      going.set(
        id,
        carryOut(id).finally(() => going.delete(id)),
      )
  }

  /** Does one portion after the other. The record of each makes the next one. */
  async function carryOut(id: string): Promise<void> {
    for (let wait: number = PAUSE_MS.first; !ending.signal.aborted; ) {
      try {
        const state = await read(id)
        if (!state || state.endedAt !== undefined) return
        await carryOutNext(id, state)
        waits.delete(id)
        wait = PAUSE_MS.first
      } catch (error) {
        // a full disk or a busy owner passes; the runs before it are done again, which changes nothing
        waits.set(id, problemOf(error).message)
        await pause(clock, wait, ending.signal)
        wait = Math.min(2 * wait, PAUSE_MS.most)
      }
    }
  }

  async function carryOutNext(id: string, state: BulkState): Promise<void> {
    const { next: portion } = state
    const runs = (await readSinglePart(readParts, bulkRef(id), bulkPart(portion))) as readonly string[]
    const items = runs.map((run, n) => ({ run, id: `${id}-${portion * BULK_PORTION + n + 1}` }))
    const end = await carryOutPortion({ view, runs: house.work().runs }, state, items, ending.signal)
    await engine.ask(bulkRef(id), { type: 'record', portion, ...end } as unknown as Json, { correlationId: id })
  }

  async function get(id: string, { owner, isAdmin }: BulkCaller = USER): Promise<Bulk> {
    const state = await read(id)
    if (!state || (!isAdmin && state.owner !== owner)) throw new NotFoundError(`There is no operation ${id} on runs.`)
    return documentOf(id, state, waits.get(id))
  }

  return {
    get,
    async start({ id = `bulk_${randomUUID()}`, dryRun = false, ...request }, caller = USER) {
      const { owner, isAdmin, trusted } = caller
      await checkOwner(owner)
      const action = actionOf(request)
      if (!dryRun && (await read(id))) return get(id, caller)
      const runs = await pickRuns(house.work().runs, request, isAdmin ? undefined : owner)
      if (dryRun) return dryRunOf(action, runs)
      const begin = { type: 'begin', action, owner, reach: isAdmin ? 'all' : 'own', trusted, runs }
      await engine.ask(bulkRef(id), begin as unknown as Json, { correlationId: id })
      goOn(id)
      return get(id, caller)
    },
    async resume() {
      const pending = await view.list(BULK_KIND, { where: { status: 'pending' } })
      for (const { key } of pending) goOn(key)
    },
    async close() {
      ending.abort()
      await Promise.all(going.values())
    },
  }
}

function actionOf({ action: type, reason = 'cancelled with many others', undo = false, at }: BulkRequest): BulkAction {
  if (type !== 'cancel') return type === 'fork' ? { type, ...(at !== undefined && { at }) } : { type }
  return { type, reason, undo }
}

/** The runs of a request, each once, in the order of their list. */
async function pickRuns(
  runs: Pick<RunsPort, 'list'>,
  { action, runs: given, where = {} }: BulkRequest,
  owner: string | undefined,
): Promise<readonly string[]> {
  if (given) return [...new Set(given)]
  if (owner !== undefined && where.owner !== undefined && where.owner !== owner) return []
  const isOpen = where.status === undefined && action !== 'fork'
  // a run that waits is also running for a list by that status
  const filters: readonly BulkFilter[] = isOpen
    ? ['running', 'waiting'].map((status) => ({ ...where, status }))
    : [where]
  const found = new Set<string>()
  for (const filter of filters)
    for (let after: string | undefined; ; ) {
      const own = owner === undefined ? {} : { owner }
      const page = await runs.list({ ...filter, ...own, limit: PAGE, ...(after !== undefined && { after }) })
      for (const { id } of page) found.add(id)
      if (found.size > MAX_BULK) throw tooMany()
      if (page.length < PAGE) break
      after = cursorOfRun(page.at(-1)!)
    }
  return [...found]
}

function tooMany(): InvalidError {
  return new InvalidError(`Expected a filter that picks at most ${MAX_BULK} runs, got more.`, {
    code: 'bad_value',
    place: { path: 'where' },
    hint: 'Narrow it by `name`, `since` or `until`, and repeat it.',
  })
}

const dryRunOf = ({ type: action }: BulkAction, runs: readonly string[]): Bulk => ({
  action,
  status: 'dry-run',
  total: runs.length,
  done: 0,
  skipped: 0,
  failed: 0,
  failures: [],
  runs: runs.slice(0, SHOWN),
})

function documentOf(id: string, state: BulkState, waits: string | undefined): Bulk {
  const { action, at, endedAt, total, done, skipped, failed, failures } = state
  const status = endedAt === undefined ? 'pending' : 'done'
  const counts = { total, done, skipped, failed, failures: [...failures] }
  return { id, action: action.type, status, ...counts, at, ...present({ endedAt, waits }) }
}

/** Operations as a caller uses them: an admin reaches the runs of all owners, and others their own. */
export function viewBulks(port: BulksPort, { caller, isAdmin }: Viewer): BulksView {
  const by: BulkCaller = { owner: caller.owner, isAdmin, trusted: caller.local }
  return { start: (request) => port.start(request, by), get: (bulk) => port.get(bulk, by) }
}
