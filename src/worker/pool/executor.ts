import { is, problemOf, TimeoutError } from '../../errors.ts'
import type { PoolClock } from '../clock.ts'
import { type Resource, WORKER_LOST } from '../worker.ts'
import { noteBegin, noteFailure, noteNothing, noteSuccess } from './circuit-breaker.ts'
import type { Counts } from './metrics.ts'
import { noteLatency, type Post } from './slot.ts'
import type { Task } from './task.ts'

/** One attempt at a task, counted from 1. */
export type Attempt<T> = {
  readonly task: Task<T>
  readonly attempt: number
  /** when the task came to the pool, and as which */
  readonly since: number
  readonly order: number
  /** when its time is over */
  readonly until: number | undefined
}

/** An attempt that is under way; it holds a slot and what it took of its worker's resources. */
type Held = {
  readonly task: Task<unknown>
  readonly post: Post
  readonly from: number
  readonly tried: boolean
  readonly back: readonly (() => void)[]
}

export type PerformOptions = {
  readonly pool: string
  readonly clock: PoolClock
  readonly counts: Counts
  /** A slot was taken, or is free again. */
  begun(task: Task<unknown>, post: Post): void
  ended(task: Task<unknown>, post: Post, now: number): void
  /** A worker is left alone from now on. */
  opened(post: Post): void
  /** What comes of the next attempt at a task under which its worker died; undefined when nobody is left who could make it. */
  again<T>(attempt: Attempt<T>): Promise<T> | undefined
}

/** ms that a task whose time is over keeps its slot, before it is left to itself. */
const GRACE = 5_000
const NOTHING: readonly (() => void)[] = []
const take = (resource: Resource) => resource.take()

/** Carries out tasks on posts that have room for them. */
export function createPerform({ pool, clock, counts, begun, ended, opened, again }: PerformOptions) {
  let used = 0

  function begin(task: Task<unknown>, post: Post, from: number): Held {
    const { resources } = post.worker
    const tried = noteBegin(post.breaker)
    post.used = ++used
    post.running++
    counts.running++
    const back = resources ? resources.map(take) : NOTHING
    begun(task, post)
    return { task, post, from, tried, back }
  }

  function release({ task, post, back }: Held, now: number): void {
    for (const give of back) give()
    post.running--
    counts.running--
    ended(task, post, now)
  }

  function noteTime({ post, from }: Held, now: number): void {
    counts.run.record(now - from)
    noteLatency(post, now - from)
  }

  function endWell(held: Held): void {
    const { post, tried } = held
    const now = clock.elapsed()
    noteTime(held, now)
    counts.done++
    post.done++
    noteSuccess(post.breaker, tried)
    release(held, now)
  }

  function fail(held: Held, error: unknown, now: number): void {
    const { post, tried } = held
    noteTime(held, now)
    post.failed++
    if (!speaksAgainst(held, error)) noteNothing(post.breaker, tried)
    else if (noteFailure(post.breaker, tried, now)) opened(post)
  }

  /** What the next attempt comes to, where there is one. */
  function retried<T>(held: Held, one: Attempt<T>, error: unknown): Promise<T> | undefined {
    if (!isLost(held.post, error)) return undefined
    held.post.lost++
    const { task, attempt } = one
    if (attempt > 1 || task.once || task.signal.aborted) return undefined
    const next = again({ ...one, attempt: attempt + 1 })
    if (next) counts.retried++
    return next
  }

  function plainly<T>(one: Attempt<T>, post: Post, now: number): Promise<T> {
    const { task } = one
    const held = begin(task, post, now)
    return run(one, post, task.signal).then(
      (value) => {
        endWell(held)
        return value
      },
      (error: unknown) => endBadly(held, one, error),
    )
  }

  function endBadly<T>(held: Held, one: Attempt<T>, error: unknown): Promise<T> {
    const now = clock.elapsed()
    fail(held, error, now)
    const next = retried(held, one, error)
    if (!next) counts.failed++
    release(held, now)
    return next ?? Promise.reject(error)
  }

  // whoever asked is told when the time is over, the slot is free when the work has ended, or after a while
  function within<T>(one: Attempt<T>, post: Post, now: number, limit: number): Promise<T> {
    const { task } = one
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const held = begin(task, post, now)
    const off = new AbortController()
    let state: 'running' | 'overdue' | 'left' = 'running'
    let stop = clock.after(limit, expire)

    function expire(): void {
      const error = overdue(pool, limit)
      state = 'overdue'
      fail(held, error, clock.elapsed())
      counts.failed++
      stop = clock.after(GRACE, leave)
      off.abort(error)
      reject(error)
    }
    function leave(): void {
      state = 'left'
      release(held, clock.elapsed())
    }
    function end(settle: () => void): void {
      stop()
      task.signal.removeEventListener('abort', callOff)
      if (state === 'running') settle()
      else counts.late++
      if (state === 'overdue') release(held, clock.elapsed())
    }
    const callOff = () => off.abort(task.signal.reason)
    if (task.signal.aborted) callOff()
    else task.signal.addEventListener('abort', callOff, { once: true })
    run(one, post, off.signal).then(
      (value) =>
        end(() => {
          endWell(held)
          resolve(value)
        }),
      (error: unknown) => end(() => resolve(endBadly(held, one, error))),
    )
    return promise
  }

  /** What the attempt comes to, or the one after it. */
  return function perform<T>(one: Attempt<T>, post: Post, now: number): Promise<T> {
    const { task, until } = one
    if (until === undefined && task.timeout === undefined) return plainly(one, post, now)
    const left = until === undefined ? Infinity : until - now
    return within(one, post, now, Math.min(left, task.timeout ?? Infinity))
  }
}

/** What its work comes to: not before it has been waited for, though it is done or has failed at once. */
function run<T>({ task, attempt }: Attempt<T>, { worker }: Post, signal: AbortSignal): Promise<T> {
  try {
    return Promise.resolve(task.run(signal, worker, attempt))
  } catch (error) {
    return Promise.reject(error)
  }
}

function isLost({ worker }: Post, error: unknown): boolean {
  return (worker.kind === 'thread' || worker.kind === 'process') && is(error) && error.code === WORKER_LOST
}

function speaksAgainst({ task, post: { worker } }: Held, error: unknown): boolean {
  if (task.signal.aborted) return false
  return worker.blames ? worker.blames(error) : BLAMES[worker.kind](error)
}

/** A task that fails in this thread says nothing of it. In a thread or process of its own only death and delay do. */
const BLAMES: { readonly [kind in Post['worker']['kind']]: (error: unknown) => boolean } = {
  inline: () => false,
  model: (error) => problemOf(error).terminal !== true,
  thread: isTheirs,
  process: isTheirs,
}

function isTheirs(error: unknown): boolean {
  return is(error) && (error.code === WORKER_LOST || error.name === 'TimeoutError')
}

function overdue(pool: string, limit: number): TimeoutError {
  return new TimeoutError(`a task of pool ${pool} took longer than ${limit / 1000} s`)
}
