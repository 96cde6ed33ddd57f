import { BusyError, CancelledError } from '../errors.ts'

/** Work for a pool; `signal` calls it off, waiting or running. `waits: false`: a BusyError when it cannot begin at once; `key`: to find it in the queue. */
export type Task<T> = {
  readonly signal: AbortSignal
  readonly waits?: false
  readonly key?: string
  run(signal: AbortSignal): Promise<T> | T
}

/** Counts of one pool; `done` and `failed` since it was made. */
export type PoolStats = {
  readonly id: string
  readonly workers: number
  readonly running: number
  readonly queued: number
  readonly done: number
  readonly failed: number
}

/** So many tasks at once, so many waiting, first in first out. */
export interface Pool {
  readonly id: string
  /** What the task comes to. BusyError when the queue is full or the pool closes; CancelledError when called off while waiting. */
  submit<T>(task: Task<T>): Promise<T>
  stats(): PoolStats
  /** Which of those that wait is next but so many: 1 is the next; undefined when it does not wait. */
  placeOf(key: string): number | undefined
  /** Takes nothing more; resolves when all that was taken has ended. May be called twice. */
  close(): Promise<void>
}

/** `workers` run at once and `queue` wait; `run` carries out one task (absent: here, in this thread). */
export type PoolOptions = {
  readonly id: string
  readonly workers: number
  readonly queue: number
  readonly run?: <T>(task: Task<T>) => Promise<T> | T
}

/** ms after which a task that does not wait may try again. */
const RETRY = 100

/** A pool that is bounded in what runs and in what waits. */
export function createPool({ id, workers, queue, run = runHere }: PoolOptions): Pool {
  checkSize(`workers of pool ${id}`, workers, 1)
  checkSize(`queue of pool ${id}`, queue, 0)
  // a map keeps its order and lets go of any member at once
  const waiting = new Map<() => void, string | undefined>()
  const count = { running: 0, done: 0, failed: 0 }
  let closed: PromiseWithResolvers<void> | undefined

  async function submit<T>(task: Task<T>): Promise<T> {
    if (task.signal.aborted) throw calledOff(task.signal)
    if (closed) throw new BusyError(`pool ${id} is closing`)
    if (count.running === workers) await waitForTurn(task)
    else count.running++
    try {
      const value = await run(task)
      count.done++
      return value
    } catch (error) {
      count.failed++
      throw error
    } finally {
      next()
    }
  }

  // who is let in takes over the place of the task that ended, so that nobody can slip in between
  function waitForTurn({ signal, waits, key }: Task<unknown>): Promise<void> {
    if (waits === false) throw new BusyError(`all ${workers} places of pool ${id} are taken`, { delay: RETRY })
    if (waiting.size >= queue) throw new BusyError(`pool ${id} is full: ${workers} running, ${queue} waiting`)
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        waiting.delete(enter)
        reject(calledOff(signal))
      }
      waiting.set(enter, key)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  function calledOff(signal: AbortSignal): CancelledError {
    return new CancelledError(`called off while waiting for pool ${id}`, { cause: signal.reason })
  }

  function next(): void {
    if (waiting.size > 0) {
      letIn()
      return
    }
    count.running--
    if (count.running === 0) closed?.resolve()
  }

  function letIn(): void {
    const [enter] = waiting.keys()
    waiting.delete(enter!)
    enter!()
  }

  return {
    id,
    submit,
    stats: () => ({ id, workers, queued: waiting.size, ...count }),
    placeOf(key) {
      const place = [...waiting.values()].indexOf(key)
      return place === -1 ? undefined : place + 1
    },
    close() {
      closed ??= Promise.withResolvers()
      if (count.running === 0) closed.resolve()
      return closed.promise
    },
  }
}

function runHere<T>(task: Task<T>): Promise<T> | T {
  return task.run(task.signal)
}

function checkSize(what: string, size: number, least: number): void {
  if (!Number.isSafeInteger(size) || size < least) throw new RangeError(`${what}: ${size} is not an integer ≥ ${least}`)
}
