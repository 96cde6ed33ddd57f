import { TimeoutError } from '../../errors.ts'

/** ms that work called off by its timeout gets to clean up, such as to end its processes, before it is left behind. */
const GRACE = 5000

/** The work, cancelled with a TimeoutError when it takes longer than `limit` ms; what it returns after that is dropped. No limit without one. */
export function withTimeout<T>(
  limit: number | undefined,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T> | T,
): Promise<T> | T {
  return limit === undefined ? work(signal) : limited(limit, signal, work)
}

async function limited<T>(
  limit: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T> | T,
): Promise<T> {
  const timer = new AbortController()
  const began = performance.now()
  const expire = () => timer.abort(new TimeoutError(`took longer than ${limit / 1000} s`))
  const handle = setTimeout(expire, limit)
  const running = (async () => work(AbortSignal.any([signal, timer.signal])))()
  try {
    const value = await Promise.race([running, overdue(timer.signal)])
    // work that holds the thread keeps the timer from firing
    if (performance.now() - began > limit) expire()
    timer.signal.throwIfAborted()
    return value
  } catch (error) {
    throw timer.signal.aborted && !signal.aborted ? timer.signal.reason : error
  } finally {
    clearTimeout(handle)
    running.catch(() => {})
  }
}

function overdue(timer: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    timer.addEventListener('abort', () => setTimeout(reject, GRACE, timer.reason).unref(), { once: true })
  })
}
