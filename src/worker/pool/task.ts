import type { Needs } from '../capabilities.ts'
import type { Worker } from '../worker.ts'

/** From what goes first to what goes last; who waits rises from one to the one before it. */
export const PRIORITIES = ['critical', 'high', 'normal', 'low'] as const
export type Priority = (typeof PRIORITIES)[number]

/** Work for a pool. */
export type Task<T> = {
  /** calls it off, waiting or running */
  readonly signal: AbortSignal
  /** what its worker must offer; absent: any will do */
  readonly needs?: Needs
  /** absent: normal */
  readonly priority?: Priority
  /** to find it in the queue */
  readonly key?: string
  /** on whose behalf, a thread or an owner: shares take turns, and have limits of their own */
  readonly share?: string
  /** ms that it may take, waiting and running together */
  readonly deadline?: number
  /** ms that it may run */
  readonly timeout?: number
  /** false: a BusyError when it cannot begin at once */
  readonly waits?: false
  /** true: a BusyError while every worker that could do it is left alone because it has failed too often */
  readonly hurries?: true
  /** true: not begun again when its worker dies under it */
  readonly once?: true
  /** true: it is done in place of a task that failed elsewhere, which is counted */
  readonly fallback?: true
  /** Does it on that worker; `attempt` counts from 1. */
  run(signal: AbortSignal, worker: Worker, attempt: number): Promise<T> | T
}
