import { BusyError } from '../../../errors.ts'
import { createQueue, lengthOf, push, shift } from '../../queue.ts'

/** Limits concurrency; further callers wait in a queue. BusyError if the queue is full. */
type Semaphore = <T>(work: () => Promise<T>) => Promise<T>

export function createSemaphore(count: number, line: number): Semaphore {
  const waiting = createQueue<() => void>()
  let free = count

  async function enter(): Promise<void> {
    if (free > 0) return void free--
    if (lengthOf(waiting) >= line) throw new BusyError(`${count + line} requests to the Restate server are in flight.`)
    await new Promise<void>((resolve) => push(waiting, resolve))
  }

  // a permit is handed directly to the next waiter, so that no new caller overtakes it
  function leave(): void {
    const next = shift(waiting)
    if (next) next()
    else free++
  }

  return async (work) => {
    await enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }
}
