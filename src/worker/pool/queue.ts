import { PRIORITIES } from '../../lib/priority.ts'
import type { Needs } from '../capabilities.ts'
import type { TaskAttempt } from './executor.ts'
import { createPriorityQueue, type PriorityQueue, type WaitingTask } from './priority-queue.ts'
import type { Slot } from './slot.ts'
import type { Task } from './task.ts'

/** A waiting attempt, with the callbacks for its outcome. */
export type QueueEntry = WaitingTask & {
  readonly task: Task<unknown>
  readonly one: TaskAttempt<unknown>
  readonly lane: Lane
  readonly level: number
  /** the time from which it waits */
  readonly from: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  /** stops its deadline timer */
  stop: (() => void) | undefined
}

/** The attempts that wait with the same needs, and the workers that can run them. */
export type Lane = {
  readonly needs: Needs
  readonly levels: readonly PriorityQueue<QueueEntry>[]
  size: number
  posts: readonly Slot[]
}

/** The attempts that wait for a pool. Their order follows from waiting time, priority and fairness between shares. */
export interface PoolQueue {
  readonly size: number
  /** The lane of tasks without requirements. */
  readonly plain: Lane
  /** The lane of these needs. */
  laneFor(needs: Needs): Lane
  lanes(): Iterable<Lane>
  /** Drops empty lanes. Their able workers are determined again on demand. */
  forgetEmpty(): void
  add(entry: QueueEntry): void
  remove(entry: QueueEntry): void
  /** Takes the next task that has a free slot. */
  next(postFor: (lane: Lane) => Slot | undefined): { readonly entry: QueueEntry; readonly post: Slot } | undefined
  /** Whether only parked shares wait there. */
  isIdle(lane: Lane): boolean
  /** Whether a task of that share waits. */
  holds(share: string): boolean
  /** Parks a share: its tasks wait until it is unparked. */
  park(share: string): void
  unpark(share: string): void
  entries(): Iterable<QueueEntry>
  /** The time since which the oldest task has waited. */
  since(): number | undefined
  /** The position of the task with that key; 1 starts next. Undefined if it does not wait. */
  placeOf(key: string): number | undefined
  /** The lane in which the task with that key waits. */
  laneOf(key: string): Lane | undefined
}

type QueueOptions = {
  /** ms of waiting after which a task rises by one priority */
  readonly ageing: number
  postsFor(needs: Needs): readonly Slot[]
}

/** Empty lanes are kept up to this number, because the same needs occur again. */
const MAX_LANES = 256

export function createPoolQueue({ ageing, postsFor }: QueueOptions): PoolQueue {
  const lanes = new Map<string, Lane>()
  const busy = new Set<Lane>()
  const keys = new WeakMap<Needs, string>()
  const plain = openLane('', {})
  let size = 0

  function openLane(key: string, needs: Needs): Lane {
    if (lanes.size >= MAX_LANES) forgetEmpty()
    const levels = PRIORITIES.map(() => createPriorityQueue<QueueEntry>())
    const lane = { needs, levels, size: 0, posts: postsFor(needs) }
    lanes.set(key, lane)
    return lane
  }

  // cached, because a caller with many tasks reuses the object
  function keyFor(needs: Needs): string {
    const key = JSON.stringify(needs)
    keys.set(needs, key)
    return key
  }

  function forgetEmpty(): void {
    for (const [key, lane] of lanes) if (lane.size === 0 && lane !== plain) lanes.delete(key)
  }

  function take(entry: QueueEntry, served: boolean): void {
    entry.lane.levels[entry.level]!.remove(entry, served)
    if (--entry.lane.size === 0) busy.delete(entry.lane)
    size--
  }

  const entries = () => entriesOf(busy)

  function laneOf(key: string): Lane | undefined {
    for (const { task, lane } of entries()) if (task.key === key) return lane
    return undefined
  }

  return {
    get size() {
      return size
    },
    plain,
    laneFor(needs) {
      const key = keys.get(needs) ?? keyFor(needs)
      return lanes.get(key) ?? openLane(key, needs)
    },
    lanes: () => lanes.values(),
    forgetEmpty,
    add(entry) {
      entry.lane.levels[entry.level]!.add(entry)
      if (entry.lane.size++ === 0) busy.add(entry.lane)
      size++
    },
    remove: (entry) => take(entry, false),
    next(postFor) {
      let best: QueueEntry | undefined
      let post: Slot | undefined
      for (const lane of busy) {
        const found = bestOf(lane, ageing)
        if (!found || earlier(best, found, ageing) !== found) continue
        const free = postFor(lane)
        if (free === undefined) continue
        best = found
        post = free
      }
      if (!best || post === undefined) return undefined
      const entry = best.lane.levels[best.level]!.next()!
      take(entry, true)
      return { entry, post }
    },
    isIdle: (lane) => lane.size === 0 || bestOf(lane, ageing) === undefined,
    holds(share) {
      for (const { levels } of busy) if (levels.some((level) => level.holds(share))) return true
      return false
    },
    park(share) {
      for (const level of levelsOf(busy)) level.park(share)
    },
    unpark(share) {
      for (const level of levelsOf(busy)) level.unpark(share)
    },
    entries,
    since: () => oldestOf(entries()),
    laneOf,
    placeOf: (key) =>
      laneOf(key) ? placeIn(inOrder(entries(), createPoolQueue({ ageing, postsFor })), key) : undefined,
  }
}

// a virtual arrival time, so that a task is not overtaken by much later ones
const dueOf = (entry: QueueEntry, ageing: number) => entry.since + entry.level * ageing

function earlier(one: QueueEntry | undefined, other: QueueEntry | undefined, ageing: number): QueueEntry | undefined {
  if (!one || !other) return one ?? other
  return dueOf(other, ageing) < dueOf(one, ageing) ? other : one
}

function bestOf(lane: Lane, ageing: number): QueueEntry | undefined {
  let best: QueueEntry | undefined
  for (const level of lane.levels) best = earlier(best, level.oldest(), ageing)
  return best
}

function* levelsOf(lanes: Iterable<Lane>): Generator<PriorityQueue<QueueEntry>> {
  for (const { levels } of lanes) yield* levels
}

function* entriesOf(lanes: Iterable<Lane>): Generator<QueueEntry> {
  for (const level of levelsOf(lanes)) yield* level.items()
}

function oldestOf(entries: Iterable<QueueEntry>): number | undefined {
  let since: number | undefined
  for (const entry of entries) since = Math.min(since ?? Infinity, entry.from)
  return since
}

/** Waiting tasks in start order, found by emptying a copy of their queue. Parked shares are last. */
function* inOrder(entries: Iterable<QueueEntry>, copy: PoolQueue): Generator<QueueEntry> {
  for (const entry of entries) {
    copy.add({ ...entry, lane: copy.laneFor(entry.lane.needs), link: undefined })
    if (entry.lane.levels[entry.level]!.isParked(entry.share)) copy.park(entry.share)
  }
  yield* emptied(copy)
  for (const { share } of copy.entries()) copy.unpark(share)
  yield* emptied(copy)
}

function placeIn(order: Iterable<QueueEntry>, key: string): number | undefined {
  let place = 0
  for (const { task } of order) {
    place++
    if (task.key === key) return place
  }
  return undefined
}

function* emptied({ next }: PoolQueue): Generator<QueueEntry> {
  for (let found = next(anyone); found; found = next(anyone)) yield found.entry
}

const anyone = ({ posts }: Lane) => posts[0]
