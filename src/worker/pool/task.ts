import type { Needs } from '../capabilities.ts'
import type { Worker } from '../worker.ts'

/** Priorities, highest first. A waiting task is promoted over time. */
export const PRIORITIES = ['critical', 'high', 'normal', 'low'] as const
export type Priority = (typeof PRIORITIES)[number]

/** Work for a pool. */
export type Task<T> = {
  /** calls it off, waiting or running */
  readonly signal: AbortSignal
  /** required capabilities; absent: any worker */
  readonly needs?: Needs
  /** absent: normal */
  readonly priority?: Priority
  /** to find it in the queue */
  readonly key?: string
  /** thread or owner: shares alternate, and have their own limits */
  readonly share?: string
  /** ms that it may take, waiting and running together */
  readonly deadline?: number
  /** ms that it may run */
  readonly timeout?: number
  /** false: rejects with a BusyError if it cannot start at once */
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
