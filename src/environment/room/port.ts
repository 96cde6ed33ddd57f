import type { NumberedEvent } from '../../engine/engine.ts'
import { encodeCursor, type ListQuery } from '../../house/paging.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { ProcessHealth } from '../../observe/metrics/health.ts'
import type { EnvironmentDocument, EnvironmentHistory, EnvironmentSummary, EnvironmentVersion } from './documents.ts'

export type {
  EnvironmentDocument,
  EnvironmentHistory,
  EnvironmentSummary,
  EnvironmentVersion,
} from './documents.ts'

/** Environments: shared state with versions. A name such as `bob:shop` is the environment `shop` of the owner `bob`. */
export interface EnvironmentsPort {
  /** Lists environments by name. */
  list(query?: ListQuery): Promise<readonly EnvironmentSummary[]>
  /** NotFoundError before the first update. */
  get(name: string): Promise<EnvironmentDocument>
  /**
   * Applies a JSON Merge Patch: null deletes a key. The first update creates the environment. An error of code
   * `stale_version` when `expectedVersion` is not its version; 0 expects that there is none.
   */
  update(name: string, patch: JsonObject, options?: UpdateOptions): Promise<EnvironmentVersion>
  /**
   * Delivers the changes after a version, then new ones until the signal. The number of an event is its version.
   * `changes-lost` stands for changes that are no longer kept.
   */
  watch(name: string, from?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncIterable<NumberedEvent>
  /**
   * The kept changes between two times, the oldest first. `next` is the version to continue after, when there are more.
   * `lost` names the versions that may belong to that time and are no longer kept.
   */
  history(name: string, query?: HistoryQuery): Promise<EnvironmentHistory>
  /** Saves the state, and resolves with the version that the snapshot holds. */
  snapshot(name: string): Promise<EnvironmentVersion>
  /** Adds a version with the state of a snapshot. NotFoundError when no snapshot holds `version`. */
  restore(name: string, version: number, options?: { readonly source?: string }): Promise<EnvironmentVersion>
  /** Whether this process is well: timers, memory, open files, disk. */
  health(): Promise<ProcessHealth>
}

/** Times in ms since the epoch, both inclusive; `after`: a version; `limit`: 100 by default. */
export type HistoryQuery = {
  readonly from?: number
  readonly to?: number
  readonly after?: number
  readonly limit?: number
}

/** `ttl`: lifetime of the patch's keys in ms. `source`: who makes the change. `id`: the same update is made once. */
export type UpdateOptions = {
  readonly expectedVersion?: number
  readonly ttl?: number
  readonly source?: string
  readonly id?: string
}

export const cursorOfEnvironment = (key: string): string => encodeCursor(undefined, key)
