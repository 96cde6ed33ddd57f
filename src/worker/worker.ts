import type { Offers } from './capabilities.ts'

/** Where a worker runs: in this thread, at a model provider, in its own thread or in its own process. */
export type WorkerKind = 'inline' | 'model' | 'thread' | 'process'

/** Executes the tasks of a pool. */
export interface Worker {
  readonly id: string
  readonly kind: WorkerKind
  readonly offers: Offers
  /** initial concurrent tasks; `resize` of its pool changes it */
  readonly slots: number
  /** among equally busy workers, the higher priority is preferred; absent: 0 */
  readonly priority?: number
  /** shared resources that a task holds while it runs here */
  readonly resources?: readonly Resource[]
  /**
   * Calls a function by name in the worker's own file; only threads and processes have this. `emit` gets the messages
   * that the function sends early, and may send messages to it by `reply`; only processes do that.
   */
  call?(name: string, input: unknown, signal: AbortSignal, emit?: EmitFromCall): Promise<unknown>
  /** Whether a failed task counts against this worker; absent: depends on its kind. */
  blames?(error: unknown): boolean
  /**
   * Ends the worker. Called once, when it is idle or the deadline of the pool has passed. A
   * rejection is reported to the caller that removed it.
   */
  retire?(): Promise<void>
}

/** A limited resource shared by all pools. It has no queue. */
export interface Resource {
  readonly id: string
  /** how many such tasks it can ever serve at once; absent: without a limit, or unknown */
  readonly places?: number
  /** Whether `take` may be called now. */
  free(): boolean
  /** Takes the units of one task and returns a function that releases them. */
  take(): () => void
  /** The limit that keeps a task from `take` now; undefined: none. A worker without limits has no such method. */
  lack?(): ResourceLack | undefined
  /** Calls back when units may be free again; returns a function that stops this. */
  watch(callback: () => void): () => void
}

/** Why a resource serves no task now, as `api: 60 per minute, next in 12 s`, and the ms until it does, if known. */
export type ResourceLack = { readonly why: string; readonly delay?: number }

/** A worker in this thread with this many concurrent tasks. */
export function inlineWorker(id: string, slots: number, offers: Offers = {}): Worker {
  return { id, kind: 'inline', offers, slots }
}

/** A worker at a provider. Its slots limit the concurrent calls. */
export function modelWorker(id: string, slots: number, offers: Offers): Worker {
  return { id, kind: 'model', offers, slots }
}

/** Error code of a task that was not started because all able workers failed too often. */
export const WORKERS_UNHEALTHY = 'workers_unhealthy'

/** Error code of a task whose worker died. */
export const WORKER_LOST = 'worker_lost'

/** The code of the error of a task that no worker could ever do. */
export const NO_ABLE_WORKER = 'no_available_worker'

/** Gets the messages of a running call, and a function that sends messages to it. */
export type EmitFromCall = (message: unknown, reply: (message: unknown) => void) => void
