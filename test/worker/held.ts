import { simulatedClock } from '../../src/testing/clock.ts'
import { createPool, type PoolOptions } from '../../src/worker/pool/pool.ts'
import type { Task } from '../../src/worker/pool/task.ts'
import type { Worker } from '../../src/worker/worker.ts'

/** A pool on a clock of its own; what it is given is not looked at before the test says so. */
export function simulatedPool(options: Partial<PoolOptions> = {}) {
  const clock = simulatedClock()
  const pool = createPool({ id: 'text_step_pool', workers: 1, queue: 100, clock, ...options })
  return { clock, pool, settle: () => clock.advance(0) }
}

export const never = new AbortController().signal

/** Tasks that note when they begin, and end when they are told to. */
export function createTasks() {
  const begun: string[] = []
  const held = new Map<string, PromiseWithResolvers<string>>()
  return {
    /** the names of the attempts that began, in order */
    begun,
    task(name: string, given: Partial<Task<string>> = {}): Task<string> {
      return {
        signal: never,
        run(_, worker, attempt) {
          begun.push(attempt === 1 ? name : `${name}#${attempt}`)
          const ended = Promise.withResolvers<string>()
          held.set(name, ended)
          return ended.promise.then((value) => (value === '' ? worker.id : value))
        },
        ...given,
      }
    },
    /** Ends one with the id of its worker, or with what is given. */
    end: (name: string, value = '') => held.get(name)!.resolve(value),
    fail: (name: string, error: Error) => held.get(name)!.reject(error),
  }
}

/** A worker that offers what is said. */
export function worker(id: string, given: Partial<Worker> = {}): Worker {
  return { id, kind: 'model', offers: {}, slots: 1, ...given }
}
