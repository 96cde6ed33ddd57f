import type { PoolClock } from '../clock.ts'
import type { WorkerStats } from '../report.ts'
import type { Resource, ResourceLack, Worker } from '../worker.ts'
import { allowsTask, type Breaker, breakerState, createBreaker } from './circuit-breaker.ts'

/** A worker in a pool, with its tasks in flight. */
export type Slot = {
  readonly worker: Worker
  readonly breaker: Breaker
  slots: number
  running: number
  /** gets no more tasks, and is removed when its tasks have ended */
  leaving: Leaving | undefined
  /** the number of its last task, in the order of all tasks */
  used: number
  done: number
  failed: number
  lost: number
  /** the mean duration of its tasks in ms, the last one counting a tenth; absent: no task yet */
  latency: number | undefined
}

// written out: it is in the package's declarations, and programs for an older target lack `PromiseWithResolvers`
type Leaving = {
  readonly promise: Promise<void>
  readonly resolve: (ended: void | PromiseLike<void>) => void
}

export const createSlot = (worker: Worker): Slot => ({
  worker,
  breaker: createBreaker(),
  slots: worker.slots,
  running: 0,
  leaving: undefined,
  used: 0,
  done: 0,
  failed: 0,
  lost: 0,
  latency: undefined,
})

/** Chooses the worker for the next task: least loaded, then by priority, least recently used, and id. */
export function chooseSlot(posts: readonly Slot[], clock: PoolClock): Slot | undefined {
  let best: Slot | undefined
  for (const post of posts) if (isFree(post, clock) && (best === undefined || isBefore(post, best))) best = post
  return best
}

function isFree({ running, slots, breaker, worker }: Slot, clock: PoolClock): boolean {
  if (running >= slots) return false
  if (breaker.until !== undefined && !allowsTask(breaker, clock.elapsed())) return false
  return worker.resources === undefined || worker.resources.every(hasMore)
}

const hasMore = (resource: Resource) => resource.free()

/** The resource that keeps all these workers from a task; undefined: one of them lacks none. */
export function lackOf(posts: readonly Slot[]): ResourceLack | undefined {
  let first: ResourceLack | undefined
  for (const { worker } of posts) {
    const lack = lackIn(worker)
    if (!lack) return undefined
    first ??= lack
  }
  return first
}

function lackIn({ resources = [] }: Worker): ResourceLack | undefined {
  for (const resource of resources) {
    const lack = resource.lack?.()
    if (lack) return lack
  }
  return undefined
}

function isBefore(one: Slot, other: Slot): boolean {
  const [load, otherLoad] = [one.running / one.slots, other.running / other.slots]
  if (load !== otherLoad) return load < otherLoad
  const [priority, otherPriority] = [one.worker.priority ?? 0, other.worker.priority ?? 0]
  if (priority !== otherPriority) return priority > otherPriority
  if (one.used !== other.used) return one.used < other.used
  return one.worker.id < other.worker.id
}

/** ms until one of these workers accepts tasks again; 0 when one does now. */
export function restingTime(posts: readonly Slot[], now: number): number {
  return Math.min(
    ...posts.map(({ breaker: { until, trying } }) => (until === undefined || trying ? 0 : Math.max(0, until - now))),
  )
}

/** ms until one of the resting workers may be tried again; Infinity when none rests. */
export function timeToNextTry(posts: readonly Slot[], now: number): number {
  let delay = Infinity
  for (const { breaker } of posts)
    if (breaker.until !== undefined && breaker.until > now) delay = Math.min(delay, breaker.until - now)
  return delay
}

/** Records how long a task took. */
export function noteLatency(post: Slot, ms: number): void {
  post.latency = post.latency === undefined ? ms : 0.9 * post.latency + 0.1 * ms
}

export function statsOf(
  { worker, breaker, slots, running, leaving, done, failed, lost, latency }: Slot,
  now: number,
): WorkerStats {
  const { id, kind } = worker
  const state = breakerState(breaker, now)
  return {
    id,
    kind,
    slots,
    running,
    done,
    failed,
    lost,
    breaker: state,
    leaving: leaving !== undefined,
    ...(latency !== undefined && { latency }),
  }
}
