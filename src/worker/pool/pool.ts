import { BusyError, CancelledError, problemOf, TerminalError } from '../../errors.ts'
import { missingFromAll, refuseNeed, unknownNeed } from '../capabilities.ts'
import { type PoolClock, poolClock } from '../clock.ts'
import { NO_ABLE_WORKER, WORKERS_UNHEALTHY, type Worker } from '../worker.ts'
import { createExecutor, type TaskAttempt } from './executor.ts'
import { createPoolCounts } from './metrics.ts'
import { createPoolQueue, type Lane } from './queue.ts'
import { createShareUsage, type ShareLimit } from './share-limits.ts'
import { chooseSlot, restingTime, type Slot, statsOf, type WorkerStats } from './slot.ts'
import type { Task } from './task.ts'
import { createWaitList } from './wait-list.ts'
import { checkSize, createWorkerSet } from './workers.ts'

/** Counts of one pool; `workers` is how many tasks it does at once, `done` and `failed` are since it was made. */
export type PoolStats = {
  readonly id: string
  readonly workers: number
  readonly running: number
  readonly queued: number
  readonly done: number
  readonly failed: number
}

/** All that is known of a pool. Times in ms, of late. */
export type PoolReport = PoolStats & {
  /** how much of it is at work, 0..1 */
  readonly utilisation: number
  /** how long the task has waited that waits longest; 0 when none does */
  readonly oldest: number
  readonly wait: { readonly p50: number; readonly p95: number }
  readonly run: { readonly p50: number; readonly p95: number }
  /** begun once more because a worker died */
  readonly retried: number
  /** ended after their time was over */
  readonly late: number
  /** done in place of a task that failed elsewhere */
  readonly fallbacks: number
  readonly each: readonly WorkerStats[]
}

/** A queue with workers behind it. */
export interface Pool {
  readonly id: string
  /**
   * What the task comes to. At once a TerminalError `no_available_worker` when no worker could ever do it, a BusyError `queue_full` when too
   * many wait, an InvalidError for a need of an unknown name, a BusyError when the pool closes; a CancelledError when called off while waiting, a TimeoutError when its time is over.
   */
  submit<T>(task: Task<T>): Promise<T>
  stats(): PoolStats
  report(): PoolReport
  /** The place in the queue of the task with that key, if no more come: 1 begins next; undefined when it does not wait. */
  placeOf(key: string): number | undefined
  /** The workers with nothing to do: nothing is under way there, and nothing waits that they could do. Who came first is first. */
  idle(): readonly string[]
  addWorker(worker: Worker): void
  /**
   * Gives it nothing more; resolves when it has done what it has and is gone, and rejects with what its `retire` rejects with. What only it
   * could do is refused.
   */
  removeWorker(id: string): Promise<void>
  /**
   * So many workers where the pool makes them (idle ones go first, busy ones when they are done); else so many slots for its only worker, or
   * for that one.
   */
  resize(size: number, worker?: string): void
  /**
   * Takes nothing more; resolves when all that was taken has ended and the workers are gone. After `deadline` ms whoever waits is refused with
   * a BusyError, threads and processes are ended, and what runs in this thread is no longer waited for. Rejects when a worker could not be
   * ended, once all others are gone. May be called twice.
   */
  close(options?: { readonly deadline?: number }): Promise<void>
}

/** What a pool is made of. */
export type PoolOptions = {
  readonly id: string
  /** those there are at first; a number: so many slots in this thread, or so many workers where they can be made */
  readonly workers: number | readonly Worker[]
  /** how many may wait */
  readonly queue: number
  /** Makes another worker of that id. */
  readonly make?: (id: string) => Worker
  /** Told of a worker that went because the pool became smaller, and whose `retire` failed; absent: the process is warned. */
  notEnded?(worker: string, error: unknown): void
  /** ms of waiting by which a task rises to the priority before its own; absent: 30 s */
  readonly ageing?: number
  /** what each share may have at most */
  readonly shareLimit?: ShareLimit
  readonly clock?: PoolClock
}

/** ms after which a task that does not wait may try again. */
const RETRY_AFTER_MS = 100
const AGEING_MS = 30_000

const warn = (worker: string, error: unknown) =>
  process.emitWarning(`worker ${worker} could not be ended: ${problemOf(error).message}`, 'PoolWarning')

