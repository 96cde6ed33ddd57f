import { is, problemOf, TimeoutError } from '../../errors.ts'
import type { PoolClock } from '../clock.ts'
import { type Resource, WORKER_LOST } from '../worker.ts'
import { noteBegin, noteFailure, noteNothing, noteSuccess } from './circuit-breaker.ts'
import type { PoolCounts } from './metrics.ts'
import { noteLatency, type Slot } from './slot.ts'
import type { Task } from './task.ts'
import { limitWork, type WorkLimit } from './work-limit.ts'

/** One attempt of a task; the first is 1. */
export type TaskAttempt<T> = {
  readonly task: Task<T>
  readonly attempt: number
  /** the time of the task's arrival in the pool, and its number */
  readonly since: number
  readonly order: number
  /** its deadline */
  readonly until: number | undefined
}

/** An attempt in flight: it holds a slot and its units of the worker's resources. */
type RunningAttempt = {
  readonly task: Task<unknown>
  readonly post: Slot
  readonly from: number
  readonly tried: boolean
  readonly back: readonly (() => void)[]
}

/** Work that goes on after its timeout, and holds its place; `since`: when its caller got the error, by pool clock. */
export type OverdueWork = Pick<WorkLimit, 'what' | 'of'> & { readonly since: number; readonly post: Slot }

type ExecutorOptions = {
  readonly pool: string
  readonly clock: PoolClock
  readonly counts: PoolCounts
  /** the work that did not end at its timeout; `late` is called when it has grown */
  readonly overdue: Set<OverdueWork>
  late(): void
  /** Whether such work holds every place that another attempt on this slot could get. */
  hasNoPlace(post: Slot): boolean
  /** A slot was taken or released. */
  begun(task: Task<unknown>, post: Slot): void
  ended(task: Task<unknown>, post: Slot, now: number): void
  /** A worker gets no tasks from now on, until its breaker closes. */
  opened(post: Slot): void
  /** Starts another attempt at a task whose worker died. Undefined if no worker remains for it. */
  again<T>(attempt: TaskAttempt<T>): Promise<T> | undefined
}

/** A task past its deadline keeps its slot for this time; then the slot is freed. */
const OVERDUE_GRACE_MS = 5_000
const NO_RELEASES: readonly (() => void)[] = []
const take = (resource: Resource) => resource.take()

