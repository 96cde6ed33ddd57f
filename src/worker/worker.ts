import type { Offers } from './capabilities.ts'

/** Where work is done: in this thread, at a model's provider, in a thread of its own, or in a process of its own. */
export type WorkerKind = 'inline' | 'model' | 'thread' | 'process'

/** Who does the tasks of a pool. */
export interface Worker {
  readonly id: string
  readonly kind: WorkerKind
  readonly offers: Offers
  /** tasks at once, at first; `resize` of its pool changes it */
  readonly slots: number
  /** of workers that are equally busy the one with the greater goes first; absent: 0 */
  readonly priority?: number
  /** what a task takes of what several pools share, while it runs here */
  readonly resources?: readonly Resource[]
  /** Calls a function by its name in the worker's own file: what threads and processes have. */
  call?(name: string, input: unknown, signal: AbortSignal): Promise<unknown>
  /** Whether a failed task speaks against this worker; absent: what its kind says. */
  blames?(error: unknown): boolean
  /** Ends it; called once, when it does nothing any more, or at the end of a pool's patience. What it rejects with is told to who let it go. */
  retire?(): Promise<void>
}

/** Something of which there is so much for all pools together. It has no queue. */
export interface Resource {
  readonly id: string
  /** Whether `take` may be called now. */
  free(): boolean
  /** Takes what one task needs; returns how to give it back. */
  take(): () => void
  /** Calls back when something may be free again; returns how to stop that. */
  watch(callback: () => void): () => void
}

/** A worker in this thread that does so many tasks at once. */
export function inlineWorker(id: string, slots: number, offers: Offers = {}): Worker {
  return { id, kind: 'inline', offers, slots }
}

/** A worker at a provider: its slots are how many calls may be under way there. */
export function modelWorker(id: string, slots: number, offers: Offers): Worker {
  return { id, kind: 'model', offers, slots }
}

/** The code of the error of a task that is not begun: whoever could do it has failed too often. */
export const WORKERS_UNHEALTHY = 'workers_unhealthy'

/** The code of the error of a task whose worker died under it. */
export const WORKER_LOST = 'worker_lost'

/** The code of the error of a task that no worker could ever do. */
export const NO_ABLE_WORKER = 'no_available_worker'
