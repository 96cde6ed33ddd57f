/**
 * A pool without models: tasks wait in a queue by priority and share, and run in a bounded number of slots. It
 * retries a task whose worker died and measures waits. Time comes from a clock that tests can replace.
 */

import { BusyError, CancelledError, problemOf } from '../../errors.ts'
import { refuseNeed, unknownNeed } from '../capabilities.ts'
import { type PoolClock, poolClock } from '../clock.ts'
import type { PoolReport, PoolStats } from '../report.ts'
import type { Worker } from '../worker.ts'
import { createExecutor, type OverdueWork, type TaskAttempt } from './executor.ts'
import { createPoolCounts } from './metrics.ts'
import { createPoolReports } from './pool-report.ts'
import { createPoolQueue, type Lane } from './queue.ts'
import { createRefusals } from './refusal.ts'
import { createShareUsage, type ShareLimit } from './share-limits.ts'
import { chooseSlot, type Slot } from './slot.ts'
import type { Task } from './task.ts'
import { createWaitList } from './wait-list.ts'
import { checkSize, createWorkerSet } from './workers.ts'

/** Work that did not end at its timeout: its name, its run or ask, and the ms since its caller got the error. */
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
  const freed = () => waitList.pump(clock.elapsed())
  /** Rejects tasks that can no longer run. */
  const opened = () => waitList.refuse(({ task, lane }) => refusals.ofHopeless(task, lane))
  const staff = createWorkerSet({ notEnded: warn, ...options, pool: id, changed: reconsider, freed })
  const queue = createPoolQueue({ ageing, postsFor: staff.able })
  const refusals = createRefusals({ pool: id, most, clock, counts, queue, staff })
  const overdue = new Set<OverdueWork>()
  const hooks = { late: rest, hasNoPlace, begun, ended, opened, again }
  const perform = createExecutor({ pool: id, clock, counts, overdue, ...hooks })
  const waitList = createWaitList({
    pool: id,
    clock,
    counts,
    queue,
    shares,
    posts: staff.posts,
    perform,
    emptied: rest,
  })
  let closed: PromiseWithResolvers<void> | undefined
  let arrivals = 0
  let stopWaiting = () => {}

  function submit<T>(task: Task<T>): Promise<T> {
    const { signal, needs, deadline } = task
    if (signal.aborted)
      return Promise.reject(new CancelledError(`Cancelled before pool ${id}.`, { cause: signal.reason }))
    if (closed) return Promise.reject(new BusyError(`Pool ${id} is closing.`))
    const unknown = needs && unknownNeed(needs)
    if (unknown !== undefined) return refuseNeed(id, unknown)
    const lane = needs === undefined ? queue.plain : queue.laneFor(needs)
    const post = isNext(task, lane) ? chooseSlot(lane.posts, clock) : undefined
    const refusal = post ? undefined : refusals.ofTask(task, lane)
    if (refusal) return Promise.reject(refusal)
    if (task.fallback) counts.fallbacks++
    const since = clock.elapsed()
    const until = deadline === undefined ? undefined : since + deadline
    const one = { task, attempt: 1, since, order: ++arrivals, until }
    if (!post) return waitList.wait(one, lane)
    counts.wait.record(0)
    return perform(one, post, since)
  }

  /** Whether no task waits before it. */
  function isNext({ share }: Task<unknown>, lane: Lane): boolean {
    return queue.isIdle(lane) && (shares === undefined || share === undefined || shares.delayOf(share) === 0)
  }

  function again<T>(one: TaskAttempt<T>): Promise<T> | undefined {
    const { needs } = one.task
    const lane = needs === undefined ? queue.plain : queue.laneFor(needs)
    return refusals.ofHopeless(one.task, lane) ? undefined : waitList.wait(one, lane)
  }

  function begun({ share }: Task<unknown>): void {
    if (!shares || share === undefined) return
    shares.begin(share)
    waitList.settle(share)
  }

  function ended({ share }: Task<unknown>, post: Slot, now: number): void {
    if (shares && share !== undefined) shares.end(share)
    waitList.settle(share)
    if (post.running === 0) staff.idle(post)
    waitList.pump(now)
    rest()
  }

  function reconsider(): void {
    queue.forgetEmpty()
    for (const lane of queue.lanes()) lane.posts = staff.able(lane.needs)
    opened()
    waitList.pump(clock.elapsed())
  }

  function hasNoPlace({ worker: { resources } }: Slot): boolean {
    if (!resources) return overdue.size >= staff.slots()
    return resources.some(({ id, places }) => {
      const holds = ({ post }: OverdueWork) => post.worker.resources?.some((other) => other.id === id)
      return places !== undefined && [...overdue].filter(holds).length >= places
    })
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
    waitList.refuse(() => new BusyError(`Pool ${id} was closed before this task started.`))
    finish()
  }

  return {
    id,
    submit,
    ...createPoolReports({ id, clock, counts, queue, staff, overdue }),
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
