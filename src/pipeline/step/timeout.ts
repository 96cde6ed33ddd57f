import { TimeoutError } from '../../errors.ts'
import type { CallbackRequest } from '../plan/callback.ts'
import type { CompiledStep } from '../plan/compiled.ts'
import type { StepStart } from '../plan/messages/step-start.ts'

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

/** The step with its timeout cut to what is left of its iteration. */
export function hurried(step: CompiledStep, { left }: StepStart): CompiledStep {
  return left === undefined ? step : { ...step, timeout: Math.min(left, step.timeout ?? left) }
}

/** The answer may take as long as the step, or as the question says where that is shorter. */
export function within<T extends { readonly question: CallbackRequest }>(deed: T, { timeout }: CompiledStep): T {
  const { question } = deed
  if (timeout === undefined) return deed
  return { ...deed, question: { ...question, limit: Math.min(timeout, question.limit ?? timeout) } }
}
