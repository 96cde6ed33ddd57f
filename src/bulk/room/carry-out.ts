import type { EngineView } from '../../engine/engine.ts'
import { is, NotFoundError, problemOf } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import { portionsOf } from '../../lib/collections/portions.ts'
import { ownerOf } from '../../lib/owner.ts'
import type { RunsPort } from '../../run/room/port.ts'
import { isFinished, type RunHead } from '../../run/run.ts'
import { BULK_PORTION, type BulkFailure, type BulkState } from '../actor.ts'

/** Runs that are worked on at once. */
const AT_ONCE = 16

/** The ports that an operation on many runs uses. `untilTaken` waits until a run has taken its cancellation. */
type BulkWork = {
  readonly view: EngineView
  readonly runs: Pick<RunsPort, 'cancel' | 'resume' | 'fork'>
  untilTaken(run: string): Promise<unknown>
}

/** The outcome of a portion. */
type PortionEnd = { readonly done: number; readonly skipped: number; readonly failures: readonly BulkFailure[] }

/** A run of an operation; `id` is the same after a kill, so that it is forked once. `waited`: it waited for its turn. */
type BulkItem = { readonly run: string; readonly id: string; readonly waited: boolean }

/** Does the action to the runs of a portion. All of it may be repeated. Throws what may pass, such as a full disk. */
export async function carryOutPortion(
  work: BulkWork,
  state: BulkState,
  items: readonly BulkItem[],
  signal: AbortSignal,
): Promise<PortionEnd> {
  const end = { done: 0, skipped: 0, failures: [] as BulkFailure[] }
  // those that waited end before the slot of another one gets free
  const { true: first = [], false: others = [] } = Object.groupBy(items, ({ waited }) => `${waited}` as const)
  for (const some of [...portionsOf(first, AT_ONCE), ...portionsOf(others, AT_ONCE)]) {
    signal.throwIfAborted()
    const outcomes = await Promise.all(some.map((item) => carryOutRun(work, state, item)))
    for (const outcome of outcomes) {
      if (typeof outcome === 'object') end.failures.push(outcome)
      else end[outcome]++
    }
  }
  return end
}

/** The id of a fork, by the place of its run in the operation. */
export const forkOf = (id: string, place: number): string => `${id}-${place + 1}`

/** Resumes the forks of portions that are done: the process that began them has ended. */
export async function resumeForks(
  { view, runs }: Pick<BulkWork, 'view' | 'runs'>,
  id: string,
  { action, next }: BulkState,
  signal: AbortSignal,
): Promise<void> {
  if (action.type !== 'fork') return
  const resume = async (fork: string) => {
    const head = (await view.peek(runRef(fork))) as RunHead | undefined
    if (head && isFinished(head)) return
    try {
      await runs.resume(fork)
    } catch (error) {
      // its run could not be forked, or the fork was removed
      if (!is(error, 'NotFoundError')) throw error
    }
  }
  const forks = Array.from({ length: next * BULK_PORTION }, (_, place) => forkOf(id, place))
  for (const some of portionsOf(forks, AT_ONCE)) {
    signal.throwIfAborted()
    await Promise.all(some.map(resume))
  }
}

async function carryOutRun(
  { view, runs, untilTaken }: BulkWork,
  { action, owner, reach, trusted }: BulkState,
  { run, id }: BulkItem,
): Promise<'done' | 'skipped' | BulkFailure> {
  let of: { readonly owner?: string } = {}
  try {
    const head = (await view.peek(runRef(run))) as RunHead | undefined
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
