import { randomUUID } from 'node:crypto'
import type { EngineView } from '../../engine/engine.ts'
import { idTakenError } from '../../engine/envelope.ts'
import { NotFoundError, problemOf } from '../../errors.ts'
import { actText } from '../../house/act.ts'
import type { WorkRef } from '../../house/actors.ts'
import type { House } from '../../house/house.ts'
import { listSeen } from '../../house/list-seen.ts'
import { type ListQuery, placeIn } from '../../house/paging.ts'
import { callerOf } from '../../house/request-caller.ts'
import type { Viewer } from '../../house/viewer.ts'
import type { Json } from '../../kernel/json.ts'
import { portionsOf } from '../../lib/collections/portions.ts'
import { present } from '../../lib/json/present.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { pause } from '../../lib/time/pause.ts'
import type { RunsPort } from '../../run/room/port.ts'
import { digestOf } from '../../run/room/start-ids.ts'
import { BULK_KIND, BULK_PORTION, type BulkAction, type BulkState, bulkRef, isBegun } from '../actor.ts'
import { carryOutNext, resumeForks } from './carry-out.ts'
import type { Bulk, BulkSummary } from './contract.ts'
import { type PickedRuns, pickRuns, wordsOf } from './pick-runs.ts'
import { type BulkCaller, type BulkRequest, type BulksPort, type BulksView, cursorOfBulk } from './port.ts'

/**
 * The needs of operations on many runs: the port of runs, which opens after the rooms. `track` lists an operation among
 * the work of this process until it settles, and `shown` cuts secrets.
 */
export type BulkNeeds = {
  work(): { readonly runs: Pick<RunsPort, 'list' | 'cancel' | 'resume' | 'fork'> }
  track(of: WorkRef, work: Promise<unknown>): void
  shown<Value>(value: Value): Value
}

const SHOWN = 100
/** ms for which the work of an earlier process waits for a cancellation that it left */
const HELD_MS = 10_000
/** ms between two attempts to go on, at first and at most. */
const PAUSE_MS = { first: 100, most: 60_000 } as const

const USER: BulkCaller = { owner: LOCAL_OWNER, isAdmin: true, trusted: true }

