/**
 * A pool without models: tasks wait in a queue by priority and share, and run in a bounded number of slots. It
 * retries a task whose worker died and measures waits. Time comes from a clock that tests can replace.
 */

import { BusyError, CancelledError, problemOf, TerminalError } from '../../errors.ts'
import { missingFromAll, refuseNeed, unknownNeed } from '../capabilities.ts'
import { type PoolClock, poolClock } from '../clock.ts'
import type { PoolReport, PoolStats } from '../report.ts'
import { NO_ABLE_WORKER, WORKERS_UNHEALTHY, type Worker } from '../worker.ts'
import { createExecutor, type OverdueWork, type TaskAttempt } from './executor.ts'
import { createPoolCounts } from './metrics.ts'
import { createPoolQueue, type Lane } from './queue.ts'
import { createShareUsage, type ShareLimit } from './share-limits.ts'
import { chooseSlot, lackOf, restingTime, type Slot, statsOf } from './slot.ts'
import type { Task } from './task.ts'
import { createWaitList } from './wait-list.ts'
import { checkSize, createWorkerSet } from './workers.ts'

/**
 * Work that did not end at its timeout: what it is, the run or ask
 * that it belongs to, and the ms since its caller got the error.
 */
type OverdueTask = Pick<OverdueWork, 'what' | 'of'> & { readonly ms: number }

/** A queue with workers behind it. */
export interface Pool {
  readonly id: string
  /**
   * Resolves with the result of the task.
   * @throws at once: TerminalError `no_available_worker` if no worker can ever do it, BusyError
   * `queue_full`, InvalidError for an unknown requirement, BusyError if the pool closes; while
   * waiting: CancelledError, TimeoutError
   */
  submit<T>(task: Task<T>): Promise<T>
  stats(): PoolStats
  report(): PoolReport
  /** The position of the task with that key in the queue; 1 starts next. Undefined if it does not wait. */
  placeOf(key: string): number | undefined
  /**
   * The limit that the task with that key waits for, such as `api: 60 per minute, next in 12 s`. Undefined: it waits
   * for a worker only, or not at all.
   */
  lackOf(key: string): string | undefined
  /** The work that did not end at its timeout and still holds places: what, and for how many ms. */
  overdue(): readonly OverdueTask[]
  /** Idle workers that no waiting task needs, longest idle first. */
  idle(): readonly string[]
  addWorker(worker: Worker): void
  /**
   * Stops giving it tasks. Resolves when it is idle and retired; rejects like its `retire`. Tasks
   * that only this worker could do are rejected.
   */
  removeWorker(id: string): Promise<void>
  /**
   * Sets the number of workers if the pool creates them (idle ones go first, busy ones when done);
   * else the slots of its only or the named worker.
   */
  resize(size: number, worker?: string): void
  /**
   * Accepts no more tasks; resolves when all have ended and the workers are retired. After
   * `deadline` ms, waiting tasks are rejected with a BusyError, threads and processes are killed,
   * and inline work is no longer awaited. Rejects if a worker could not be retired, after all
   * others are gone. Idempotent.
   */
  close(options?: { readonly deadline?: number }): Promise<void>
}

/** Options of a pool. */
export type PoolOptions = {
  readonly id: string
  /** initial workers; a number: slots in this thread, or workers if the pool can create them */
  readonly workers: number | readonly Worker[]
  /** the maximum number of waiting tasks */
  readonly queue: number
  /** Creates another worker with that id. */
  readonly make?: (id: string) => Worker
  /** Receives the error if a worker could not be retired after the pool shrank; absent: a process warning. */
  notEnded?(worker: string, error: unknown): void
  /** ms of waiting after which a task rises by one priority; absent: 30 s */
  readonly ageing?: number
  /** limits per share */
  readonly shareLimit?: ShareLimit
  readonly clock?: PoolClock
}

/** ms after which a task that must not wait may try again. */
const RETRY_AFTER_MS = 100
const AGEING_MS = 30_000

const warn = (worker: string, error: unknown) =>
  process.emitWarning(`worker ${worker} could not be ended: ${problemOf(error).message}`, 'PoolWarning')

/** A pool with bounded concurrency and a bounded queue. */
export function createPool(options: PoolOptions): Pool {
  const { id, queue: most, clock = poolClock, ageing = AGEING_MS, shareLimit } = options
  checkSize(`queue of pool ${id}`, most, 0)
  checkSize(`ageing of pool ${id}`, ageing, 1)
  const counts = createPoolCounts()
  const shares = shareLimit && createShareUsage(shareLimit, clock)
  const freed = () => room.pump(clock.elapsed())
  const staff = createWorkerSet({ notEnded: warn, ...options, pool: id, changed: reconsider, freed })
  const queue = createPoolQueue({ ageing, postsFor: staff.able })
  const overdue = new Set<OverdueWork>()
  const perform = createExecutor({ pool: id, clock, counts, overdue, late: rest, begun, ended, opened, again })
  const room = createWaitList({ pool: id, clock, counts, queue, shares, posts: staff.posts, perform, emptied: rest })
  let closed: PromiseWithResolvers<void> | undefined
  let arrivals = 0
  let stopWaiting = () => {}

  function submit<T>(task: Task<T>): Promise<T> {
    const { signal, needs, deadline } = task
    if (signal.aborted)
      return Promise.reject(new CancelledError(`cancelled before pool ${id}`, { cause: signal.reason }))
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

  /** Whether no task waits before it. */
  function isNext({ share }: Task<unknown>, lane: Lane): boolean {
    return queue.isIdle(lane) && (shares === undefined || share === undefined || shares.delayOf(share) === 0)
  }

  function refusalOf(task: Task<unknown>, lane: Lane): Error | undefined {
    const hopeless = hopelessOf(task, lane)
    if (hopeless) return hopeless
    if (task.waits === false) return turnedAway(lane)
    if (queue.size < most) return undefined
    return new BusyError(`pool ${id} is full: ${counts.running} running, ${queue.size} waiting`, { code: 'queue_full' })
  }

  function turnedAway({ posts }: Lane): BusyError {
    const { why, delay = RETRY_AFTER_MS } = lackOf(posts) ?? {}
    const message =
      why === undefined ? `all ${staff.slots()} places of pool ${id} are taken` : `waits for resource ${why}`
    return new BusyError(message, { delay })
  }

  /** The error for a task that must not wait, when its workers are not healthy. */
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
    return new TerminalError(`no worker of pool ${id} can do this: ${missing}`, { code: NO_ABLE_WORKER })
  }

  function unwell(delay: number): BusyError {
    return new BusyError(`all workers of pool ${id} that can do this have failed too often`, {
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

  /** Rejects tasks that can no longer run. */
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
    // work that ignores its timeout is left to itself
    if (closed && counts.running === overdue.size && queue.size === 0) finish()
  }

  function finish(): void {
    stopWaiting()
    closed!.resolve(staff.end())
  }

  function giveUp(): void {
    room.refuse(() => new BusyError(`pool ${id} was closed before this task started`))
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
    lackOf(key) {
      const lane = queue.laneOf(key)
      return lane && lackOf(lane.posts)?.why
    },
    overdue() {
      const now = clock.elapsed()
      return [...overdue].map(({ since, ...work }) => ({ ...work, ms: now - since }))
    },
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
