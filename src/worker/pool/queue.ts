import type { Needs } from '../capabilities.ts'
import type { Attempt } from './executor.ts'
import { createLevel, type Level, type Waiting } from './priority-queue.ts'
import type { Post } from './slot.ts'
import { PRIORITIES, type Task } from './task.ts'

/** An attempt that waits, and whom to tell what it comes to. */
export type Entry = Waiting & {
  readonly task: Task<unknown>
  readonly one: Attempt<unknown>
  readonly lane: Lane
  readonly level: number
  /** from when on it waits */
  readonly from: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  /** Its time is no longer watched. */
  stop: (() => void) | undefined
}

/** What waits with the same needs, and who could do it. */
export type Lane = {
  readonly needs: Needs
  readonly levels: readonly Level<Entry>[]
  size: number
  posts: readonly Post[]
}

/** What waits for a pool: which goes next follows from how long they have waited and how urgent they are, and from whose turn it is. */
export interface Queue {
  readonly size: number
  /** The lane of what needs nothing. */
  readonly plain: Lane
  /** The lane of these needs. */
  laneFor(needs: Needs): Lane
  lanes(): Iterable<Lane>
  /** Forgets the lanes in which nobody waits: who could do what they need is looked for when that is needed again. */
  forgetEmpty(): void
  add(entry: Entry): void
  remove(entry: Entry): void
  /** Takes out whose turn it is among those for which there is a post; undefined when there is none. */
  next(postFor: (lane: Lane) => Post | undefined): { readonly entry: Entry; readonly post: Post } | undefined
  /** Whether nothing waits there but parked shares. */
  isIdle(lane: Lane): boolean
  /** Whether anything of that share waits. */
  holds(share: string): boolean
  /** All of that share waits until it is unparked. */
  park(share: string): void
  unpark(share: string): void
  entries(): Iterable<Entry>
  /** From when on the one has waited that waits longest. */
  since(): number | undefined
  /** The place of the task with that key, if no more come: 1 begins next; undefined when it does not wait. */
  placeOf(key: string): number | undefined
}

export type QueueOptions = {
  /** ms of waiting by which one rises to the priority before its own */
  readonly ageing: number
  postsFor(needs: Needs): readonly Post[]
}

/** Lanes that are kept, though empty, because their needs come again. */
const MOST_LANES = 256

export function createQueue({ ageing, postsFor }: QueueOptions): Queue {
  const lanes = new Map<string, Lane>()
  const busy = new Set<Lane>()
  const keys = new WeakMap<Needs, string>()
  const plain = openLane('', {})
  let size = 0

  function openLane(key: string, needs: Needs): Lane {
    if (lanes.size >= MOST_LANES) forgetEmpty()
    const levels = PRIORITIES.map(() => createLevel<Entry>())
    const lane = { needs, levels, size: 0, posts: postsFor(needs) }
    lanes.set(key, lane)
    return lane
  }

  // whoever submits many tasks has the same needs at hand
  function keyFor(needs: Needs): string {
    const key = JSON.stringify(needs)
    keys.set(needs, key)
    return key
  }

  function forgetEmpty(): void {
    for (const [key, lane] of lanes) if (lane.size === 0 && lane !== plain) lanes.delete(key)
  }

  // as if it had come that much later: so nobody is overtaken by what comes long after
  const dueOf = (entry: Entry) => entry.since + entry.level * ageing

  function bestOf(lane: Lane): Entry | undefined {
    let best: Entry | undefined
    for (const level of lane.levels) best = earlier(best, level.oldest())
    return best
  }

  function earlier(one: Entry | undefined, other: Entry | undefined): Entry | undefined {
    if (!one || !other) return one ?? other
    return dueOf(other) < dueOf(one) ? other : one
  }

  function take(entry: Entry, served: boolean): void {
    entry.lane.levels[entry.level]!.remove(entry, served)
    if (--entry.lane.size === 0) busy.delete(entry.lane)
    size--
  }

  function* entries(): Generator<Entry> {
    for (const { levels } of busy) for (const level of levels) yield* level.items()
  }

  /** All that waits, in the order in which it begins if no more comes: parked shares last. */
  function* inOrder(): Generator<Entry> {
    const copy = createQueue({ ageing, postsFor })
    for (const entry of entries()) {
      copy.add({ ...entry, lane: copy.laneFor(entry.lane.needs), link: undefined })
      if (entry.lane.levels[entry.level]!.isParked(entry.share)) copy.park(entry.share)
    }
    yield* emptied(copy)
    for (const { share } of copy.entries()) copy.unpark(share)
    yield* emptied(copy)
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
      let best: Entry | undefined
      let post: Post | undefined
      for (const lane of busy) {
        const found = bestOf(lane)
        if (!found || earlier(best, found) !== found) continue
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
    isIdle: (lane) => lane.size === 0 || bestOf(lane) === undefined,
    holds(share) {
      for (const { levels } of busy) if (levels.some((level) => level.holds(share))) return true
      return false
    },
    park: (share) => levelsDo((level) => level.park(share)),
    unpark: (share) => levelsDo((level) => level.unpark(share)),
    entries,
    since() {
      let since: number | undefined
      for (const entry of entries()) since = Math.min(since ?? Infinity, entry.from)
      return since
    },
    placeOf(key) {
      if (![...entries()].some(({ task }) => task.key === key)) return undefined
      let place = 0
      for (const { task } of inOrder()) {
        place++
        if (task.key === key) return place
      }
      return undefined
    },
  }

  function levelsDo(act: (level: Level<Entry>) => void): void {
    for (const { levels } of busy) for (const level of levels) act(level)
  }
}

function* emptied({ next }: Queue): Generator<Entry> {
  for (let found = next(anyone); found; found = next(anyone)) yield found.entry
}

const anyone = ({ posts }: Lane) => posts[0]