export function openBulks(house: House & BulkNeeds): BulksPort {
  const { engine, clock, checkOwner } = house
  const { view } = engine
  const going = new Map<string, Promise<void>>()
  /** operations whose runs are being picked: a repeated request waits for the first one */
  const beginning = new Map<string, Promise<void>>()
  /** why an operation does not go on now */
  const waits = new Map<string, string>()
  const ending = new AbortController()
  const work = () => ({ engine, runs: house.work().runs })
  const read = async (id: string) => {
    const state = (await view.peek(bulkRef(id))) as Parameters<typeof isBegun>[0]
    return isBegun(state) ? state : undefined
  }

  /** `isLeft`: an earlier process has begun it. */
  function goOn(id: string, isLeft: boolean): void {
    if (going.has(id)) return
    const work = carryOut(id, isLeft).finally(() => going.delete(id))
    going.set(id, work)
    house.track({ kind: 'bulk', id }, work)
  }

  /** Does one portion after the other. The record of each makes the next one. */
  async function carryOut(id: string, isLeft: boolean): Promise<void> {
    let hasLeftForks = isLeft
    for (let wait: number = PAUSE_MS.first; !ending.signal.aborted; ) {
      try {
        const state = await read(id)
        if (!state || state.endedAt !== undefined) return
        if (hasLeftForks) await resumeForks(work(), id, state, ending.signal)
        hasLeftForks = false
        await carryOutNext(work(), id, state, { isLeft, signal: ending.signal })
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

  /** The work that an earlier process left begins after this: a run that is to be cancelled makes nothing more. */
  async function untilCancelled(pending: readonly { readonly key: string }[]): Promise<void> {
    const states = await Promise.all(pending.map(({ key }) => read(key)))
    const left = pending.filter((_, n) => states[n]?.action.type === 'cancel').map(({ key }) => going.get(key))
    const enough = new AbortController()
    const late = pause(clock, HELD_MS, AbortSignal.any([ending.signal, enough.signal]))
    await Promise.race([Promise.all(left), late])
    enough.abort()
  }

  async function get(id: string, { owner, isAdmin }: BulkCaller = USER): Promise<Bulk> {
    const state = await read(id)
    if (!state || (!isAdmin && state.owner !== owner)) throw noBulk(id)
    const failures = state.failures.map(({ run, code, message }) => ({ run, code, message }))
    return { ...summaryOf(id, state, waits.get(id)), failures }
  }

  async function runsOf(request: BulkRequest, { owner, isAdmin }: BulkCaller): Promise<PickedRuns> {
    await checkOwner(owner)
    return pickRuns({ view, runs: house.work().runs, now: () => clock.now() }, request, isAdmin ? undefined : owner)
  }

  async function begin(id: string, request: BulkRequest, by: BulkCaller): Promise<void> {
    const action = actionOf(request)
    if (await read(id)) return
    const content = contentOf(request)
    const { runs, picked } = await runsOf(request, by)
    // an admin alone reaches another owner, so nobody else writes into its audit
    const of = by.isAdmin ? request.where?.owner : undefined
    const begin = { action, of, picked, content, caller: callerWith(request, house.shown) }
    await recordBegin((message) => engine.ask(bulkRef(id), message as Json, { correlationId: id }), by, runs, begin)
    goOn(id, false)
  }

  return {
    get,
    list: (query = {}) => listBulks(view, query, async (id) => [await read(id), waits.get(id)]),
    async start({ id = `bulk_${randomUUID()}`, dryRun = false, ...request }, caller = USER) {
      if (dryRun) return dryRunOf(actionOf(request), await runsOf(request, caller))
      const begun = beginning.get(id) ?? begin(id, request, caller).finally(() => beginning.delete(id))
      beginning.set(id, begun)
      // a process that ends with its last work picks the runs first, also when the caller has left
      house.track({ kind: 'bulk', id }, begun)
      await begun
      checkSame(id, request, caller, await read(id))
      return get(id, caller)
    },
    async resume() {
      const pending = await view.list(BULK_KIND, { where: { status: 'pending' } })
      for (const { key } of pending) goOn(key, true)
      await untilCancelled(pending)
      // nothing has begun, and nobody sees it
      const left = await view.list(BULK_KIND, { where: { status: 'picked' } })
      for (const { key } of left) if (!beginning.has(key)) await engine.tell(bulkRef(key), null, { type: 'stop' })
    },
    forgetOwner: (owner, options) => forgetRunsOf(house, owner, options),
    async close() {
      ending.abort()
      await Promise.all(going.values())
    },
  }
}

/** Removes what operations of others say of the runs of an owner, or counts it. Its own are removed whole. */
async function forgetRunsOf({ engine }: House, owner: string, { dryRun }: { readonly dryRun: boolean }) {
  let count = 0
  for (const { key, index } of await engine.view.list(BULK_KIND)) {
    const state = (await engine.view.peek(bulkRef(key))) as BulkState | undefined
    const failures = index.owner === owner ? [] : (state?.failures ?? [])
    const own = failures.filter((one) => one.owner === owner).length
    if (own > 0 && !dryRun) await engine.ask(bulkRef(key), { type: 'forget', owner })
    count += own
  }
  return count
}

/** Records the runs by portions, and then that the operation begins. */
async function recordBegin(
  ask: (message: object) => Promise<unknown>,
  { owner, isAdmin, trusted }: BulkCaller,
  runs: readonly string[],
  about: { readonly action: BulkAction; readonly [field: string]: unknown },
): Promise<void> {
  const pick = randomUUID()
  for (const [portion, some] of [...portionsOf(runs, BULK_PORTION)].entries())
    await ask({ type: 'pick', pick, owner, portion, runs: some })
  const reach = isAdmin ? 'all' : 'own'
  await ask({ type: 'begin', pick, owner, reach, trusted, total: runs.length, ...present(about) })
}

/** The caller with its words, for the audit. */
function callerWith(request: BulkRequest, shown: (text: string) => string) {
  const by = callerOf()
  if (!by) return undefined
  const { reason } = request
  const title = actText(wordsOf(request), shown)
  return { by, title, ...(reason !== undefined && { reason: actText(reason, shown) }) }
}

/** Lists operations, the newest first. `read`: an operation, and why it waits. */
async function listBulks(
  view: EngineView,
  { owner, after, limit = 100 }: ListQuery,
  read: (id: string) => Promise<readonly [BulkState | undefined, waits: string | undefined]>,
): Promise<readonly BulkSummary[]> {
  const where = owner === undefined ? {} : { owner }
  const found = await view.list(BULK_KIND, { where, sort: 'at', descending: true, limit, ...placeIn(after) })
  const summaries = found.map(async ({ key }) => {
    const [state, waits] = await read(key)
    return state && summaryOf(key, state, waits)
  })
  // one may have been removed since the listing, or have no runs yet
  return (await Promise.all(summaries)).filter((one) => one !== undefined)
}

const noBulk = (id: string) =>
  new NotFoundError(`There is no operation ${id} on runs.`, {
    hint: 'It begins when its runs are picked. To list all that have begun: antiphon bulk list',
  })

/** @throws `id_taken` unless it is the operation that this caller asks for */
function checkSame(id: string, request: BulkRequest, caller: BulkCaller, state: BulkState | undefined): void {
  if (state?.owner !== caller.owner || state.content !== contentOf(request))
    throw idTakenError(`The id ${id} belongs to another operation.`)
}

/** A digest of the action, and of the runs as the caller names them. Its reason does not count. */
const contentOf = ({ action, undo = false, at, runs, where }: BulkRequest) =>
  digestOf({ action, undo, at, runs, where })

function actionOf({ action: type, reason = 'cancelled with many others', undo = false, at }: BulkRequest): BulkAction {
  if (type !== 'cancel') return type === 'fork' ? { type, ...(at !== undefined && { at }) } : { type }
  return { type, reason, undo }
}

const dryRunOf = ({ type: action }: BulkAction, { runs, picked }: PickedRuns): Bulk => ({
  action,
  status: 'dry-run',
  total: runs.length,
  ...present({ picked }),
  done: 0,
  skipped: 0,
  failed: 0,
  failures: [],
  runs: runs.slice(0, SHOWN),
})

function summaryOf(id: string, state: BulkState, waits: string | undefined): BulkSummary {
  const { action, owner, at, endedAt, total, picked, done, skipped, failed } = state
  const status = endedAt === undefined ? 'pending' : 'done'
  const counts = { total, done, skipped, failed }
  return { id, owner, action: action.type, status, ...counts, at, ...present({ picked, endedAt, waits }) }
}

/** Operations as a caller uses them: an admin reaches the runs of all owners, and others their own. */
export function viewBulks(port: BulksPort, { caller, isAdmin, seen }: Viewer): BulksView {
  const by: BulkCaller = { owner: caller.owner, isAdmin, trusted: caller.local }
  const order = { cursor: cursorOfBulk, descending: true }
  return {
    start: (request) => port.start(request, by),
    list: (query = {}) => listSeen(seen, query, port.list, order),
    get: (bulk) => port.get(bulk, by),
  }
}
