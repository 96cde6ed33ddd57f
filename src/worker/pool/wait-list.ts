import { CancelledError, TimeoutError } from '../../errors.ts'
import { createPassing } from '../../lib/compacting-map.ts'
import type { PoolClock } from '../clock.ts'
import type { Attempt } from './executor.ts'
import type { Counts } from './metrics.ts'
import type { Entry, Lane, Queue } from './queue.ts'
import type { Shares } from './share-limits.ts'
import { choosePost, nextTryOf, type Post } from './slot.ts'
import { PRIORITIES } from './task.ts'

export type WaitingOptions = {
  readonly pool: string
  readonly clock: PoolClock
  readonly counts: Counts
  readonly queue: Queue
  /** absent: shares have no limits */
  readonly shares: Shares | undefined
  readonly posts: readonly Post[]
  perform<T>(one: Attempt<T>, post: Post, now: number): Promise<T>
  /** Nothing waits any more. */
  emptied(): void
}

/** Lets tasks wait until there is a post for them. */
export interface WaitingRoom {
  /** What an attempt comes to that has to wait. */
  wait<T>(one: Attempt<T>, lane: Lane): Promise<T>
  /** Begins whatever can begin. */
  pump(now: number): void
  /** A share has begun a task, or one of its tasks has ended. */
  settle(share: string | undefined): void
  /** Ends those that wait and for which there is an error, without a beginning. */
  refuse(errorFor: (entry: Entry) => Error | undefined): void
}

/** The share of tasks that belong to nobody. */
const NOBODY = ''
const NORMAL = PRIORITIES.indexOf('normal')

export function createWaitingRoom(options: WaitingOptions): WaitingRoom {
  const { pool, clock, counts, queue, shares, posts, perform, emptied } = options
  const callings = createCallings<Entry>((entry) => drop(entry, calledOff(pool, entry.task.signal)))
  const openings = new Map<string, () => void>()
  let alarm: (() => void) | undefined

  function wait<T>(one: Attempt<T>, lane: Lane): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const { task, until, since, order } = one
    const from = clock.elapsed()
    const entry: Entry = {
      ...{ task, one, lane, since, order, from, resolve, reject },
      level: task.priority === undefined ? NORMAL : PRIORITIES.indexOf(task.priority),
      share: task.share ?? NOBODY,
      link: undefined,
      stop: undefined,
    }
    if (until !== undefined) entry.stop = clock.after(until - from, () => expire(entry))
    queue.add(entry)
    callings.add(task.signal, entry)
    settle(task.share)
    if (!alarm) setAlarm(nextTryOf(posts, from))
    return promise as Promise<T>
  }

  function expire(entry: Entry): void {
    counts.failed++
    drop(entry, new TimeoutError(`the time of a task was over while it waited for pool ${pool}`))
  }

  function drop(entry: Entry, error: Error): void {
    queue.remove(entry)
    leave(entry)
    entry.reject(error)
    settle(entry.share)
    if (queue.size > 0) return
    setAlarm(Infinity)
    emptied()
  }

  function leave(entry: Entry): void {
    callings.remove(entry.task.signal, entry)
    entry.stop?.()
  }

  function pump(now: number): void {
    if (queue.size === 0) return
    for (let next = queue.next(postFor); next; next = queue.next(postFor)) begin(next.entry, next.post, now)
    setAlarm(queue.size === 0 ? Infinity : nextTryOf(posts, now))
    if (queue.size === 0) emptied()
  }

  const postFor = (lane: Lane) => choosePost(lane.posts, clock)

  function begin(entry: Entry, post: Post, now: number): void {
    leave(entry)
    counts.wait.record(now - entry.from)
    perform(entry.one, post, now).then(entry.resolve, entry.reject)
  }

  // only while somebody waits: a timer keeps the process alive
  function setAlarm(delay: number): void {
    alarm?.()
    alarm = delay === Infinity ? undefined : clock.after(delay, () => pump(clock.elapsed()))
  }

  function settle(share: string = NOBODY): void {
    if (!shares || share === NOBODY) return
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

  function refuse(errorFor: (entry: Entry) => Error | undefined): void {
    for (const entry of [...queue.entries()]) {
      const error = errorFor(entry)
      if (error) drop(entry, error)
    }
  }

  return { wait, pump, settle, refuse }
}

function calledOff(pool: string, { reason }: AbortSignal): CancelledError {
  return new CancelledError(`called off while waiting for pool ${pool}`, { cause: reason })
}

/** Whoever waits by the signal that calls it off: one listener for all that have the same. */
export interface Callings<Item> {
  add(signal: AbortSignal, item: Item): void
  remove(signal: AbortSignal, item: Item): void
}

/** `leave` gets each of those whose signal calls them off; it has them removed. */
function createCallings<Item>(leave: (item: Item) => void): Callings<Item> {
  const waiting = createPassing<AbortSignal, Set<Item>>()

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
