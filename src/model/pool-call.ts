import { BusyError, is } from '../errors.ts'
import type { Task } from '../worker/task.ts'
import type { WorkPool } from '../worker/work-pool.ts'
import { UNHEALTHY } from '../worker/worker.ts'

/** What is known of a call of a model, of whatever kind, beside what it is asked. */
export type PoolCall<T> = Pick<Task<T>, 'signal' | 'key' | 'share' | 'fallback'> & {
  /** Lets the call have its time, once it has begun. */
  within?(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> | T
}

/**
 * Makes a call of a model in a task of a pool, on that model's worker: there is no other way to one. Rejects with what the model says, or with the
 * pool's BusyError; `workers_unhealthy` when the model has failed too often to be asked now.
 */
export function callInPool<T>(
  pool: WorkPool,
  model: string,
  { within = atOnce, ...task }: PoolCall<T>,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { needs, noteFailure } = pool.employ(model)
  const noted = async (signal: AbortSignal) => {
    try {
      return await call(signal)
    } catch (error) {
      noteFailure(error)
      throw error
    }
  }
  const run = (signal: AbortSignal) => within(signal, noted)
  return pool.submit({ ...task, needs, hurries: true, run }).catch((error: unknown) => {
    throw is(error) && error.code === UNHEALTHY ? unhealthy(model, error) : error
  })
}

function unhealthy(model: string, { delay = 0 }: { readonly delay?: number }): BusyError {
  const when = `it is asked again in ${Math.ceil(delay / 1000)} s`
  return new BusyError(`the model ${model} has failed too often in a row; ${when}`, { code: UNHEALTHY, delay })
}

const atOnce = <T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>) => call(signal)
