import { TimeoutError } from '../../errors.ts'
import type { CallbackRequest } from '../plan/callback.ts'
import type { CompiledStep } from '../plan/compiled.ts'
import type { StepStart } from '../plan/messages/step-start.ts'

/** How long timed-out work has to clean up, such as to end its processes, before it is abandoned. */
const CLEANUP_GRACE_MS = 5000

/** Runs work and cancels it with a TimeoutError after `limit` ms. A value returned after that is dropped. Without a limit there is no timeout. */
export function withTimeout<T>(
  limit: number | undefined,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T> | T,
): Promise<T> | T {
  return limit === undefined ? work(signal) : raceTimeout(limit, signal, work)
}

async function raceTimeout<T>(
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
    const value = await Promise.race([running, rejectAfterGrace(timer.signal)])
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

function rejectAfterGrace(timer: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    timer.addEventListener('abort', () => setTimeout(reject, CLEANUP_GRACE_MS, timer.reason).unref(), { once: true })
  })
}

/** The step with its timeout cut to what is left of its iteration. */
export function withDeadline(step: CompiledStep, { policy: { timeLeft } }: StepStart): CompiledStep {
  return timeLeft === undefined ? step : { ...step, timeout: Math.min(timeLeft, step.timeout ?? timeLeft) }
}

/** Limits a callback request to the step's timeout, unless its own limit is shorter. */
export function withCallbackTimeout<T extends { readonly question: CallbackRequest }>(
  result: T,
  { timeout }: CompiledStep,
): T {
  const { question } = result
  if (timeout === undefined) return result
  return { ...result, question: { ...question, limit: Math.min(timeout, question.limit ?? timeout) } }
}
