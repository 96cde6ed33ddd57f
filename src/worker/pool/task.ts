import type { Priority } from '../../lib/priority.ts'
import type { Needs } from '../capabilities.ts'
import type { Worker } from '../worker.ts'
import type { WorkLimit } from './work-limit.ts'

/** Work for a pool. */
export type Task<T> = {
  /** cancels it, waiting or running */
  readonly signal: AbortSignal
  /** required capabilities; absent: any worker */
  readonly needs?: Needs
  /** absent: normal */
  readonly priority?: Priority
  /** finds it in the queue */
  readonly key?: string
  /** thread or owner: shares alternate, and have their own limits */
  readonly share?: string
  /** maximum ms of waiting and running together */
  readonly deadline?: number
  /** maximum ms of running */
  readonly timeout?: number
  /** a time limit of its running after which it keeps its place until it ends; `timeout` does not count beside it */
  readonly limit?: WorkLimit
  /** true: rejects with a BusyError while every worker that could do it has an open circuit breaker */
  readonly hurries?: true
  /** true: it is not restarted when its worker dies */
  readonly once?: true
  /** true: it replaces a task that failed elsewhere, which is counted */
  readonly fallback?: true
  /** Runs the task on that worker; `attempt` counts from 1. */
  run(signal: AbortSignal, worker: Worker, attempt: number): Promise<T> | T
}