/** A pool that is bounded in what runs and in what waits. */
export function createPool(options: PoolOptions): Pool {
  const { id, queue: most, clock = poolClock, ageing = AGEING_MS, shareLimit } = options
  checkSize(`queue of pool ${id}`, most, 0)
  checkSize(`ageing of pool ${id}`, ageing, 1)
  const counts = createPoolCounts()
  const shares = shareLimit && createShareUsage(shareLimit, clock)
  const freed = () => room.pump(clock.elapsed())
  const staff = createWorkerSet({ notEnded: warn, ...options, pool: id, changed: reconsider, freed })
  const queue = createPoolQueue({ ageing, postsFor: staff.able })
  const perform = createExecutor({ pool: id, clock, counts, begun, ended, opened, again })
  const room = createWaitList({ pool: id, clock, counts, queue, shares, posts: staff.posts, perform, emptied: rest })
  let closed: PromiseWithResolvers<void> | undefined
  let arrivals = 0
  let stopWaiting = () => {}

  function submit<T>(task: Task<T>): Promise<T> {
    const { signal, needs, deadline } = task
    if (signal.aborted)
      return Promise.reject(new CancelledError(`called off before pool ${id}`, { cause: signal.reason }))
    if (closed) return Promise.reject(new BusyError(`pool ${id} is closing`))
    const unknown = needs && unknownNeed(needs)
    if (unknown !== undefined) return refuseNeed(id, unknown)
    const lane = needs === undefined ? queue.plain : queue.laneFor(needs)
    const post = isNext(task, lane) ? chooseSlot(lane.posts, clock) : undefined
    const refusal = post ? undefined : refusalOf(task, lane)
    if (refusal) return Promise.reject(refusal)
    if (task.fallback) counts.fallbacks++
    const since = clock.elapsed()
    const until = deadline === undefined ? undefined : since + deadline
    const one = { task, attempt: 1, since, order: ++arrivals, until }
    if (!post) return room.wait(one, lane)
    counts.wait.record(0)
    return perform(one, post, since)
  }

  /** Whether nobody is before it. */
  function isNext({ share }: Task<unknown>, lane: Lane): boolean {
    return queue.isIdle(lane) && (shares === undefined || share === undefined || shares.delayOf(share) === 0)
  }

  function refusalOf(task: Task<unknown>, lane: Lane): Error | undefined {
    const hopeless = hopelessOf(task, lane)
    if (hopeless) return hopeless
    if (task.waits === false)
      return new BusyError(`all ${staff.slots()} places of pool ${id} are taken`, { delay: RETRY_AFTER_MS })
    if (queue.size < most) return undefined
    return new BusyError(`pool ${id} is full: ${counts.running} running, ${queue.size} waiting`, { code: 'queue_full' })
  }

  /** Why it is not to wait for those who could do it. */
  function hopelessOf({ hurries }: Task<unknown>, { needs, posts }: Lane): Error | undefined {
    if (posts.length === 0) return nobodyFor(needs)
    const rest = hurries ? restingTime(posts, clock.elapsed()) : 0
    return rest > 0 ? unwell(rest) : undefined
  }

  function nobodyFor(needs: object): TerminalError {
    const missing = missingFromAll(
      staff.posts.map(({ worker }) => worker),
      needs,
    )
    return new TerminalError(`no worker of pool ${id} could ever do this: ${missing}`, { code: NO_ABLE_WORKER })
  }

  function unwell(delay: number): BusyError {
    return new BusyError(`whoever could do this in pool ${id} has failed too often`, {
      code: WORKERS_UNHEALTHY,
      delay,
    })
  }

  function again<T>(one: TaskAttempt<T>): Promise<T> | undefined {
    const { needs } = one.task
    const lane = needs === undefined ? queue.plain : queue.laneFor(needs)
    return hopelessOf(one.task, lane) ? undefined : room.wait(one, lane)
  }

  function begun({ share }: Task<unknown>): void {
    if (!shares || share === undefined) return
    shares.begin(share)
    room.settle(share)
  }

  function ended({ share }: Task<unknown>, post: Slot, now: number): void {
    if (shares && share !== undefined) shares.end(share)
    room.settle(share)
    if (post.running === 0) staff.idle(post)
    room.pump(now)
    rest()
  }

  /** Whoever waits in vain is told so. */
  function opened(): void {
    room.refuse(({ task, lane }) => hopelessOf(task, lane))
  }

  function reconsider(): void {
    queue.forgetEmpty()
    for (const lane of queue.lanes()) lane.posts = staff.able(lane.needs)
    opened()
    room.pump(clock.elapsed())
  }

  function rest(): void {
    if (closed && counts.running === 0 && queue.size === 0) finish()
  }

  function finish(): void {
    stopWaiting()
    closed!.resolve(staff.end())
  }

  function giveUp(): void {
    room.refuse(() => new BusyError(`pool ${id} was closed before the turn of this task`))
    finish()
  }

  function stats(): PoolStats {
    const { running, done, failed } = counts
    return { id, workers: staff.slots(), running, queued: queue.size, done, failed }
  }

  return {
    id,
    submit,
    stats,
    report() {
      const { retried, late, fallbacks, wait, run } = counts
      const now = clock.elapsed()
      const quantiles = ({ percentile }: typeof wait) => ({ p50: percentile(0.5), p95: percentile(0.95) })
      const each = staff.posts.map((post) => statsOf(post, now))
      const utilisation = counts.running / Math.max(1, staff.slots())
      const times = { oldest: now - (queue.since() ?? now), wait: quantiles(wait), run: quantiles(run) }
      return { ...stats(), utilisation, ...times, retried, late, fallbacks, each }
    },
    placeOf: queue.placeOf,
    idle() {
      const awaited = new Set([...queue.lanes()].flatMap((lane) => (lane.size > 0 ? lane.posts : [])))
      return staff.posts.filter((post) => post.running === 0 && !awaited.has(post)).map(({ worker }) => worker.id)
    },
    addWorker: staff.add,
    removeWorker: staff.remove,
    resize: staff.resize,
    close({ deadline } = {}) {
      closed ??= Promise.withResolvers()
      rest()
      if (deadline !== undefined && counts.running + queue.size > 0) {
        stopWaiting()
        stopWaiting = clock.after(deadline, giveUp)
      }
      return closed.promise
    },
  }
}
