import { CancelledError, TimeoutError } from '../../errors.ts'
import { createCompactingMap } from '../../lib/collections/compacting-map.ts'
import { levelOf } from '../../lib/priority.ts'
import type { PoolClock } from '../clock.ts'
import type { TaskAttempt } from './executor.ts'
import type { PoolCounts } from './metrics.ts'
import type { Lane, PoolQueue, QueueEntry } from './queue.ts'
import type { ShareUsage } from './share-limits.ts'
import { chooseSlot, type Slot, timeToNextTry } from './slot.ts'

type WaitListOptions = {
  readonly pool: string
  readonly clock: PoolClock
  readonly counts: PoolCounts
  readonly queue: PoolQueue
  /** absent: shares have no limits */
  readonly shares: ShareUsage | undefined
  readonly posts: readonly Slot[]
  perform<T>(one: TaskAttempt<T>, post: Slot, now: number): Promise<T>
  /** No task waits any more. */
  emptied(): void
}

/** Makes tasks wait until a worker is free for them. */
interface WaitList {
  /** Queues an attempt and resolves with its result. */
  wait<T>(one: TaskAttempt<T>, lane: Lane): Promise<T>
  /** Starts all tasks that can start. */
  pump(now: number): void
  /** A share has started a task, or one of its tasks has ended. */
  settle(share: string | undefined): void
  /** Rejects the waiting tasks for which `errorFor` returns an error. */
  refuse(errorFor: (entry: QueueEntry) => Error | undefined): void
}

/** The share of tasks without an owner. */
const NO_SHARE = ''

export function createWaitList(options: WaitListOptions): WaitList {
  const { pool, clock, counts, queue, shares, posts, perform, emptied } = options
  const callings = createAbortListeners<QueueEntry>((entry) =>
    drop(entry, new CancelledError(`Cancelled while waiting for pool ${pool}.`, { cause: entry.task.signal.reason })),
  )
  const openings = new Map<string, () => void>()
  let alarm: (() => void) | undefined

  function wait<T>(one: TaskAttempt<T>, lane: Lane): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const { task, until } = one
    const from = clock.elapsed()
    const entry = entryOf(one, lane, from, resolve, reject)
    if (until !== undefined) entry.stop = clock.after(until - from, () => expire(entry))
    queue.add(entry)
    callings.add(task.signal, entry)
    settle(task.share)
    if (!alarm) setAlarm(timeToNextTry(posts, from))
    return promise as Promise<T>
  }

  function expire(entry: QueueEntry): void {
    counts.failed++
    drop(entry, new TimeoutError(`The time of a task was over while it waited for pool ${pool}.`))
  }

  function drop(entry: QueueEntry, error: Error): void {
    queue.remove(entry)
    leave(entry)
    entry.reject(error)
    settle(entry.share)
    if (queue.size > 0) return
    setAlarm(Infinity)
    emptied()
  }

  function leave(entry: QueueEntry): void {
    callings.remove(entry.task.signal, entry)
    entry.stop?.()
  }

  function pump(now: number): void {
    if (queue.size === 0) return
    for (let next = queue.next(postFor); next; next = queue.next(postFor)) begin(next.entry, next.post, now)
    setAlarm(queue.size === 0 ? Infinity : timeToNextTry(posts, now))
    if (queue.size === 0) emptied()
  }

  const postFor = (lane: Lane) => chooseSlot(lane.posts, clock)

  function begin(entry: QueueEntry, post: Slot, now: number): void {
    leave(entry)
    counts.wait.record(now - entry.from)
    perform(entry.one, post, now).then(entry.resolve, entry.reject)
  }

  // only while a task waits, because a timer keeps the process alive
  function setAlarm(delay: number): void {
    alarm?.()
    alarm = delay === Infinity ? undefined : clock.after(delay, () => pump(clock.elapsed()))
  }

  function settle(share: string = NO_SHARE): void {
    if (!shares || share === NO_SHARE) return
    const delay = queue.holds(share) ? shares.delayOf(share) : 0
    openings.get(share)?.()
    openings.delete(share)
    if (delay === 0) queue.unpark(share)
    else queue.park(share)
    if (delay > 0 && delay < Infinity)
      openings.set(
        share,
        clock.after(delay, () => reopen(share)),
      )
  }

  function reopen(share: string): void {
    settle(share)
    pump(clock.elapsed())
  }

  function refuse(errorFor: (entry: QueueEntry) => Error | undefined): void {
    for (const entry of [...queue.entries()]) {
      const error = errorFor(entry)
      if (error) drop(entry, error)
    }
  }

  return { wait, pump, settle, refuse }
}

function entryOf(
  one: TaskAttempt<unknown>,
  lane: Lane,
  from: number,
  resolve: QueueEntry['resolve'],
  reject: QueueEntry['reject'],
): QueueEntry {
  const { task, since, order } = one
  return {
    task,
    one,
    lane,
    since,
    order,
    from,
    resolve,
    reject,
    level: levelOf(task.priority),
    share: task.share ?? NO_SHARE,
    link: undefined,
    stop: undefined,
  }
}

/** Waiting items by their abort signal: one listener for all items of a signal. */
interface AbortListeners<Item> {
  add(signal: AbortSignal, item: Item): void
  remove(signal: AbortSignal, item: Item): void
}

/** Calls `leave` for each item whose signal is aborted; `leave` removes it. */
function createAbortListeners<Item>(leave: (item: Item) => void): AbortListeners<Item> {
  const waiting = createCompactingMap<AbortSignal, Set<Item>>()

  function callOff({ target }: Event): void {
    for (const item of waiting.get(target as AbortSignal) ?? []) leave(item)
  }

  return {
    add(signal, item) {
      const items = waiting.get(signal)
      if (items) return void items.add(item)
      waiting.set(signal, new Set([item]))
      signal.addEventListener('abort', callOff)
    },
    remove(signal, item) {
      const items = waiting.get(signal)
      if (!items?.delete(item) || items.size > 0) return
      waiting.delete(signal)
      signal.removeEventListener('abort', callOff)
    },
  }
}