/** Runs tasks on workers that have a free slot. */
export function createExecutor(options: ExecutorOptions) {
  const { pool, clock, counts, overdue: unended, late, hasNoPlace } = options
  const { begin, release, endWell, fail, endBadly } = createAttemptAccounts(options)

  function plainly<T>(one: TaskAttempt<T>, post: Slot, now: number): Promise<T> {
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

  // the caller gets the timeout at once; the slot is released when the work ends, or after a grace period
  function within<T>(one: TaskAttempt<T>, post: Slot, now: number, limit: number): Promise<T> {
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
      stop = clock.after(OVERDUE_GRACE_MS, leave)
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

  // the caller gets the timeout in time; the slot is released when the work ends
  function limited<T>(one: TaskAttempt<T>, post: Slot, now: number, limit: WorkLimit): Promise<T> {
    const { what, of } = limit
    const held = begin(one.task, post, now)
    const work = limitWork(limit, clock, one.task.signal, (signal) => run(one, post, signal))
    return work.result.then(
      (value) => {
        endWell(held)
        return value
      },
      (error: unknown) => {
        if (work.hasEnded()) return endBadly(held, one, error)
        const left = { what, ...(of !== undefined && { of }), since: clock.elapsed(), post }
        unended.add(left)
        fail(held, error, left.since)
        counts.failed++
        late()
        void work.ended.then(() => {
          unended.delete(left)
          counts.late++
          release(held, clock.elapsed())
        })
        throw error instanceof TimeoutError ? unendedError(error, pool, hasNoPlace(post)) : error
      },
    )
  }

  /** Runs the attempt, and another one if the worker dies. */
  return function perform<T>(one: TaskAttempt<T>, post: Slot, now: number): Promise<T> {
    const { task, until } = one
    const left = until === undefined ? Infinity : until - now
    if (task.limit) return limited(one, post, now, { ...task.limit, ms: Math.min(left, task.limit.ms) })
    if (until === undefined && task.timeout === undefined) return plainly(one, post, now)
    return within(one, post, now, Math.min(left, task.timeout ?? Infinity))
  }
}

/** The accounts of attempts: what they hold of a slot, and how their ends count for the pool and the worker. */
function createAttemptAccounts({ clock, counts, begun, ended, opened, again }: ExecutorOptions) {
  let used = 0

  function begin(task: Task<unknown>, post: Slot, from: number): RunningAttempt {
    const { resources } = post.worker
    const tried = noteBegin(post.breaker)
    post.used = ++used
    post.running++
    counts.running++
    counts.begun[task.priority ?? 'normal']++
    const back = resources ? resources.map(take) : NO_RELEASES
    begun(task, post)
    return { task, post, from, tried, back }
  }

  function release({ task, post, back }: RunningAttempt, now: number): void {
    for (const give of back) give()
    post.running--
    counts.running--
    ended(task, post, now)
  }

  function noteTime({ post, from }: RunningAttempt, now: number): void {
    counts.run.record(now - from)
    noteLatency(post, now - from)
  }

  function endWell(held: RunningAttempt): void {
    const { post, tried } = held
    const now = clock.elapsed()
    noteTime(held, now)
    counts.done++
    post.done++
    noteSuccess(post.breaker, tried)
    release(held, now)
  }

  function fail(held: RunningAttempt, error: unknown, now: number): void {
    const { post, tried } = held
    noteTime(held, now)
    post.failed++
    if (!speaksAgainst(held, error)) noteNothing(post.breaker, tried)
    else if (noteFailure(post.breaker, tried, now)) opened(post)
  }

  /** The result of the next attempt, if there is one. */
  function retried<T>(held: RunningAttempt, one: TaskAttempt<T>, error: unknown): Promise<T> | undefined {
    if (!isLost(held.post, error)) return undefined
    held.post.lost++
    const { task, attempt } = one
    if (attempt > 1 || task.once || task.signal.aborted) return undefined
    const next = again({ ...one, attempt: attempt + 1 })
    if (next) counts.retried++
    return next
  }

  function endBadly<T>(held: RunningAttempt, one: TaskAttempt<T>, error: unknown): Promise<T> {
    const now = clock.elapsed()
    fail(held, error, now)
    const next = retried(held, one, error)
    if (!next) counts.failed++
    release(held, now)
    return next ?? Promise.reject(error)
  }

  return { begin, release, endWell, fail, endBadly }
}

/** The outcome of the work, which never settles synchronously, even if the work does. */
function run<T>({ task, attempt }: TaskAttempt<T>, { worker }: Slot, signal: AbortSignal): Promise<T> {
  try {
    return Promise.resolve(task.run(signal, worker, attempt))
  } catch (error) {
    return Promise.reject(error)
  }
}

function isLost({ worker }: Slot, error: unknown): boolean {
  return (worker.kind === 'thread' || worker.kind === 'process') && is(error) && error.code === WORKER_LOST
}

function speaksAgainst({ task, post: { worker } }: RunningAttempt, error: unknown): boolean {
  if (task.signal.aborted) return false
  return worker.blames ? worker.blames(error) : COUNTS_AS_FAILURE[worker.kind](error)
}

/** Errors that count against a worker: of an inline one none, of an isolated one its death or a timeout. */
const COUNTS_AS_FAILURE: { readonly [kind in Slot['worker']['kind']]: (error: unknown) => boolean } = {
  inline: () => false,
  model: (error) => problemOf(error).terminal !== true,
  thread: isTheirs,
  process: isTheirs,
}

function isTheirs(error: unknown): boolean {
  return is(error) && (error.code === WORKER_LOST || error.name === 'TimeoutError')
}

function overdue(pool: string, limit: number): TimeoutError {
  return new TimeoutError(`A task of pool ${pool} took longer than ${limit / 1000} s.`)
}

/** Says that the work goes on. Without a place for another attempt, it is terminal: the attempt would only wait. */
function unendedError({ message, hint }: TimeoutError, pool: string, hasNoPlace: boolean): TimeoutError {
  const options = hint === undefined ? {} : { hint }
  const text = `${message} It did not stop, and still holds its place in the pool ${pool}.`
  if (!hasNoPlace) return new TimeoutError(text, options)
  const why = 'It is not tried again: calls that did not stop hold every place that it could get.'
  return Object.assign(new TimeoutError(`${text} ${why}`, options), { terminal: true })
}
