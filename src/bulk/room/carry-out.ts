import type { Engine } from '../../engine/engine.ts'
import { is, NotFoundError, problemOf, unlessMissing } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { portionsOf } from '../../lib/collections/portions.ts'
import { ownerOf } from '../../lib/owner.ts'
import type { RunsPort } from '../../run/room/port.ts'
import { isFinished, peekRun } from '../../run/run.ts'
import { BULK_PORTION, type BulkFailure, type BulkState, bulkPart, bulkRef } from '../actor.ts'

/** Runs that are worked on at once. */
const AT_ONCE = 16

type BulkWork = { readonly engine: Engine; readonly runs: Pick<RunsPort, 'cancel' | 'resume' | 'fork'> }

/** How an operation goes on. `isLeft`: an earlier process began it. */
type GoOn = { readonly isLeft: boolean; readonly signal: AbortSignal }

/** A run of an operation; its fork has the same `id` after a kill, so it begins once. */
type BulkItem = { readonly run: string; readonly id: string }

/** Acts on the next portion of runs, and records it. May be repeated. Throws what may pass, such as a full disk. */
export async function carryOutNext(work: BulkWork, id: string, state: BulkState, { isLeft, signal }: GoOn) {
  const { engine } = work
  const { next: portion, picked } = state
  const readParts: Parameters<typeof readSinglePart>[0] = (ref, page) => engine.view.parts(ref, page)
  const runs = (await readSinglePart(readParts, bulkRef(id), bulkPart(portion))) as readonly string[]
  const items = runs.map((run, n) => ({ run, id: forkOf(id, portion * BULK_PORTION + n) }))
  const { timed = 0, queued = 0 } = picked ?? {}
  const waited = Math.max(0, timed + queued - portion * BULK_PORTION)
  // the process that was killed may have left the cancellation of a run before its first step
  const look = (run: string) => engine.ask(runRef(run), { type: 'look' }, { correlationId: id })
  const untilTaken = async (run: string) => isLeft && look(run).catch(() => {})
  const end = { done: 0, skipped: 0, failures: [] as BulkFailure[] }
  // those that waited end before the slot of another one gets free
  for (const some of [items.slice(0, waited), items.slice(waited)].flatMap((ones) => [...portionsOf(ones, AT_ONCE)])) {
    signal.throwIfAborted()
    const outcomes = await Promise.all(some.map((item) => carryOutRun(work, state, item, untilTaken)))
    for (const outcome of outcomes) {
      if (typeof outcome === 'object') end.failures.push(outcome)
      else end[outcome]++
    }
  }
  await engine.ask(bulkRef(id), { type: 'record', portion, ...end } as Json, { correlationId: id })
}

/** The id of a fork, by the place of its run in the operation. */
const forkOf = (id: string, place: number): string => `${id}-${place + 1}`

/** Resumes the forks of portions that are done: the process that began them has ended. */
export async function resumeForks(
  { engine: { view }, runs }: BulkWork,
  id: string,
  { action, next }: BulkState,
  signal: AbortSignal,
): Promise<void> {
  if (action.type !== 'fork') return
  const resume = async (fork: string) => {
    const head = await peekRun(view, fork)
    if (head && isFinished(head)) return
    // missing: its run could not be forked, or the fork was removed
    await runs.resume(fork).catch(unlessMissing)
  }
  const forks = Array.from({ length: next * BULK_PORTION }, (_, place) => forkOf(id, place))
  for (const some of portionsOf(forks, AT_ONCE)) {
    signal.throwIfAborted()
    await Promise.all(some.map(resume))
  }
}

async function carryOutRun(
  { engine: { view }, runs }: BulkWork,
  { action, owner, reach, trusted }: BulkState,
  { run, id }: BulkItem,
  untilTaken: (run: string) => Promise<unknown>,
): Promise<'done' | 'skipped' | BulkFailure> {
  let of: { readonly owner?: string } = {}
  try {
    const head = await peekRun(view, run)
    if (head) of = { owner: ownerOf(head) }
    if (!head || (reach === 'own' && ownerOf(head) !== owner)) throw new NotFoundError(`There is no run ${run}.`)
    if (action.type === 'fork') {
      const { at } = action
      await runs.fork(run, { id, owner: ownerOf(head), trusted, ...(at !== undefined && { at }) })
      return 'done'
    }
    if (isFinished(head)) return 'skipped'
    if (action.type === 'resume') await runs.resume(run)
    else await runs.cancel(run, action.reason, { undo: action.undo }).then(() => untilTaken(run))
    return 'done'
  } catch (error) {
    if (!is(error) || !error.terminal) throw error
    const { code, message } = problemOf(error)
    return { run, ...of, code, message }
  }
}
